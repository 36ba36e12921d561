//! Intervals do not depend on the unit of weights, nor on the order of rows where there is no time.

use super::tests_intervals::{
    chances, difference, evaluation, metric, noise, numbers, own, weighted,
};
use crate::model::evaluation::Evaluation;
use crate::statistics::intervals::Interval;

/// Rows with weights, of every kind of model that metrics of these tests need.
fn mixed(classes: bool) -> Evaluation {
    let truth: Vec<u32> = (0..240).map(|row| u32::from(noise(row, 1) < 0.3)).collect();
    let score = |salt: u64| -> Vec<f64> {
        let of = |row: usize| 0.7 * noise(row, salt) + 0.3 * f64::from(truth[row]);
        (0..240).map(of).collect()
    };
    let rows = if classes {
        evaluation(chances(&truth, score(3)), chances(&truth, score(4)))
    } else {
        evaluation(numbers(score(3)), numbers(score(4)))
    };
    weighted(rows, &|row| 1.0 + (8.0 * noise(row, 5)).floor() / 4.0)
}

/// Whether two intervals are one but for rounding.
#[track_caller]
fn same(name: &str, a: Interval, b: Interval) {
    for (a, b) in [(a.low, b.low), (a.high, b.high)] {
        assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-3), "{name}: {a} {b}");
    }
}

const OF_CLASSES: [&str; 5] = [
    "accuracy",
    "brier",
    "log_loss",
    "roc_auc",
    "average_precision",
];
const OF_NUMBERS: [&str; 2] = ["mae", "mse"];

fn intervals(name: &str, rows: &Evaluation) -> [Interval; 2] {
    let metric = metric(name);
    [
        own(&metric, rows).expect("bounds"),
        difference(&metric, rows).expect("an interval").interval,
    ]
}

fn every() -> impl Iterator<Item = (&'static str, Evaluation)> {
    let of_classes = OF_CLASSES.iter().map(|name| (*name, mixed(true)));
    of_classes.chain(OF_NUMBERS.iter().map(|name| (*name, mixed(false))))
}

#[test]
fn twice_all_weights_change_nothing() {
    for (name, mut rows) in every() {
        if name == "accuracy" {
            // With weights it is drawn, by the same numbers.
            continue;
        }
        for (timed, clustered) in [(false, false), (true, false), (false, true), (true, true)] {
            rows.timed = timed;
            let clusters = (0..240).map(|row| row / 8).collect();
            rows.clusters = clustered.then_some((clusters, 30));
            let weights = rows.candidate.weight.clone().expect("weights");
            let double = weighted(rows.clone(), &|row| 2.0 * weights[row]);
            let (once, twice) = (intervals(name, &rows), intervals(name, &double));
            for (once, twice) in once.into_iter().zip(twice) {
                same(name, once, twice);
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_nothing_but_in_time() {
    let mixed_up: Vec<u32> = (0..240).map(|row| (row * 77 + 5) % 240).collect();
    for (name, mut rows) in every() {
        for weights in [true, false] {
            if !weights {
                rows.candidate.weight = None;
                rows.baseline.as_mut().expect("a baseline").weight = None;
            } else if name == "accuracy" {
                continue;
            }
            let clusters: Vec<u32> = (0..240).map(|row| row / 8).collect();
            for clustered in [false, true] {
                rows.clusters = clustered.then(|| (clusters.clone(), 30));
                rows.timed = false;
                let other = rows.gather(&mixed_up);
                let (here, there) = (intervals(name, &rows), intervals(name, &other));
                for (here, there) in here.into_iter().zip(there) {
                    same(name, here, there);
                }
            }
            // In time the order is what it is about.
            (rows.timed, rows.clusters) = (true, None);
            let other = rows.gather(&mixed_up);
            let (here, there) = (intervals(name, &rows)[1], intervals(name, &other)[1]);
            assert!((here.low - there.low).abs() > 1e-9, "{name}");
        }
    }
}
