use super::super::auc::{Scores, Weights, delong};
use super::super::mean::{Losses, skew_t};
use super::super::proportions::{Pairs, mcnemar_exact, shares, tango};
use super::super::series::{LongRun, hac};
use super::super::unpaired::{Side, unpaired};
use super::super::{Alpha, NoInterval, score_half};
use super::{near, normals};
use crate::statistics::intervals::Share;

const FIVE: Alpha = Alpha::FIVE_PERCENT;

fn ln_factorial(n: u64) -> f64 {
    (1..=n).map(|k| (k as f64).ln()).sum()
}

/// Chance that the lower bound is above the truth, over all counts of so many rows: nothing is drawn.
fn false_promotions(rows: u64, gained: f64, lost: f64) -> f64 {
    let (truth, same) = (gained - lost, 1.0 - gained - lost);
    let mut chance = 0.0;
    for b in 0..=rows {
        for c in 0..=rows - b {
            let pairs = Pairs {
                rows,
                gained: b,
                lost: c,
            };
            if tango(pairs, FIVE).unwrap().interval.low > truth {
                let ways = ln_factorial(rows)
                    - ln_factorial(b)
                    - ln_factorial(c)
                    - ln_factorial(rows - b - c);
                let logs = |k: u64, p: f64| if k == 0 { 0.0 } else { k as f64 * p.ln() };
                chance += (ways + logs(b, gained) + logs(c, lost) + logs(rows - b - c, same)).exp();
            }
        }
    }
    chance
}

#[test]
fn tango_holds_its_level_over_all_tables_of_few_rows() {
    for rows in [20, 50, 90] {
        for (gained, lost) in [
            (0.0, 0.05),
            (0.02, 0.07),
            (0.1, 0.1),
            (0.3, 0.1),
            (0.0, 0.3),
            (0.05, 0.0),
        ] {
            let chance = false_promotions(rows, gained, lost);
            // A score interval holds its level on average over truths, not at each: worst where nothing can be lost.
            let most = if gained > lost { 0.085 } else { 0.06 };
            assert!(
                chance < most,
                "{rows} rows, {gained} gained, {lost} lost: {chance}"
            );
        }
    }
}

#[test]
fn tango_at_its_edges() {
    let at = |rows, gained, lost| {
        let pairs = Pairs { rows, gained, lost };
        tango(pairs, FIVE)
    };
    let square = FIVE.z() * FIVE.z();
    let none = at(44, 0, 0).unwrap();
    near(none.interval.high, square / (44.0 + square), 1e-12);
    near(none.interval.low, -none.interval.high, 1e-15);
    near(at(5, 5, 0).unwrap().interval.high, 1.0, 0.0);
    near(at(5, 0, 5).unwrap().interval.low, -1.0, 0.0);
    assert!(at(1, 0, 1).unwrap().interval.high < 0.9);
    assert_eq!(at(0, 0, 0), Err(NoInterval::NoRows));
    assert_eq!(at(5, 4, 2), Err(NoInterval::Counts { part: 6, rows: 5 }));
    // Turned round, gains are losses.
    let (a, b) = (at(300, 12, 31).unwrap(), at(300, 31, 12).unwrap().turned());
    near(a.interval.low, b.interval.low, 1e-12);
    near(a.interval.high, b.interval.high, 1e-12);
    let few = mcnemar_exact(Pairs {
        rows: 9,
        gained: 0,
        lost: 5,
    });
    near(few.worse, 1.0 / 32.0, 1e-12);
    near(few.better, 1.0, 1e-12);
    near(few.two_sided, 1.0 / 16.0, 1e-12);
}

#[test]
fn the_exact_test_carries_every_block() {
    // By enumeration: the chance of a block where both are equally often wrong alone.
    for all in [4u64, 7, 12, 40] {
        let mut chance = 0.0;
        for lost in 0..=all {
            let pairs = Pairs {
                rows: 2_000,
                gained: all - lost,
                lost,
            };
            let (found, plain) = (shares(pairs, FIVE).unwrap(), tango(pairs, FIVE).unwrap());
            assert!(
                found.interval.low <= plain.interval.low
                    && found.interval.high >= plain.interval.high
            );
            assert_eq!(
                found.interval.high < 0.0,
                mcnemar_exact(pairs).worse <= 0.05
            );
            if found.interval.high < 0.0 {
                let ways = ln_factorial(all) - ln_factorial(lost) - ln_factorial(all - lost);
                chance += (ways - all as f64 * 2f64.ln()).exp();
            }
        }
        assert!(chance <= 0.05, "{all} rows differ: {chance}");
    }
}

