//! What people ask a history and are told: numbers, marks, wrong names, configurations that do not fit.

use crate::harness::{Gate, files};
use crate::history::{CONFIG, Nights, batch};
use tollgate::record::Status;

#[test]
fn a_fixed_limit_says_how_often_it_would_have_been_crossed() {
    let config = "version: 1\nhistory: runs\ndatasets:\n  d:\n    path: d.csv\n    reference: r.csv\n    drift: {ks: 0.3, false_alarm: off}\n";
    let mut nights = Nights::new(config);
    nights.write("r.csv", &batch(200, 99, 0.0));
    for (day, shift) in [(1, 0.0), (2, 1.0), (3, 0.0)] {
        nights.run(day, &batch(200, day as u64, shift), &[]);
    }
    // What the limit itself called drift counts, but for incidents.
    let gate = nights.run(4, &batch(200, 4, 1.0), &["--no-record"]);
    let message = gate.outcome("d.drift_ks(x)").message;
    assert!(
        message.ends_with("The same limit was crossed in 1 of the last 3 ordinary runs."),
        "{message}"
    );
    nights.said(&["mark", "20261102", "incident", "--reason", "wrong unit"]);
    let gate = nights.run(4, &batch(200, 4, 1.0), &["--no-record"]);
    let message = gate.outcome("d.drift_ks(x)").message;
    assert!(
        message.ends_with("The same limit was crossed in none of the last 2 ordinary runs."),
        "{message}"
    );
}

