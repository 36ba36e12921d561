//! What looks like evidence and is none: runs that failed all the same, of other registries, of other files.

use crate::promotion_place::{NOW, Place, refused};

#[test]
fn a_run_that_failed_on_a_warning_moves_nothing() {
    let place = Place::new("");
    let warned = "datasets:\n  d: {path: new.csv, expect: [{between: {column: p, max: 0.5, severity: warn}}]}\n";
    place.write("tollgate.yaml", &(place.read("tollgate.yaml") + warned));
    let (code, text) = place.said(&["run", "--now", NOW, "--fail-on", "warn"]);
    assert_eq!(code, 1, "{text}");
    refused(
        place.promote(&[]),
        &["verdict: the run ended with exit code 1, though its verdict is warn"],
    );
    assert!(place.champion().is_none());
    assert_eq!(place.said(&["run", "--now", NOW]).0, 0);
    assert_eq!(place.promote(&[]).0, 0);
}

/// What was moved is moved: the same command finishes it at any time, and nobody reads "not promoted" of a champion.
#[test]
fn a_move_that_was_made_is_finished_whatever_its_age() {
    for rules in ["", "      require_same_champion: false\n"] {
        let place = Place::new(rules);
        place.gate();
        assert_eq!(place.promote(&["--by", "Ada"]).0, 0);
        let pointer = "registry/late/aliases/champion.json";
        let written = place.read(pointer);
        std::fs::remove_file(place.path().join(pointer)).unwrap();
        let late = "2013-05-01T00:00:00Z";
        let (code, text) = place.promote_at(late, &["--dry-run"]);
        assert_eq!(code, 0, "{text}");
        assert!(text.ends_with("promotion: already\n"), "{text}");
        let (code, text) = place.promote_at(late, &["--by", "Bob"]);
        assert_eq!(code, 0, "{text}");
        assert!(text.ends_with("promotion: already\n"), "{text}");
        assert_eq!(place.read(pointer), written);
        // Another run of that age is refused.
        place.configure("newer", rules);
        place.gate();
        refused(place.promote_at(late, &[]), &["max_age"]);
        assert_eq!(place.read(pointer), written);
    }
}

/// A move is finished as it was made: the configuration of today says nothing of the version of then.
#[test]
fn a_move_that_was_made_is_not_finished_by_another_configuration() {
    let place = Place::new("");
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
    let version = format!("registry/late/versions/{}.json", place.champion().unwrap());
    let written = place.read(&version);
    place.configure("newer", "");
    for now in [NOW, "2013-05-01T00:00:00Z"] {
        refused(place.promote_at(now, &[]), &["refused by configuration"]);
        assert_eq!(place.read(&version), written);
    }
}

/// Nor without the signature that it was made with.
#[test]
fn a_move_that_was_made_is_not_finished_without_its_signature() {
    let place = Place::new("      require_signature: true\n");
    assert_eq!(place.said(&["key", "new", "--output", "key.pem"]).0, 0);
    let run = ["run", "--now", NOW, "--sign", "--key", "key.pem"];
    let (code, text) = place.said(&run);
    assert_eq!(code, 0, "{text}");
    let key = ["--public-key", "key.pem.pub"];
    let (code, text) = place.promote(&key);
    assert_eq!(code, 0, "{text}");
    let envelope = place.path().join("tollgate-report/run.intoto.json");
    std::fs::remove_file(envelope).unwrap();
    refused(place.promote(&key), &["refused by signature"]);
}

