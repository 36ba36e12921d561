//! Exact numbers over how often each value of one or several columns occurs.

use super::keys::{DigestMap, Encoder, select};
use super::numbers::{Found, divergence};
use super::{Considered, query};
use crate::engine::embedded::value::scalar_at;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::statistics::tails::chi_squared;
use arrow::array::RecordBatch;
use std::cmp::Ordering;

/// What is asked of the counts. Unit: shares from 0 to 1, except where said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// `uniqueness`: values that occur once, over rows.
    Uniqueness,
    /// `unique_value_ratio`: values that occur once, over distinct values.
    UniqueValueRatio,
    /// `distinctness`: distinct values over rows.
    Distinctness,
    /// `entropy` of the shares, in units of the logarithm of this base.
    Entropy(f64),
    /// `top_ratio`: rows with one of so many most common values, over rows.
    Top(usize),
    /// `least_ratio`, `most_ratio`: shares of the rarest and the most common value; `imbalance`: the second over the first;
    /// `distinct` values.
    Balance,
    /// `others`: most common values that are not among these; with ties, how many of several is for [`Ties`] to say.
    MostCommonIn(Vec<Scalar>, Ties),
    /// `divergence` in nats of the shares of the values from expected ones; `unexpected` values.
    Divergence(Expected),
    /// `p_value` and `chi_square` of the counts against expected shares; `unexpected` values.
    ChiSquare(Expected),
}

/// What several values that are as common as each other must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// One of them among the allowed ones is enough.
    Any,
    /// All of them must be.
    All,
}

/// Values with the shares that are expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Values and shares, which need not sum to 1.
    pub shares: Vec<(Scalar, f64)>,
    /// Share that all values besides have together, taken from the others.
    pub holdout: f64,
}

/// Which rows a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those whose columns are not all null.
    Valued,
    /// All that are looked at.
    Rows,
}

/// How often each value occurs; a value is the combination of all columns.
///
/// Nulls: a row whose columns are all null has no value; in a combination null equals null. NaN is one value, and so are 0.0
/// and -0.0. Memory: 38 to 76 bytes per distinct value, and the values themselves where they are compared with given ones.
/// Exact up to the chance stated at [`super::keys::Digest`].
#[derive(Debug)]
pub struct ValueCounts {
    columns: Vec<String>,
    asked: Asked,
    of: Of,
    encoder: Encoder,
    counts: DigestMap<u64>,
    named: DigestMap<Scalar>,
    rows: u64,
}

