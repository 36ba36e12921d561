//! The model gate by the binary: predictions of the example, and predictions that cannot be judged.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::record::{MetricRecord, Status};

const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flights/models");

/// Runs `candidate` of the example against `baseline`.
fn flights(candidate: &str, baseline: &str, metrics: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{predictions: '{MODELS}/{candidate}.parquet', label: late, score: p_late, key: id}}\n    \
         baseline: {{predictions: '{MODELS}/{baseline}.parquet'}}\n    metrics: {metrics}\n    slices: [carrier, origin]\n"
    );
    Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
}

const FEW: &str =
    "{roc_auc: {no_worse_by: 0.005}, brier: {no_worse_by: 0.002}, accuracy: {no_worse_by: 0.005}}";

#[test]
fn the_better_model_passes_and_the_seed_fools_nobody() {
    for candidate in ["challenger", "retrain", "champion"] {
        let gate = flights(candidate, "champion", FEW);
        assert_eq!(gate.code, 0, "{candidate}: {}{}", gate.stdout, gate.stderr);
        assert!(
            gate.stdout.contains("The model may be promoted"),
            "{}",
            gate.stdout
        );
    }
}

#[test]
fn a_slice_that_is_surely_worse_by_less_than_the_margin_stops_nobody() {
    let gate = flights(
        "retrain",
        "champion",
        "{average_precision: {no_worse_by: 0.01}}",
    );
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    // At one carrier the retrain is worse by 0.003 to 0.011, which is no chance and does not matter.
    let record = gate.record();
    let metrics = record.models[0].metrics.iter();
    let surely = |m: &&MetricRecord| {
        m.slice.is_some()
            && m.gain
                .and_then(|gain| gain.high)
                .is_some_and(|high| high < -0.002)
    };
    assert!(metrics.filter(surely).count() > 0);
}

#[test]
fn harm_that_hides_in_a_slice_is_found_there() {
    let gate = flights("regressed", "champion", FEW);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    // Over all rows it is no worse by any of the three.
    for metric in ["roc_auc", "brier", "accuracy"] {
        let whole = gate.outcome(&format!("late.no_worse_by({metric})"));
        assert_eq!(whole.status, Status::Pass, "{}", whole.message);
        let slices = gate.outcome(&format!("late.worst_slice({metric})"));
        assert_eq!(slices.status, Status::Fail, "{}", slices.message);
        assert!(
            slices.message.contains("carrier = US"),
            "{}",
            slices.message
        );
    }
    let record = gate.record();
    let worst: &MetricRecord = record.models[0]
        .metrics
        .iter()
        .find(|m| m.slice.is_some())
        .unwrap();
    assert_eq!(
        worst.slice.as_ref().unwrap().of[0].value.as_deref(),
        Some("US")
    );
}

#[test]
fn values_are_those_that_scikit_learn_measured() {
    let gate = flights("challenger", "champion", FEW);
    let record = gate.record();
    let metric = |name: &str| {
        let all = &record.models[0].metrics;
        all.iter()
            .find(|m| m.name == name && m.slice.is_none())
            .unwrap()
            .clone()
    };
    // examples/flights/models/README.md
    let expected = [
        ("roc_auc", 0.9314, 0.9159),
        ("brier", 0.0647, 0.0705),
        ("accuracy", 0.9177, 0.9120),
    ];
    for (name, now, before) in expected {
        let found = metric(name);
        assert!(
            (found.candidate.unwrap().value - now).abs() < 5e-5,
            "{name}"
        );
        assert!((found.baseline.unwrap() - before).abs() < 5e-5, "{name}");
        let gain = found.gain.unwrap();
        assert!(gain.low.unwrap() < gain.value && gain.value < gain.high.unwrap());
        assert!(
            gain.low.unwrap() > 0.0,
            "{name} is better on every likely set of rows"
        );
    }
    assert_eq!(record.models[0].rows, Some(27_902));
    assert!(record.models[0].paired);
    let small: Vec<_> = record.models[0]
        .small_slices
        .iter()
        .map(|s| s.of[0].value.clone())
        .collect();
    assert_eq!(small, [Some("HA".to_owned()), Some("YV".to_owned())]);
}

/// Key, label and score.
type Row = (i64, &'static str, &'static str);

