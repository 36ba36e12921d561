//! The model gate by the binary: metrics files, servers, commands, and what belongs to a model besides its rows.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::Gate;
use crate::models::MODELS;
use crate::models_rows::{many, rows};
use tollgate::record::Status;

/// Metrics of both sides as files.
fn files(candidate: &str, baseline: &str, rules: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{metrics: c.json}}\n    baseline: {{metrics: b.json}}\n    metrics:\n      roc_auc: {rules}\n"
    );
    let files = [
        ("c.json", candidate.as_bytes()),
        ("b.json", baseline.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn bare_numbers_never_pass_by_luck() {
    let (now, before) = (r#"{"roc_auc": 0.81}"#, r#"{"roc_auc": 0.80}"#);
    let gate = files(now, before, "{no_worse_by: 0.01}");
    assert_eq!(gate.code, 6, "{}", gate.stdout);
    let message = gate.outcome("m.no_worse_by(roc_auc)").message;
    assert!(
        message.contains("luck cannot be told") || message.contains("more than luck"),
        "{message}"
    );
    let point = files(now, before, "{no_worse_by: 0.01, limit_by: point}");
    assert_eq!(point.code, 0, "{}", point.stdout);
    let worse = files(before, now, "{no_worse_by: 0.005, limit_by: point}");
    assert_eq!(worse.code, 1, "{}", worse.stdout);
    let with = |value: f64, error: f64| {
        format!(r#"[{{"name": "roc_auc", "value": {value}, "standard_error": {error}}}]"#)
    };
    let sure = files(
        &with(0.81, 0.002),
        &with(0.80, 0.002),
        "{no_worse_by: 0.01}",
    );
    assert_eq!(sure.code, 0, "{}{}", sure.stdout, sure.stderr);
    let unsure = files(&with(0.81, 0.02), &with(0.80, 0.02), "{no_worse_by: 0.01}");
    assert_eq!(unsure.code, 6, "{}", unsure.stdout);
}

#[test]
fn numbers_that_are_none_and_other_definitions_are_errors() {
    let gate = files(
        r#"{"roc_auc": "NaN"}"#,
        r#"{"roc_auc": 0.8}"#,
        "{no_worse_by: 0.01}",
    );
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    let gate = files(
        r#"{"auc": 0.8}"#,
        r#"{"roc_auc": 0.8}"#,
        "{no_worse_by: 0.01}",
    );
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    let message = gate.outcome("m.no_worse_by(roc_auc)").message;
    assert!(message.contains("has no `roc_auc`"), "{message}");
    let gate = files(
        r#"{"roc_auc": 1.2}"#,
        r#"{"roc_auc": 0.8}"#,
        "{no_worse_by: 0.01}",
    );
    assert_eq!(gate.code, 3, "{}", gate.stdout);
    let other = r#"[{"name": "roc_auc", "value": 0.8, "definition": "roc_auc(average=macro)"}]"#;
    let gate = files(r#"{"roc_auc": 0.8}"#, other, "{no_worse_by: 0.01}");
    let message = gate.outcome("m.no_worse_by(roc_auc)").message;
    assert_eq!(gate.code, 3, "{message}");
    assert!(message.contains("cannot be compared"), "{message}");
}

#[test]
fn what_nobody_logged_is_no_proof_of_the_training_data() {
    let candidate = rows(&many(0, 300));
    let run = |policy: &str| {
        let config = format!(
            "version: 1\ndatasets:\n  train: {{path: c.csv}}\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    \
             metrics: {{accuracy: {{at_least: 0.7}}}}\n    trained_on: train\n{policy}"
        );
        Gate::run(
            &[
                ("c.csv", candidate.as_bytes()),
                ("tollgate.yaml", config.as_bytes()),
            ],
            &[],
        )
    };
    for (policy, code) in [
        ("", 6),
        ("    on_inconclusive: pass\n", 0),
        ("    on_inconclusive: fail\n", 1),
    ] {
        let gate = run(policy);
        assert_eq!(gate.code, code, "{}{}", gate.stdout, gate.stderr);
        let message = gate.outcome("m.trained_on").message;
        assert!(message.contains("no dataset was logged"), "{message}");
    }
}

/// The gate beside a real `MLflow` server, whose runs and models `tests/mlflow_server.py` makes.
pub(crate) fn beside_mlflow(server: &crate::model_sources::Serving) {
    let uri = server.text("uri");
    let run = |candidate: &str, baseline: &str, rest: &str| {
        let config = format!(
            "version: 1\nmodels:\n  delay:\n    candidate: {{mlflow: '{candidate}', uri: '{uri}'}}\n    \
             baseline: {{mlflow: '{baseline}', uri: '{uri}'}}\n    metrics: {{roc_auc: {{at_least: 0.5, no_worse_by: 0.05, limit_by: point}}}}\n{rest}"
        );
        Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
    };
    let plain = format!("runs:/{}", server.text("plain"));
    let gate = run(&plain, "models:/delay@champion", "");
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let model = gate.record().models.remove(0);
    assert_eq!(
        model.candidate.run_id.as_deref(),
        Some(server.text("plain"))
    );
    assert_eq!(model.baseline.unwrap().version.as_deref(), Some("1"));
    assert_eq!(model.metrics[0].baseline, Some(0.82));
    // No champion yet: fixed limits alone, where that is said.
    let none = run(&plain, "models:/delay@nobody", "");
    assert_eq!(none.code, 3, "{}", none.stdout);
    let first = run(
        &plain,
        "models:/delay@nobody",
        "    on_no_baseline: absolute_only\n",
    );
    assert_eq!(first.code, 0, "{}{}", first.stdout, first.stderr);
    // A model that is not registered may be a wrong name.
    let wrong = run(
        &plain,
        "models:/dealy@champion",
        "    on_no_baseline: absolute_only\n",
    );
    assert_eq!(wrong.code, 3, "{}", wrong.stdout);
    // Rows that a run left among its files.
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{mlflow: '{plain}', uri: '{uri}', predictions: out/predictions.csv, label: id, value: score}}\n    \
         metrics: {{mae: {{at_most: 2, limit_by: point}}}}\n"
    );
    let rows = Gate::run(&[("tollgate.yaml", config.as_bytes())], &[]);
    assert_eq!(rows.code, 0, "{}{}", rows.stdout, rows.stderr);
    let model = rows.record().models.remove(0);
    assert_eq!(model.rows, Some(2));
    assert!(
        model.candidate.from.ends_with("/out/predictions.csv"),
        "{}",
        model.candidate.from
    );
}

#[test]
fn a_server_that_is_not_there_and_names_that_are_none_are_errors() {
    let run = |mlflow: &str, uri: &str| {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{mlflow: '{mlflow}', uri: '{uri}'}}\n    metrics: [roc_auc]\n"
        );
        Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
    };
    let gone = run("models:/m@champion", "http://user:secret@127.0.0.1:9");
    assert_eq!(gone.code, 3, "{}", gone.stderr);
    assert!(
        gone.stderr.contains("127.0.0.1:9") && !gone.stderr.contains("secret"),
        "{}",
        gone.stderr
    );
    for (what, said) in [
        ("models:/m/champion", "models:/m@champion"),
        ("m", "forms are"),
        ("runs:/${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE"),
    ] {
        let wrong = run(what, "http://127.0.0.1:9");
        assert_eq!(wrong.code, 2, "{what}: {}", wrong.stderr);
        assert!(wrong.stderr.contains(said), "{what}: {}", wrong.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_command_writes_the_predictions_and_its_failure_is_told() {
    let good = rows(&many(0, 300));
    let run = |script: &str| {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{command: [sh, -c, '{script}'], predictions: out.csv, label: late, score: p}}\n    metrics: {{accuracy: {{at_least: 0.7}}}}\n"
        );
        Gate::run(
            &[
                ("given.csv", good.as_bytes()),
                ("tollgate.yaml", config.as_bytes()),
            ],
            &[],
        )
    };
    let gate = run("cp given.csv out.csv");
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let fails = run("echo no model here >&2; exit 7");
    assert_eq!(fails.code, 3, "{}", fails.stderr);
    assert!(
        fails.stderr.contains("no model here") && fails.stderr.contains('7'),
        "{}",
        fails.stderr
    );
    let silent = run("true");
    assert_eq!(silent.code, 3, "{}", silent.stderr);
}
#[test]
fn files_signature_and_leakage_are_asked_of_a_model_too() {
    let run = |rest: &str| {
        let config = format!(
            "version: 1\ndatasets:\n  features: {{path: '{MODELS}/features.parquet'}}\nmodels:\n  late:\n    \
             candidate: {{predictions: '{MODELS}/challenger.parquet', label: late, score: p_late, key: id}}\n    metrics: {{accuracy: {{at_least: 0.9}}}}\n{rest}"
        );
        let evil = b"\x80\x04cposix\nsystem\n\x94\x8c\x02id\x94\x85\x94R.";
        let narrow = "signature:\n  inputs: '[{\"name\": \"distance\", \"type\": \"string\"}, {\"name\": \"nowhere\", \"type\": \"double\"}]'\n";
        let seen = "id\n5\n7\n99999999\n";
        let files: [(&str, &[u8]); 4] = [
            ("tollgate.yaml", config.as_bytes()),
            ("evil.pkl", evil),
            ("MLmodel", narrow.as_bytes()),
            ("seen.csv", seen.as_bytes()),
        ];
        Gate::run(&files, &[])
    };
    let good = run(&format!(
        "    artifact: {{path: '{MODELS}/challenger', files: [MLmodel, '*.joblib']}}\n    signature: {{file: '{MODELS}/challenger/MLmodel', dataset: features}}\n"
    ));
    assert_eq!(
        good.outcome("late.artifact").status,
        Status::Pass,
        "{}",
        good.outcome("late.artifact").message
    );
    assert_eq!(
        good.outcome("late.signature").status,
        Status::Pass,
        "{}",
        good.outcome("late.signature").message
    );
    assert!(good.record().models[0].artifact.as_ref().unwrap().bytes > 1_000);
    let bad = run(
        "    artifact: {path: evil.pkl, max_bytes: 5}\n    signature: {file: MLmodel, dataset: features}\n    training: {path: seen.csv, key: id}\n",
    );
    assert_eq!(bad.code, 1, "{}{}", bad.stdout, bad.stderr);
    for (id, said) in [
        ("late.artifact", "posix.system"),
        ("late.signature", "`nowhere`"),
        ("late.training", "has seen 2 of the"),
    ] {
        let outcome = bad.outcome(id);
        assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
        assert!(outcome.message.contains(said), "{}", outcome.message);
    }
    let wrong = run("    signature: {file: MLmodel, dataset: fetures}\n");
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("did you mean `features`"),
        "{}",
        wrong.stderr
    );
}
