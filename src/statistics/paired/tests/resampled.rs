use super::super::bootstrap::{Kind, Plan, Statistic, Units, block_length, bootstrap, together};
use super::super::cells::cells;
use super::super::random::{Stream, binomial, multinomial};
use super::super::shared::{GROUPS, Parted, Sums, shared};
use super::super::{Alpha, Method, NoInterval};
use super::{near, normals};
use crate::statistics::draws::Hypergeometric;

fn plan(kind: Kind) -> Plan {
    Plan {
        seed: 3,
        replicates: 2_000,
        threads: 2,
        alpha: Alpha::FIVE_PERCENT,
        kind,
    }
}

fn mean_of(x: &[f64]) -> impl Fn(&[u32]) -> Option<f64> + Sync {
    move |times| {
        let count: f64 = times.iter().map(|t| f64::from(*t)).sum();
        let sum: f64 = x.iter().zip(times).map(|(x, t)| x * f64::from(*t)).sum();
        (count > 0.0).then(|| sum / count)
    }
}

#[test]
fn threads_and_company_change_nothing() {
    let x = normals(1, 150);
    let mean = mean_of(&x);
    let largest = |times: &[u32]| {
        let drawn = x.iter().zip(times).filter(|(_, t)| **t > 0);
        drawn.map(|(x, _)| *x).reduce(f64::max)
    };
    let statistics: [Statistic; 2] = [&mean, &largest];
    for kind in [Kind::Percentile, Kind::Bca] {
        let one = Plan {
            threads: 1,
            ..plan(kind)
        };
        let alone = bootstrap(&Units::Rows(150), &mean, &one).unwrap();
        for threads in [2, 3, 64] {
            let all = together(&Units::Rows(150), &statistics, &Plan { threads, ..one }).unwrap();
            assert_eq!(all[0], Ok(alone));
            assert!(all[1].is_ok());
        }
    }
    let other = bootstrap(
        &Units::Rows(150),
        &mean,
        &Plan {
            seed: 4,
            ..plan(Kind::Bca)
        },
    )
    .unwrap();
    let first = bootstrap(&Units::Rows(150), &mean, &plan(Kind::Bca)).unwrap();
    assert_ne!(other.interval, first.interval);
}

#[test]
fn variances_of_means() {
    let x = normals(2, 400);
    let mean = mean_of(&x);
    let middle = x.iter().sum::<f64>() / 400.0;
    let variance = x.iter().map(|v| (v - middle).powi(2)).sum::<f64>() / 160_000.0;
    let rows = bootstrap(&Units::Rows(400), &mean, &plan(Kind::Bca)).unwrap();
    near(rows.variance / variance, 1.0, 0.12);
    assert_eq!(
        rows.method,
        Method::Bca {
            replicates: 2_000,
            groups: 400
        }
    );
    // Four rows in each cluster that are the same: four times the variance.
    let of: Vec<u32> = (0..400).map(|row| row / 4).collect();
    let same: Vec<f64> = (0..400).map(|row| x[row / 4]).collect();
    let mean = mean_of(&same);
    let units = Units::Clusters {
        of: &of,
        count: 100,
    };
    let clusters = bootstrap(&units, &mean, &plan(Kind::Bca)).unwrap();
    let alone = bootstrap(&Units::Rows(400), &mean, &plan(Kind::Bca)).unwrap();
    near(clusters.variance / alone.variance, 4.0, 0.6);
    let blocks = Units::Blocks {
        rows: 400,
        length: 16,
    };
    let blocks = bootstrap(&blocks, &mean, &plan(Kind::Percentile)).unwrap();
    near(blocks.variance / alone.variance, 3.6, 0.9);
    assert_eq!(block_length(0), 1);
    assert_eq!(block_length(1_000), 15);
}

