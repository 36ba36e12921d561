//! Columns as the others foretell them: what is left of each is one more column to be looked at.
//!
//! A column that is joined to the wrong rows, shifted a little, or stuck keeps much of its own distribution and still
//! no longer fits the rest of its rows. The fit is made of both sides' rows and never looks at which side a row is
//! on, so that it is the same for every labelling.

use super::codes::{Coded, MISSING};
use super::score::Scorer;

/// Columns that foretell each other, at most; the first ones that can.
pub(super) const COLUMNS: usize = 24;

/// Least share of a column's variance that the others have to explain.
const EXPLAINED: f64 = 0.1;

/// Share of the variance that is added to every column's own before the fit, so that columns that say the same do
/// not stand in for each other with huge weights.
const RIDGE: f64 = 1e-4;

/// Standardised columns, row by row.
#[derive(Debug)]
pub(super) struct Standard {
    /// The scored columns that take part.
    pub columns: Vec<usize>,
    /// Values per row: the columns, and zeros up to a multiple of eight.
    pub width: usize,
    /// Scores with mean 0 and deviation 1; a missing value counts as the mean.
    pub scores: Vec<f32>,
    /// Rows.
    rows: usize,
}

impl Standard {
    pub(super) fn new(scorers: &[Scorer], rows: usize) -> Self {
        let can = |i: &usize| scorers[*i].coded.bins.len() > 1 && !scorers[*i].coded.derived;
        let columns: Vec<usize> = (0..scorers.len()).filter(can).take(COLUMNS).collect();
        let width = columns.len().next_multiple_of(8);
        let mut standard = Self {
            scores: vec![0f32; rows * width],
            columns,
            width,
            rows,
        };
        let ordered = |i: usize| scorers[i].coded.ordered;
        for j in 0..standard.columns.len() {
            let column = standard.columns[j];
            if ordered(column) {
                let ranks = scorers[column].ranks.clone();
                standard.fill(j, &scorers[column].coded, ranks);
            }
        }
        let numbers: Vec<usize> = (0..standard.columns.len())
            .filter(|j| ordered(standard.columns[*j]))
            .collect();
        for j in 0..standard.columns.len() {
            let column = standard.columns[j];
            if !ordered(column) {
                let coded = &scorers[column].coded;
                let raw = standard.encoded(coded, &numbers);
                standard.fill(j, coded, raw);
            }
        }
        standard
    }

