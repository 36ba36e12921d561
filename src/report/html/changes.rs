//! What changed since the batch before, where past runs are kept.

use super::super::text::{clip, line};
use super::super::words::moment;
use crate::record::{Before, Run};
use serde::Serialize;

/// Datasets whose changes are told.
const DATASETS: usize = 6;
/// Fixed promises named of a dataset.
const FIXED: usize = 20;

/// What changed of a dataset.
#[derive(Serialize)]
pub(super) struct Change {
    dataset: String,
    sentence: String,
    fixed: Vec<String>,
    more: usize,
}

impl Change {
    /// Whether something was fixed.
    pub(super) fn is_fixed(&self) -> bool {
        !self.fixed.is_empty()
    }
}

/// What changed of every dataset that has a batch before.
pub(super) fn of(run: &Run) -> Vec<Change> {
    let known = run
        .datasets
        .iter()
        .filter_map(|d| Some((d, d.before.as_ref()?)));
    let told = known.take(DATASETS).map(|(dataset, before)| Change {
        dataset: clip(&line(&dataset.name), 60),
        sentence: sentence(before),
        fixed: before
            .fixed
            .iter()
            .take(FIXED)
            .map(|id| clip(&line(id), 120))
            .collect(),
        more: before.fixed.len().saturating_sub(FIXED),
    });
    told.collect()
}

/// `since the batch of 2013-02-02 06:00 UTC, which passed: 3 newly broken, 1 fixed`.
fn sentence(before: &Before) -> String {
    let then = format!(
        "since the batch of {} (verdict then: {})",
        moment(&before.at),
        before.status.word()
    );
    let at_least = if before.more > 0 { "at least " } else { "" };
    let told = match (before.broken.len(), before.fixed.len()) {
        (0, 0) => "nothing broke and nothing was fixed".to_owned(),
        (0, fixed) => format!("nothing broke, {at_least}{fixed} fixed"),
        (broken, 0) => format!("{at_least}{broken} newly broken, nothing was fixed"),
        (broken, fixed) => format!("{at_least}{broken} newly broken, {fixed} fixed"),
    };
    format!("{then}: {told}.")
}