#[test]
fn replicates_without_a_value_are_counted() {
    let units = Units::Rows(20);
    // Without a value where row 0 was not drawn: (1 - 1/20)^20 = 36 % of the replicates.
    let often = |times: &[u32]| (times[0] > 0).then_some(1.0);
    let found = bootstrap(&units, &often, &plan(Kind::Percentile));
    let Err(NoInterval::Replicates {
        undefined,
        replicates,
    }) = found
    else {
        panic!("{found:?}")
    };
    near(f64::from(undefined) / f64::from(replicates), 0.358, 0.05);
    // One of the first four was: 1.2 %.
    let seldom = |times: &[u32]| {
        let first: u32 = times[..4].iter().sum();
        (first > 0).then(|| f64::from(first))
    };
    let found = bootstrap(&units, &seldom, &plan(Kind::Bca)).unwrap();
    assert!(
        found.undefined > 5 && found.undefined < 60,
        "{}",
        found.undefined
    );
    let never = |_: &[u32]| None;
    assert_eq!(
        bootstrap(&units, &never, &plan(Kind::Bca)),
        Err(NoInterval::Undefined)
    );
    let nan = |_: &[u32]| Some(f64::NAN);
    assert_eq!(
        bootstrap(&units, &nan, &plan(Kind::Bca)),
        Err(NoInterval::Undefined)
    );
    let one = |_: &[u32]| Some(1.0);
    let same = bootstrap(&units, &one, &plan(Kind::Bca)).unwrap();
    assert_eq!((same.interval.low, same.interval.high), (1.0, 1.0));
    assert_eq!(
        bootstrap(&Units::Rows(0), &one, &plan(Kind::Bca)),
        Err(NoInterval::NoRows)
    );
    assert!(matches!(
        bootstrap(&Units::Rows(1), &one, &plan(Kind::Bca)),
        Err(NoInterval::TooFew { .. })
    ));
    let units = Units::Clusters {
        of: &[0, 2],
        count: 2,
    };
    assert!(matches!(
        bootstrap(&units, &one, &plan(Kind::Bca)),
        Err(NoInterval::Lengths { .. })
    ));
}

#[test]
fn counts_are_drawn_by_their_distribution() {
    let law = Hypergeometric::new();
    for (trials, p) in [
        (5, 0.3),
        (1_000, 0.002),
        (900, 0.97),
        (100_000, 0.4),
        (3_000_000_000, 0.01),
    ] {
        let mut stream = Stream::new(11, trials);
        let drawn: Vec<f64> = (0..20_000)
            .map(|_| binomial(&law, trials, p, &mut stream) as f64)
            .collect();
        let (mean, variance) = (trials as f64 * p, trials as f64 * p * (1.0 - p));
        let seen = drawn.iter().sum::<f64>() / 20_000.0;
        near((seen - mean) / (variance / 20_000.0).sqrt(), 0.0, 4.5);
        let spread = drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 20_000.0;
        near(spread / variance, 1.0, 0.08);
    }
    let counts = [5, 0, 95, 900];
    let mut into = [0; 4];
    for number in 0..200 {
        multinomial(&law, &counts, &mut Stream::new(1, number), &mut into);
        assert_eq!(into.iter().sum::<u64>(), 1_000);
        assert_eq!(into[1], 0);
    }
}

/// F1 of the candidate less that of the baseline from truth x candidate x baseline.
fn f1(counts: &[f64]) -> Option<f64> {
    let f1 = |hit: f64, called: f64, positive: f64| {
        (called + positive > 0.0).then(|| 2.0 * hit / (called + positive))
    };
    let at = |truth: usize, a: usize, b: usize| counts[truth * 4 + a * 2 + b];
    let positive = at(1, 0, 0) + at(1, 0, 1) + at(1, 1, 0) + at(1, 1, 1);
    let first = |truth| at(truth, 1, 0) + at(truth, 1, 1);
    let second = |truth| at(truth, 0, 1) + at(truth, 1, 1);
    let a = f1(first(1), first(0) + first(1), positive)?;
    Some(a - f1(second(1), second(0) + second(1), positive)?)
}

fn joint(rows: usize) -> Vec<usize> {
    let x = normals(8, rows * 3);
    (0..rows)
        .map(|row| {
            let truth = x[row * 3] > 0.5;
            let one = |noise: f64| x[row * 3] + 0.5 * noise > 0.4;
            let (a, b) = (
                one(x[row * 3 + 1]),
                one(0.7 * x[row * 3 + 1] + 0.7 * x[row * 3 + 2]),
            );
            usize::from(truth) * 4 + usize::from(a) * 2 + usize::from(b)
        })
        .collect()
}

