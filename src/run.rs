//! The walk: load, plan, measure, evaluate, decide, record.

use crate::aside::{self, Aside};
use crate::config::{Config, Recording};
use crate::context::{Context, check_interrupt};
use crate::engine::embedded::measure::{Measured, Parted, Surroundings, keep_said, measure_all};
use crate::engine::embedded::personal;
use crate::engine::embedded::store::Store;
use crate::engine::embedded::{inputs, joint};
use crate::error::Result;
use crate::history::{Left, Past, tell_changes};
use crate::model::gate;
use crate::only::Only;
use crate::promote::ticket;
use crate::record::{LeftOut, Run};
use crate::verdict::{FailOn, decide_part};
use crate::waiver::{self, Extent};
use crate::{catalogue, config, facts, outcomes, redact};
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
/// What cannot be read or evaluated is an outcome of the run ([`aside`]), and not an error.
/// Errors: [`crate::error::Error::Config`] and [`crate::error::Error::Usage`] for what the user wrote,
/// [`crate::error::Error::Interrupted`]; those of data where the configuration has nothing that they could be about.
pub fn run(path: &Path, context: &Context, asked: &Asked) -> Result<(Run, Left)> {
    run_part(path, context, asked, &Only::default())
}

/// As [`run`], of the part that `only` asks for; the record says what was left out, and nothing is left to later runs.
///
/// Errors: as for [`run`]; [`crate::error::Error::Usage`] for a name that nothing has, and where git cannot tell what
/// changed.
pub fn run_part(path: &Path, context: &Context, asked: &Asked, only: &Only) -> Result<(Run, Left)> {
    let mut config = config::load(path)?;
    let left_out = only.choose(&mut config)?;
    aside::walked(config, |config, aside| {
        walk(config, (context, asked, only), left_out.clone(), aside)
    })
}

/// The walk over what could be read until now.
fn walk(
    mut config: Config,
    (context, asked, only): (&Context, &Asked, &Only),
    mut left_out: Option<LeftOut>,
    aside: &Aside,
) -> Result<(Run, Left)> {
    let catalogue = catalogue::load::load(&config.checks)?;
    let inputs = inputs::open(&config, asked.store)?;
    let mut plan = personal::plan(&mut config, &catalogue, &inputs, context.now, asked.store)?;
    only.keep(&mut plan, &mut left_out, aside)?;
    let past = Past::load(&config)?;
    let around = Surroundings::of(context, asked.quarantine, asked.store);
    let measured = measure_all(&plan, &inputs, &around)?;
    let mut datasets = facts::datasets(&plan, &inputs, &measured)?;
    let compared = outcomes::compare_all(&measured, context.seed);
    keep_said(&measured, &compared, asked.store)?;
    let rows = joint::rows(&config, &plan, &inputs, &measured)?;
    let profiles = measured.iter().map(|m| &m.now.profile);
    let profiles = profiles.zip(rows.iter().map(Option::as_ref));
    let tonight = past.tonight(&plan, &datasets, profiles, context);
    let mut found = outcomes::evaluate_all(&plan, &measured, compared, &tonight);
    let among = gate::Around::of(&inputs, (&plan, &datasets), &config, context, &past);
    let (told, mut models) = ticket::judged(&config, &plan.models, &among)?;
    found.extend(told);
    only.told(&mut found);
    aside.tell(&mut found);
    // Before waivers: who accepted what, and why, is the author's to say.
    redact::everything(&mut found, &mut models, &plan);
    let extent = Extent::of(left_out.as_ref(), aside);
    waiver::settle(&mut found, &plan, context.now, extent);
    tell_changes(&tonight, &mut datasets, &found);
    aside.record(&mut datasets, &mut models);
    let run = Run {
        schema_version: crate::record::RUN_SCHEMA_VERSION.to_owned(),
        verdict: decide_part(&found, asked.fail_on, left_out.as_ref()),
        left_out,
        provenance: facts::provenance(&config, &catalogue, &plan, context),
        datasets,
        models,
        checks: facts::notes(&catalogue, &found),
        outcomes: found,
    };
    // A part of a run is not the next batch's result.
    let whole = run.left_out.is_none();
    let record = if whole {
        asked.record
    } else {
        Recording::Never
    };
    let left = past.left(tonight, &plan, &run, record);
    keep_parted(measured)?;
    Ok((run, left))
}

/// Good and bad rows get their names only now, when nothing can fail any more.
fn keep_parted(measured: Vec<Measured>) -> Result<()> {
    check_interrupt()?;
    let parted = measured.into_iter().filter_map(|m| m.now.parted);
    parted.into_iter().try_for_each(Parted::keep)
}
