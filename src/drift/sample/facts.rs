//! What is known of one column of both sides: its changes are told from nothing else, whether rows were compared or
//! only what profiles count.

use super::codes::{Bin, Coded, MISSING, Values};
use super::compare::{Compared, Origin};
use super::effect::{Effect, Sorted, z_of};
use super::ends::run;
use super::kinds::Label;
use super::level::counts;
use super::score::Scorer;
use crate::statistics::intervals::Share;
use std::collections::BTreeMap;

/// One column of both sides.
#[derive(Debug)]
pub(in crate::drift) struct Facts<'a> {
    /// Where its values are from.
    pub origin: Origin,
    /// Its codes, and how they are scored.
    pub scorer: &'a Scorer,
    /// Rows without a value, of the reference and now.
    pub missing: (Share, Share),
    /// Shares of the values by code.
    pub shares: Vec<(Share, Share)>,
    /// What each code stands for.
    pub labels: Vec<Label>,
    /// The code of the frequent value whose count is furthest off.
    pub most_moved: Option<usize>,
    /// Rows of one side from the greatest and from the least number inwards, and whether that is the reference.
    pub runs: [(u32, bool); 2],
    /// Numbers; none of texts.
    pub sorted: Sorted,
    /// Every number with its rows in the reference and now, ascending; none of texts.
    pub numbers: Vec<(f64, [u64; 2])>,
    /// The least and the greatest number of the reference and of the current data.
    pub reach: [[f64; 2]; 2],
    /// How much further apart both distributions can be than what is known of them shows. Unit: share of values.
    pub hidden: f64,
    /// Codes of texts that are spelled alike, but for case and signs, by code.
    pub spelled: &'a BTreeMap<u64, u64>,
    /// Texts with the rows of the reference and of the current data; none of numbers.
    pub texts: Vec<(Label, [u64; 2])>,
}

impl Facts<'_> {
    /// The category whose share of the values changed most, and how much; `None` where no value has a code of its
    /// own.
    pub(in crate::drift) fn largest_category(&self) -> Option<(u8, Effect)> {
        largest_category(&self.scorer.coded, &self.shares)
    }

    /// Total variation of the categories: the share of rows whose value would have to change.
    pub(super) fn total_variation(&self) -> f64 {
        let apart = self.shares.iter();
        apart
            .map(|(before, now)| (now.value() - before.value()).abs())
            .sum::<f64>()
            / 2.0
    }
}

/// The category whose share of the values changed most, from the shares by code.
pub(super) fn largest_category(coded: &Coded, shares: &[(Share, Share)]) -> Option<(u8, Effect)> {
    let singles = (0u8..)
        .zip(&coded.bins)
        .filter(|(_, bin)| **bin == Bin::Single);
    let apart = |code: u8| {
        let (before, now) = shares[usize::from(code)];
        (now.value() - before.value()).abs()
    };
    let code = singles
        .map(|(code, _)| code)
        .max_by(|a, b| apart(*a).total_cmp(&apart(*b)))?;
    let enough = f64::from(coded.valued()) / 200.0;
    let looked_at = coded
        .totals
        .iter()
        .filter(|t| f64::from(**t) >= enough)
        .count();
    let (before, now) = shares[usize::from(code)];
    Some((code, Effect::of_shares(before, now, z_of(looked_at))))
}

impl Compared {
    /// What is known of a scored column.
    pub(super) fn facts(&self, column: usize) -> Facts<'_> {
        let scorer = &self.table.scorers[column];
        let sorted = self.sorted(column);
        let ends = |v: &[f64]| match (v.first(), v.last()) {
            (Some(least), Some(most)) => [*least, *most],
            _ => [f64::NAN; 2],
        };
        let seen = counts(&scorer.coded.codes, &self.labels().rows);
        Facts {
            origin: self.origins[column],
            missing: self.missing(column),
            shares: self.code_shares(column),
            labels: labels(&scorer.coded, &self.values[column]),
            most_moved: scorer.most_moved(&seen, self.drawn()),
            runs: scorer
                .coded
                .ends
                .each_ref()
                .map(|end| run(end, &self.labels_first)),
            reach: [ends(&sorted.before), ends(&sorted.now)],
            numbers: numbers(&sorted),
            hidden: 0.0,
            spelled: &self.spelled,
            sorted,
            texts: self.texts(column),
            scorer,
        }
    }

    /// Texts with their rows on both sides, in the order of their codes.
    fn texts(&self, column: usize) -> Vec<(Label, [u64; 2])> {
        let Values::Texts(values) = &self.values[column] else {
            return Vec::new();
        };
        let mut counts: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
        let known = values.iter().zip(&self.labels_first);
        for (value, first) in known.filter(|(v, _)| **v != 0) {
            counts.entry(*value).or_default()[usize::from(!first)] += 1;
        }
        let label = |(text, rows)| (Label::Text(text), rows);
        counts.into_iter().map(label).collect()
    }
}

/// Different numbers of both sides with their counts, ascending.
fn numbers(sorted: &Sorted) -> Vec<(f64, [u64; 2])> {
    let mut list: Vec<(f64, [u64; 2])> = Vec::new();
    let (mut before, mut now) = (
        sorted.before.iter().peekable(),
        sorted.now.iter().peekable(),
    );
    while let Some(value) = [before.peek(), now.peek()]
        .into_iter()
        .flatten()
        .copied()
        .copied()
        .min_by(f64::total_cmp)
    {
        let count = |side: &mut std::iter::Peekable<std::slice::Iter<f64>>| {
            let mut n = 0;
            while side.next_if(|v| **v <= value).is_some() {
                n += 1;
            }
            n
        };
        let rows = [count(&mut before), count(&mut now)];
        list.push((value, rows));
    }
    list
}

/// A value of each code.
fn labels(coded: &Coded, values: &Values) -> Vec<Label> {
    let mut rows = vec![0; coded.bins.len()];
    for (row, code) in coded.codes.iter().enumerate().rev() {
        if *code != MISSING {
            rows[usize::from(*code)] = row;
        }
    }
    let label = |row: usize| match values {
        Values::Numbers(v) | Values::Derived(v) => Label::Number(v[row]),
        Values::Texts(v) => Label::Text(v[row]),
        Values::Presence(v) => Label::Number(f64::from(u8::from(v[row]))),
        Values::Moments(_) => Label::Number(1.0),
    };
    rows.into_iter().map(label).collect()
}
