//! The rows of both sides together, every column's values as small codes.
//!
//! Coding never looks at which side a row is on: any other labelling of the same rows has the same codes, which is
//! what makes the level of the gate exact.

#![expect(
    clippy::cast_possible_truncation,
    reason = "codes are below 256 and rows below 2^32, both held where they are made"
)]

use super::hash::LENGTH_BITS;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Code of a row without a value.
pub(in crate::drift) const MISSING: u8 = 255;

/// Texts that have a code of their own at most, most frequent first; the others share one.
pub(in crate::drift) const TEXTS: usize = 200;

/// Numbers that have a code of their own at most, most frequent first.
const FREQUENT: usize = 70;

/// Parts of equal size that the other numbers are cut into.
const PARTS: usize = 60;

/// Different numbers up to which each has a code of its own.
const EXACT: usize = 150;

/// Values of the outermost bin at each end of the numbers; the next ones double until they reach the size of a part.
const OUTERMOST: usize = 8;

/// Rows at each end of the numbers whose order is kept.
pub(in crate::drift) const END: usize = 64;

/// How the values of a column are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As numbers.
    Numbers,
    /// As texts.
    Texts,
    /// Only whether there is one.
    Presence,
}

/// The values of one column, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; NaN is a missing value, infinities are values.
    Numbers(Vec<f64>),
    /// Texts and truth values by their code, see [`super::hash::text`]; 0 is a missing value.
    Texts(Vec<u64>),
    /// Whether there is a value: of what cannot be compared otherwise.
    Presence(Vec<bool>),
}

impl Values {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(v) => v.len(),
            Self::Texts(v) => v.len(),
            Self::Presence(v) => v.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows named, in their order; those of the second side follow those of the first.
    pub(super) fn pooled(first: &Self, second: &Self, order: &[u32]) -> Self {
        fn take<T: Copy>(a: &[T], b: &[T], order: &[u32]) -> Vec<T> {
            let at = |i: &u32| {
                *a.get(*i as usize)
                    .unwrap_or_else(|| &b[*i as usize - a.len()])
            };
            order.iter().map(at).collect()
        }
        match (first, second) {
            (Self::Numbers(a), Self::Numbers(b)) => Self::Numbers(take(a, b, order)),
            (Self::Texts(a), Self::Texts(b)) => Self::Texts(take(a, b, order)),
            (a, b) => Self::Presence(take(&a.present(), &b.present(), order)),
        }
    }

    /// The rows named, in their order.
    pub(super) fn rows(&self, rows: &[u32]) -> Self {
        fn take<T: Copy>(all: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|row| all[*row as usize]).collect()
        }
        match self {
            Self::Numbers(v) => Self::Numbers(take(v, rows)),
            Self::Texts(v) => Self::Texts(take(v, rows)),
            Self::Presence(v) => Self::Presence(take(v, rows)),
        }
    }

    fn present(&self) -> Vec<bool> {
        match self {
            Self::Numbers(v) => v.iter().map(|v| !v.is_nan()).collect(),
            Self::Texts(v) => v.iter().map(|v| *v != 0).collect(),
            Self::Presence(v) => v.clone(),
        }
    }

    /// The lengths of texts where most texts are too rare to be compared one by one.
    pub(super) fn lengths(&self) -> Option<Self> {
        let Self::Texts(texts) = self else {
            return None;
        };
        let different: std::collections::HashSet<u64, FixedState> =
            texts.iter().copied().filter(|t| *t != 0).collect();
        (different.len() > TEXTS).then(|| {
            let length = |t: &u64| {
                if *t == 0 {
                    f64::NAN
                } else {
                    (*t & LENGTH_BITS) as f64
                }
            };
            Self::Numbers(texts.iter().map(length).collect())
        })
    }
}

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::drift) enum Bin {
    /// One value.
    Single,
    /// Neighbouring numbers, or rare texts.
    Several,
}

/// One column in codes.
#[derive(Debug, Clone)]
pub(in crate::drift) struct Coded {
    pub ordered: bool,
    /// A code per row.
    pub codes: Vec<u8>,
    /// What each code stands for, ascending numbers or texts from the most frequent one.
    pub bins: Vec<Bin>,
    /// Rows per code over both sides.
    pub totals: Vec<u32>,
    /// Rows without a value.
    pub missing: u32,
    /// Rows of the greatest and of the least numbers from the end inwards, in groups of equal numbers.
    pub ends: [Vec<Vec<u32>>; 2],
}

impl Coded {
    pub(super) fn of(values: &Values) -> Self {
        match values {
            Values::Numbers(v) => Self::numbers(v),
            Values::Texts(v) => Self::texts(v),
            Values::Presence(v) => {
                Self::texts(&v.iter().map(|v| u64::from(*v)).collect::<Vec<_>>())
            }
        }
    }

