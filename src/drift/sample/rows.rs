//! What only whole rows show: rows that occur more than once, and how columns go together.

use super::codes::MISSING;
use super::score::{Drawn, Scorer};
use crate::statistics::tails;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Columns whose correlations are looked at, at most; the first ones that can be.
const CORRELATED: usize = 24;

/// Standardised scores beyond this make sums that are far from normal: such a column's correlations are not looked
/// at.
const GREATEST_SCORE: f64 = 4.0;

/// Rows with the same values in every compared column.
#[derive(Debug)]
pub(super) struct Repeated {
    /// Rows by values that more than one row has.
    pub groups: Vec<Vec<u32>>,
    /// Expected repeats of the drawn and of the other side.
    expected: (f64, f64),
}

impl Repeated {
    pub(super) fn new(hashes: &[u64], drawn: Drawn) -> Self {
        let mut rows: HashMap<u64, Vec<u32>, FixedState> = HashMap::default();
        for (hash, row) in hashes.iter().zip(0u32..) {
            rows.entry(*hash).or_default().push(row);
        }
        let mut groups: Vec<Vec<u32>> = rows.into_values().filter(|g| g.len() > 1).collect();
        groups.sort_unstable();
        let share = drawn.share();
        let excess = |rows: f64, share: f64| rows * share - (1.0 - (1.0 - share).powf(rows));
        let sum = |share: f64| groups.iter().map(|g| excess(g.len() as f64, share)).sum();
        Self {
            expected: (sum(share), sum(1.0 - share)),
            groups,
        }
    }

    /// Rows of the drawn and of the other side beyond the first one with the same values.
    pub(super) fn counts(&self, is_drawn: &[bool]) -> (u32, u32) {
        let (mut drawn, mut others) = (0, 0);
        for group in &self.groups {
            let here = group
                .iter()
                .map(|row| u32::from(is_drawn[*row as usize]))
                .sum::<u32>();
            let there = u32::try_from(group.len()).unwrap_or(u32::MAX) - here;
            drawn += here.saturating_sub(1);
            others += there.saturating_sub(1);
        }
        (drawn, others)
    }

    /// More repeats on one side than chance would put there.
    pub(super) fn surprise(&self, is_drawn: &[bool]) -> f64 {
        let (drawn, others) = self.counts(is_drawn);
        let tail = |count: u32, expected| {
            if f64::from(count) > expected {
                tails::poisson(f64::from(count), expected)
            } else {
                0.0
            }
        };
        tails::smallest_of(
            tail(drawn, self.expected.0).min(tail(others, self.expected.1)),
            2.0,
        )
    }
}

/// Products of standardised ranks of two columns: their mean over a side is the rank correlation there, where the
/// side's columns are distributed as both sides' are.
#[derive(Debug)]
pub(super) struct Together {
    /// Columns that take part.
    pub columns: Vec<usize>,
    width: usize,
    /// Standardised ranks, row by row; a missing value counts as the mean.
    scores: Vec<f32>,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    at: usize,
    mean: f64,
    variance: f64,
}

impl Together {
    pub(super) fn new(scorers: &[Scorer], rows: usize) -> Self {
        let mut columns = Vec::new();
        let mut tables = Vec::new();
        for (i, scorer) in scorers.iter().enumerate() {
            if columns.len() < CORRELATED
                && !scorer.coded.derived
                && let Some(table) = standardised(scorer)
            {
                columns.push(i);
                tables.push(table);
            }
        }
        let width = columns.len().next_multiple_of(8);
        let mut ranks = vec![0f32; rows * width];
        for (j, (column, table)) in columns.iter().zip(&tables).enumerate() {
            for (row, code) in scorers[*column].coded.codes.iter().enumerate() {
                if *code != MISSING {
                    ranks[row * width + j] = table[usize::from(*code)];
                }
            }
        }
        let mut together = Self {
            columns,
            width,
            scores: ranks,
            pairs: Vec::new(),
        };
        together.pairs = together.moments(rows);
        together
    }

