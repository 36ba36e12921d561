//! A slice borrows from all rows what its own few do not show of rare harm.

use super::compare::Sampling;
use super::found::{Care, all};
use super::tests_intervals::{chances, evaluation, metric, noise, numbers};
use crate::model::evaluation::{Evaluation, Slicing};
use crate::model::metric::Metric;
use crate::statistics::paired::Alpha;

const ROWS: usize = 2_000;

/// One row of a hundred, none of the last 400, which are the slice.
fn harmed(row: usize) -> bool {
    row < 1_600 && row.is_multiple_of(100)
}

fn errors(harm: bool) -> Evaluation {
    let said = |salt: u64, harm: bool| {
        let own = move |row: usize| noise(row, salt) - 0.5;
        let of = (0..ROWS).map(|row| if harm && harmed(row) { 6.0 } else { own(row) });
        numbers(of.collect())
    };
    evaluation(said(2, harm), said(3, false))
}

fn scores(harm: bool) -> Evaluation {
    let truth: Vec<u32> = (0..ROWS)
        .map(|row| u32::from(noise(row, 1) < 0.3))
        .collect();
    let said = |salt: u64, harm: bool| {
        let own = |row: usize| 0.3 * f64::from(truth[row]) + 0.5 * noise(row, salt);
        let turned = |row: usize| {
            if harm && harmed(row) {
                1.0 - own(row)
            } else {
                own(row)
            }
        };
        chances(&truth, (0..ROWS).map(turned).collect())
    };
    evaluation(said(4, harm), said(5, false))
}

/// By metric: how far the lower end of the slice is below its difference.
fn room(names: &[&str], mut rows: Evaluation) -> Vec<f64> {
    rows.slices = vec![Slicing {
        column: "part".to_owned(),
        of: (0..ROWS).map(|row| u32::from(row < 1_600)).collect(),
        names: ["quiet", "harmed"].map(str::to_owned).to_vec(),
    }];
    let care = Care {
        alpha: Alpha::FIVE_PERCENT,
        sampling: Sampling {
            seed: 5,
            threads: 1,
        },
    };
    let metrics: Vec<Metric> = names.iter().map(|name| metric(name)).collect();
    let found = all(&metrics, &rows, 1, care);
    let quiet = found.slices[..names.len()].iter().map(|found| {
        let compared = found.baseline.as_ref().expect("a baseline").as_ref();
        let paired = compared.expect("values").paired.expect("an interval");
        paired.difference - paired.interval.low
    });
    quiet.collect()
}

#[test]
fn rare_harm_elsewhere_leaves_a_slice_less_sure() {
    let names = ["mae", "rmse"];
    let (quiet, harmed) = (room(&names, errors(false)), room(&names, errors(true)));
    assert!(harmed[0] > 1.5 * quiet[0], "mae: {harmed:?} {quiet:?}");
    assert!(harmed[1] > 1.5 * quiet[1], "rmse: {harmed:?} {quiet:?}");
    let names = ["average_precision"];
    let (quiet, harmed) = (room(&names, scores(false)), room(&names, scores(true)));
    assert!(harmed[0] > 1.03 * quiet[0], "{harmed:?} {quiet:?}");
}

#[test]
fn what_one_row_can_change_is_not_borrowed_where_it_is_known() {
    let names = ["accuracy", "roc_auc", "ks"];
    assert_eq!(room(&names, scores(false)), room(&names, scores(true)));
}
