//! The walk: load, plan, measure, evaluate, decide, record.

use crate::context::{Context, check_interrupt};
use crate::engine::embedded::inputs;
use crate::engine::embedded::measure::{Measured, Pair, Parted, Surroundings, measure_all};
use crate::engine::embedded::store::Store;
use crate::error::Result;
use crate::evaluate::evaluate;
use crate::measure::Profile;
use crate::plan::{DatasetPlan, Plan};
use crate::record::{Outcome, Run};
use crate::verdict::{FailOn, decide};
use crate::{catalogue, config, drift, facts, plan};
use std::path::Path;
use std::sync::Arc;

/// Runs the gate: everything from `tollgate.yaml` to the record of the run.
///
/// Rows are parted into `quarantine`, and what `store` keeps is not measured again, where they are given.
/// Errors: [`crate::error::Error::Config`] for what the user wrote, [`crate::error::Error::Data`] and
/// [`crate::error::Error::Query`] for what cannot be read or evaluated, [`crate::error::Error::Interrupted`].
pub fn run(
    path: &Path,
    context: &Context,
    fail_on: FailOn,
    quarantine: Option<&Path>,
    store: Option<&Arc<Store>>,
) -> Result<Run> {
    let config = config::load(path)?;
    let catalogue = catalogue::load::load(&config.checks)?;
    let inputs = inputs::open(&config, store)?;
    let plan = plan::plan(&config, &catalogue, &inputs, context.now)?;
    let measured = measure_all(
        &plan,
        &inputs,
        &Surroundings::of(context, quarantine, store),
    )?;
    let drifts = drift_all(&measured, context.seed);
    let outcomes = evaluate_all(&plan, &measured, &drifts);
    let verdict = decide(&outcomes, fail_on);
    let run = Run {
        schema_version: crate::record::RUN_SCHEMA_VERSION.to_owned(),
        verdict,
        provenance: facts::provenance(&config, &catalogue, context),
        datasets: facts::datasets(&plan, &inputs, &measured)?,
        checks: facts::notes(&catalogue, &outcomes),
        outcomes,
    };
    if let Some(store) = store {
        keep_drift(store, &measured, &drifts)?;
    }
    keep_parted(measured)?;
    Ok(run)
}

/// What the drift gate says of each dataset against each of its references.
fn drift_all(measured: &[Measured], seed: u64) -> Vec<Vec<Vec<Outcome>>> {
    let against = |now: &Profile, pair: &Pair| match &pair.said {
        Some(said) => said.clone(),
        None => drift::judge(&pair.plan, (&pair.reference, now), pair.rows.as_ref(), seed),
    };
    let of = |m: &Measured| {
        let pairs = m.pairs.iter();
        pairs.map(|p| against(&m.now.profile, p)).collect()
    };
    measured.iter().map(of).collect()
}

/// What the drift gate said is kept for rows that stay the same.
fn keep_drift(store: &Store, measured: &[Measured], drifts: &[Vec<Vec<Outcome>>]) -> Result<()> {
    let pairs = measured.iter().flat_map(|m| &m.pairs);
    for (pair, outcomes) in pairs.zip(drifts.iter().flatten()) {
        if let (Some(key), None) = (&pair.drift_key, &pair.said) {
            store.keep_drift(key, outcomes)?;
        }
    }
    Ok(())
}

fn evaluate_all(plan: &Plan, measured: &[Measured], drifts: &[Vec<Vec<Outcome>>]) -> Vec<Outcome> {
    let one = |((part, measured), drifts): ((&DatasetPlan, &Measured), &Vec<Vec<Outcome>>)| {
        let states = part.expectations.iter().zip(&measured.now.states);
        let promises = states.map(|(planned, state)| evaluate(&part.config.name, planned, state));
        let mut outcomes: Vec<Outcome> = promises.collect();
        outcomes.extend(drifts.iter().flatten().cloned());
        outcomes
    };
    let parts = plan.datasets.iter().zip(measured);
    parts.zip(drifts).flat_map(one).collect()
}

/// Good and bad rows get their names only now, when nothing can fail any more.
fn keep_parted(measured: Vec<Measured>) -> Result<()> {
    check_interrupt()?;
    let parted = measured.into_iter().filter_map(|m| m.now.parted);
    parted.into_iter().try_for_each(Parted::keep)
}