    /// Pairs of columns whose product varies, with its mean and variance over both sides.
    fn moments(&self, rows: usize) -> Vec<Pair> {
        let width = self.width;
        let mut sums = vec![(0f64, 0f64); width * width];
        for row in self.scores.chunks_exact(width.max(1)) {
            for a in 1..self.columns.len() {
                for (sum, b) in sums[a * width..a * width + a].iter_mut().zip(row) {
                    let product = f64::from(row[a] * b);
                    sum.0 += product;
                    sum.1 += product * product;
                }
            }
        }
        let n = rows as f64;
        let cells = (0..self.columns.len()).flat_map(|a| (0..a).map(move |b| a * width + b));
        let pairs = cells.map(|at| {
            let mean = sums[at].0 / n;
            Pair {
                at,
                mean,
                variance: sums[at].1 / n - mean * mean,
            }
        });
        pairs.filter(|p| p.variance > 1e-9).collect()
    }

    /// The pair whose sum of products over the drawn rows is furthest off.
    pub(super) fn surprise(&self, rows: &[u32], drawn: Drawn) -> f64 {
        let sums = self.sums(rows);
        let least = self
            .pairs
            .iter()
            .map(|p| p.surprise(&sums, drawn))
            .fold(0.0, f64::min);
        tails::smallest_of(least, self.pairs.len() as f64)
    }

    /// Every pair of columns with its own surprise.
    pub(super) fn by_pair(&self, rows: &[u32], drawn: Drawn) -> Vec<((usize, usize), f64)> {
        let sums = self.sums(rows);
        let name = |at: usize| (self.columns[at % self.width], self.columns[at / self.width]);
        self.pairs
            .iter()
            .map(|p| (name(p.at), p.surprise(&sums, drawn)))
            .collect()
    }

    fn sums(&self, rows: &[u32]) -> Vec<f32> {
        let width = self.width;
        let mut sums = vec![0f32; width * width];
        if self.pairs.is_empty() {
            return sums;
        }
        // Sums of a few hundred products lose no digit that matters; they are added up in blocks.
        let mut block = vec![0f32; width * width];
        for part in rows.chunks(512) {
            block.fill(0.0);
            for row in part {
                let start = *row as usize * width;
                let scores = &self.scores[start..start + width];
                for (a, score) in scores.iter().enumerate().take(self.columns.len()) {
                    let upto = (a / 8 + 1) * 8;
                    for (sum, other) in block[a * width..a * width + upto].iter_mut().zip(scores) {
                        *sum += score * other;
                    }
                }
            }
            for (sum, part) in sums.iter_mut().zip(&block) {
                *sum += part;
            }
        }
        sums
    }
}

impl Pair {
    fn surprise(&self, sums: &[f32], drawn: Drawn) -> f64 {
        let (first, all) = (f64::from(drawn.rows), f64::from(drawn.total));
        let variance = first * (all - first) / (all - 1.0) * self.variance;
        tails::normal((f64::from(sums[self.at]) - first * self.mean) / variance.sqrt())
    }
}

/// Ranks by code with mean 0 and deviation 1; of texts, whether it is the most frequent one. `None` where one value
/// is nearly all there is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "scores need no more than 24 bits"
)]
fn standardised(scorer: &Scorer) -> Option<Vec<f32>> {
    let coded = &scorer.coded;
    let valued = f64::from(coded.valued());
    if coded.bins.len() < 2 {
        return None;
    }
    let raw: Vec<f64> = if coded.ordered {
        scorer.ranks.clone()
    } else {
        (0..coded.bins.len())
            .map(|k| if k == 0 { 1.0 } else { 0.0 })
            .collect()
    };
    let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
        raw.iter()
            .zip(&coded.totals)
            .map(|(r, t)| f(*r) * f64::from(*t))
            .sum()
    };
    let mean = sum(&|r| r) / valued;
    let deviation = (sum(&|r| (r - mean) * (r - mean)) / valued).sqrt();
    let ranks: Vec<f64> = raw.iter().map(|r| (r - mean) / deviation).collect();
    let fits = deviation > 1e-6 && ranks.iter().all(|s| s.abs() <= GREATEST_SCORE);
    fits.then(|| ranks.iter().map(|s| *s as f32).collect())
}
