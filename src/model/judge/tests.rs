//! Intervals of all metrics and slices by one draw, against those of the rows alone.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small positive numbers"
)]

use super::compare::{Sampling, alone};
use super::found::{All, Care, all};
use crate::model::evaluation::{Evaluation, Slicing};
use crate::model::metric::{Metric, Options, Prepared, Task};
use crate::model::rows::{Predicted, Side, Truth};
use crate::statistics::paired::bootstrap::{Kind, Plan, Units, bootstrap};
use crate::statistics::paired::{Alpha, Method, Paired};

fn metric(name: &str) -> Metric {
    Metric::parse(name, &Options::default()).expect("a metric's own name")
}

/// Numbers from 0 to below 1 that look random: multiples of the golden ratio, mixed.
fn noise(at: usize, salt: u64) -> f64 {
    let mut z =
        (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0x94d0_49bb_1331_11eb);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn care(threads: usize) -> Care {
    Care {
        alpha: Alpha::FIVE_PERCENT,
        sampling: Sampling { seed: 5, threads },
    }
}

/// Rows of `classes` classes, two models of which are right in most; slices `a`, `b`, `c` of a half, a third and a sixth.
fn classified(count: usize, classes: u32, weighted: bool) -> Evaluation {
    let truth: Vec<u32> = (0..count)
        .map(|row| (noise(row, 1) * f64::from(classes)) as u32)
        .collect();
    let said = |salt: u64, right: f64| -> Vec<u32> {
        let guess = |row: usize| (noise(row, salt + 1) * f64::from(classes)) as u32;
        (0..count)
            .map(|row| {
                if noise(row, salt) < right {
                    truth[row]
                } else {
                    guess(row)
                }
            })
            .collect()
    };
    let side = |class: Vec<u32>| Side {
        task: if classes == 2 {
            Task::Binary
        } else {
            Task::Multiclass
        },
        truth: Truth::Classes {
            of: truth.clone(),
            names: (0..classes).map(|c| c.to_string()).collect(),
        },
        predicted: Predicted {
            class: Some(class),
            ..Predicted::default()
        },
        weight: weighted.then(|| (0..count).map(|row| 1.0 + noise(row, 9)).collect()),
        keys: None,
    };
    let part = |row: usize| match row % 6 {
        0..=2 => 0,
        3 | 4 => 1,
        _ => 2,
    };
    Evaluation {
        candidate: side(said(10, 0.80)),
        baseline: Some(side(said(20, 0.78))),
        anchor: None,
        group: None,
        clusters: None,
        timed: false,
        slices: vec![Slicing {
            column: "part".to_owned(),
            of: (0..count).map(part).collect(),
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        }],
    }
}

/// The comparison of the first metric, over all rows or one slice.
fn paired(all: &All, slice: Option<&str>) -> Paired {
    let found = match slice {
        None => &all.whole[0],
        Some(name) => {
            let mut slices = all.slices.iter();
            let is = |s: &super::found::Slice| s.value == name;
            slices
                .find(|f| f.slice.as_ref().is_some_and(is))
                .expect("a slice of this name")
        }
    };
    let compared = found.baseline.as_ref().expect("a baseline").as_ref();
    compared.expect("a comparison").paired.expect("an interval")
}

/// Half the width of an interval.
fn half(paired: &Paired) -> f64 {
    (paired.interval.high - paired.interval.low) / 2.0
}

/// Half the width by drawing these rows alone, without room for harm that was not drawn.
fn alone_half(metric: &Metric, rows: &Evaluation, units: &Units) -> f64 {
    let side = |side: &Side| alone(metric, side, rows).expect("a value");
    let (now, before): (Prepared, Prepared) = (
        side(&rows.candidate),
        side(rows.baseline.as_ref().expect("a baseline")),
    );
    let difference = |times: &[u32]| Some(now.value(Some(times))? - before.value(Some(times))?);
    let plan = Plan {
        seed: 77,
        replicates: 600,
        threads: 1,
        alpha: Alpha::FIVE_PERCENT,
        kind: Kind::Bca,
    };
    let found = bootstrap(units, &difference, &plan).expect("an interval");
    (found.interval.high - found.interval.low) / 2.0
}

#[test]
fn a_slice_of_the_draw_of_all_rows_is_as_wide_as_a_draw_of_the_slice() {
    let metric = metric("f1");
    let rows = classified(3_600, 2, true);
    let found = all(std::slice::from_ref(&metric), &rows, 1, care(2));
    for (slice, kept) in [
        (None, 0..6),
        (Some("a"), 0..3),
        (Some("b"), 3..5),
        (Some("c"), 5..6),
    ] {
        let own: Vec<u32> = (0..3_600).filter(|row| kept.contains(&(row % 6))).collect();
        let alone = alone_half(&metric, &rows.gather(&own), &Units::Rows(own.len()));
        let shared = paired(&found, slice);
        let Method::Bca { groups, .. } = shared.method else {
            panic!(
                "{slice:?} is drawn with all rows, and not by {:?}",
                shared.method
            );
        };
        assert!(
            (500..=2_048).contains(&groups),
            "{slice:?}: {groups} groups"
        );
        let ratio = half(&shared) / alone;
        // The room for harm that was not drawn only widens.
        assert!(
            (0.9..1.4).contains(&ratio),
            "{slice:?}: {ratio} times as wide"
        );
    }
}

#[test]
fn rows_that_share_clusters_are_drawn_together_in_every_slice() {
    let metric = metric("precision");
    let mut rows = classified(3_000, 2, false);
    // Thirty equal rows each: as much as 100 rows tell.
    let copied: Vec<u32> = (0..3_000).map(|row| row / 30).collect();
    let slices = rows.slices.clone();
    rows = rows.gather(&copied);
    rows.slices = slices;
    let apart = all(std::slice::from_ref(&metric), &rows, 1, care(1));
    rows.clusters = Some((copied, 100));
    let together = all(std::slice::from_ref(&metric), &rows, 1, care(1));
    for slice in [None, Some("a"), Some("c")] {
        let ratio = half(&paired(&together, slice)) / half(&paired(&apart, slice));
        let expected = if slice == Some("c") { 1.8 } else { 3.0 };
        assert!(ratio > expected, "{slice:?}: {ratio}");
    }
}

#[test]
fn threads_and_other_metrics_change_nothing() {
    let rows = classified(1_200, 2, true);
    let one = [metric("f1")];
    let many = ["f1", "matthews", "balanced_accuracy", "kappa"].map(metric);
    let (alone, together) = (all(&one, &rows, 1, care(1)), all(&many, &rows, 1, care(2)));
    for slice in [None, Some("a"), Some("b"), Some("c")] {
        let (a, b) = (paired(&alone, slice), paired(&together, slice));
        assert_eq!(
            a.interval.low.to_bits(),
            b.interval.low.to_bits(),
            "{slice:?}"
        );
        assert_eq!(
            a.interval.high.to_bits(),
            b.interval.high.to_bits(),
            "{slice:?}"
        );
    }
}

#[test]
fn a_class_that_a_slice_does_not_have_leaves_its_own_formula() {
    let macro_f1 = Metric::parse(
        "f1",
        &Options {
            average: Some("macro".to_owned()),
            ..Options::default()
        },
    )
    .expect("a metric");
    let mut rows = classified(1_200, 3, true);
    // Class 2 is in the first slice only, and called there only.
    let first: Vec<bool> = (0..1_200).map(|row| row % 6 < 3).collect();
    let baseline = rows.baseline.as_mut().expect("a baseline");
    for side in [&mut rows.candidate, baseline] {
        let fold = |of: &mut Vec<u32>| {
            of.iter_mut().zip(&first).for_each(|(class, first)| {
                if !first {
                    *class %= 2;
                }
            });
        };
        let Truth::Classes { of, .. } = &mut side.truth else {
            panic!("classes")
        };
        fold(of);
        side.predicted.class.as_mut().map(fold);
    }
    let found = all(std::slice::from_ref(&macro_f1), &rows, 1, care(1));
    let second = paired(&found, Some("b"));
    let own: Vec<u32> = (0..1_200)
        .filter(|row| (3..5).contains(&(row % 6)))
        .collect();
    let own = rows.gather(&own);
    let value = |side: &Side| alone(&macro_f1, side, &own).expect("a value").value(None);
    let (now, before) = (value(&own.candidate), own.baseline.as_ref().and_then(value));
    let difference = now.zip(before).map(|(now, before)| now - before);
    assert_eq!(Some(second.difference), difference);
}

#[test]
fn models_that_never_differ_are_not_known_to_be_alike_from_few_rows() {
    for name in ["f1", "precision", "matthews"] {
        let metric = metric(name);
        let mut rows = classified(60, 2, false);
        rows.baseline = Some(rows.candidate.clone());
        let paired = paired(&all(std::slice::from_ref(&metric), &rows, 1, care(1)), None);
        assert_eq!((paired.difference, paired.differing), (0.0, 0), "{name}");
        assert!(paired.interval.low < -0.02, "{name}: {:?}", paired.interval);
    }
}

#[test]
fn errors_of_numbers_are_drawn_once_for_all_slices() {
    let count = 2_400;
    let truth: Vec<f64> = (0..count)
        .map(|row| noise(row, 1) + noise(row, 2))
        .collect();
    let side = |salt: u64, wide: f64| Side {
        task: Task::Regression,
        truth: Truth::Values(truth.clone()),
        predicted: Predicted {
            value: Some(
                (0..count)
                    .map(|row| truth[row] + wide * (noise(row, salt) - 0.5))
                    .collect(),
            ),
            ..Predicted::default()
        },
        weight: None,
        keys: None,
    };
    let rows = Evaluation {
        candidate: side(3, 1.0),
        baseline: Some(side(4, 1.02)),
        ..classified(count, 2, false)
    };
    for name in ["rmse", "explained_variance"] {
        let metric = metric(name);
        let found = all(std::slice::from_ref(&metric), &rows, 1, care(2));
        for (slice, kept) in [(None, 0..6), (Some("c"), 5..6)] {
            let own: Vec<u32> = (0..2_400).filter(|row| kept.contains(&(row % 6))).collect();
            let alone = alone_half(&metric, &rows.gather(&own), &Units::Rows(own.len()));
            let ratio = half(&paired(&found, slice)) / alone;
            assert!((0.88..1.14).contains(&ratio), "{name} {slice:?}: {ratio}");
        }
        assert!(
            paired(&found, None).difference > 0.0,
            "{name}: turned so that more is better"
        );
    }
}
