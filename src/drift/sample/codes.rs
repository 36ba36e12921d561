//! The rows of both sides together, every column's values as small codes.
//!
//! Coding never looks at which side a row is on: any other labelling of the same rows has the same codes, which is
//! what makes the level of the gate exact.

#![expect(
    clippy::cast_possible_truncation,
    reason = "codes are below 256 and rows below 2^32, both held where they are made"
)]

use super::groups::{Different, Groups, ascending};
use super::hash::{self, LENGTH_BITS};
use super::moments::NO_MOMENT;
use super::score::Scorer;
use foldhash::fast::FixedState;
use std::collections::HashSet;

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
    /// As dates and times, see [`Values::Moments`].
    Moments,
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
    /// Dates and times in microseconds since 1970-01-01, [`super::NO_MOMENT`] where there is none. They are compared by
    /// being there; what should stay of them is compared as columns of its own.
    Moments(Vec<i64>),
    /// Numbers worked out from other columns: NaN is no missing value but a row that does not take part.
    Derived(Vec<f64>),
    /// Whether there is a value: of what cannot be compared otherwise.
    Presence(Vec<bool>),
}

impl Values {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(v) | Self::Derived(v) => v.len(),
            Self::Texts(v) => v.len(),
            Self::Moments(v) => v.len(),
            Self::Presence(v) => v.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, where it holds some.
    pub(super) fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(v) | Self::Derived(v) => Some(v),
            Self::Texts(_) | Self::Moments(_) | Self::Presence(_) => None,
        }
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
            (Self::Moments(a), Self::Moments(b)) => Self::Moments(take(a, b, order)),
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
            Self::Derived(v) => Self::Derived(take(v, rows)),
            Self::Texts(v) => Self::Texts(take(v, rows)),
            Self::Moments(v) => Self::Moments(take(v, rows)),
            Self::Presence(v) => Self::Presence(take(v, rows)),
        }
    }

    fn present(&self) -> Vec<bool> {
        match self {
            Self::Numbers(v) | Self::Derived(v) => v.iter().map(|v| !v.is_nan()).collect(),
            Self::Moments(v) => v.iter().map(|v| *v != NO_MOMENT).collect(),
            Self::Texts(v) => v.iter().map(|v| *v != 0).collect(),
            Self::Presence(v) => v.clone(),
        }
    }

    /// The lengths of texts where most texts are too rare to be compared one by one.
    pub(super) fn lengths(&self) -> Option<Self> {
        let Self::Texts(texts) = self else {
            return None;
        };
        let mut different: HashSet<u64, FixedState> = HashSet::default();
        let is_one_more = |t: &u64| *t != 0 && different.insert(*t);
        let many = texts.iter().copied().filter(is_one_more).nth(TEXTS);
        many.map(|_| {
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
    /// Whether a row without a value is no news: it does not take part.
    pub derived: bool,
    /// Rows of the greatest and of the least numbers from the end inwards, in groups of equal numbers.
    pub ends: [Vec<Vec<u32>>; 2],
    /// Rows of the values that occur more than once and share their code with others, value by value.
    pub tied: Groups,
}

impl Coded {
    pub(super) fn of(values: &Values) -> Self {
        match values {
            Values::Numbers(v) => Self::numbers(v),
            Values::Derived(v) => Self {
                derived: true,
                ..Self::numbers(v)
            },
            Values::Texts(v) => Self::texts(v),
            Values::Moments(_) | Values::Presence(_) => {
                let present = values.present();
                Self::texts(&present.iter().map(|v| u64::from(*v)).collect::<Vec<_>>())
            }
        }
    }

    fn numbers(values: &[f64]) -> Self {
        let order = ascending(values);
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
        let mut tied = Groups::default();
        let mut at = 0;
        for (from, to) in groups.iter().filter(|(from, to)| to - from > 1) {
            while bins[at].1 <= *from {
                at += 1;
            }
            if bins[at].2 == Bin::Several {
                tied.add(order[*from..*to].iter().map(|(_, row)| *row));
            }
        }
        Self {
            tied,
            ordered: true,
            codes,
            totals: bins
                .iter()
                .map(|(from, to, _)| (to - from) as u32)
                .collect(),
            bins: bins.iter().map(|(.., bin)| *bin).collect(),
            missing: (values.len() - order.len()) as u32,
            derived: false,
            ends: [end(&mut groups.iter().rev()), end(&mut groups.iter())],
        }
    }

    fn texts(values: &[u64]) -> Self {
        let different = Different::of(values);
        let place = different.places(TEXTS);
        let mut totals = vec![0; different.counts.len().min(TEXTS + 1)];
        for (place, count) in place.iter().zip(&different.counts) {
            totals[*place] += count;
        }
        let code = |id: &u32| {
            place
                .get(*id as usize)
                .map_or(MISSING, |place| *place as u8)
        };
        let bin = |i: usize| if i < TEXTS { Bin::Single } else { Bin::Several };
        Self {
            tied: different.groups(|id| place[id] == TEXTS),
            ordered: false,
            codes: different.ids.iter().map(code).collect(),
            bins: (0..totals.len()).map(bin).collect(),
            totals,
            missing: different.missing,
            derived: false,
            ends: [Vec::new(), Vec::new()],
        }
    }

    /// Which columns lack a value together; `None` where at most one column lacks any.
    pub(super) fn patterns(scorers: &[Scorer]) -> Option<Self> {
        let lacking: Vec<&Self> = scorers
            .iter()
            .map(|s| &s.coded)
            .filter(|c| c.missing > 0 && !c.bins.is_empty() && !c.derived)
            .collect();
        if lacking.len() < 2 {
            return None;
        }
        let mut patterns = vec![1u64; lacking[0].codes.len()];
        for coded in lacking {
            for (pattern, code) in patterns.iter_mut().zip(&coded.codes) {
                *pattern = hash::with(*pattern, 2 + u64::from(*code == MISSING));
            }
        }
        Some(Self::texts(&patterns))
    }

    /// Rows with a value.
    pub(in crate::drift) fn valued(&self) -> u32 {
        self.totals.iter().sum()
    }
}

/// Ranges of equal numbers.
fn groups(order: &[(u64, u32)]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for i in 1..=order.len() {
        if i == order.len() || order[i].0 != order[start].0 {
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