#[test]
fn cells_and_rows_and_sums_say_the_same() {
    let cell = joint(600);
    let mut counts = [0u64; 8];
    for c in &cell {
        counts[*c] += 1;
    }
    let of_counts = |counts: &[u64]| f1(&counts.iter().map(|c| *c as f64).collect::<Vec<f64>>());
    let of_rows = |times: &[u32]| {
        let mut sums = [0.0; 8];
        cell.iter()
            .zip(times)
            .for_each(|(c, t)| sums[*c] += f64::from(*t));
        f1(&sums)
    };
    let terms: Vec<Vec<f64>> = (0..8)
        .map(|kind| {
            cell.iter()
                .map(|c| f64::from(u8::from(*c == kind)))
                .collect()
        })
        .collect();
    let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    let half: Vec<u32> = (0..600).map(|row| row % 3).collect();
    let sums = Sums {
        units: Units::Rows(600),
        terms: &terms,
        slices: &[Parted {
            of: &half,
            count: 2,
        }],
    };
    for kind in [Kind::Percentile, Kind::Bca] {
        let plan = plan(kind);
        let rows = bootstrap(&Units::Rows(600), &of_rows, &plan).unwrap();
        let shared = shared(&sums, &[&f1], &plan).unwrap();
        // The same draws: the same numbers.
        let whole = shared.whole[0].unwrap();
        near(whole.interval.low, rows.interval.low, 1e-12);
        near(whole.interval.high, rows.interval.high, 1e-12);
        assert_eq!(shared.parts[0].len(), 2);
        let by_cell = cells(&counts, &of_counts, &plan).unwrap();
        let deviation = rows.variance.sqrt();
        near(by_cell.variance.sqrt() / deviation, 1.0, 0.08);
        // One row more that only the baseline gets right, or only the candidate.
        assert!(
            by_cell.worst > 0.001 && by_cell.worst < 0.01,
            "{}",
            by_cell.worst
        );
        let rows = rows.allowing(by_cell.worst, plan.alpha);
        near(
            (by_cell.interval.low - rows.interval.low) / deviation,
            0.0,
            0.2,
        );
        near(
            (by_cell.interval.high - rows.interval.high) / deviation,
            0.0,
            0.2,
        );
    }
}

#[test]
fn counts_without_a_difference_say_how_little_they_know() {
    let of_counts = |counts: &[u64]| f1(&counts.iter().map(|c| *c as f64).collect::<Vec<f64>>());
    let same = cells(&[50, 0, 0, 0, 0, 0, 0, 50], &of_counts, &plan(Kind::Bca)).unwrap();
    near(same.interval.low, -same.interval.high, 1e-12);
    near(
        same.interval.high,
        Alpha::FIVE_PERCENT.z().powi(2) * same.worst,
        1e-12,
    );
    let nothing = cells(&[0, 0], &|_: &[u64]| Some(1.0), &plan(Kind::Bca));
    assert_eq!(nothing, Err(NoInterval::NoRows));
}

#[test]
fn many_rows_are_drawn_in_groups() {
    let rows = 10_000;
    let few = Plan {
        replicates: 600,
        ..plan(Kind::Bca)
    };
    let x = normals(21, rows);
    let part: Vec<u32> = (0..rows)
        .map(|row| u32::from(row >= 100) + u32::from(row >= 9_900))
        .collect();
    let ones = vec![1.0; rows];
    let sums = Sums {
        units: Units::Rows(rows),
        terms: &[&x, &ones],
        slices: &[Parted {
            of: &part,
            count: 4,
        }],
    };
    let mean = |sums: &[f64]| (sums[1] > 0.0).then(|| sums[0] / sums[1]);
    let found = shared(&sums, &[&mean], &few).unwrap();
    assert_eq!(found.drawn, GROUPS);
    near(found.whole[0].unwrap().variance * rows as f64, 1.0, 0.25);
    for part in [0, 2] {
        near(found.parts[0][part][0].unwrap().variance * 100.0, 1.0, 0.5);
    }
    assert_eq!(found.parts[0][3], vec![Err(NoInterval::NoRows)]);
    let one = shared(&sums, &[&mean], &Plan { threads: 1, ..few }).unwrap();
    assert_eq!(one, found);
    let short = Sums {
        terms: &[&x[1..]],
        ..sums
    };
    assert!(matches!(
        shared(&short, &[&mean], &few),
        Err(NoInterval::Lengths { .. })
    ));
}
