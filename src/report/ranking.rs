//! The order in which people read outcomes: worst first, and what has one cause told once.

use super::words::share;
use crate::config::Role;
use crate::record::{Outcome, Run, Status};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The outcomes of a run by how they ended; within each, the order in which they are read.
pub(super) struct Ranking<'a> {
    /// Broken promises, worst first.
    pub(super) broken: Vec<&'a Outcome>,
    /// Not evaluated, by cause in contract order.
    pub(super) unable: Vec<Cause<'a>>,
    /// Inconclusive, by cause in contract order.
    pub(super) undecided: Vec<Cause<'a>>,
    /// Warnings, worst first.
    pub(super) warned: Vec<&'a Outcome>,
    /// Broken and accepted, worst first.
    pub(super) waived: Vec<&'a Outcome>,
    /// Skipped, by cause in contract order.
    pub(super) skipped: Vec<Cause<'a>>,
    /// Outside their limits with severity `info`, which never changes the verdict; in contract order.
    pub(super) noted: Vec<&'a Outcome>,
    /// Kept promises in contract order.
    pub(super) kept: Vec<&'a Outcome>,
}

/// Outcomes of one dataset with one message.
pub(super) struct Cause<'a> {
    /// What they have in common.
    pub(super) message: &'a str,
    /// At least one.
    pub(super) outcomes: Vec<&'a Outcome>,
}

impl<'a> Ranking<'a> {
    /// Sorts a run's outcomes.
    pub(super) fn of(run: &'a Run) -> Self {
        let having = |statuses: &[Status]| -> Vec<&'a Outcome> {
            let all = run.outcomes.iter();
            all.filter(|o| statuses.contains(&o.status)).collect()
        };
        let worst_first = |mut list: Vec<&'a Outcome>| {
            list.sort_by(|a, b| worse(b, a));
            list
        };
        let (noted, kept) = having(&[Status::Pass])
            .into_iter()
            .partition(|o| is_noted(o));
        Self {
            broken: worst_first(having(&[Status::Fail])),
            unable: causes(having(&[Status::Error])),
            undecided: causes(having(&[Status::Inconclusive])),
            warned: worst_first(having(&[Status::Warn])),
            waived: worst_first(having(&[Status::Waived])),
            skipped: causes(having(&[Status::Skipped])),
            noted,
            kept,
        }
    }
}

/// What annotations tell: broken and not evaluated, then warnings, then what is waived; each worst first.
pub(crate) fn findings(run: &Run) -> [Vec<&Outcome>; 3] {
    let ranking = Ranking::of(run);
    let mut errors = ranking.broken;
    errors.extend(flat(&ranking.unable));
    errors.extend(flat(&ranking.undecided));
    [errors, ranking.warned, ranking.waived]
}

/// Whether a passing outcome is outside its limits, which severity `info` lets pass.
pub(super) fn is_noted(outcome: &Outcome) -> bool {
    outcome.status == Status::Pass && outcome.limits.iter().any(|l| !l.held)
}

/// Severity, then the share of failing rows, then their count, then how far beyond the limit.
///
/// A check that counts no rows concerns the dataset as a whole (a missing column, another type) and counts as every
/// row; drift counts as none, because it is judged against the past, not against a promise of the contract. Among drift
/// the model's scores come first, then labels, then columns by their importance.
fn worse(a: &Outcome, b: &Outcome) -> Ordering {
    let whole = |o: &Outcome| {
        let drift = o.is_drift();
        share(o).unwrap_or(if drift { 0.0 } else { 1.0 })
    };
    a.severity
        .cmp(&b.severity)
        .then(whole(a).total_cmp(&whole(b)))
        .then(weight(a).total_cmp(&weight(b)))
        .then(a.failing.cmp(&b.failing))
        .then(excess(a).total_cmp(&excess(b)))
}

/// What a drifted column is to the model: its score before a label, a label before features by their importance.
fn weight(outcome: &Outcome) -> f64 {
    let tagged = |tag: &str| outcome.is_drift() && outcome.tags.iter().any(|t| t == tag);
    let importance = outcome.measured.iter().find(|m| m.name == "importance");
    match importance.and_then(|m| m.number) {
        _ if tagged(Role::Score.word()) => 3.0,
        _ if tagged(Role::Label.word()) => 2.0,
        Some(share) => share,
        None => 0.0,
    }
}

/// Measured divided by limit, the largest of the broken limits; infinite without two numbers to divide.
fn excess(outcome: &Outcome) -> f64 {
    let broken = outcome.limits.iter().filter(|l| !l.held);
    let ratios = broken.filter_map(|l| {
        let measured = super::words::measurement(outcome, l)?.number?;
        l.number.filter(|n| *n > 0.0).map(|n| measured / n)
    });
    ratios.reduce(f64::max).unwrap_or(f64::INFINITY)
}

/// The outcomes of all causes in their order.
pub(super) fn flat<'a>(causes: &[Cause<'a>]) -> Vec<&'a Outcome> {
    let each = causes.iter().flat_map(|c| c.outcomes.iter().copied());
    each.collect()
}

fn causes(outcomes: Vec<&Outcome>) -> Vec<Cause<'_>> {
    let mut found: Vec<Cause<'_>> = Vec::new();
    let mut known: BTreeMap<(&str, &str, Status), usize> = BTreeMap::new();
    for outcome in outcomes {
        let key = (
            outcome.dataset.as_str(),
            outcome.message.as_str(),
            outcome.status,
        );
        let at = *known.entry(key).or_insert(found.len());
        match found.get_mut(at) {
            Some(cause) => cause.outcomes.push(outcome),
            None => found.push(Cause {
                message: &outcome.message,
                outcomes: vec![outcome],
            }),
        }
    }
    found
}
