//! The walk: load, plan, measure, evaluate, decide, record.

use crate::catalogue::{Measure, Statistic};
use crate::config::Recording;
use crate::context::{Context, check_interrupt};
use crate::contract::import;
use crate::engine::embedded::inputs;
use crate::engine::embedded::measure::{
    Measured, Pair, Parted, Surroundings, keep_said, measure_all,
};
use crate::engine::embedded::store::Store;
use crate::error::Result;
use crate::evaluate::evaluate;
use crate::history::{Left, Past, Tonight};
use crate::measure::{Profile, State, Unable};
use crate::only::Only;
use crate::plan::{DatasetPlan, Plan, Planned};
use crate::record::{LeftOut, Outcome, Run, Verdict};
use crate::verdict::{FailOn, decide};
use crate::waiver::{self, Extent};
use crate::{catalogue, config, drift, facts, plan};
use std::path::Path;
use std::sync::Arc;

/// What is asked of one run besides its configuration.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What makes it fail.
    pub fail_on: FailOn,
    /// Folder that rows are parted into.
    pub quarantine: Option<&'a Path>,
    /// What was measured before.
    pub store: Option<&'a Arc<Store>>,
    /// Whether it is added to the history that the configuration names; the configuration may say no as well.
    pub record: Recording,
}

/// Runs the gate: everything from `tollgate.yaml` to the record of the run.
///
/// Rows are parted into `quarantine`, and what `store` keeps is not measured again, where they are given. What it
/// leaves to later runs is appended when its reports are written.
/// Errors: [`crate::error::Error::Config`] for what the user wrote, [`crate::error::Error::Data`] and
/// [`crate::error::Error::Query`] for what cannot be read or evaluated, [`crate::error::Error::Interrupted`].
pub fn run(path: &Path, context: &Context, asked: &Asked) -> Result<(Run, Left)> {
    run_part(path, context, asked, &Only::default())
}

/// As [`run`], of the part that `only` asks for; the record says what was left out, and nothing is left to later runs.
///
/// Errors: as for [`run`]; [`crate::error::Error::Usage`] for a name that nothing has, and where git cannot tell what
/// changed.
pub fn run_part(path: &Path, context: &Context, asked: &Asked, only: &Only) -> Result<(Run, Left)> {
    let mut config = config::load(path)?;
    let mut left_out = only.choose(&mut config)?;
    let catalogue = catalogue::load::load(&config.checks)?;
    let inputs = inputs::open(&config, asked.store)?;
    let mut plan = plan::plan(&config, &catalogue, &inputs, context.now)?;
    let promises = only.keep(&mut plan)?;
    if let Some(left_out) = &mut left_out {
        left_out.promises = promises;
    }
    let past = Past::load(&config)?;
    let around = Surroundings::of(context, asked.quarantine, asked.store);
    let measured = measure_all(&plan, &inputs, &around)?;
    let datasets = facts::datasets(&plan, &inputs, &measured)?;
    let compared = compare_all(&measured, context.seed);
    keep_said(&measured, &compared, asked.store)?;
    let profiles = measured.iter().map(|m| &m.now.profile);
    let tonight = past.tonight(&plan, &datasets, profiles, context);
    let mut outcomes = evaluate_all(&plan, &measured, compared, &tonight);
    only.told(&mut outcomes);
    let extent = if left_out.is_some() {
        Extent::Part
    } else {
        Extent::Whole
    };
    waiver::settle(&mut outcomes, &plan, context.now, extent);
    let run = Run {
        schema_version: crate::record::RUN_SCHEMA_VERSION.to_owned(),
        verdict: verdict(&outcomes, asked.fail_on, left_out.as_ref()),
        left_out,
        provenance: facts::provenance(&config, &catalogue, context),
        datasets,
        checks: facts::notes(&catalogue, &outcomes),
        outcomes,
    };
    let record = match run.left_out {
        // A part of a run is not the next batch's result.
        Some(_) => Recording::Never,
        None => asked.record,
    };
    let left = past.left(tonight, &plan, &run.outcomes, record);
    keep_parted(measured)?;
    Ok((run, left))
}

/// The verdict; of a part of a run, its sentence says first what was left out.
fn verdict(outcomes: &[Outcome], fail_on: FailOn, left_out: Option<&LeftOut>) -> Verdict {
    let mut verdict = decide(outcomes, fail_on);
    if let Some(left_out) = left_out {
        verdict.sentence = format!("{} {}", left_out.sentence(), verdict.sentence);
    }
    verdict
}

/// What the comparisons say of each dataset, by reference.
fn compare_all(measured: &[Measured], seed: u64) -> Vec<Vec<Vec<Outcome>>> {
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

/// Promises in contract order, then drift; each with what the runs before say of it.
fn evaluate_all(
    plan: &Plan,
    measured: &[Measured],
    compared: Vec<Vec<Vec<Outcome>>>,
    tonight: &[Option<Tonight>],
) -> Vec<Outcome> {
    let one = |(((part, measured), compared), tonight): (
        ((&DatasetPlan, &Measured), _),
        &Option<Tonight>,
    )| {
        let states = part.expectations.iter().zip(&measured.now.states);
        let name = &part.config.name;
        let promises = states.map(
            |(planned, state)| match followed(planned, tonight.as_ref()) {
                Some(state) => evaluate(name, planned, &state),
                None => evaluate(name, planned, state),
            },
        );
        let imported = import::told::outcome(&part.config);
        let mut outcomes: Vec<Outcome> = imported.into_iter().chain(promises).collect();
        outcomes.extend(drift::together(part, tonight.as_ref(), compared));
        if let Some(tonight) = tonight {
            tonight.look_back(&mut outcomes);
        }
        outcomes
    };
    let compared = compared
        .into_iter()
        .map(|c| c.into_iter().flatten().collect());
    let parts = plan.datasets.iter().zip(measured).zip(compared);
    parts.zip(tonight).flat_map(one).collect()
}

/// The state of an expectation that follows a number over the runs; `None` for others.
fn followed(planned: &Planned, tonight: Option<&Tonight>) -> Option<State> {
    let follows = planned.check.measure == Measure::Statistic(Statistic::MetricStable);
    follows.then(|| match tonight {
        Some(tonight) => tonight.stable(&planned.args),
        None => State {
            unable: Some(Unable::Skipped("no history is kept".to_owned())),
            ..State::default()
        },
    })
}

/// Good and bad rows get their names only now, when nothing can fail any more.
fn keep_parted(measured: Vec<Measured>) -> Result<()> {
    check_interrupt()?;
    let parted = measured.into_iter().filter_map(|m| m.now.parted);
    parted.into_iter().try_for_each(Parted::keep)
}
