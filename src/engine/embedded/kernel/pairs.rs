//! Exact numbers over two columns: correlations of numbers, and how much one tells of the other.

use super::Considered;
use super::keys::{Digest, DigestMap, Encoder, is_null, select};
use super::numbers::{Found, numbers};
use crate::error::Result;
use arrow::array::RecordBatch;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What is asked of two columns of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfNumbers {
    /// `correlation`, Pearson's.
    Pearson,
    /// `correlation` of the ranks, Spearman's; equal values have the mean of their ranks.
    Spearman,
    /// `ratio` of the sums of both.
    RatioOfSums,
}

/// Pairs of numbers of the rows in which both columns have one.
///
/// Nulls and NaN in either column leave the row out. Memory: 16 bytes per pair. Row order changes no digit.
#[derive(Debug)]
pub struct NumberPairs {
    columns: [String; 2],
    asked: OfNumbers,
    pairs: Vec<(f64, f64)>,
}

impl NumberPairs {
    /// The pairs of two columns, of which one thing is asked.
    #[must_use]
    pub fn new(columns: [String; 2], asked: OfNumbers) -> Self {
        Self {
            columns,
            asked,
            pairs: Vec::new(),
        }
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The correlation of two columns row by row.
    pub(super) fn correlation(
        a: &[Option<f64>],
        b: &[Option<f64>],
        asked: OfNumbers,
    ) -> Correlation {
        let mut both = Self::new([String::new(), String::new()], asked);
        both.extend(a.iter().zip(b).map(|(a, b)| (*a, *b)));
        let infinite = |(a, b): &(f64, f64)| a.is_infinite() || b.is_infinite();
        let is_unknown = asked == OfNumbers::Pearson && both.pairs.iter().any(infinite);
        match both.finish().first().and_then(|(_, value)| *value) {
            Some(value) => Correlation::Of(value),
            None if is_unknown => Correlation::Unknown,
            None => Correlation::Constant,
        }
    }

    fn extend(&mut self, rows: impl Iterator<Item = (Option<f64>, Option<f64>)>) {
        let both = rows.filter_map(|(a, b)| a.zip(b));
        self.pairs
            .extend(both.filter(|(a, b)| !a.is_nan() && !b.is_nan()));
    }

    /// Collects one batch.
    ///
    /// Errors: `Query` for a missing column, or values that are no numbers.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let one = numbers(batch, &self.columns[0], kept)?;
        let other = numbers(batch, &self.columns[1], kept)?;
        self.extend(one.into_iter().zip(other));
        Ok(())
    }

    /// What was asked for; absent where one side does not vary, or the second sums to 0.
    pub fn finish(&mut self) -> Found {
        self.pairs
            .sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then_with(|| x.1.total_cmp(&y.1)));
        match self.asked {
            OfNumbers::Pearson => vec![("correlation", pearson(&self.pairs))],
            OfNumbers::Spearman => {
                let ranks = |of: fn(&(f64, f64)) -> f64| ranks(&self.pairs, of);
                let pairs = ranks(|p| p.0).into_iter().zip(ranks(|p| p.1));
                vec![("correlation", pearson(&pairs.collect::<Vec<_>>()))]
            }
            OfNumbers::RatioOfSums => {
                let (a, b) = self
                    .pairs
                    .iter()
                    .fold((0.0, 0.0), |(a, b), p| (a + p.0, b + p.1));
                let known = !self.pairs.is_empty() && b != 0.0;
                vec![("ratio", known.then(|| a / b))]
            }
        }
    }
}

/// How two columns go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Correlation {
    /// As closely as this.
    Of(f64),
    /// One of them does not vary.
    Constant,
    /// One of them holds an infinite number.
    Unknown,
}

/// Pearson's correlation of pairs in a fixed order; absent where one side does not vary or is infinite.
///
/// Each side is in units of the power of two next to its furthest value, so that no sum of squares is too great or too
/// small, and no digit is another one.
///
/// Whether a side varies is told by its values: the mean of equal ones may be another number, and what is left of each would
/// be the same error of rounding.
fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let varies = |of: fn(&(f64, f64)) -> f64| {
        let mut all = pairs.iter().map(of);
        let first = all.next();
        first.is_some_and(|first| all.any(|x| x < first || first < x))
    };
    if !varies(|p| p.0) || !varies(|p| p.1) {
        return None;
    }
    let (a, b) = (apart(pairs, |p| p.0), apart(pairs, |p| p.1));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.zip(b) {
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    let value = ab / (aa.sqrt() * bb.sqrt());
    (aa > 0.0 && bb > 0.0 && value.is_finite()).then(|| value.clamp(-1.0, 1.0))
}