#[test]
fn pairs_are_counted() {
    let pairs = Pairs::of(
        &[true, true, false, false, true],
        &[true, false, true, false, false],
    );
    assert_eq!((pairs.rows, pairs.gained, pairs.lost), (5, 2, 1));
    near(pairs.difference(), 0.2, 1e-15);
}

fn losses(differences: &[f64]) -> Losses<'_> {
    Losses {
        differences,
        weights: None,
        clusters: None,
        largest: None,
    }
}

/// Without an allowance for rows that were not drawn.
fn seen(differences: &[f64]) -> Losses<'_> {
    Losses {
        largest: Some(0.0),
        ..losses(differences)
    }
}

#[test]
fn means_scale_and_move() {
    let x = normals(5, 300);
    let plain = skew_t(&seen(&x), FIVE).unwrap();
    let moved: Vec<f64> = x.iter().map(|v| 3.0 * v - 2.0).collect();
    let other = skew_t(&seen(&moved), FIVE).unwrap();
    near(other.interval.low, 3.0 * plain.interval.low - 2.0, 1e-9);
    near(other.interval.high, 3.0 * plain.interval.high - 2.0, 1e-9);
    let negative: Vec<f64> = x.iter().map(|v| -v).collect();
    let turned = skew_t(&seen(&negative), FIVE).unwrap();
    near(turned.interval.low, -plain.interval.high, 1e-9);
    // Weights that are all alike say nothing; a cluster per row neither.
    let same = Losses {
        weights: Some(&[7.0; 300]),
        clusters: Some(&(0..300).collect::<Vec<u32>>()),
        ..seen(&x)
    };
    near(
        skew_t(&same, FIVE).unwrap().interval.low,
        plain.interval.low,
        1e-9,
    );
    // Rows written twice are one observation in a cluster, not two.
    let twice: Vec<f64> = x.iter().flat_map(|v| [*v, *v]).collect();
    let of: Vec<u32> = (0..600).map(|row| row / 2).collect();
    let clustered = Losses {
        clusters: Some(&of),
        ..seen(&twice)
    };
    let clustered = skew_t(&clustered, FIVE).unwrap();
    near(clustered.interval.low, plain.interval.low, 1e-9);
    near(
        clustered.variance_of_difference,
        2.0 * plain.variance_of_difference,
        1e-9,
    );
    // The largest difference seen stands in for one that is known.
    let largest = x.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    let known = Losses {
        largest: Some(largest),
        ..losses(&x)
    };
    let (known, wide) = (skew_t(&known, FIVE), skew_t(&losses(&x), FIVE));
    assert_eq!(known, wide);
    let room = plain.interval.low - wide.unwrap().interval.low;
    let t = FIVE.t(299.0);
    assert!(
        room > t * t * largest / 620.0 && room < t * t * largest / 300.0,
        "{room}"
    );
}

#[test]
fn means_at_their_edges() {
    let none = [0.0; 60];
    let found = skew_t(&losses(&none), FIVE).unwrap();
    assert_eq!(
        (found.interval.low, found.interval.high, found.differing),
        (0.0, 0.0, 0)
    );
    let bounded = Losses {
        largest: Some(1.0),
        ..losses(&none)
    };
    let t = FIVE.t(59.0);
    near(
        skew_t(&bounded, FIVE).unwrap().interval.low,
        -t * t / 60.0,
        1e-12,
    );
    assert_eq!(skew_t(&losses(&[]), FIVE), Err(NoInterval::NoRows));
    assert!(matches!(
        skew_t(&losses(&[1.0]), FIVE),
        Err(NoInterval::TooFew { units: 1, .. })
    ));
    assert_eq!(
        skew_t(&losses(&[1.0, f64::NAN]), FIVE),
        Err(NoInterval::NotANumber { row: 1 })
    );
    let weighted = |weights: &'static [f64]| {
        let losses = Losses {
            weights: Some(weights),
            ..losses(&[1.0, 2.0])
        };
        skew_t(&losses, FIVE)
    };
    assert_eq!(weighted(&[0.0, 0.0]), Err(NoInterval::Weights));
    assert_eq!(weighted(&[-1.0, 2.0]), Err(NoInterval::Weights));
    assert!(matches!(weighted(&[1.0]), Err(NoInterval::Lengths { .. })));
}

