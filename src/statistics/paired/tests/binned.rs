//! Draws asked of sums are those of the rows, or are asked of the rows.

use crate::statistics::paired::Alpha;
use crate::statistics::paired::binned::{Both, OfGroups, Wanted, drawn_by_group};
use crate::statistics::paired::bootstrap::{Bootstrapped, Kind, Plan, Units, drawn};
use std::sync::atomic::{AtomicUsize, Ordering};

const ROWS: usize = 600;
const GROUPS: u32 = 100;

fn plan(threads: usize) -> Plan {
    Plan {
        seed: 11,
        replicates: 203,
        threads,
        alpha: Alpha::FIVE_PERCENT,
        kind: Kind::Percentile,
    }
}

fn group(row: usize) -> u32 {
    u32::try_from(row * 7 % GROUPS as usize).expect("small")
}

fn number(row: usize) -> f64 {
    ((row * row) % 97) as f64
}

/// The mean of rows.
#[expect(clippy::unnecessary_wraps, reason = "a statistic may have no value")]
fn mean(times: &[u32]) -> Option<f64> {
    let sums = times
        .iter()
        .enumerate()
        .fold((0.0, 0.0), |(sum, all), (row, t)| {
            (sum + f64::from(*t) * number(row), all + f64::from(*t))
        });
    Some(sums.0 / sums.1)
}

/// The sums of the mean, with what is done to it.
fn sums(value: impl Fn(&[f64]) -> Option<f64> + Sync + 'static) -> OfGroups {
    let mut sums = vec![0.0; 2 * GROUPS as usize];
    for row in 0..ROWS {
        let at = 2 * group(row) as usize;
        sums[at] += number(row);
        sums[at + 1] += 1.0;
    }
    OfGroups {
        sums,
        value: Box::new(value),
    }
}

fn by_group(groups: &(dyn Fn(usize) -> Option<OfGroups> + Sync), threads: usize) -> Bootstrapped {
    let of: Vec<u32> = (0..ROWS).map(group).collect();
    let both = [Both {
        rows: &mean,
        groups,
    }];
    let drawn = drawn_by_group((&of, GROUPS), &both, &[(0, None)], &plan(threads));
    let drawn = drawn.expect("draws");
    drawn.interval(&|values| values[0]).expect("an interval")
}

fn by_row() -> Bootstrapped {
    let of: Vec<u32> = (0..ROWS).map(group).collect();
    let units = Units::Clusters {
        of: &of,
        count: GROUPS,
    };
    let drawn = drawn(&units, &[&mean], &plan(1)).expect("draws");
    drawn.interval(&|values| values[0]).expect("an interval")
}

fn assert_same(a: &Bootstrapped, b: &Bootstrapped) {
    for (a, b) in [
        (a.interval.low, b.interval.low),
        (a.interval.high, b.interval.high),
        (a.variance, b.variance),
        (a.value, b.value),
    ] {
        assert!((a - b).abs() < 1e-6 * b.abs(), "{a} {b}");
    }
    assert_eq!(a.undefined, b.undefined);
}

#[test]
fn sums_that_are_off_by_a_constant_say_what_the_rows_say() {
    let shifted = |_: usize| Some(sums(|sums| Some(sums[0] / sums[1] + 5.0)));
    let one = by_group(&shifted, 1);
    assert_same(&one, &by_row());
    assert_eq!(one, by_group(&shifted, 3));
}

#[test]
fn rows_are_asked_where_sums_do_not_tell() {
    // The value of other draws.
    let wrong = |_: usize| Some(sums(|sums| Some((sums[0] * 12_345.678).fract() * 50.0)));
    assert_same(&by_group(&wrong, 2), &by_row());
    // No value in half of the draws.
    let half = |_: usize| Some(sums(|sums| Some(sums[0] / sums[1]).filter(|v| *v < 47.0)));
    assert_same(&by_group(&half, 2), &by_row());
    assert_same(&by_group(&|_| None, 2), &by_row());
}

