//! The time of 10 metrics on 100 slices of 1,000,000 rows with 1,000 replicates.

use crate::world::{Harm, LINE, Random, Rows, Shape, draw, score};
use std::time::Instant;
use tollgate::statistics::paired::Alpha;
use tollgate::statistics::paired::auc::{Scores, Weights, delong};
use tollgate::statistics::paired::bootstrap::{Kind, Plan, Units};
use tollgate::statistics::paired::search::{Search, worst_slices};
use tollgate::statistics::paired::shared::{OfSums, Parted, Sums, shared};

const ROWS: usize = 1_000_000;

/// Counts of one model in the order: true positive, false positive, false negative, true negative.
type Cells = [f64; 4];

/// Differences of a function of both models' counts, which are the first eight sums.
fn cells(sums: &[f64], of: fn(Cells) -> f64) -> Option<f64> {
    let side = |at: usize| [sums[at], sums[at + 1], sums[at + 2], sums[at + 3]];
    let value = of(side(0)) - of(side(4));
    value.is_finite().then_some(value)
}

/// A difference of mean losses, whose sums are at `at` and `at + 1`.
fn loss(sums: &[f64], at: usize) -> Option<f64> {
    let rows: f64 = sums[..4].iter().sum();
    (rows > 0.0).then(|| (sums[at + 1] - sums[at]) / rows)
}

fn matthews([tp, fp, fnn, tn]: Cells) -> f64 {
    (tp * tn - fp * fnn) / ((tp + fp) * (tp + fnn) * (tn + fp) * (tn + fnn)).sqrt()
}

fn kappa([tp, fp, fnn, tn]: Cells) -> f64 {
    let n = tp + fp + fnn + tn;
    let chance = ((tp + fp) * (tp + fnn) + (fnn + tn) * (fp + tn)) / (n * n);
    ((tp + tn) / n - chance) / (1.0 - chance)
}

const METRICS: [OfSums; 10] = [
    &|s| cells(s, |[tp, fp, fnn, tn]| (tp + tn) / (tp + fp + fnn + tn)),
    &|s| cells(s, |[tp, _, fnn, _]| tp / (tp + fnn)),
    &|s| cells(s, |[tp, fp, ..]| tp / (tp + fp)),
    &|s| cells(s, |[_, fp, _, tn]| tn / (tn + fp)),
    &|s| cells(s, |[tp, fp, fnn, _]| 2.0 * tp / (2.0 * tp + fp + fnn)),
    &|s| cells(s, matthews),
    &|s| cells(s, kappa),
    &|s| loss(s, 8),
    &|s| loss(s, 10),
    &|s| loss(s, 12),
];

/// Prints seconds of each part.
pub(crate) fn run() {
    let harm = Harm::Spread {
        wider: 2.0,
        lower: 0.0,
    };
    let rows = draw(&mut Random::new(1), ROWS, Shape::Alone, harm);
    let terms = terms(&rows);
    let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    let mut random = Random::new(2);
    let mut column = || {
        (0..ROWS)
            .map(|_| (random.uniform() * 10.0) as u32)
            .collect()
    };
    let codes: Vec<Vec<u32>> = (0..10).map(|_| column()).collect();
    let slices: Vec<Parted> = codes.iter().map(|of| Parted { of, count: 10 }).collect();
    resampled(&terms, &slices);
    areas(&rows, &codes);
    searched(&terms, &slices);
}

/// Row terms of the metrics: counts of cells, then losses.
fn terms(rows: &Rows) -> Vec<Vec<f64>> {
    let number = |is: bool| f64::from(u8::from(is));
    let mut terms: Vec<Vec<f64>> = Vec::new();
    let both = [&rows.candidate, &rows.baseline];
    for said in both {
        for (truth, called) in [(true, true), (false, true), (true, false), (false, false)] {
            let cell = rows.positive.iter().zip(said);
            terms.push(
                cell.map(|(is, s)| number(*is == truth && (*s > LINE) == called))
                    .collect(),
            );
        }
    }
    for loss in [
        |is: f64, s: f64, _: f64| -(is * score(s).ln() + (1.0 - is) * (1.0 - score(s)).ln()),
        |is: f64, s: f64, _: f64| (score(s) - is).powi(2),
        |_: f64, s: f64, v: f64| (s - v).abs(),
    ] {
        for said in both {
            let row = |at: usize| loss(number(rows.positive[at]), said[at], rows.value[at]);
            terms.push((0..ROWS).map(row).collect());
        }
    }
    terms
}

fn resampled(terms: &[&[f64]], slices: &[Parted]) {
    for kind in [Kind::Percentile, Kind::Bca] {
        for threads in [1, 2] {
            let plan = Plan {
                seed: 1,
                replicates: 1_000,
                threads,
                alpha: Alpha::FIVE_PERCENT,
                kind,
            };
            let sums = Sums {
                units: Units::Rows(ROWS),
                terms,
                slices,
            };
            let clock = Instant::now();
            let found = shared(&sums, &METRICS, &plan);
            let intervals = found.map_or(0, |f| {
                f.parts
                    .iter()
                    .flatten()
                    .flatten()
                    .filter(|r| r.is_ok())
                    .count()
            });
            let seconds = clock.elapsed().as_secs_f64();
            println!(
                "10 metrics x 100 slices, {kind:?}, {threads} threads: {seconds:.2} s, {intervals} intervals"
            );
        }
    }
}

fn searched(terms: &[&[f64]], slices: &[Parted]) {
    let differences: Vec<f64> = terms[8].iter().zip(terms[9]).map(|(c, b)| b - c).collect();
    let search = Search {
        differences: &differences,
        clusters: None,
        columns: slices,
        least_rows: 50,
        least_differing: 10,
        seed: 1,
        replicates: 1_000,
        threads: 2,
        alpha: Alpha::FIVE_PERCENT,
    };
    let clock = Instant::now();
    let slices = worst_slices(&search).map_or(0, |found| found.slices.len());
    println!(
        "worst of {slices} slices of one and two columns: {:.2} s",
        clock.elapsed().as_secs_f64()
    );
}

/// `DeLong`'s intervals of all rows and of each slice, on one thread.
fn areas(rows: &Rows, codes: &[Vec<u32>]) {
    let clock = Instant::now();
    let mut made = 0;
    let mut one = |at: &[usize]| {
        let pick = |values: &[f64]| -> Vec<f64> { at.iter().map(|row| values[*row]).collect() };
        let positive: Vec<bool> = at.iter().map(|row| rows.positive[*row]).collect();
        let (candidate, baseline) = (pick(&rows.candidate), pick(&rows.baseline));
        let scores = Scores {
            positive: &positive,
            candidate: &candidate,
            baseline: &baseline,
            weights: Weights::Equal,
            clusters: None,
        };
        made += u32::from(delong(&scores, Alpha::FIVE_PERCENT).is_ok());
    };
    one(&(0..ROWS).collect::<Vec<usize>>());
    println!(
        "ROC AUC of 1,000,000 rows: {:.2} s",
        clock.elapsed().as_secs_f64()
    );
    for column in codes {
        for part in 0..10 {
            one(&(0..ROWS)
                .filter(|row| column[*row] == part)
                .collect::<Vec<usize>>());
        }
    }
    println!(
        "and of 100 slices, one thread: {:.2} s, {made} intervals",
        clock.elapsed().as_secs_f64()
    );
}
