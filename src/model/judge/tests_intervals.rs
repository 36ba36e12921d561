//! Intervals know weights, clusters and rows that were not drawn, in every order of rows.

#![expect(clippy::cast_possible_truncation, reason = "small positive numbers")]

use super::compare::Sampling;
use super::found::{Care, Found, all};
use crate::model::evaluation::{Evaluation, Slicing};
use crate::model::metric::{Direction, Metric, Options, OwnNumbers, Task, Terms};
use crate::model::rows::{Predicted, Side, Truth};
use crate::statistics::intervals::Interval;
use crate::statistics::paired::{Alpha, NoInterval, Paired};

pub(super) fn metric(name: &str) -> Metric {
    Metric::parse(name, &Options::default()).expect("a metric's own name")
}

fn averaged(name: &str, average: &str) -> Metric {
    let options = Options {
        average: Some(average.to_owned()),
        ..Options::default()
    };
    Metric::parse(name, &options).expect("a metric")
}

/// Numbers from 0 to below 1 that look random.
pub(super) fn noise(at: usize, salt: u64) -> f64 {
    let mut z =
        (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0x94d0_49bb_1331_11eb);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn found(metric: &Metric, rows: &Evaluation) -> Found {
    let care = Care {
        alpha: Alpha::FIVE_PERCENT,
        sampling: Sampling {
            seed: 5,
            threads: 1,
        },
    };
    let found = all(std::slice::from_ref(metric), rows, 1, care);
    found.whole.into_iter().next().expect("one metric")
}

pub(super) fn difference(metric: &Metric, rows: &Evaluation) -> Result<Paired, NoInterval> {
    let compared = found(metric, rows).baseline.expect("a baseline");
    compared.expect("both have a value").paired
}

pub(super) fn own(metric: &Metric, rows: &Evaluation) -> Result<Interval, NoInterval> {
    found(metric, rows).candidate.expect("a value").interval
}

pub(super) fn evaluation(candidate: Side, baseline: Side) -> Evaluation {
    Evaluation {
        candidate,
        baseline: Some(baseline),
        anchor: None,
        group: None,
        clusters: None,
        timed: false,
        slices: Vec::new(),
    }
}

/// A model of numbers around 0.
pub(super) fn numbers(value: Vec<f64>) -> Side {
    Side {
        task: Task::Regression,
        truth: Truth::Values(vec![0.0; value.len()]),
        predicted: Predicted {
            value: Some(value),
            ..Predicted::default()
        },
        weight: None,
        keys: None,
    }
}

/// A model of two classes; the class is 1 from a score of one half on.
pub(super) fn chances(truth: &[u32], score: Vec<f64>) -> Side {
    Side {
        task: Task::Binary,
        truth: Truth::Classes {
            of: truth.to_vec(),
            names: vec!["negative".to_owned(), "positive".to_owned()],
        },
        predicted: Predicted {
            class: Some(score.iter().map(|s| u32::from(*s >= 0.5)).collect()),
            score: Some(score),
            ..Predicted::default()
        },
        weight: None,
        keys: None,
    }
}

pub(super) fn weighted(mut rows: Evaluation, weight: &dyn Fn(usize) -> f64) -> Evaluation {
    let count = rows.candidate.rows();
    let weights: Vec<f64> = (0..count).map(weight).collect();
    rows.candidate.weight = Some(weights.clone());
    if let Some(baseline) = &mut rows.baseline {
        baseline.weight = Some(weights);
    }
    rows
}

#[test]
fn weights_hold_in_time_order() {
    // Worse by 1.5 in one row of twenty that weighs a hundred times as much, better by 0.4 in the others.
    let heavy = |row: usize| row.is_multiple_of(20);
    let candidate = (0..400).map(|row| if heavy(row) { 2.0 } else { 0.1 });
    let rows = evaluation(numbers(candidate.collect()), numbers(vec![0.5; 400]));
    let mut rows = weighted(rows, &|row| if heavy(row) { 100.0 } else { 1.0 });
    rows.timed = true;
    for name in ["mae", "mse"] {
        let found = difference(&metric(name), &rows).expect("an interval");
        assert!(found.difference < -1.0, "{name}: {found:?}");
        assert!(
            found.interval.low < found.difference && found.difference < found.interval.high,
            "{name}: {found:?}"
        );
        // One of twenty rows that count is a large part of what is known.
        assert!(found.interval.low < 1.1 * found.difference, "{name}");
        let value = own(&metric(name), &rows).expect("an interval");
        assert!(value.high > 1.6, "{name}: {value:?}");
    }
}

#[test]
fn clusters_are_not_forgotten_in_time_order() {
    // Twenty stores on fifty days: what a store is off on one day, it is on all.
    let store = |row: usize| row % 20;
    let off = |row: usize| 9.75 + 2.0 * (noise(store(row), 3) - 0.5) + 0.01 * noise(row, 4);
    let candidate = (0..1_000).map(off);
    let mut rows = evaluation(numbers(candidate.collect()), numbers(vec![10.0; 1_000]));
    let clusters = (0..1_000).map(|row| store(row) as u32).collect();
    rows.clusters = Some((clusters, 20));
    for name in ["mae", "rmse"] {
        let together = difference(&metric(name), &rows).expect("an interval");
        rows.timed = true;
        let followed = difference(&metric(name), &rows).expect("an interval");
        rows.timed = false;
        assert!(
            followed.interval.low <= together.interval.low
                && followed.interval.high >= together.interval.high,
            "{name}: {:?} in time, {:?} without",
            followed.interval,
            together.interval
        );
    }
}

#[test]
fn areas_and_shares_know_clusters_in_time_order() {
    let truth: Vec<u32> = (0..600).map(|row| u32::from(noise(row, 1) < 0.3)).collect();
    let shop = |row: usize| row % 15;
    let score = |salt: u64| -> Vec<f64> {
        let of = |row: usize| {
            let own = 0.3 * noise(shop(row), salt) + 0.3 * noise(row, salt + 1);
            own + 0.2 * f64::from(truth[row])
        };
        (0..600).map(of).collect()
    };
    let mut rows = evaluation(chances(&truth, score(7)), chances(&truth, score(9)));
    let clusters = (0..600).map(|row| shop(row) as u32).collect();
    rows.clusters = Some((clusters, 15));
    for name in [
        "roc_auc",
        "average_precision",
        "accuracy",
        "recall",
        "brier",
    ] {
        let metric = metric(name);
        let (apart, value) = (difference(&metric, &rows), own(&metric, &rows));
        rows.timed = true;
        let (followed, of_time) = (difference(&metric, &rows), own(&metric, &rows));
        rows.timed = false;
        let (apart, followed) = (apart.expect("clusters"), followed.expect("time"));
        assert!(followed.interval.low <= apart.interval.low, "{name}");
        assert!(followed.interval.high >= apart.interval.high, "{name}");
        let (value, of_time) = (value.expect("clusters"), of_time.expect("time"));
        assert!(of_time.low <= value.low + 1e-12, "{name}");
    }
}

#[test]
fn models_that_never_differ_are_not_proved_alike_in_time_order_either() {
    let truth: Vec<u32> = (0..60).map(|row| u32::from(row % 3 == 0)).collect();
    let score = (0..60).map(|row| noise(row, 2)).collect();
    let side = chances(&truth, score);
    let mut rows = evaluation(side.clone(), side);
    for timed in [false, true] {
        rows.timed = timed;
        for name in [
            "brier",
            "accuracy",
            "recall",
            "roc_auc",
            "average_precision",
            "ks",
        ] {
            let found = difference(&metric(name), &rows).expect("an interval");
            assert!(
                found.interval.low < -0.02,
                "{name}, in time: {timed}: {:?}",
                found.interval
            );
        }
    }
}

#[test]
fn an_area_is_as_sure_as_its_rarer_class() {
    let areas = |positives: usize| {
        let truth: Vec<u32> = (0..60).map(|row| u32::from(row < positives)).collect();
        let score = |far: f64| -> Vec<f64> {
            let of = |row: usize| if row < positives { far } else { 1.0 - far };
            (0..60).map(|row| of(row) + 0.001 * row as f64).collect()
        };
        evaluation(chances(&truth, score(0.9)), chances(&truth, score(0.8)))
    };
    for name in ["roc_auc", "average_precision"] {
        let metric = metric(name);
        for timed in [false, true] {
            let (mut one, mut four) = (areas(1), areas(4));
            (one.timed, four.timed) = (timed, timed);
            for why in [difference(&metric, &one).err(), own(&metric, &one).err()] {
                assert!(
                    matches!(why, Some(NoInterval::TooFew { units: 1, .. })),
                    "{name}, in time: {timed}: {why:?}"
                );
            }
            // A fifth positive row that is ranked last would cost a fifth of the area.
            let found = difference(&metric, &four).expect("an interval");
            assert!(found.interval.low < -0.2, "{name}: {:?}", found.interval);
            let value = own(&metric, &four).expect("an interval");
            assert!(value.low < 0.8, "{name}: {value:?}");
        }
    }
}

#[test]
fn clusters_of_the_rarer_class_count_and_not_its_rows() {
    let truth: Vec<u32> = (0..60).map(|row| u32::from(row < 8)).collect();
    let score = |salt: u64| (0..60).map(|row| noise(row, salt)).collect();
    let mut rows = evaluation(chances(&truth, score(1)), chances(&truth, score(2)));
    // All positive rows are of one customer.
    let clusters = (0..60_u32).map(|row| row.saturating_sub(7) / 4).collect();
    rows.clusters = Some((clusters, 14));
    for name in ["roc_auc", "average_precision"] {
        let why = difference(&metric(name), &rows).err();
        assert!(
            matches!(why, Some(NoInterval::TooFew { units: 1, .. })),
            "{name}: {why:?}"
        );
    }
}

/// Rows of three classes with so many of the first, told apart without an error.
fn three(first: usize) -> Evaluation {
    let class = |row: usize| if row < first { 0 } else { 1 + row % 2 };
    let side = |far: f64| Side {
        task: Task::Multiclass,
        truth: Truth::Classes {
            of: (0..60).map(|row| class(row) as u32).collect(),
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        },
        predicted: Predicted {
            class: Some((0..60).map(|row| class(row) as u32).collect()),
            scores: Some(
                (0..3)
                    .map(|of| {
                        let said = |row| {
                            if class(row) == of {
                                far
                            } else {
                                (1.0 - far) / 2.0
                            }
                        };
                        (0..60).map(said).collect()
                    })
                    .collect(),
            ),
            ..Predicted::default()
        },
        weight: None,
        keys: None,
    };
    evaluation(side(0.9), side(0.8))
}

#[test]
fn a_class_of_one_row_leaves_the_mean_over_classes_open() {
    for name in ["roc_auc", "average_precision"] {
        let why = difference(&averaged(name, "macro"), &three(1)).err();
        assert!(
            matches!(why, Some(NoInterval::TooFew { units: 1, .. })),
            "{name}: {why:?}"
        );
        let four = difference(&averaged(name, "macro"), &three(4)).expect("an interval");
        assert!(four.interval.low < -0.1, "{name}: {:?}", four.interval);
        // Where classes count by their rows, one of one row hardly counts.
        let by_rows = difference(&averaged(name, "weighted"), &three(1)).expect("an interval");
        assert!(
            (-0.4..-0.05).contains(&by_rows.interval.low),
            "{name}: {:?}",
            by_rows.interval
        );
    }
}

/// A model whose expression has these numbers, over miles of 100.
fn costs(cost: Vec<f64>, span: f64) -> Side {
    let miles = vec![100.0; cost.len()];
    let mut side = numbers(vec![0.0; cost.len()]);
    let mut top = OwnNumbers::new(cost);
    top.span = span;
    side.predicted.own = vec![top, OwnNumbers::new(miles)];
    side
}

fn of_costs(terms: Terms) -> Metric {
    Metric::own(terms, Direction::LowerIsBetter, "cost".to_owned())
}

#[test]
fn rows_without_an_event_prove_nothing_of_a_ratio() {
    // Both sides cost nothing in these 60 rows, and up to 40 in others.
    let quiet = || costs(vec![0.0; 60], 40.0);
    let rows = evaluation(quiet(), quiet());
    for (terms, one) in [
        (Terms::Mean(0), 40.0 / 60.0),
        (Terms::Ratio(0), 40.0 / 6_000.0),
    ] {
        let metric = of_costs(terms);
        let found = difference(&metric, &rows).expect("an interval");
        assert!(found.interval.low < -2.0 * one, "{:?}", found.interval);
        let value = own(&metric, &rows).expect("an interval");
        assert!(value.high > 2.0 * one, "{value:?}");
    }
    // And where no row of any side has an event, nobody knows what one would cost.
    let rows = evaluation(costs(vec![0.0; 60], 0.0), costs(vec![0.0; 60], 0.0));
    for terms in [Terms::Mean(0), Terms::Ratio(0)] {
        let metric = of_costs(terms);
        assert_eq!(difference(&metric, &rows), Err(NoInterval::Unseen));
        assert_eq!(own(&metric, &rows), Err(NoInterval::Unseen));
    }
}

#[test]
fn models_that_never_differ_are_alike_as_far_as_their_errors_show() {
    let said: Vec<f64> = (0..60).map(|row| noise(row, 6) - 0.5).collect();
    let rows = evaluation(numbers(said.clone()), numbers(said));
    let mut away = rows.clone();
    for side in [
        &mut away.candidate,
        away.baseline.as_mut().expect("a baseline"),
    ] {
        side.truth = Truth::Values((0..60).map(|row| 1.0 + noise(row, 8)).collect());
    }
    for (name, rows) in [
        ("mae", &rows),
        ("rmse", &rows),
        ("mae", &away),
        ("wape", &away),
        ("r2", &away),
        ("explained_variance", &away),
    ] {
        let found = difference(&metric(name), rows).expect("an interval");
        let width = found.interval.high - found.interval.low;
        assert!(width > 0.01, "{name}: {:?}", found.interval);
    }
    // Without an error in any row there is nothing to go by.
    let right = evaluation(numbers(vec![0.0; 60]), numbers(vec![0.0; 60]));
    for name in ["mae", "rmse", "median_absolute_error"] {
        let metric = metric(name);
        assert_eq!(
            difference(&metric, &right),
            Err(NoInterval::Unseen),
            "{name}"
        );
        assert_eq!(own(&metric, &right), Err(NoInterval::Unseen), "{name}");
    }
}

#[test]
fn a_slice_has_the_allowance_of_an_expression_over_all_rows() {
    let cost = |row: usize| {
        if row >= 60 && row.is_multiple_of(5) {
            40.0
        } else {
            0.0
        }
    };
    let side = || costs((0..200).map(cost).collect(), 40.0);
    let mut rows = evaluation(side(), side());
    rows.slices = vec![Slicing {
        column: "part".to_owned(),
        of: (0..200).map(|row| u32::from(row >= 60)).collect(),
        names: ["quiet", "busy"].map(str::to_owned).to_vec(),
    }];
    let care = Care {
        alpha: Alpha::FIVE_PERCENT,
        sampling: Sampling {
            seed: 5,
            threads: 1,
        },
    };
    let found = all(&[of_costs(Terms::Ratio(0))], &rows, 1, care);
    for part in &found.slices {
        let compared = part.baseline.as_ref().expect("a baseline").as_ref();
        let paired = compared.expect("values").paired.expect("an interval");
        assert!(paired.interval.low < -0.004, "{:?}", part.slice);
    }
}

#[test]
fn rows_differ_where_the_models_do_and_not_where_an_area_moves() {
    let truth: Vec<u32> = (0..400).map(|row| u32::from(noise(row, 1) < 0.3)).collect();
    let score: Vec<f64> = (0..400)
        .map(|row| 0.4 * f64::from(truth[row]) + 0.6 * noise(row, 2))
        .collect();
    let mut other = score.clone();
    other[7] = 0.999;
    let rows = evaluation(chances(&truth, other), chances(&truth, score));
    let found = difference(&metric("average_precision"), &rows).expect("an interval");
    assert_eq!(found.differing, 1);
}

#[test]
fn a_row_more_costs_the_same_whichever_model_is_the_candidate() {
    let truth: Vec<u32> = (0..400).map(|row| u32::from(row % 8 == 0)).collect();
    let side = |right: f64, salt: u64| {
        let of = |row: usize| 0.5 * right * f64::from(truth[row]) + 0.5 * noise(row, salt);
        chances(&truth, (0..400).map(of).collect())
    };
    let (good, poor) = (|| side(1.0, 3), || side(0.3, 4));
    let name = metric("average_precision");
    let of = |rows: Evaluation| difference(&name, &rows).expect("an interval").interval;
    let (a, b) = (
        of(evaluation(good(), poor())),
        of(evaluation(poor(), good())),
    );
    assert!(
        (a.low + b.high).abs() < 1e-12 && (a.high + b.low).abs() < 1e-12,
        "{a:?} {b:?}"
    );
}