#[test]
fn series_that_stay_alike_are_less_sure() {
    let noise = normals(9, 1_000);
    let mut last = 0.0;
    let slow: Vec<f64> = noise
        .iter()
        .map(|v| {
            last = 0.8 * last + v;
            last
        })
        .collect();
    for kind in [LongRun::NeweyWest, LongRun::Cosines] {
        let (a, b) = (
            hac(&noise, 1, kind, FIVE).unwrap(),
            hac(&slow, 1, kind, FIVE).unwrap(),
        );
        let ratio = b.variance_of_difference / a.variance_of_difference;
        // The long-run variance of the slow one is 25 times that of its noise.
        assert!(ratio > 8.0 && ratio < 60.0, "{kind:?}: {ratio}");
    }
    assert!(matches!(
        hac(&noise[..7], 1, LongRun::Cosines, FIVE),
        Err(NoInterval::TooFew { .. })
    ));
    assert!(matches!(
        hac(&noise[..30], 20, LongRun::Cosines, FIVE),
        Err(NoInterval::TooFew { .. })
    ));
    assert!(hac(&[0.0; 30], 1, LongRun::NeweyWest, FIVE).is_ok());
}

/// Scores of so many rows, of which a fifth is positive.
fn scored(rows: usize) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let positive: Vec<bool> = (0..rows).map(|row| row % 5 == 0).collect();
    let (shared, own) = (normals(1, rows), normals(2, rows));
    let base = |row: usize| shared[row] + f64::from(u8::from(positive[row]));
    let candidate = (0..rows).map(|row| base(row) + 0.3 * own[row]).collect();
    let baseline = (0..rows).map(base).collect();
    (positive, candidate, baseline)
}

#[test]
fn areas_of_repeated_rows_and_clusters() {
    let (positive, candidate, baseline) = scored(200);
    let plain = Scores {
        positive: &positive,
        candidate: &candidate,
        baseline: &baseline,
        weights: Weights::Equal,
        clusters: None,
    };
    let one = delong(&plain, FIVE).unwrap();
    near(one.influence.iter().sum::<f64>(), 0.0, 1e-12);
    let twice = Scores {
        weights: Weights::Importance(&[2.0; 200]),
        ..plain
    };
    near(delong(&twice, FIVE).unwrap().variance, one.variance, 1e-12);
    let per_row = one.per_row();
    let mean = skew_t(&losses(&per_row), FIVE).unwrap();
    near(mean.difference, one.paired.difference, 1e-12);
    near(
        mean.variance_of_difference / one.paired.variance_of_difference,
        1.0,
        0.05,
    );
    // Monotone scores change nothing, and swapping the models turns it round.
    let stretched: Vec<f64> = candidate.iter().map(|s| s.exp()).collect();
    let other = Scores {
        candidate: &baseline,
        baseline: &stretched,
        ..plain
    };
    let other = delong(&other, FIVE).unwrap();
    near(
        other.paired.turned().interval.low,
        one.paired.interval.low,
        1e-12,
    );
    let alone: Vec<u32> = (0..200).rev().collect();
    let clustered = Scores {
        clusters: Some(&alone),
        ..plain
    };
    near(
        delong(&clustered, FIVE).unwrap().variance / one.variance,
        1.0,
        0.05,
    );
}

