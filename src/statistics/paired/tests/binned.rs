//! Draws asked of sums are those of the rows, or are asked of the rows.

use crate::statistics::paired::Alpha;
use crate::statistics::paired::binned::{Both, OfGroups, drawn_by_group};
use crate::statistics::paired::bootstrap::{Bootstrapped, Kind, Plan, Units, drawn};

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
}
