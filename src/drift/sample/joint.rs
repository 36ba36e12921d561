//! Changes that a column does not show by itself: how it goes with the others, and what it lacks together with them.

use super::change::Found;
use super::compare::{Compared, Finding};
use super::effect::{Effect, Sorted, distance};
use super::kinds::{Change, Drift};
use super::score::Kind;
use crate::statistics::intervals::Z95;
use std::collections::BTreeMap;

impl Compared {
    /// The column whose missing values no longer go with those of the others, where it lacks no more or fewer of them
    /// than chance allows.
    pub(super) fn lacking(
        &self,
        whole: &Found,
        by_column: &BTreeMap<Option<usize>, Found>,
    ) -> Option<Drift> {
        let adjusted = whole.any(&[Kind::Pattern])?;
        let told = by_column
            .values()
            .any(|found| found.any(&[Kind::Missing]).is_some());
        let of_missing = self.findings.iter().filter(|f| f.kind == Kind::Missing);
        let most = of_missing.min_by(|a, b| a.surprise.total_cmp(&b.surprise))?;
        let (before, now) = self.missing(most.column?);
        (!told).then(|| Drift {
            origin: most.column.map(|c| self.origins[c]),
            change: Change::Missing(before, now),
            effect: Effect::of_shares(before, now, Z95),
            adjusted,
            place: None,
        })
    }

    /// How far what the others leave of a column is apart between the sides.
    pub(super) fn fit(&self, found: &Finding) -> Option<Drift> {
        let column = found.column?;
        let left = self.table.left.iter().find(|l| l.column == column)?;
        Some(Drift {
            origin: Some(self.origins[column]),
            change: Change::Fit,
            effect: distance(&Sorted::of(&left.values, &self.labels_first)),
            adjusted: found.adjusted,
            place: None,
        })
    }
}

/// Takes out what is found of fits: the column that fits the others least, where nothing else is found of any column
/// that does not fit. That others fit less because of it, or because of one that changed otherwise, is no news.
pub(super) fn least_fit(by_column: &mut BTreeMap<Option<usize>, Found>) -> Option<Finding> {
    let mut fits: Vec<Finding> = Vec::new();
    let mut is_explained = false;
    for found in by_column.values_mut() {
        let fit = found.0.iter().position(|f| f.kind == Kind::Fit);
        if let Some(fit) = fit.map(|at| found.0.remove(at)) {
            is_explained |= found.0.iter().any(|f| f.kind != Kind::Missing);
            fits.push(fit);
        }
    }
    let least = fits
        .into_iter()
        .min_by(|a, b| a.surprise.total_cmp(&b.surprise));
    least.filter(|_| !is_explained)
}
