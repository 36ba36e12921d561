//! Promotion through the command line, with a folder as registry.

use crate::promotion_place::{NOW, Place, refused, said};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn a_run_moves_the_alias_and_a_rollback_moves_it_back() {
    let place = Place::new("");
    place.gate();
    let (code, text) = place.promote(&["--dry-run"]);
    assert_eq!((code, place.champion()), (0, None), "{text}");
    assert!(
        text.contains("would be moved from none to sha256-")
            && text.ends_with("promotion: planned\n"),
        "{text}"
    );
    assert!(!place.path().join("tollgate-report/promotion.json").exists());

    let (code, text) = place.promote(&["--by", "Ada", "--reason", "first"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("promotion: moved\n"), "{text}");
    let first = place.champion().unwrap();
    let (code, text) = place.promote(&[]);
    assert_eq!((code, place.champion()), (0, Some(first.clone())), "{text}");
    assert!(
        text.ends_with("promotion: already\n") && text.contains("by Ada"),
        "{text}"
    );

    place.configure("newer", "");
    let config = place.read("tollgate.yaml");
    place.write("tollgate.yaml", &config.replace("old.csv", "new.csv"));
    let (code, text) = place.said(&["run", "--now", "2013-04-02T00:00:00Z", "--promote"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.ends_with("promotion: moved\nverdict: pass\n"),
        "{text}"
    );
    let second = place.champion().unwrap();
    assert_ne!(first, second);

    let (code, text) = place.said(&[
        "rollback",
        "--reason",
        "complaints",
        "--now",
        "2013-04-03T00:00:00Z",
    ]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(place.champion(), Some(first.clone()));
    refused(
        place.said(&["rollback"]),
        &["was the first champion", "--to"],
    );
    // A job that is started again does not bring back what was taken back; a run that was made since may.
    refused(
        place.promote_at("2013-04-02T01:00:00Z", &[]),
        &[
            "rolled_back: version",
            "(complaints), after the run judged it",
        ],
    );
    let again = ["run", "--now", "2013-04-03T01:00:00Z"];
    assert_eq!(place.said(&again).0, 0);
    let (code, text) = place.promote_at("2013-04-03T01:00:00Z", &["--dry-run"]);
    assert_eq!(code, 0, "{text}");

    let (_, text) = place.said(&["history", "promotions", "--format", "json"]);
    let moves: Value = serde_json::from_str(&text).unwrap();
    let told: Vec<(&str, &str)> = moves
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["kind"].as_str().unwrap(), m["to"].as_str().unwrap()))
        .collect();
    let expected = [
        ("promotion", first.as_str()),
        ("promotion", second.as_str()),
        ("rollback", first.as_str()),
    ];
    assert_eq!(told, expected);
    let (_, text) = place.said(&["history", "promotions", "--at", "2013-04-02T12:00:00Z"]);
    assert!(
        text.contains(&second) && !text.contains("rollback"),
        "{text}"
    );
}

#[test]
fn every_rule_says_no_by_its_name_and_says_what_would_satisfy_it() {
    let place = Place::new("      when: [pass]\n      max_age: 2h\n");
    place.gate();
    refused(
        place.promote_at("2013-04-01T02:00:01Z", &[]),
        &["max_age: the run is 2 h old", "evidence counts for 2 h"],
    );
    refused(
        place.promote_at("2013-03-31T23:54:00Z", &[]),
        &["max_age", "set the clocks"],
    );
    assert_eq!(
        place.promote_at("2013-03-31T23:56:00Z", &["--dry-run"]).0,
        0
    );

    place.configure("new", "      when: [pass]\n      max_age: 3h\n");
    refused(
        place.promote(&[]),
        &["configuration: the run was judged by another configuration"],
    );

    place.configure("new", "      freeze: [{weekly: mon 00:00 - tue 06:00, reason: stocktaking, time_zone: Europe/Berlin}]\n");
    place.gate();
    refused(
        place.promote(&[]),
        &[
            "freeze: nothing is promoted now (stocktaking)",
            "2013-04-02T06:00:00+02:00",
        ],
    );

    place.configure("new", "      require_signature: true\n");
    place.gate();
    refused(
        place.promote(&[]),
        &["signature: the run is not signed", "run --sign"],
    );

    place.configure("new", "      require_clean_git: true\n");
    place.gate();
    refused(
        place.promote(&[]),
        &["require_clean_git: the run was made outside a git repository"],
    );

    let (_, text) = place.said(&["run", "--now", NOW, "--only", "model_roc_auc"]);
    refused(place.promote(&[]), &["whole_run"]);
    assert!(place.champion().is_none(), "{text}");
}

#[test]
fn a_run_that_did_not_pass_moves_nothing() {
    let place = Place::new("");
    place.write(
        "tollgate.yaml",
        &place
            .read("tollgate.yaml")
            .replace("at_least: 0.6", "at_least: 0.99"),
    );
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 1, "{text}");
    refused(place.promote(&[]), &["verdict: the verdict is fail"]);
    assert!(place.champion().is_none());
}