    /// Puts scores by code into a column, standardised.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "scores need no more than 24 bits"
    )]
    fn fill(&mut self, j: usize, coded: &Coded, raw: Vec<f64>) {
        let valued = f64::from(coded.valued());
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            raw.iter()
                .zip(&coded.totals)
                .map(|(r, t)| f(*r) * f64::from(*t))
                .sum()
        };
        let mean = sum(&|r| r) / valued;
        let deviation = (sum(&|r| (r - mean) * (r - mean)) / valued).sqrt();
        let deviation = if deviation > 1e-9 {
            deviation
        } else {
            f64::INFINITY
        };
        let table: Vec<f32> = raw
            .iter()
            .map(|r| ((r - mean) / deviation) as f32)
            .collect();
        for (row, code) in coded.codes.iter().enumerate() {
            if *code != MISSING {
                self.scores[row * self.width + j] = table[usize::from(*code)];
            }
        }
    }

    /// Categories as numbers: their means of that column of numbers which differs most between them, of rare ones
    /// drawn towards the mean of all; whether it is the most frequent one where there are no numbers.
    fn encoded(&self, coded: &Coded, numbers: &[usize]) -> Vec<f64> {
        let bins = coded.bins.len();
        let mut sums = vec![0f64; bins * self.width];
        for (row, code) in coded
            .codes
            .iter()
            .enumerate()
            .filter(|(_, c)| **c != MISSING)
        {
            let scores = &self.scores[row * self.width..(row + 1) * self.width];
            let at = usize::from(*code) * self.width;
            for (sum, score) in sums[at..at + self.width].iter_mut().zip(scores) {
                *sum += f64::from(*score);
            }
        }
        let between = |j: usize| -> f64 {
            let of = |k: usize| {
                let sum = sums[k * self.width + j];
                sum * sum / f64::from(coded.totals[k])
            };
            (0..bins).map(of).sum()
        };
        let best = numbers
            .iter()
            .map(|j| (*j, between(*j)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((j, _)) => (0..bins)
                .map(|k| sums[k * self.width + j] / (f64::from(coded.totals[k]) + 3.0))
                .collect(),
            None => (0..bins).map(|k| if k == 0 { 1.0 } else { 0.0 }).collect(),
        }
    }

    /// Mean products of the columns.
    fn products(&self) -> Vec<Vec<f64>> {
        let (k, width) = (self.columns.len(), self.width);
        let mut sums = vec![0f64; k * width];
        let mut block = vec![0f32; k * width];
        for rows in self.scores.chunks(512 * width.max(1)) {
            block.fill(0.0);
            for row in rows.chunks_exact(width) {
                for (a, score) in row.iter().enumerate().take(k) {
                    let upto = (a / 8 + 1) * 8;
                    for (sum, other) in block[a * width..a * width + upto].iter_mut().zip(row) {
                        *sum += score * other;
                    }
                }
            }
            for (sum, part) in sums.iter_mut().zip(&block) {
                *sum += f64::from(*part);
            }
        }
        let at = |a: usize, b: usize| sums[a.max(b) * width + a.min(b)] / self.rows as f64;
        (0..k).map(|a| (0..k).map(|b| at(a, b)).collect()).collect()
    }

    /// The fits of those columns that the others explain a part of.
    ///
    /// Source: the rows of the inverse of the columns' covariance are the regressions of each on all others.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "weights need no more than 24 bits"
    )]
    pub(super) fn explained(&self) -> Vec<Fit> {
        let k = self.columns.len();
        if k < 2 || self.rows < 4 {
            return Vec::new();
        }
        let mut products = self.products();
        let variances: Vec<f64> = (0..k).map(|j| products[j][j]).collect();
        let ridge = RIDGE + 0.2 * k as f64 / self.rows as f64;
        for (j, row) in products.iter_mut().enumerate() {
            row[j] += ridge;
        }
        let Some(inverse) = inverted(products) else {
            return Vec::new();
        };
        let fit = |j: usize| {
            let own = inverse[j][j];
            let explained = 1.0 - 1.0 / (own * (variances[j] + ridge));
            // A column that is hardly there has too few values to be explained.
            let is_explained = variances[j] > 0.5 && explained >= EXPLAINED;
            let mut weights: Vec<f32> = inverse[j].iter().map(|w| (w / own) as f32).collect();
            weights.resize(self.width, 0.0);
            is_explained.then_some(Fit { column: j, weights })
        };
        (0..k).filter_map(fit).collect()
    }

    /// What the others leave of a column, row by row; NaN where it has no value.
    pub(super) fn left(&self, fit: &Fit, scorers: &[Scorer]) -> Vec<f64> {
        let codes = &scorers[self.columns[fit.column]].coded.codes;
        let value = |(row, code): (&[f32], &u8)| {
            if *code == MISSING {
                return f64::NAN;
            }
            f64::from(product(row, &fit.weights))
        };
        let rows = self.scores.chunks_exact(self.width);
        rows.zip(codes).map(value).collect()
    }
}

/// A column's regression on the others.
#[derive(Debug)]
pub(super) struct Fit {
    /// Position among the standardised columns.
    pub column: usize,
    /// What each column is taken by; the column itself by one.
    weights: Vec<f32>,
}

/// Sum of the products, in eight sums that are added up at the end; the length is a multiple of eight.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// The inverse of a symmetric positive matrix by elimination; `None` where it has none.
fn inverted(mut m: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let k = m.len();
    let mut inverse: Vec<Vec<f64>> = (0..k)
        .map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for i in 0..k {
        let pivot = m[i][i];
        if pivot.is_nan() || pivot < 1e-12 {
            return None;
        }
        for j in 0..k {
            m[i][j] /= pivot;
            inverse[i][j] /= pivot;
        }
        for other in (0..k).filter(|o| *o != i) {
            let factor = m[other][i];
            for j in 0..k {
                m[other][j] -= factor * m[i][j];
                inverse[other][j] -= factor * inverse[i][j];
            }
        }
    }
    Some(inverse)
}