/// How far the values of one side are from their mean, in units of a power of two.
fn apart(pairs: &[(f64, f64)], of: fn(&(f64, f64)) -> f64) -> impl Iterator<Item = f64> + '_ {
    let n = pairs.len() as f64;
    let sum: f64 = pairs.iter().map(of).sum();
    let mean = if sum.is_finite() {
        sum / n
    } else {
        pairs.iter().map(|p| of(p) / n).sum()
    };
    // Halves, because the distance of two numbers may be greater than any number.
    let half = move |p: &(f64, f64)| of(p) / 2.0 - mean / 2.0;
    let reach = pairs.iter().map(|p| half(p).abs()).fold(0.0, f64::max);
    let unit = reach.log2().floor().exp2();
    pairs.iter().map(move |p| half(p) / unit)
}

/// Ranks from 1 of one side, in the order of the pairs; equal values have the mean of their ranks.
fn ranks(pairs: &[(f64, f64)], of: fn(&(f64, f64)) -> f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    let value = |i: &usize| of(&pairs[*i]) + 0.0;
    order.sort_unstable_by(|a, b| value(a).total_cmp(&value(b)));
    let mut ranks = vec![0.0; pairs.len()];
    let mut from = 0;
    while from < order.len() {
        let first = value(&order[from]);
        let same = |i: &usize| value(i).total_cmp(&first) == Ordering::Equal;
        let to = from + order[from..].iter().take_while(|i| same(i)).count();
        let rank = (from + to + 1) as f64 / 2.0;
        for i in &order[from..to] {
            ranks[*i] = rank;
        }
        from = to;
    }
    ranks
}

/// How often each value of two columns occurs, together and alone.
///
/// Nulls: a row with a null in either column is left out. NaN is one value. Memory: 60 to 120 bytes per distinct pair.
/// Outputs: `cramers_v`, 0 to 1 (Cramér, *Mathematical Methods of Statistics*, 1946, without a correction for bias);
/// `mutual_information` in nats; `uncertainty`, 0 to 1: the share of the entropy of the second column that the first one
/// tells (Theil, 1970: `I(A; B) / H(B)`); `conditional_entropy` in nats of the second, given the first.
#[derive(Debug)]
pub struct Contingency {
    columns: [String; 2],
    encoders: [Encoder; 2],
    pairs: HashMap<(Digest, Digest), u64>,
}

impl Contingency {
    /// The counts of two columns.
    #[must_use]
    pub fn new(columns: [String; 2]) -> Self {
        Self {
            columns,
            encoders: [Encoder::default(), Encoder::default()],
            pairs: HashMap::new(),
        }
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Counts one batch.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let both = select(batch, &self.columns)?;
        let rows = batch.num_rows();
        let one = self.encoders[0].encode(&both[..1], rows)?;
        let other = self.encoders[1].encode(&both[1..], rows)?;
        for row in (0..rows).filter(|r| kept.row(*r)) {
            if both.iter().all(|(_, a)| !is_null(a, row)) {
                let key = (one.digests[row], other.digests[row]);
                *self.pairs.entry(key).or_default() += 1;
            }
        }
        Ok(())
    }

    /// All of it; a number is `None` where it has no value: a column that does not vary tells nothing and cannot be told.
    pub fn finish(&mut self) -> Found {
        let mut one: DigestMap<u64> = DigestMap::default();
        let mut other: DigestMap<u64> = DigestMap::default();
        for ((a, b), n) in &self.pairs {
            *one.entry(*a).or_default() += n;
            *other.entry(*b).or_default() += n;
        }
        let n = one.values().sum::<u64>() as f64;
        // In the order of the digests, so that sums are always the same.
        let mut cells: Vec<(&(Digest, Digest), &u64)> = self.pairs.iter().collect();
        cells.sort_unstable();
        let (mut information, mut squares) = (0.0, 0.0);
        for ((a, b), count) in cells {
            let (joint, product) = (*count as f64 / n, one[a] as f64 * other[b] as f64 / n);
            information += joint * (joint * n / product).ln();
            squares += (*count as f64).powi(2) / product;
        }
        let entropy = entropy(&other, n);
        let least = one.len().min(other.len()) as f64 - 1.0;
        let known = n > 0.0;
        let information = f64::max(information, 0.0);
        let chi_square = f64::max(squares - n, 0.0);
        vec![
            (
                "cramers_v",
                (least > 0.0).then(|| (chi_square / (n * least)).sqrt().min(1.0)),
            ),
            ("mutual_information", known.then_some(information)),
            (
                "uncertainty",
                (known && entropy > 0.0).then(|| (information / entropy).min(1.0)),
            ),
            (
                "conditional_entropy",
                known.then(|| f64::max(entropy - information, 0.0)),
            ),
        ]
    }
}

/// Entropy of counts in nats, added from the greatest down.
fn entropy(counts: &DigestMap<u64>, n: f64) -> f64 {
    let mut counts: Vec<u64> = counts.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let terms = counts.iter().map(|c| {
        let share = *c as f64 / n;
        -share * share.ln()
    });
    terms.sum()
}