impl ValueCounts {
    /// The counts of the values in `columns`, of which one thing is asked.
    #[must_use]
    pub fn new(columns: Vec<String>, asked: Asked, of: Of) -> Self {
        Self {
            columns,
            asked,
            of,
            encoder: Encoder::default(),
            counts: DigestMap::default(),
            named: DigestMap::default(),
            rows: 0,
        }
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Counts one batch.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let selected = select(batch, &self.columns)?;
        let keys = self
            .encoder
            .encode(&selected, batch.num_rows())
            .map_err(|e| query(format!("columns {}", self.columns.join(", ")), e))?;
        let names = matches!(
            self.asked,
            Asked::MostCommonIn(..) | Asked::Divergence(_) | Asked::ChiSquare(_)
        );
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let empty = selected.iter().all(|(_, a)| super::keys::is_null(a, row));
            self.rows += u64::from(!empty || self.of == Of::Rows);
            if empty {
                continue;
            }
            let digest = keys.digests[row];
            *self.counts.entry(digest).or_default() += 1;
            if names && let Some((_, array)) = selected.first() {
                let entry = self.named.entry(digest);
                entry.or_insert_with(|| scalar_at(array, row).unwrap_or(Scalar::Bool(false)));
            }
        }
        Ok(())
    }

    /// What was asked for; a number is `None` where there are no values.
    pub fn finish(&mut self) -> Found {
        let distinct = self.counts.len() as f64;
        let single = self.counts.values().filter(|n| **n == 1).count() as f64;
        let rows = self.rows as f64;
        let known = !self.counts.is_empty();
        let one = |name, value: f64| vec![(name, known.then_some(value))];
        match &self.asked {
            Asked::Uniqueness => one("uniqueness", single / rows),
            Asked::UniqueValueRatio => one("unique_value_ratio", single / distinct),
            Asked::Distinctness => one("distinctness", distinct / rows),
            Asked::Entropy(base) => one("entropy", self.entropy() / base.ln()),
            Asked::Top(k) => {
                let counts = self.descending();
                let top: u64 = counts.iter().take(*k).sum();
                one("top_ratio", top as f64 / rows)
            }
            Asked::Balance => self.balance(),
            Asked::MostCommonIn(values, ties) => one("others", self.others(values, *ties)),
            Asked::Divergence(expected) => {
                let (observed, shares, unexpected) = self.against(expected);
                vec![
                    ("divergence", divergence(&observed, &shares)),
                    ("unexpected", Some(unexpected)),
                ]
            }
            Asked::ChiSquare(expected) => self.chi_square(expected),
        }
    }

    /// Counts from the most common value down.
    fn descending(&self) -> Vec<u64> {
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    }

    /// Entropy of the shares in nats. Terms are added from the greatest down, so that their order is always the same.
    fn entropy(&self) -> f64 {
        let counts = self.descending();
        let all = counts.iter().sum::<u64>() as f64;
        let terms = counts.iter().map(|n| {
            let share = *n as f64 / all;
            -share * share.ln()
        });
        f64::max(terms.sum::<f64>(), 0.0) + 0.0
    }

    fn balance(&self) -> Found {
        let counts = self.descending();
        let rows = self.rows as f64;
        let share = |n: Option<&u64>| n.map(|n| *n as f64 / rows);
        let ends = counts.first().zip(counts.last());
        vec![
            ("least_ratio", share(counts.last())),
            ("most_ratio", share(counts.first())),
            (
                "imbalance",
                ends.map(|(most, least)| *most as f64 / *least as f64),
            ),
            ("distinct", Some(counts.len() as f64)),
        ]
    }

    /// Most common values that should be among the given ones and are not.
    fn others(&self, values: &[Scalar], ties: Ties) -> f64 {
        let most = self.counts.values().max().copied().unwrap_or_default();
        let common = self.counts.iter().filter(|(_, n)| **n == most);
        let is_given = |digest| {
            let value = self.named.get(digest);
            value.is_some_and(|v| values.iter().any(|g| g.order(v) == Ordering::Equal))
        };
        let (given, other): (Vec<_>, Vec<_>) = common.partition(|(d, _)| is_given(d));
        match ties {
            Ties::Any if !given.is_empty() => 0.0,
            _ => other.len() as f64,
        }
    }

    /// Observed counts and expected shares of the expected values, then those of the others in the order of the values; and
    /// how many others there are.
    fn against(&self, expected: &Expected) -> (Vec<f64>, Vec<f64>, f64) {
        let mut observed = vec![0.0; expected.shares.len()];
        let mut others: Vec<(&Scalar, f64)> = Vec::new();
        for (digest, count) in &self.counts {
            let Some(value) = self.named.get(digest) else {
                continue;
            };
            let same = |(v, _): &(Scalar, f64)| v.order(value) == Ordering::Equal;
            match expected.shares.iter().position(same) {
                Some(at) => observed[at] += *count as f64,
                None => others.push((value, *count as f64)),
            }
        }
        others.sort_by(|a, b| a.0.order(b.0));
        let total: f64 = expected.shares.iter().map(|(_, w)| w).sum();
        let rest = if others.is_empty() {
            0.0
        } else {
            expected.holdout
        };
        let shares = expected
            .shares
            .iter()
            .map(|(_, w)| w / total * (1.0 - rest));
        let each = rest / (others.len() as f64).max(1.0);
        let shares = shares.chain(others.iter().map(|_| each)).collect();
        observed.extend(others.iter().map(|(_, n)| n));
        (observed, shares, others.len() as f64)
    }

    fn chi_square(&self, expected: &Expected) -> Found {
        let (observed, shares, unexpected) = self.against(expected);
        let all: f64 = observed.iter().sum();
        let terms = observed.iter().zip(&shares).map(|(o, share)| {
            let wanted = all * share;
            match (wanted > 0.0, *o > 0.0) {
                (true, _) => (o - wanted).powi(2) / wanted,
                (false, true) => f64::INFINITY,
                (false, false) => 0.0,
            }
        });
        let chi_square: f64 = terms.sum();
        let freedom = shares.len() as f64 - 1.0;
        let known = all > 0.0;
        vec![
            (
                "p_value",
                known.then(|| chi_squared(chi_square, freedom).exp()),
            ),
            ("chi_square", known.then_some(chi_square)),
            ("unexpected", Some(unexpected)),
        ]
    }
}