/// Positives in few clusters: what is known of their spread is known of few, whatever the number of clusters.
#[test]
fn areas_of_few_clusters_with_positives_are_known_less() {
    let rows = 600_usize;
    let width = |holding: usize| {
        let of: Vec<u32> = (0..600).map(|row| row / 10).collect();
        let positive: Vec<bool> = (0..rows)
            .map(|row| row / 10 < holding && row % 2 == 0)
            .collect();
        let score = |salt: usize| -> Vec<f64> {
            let noise = |row: usize| ((row * 7919 + salt) % 1_000) as f64 / 1_000.0;
            (0..rows)
                .map(|row| noise(row) + f64::from(u8::from(positive[row])))
                .collect()
        };
        let (candidate, baseline) = (score(1), score(500));
        let found = delong(
            &Scores {
                positive: &positive,
                candidate: &candidate,
                baseline: &baseline,
                weights: Weights::Equal,
                clusters: Some(&of),
            },
            FIVE,
        );
        let found = found.unwrap();
        let half = found.paired.interval.high - found.paired.difference;
        let worst = found.paired.worst_row / rows as f64;
        half / score_half(found.variance, worst, FIVE.z())
    };
    assert!(
        width(40) < 1.1 && width(3) > 1.3,
        "{} {}",
        width(40),
        width(3)
    );
}

#[test]
fn areas_of_few_rows_allow_for_harm_that_was_not_drawn() {
    let (positive, candidate, _) = scored(220);
    let same = Scores {
        positive: &positive,
        candidate: &candidate,
        baseline: &candidate,
        weights: Weights::Equal,
        clusters: None,
    };
    let found = delong(&same, FIVE).unwrap();
    let z = FIVE.z();
    near(found.plain.low, 0.0, 0.0);
    near(found.paired.interval.low, -z * z / 44.0, 1e-12);
    assert_eq!(found.paired.differing, 0);
    // With a large variance the allowance is half of that, with many rows nothing.
    near(
        score_half(1e-2, 1e-4, z) - z * 0.1,
        z * z * 1e-4 / 2.0,
        1e-6,
    );
    near(score_half(0.04, 0.0, 2.0), 0.4, 1e-15);
    let one_class = Scores {
        positive: &[true; 220],
        ..same
    };
    assert_eq!(delong(&one_class, FIVE), Err(NoInterval::OneClass));
    let mut broken = candidate.clone();
    broken[7] = f64::NAN;
    let broken = Scores {
        baseline: &broken,
        ..same
    };
    assert_eq!(
        delong(&broken, FIVE),
        Err(NoInterval::NotANumber { row: 7 })
    );
    let single = Scores {
        positive: &[true, false, false],
        candidate: &[0.1, 0.2, 0.3],
        baseline: &[0.1, 0.2, 0.3],
        weights: Weights::Equal,
        clusters: None,
    };
    assert!(matches!(
        delong(&single, FIVE),
        Err(NoInterval::TooFew { units: 1, .. })
    ));
}

#[test]
fn summaries_and_bare_numbers() {
    let known = Side::Estimate {
        value: 0.8,
        standard_error: 0.01,
        rows: None,
    };
    let number = Side::Number(0.8);
    assert_eq!(unpaired(known, number, FIVE), Err(NoInterval::Bare));
    assert_eq!(unpaired(number, known, FIVE), Err(NoInterval::Bare));
    let found = unpaired(known, known, FIVE).unwrap();
    near(found.interval.high, FIVE.z() * 0.01 * 2f64.sqrt(), 1e-9);
    assert_eq!(found.rows, 0);
    let counts = Side::Counts(Share {
        hits: 80,
        rows: 100,
    });
    let mixed = unpaired(known, counts, FIVE).unwrap();
    assert!(mixed.interval.low < -0.05 && mixed.interval.high > 0.05);
    let broken = Side::Counts(Share { hits: 3, rows: 2 });
    assert!(matches!(
        unpaired(known, broken, FIVE),
        Err(NoInterval::Counts { .. })
    ));
    let negative = Side::Estimate {
        value: 0.8,
        standard_error: -0.01,
        rows: None,
    };
    assert!(matches!(
        unpaired(known, negative, FIVE),
        Err(NoInterval::NotANumber { .. })
    ));
}