/// The registry's name in `tollgate.yaml` stays, its address does not: MLflow's is often a variable.
#[test]
fn a_run_that_read_its_champion_elsewhere_moves_nothing_here() {
    for (rules, code) in [("", 5), ("      require_same_champion: false\n", 0)] {
        let place = Place::new(rules);
        place.gate();
        let run = place.read("tollgate-report/run.json");
        let elsewhere = run.replace("\"at\": \"folder registry\"", "\"at\": \"folder staging\"");
        assert_ne!(run, elsewhere);
        place.write("tollgate-report/run.json", &elsewhere);
        let (ended, text) = place.promote(&[]);
        assert_eq!(ended, code, "{text}");
        assert_eq!(place.champion().is_some(), code == 0);
        if code != 0 {
            let told = "require_same_champion: the run read its champion from folder staging";
            assert!(text.contains(told), "{text}");
        }
    }
}

/// Predictions in two files of which the first is the same: neither the version's name nor the champion is told by one alone.
#[test]
fn all_files_of_predictions_tell_which_they_are() {
    let place = Place::new("");
    for (folder, first, second) in [
        ("one", "old", "new"),
        ("two", "old", "newer"),
        ("three", "old", "old"),
    ] {
        std::fs::create_dir(place.path().join(folder)).unwrap();
        for (name, of, rows) in [("a", first, 1..301), ("b", second, 301..601)] {
            let text = place.read(&format!("{of}.csv"));
            let lines: Vec<&str> = text.lines().collect();
            let part = [&lines[..1], &lines[rows]].concat().join("\n");
            place.write(&format!("{folder}/{name}.csv"), &part);
        }
    }
    let with = |candidate: &str, baseline: &str| {
        place.configure(candidate, "");
        let config = place.read("tollgate.yaml");
        let config = config
            .replace(&format!("{candidate}.csv"), &format!("'{candidate}/*.csv'"))
            .replace("old.csv", &format!("'{baseline}/*.csv'"));
        place.write("tollgate.yaml", &config);
        place.gate();
        place.promote(&[])
    };
    assert_eq!(with("one", "three").0, 0);
    let first = place.champion().unwrap();
    refused(
        with("two", "three"),
        &["require_same_champion: the candidate was compared with three"],
    );
    let (code, text) = with("two", "one");
    assert_eq!(code, 0, "{text}");
    assert_ne!(place.champion().unwrap(), first, "{text}");
}

/// A job that is started again does not bring back what was taken back, whatever was promoted and taken back since: each
/// alone, or both by one way back that names its version.
#[test]
fn a_version_that_was_taken_back_stays_back() {
    for one_by_one in [true, false] {
        let place = Place::new("");
        let promoted = |candidate: &str, baseline: &str, hour: u32| {
            place.configure(candidate, "");
            let config = place.read("tollgate.yaml");
            let baseline = format!("baseline: {{predictions: {baseline}.csv}}");
            let config = config.replace("baseline: {predictions: old.csv}", &baseline);
            place.write("tollgate.yaml", &config);
            let now = format!("2013-04-01T{hour:02}:00:00Z");
            let run = ["run", "--promote", "--now", &now, "--output", candidate];
            let (code, text) = place.said(&run);
            assert_eq!(code, 0, "{text}");
            place.champion().unwrap()
        };
        let back = |hour: u32, more: &[&str]| {
            let now = format!("2013-04-01T{hour:02}:00:00Z");
            let words = ["rollback", "--now", &now, "--reason", "harm"];
            let (code, text) = place.said(&[&words, more].concat());
            assert_eq!(code, 0, "{text}");
        };
        let first = promoted("old", "old", 0);
        let second = promoted("new", "old", 1);
        if one_by_one {
            back(2, &[]);
            promoted("newer", "old", 3);
            back(4, &[]);
        } else {
            promoted("newer", "new", 3);
            back(4, &["--to", &first]);
        }
        assert_eq!(place.champion().as_ref(), Some(&first));

        place.configure("new", "");
        let words = ["promote", "new/run.json", "--now", "2013-04-01T05:00:00Z"];
        let told = format!("rolled_back: version {second} was taken back at");
        refused(
            place.said(&words),
            &[&told, "(harm), after the run judged it"],
        );
        assert_eq!(place.champion(), Some(first));
    }
}
