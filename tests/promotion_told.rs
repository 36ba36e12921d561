//! What people read of a promotion: in the reports of its run, whether it was made, refused, or not known; and of a run that
//! could not read the registry.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::promotion_place::{NOW, Place, refused};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const RUN: &str = "tollgate-report/run.json";

fn sha256(text: &str) -> String {
    tollgate::report::text::hex(&Sha256::digest(text))
}

#[track_caller]
fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no `{word}` in {text}");
    }
}

/// A place whose registry cannot be read: a file is where its moves should be.
fn unread(rules: &str) -> Place {
    let place = Place::new(rules);
    std::fs::create_dir_all(place.path().join("registry/late/aliases")).unwrap();
    place.write("registry/late/aliases/champion", "");
    place
}

#[test]
fn a_report_says_what_may_be_moved_and_then_what_was_and_how_it_is_undone() {
    let place = Place::new("");
    place.gate();
    let before = place.read("tollgate-report/report.md");
    holds(
        &before,
        &[
            "**Promotion** of `late`: This run may move `champion` of late to sha256",
            "`tollgate promote` with the run.json of this run, from the folder that the run was started in, moves it.",
        ],
    );
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    let promotion: Value =
        serde_json::from_str(&place.read("tollgate-report/promotion.json")).unwrap();
    // The evidence is the same before and after.
    assert_eq!(promotion["run_sha256"], sha256(&place.read(RUN)));
    let moved = "Promoted: `champion` of late is set to sha256";
    let report = place.read("tollgate-report/report.md");
    holds(&report, &[moved, "`tollgate rollback late` undoes it."]);
    let page = place.read("tollgate-report/report.html");
    holds(
        &page,
        &[
            "Promoted: <code>champion</code> of late is set to sha256-",
            "<code>tollgate rollback late</code> undoes it.",
        ],
    );
    let (_, again) = place.said(&["report", RUN, "--format", "markdown"]);
    assert_eq!(again, report);

    // A record of another run says nothing of this one.
    place.write(
        "tollgate-report/promotion.json",
        &place
            .read("tollgate-report/promotion.json")
            .replace(&sha256(&place.read(RUN)), &sha256("")),
    );
    let (_, again) = place.said(&["report", RUN, "--format", "markdown"]);
    holds(&again, &["This run may move"]);
    assert!(!again.contains("Promoted:"), "{again}");
}

/// What is printed is what works: from the folder that the run was started in, with its configuration.
#[test]
fn the_command_that_undoes_a_promotion_names_its_configuration() {
    let place = Place::new("");
    let config = place
        .read("tollgate.yaml")
        .replace("\n  late:", "\n  it's late:");
    place.write("the gate's.yaml", &config);
    std::fs::remove_file(place.path().join("tollgate.yaml")).unwrap();
    let (code, text) = place.said(&["run", "the gate's.yaml", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    let report = place.read("tollgate-report/report.md");
    let command = r"tollgate rollback 'it'\''s late' --config 'the gate'\''s.yaml'";
    holds(&report, &[command]);
    let told = std::process::Command::new("sh")
        .args(["-c", &command.replace("tollgate", "\"$0\"")])
        .arg(env!("CARGO_BIN_EXE_tollgate"))
        .current_dir(place.path())
        .output()
        .unwrap();
    let (_, text) = crate::promotion_place::said(&told);
    holds(&text, &["was the first champion"]);
}

#[test]
fn a_refusal_is_told_with_its_rules_and_what_satisfies_them() {
    let place = Place::new(
        "      freeze: [{weekly: mon 00:00 - tue 06:00, reason: '<b>stock</b>|taking'}]\n",
    );
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 5, "{text}");
    let report = place.read("tollgate-report/report.md");
    holds(
        &report,
        &[
            "Not promoted: `champion` of late is not moved: refused by freeze",
            "- `freeze`: nothing is promoted now",
            "To satisfy it: promote after 2013",
        ],
    );
    let page = place.read("tollgate-report/report.html");
    holds(&page, &["<code>freeze</code>: nothing is promoted now"]);
    assert!(
        !page.contains("<b>stock") && !report.contains("<b>stock"),
        "{report}"
    );
}

#[test]
fn a_signed_run_stays_verified_when_its_reports_say_more() {
    let place = Place::new("");
    let (code, text) = place.said(&["key", "new", "--output", "gate.pem"]);
    assert_eq!(code, 0, "{text}");
    let words = [
        "run",
        "--now",
        NOW,
        "--sign",
        "--key",
        "gate.pem",
        "--promote",
    ];
    let (code, text) = place.said(&words);
    assert_eq!(code, 0, "{text}");
    holds(&place.read("tollgate-report/report.html"), &["Promoted:"]);
    let (code, text) = place.said(&["verify", RUN, "--public-key", "gate.pem.pub"]);
    assert_eq!(code, 0, "{text}");
    holds(&text, &["report.html"]);
    // Signed again later, with the reports as they are now.
    let (code, text) = place.said(&["sign", RUN, "--key", "gate.pem"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_run_that_cannot_read_the_registry_warns_and_promotes_nothing() {
    let place = unread("");
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 0, "{text}");
    holds(
        &text,
        &[
            "warn  Registry",
            "Registry `here` was not read, so this run cannot promote: cannot read folder registry",
            "verdict: warn",
        ],
    );
    holds(
        &place.read("tollgate-report/report.md"),
        &["This run does not move `champion` of late: the registry was not read."],
    );
    // Now it can be read, and the run still does not know which champion it was judged beside.
    std::fs::remove_file(place.path().join("registry/late/aliases/champion")).unwrap();
    refused(
        place.promote(&[]),
        &[
            "registry_read: the run could not read the registry",
            "run the gate where the registry can be read",
        ],
    );
    assert!(place.champion().is_none());
    place.gate();
    assert_eq!(place.promote(&[]).0, 0);
}

#[test]
fn whoever_promotes_or_says_so_needs_the_registry() {
    let place = unread("");
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 3, "{text}");
    holds(&text, &["cannot read registry here"]);
    let place = unread("      on_unread: error\n");
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    let place = unread("      on_unread: no\n");
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 2, "{text}");
    // A warning that nobody asked for is no promise that was evaluated.
    let place = unread("");
    let config = place.read("tollgate.yaml");
    let alone = "metrics: {roc_auc: {no_worse_by: 0.01}}\n    on_no_baseline: absolute_only";
    let config = config.replace(
        "metrics: {roc_auc: {at_least: 0.6, no_worse_by: 0.01}}",
        alone,
    );
    place.write("tollgate.yaml", &config.replace("old.csv", "none.csv"));
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 4, "{text}");
}

