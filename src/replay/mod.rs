//! Two contracts over batches of the past: which a changed promise would have failed, and which it would have let through.
//!
//! A batch is a saved profile or a line of a history. What those decide exactly is judged as a run would judge it; what
//! they do not is said by name with the reason.

mod promises;
mod sources;
mod words;

pub use sources::batches;

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::error::Result;
use crate::measure::evidence::Evidence;
use crate::record::Status;
use chrono::{DateTime, Utc};
use promises::{Judged, Promise, promises};
use serde::Serialize;
use std::collections::BTreeMap;

/// One batch of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What it is called: the time of its run, or the name of its profile.
    pub name: String,
    /// Clock of its run; absent of profiles.
    pub at: Option<DateTime<Utc>>,
    /// What is known of it.
    pub evidence: Evidence,
}

/// What two contracts say of the same batches.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Replay {
    /// Batches, in their order.
    pub runs: Vec<String>,
    /// Promises that are not the same in both contracts, in the order of the old one, then what is new.
    pub promises: Vec<Replayed>,
    /// Batches in which a promise fails that held, or was not made.
    pub newly_failing: Vec<String>,
    /// Batches in which a promise failed that holds now, or is no longer made.
    pub newly_passing: Vec<String>,
}

/// One promise over the batches.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Replayed {
    /// Id of its outcome: `flights.between(dep_delay)`.
    pub id: String,
    /// The check.
    pub check: String,
    /// Columns that it names.
    pub columns: Vec<String>,
    /// Batches that both contracts decide.
    pub decided: usize,
    /// Batches that fail it under the old contract, among those that are decided.
    pub failed: usize,
    /// Batches that it fails now and did not before.
    pub newly_failing: Vec<String>,
    /// Batches that it failed before and does not now.
    pub newly_passing: Vec<String>,
    /// Batches that are not decided, by the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub undecided: BTreeMap<String, usize>,
}

/// Judges the batches by both contracts; `now` is the clock for batches that have none.
///
/// Errors: those of [`crate::engine::embedded::measure::answers`].
pub fn replay(
    (old, new): (&Contract, &Contract),
    catalogue: &Catalogue,
    batches: &[Batch],
    now: DateTime<Utc>,
) -> Result<Replay> {
    let name = new.dataset.as_deref().or(old.dataset.as_deref());
    let name = name.unwrap_or("data");
    let mut found: Vec<Replayed> = Vec::new();
    for batch in batches {
        let (was, is) = promises((old, new), name, catalogue, batch, now)?;
        let empty = |id: &str, p: &Promise| Replayed {
            id: id.to_owned(),
            check: p.check.clone(),
            columns: p.columns.clone(),
            decided: 0,
            failed: 0,
            newly_failing: Vec::new(),
            newly_passing: Vec::new(),
            undecided: BTreeMap::new(),
        };
        let new_ids = is.iter().filter(|p| !was.iter().any(|w| w.id == p.id));
        for promise in was.iter().chain(new_ids) {
            let id = &promise.id;
            let old = was.iter().find(|p| p.id == *id);
            let new = is.iter().find(|p| p.id == *id);
            if old.map(|p| &p.what) == new.map(|p| &p.what) {
                continue;
            }
            let at = found.iter().position(|f| f.id == *id);
            let at = at.unwrap_or_else(|| {
                found.push(empty(id, promise));
                found.len() - 1
            });
            note(&mut found[at], old, new, &batch.name);
        }
    }
    let union = |of: fn(&Replayed) -> &Vec<String>| {
        let any = |b: &&Batch| found.iter().any(|f| of(f).contains(&b.name));
        let all = batches.iter().filter(any);
        all.map(|b| b.name.clone()).collect::<Vec<_>>()
    };
    Ok(Replay {
        runs: batches.iter().map(|b| b.name.clone()).collect(),
        newly_failing: union(|f| &f.newly_failing),
        newly_passing: union(|f| &f.newly_passing),
        promises: found,
    })
}

/// What a batch decides of every promise of a contract: id, and status or the reason why it is not decided.
///
/// Errors: those of [`crate::engine::embedded::measure::answers`].
pub fn verdicts(
    contract: &Contract,
    catalogue: &Catalogue,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<Vec<(String, std::result::Result<Status, String>)>> {
    let name = contract.dataset.as_deref().unwrap_or("data");
    let (all, _) = promises((contract, contract), name, catalogue, batch, now)?;
    let said = |promise: Promise| {
        let verdict = match promise.judged {
            Judged::Known(status) => Ok(status),
            Judged::Unknown(reason) => Err(reason),
        };
        (promise.id, verdict)
    };
    Ok(all.into_iter().map(said).collect())
}

/// Adds what one batch says of a promise; one that is not made never fails.
fn note(into: &mut Replayed, old: Option<&Promise>, new: Option<&Promise>, batch: &str) {
    let fails = |promise: Option<&Promise>| match promise.map(|p| &p.judged) {
        None => Ok(false),
        Some(Judged::Known(status)) => Ok(matches!(status, Status::Fail | Status::Error)),
        Some(Judged::Unknown(reason)) => Err(reason.clone()),
    };
    match (fails(old), fails(new)) {
        (Ok(was), Ok(is)) => {
            into.decided += 1;
            into.failed += usize::from(was);
            if is && !was {
                into.newly_failing.push(batch.to_owned());
            }
            if was && !is {
                into.newly_passing.push(batch.to_owned());
            }
        }
        (Err(reason), _) | (_, Err(reason)) => *into.undecided.entry(reason).or_insert(0) += 1,
    }
}
