//! What only whole rows show: rows that occur more than once, and how columns go together.

use super::codes::MISSING;
use super::groups::Groups;
use super::score::{Drawn, Scorer};
use crate::statistics::tails;

/// Columns whose correlations are looked at, at most; the first ones that can be.
const CORRELATED: usize = 24;

/// Standardised scores beyond this make sums that are far from normal: such a column's correlations are not looked
/// at.
const GREATEST_SCORE: f64 = 4.0;

/// Rows with the same values in every compared column.
#[derive(Debug)]
pub(super) struct Repeated {
    /// Rows by values that more than one row has.
    pub groups: Groups,
    /// Of the drawn and of the other side.
    chance: [Chance; 2],
}

/// What the repeats of a side are by chance.
#[derive(Debug, Clone, Copy)]
struct Chance {
    expected: f64,
    variance: f64,
    most: f64,
    /// Share of the pairs of rows that are both on the side.
    pairs: f64,
}

impl Repeated {
    /// Of rows in the order of their hashes.
    pub(super) fn new(hashes: &[u64], drawn: Drawn) -> Self {
        let groups = Groups::runs(hashes);
        let share = drawn.share();
        let total = f64::from(drawn.total);
        Self {
            chance: [share, 1.0 - share].map(|s| Chance::new(&groups, s, total)),
            groups,
        }
    }

    /// Rows of the drawn and of the other side beyond the first one with the same values.
    pub(super) fn counts(&self, is_drawn: &[bool]) -> (u32, u32) {
        self.groups
            .drawn(is_drawn)
            .fold((0, 0), |(drawn, others), (size, here)| {
                (
                    drawn + here.saturating_sub(1),
                    others + (size - here).saturating_sub(1),
                )
            })
    }

    /// More repeats on one side than chance would put there: pairs of equal rows, each by one over the size of its
    /// group.
    ///
    /// Source: the score of the rate at which rows are copied, where each group's rows come as a Poisson number.
    pub(super) fn surprise(&self, is_drawn: &[bool]) -> f64 {
        let (mut drawn, mut others) = (0.0, 0.0);
        for (size, here) in self.groups.drawn(is_drawn) {
            let (size, here) = (f64::from(size), f64::from(here));
            drawn += here * (here - 1.0) / size;
            others += (size - here) * (size - here - 1.0) / size;
        }
        let [a, b] = &self.chance;
        tails::smallest_of(a.tail(drawn).min(b.tail(others)), 2.0)
    }
}

impl Chance {
    /// Moments of the sum over the groups, their rows drawn with probability `share`, given that the number drawn of
    /// all rows is fixed.
    fn new(groups: &Groups, share: f64, total: f64) -> Self {
        let (mut most, mut variance, mut together) = (0.0, 0.0, 0.0);
        let s = share;
        for g in groups.sizes().map(f64::from) {
            let falling = |k: i32| (0..k).map(|i| g - f64::from(i)).product::<f64>();
            let two = falling(2) * s * s;
            let square = falling(4) * s.powi(4) + 4.0 * falling(3) * s.powi(3) + 2.0 * two;
            variance += (square - two * two) / (g * g);
            together += 2.0 * two * (1.0 - s) / g;
            most += g - 1.0;
        }
        let pairs = s * (s * total - 1.0) / (total - 1.0);
        Self {
            expected: most * pairs,
            variance: variance - together * together / (total * s * (1.0 - s)),
            most,
            pairs,
        }
    }

    /// Tail of the binomial distribution with the same mean, variance and end.
    fn tail(&self, sum: f64) -> f64 {
        if sum <= self.expected || self.variance <= 0.0 || self.pairs <= 0.0 {
            return 0.0;
        }
        let unit = self.variance / (self.expected * (1.0 - self.pairs));
        tails::binomial(sum / unit, self.most / unit, self.pairs)
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
        // Sums of a few hundred products lose no digit that matters; they are added up in blocks, four rows at a time.
        let mut block = vec![0f32; width * width];
        let scores = |row: &u32| {
            let start = *row as usize * width;
            &self.scores[start..start + width]
        };
        for part in rows.chunks(512) {
            block.fill(0.0);
            let mut fours = part.chunks_exact(4);
            for four in &mut fours {
                let [p, q, r, s] = [0, 1, 2, 3].map(|i| scores(&four[i]));
                for a in 0..self.columns.len() {
                    let upto = (a / 8 + 1) * 8;
                    let sums = &mut block[a * width..a * width + upto];
                    let others = p.iter().zip(q).zip(r.iter().zip(s));
                    for (sum, ((w, x), (y, z))) in sums.iter_mut().zip(others) {
                        *sum += (p[a] * w + q[a] * x) + (r[a] * y + s[a] * z);
                    }
                }
            }
            for row in fours.remainder().iter().map(scores) {
                for a in 0..self.columns.len() {
                    let upto = (a / 8 + 1) * 8;
                    for (sum, other) in block[a * width..a * width + upto].iter_mut().zip(row) {
                        *sum += row[a] * other;
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
