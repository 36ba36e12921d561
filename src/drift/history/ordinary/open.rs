//! What was said strongly a few nights ago is still open: the nights that said so do not yet excuse the same again.
//!
//! Nights that look unusual teach like all others. So a fault that stays would be told once or twice and then be
//! ordinary. A strong finding is therefore looked at a second time, without the nights that had it, until it was told
//! often enough to be taken for the new ordinary.

use super::feature::Kind;
use super::{Compared, Finding};
use crate::history::{Night, Standing, Told};

/// A finding is strong where its probability is this many times below the level.
const STRONG: f64 = 4.0;

/// Nights for which a finding stays open, and times that it is told before it counts as the new ordinary.
pub const KEPT: usize = 7;

/// Strong findings of the latest nights, and the nights that had them.
pub(super) struct Open<'a> {
    told: Vec<&'a Told>,
    nights: Vec<&'a Night>,
    bar: f64,
}

impl<'a> Open<'a> {
    /// What is open after so many nights, ascending in time; nothing in most cases.
    pub(super) fn of(past: &[&'a Night], level: f64) -> Self {
        let bar = level / STRONG;
        let teaching: Vec<&Night> = past
            .iter()
            .copied()
            .filter(|n| n.standing.teaches())
            .collect();
        let latest = |count: usize| &teaching[teaching.len().saturating_sub(count)..];
        let strong = |night: &'a Night| {
            let unusual = night.standing == Standing::Unusual;
            night.told.iter().filter(move |t| unusual && t.p <= bar)
        };
        let times = |told: &Told| {
            let has = |n: &&&'a Night| strong(n).any(|t| t.is_same(told));
            latest(2 * KEPT).iter().filter(has).count()
        };
        let is_open = |told: &&Told| times(told) < KEPT;
        let (mut told, mut nights) = (Vec::new(), Vec::new());
        for night in latest(KEPT) {
            let open: Vec<&Told> = strong(night).filter(is_open).collect();
            if !open.is_empty() {
                nights.push(*night);
                told.extend(open);
            }
        }
        Self { told, nights, bar }
    }

    /// On how many of the latest nights the same was said as strongly as each finding that is as strong itself.
    pub(super) fn count(past: &[&Night], compared: &mut Compared, now: &Night) {
        let bar = compared.level / STRONG;
        let latest = past.iter().rev().copied().filter(|n| n.standing.teaches());
        let latest: Vec<&Night> = latest.take(2 * KEPT).collect();
        for finding in compared.findings.iter_mut().filter(|f| f.adjusted <= bar) {
            let column = finding.column.map(|c| now.columns[c].name.as_str());
            let is_same = |t: &Told| t.p <= bar && t.is_of(column, finding.kind);
            let has = |n: &&&Night| n.standing == Standing::Unusual && n.told.iter().any(is_same);
            finding.told = latest.iter().filter(has).count();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether a night had one of them.
    pub(super) fn holds(&self, night: &Night) -> bool {
        self.nights.iter().any(|n| std::ptr::eq(*n, night))
    }

    /// What of a comparison without those nights is still as it was.
    pub(super) fn still(&self, compared: Compared, now: &Night) -> Option<Compared> {
        let is_told = |f: &Finding| {
            let column = f.column.map(|c| now.columns[c].name.as_str());
            f.adjusted <= self.bar && self.told.iter().any(|t| t.is_of(column, f.kind))
        };
        let findings: Vec<Finding> = compared.findings.into_iter().filter(is_told).collect();
        let p = findings.iter().map(|f| f.adjusted).reduce(f64::min)?;
        Some(Compared {
            p,
            findings,
            ..compared
        })
    }
}

impl Told {
    fn is_same(&self, other: &Self) -> bool {
        self.column == other.column && self.kind == other.kind
    }

    fn is_of(&self, column: Option<&str>, kind: Kind) -> bool {
        self.column.as_deref() == column && self.kind == kind.word()
    }
}