    fn numbers(values: &[f64]) -> Self {
        let known = values.iter().zip(0u32..).filter(|(v, _)| !v.is_nan());
        let mut order: Vec<(f64, u32)> = known.map(|(v, row)| (*v + 0.0, row)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let groups = groups(&order);
        let bins = bins(&groups, order.len());
        let mut codes = vec![MISSING; values.len()];
        for ((from, to, _), code) in bins.iter().zip(0u8..) {
            for (_, row) in &order[*from..*to] {
                codes[*row as usize] = code;
            }
        }
        let end = |groups: &mut dyn Iterator<Item = &(usize, usize)>| {
            let (mut kept, mut list) = (0, Vec::new());
            for (from, to) in groups {
                kept += to - from;
                if kept > END {
                    break;
                }
                list.push(order[*from..*to].iter().map(|(_, row)| *row).collect());
            }
            list
        };
        Self {
            ordered: true,
            codes,
            totals: bins
                .iter()
                .map(|(from, to, _)| (to - from) as u32)
                .collect(),
            bins: bins.iter().map(|(.., bin)| *bin).collect(),
            missing: (values.len() - order.len()) as u32,
            ends: [end(&mut groups.iter().rev()), end(&mut groups.iter())],
        }
    }

    fn texts(values: &[u64]) -> Self {
        let mut counts: HashMap<u64, u32, FixedState> = HashMap::default();
        for value in values.iter().filter(|v| **v != 0) {
            *counts.entry(*value).or_default() += 1;
        }
        let mut list: Vec<(u64, u32)> = counts.into_iter().collect();
        list.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let code = |place: usize| place.min(TEXTS) as u8;
        let places = list.iter().enumerate();
        let by_text: HashMap<u64, u8, FixedState> =
            places.map(|(i, (text, _))| (*text, code(i))).collect();
        let mut totals = vec![0; list.len().min(TEXTS + 1)];
        for (i, (_, count)) in list.iter().enumerate() {
            totals[usize::from(code(i))] += count;
        }
        let bin = |i: usize| if i < TEXTS { Bin::Single } else { Bin::Several };
        let of = |text: &u64| by_text.get(text).copied().unwrap_or(MISSING);
        Self {
            ordered: false,
            codes: values.iter().map(of).collect(),
            bins: (0..totals.len()).map(bin).collect(),
            totals,
            missing: values.iter().filter(|v| **v == 0).count() as u32,
            ends: [Vec::new(), Vec::new()],
        }
    }

    /// Rows with a value.
    pub(in crate::drift) fn valued(&self) -> u32 {
        self.totals.iter().sum()
    }
}

/// Ranges of equal numbers.
fn groups(order: &[(f64, u32)]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for i in 1..=order.len() {
        if i == order.len() || order[i].0 > order[start].0 {
            found.push((start, i));
            start = i;
        }
    }
    found
}

/// Ranges of sorted values that share a code: single frequent values, and parts of about equal size between them that
/// grow finer towards both ends.
pub(in crate::drift) fn bins(groups: &[(usize, usize)], rows: usize) -> Vec<(usize, usize, Bin)> {
    if groups.len() <= EXACT {
        return groups
            .iter()
            .map(|(from, to)| (*from, *to, Bin::Single))
            .collect();
    }
    let least = frequent_from(groups, rows);
    let part = rows.div_ceil(PARTS);
    // An outermost bin, then twice as many rows inside it, and so on: what lies outside a bin is as much as it holds.
    let wanted = |from: usize| {
        let outside = from.min(rows - from);
        outside.max(OUTERMOST).min(part)
    };
    let mut bins: Vec<(usize, usize, Bin)> = Vec::new();
    let mut open: Option<usize> = None;
    for (from, to) in groups {
        if to - from >= least {
            bins.extend(open.take().map(|start| (start, *from, Bin::Several)));
            bins.push((*from, *to, Bin::Single));
            continue;
        }
        let start = *open.get_or_insert(*from);
        let size = if start * 2 < rows {
            wanted(start)
        } else {
            wanted(*to).min(part)
        };
        if to - start >= size {
            bins.push((start, *to, Bin::Several));
            open = None;
        }
    }
    bins.extend(open.map(|start| (start, rows, Bin::Several)));
    bins
}

/// Rows from which a number has a code of its own.
fn frequent_from(groups: &[(usize, usize)], rows: usize) -> usize {
    let mut sizes: Vec<usize> = groups.iter().map(|(from, to)| to - from).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let enough = (rows / 400).max(5);
    sizes[FREQUENT].max(enough - 1) + 1
}