/// What became of an earlier run's promotion is nothing that became of this one.
#[test]
fn what_an_earlier_run_promoted_does_not_stay_beside_another_run() {
    let place = Place::new("");
    let (code, text) = place.said(&["key", "new", "--output", "gate.pem"]);
    assert_eq!(code, 0, "{text}");
    let there = |name: &str| place.path().join("tollgate-report").join(name).exists();
    let records = ["promotion.json", "promotion.intoto.json"];
    let promoted = |candidate: &str, now: &str| {
        place.configure(candidate, "      require_same_champion: false\n");
        assert_eq!(place.said(&["run", "--now", now]).0, 0);
        let key = ["--promotion-key", "gate.pem"];
        let (code, text) = place.promote_at(now, &key);
        assert_eq!(code, 0, "{text}");
        assert!(records.iter().all(|name| there(name)));
    };
    promoted("new", NOW);
    // The same run again has the same bytes, and its promotion stays.
    place.gate();
    assert!(records.iter().all(|name| there(name)));
    // Files of others, whatever they are called, are theirs.
    place.write("tollgate-report/promotion.mine.intoto.json", "{}");
    let failing = place
        .read("tollgate.yaml")
        .replace("at_least: 0.6", "at_least: 0.99");
    place.write("tollgate.yaml", &failing);
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 1, "{text}");
    assert!(!records.iter().any(|name| there(name)));
    assert!(there("promotion.mine.intoto.json"));
    // A run that could not be evaluated has a record of its own.
    promoted("newer", "2013-04-02T00:00:00Z");
    place.write("newer.csv", "broken\n");
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 3, "{text}");
    holds(&text, &["verdict: error"]);
    assert!(!records.iter().any(|name| there(name)));
    assert!(there("promotion.mine.intoto.json"));
}

/// A comment of more than 65,536 characters is none: what does not fit is counted.
#[test]
fn many_refusals_fit_into_a_comment_and_the_rest_is_counted() {
    use std::fmt::Write as _;
    let reason = "stock-taking <b>of</b> everything ".repeat(9);
    let freeze = format!("{{weekly: mon 00:00 - tue 06:00, reason: '{reason}'}}");
    let freezes = [freeze.as_str(); 8].join(", ");
    let place = Place::new("");
    let mut config =
        "version: 1\nregistries: {here: {kind: directory, path: registry}}\nmodels:\n".to_owned();
    for model in 0..30 {
        writeln!(
            config,
            "  m{model}:\n    candidate: {{predictions: new.csv, label: late, score: p}}\n    metrics: {{roc_auc: {{at_least: 0.6}}}}\n    \
             promote: {{registry: here, freeze: [{freezes}]}}"
        )
        .unwrap();
    }
    place.write("tollgate.yaml", &config);
    let comment = [
        "--output",
        "tollgate-report",
        "--output",
        "markdown-comment=comment.md",
    ];
    let words = [&["run", "--now", NOW, "--promote"][..], &comment].concat();
    let (code, text) = place.said(&words);
    assert_eq!(code, 5, "{text}");
    let comment = place.read("comment.md");
    assert!(comment.len() < 60_000, "{} bytes", comment.len());
    let said = comment.matches("**Promotion** of").count();
    assert!((2..30).contains(&said), "{said}");
    holds(
        &comment,
        &[&format!(
            "and {} more promotions in promotion.json",
            30 - said
        )],
    );
    // None is cut in its middle.
    assert_eq!(comment.matches("- `freeze`: ").count(), 8 * said);
    let whole = place.read("tollgate-report/report.md");
    assert_eq!(whole.matches("**Promotion** of").count(), 30);
}