#[test]
fn what_is_asked_for_by_a_wrong_name_is_refused_with_the_nearest() {
    let mut nights = Nights::new(CONFIG);
    assert_eq!(nights.said(&["list"]), "d: no run yet\n");
    let (code, error) = nights.refused(&["show", "d"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("dataset `d` has no run in runs yet"),
        "{error}"
    );
    nights.run(1, &batch(50, 1, 0.0), &[]);
    for (args, wanted) in [
        (vec!["show", "e"], "no dataset `e`; datasets are d"),
        (
            vec!["show", "d", "missing(y)"],
            "did you mean `missing(x)`?",
        ),
        (
            vec!["mark", "2027", "incident", "--reason", "r"],
            "no run `2027`; runs are 20261101T020000Z-",
        ),
        (
            vec!["mark", "2026", "incident", "--reason", " "],
            "--reason is empty",
        ),
        (
            vec![
                "mark",
                "2026",
                "incident",
                "--reason",
                "r",
                "--dataset",
                "e",
            ],
            "no dataset `e`",
        ),
    ] {
        let (code, error) = nights.refused(&args);
        assert_eq!(code, 2, "{args:?}");
        assert!(error.contains(wanted), "{args:?}: {error}");
    }
    nights.run(2, &batch(50, 2, 0.0), &[]);
    let (code, error) = nights.refused(&["mark", "2026", "incident", "--reason", "r"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("begins the ids of 2 runs: 20261101T020000Z-"),
        "{error}"
    );
    let found = files(nights.path());
    assert!(found.iter().any(|f| f == "runs/d.jsonl"), "{found:?}");
    // A dataset under another name has no past; the one of before is told.
    nights.write("tollgate.yaml", &CONFIG.replace("  d:", "  e:"));
    let text = nights.said(&["list"]);
    assert!(
        text.starts_with("e: no run yet\n\nd: 2 runs, 2 ordinary; "),
        "{text}"
    );
    assert!(
        text.contains("after renaming one, rename its file"),
        "{text}"
    );
}

#[test]
fn one_outcome_is_shown_with_and_without_its_dataset_and_as_json() {
    let mut nights = Nights::new(CONFIG);
    nights.run(1, &batch(50, 1, 0.0), &[]);
    nights.run(2, &format!("{},red\n", batch(50, 2, 0.0)), &[]);
    let whole = nights.said(&["show", "d", "d.not_null(x)", "failing"]);
    for args in [
        vec!["show", "d", "not_null(x)"],
        vec!["show", "d", "not_null(x)", "failing"],
    ] {
        assert_eq!(nights.said(&args), whole);
    }
    let json = nights.said(&["show", "d", "not_null(x)", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["runs"][1]["status"], "fail");
    assert_eq!(json["runs"][1]["values"]["d.not_null(x) failing"], 1.0);
    let list = nights.said(&["list", "d", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list[1]["standing"], "flagged");
}

#[test]
fn a_configuration_that_does_not_fit_is_refused_before_a_row_is_read() {
    let dataset = |rest: &str| format!("version: 1\ndatasets:\n  d:\n    path: none.csv\n{rest}");
    for (config, wanted) in [
        (
            dataset("    reference: history\n"),
            "dataset `d` is compared with its history, and none is kept",
        ),
        (
            dataset("    reference: r.csv\n    drift: {false_alarm: {per: year, rate: 1}}\n"),
            "`false_alarm` of dataset `d` is per year, which needs a history",
        ),
        (
            dataset("    drift: {false_alarm: {per: year, rate: 0}}\nhistory: runs\n"),
            "`rate` must be from 0.01 to 100 runs of a year",
        ),
        (
            dataset("    drift: {false_alarm: {per: month, rate: 1}}\nhistory: runs\n"),
            "`per` cannot be `month`",
        ),
        (
            dataset("    drift: {judge: reference}\nhistory: runs\n"),
            "dataset `d` has `judge: reference` without a reference with data",
        ),
        (
            dataset("    reference: r.csv\n    drift: {judge: history}\nhistory: runs\n"),
            "dataset `d` has `judge: history` without `history` in its `reference`",
        ),
        (
            dataset("    drift: {severity: warn}\n"),
            "has `drift` but no `reference`",
        ),
        (
            dataset("history: s3://bucket/runs\n"),
            "`history` cannot be an address",
        ),
        (
            dataset("history: {record: always}\n"),
            "history needs `path`",
        ),
        (
            dataset("history: {path: runs, record: sometimes}\n"),
            "`record` cannot be `sometimes`",
        ),
    ] {
        let gate = Gate::run(&[("tollgate.yaml", config.as_bytes())], &[]);
        assert_eq!(gate.code, 2, "{config}{}", gate.stderr);
        assert!(gate.stderr.contains(wanted), "{wanted}: {}", gate.stderr);
        assert_eq!(gate.stderr.matches("error[").count(), 1, "{}", gate.stderr);
    }
    // A folder of runs within the data would be read as data.
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/a.csv"), "x\n1\n").unwrap();
    let config = "version: 1\nhistory: data/runs\ndatasets: {d: {path: data}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    assert!(
        gate.stderr.contains("is inside the data of `d`"),
        "{}",
        gate.stderr
    );
    // A file where the folder should be.
    let config = "version: 1\nhistory: d.csv\ndatasets: {d: {path: d.csv}}\n";
    let gate = Gate::run(
        &[("tollgate.yaml", config.as_bytes()), ("d.csv", b"x\n1\n")],
        &[],
    );
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    assert!(gate.stderr.contains("it is no folder"), "{}", gate.stderr);
}

#[test]
fn a_history_alone_evaluates_nothing_at_first_and_is_recorded_all_the_same() {
    let config = "version: 1\nhistory: runs\ndatasets: {d: {path: d.csv, reference: history}}\n";
    let mut nights = Nights::new(config);
    let gate = nights.run(1, &batch(50, 1, 0.0), &[]);
    assert_eq!(gate.code, 4, "{}", gate.stdout);
    let outcome = gate.outcome("d.drift_history");
    assert_eq!(outcome.status, Status::Skipped);
    assert_eq!(
        outcome.message,
        "Skipped: past runs decide from 8 ordinary ones on, there are 0: 8 more are needed."
    );
    assert_eq!(
        gate.record().datasets[0].reference.as_deref(),
        Some("history")
    );
    assert_eq!(nights.listed().len(), 1);
}