#[test]
fn the_champion_must_be_the_one_that_the_candidate_was_compared_with() {
    let place = Place::new("");
    place.gate();
    let run = place.read("tollgate-report/run.json");
    place.configure("newer", "");
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
    let champion = place.champion();
    // The first run was made when there was no champion.
    place.configure("new", "");
    place.write("tollgate-report/run.json", &run);
    refused(
        place.promote(&[]),
        &[
            "require_same_champion: the candidate was compared with none as `champion`, which now is sha256-",
            "run the gate again",
        ],
    );
    // Now there is one, but the candidate is compared with other rows than it was promoted with.
    place.gate();
    refused(
        place.promote(&[]),
        &["require_same_champion: the candidate was compared with old.csv"],
    );
    assert_eq!(place.champion(), champion);
    place.configure("new", "      require_same_champion: false\n");
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
    assert_ne!(place.champion(), champion);
}

#[test]
fn evidence_that_was_edited_or_is_of_something_else_moves_nothing() {
    let place = Place::new("");
    place.gate();
    let run = place.read("tollgate-report/run.json");
    for (what, with, code, word) in [
        (
            "\"status\": \"pass\"",
            "\"status\": \"fail\"",
            3,
            "the file was edited",
        ),
        (
            "\"alias\": \"champion\"",
            "\"alias\": \"other\"",
            5,
            "is no evidence for `champion` of `late`",
        ),
        (
            "\"schema_version\": \"1.",
            "\"schema_version\": \"9.",
            3,
            "schema_version",
        ),
        ("{", "<html>", 3, "not JSON"),
    ] {
        place.write("tollgate-report/run.json", &run.replacen(what, with, 1));
        let (found, text) = place.promote(&[]);
        assert_eq!(found, code, "{text}");
        assert!(text.contains(word), "{text}");
    }
    let (code, text) = place.said(&["promote", "nowhere.json"]);
    assert!(code == 3 && text.contains("nowhere.json"), "{text}");
    assert!(place.champion().is_none());
}

#[test]
fn a_signed_run_is_held_against_the_keys_and_the_promotion_is_signed() {
    let place = Place::new("      require_signature: true\n");
    assert_eq!(place.said(&["key", "new", "--output", "key.pem"]).0, 0);
    assert_eq!(place.said(&["key", "new", "--output", "other.pem"]).0, 0);
    let (code, text) = place.said(&["run", "--now", NOW, "--sign", "--key", "key.pem"]);
    assert_eq!(code, 0, "{text}");
    refused(
        place.promote(&["--public-key", "other.pem.pub"]),
        &["signature:"],
    );
    refused(place.promote(&[]), &["signature: no key is named"]);
    let run = place.read("tollgate-report/run.json");
    place.write(
        "tollgate-report/run.json",
        &run.replacen("\"seed\": 0", "\"seed\": 1", 1),
    );
    refused(
        place.promote(&["--public-key", "key.pem.pub"]),
        &["signature:", "sha256"],
    );
    place.write("tollgate-report/run.json", &run);
    let (code, text) =
        place.promote(&["--public-key", "key.pem.pub", "--promotion-key", "key.pem"]);
    assert_eq!(code, 0, "{text}");
    let words = [
        "verify",
        "--envelope",
        "tollgate-report/promotion.intoto.json",
        "--public-key",
        "key.pem.pub",
    ];
    let (code, text) = place.said(&words);
    assert!(code == 0 && text.contains("late"), "{text}");
    let (_, text) = place.said(&["history", "promotions", "--format", "json"]);
    let moves: Value = serde_json::from_str(&text).unwrap();
    assert!(
        moves[0]["basis"]["key_id"].as_str().unwrap().len() > 8,
        "{text}"
    );
}