/// How often the rows of a statistic were asked.
fn asked(groups: &(dyn Fn(usize) -> Option<OfGroups> + Sync)) -> usize {
    let of: Vec<u32> = (0..ROWS).map(group).collect();
    let count = AtomicUsize::new(0);
    let counted = |times: &[u32]| {
        count.fetch_add(1, Ordering::Relaxed);
        mean(times)
    };
    let both = [Both {
        rows: &counted,
        groups,
    }];
    drawn_by_group((&of, GROUPS), &both, &[(0, None)], &plan(2)).expect("draws");
    count.into_inner()
}

#[test]
fn finer_bins_are_tried_before_the_rows() {
    let finer = |bins: usize| {
        let right = bins > 100;
        Some(sums(move |sums| {
            let mean = sums[0] / sums[1];
            Some(if right { mean } else { (mean * 999.7).fract() })
        }))
    };
    assert_same(&by_group(&finer, 2), &by_row());
    // Twelve draws, and the rows themselves once.
    assert_eq!(asked(&finer), 13);
    let never = |_: usize| Some(sums(|sums| Some((sums[0] / sums[1] * 999.7).fract())));
    assert_eq!(asked(&never), 204);
}

/// The mean of rows, and far off where it is low: as a median beside a gap.
fn beside_a_gap(mean: f64, from: f64) -> f64 {
    if mean < from { mean - 1_000.0 } else { mean }
}

#[test]
fn few_draws_that_lie_far_off_are_asked_of_the_rows() {
    let of: Vec<u32> = (0..ROWS).map(group).collect();
    let units = Units::Clusters {
        of: &of,
        count: GROUPS,
    };
    let plain = drawn(&units, &[&mean], &plan(1)).expect("draws");
    let plain = plain.interval(&|values| values[0]).expect("an interval");
    for part in [0.1, 0.3, 0.5] {
        // Few draws are below; the sums take a little more for those.
        let from = plain.interval.low - part * (plain.value - plain.interval.low);
        let near = from + 0.3 * (plain.interval.low - from);
        let rows = |times: &[u32]| mean(times).map(|mean| beside_a_gap(mean, from));
        let groups = |_: usize| {
            Some(sums(move |sums| {
                Some(beside_a_gap(sums[0] / sums[1], near) + 1e-6 * sums[0].sin())
            }))
        };
        let both = [Both {
            rows: &rows,
            groups: &groups,
        }];
        let of_bins = drawn_by_group((&of, GROUPS), &both, &[(0, None)], &plan(1));
        let of_bins = of_bins.expect("draws").interval(&|values| values[0]);
        let of_rows = drawn(&units, &[&rows], &plan(1)).expect("draws");
        assert_same(
            &of_bins.expect("an interval"),
            &of_rows.interval(&|values| values[0]).expect("an interval"),
        );
    }
}

#[test]
fn a_side_beside_one_that_is_asked_of_the_rows_is_asked_of_them_too() {
    let of: Vec<u32> = (0..ROWS).map(group).collect();
    let wrong = |_: usize| Some(sums(|sums| Some((sums[0] * 12_345.678).fract() * 50.0)));
    // Off by 0.2 of its deviation, by itself good enough.
    let near = |_: usize| {
        Some(sums(|sums| {
            Some(sums[0] / sums[1] + 0.3 * (sums[0] * 77.7).sin())
        }))
    };
    let both = [
        Both {
            rows: &mean,
            groups: &near,
        },
        Both {
            rows: &mean,
            groups: &wrong,
        },
        Both {
            rows: &mean,
            groups: &near,
        },
    ];
    let all =
        |wanted: &[Wanted]| drawn_by_group((&of, GROUPS), &both, wanted, &plan(1)).expect("draws");
    let of = |wanted: &[Wanted]| {
        let found = all(wanted).interval(&|values| values[0]);
        found.expect("an interval")
    };
    assert!((of(&[(0, None)]).interval.low - by_row().interval.low).abs() > 1e-6);
    assert_same(&of(&[(0, None), (1, None), (0, Some(1))]), &by_row());
    // The first and the third go off together; the second sends the first to the rows, and so the third as well.
    let drawn = all(&[(0, Some(1)), (0, Some(2))]);
    let found = drawn.interval(&|values| Some(values[0]? - values[2]?));
    let found = found.expect("an interval").interval;
    assert!(
        found.low.abs() < 1e-9 && found.high.abs() < 1e-9,
        "{found:?}"
    );
}
