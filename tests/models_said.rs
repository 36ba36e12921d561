//! What is told of models before their metrics: the contract's promise, scores that are all the same, rows that are needed.

use crate::harness::Gate;
use std::fmt::Write as _;
use std::process::Command;
use tollgate::record::Status;

/// Predictions of 200 rows, of which every fifth is positive.
fn predictions(score: impl Fn(u32) -> String) -> String {
    let mut text = "id,late,score\n".to_owned();
    for id in 0..200_u32 {
        let late = u32::from(id.is_multiple_of(5));
        writeln!(text, "{id},{late},{}", score(id)).unwrap();
    }
    text
}

/// Right in most rows.
fn good(id: u32) -> String {
    let right = if id.is_multiple_of(5) { 0.8 } else { 0.2 };
    let score = if id.is_multiple_of(17) {
        1.0 - right
    } else {
        right
    };
    format!("{}", score + f64::from(id) / 10_000.0)
}

const PAIR: &str = "version: 1\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: late, score: score, key: id}\n    \
    baseline: {predictions: b.csv, label: late, score: score, key: id}\n    metrics:\n      accuracy: {at_least: 0.6, limit_by: point, no_worse_by: 0.5}\n";

fn judged(candidate: &str, baseline: &str, config: &str) -> Gate {
    Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("c.csv", candidate.as_bytes()),
            ("b.csv", baseline.as_bytes()),
        ],
        &[],
    )
}

#[test]
fn a_candidate_that_says_the_same_of_every_row_is_never_a_pass() {
    let (good, constant) = (predictions(good), predictions(|_| "0.1".to_owned()));
    // 80 % of the rows are negative, so the constant is right in as many.
    let ran = judged(&constant, &good, PAIR);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.outcome("m.at_least(accuracy)").status, Status::Pass);
    let told = ran.outcome("m.constant");
    assert_eq!(told.status, Status::Fail);
    assert_eq!(
        told.message,
        "The candidate tells no row from another: its score is the same in all 200 rows, whatever its metrics are."
    );
    let warned = judged(&constant, &good, &format!("{PAIR}    severity: warn\n"));
    assert_eq!(warned.outcome("m.constant").status, Status::Warn);
    let baseline = judged(&good, &constant, PAIR);
    assert_eq!(baseline.code, 0, "{}{}", baseline.stdout, baseline.stderr);
    let told = baseline.outcome("m.constant_baseline");
    assert_eq!(told.status, Status::Warn);
    assert!(told.message.contains("proves little"), "{}", told.message);
    let neither = judged(&good, &good, PAIR).record();
    let mut outcomes = neither.outcomes.iter();
    assert!(outcomes.all(|o| o.check != "model_constant"));
}

#[test]
fn numbers_that_are_all_the_same_are_told_and_a_truth_that_is_is_not() {
    let config = "version: 1\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: y, value: said}\n    metrics: {mae: {at_most: 9}}\n";
    let rows = |truth: &dyn Fn(u32) -> u32| {
        let lines = (0..60).map(|row| format!("{},3.5", truth(row)));
        format!("y,said\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    let told = judged(&rows(&|row| row % 7), "", config);
    let outcome = told.outcome("m.constant");
    assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
    assert!(outcome.message.contains("its value is the same"));
    let same = judged(&rows(&|_| 3), "", config).record();
    assert!(same.outcomes.iter().all(|o| o.check != "model_constant"));
}

/// A run whose model is given `distance` and `late` of a dataset with this contract.
fn promised(contract: &str) -> Gate {
    let config = "version: 1\ndatasets:\n  features: {path: features.csv, contract: contract.yaml}\nmodels:\n  m:\n    \
        candidate: {predictions: c.csv, label: late, score: score}\n    metrics: {accuracy: {at_least: 0.1, limit_by: point}}\n    \
        signature: {file: MLmodel, dataset: features}\n";
    let signature = "signature:\n  inputs: '[{\"name\": \"distance\", \"type\": \"long\"}, {\"name\": \"delay\", \"type\": \"double\"}]'\n";
    Gate::run(
        &[
            ("tollgate.yaml", config.as_bytes()),
            ("contract.yaml", contract.as_bytes()),
            ("features.csv", b"distance,delay,other\n1,2.5,a\n2,3.5,b\n"),
            ("MLmodel", signature.as_bytes()),
            ("c.csv", predictions(good).as_bytes()),
        ],
        &[],
    )
}

#[test]
fn a_signature_is_held_against_the_contract_too() {
    for (columns, extra, status, said) in [
        (
            "{name: distance, type: integer, nullable: false}, {name: delay, type: float}, {name: other}",
            "fail",
            Status::Pass,
            "promises all 2 fields",
        ),
        (
            "{name: distance, type: integer}, {name: delay, type: float}",
            "allow",
            Status::Pass,
            "the column may hold nulls",
        ),
        (
            "{name: distance, type: integer}",
            "allow",
            Status::Warn,
            "`delay`, and no such column is promised",
        ),
        (
            "{name: distance, type: integer}, {name: delay, type: float, required: false}",
            "allow",
            Status::Fail,
            "its column may be absent",
        ),
        (
            "{name: distance, type: number}, {name: delay, type: float}",
            "allow",
            Status::Pass,
            "`distance` is not compared",
        ),
    ] {
        let contract = format!("version: 1\ncolumns: [{columns}]\nextra_columns: {extra}\n");
        let ran = promised(&contract);
        let outcome = ran.outcome("m.signature_contract");
        assert_eq!(outcome.status, status, "{columns}: {}", outcome.message);
        assert!(
            outcome.message.contains(said),
            "{columns}: {}",
            outcome.message
        );
        assert_eq!(ran.outcome("m.signature").status, Status::Pass);
    }
    let none = promised("version: 1\nexpect: [{row_count: {min: 1}}]\n");
    assert_eq!(none.outcome("m.signature_contract").status, Status::Skipped);
}

#[test]
fn a_plan_says_how_many_rows_a_margin_needs() {
    let folder = tempfile::tempdir().unwrap();
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flights/models");
    let config = format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{predictions: '{models}/challenger.parquet', label: late, score: p_late, key: id}}\n    \
         baseline: {{predictions: '{models}/champion.parquet', label: late, score: p_late, key: id}}\n    metrics:\n      accuracy: {{no_worse_by: 0.005}}\n      \
         roc_auc: {{no_worse_by: 0.00001}}\n      f1: {{no_worse_by: 0.01}}\n      brier: {{no_worse_by: 1%}}\n"
    );
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let plan = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args(["plan", "--format", format])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = plan("text");
    for line in [
        "needs at least 542 rows, about 17,669 where equally good models differ in 5 % of them; the candidate has 27,902 in all\n",
        "needs at least 270,555 rows of the rarer class; the candidate has 27,902 in all: too few, however alike the models are\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(text.matches("needs at least").count(), 2, "{text}");
    let json: serde_json::Value = serde_json::from_str(&plan("json")).unwrap();
    let needs = &json["models"][0]["metrics"][0]["needs"];
    assert_eq!(needs["rows"], 27_902);
    assert_eq!(needs["at_least"], 542);
}