/// Predictions of a binary model: label and score per row, with a key.
fn rows(rows: &[(i64, &str, &str)]) -> String {
    let mut text = "id,late,p\n".to_owned();
    for (id, label, score) in rows {
        writeln!(text, "{id},{label},{score}").unwrap();
    }
    text
}

/// Rows that are easy to judge: half positive, scores that tell them apart but for a tenth.
fn many(from: i64, n: i64) -> Vec<Row> {
    (from..from + n)
        .map(|id| {
            let label = if id % 2 == 0 { "true" } else { "false" };
            let right = id % 10 > 1;
            let score = if (label == "true") == right {
                "0.8"
            } else {
                "0.3"
            };
            (id, label, score)
        })
        .collect()
}

fn pair(candidate: &str, baseline: &str, rest: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: p, key: id}}\n    \
         baseline: {{predictions: b.csv}}\n    metrics: [accuracy]\n{rest}"
    );
    let files = [
        ("c.csv", candidate.as_bytes()),
        ("b.csv", baseline.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn rows_that_cannot_be_judged_are_an_error_with_the_place() {
    let good = rows(&many(0, 200));
    let with = |change: &dyn Fn(&mut Vec<Row>)| {
        let mut all = many(0, 200);
        change(&mut all);
        rows(&all)
    };
    let cases = [
        (with(&|r| r[7].0 = 6), "rows 7 and 8 have the same"),
        (
            with(&|r| r.truncate(150)),
            "50 of the baseline none in the candidate",
        ),
        (
            with(&|r| r[4].0 = 9_999),
            "1 of the candidate have no partner in the baseline, first row 5",
        ),
        (
            with(&|r| r[3].1 = "true"),
            "1 row has another label or weight on both sides, first row 4",
        ),
        (
            with(&|r| r[2].1 = ""),
            "`late` is null in 1 of 200 rows, first row 3",
        ),
        (
            with(&|r| r[1].2 = ""),
            "`p` is null or NaN in 1 of 200 rows, first row 2",
        ),
        (
            with(&|r| r[1].2 = "NaN"),
            "`p` is null or NaN in 1 of 200 rows, first row 2",
        ),
        (
            with(&|r| r.iter_mut().for_each(|r| r.1 = "maybe")),
            "neither true nor false",
        ),
        (with(&|r| r.clear()), "there are no rows"),
    ];
    for (candidate, message) in cases {
        let gate = pair(&candidate, &good, "");
        assert_eq!(gate.code, 3, "{message}: {}{}", gate.stdout, gate.stderr);
        let outcome = gate.outcome("m.rows");
        assert_eq!(outcome.status, Status::Error);
        assert!(
            outcome.message.contains(message),
            "{message}: {}",
            outcome.message
        );
    }
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let mut turned = many(0, 400);
    turned.reverse();
    let straight = pair(&rows(&many(0, 400)), &rows(&many(0, 400)), "").record();
    let other = pair(&rows(&turned), &rows(&many(0, 400)), "").record();
    assert_eq!(straight.models[0].metrics, other.models[0].metrics);
    assert_eq!(straight.models[0].rows_sha256, other.models[0].rows_sha256);
    assert!(straight.models[0].rows_sha256.is_some());
}

#[test]
fn one_class_and_few_rows_never_pass() {
    let one = rows(
        &many(0, 200)
            .into_iter()
            .map(|r| (r.0, "true", r.2))
            .collect::<Vec<_>>(),
    );
    let config = "version: 1\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: late, score: p}\n    metrics: {roc_auc: {at_least: 0.5}}\n";
    let gate = Gate::run(
        &[
            ("c.csv", one.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    assert_eq!(gate.code, 3, "{}", gate.stdout);
    let message = gate.outcome("m.at_least(roc_auc)").message;
    assert!(message.contains("same class in every row"), "{message}");
    let few = pair(&rows(&many(0, 20)), &rows(&many(0, 20)), "");
    assert_eq!(few.code, 6, "{}", few.stdout);
    let message = few.outcome("m.no_worse_by(accuracy)").message;
    assert!(
        message.contains("20 rows are too few to decide"),
        "{message}"
    );
}

#[test]
fn what_is_undecided_follows_the_policy() {
    // 300 equal rows prove no loss below the margin of 1 % of what is missing from perfect.
    let same = rows(&many(0, 300));
    for (policy, code, status) in [
        ("hold", 6, Status::Inconclusive),
        ("pass", 0, Status::Warn),
        ("fail", 1, Status::Fail),
    ] {
        let gate = pair(&same, &same, &format!("    on_inconclusive: {policy}\n"));
        assert_eq!(gate.code, code, "{policy}: {}", gate.stdout);
        let outcome = gate.outcome("m.no_worse_by(accuracy)");
        assert_eq!(outcome.status, status);
        assert!(
            outcome.message.contains("rows would, there are 300"),
            "{}",
            outcome.message
        );
    }
}

#[test]
fn a_baseline_that_is_not_there_follows_the_policy() {
    let candidate = rows(&many(0, 300));
    let run = |policy: &str| {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    baseline: {{predictions: gone.csv}}\n    \
             metrics: {{accuracy: {{at_least: 0.7, no_worse_by: 0.01}}}}\n{policy}"
        );
        Gate::run(
            &[
                ("c.csv", candidate.as_bytes()),
                ("tollgate.yaml", config.as_bytes()),
            ],
            &[],
        )
    };
    let strict = run("");
    assert_eq!(strict.code, 3, "{}", strict.stdout);
    let message = strict.outcome("m.no_worse_by(accuracy)").message;
    assert!(message.contains("the baseline is not there"), "{message}");
    let first = run("    on_no_baseline: absolute_only\n");
    assert_eq!(first.code, 0, "{}{}", first.stdout, first.stderr);
    assert_eq!(
        first.outcome("m.no_worse_by(accuracy)").status,
        Status::Skipped
    );
    assert_eq!(first.outcome("m.at_least(accuracy)").status, Status::Pass);
}

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
fn slices_too_far_apart_fail_and_the_gap_is_told() {
    let mut text = "id,late,p,side\n".to_owned();
    for id in 0..2_000 {
        let (label, side) = (id % 2 == 0, id % 4 < 2);
        // Half of the positives of one side are missed.
        let seen = label && (side || id % 8 < 4);
        writeln!(
            text,
            "{id},{label},{},{}",
            if seen { 0.9 } else { 0.1 },
            if side { "a" } else { "b" }
        )
        .unwrap();
    }
    let run = |most: f64| {
        let config = format!(
            "version: 1\nmodels:\n  m:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    \
             metrics: {{recall: {{spread: {{at_most: {most}}}}}}}\n    slices: [side]\n"
        );
        Gate::run(
            &[
                ("c.csv", text.as_bytes()),
                ("tollgate.yaml", config.as_bytes()),
            ],
            &[],
        )
    };
    for (most, code) in [(0.1, 1), (0.5, 6), (0.8, 0)] {
        let gate = run(most);
        assert_eq!(gate.code, code, "{most}: {}{}", gate.stdout, gate.stderr);
        let message = gate.outcome("m.spread(recall, side)").message;
        assert!(message.contains("0.5 apart"), "{message}");
    }
}

#[test]
fn trying_again_on_the_same_rows_costs_and_the_same_candidate_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let config = "version: 1\nhistory: past\nmodels:\n  m:\n    candidate: {predictions: c.csv, label: late, score: p, key: id}\n    \
                  baseline: {predictions: b.csv}\n    metrics: {accuracy: {no_worse_by: 0.05}}\n";
    write("tollgate.yaml", config);
    write("b.csv", &rows(&many(0, 2_000)));
    write("c.csv", &rows(&many(0, 2_000)));
    let first = Gate::again(folder, &["--now", "2026-01-01T00:00:00Z"]);
    let record = first.record();
    assert_eq!(
        (record.models[0].attempt, first.code),
        (1, 0),
        "{}",
        first.stderr
    );
    assert!((record.models[0].spent - 0.05 * 6.0 / std::f64::consts::PI.powi(2)).abs() < 1e-12);
    // The same candidate again, on another day: the same attempt.
    let again = Gate::again(first.folder, &["--now", "2026-01-02T00:00:00Z"]);
    assert_eq!(again.record().models[0].attempt, 1);
    // Another candidate on the same rows, in another order.
    let mut other = many(0, 2_000);
    other[0].2 = "0.81";
    other.reverse();
    std::fs::write(again.folder.path().join("c.csv"), rows(&other)).unwrap();
    let second = Gate::again(again.folder, &["--now", "2026-01-03T00:00:00Z"]);
    let model = second.record().models.remove(0);
    assert_eq!(model.attempt, 2);
    assert!(model.spent < record.models[0].spent / 3.0);
    assert!(model.metrics[0].gain.unwrap().low < record.models[0].metrics[0].gain.unwrap().low);
    // Other rows begin anew; a cut line is an error that names it.
    std::fs::write(second.folder.path().join("c.csv"), rows(&many(0, 1_000))).unwrap();
    std::fs::write(second.folder.path().join("b.csv"), rows(&many(0, 1_000))).unwrap();
    let fresh = Gate::again(second.folder, &[]);
    assert_eq!(fresh.record().models[0].attempt, 1);
    let ledger = fresh.folder.path().join("past/models/m.jsonl");
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    std::fs::write(&ledger, &text[..text.len() - 9]).unwrap();
    let broken = Gate::again(fresh.folder, &[]);
    assert_eq!(broken.code, 3);
    assert!(
        broken.stderr.contains("m.jsonl") && broken.stderr.contains("line 3"),
        "{}",
        broken.stderr
    );
}

#[test]
fn a_part_of_a_run_names_the_models_it_leaves_out_and_waivers_hold_for_models() {
    let same = rows(&many(0, 300));
    let files = |more: &str| {
        let model = |name: &str| {
            format!(
                "  {name}:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    metrics: {{accuracy: {{at_least: 0.95}}, brier: {{at_most: 0.5}}}}\n"
            )
        };
        let config = format!("version: 1\nmodels:\n{}{}{more}", model("a"), model("b"));
        [
            ("c.csv".to_owned(), same.clone()),
            ("tollgate.yaml".to_owned(), config),
        ]
    };
    let run = |more: &str, args: &[&str]| {
        let files = files(more);
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(n, t)| (n.as_str(), t.as_bytes()))
            .collect();
        Gate::run(&files, args)
    };
    let one = run("", &["--dataset", "a"]);
    assert_eq!(one.code, 1, "{}{}", one.stdout, one.stderr);
    let record = one.record();
    assert_eq!(record.models.len(), 1);
    assert!(
        record.verdict.sentence.contains("the model b"),
        "{}",
        record.verdict.sentence
    );
    let one = run("", &["--only", "b.at_most(brier)"]);
    assert_eq!(one.code, 0, "{}{}", one.stdout, one.stderr);
    assert_eq!(one.record().outcomes.len(), 1);
    let none = run("", &["--dataset", "c"]);
    assert_eq!(none.code, 2, "{}", none.stderr);
    let waiver = "waivers:\n  - {outcome: '*.at_least(accuracy)', reason: known, owner: me, until: 2026-12-31}\n";
    let accepted = run(waiver, &["--now", "2026-11-01T00:00:00Z"]);
    assert_eq!(accepted.code, 0, "{}{}", accepted.stdout, accepted.stderr);
    assert_eq!(
        accepted.outcome("a.at_least(accuracy)").status,
        Status::Waived
    );
    let late = run(waiver, &["--now", "2027-11-01T00:00:00Z"]);
    assert_eq!(late.code, 1, "{}{}", late.stdout, late.stderr);
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
fn a_slice_of_two_columns_that_nobody_named_is_found_by_the_search_and_chance_is_not() {
    let run = |candidate: &str| {
        let config = format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{predictions: '{MODELS}/{candidate}.parquet', label: late, score: p_late, key: id}}\n    \
             baseline: {{predictions: '{MODELS}/champion.parquet'}}\n    metrics: {{brier: {{no_worse_by: 0.01}}, roc_auc: {{no_worse_by: 0.01}}}}\n    \
             slices: [carrier, origin, day]\n    search_slices: true\n"
        );
        Gate::run(&[("tollgate.yaml", config.as_bytes())], &[])
    };
    let bad = run("regressed");
    let outcome = bad.outcome("late.searched_slices(brier)");
    assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
    assert!(
        outcome.message.contains("carrier = US"),
        "{}",
        outcome.message
    );
    let fine = run("retrain");
    let outcome = fine.outcome("late.searched_slices(brier)");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    // No mean over rows: nothing to search.
    assert!(
        fine.record()
            .outcomes
            .iter()
            .all(|o| o.id != "late.searched_slices(roc_auc)")
    );
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
