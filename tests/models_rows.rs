//! The model gate by the binary: rows that cannot be judged, policies of what is undecided, and what is tried again.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::record::Status;

/// Key, label and score.
pub(crate) type Row = (i64, &'static str, &'static str);

/// Predictions of a binary model: label and score per row, with a key.
pub(crate) fn rows(rows: &[(i64, &str, &str)]) -> String {
    let mut text = "id,late,p\n".to_owned();
    for (id, label, score) in rows {
        writeln!(text, "{id},{label},{score}").unwrap();
    }
    text
}

/// Rows that are easy to judge: half positive, scores that tell them apart but for a tenth.
pub(crate) fn many(from: i64, n: i64) -> Vec<Row> {
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