/// Fifty times two processes with other candidates for one champion: one of them moves the alias.
#[test]
fn of_two_that_race_one_wins() {
    let place = Place::new("");
    let mut runs: Vec<PathBuf> = Vec::new();
    for candidate in ["new", "newer"] {
        place.configure(candidate, "");
        let folder = format!("report-{candidate}");
        let (code, text) = place.said(&["run", "--now", NOW, "--output", &folder]);
        assert_eq!(code, 0, "{text}");
        std::fs::copy(
            place.path().join("tollgate.yaml"),
            place.path().join(format!("{candidate}.yaml")),
        )
        .unwrap();
        runs.push(PathBuf::from(folder).join("run.json"));
    }
    let mut wins = [0, 0];
    for round in 0..50 {
        let _ = std::fs::remove_dir_all(place.path().join("registry"));
        let start = |which: usize| {
            let config = ["new.yaml", "newer.yaml"][which];
            let run = runs[which].to_str().unwrap();
            let words = ["promote", run, "--config", config, "--now", NOW];
            let mut command = place.command(&words);
            command
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        };
        let (first, second) = (start(round % 2), start(1 - round % 2));
        let ends = [first, second].map(|child| said(&child.wait_with_output().unwrap()));
        let codes: Vec<i32> = ends.iter().map(|e| e.0).collect();
        assert!(
            codes == [0, 5] || codes == [5, 0],
            "round {round}: {ends:?}"
        );
        let lost = &ends[usize::from(codes[0] == 0)].1;
        assert!(
            lost.contains("sha256-"),
            "the other is not told who won: {lost}"
        );
        wins[usize::from(codes[0] != 0)] += 1;
        let moves = std::fs::read_dir(place.path().join("registry/late/aliases/champion")).unwrap();
        assert_eq!(moves.count(), 1, "round {round}");
    }
    println!("the first won {} times, the second {}", wins[0], wins[1]);
}

#[test]
fn a_registry_that_cannot_be_written_or_was_changed_is_told() {
    let place = Place::new("");
    place.write("registry", "a file where the folder should be");
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert!(code == 3 && text.contains("registry"), "{text}");
    std::fs::remove_file(place.path().join("registry")).unwrap();
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
    let moves = place.path().join("registry/late/aliases/champion");
    std::fs::rename(moves.join("000001.json"), moves.join("000002.json")).unwrap();
    let (code, text) = place.promote(&[]);
    assert!(code == 3 && text.contains("has no 000001.json"), "{text}");
    std::fs::rename(moves.join("000002.json"), moves.join("000001.json")).unwrap();
    std::fs::write(moves.join("000001.json"), "<html>").unwrap();
    let (code, text) = place.promote(&[]);
    assert!(
        code == 3 && text.contains("no move of tollgate's"),
        "{text}"
    );
}

#[test]
fn what_a_stopped_promotion_left_out_is_made_up_for_by_the_next_one() {
    let place = Place::new("");
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
    let champion = place.champion();
    let folder = place.path().join("registry/late");
    std::fs::remove_file(folder.join("aliases/champion.json")).unwrap();
    std::fs::remove_dir_all(folder.join("versions")).unwrap();
    let (code, text) = place.promote(&[]);
    assert!(
        code == 0 && text.ends_with("promotion: already\n"),
        "{text}"
    );
    assert_eq!(place.champion(), champion);
    let version = format!("versions/{}.json", champion.unwrap());
    assert!(folder.join(version).is_file());
}

#[test]
fn a_commit_that_was_judged_is_the_one_that_is_promoted() {
    let place = Place::new("      require_clean_git: true\n");
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "commit.gpgsign=false",
        ]);
        let output = command
            .args(words)
            .current_dir(place.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    place.gate();
    assert_eq!(place.promote(&["--dry-run"]).0, 0);
    let old = place.read("old.csv");
    place.write("old.csv", &format!("{old}\n"));
    refused(
        place.promote(&[]),
        &["require_clean_git: files differ from commit"],
    );
    place.gate();
    refused(
        place.promote(&[]),
        &["require_clean_git: the run was made with changes"],
    );
    git(&["commit", "-qam", "two"]);
    place.gate();
    git(&["commit", "-q", "--allow-empty", "-m", "three"]);
    refused(
        place.promote(&[]),
        &["require_clean_git: commit ", "was judged, and"],
    );
    place.gate();
    let (code, text) = place.promote(&[]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_configuration_that_promotes_nothing_says_how_it_would() {
    let place = Place::new("");
    place.gate();
    let config = place.read("tollgate.yaml");
    let without = config.replace("    promote:\n      registry: here\n", "");
    place.write("tollgate.yaml", &without);
    let (code, text) = place.promote(&[]);
    assert!(
        code == 2 && text.contains("add `promote: {registry: NAME, alias: champion}`"),
        "{text}"
    );
    let (code, text) = place.said(&["rollback"]);
    assert!(code == 2 && text.contains("promotes no model"), "{text}");
    place.write(
        "tollgate.yaml",
        &config.replace("registry: here", "registry: her"),
    );
    let (code, text) = place.said(&["run"]);
    assert!(
        code == 2 && text.contains("no registry `her`; registries are here; did you mean `here`?"),
        "{text}"
    );
}
