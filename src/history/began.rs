//! Since when an outcome is as it is, and how often a fixed limit would have been crossed.

use super::series::PastRun;
use crate::drift::KNOWN;
use crate::record::{Began, Outcome, Status};
use chrono::{DateTime, SecondsFormat, Utc};

/// Ordinary runs that are looked at for how often a limit was crossed, the last ones. Unit: runs.
pub const LOOKED_BACK: usize = 100;

/// Runs before this one whose numbers are shown, the last ones.
const SHOWN: usize = 14;

/// The first run of the unbroken series of runs in which an outcome did not pass, the one under test included.
///
/// `before` ascends. Absent for an outcome that passes, and where there is no run before. A run that does not have the
/// outcome ends the series: of drift only what was found has one.
#[must_use]
pub fn began(outcome: &Outcome, before: &[&PastRun], now: DateTime<Utc>) -> Option<Began> {
    if outcome.status == Status::Pass || before.is_empty() {
        return None;
    }
    let is_so = |run: &&&PastRun| {
        let then = run.outcomes.get(&outcome.id);
        then.is_some_and(|o| o.status != Status::Pass)
    };
    let series: Vec<_> = before.iter().rev().take_while(is_so).collect();
    let first = series.last().map_or(now, |run| run.night.at);
    Some(Began {
        at: first.to_rfc3339_opts(SecondsFormat::Secs, true),
        runs: series.len() as u64 + 1,
        past: past(outcome, before),
    })
}

/// The number that an outcome measures first, in the last runs that kept it, oldest first; none where this run does not
/// show it, as of a column that became personal: the lines of before hold it.
fn past(outcome: &Outcome, before: &[&PastRun]) -> Vec<f64> {
    let shown = outcome.measured.first().filter(|m| m.number.is_some());
    let Some(first) = shown else {
        return Vec::new();
    };
    let number = |run: &&PastRun| {
        let then = run.outcomes.get(&outcome.id)?;
        then.numbers.get(&first.name).copied()
    };
    let last = before.iter().rev().filter_map(number);
    let mut last: Vec<f64> = last.filter(|n| n.is_finite()).take(SHOWN).collect();
    last.reverse();
    last
}

/// A sentence about a fixed limit of drift: in how many of the last ordinary runs the same number was beyond it.
///
/// Absent for other outcomes, and where no such run has the number.
#[must_use]
pub fn crossings(outcome: &Outcome, before: &[&PastRun]) -> Option<String> {
    let name = outcome.check.strip_prefix("drift_")?;
    if !KNOWN.iter().any(|known| known.name == name) {
        return None;
    }
    let limit = outcome.limits.iter().find(|l| l.name == name)?.number?;
    let ordinary = before.iter().rev().filter(|r| r.night.standing.teaches());
    let number = |run: &&PastRun| run.outcomes.get(&outcome.id)?.numbers.get(name).copied();
    let numbers: Vec<f64> = ordinary.filter_map(number).take(LOOKED_BACK).collect();
    let crossed = numbers.iter().filter(|n| **n > limit).count();
    let of = match numbers.len() {
        0 => return None,
        1 => "the one ordinary run before".to_owned(),
        n => format!("the last {n} ordinary runs"),
    };
    Some(match crossed {
        0 => format!("The same limit was crossed in none of {of}."),
        n => format!("The same limit was crossed in {n} of {of}."),
    })
}
