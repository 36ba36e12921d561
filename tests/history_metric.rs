//! Promises about numbers over the runs: which runs they are held against, and what too few of them mean.

use crate::history::{Nights, batch};
use tollgate::record::Status;

const CONFIG: &str = "\
version: 1
history: runs
datasets:
  d:
    path: d.csv
    expect:
      - not_null: {column: x}
      - volume_change: {max_relative_change: 0.5}
      - metric_stable: {metric: mean, column: x, max_deviations: 8, min_runs: 3}
";
const VOLUME: &str = "d.volume_change";
const MEAN: &str = "d.metric_stable(x)";

#[test]
fn numbers_are_held_against_ordinary_runs_only() {
    let mut nights = Nights::new(CONFIG);
    let first = nights.run(1, &batch(50, 1, 0.0), &[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(first.outcome(VOLUME).status, Status::Skipped);
    for day in 2..=4 {
        let gate = nights.run(day, &batch(50, day as u64, 0.0), &[]);
        assert_eq!(gate.outcome(VOLUME).status, Status::Pass, "{}", gate.stderr);
        let wanted = if day < 4 {
            Status::Skipped
        } else {
            Status::Pass
        };
        let mean = gate.outcome(MEAN);
        assert_eq!(mean.status, wanted, "{}", mean.message);
    }
    let many = nights.run(5, &batch(200, 5, 0.0), &[]);
    assert_eq!(many.code, 1);
    assert_eq!(many.outcome(VOLUME).status, Status::Fail);
    let shifted = nights.run(6, &batch(60, 6, 50.0), &[]);
    let mean = shifted.outcome(MEAN);
    assert_eq!(mean.status, Status::Fail, "{}", mean.message);
    assert_eq!(
        shifted.outcome(VOLUME).status,
        Status::Pass,
        "the 200 rows taught nothing"
    );
    let same = nights.run(7, &batch(60, 6, 50.0), &[]);
    assert_eq!(
        same.outcome(MEAN).status,
        Status::Fail,
        "nor did the shifted ones"
    );
    let run = nights
        .listed()
        .into_iter()
        .find(|l| l[2].starts_with("2026-11-05"));
    let id = run.map(|l| l[1].clone()).unwrap();
    nights.said(&["mark", &id, "ordinary", "--reason", "it is right"]);
    let after = nights.run(8, &batch(60, 8, 0.0), &[]);
    let message = after.outcome(VOLUME).message;
    assert_eq!(after.outcome(VOLUME).status, Status::Fail, "{message}");
    assert!(message.contains("60 after 200"), "{message}");
}

#[test]
fn an_incident_is_no_run_before() {
    let mut nights = Nights::new(CONFIG);
    nights.run(1, &batch(50, 1, 0.0), &[]);
    nights.run(2, &batch(51, 2, 0.0), &[]);
    let listed = nights.listed();
    let id = listed
        .iter()
        .find(|l| l[2].starts_with("2026-11-02"))
        .unwrap()[1]
        .clone();
    nights.said(&["mark", &id, "incident", "--reason", "wrong feed"]);
    let message = nights
        .run(3, &batch(52, 3, 0.0), &[])
        .outcome(VOLUME)
        .message;
    assert!(message.contains("52 after 50"), "{message}");
}

#[test]
fn without_a_history_the_promise_is_a_mistake() {
    let mut nights = Nights::new(&CONFIG.replace("history: runs\n", ""));
    let gate = nights.run(1, &batch(5, 1, 0.0), &[]);
    assert_eq!(gate.code, 2);
    assert!(gate.stderr.contains("no-history"), "{}", gate.stderr);
    assert!(gate.stderr.contains("history: runs"), "{}", gate.stderr);
}
