//! Each measure takes the cheapest way that is exact: footers and schema, the profile, the values that it lists, the rows.
//!
//! `listed` answers conditions on the distinct values of a column, `first` looks at rows for what is left, in one scan,
//! `second` looks for failing rows with what that saw, `quarantine` writes them, `queries` holds the columns of SQL
//! queries over whole datasets, `known` answers without rows what a profile or a line of a history decides, `test` is what happens to each batch.

mod first;
mod known;
mod listed;
mod quarantine;
mod queries;
mod second;
mod suspects;
mod test;

pub use known::{Answer, answers};
pub use quarantine::{Parted, folder};

use self::first::{First, Scanned};
use self::quarantine::Splitter;
use self::second::Second;
use self::test::{Test, Tests};
use super::inputs::{Inputs, Reference};
use super::profile::{Wanted, profile};
use super::sample;
use super::source::Dataset;
use super::store::{KeptStates, Store};
use super::tests_of_rows::other;
use crate::aside::each;
use crate::config::drift::Calibration;
use crate::context::{Context, Progress};
use crate::drift::gate::{self, Rows};
use crate::error::Result;
use crate::measure::{Profile, State};
use crate::plan::{DatasetPlan, Plan, Planned, reading};
use crate::progress::Bar;
use crate::record::{FileDigest, Outcome};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// States in the order of the plan's expectations, and the profile.
pub struct Measurements {
    /// One per expectation.
    pub states: Vec<State>,
    /// Rows of the dataset.
    pub rows: u64,
    /// Profile of the profiled columns.
    pub profile: Profile,
    /// Passes over rows: for the profile, for what it leaves open, for failing rows; none where footers decide.
    pub scans: u32,
    /// Whether footers were all that was read.
    pub footers_only: bool,
    /// Good and bad rows, when they were asked for.
    pub parted: Option<Parted>,
}

/// How a dataset is measured, besides its plan.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// Seed of what draws.
    pub seed: u64,
    /// Whether progress is drawn.
    pub progress: Progress,
    /// Folder that good and bad rows are written under.
    pub quarantine: Option<&'a Path>,
    /// What was measured before.
    pub store: Option<&'a Arc<Store>>,
}

impl<'a> Surroundings<'a> {
    /// Those of a run.
    #[must_use]
    pub fn of(
        context: &Context,
        quarantine: Option<&'a Path>,
        store: Option<&'a Arc<Store>>,
    ) -> Self {
        Self {
            now: context.now,
            seed: context.seed,
            progress: context.progress,
            quarantine,
            store,
        }
    }
}

/// What was obtained for one dataset of a run.
pub struct Measured {
    /// States of its expectations and its profile.
    pub now: Measurements,
    /// What it is compared with, in the order of its references.
    pub pairs: Vec<Pair>,
}

/// What was obtained for the comparison with one reference.
pub struct Pair {
    /// The plan against it.
    pub plan: DatasetPlan,
    /// Its profile.
    pub reference: Profile,
    /// Its files.
    pub files: Vec<FileDigest>,
    /// Rows of both sides, where the drift gate compares them.
    pub rows: Option<Rows>,
    /// What the drift gate said of the same rows before.
    pub said: Option<Vec<Outcome>>,
    /// Under which key it is kept.
    pub drift_key: Option<String>,
}

/// Measures every dataset of a plan and profiles its references.
///
/// Errors: those of [`measure`] and of [`super::inputs::reference`]; all of data at once, as [`crate::error::Error::Parts`].
pub fn measure_all(plan: &Plan, inputs: &Inputs, around: &Surroundings) -> Result<Vec<Measured>> {
    let one = |part: &DatasetPlan| {
        let dataset = &inputs.datasets[&part.config.name];
        let now = measure(part, dataset, &inputs.datasets, around)?;
        let positions = 0..part.config.references.named.len();
        let pairs = positions
            .map(|i| pair(part.against(i), dataset, &now.profile, (inputs, around)))
            .collect::<Result<_>>()?;
        Ok(Measured { now, pairs })
    };
    let parts = plan.datasets.iter();
    each(parts.map(|p| (p.config.name.as_str(), p)), one)
}

/// Keeps what the drift gate said of each pair, by dataset and reference, for rows that stay the same.
///
/// Errors: [`crate::error::Error::Io`] when it cannot be written.
pub fn keep_said(
    measured: &[Measured],
    outcomes: &[Vec<Vec<Outcome>>],
    store: Option<&Arc<Store>>,
) -> Result<()> {
    let pairs = measured.iter().flat_map(|m| &m.pairs);
    for (pair, outcomes) in pairs.zip(outcomes.iter().flatten()) {
        if let (Some(store), Some(key), None) = (store, &pair.drift_key, &pair.said) {
            store.keep_drift(key, outcomes)?;
        }
    }
    Ok(())
}

/// Obtains what the comparison with the reference of a plan needs.
fn pair(
    plan: DatasetPlan,
    dataset: &Dataset,
    now: &Profile,
    (inputs, around): (&Inputs, &Surroundings),
) -> Result<Pair> {
    let reference = super::inputs::reference(&plan.config, &inputs.base, around.store)?;
    let drift_key = match (around.store, &reference.dataset) {
        (Some(store), Some(of)) => store.drift_key(&plan, (of, dataset), around.seed)?,
        _ => None,
    };
    let kept = around.store.zip(drift_key.as_ref());
    let said = kept.and_then(|(store, key)| store.drift(key));
    let rows = match said {
        None => rows(&plan, dataset, now, &reference)?,
        Some(_) => None,
    };
    Ok(Pair {
        plan,
        reference: reference.profile,
        files: reference.files,
        rows,
        said,
        drift_key,
    })
}

/// Rows of both sides, where the drift gate compares them and there are any.
fn rows(
    part: &DatasetPlan,
    dataset: &Dataset,
    now: &Profile,
    reference: &Reference,
) -> Result<Option<Rows>> {
    let before = &reference.profile;
    let Some(of) = &reference.dataset else {
        return Ok(None);
    };
    if part.config.drift.calibration == Calibration::Off || before.rows == 0 || now.rows == 0 {
        return Ok(None);
    }
    let columns = gate::columns(part, before, now);
    let has = |column: &str| of.columns().iter().any(|f| f.name == column);
    let slices = part.config.drift.slices.iter().map(|(name, _)| name);
    let slices: Vec<String> = slices.filter(|s| has(s)).cloned().collect();
    sample::rows(columns, &slices, (of, before.rows), (dataset, now.rows)).map(Some)
}

/// Measures one dataset.
///
/// Scans: none where footers and schema decide all, or a store keeps what was measured; else one for the profile and one
/// for what neither it nor its listed values decide, both in one where the format has no profile of its own; one more
/// when a failing row is to be shown, or rows are parted.
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` when a test cannot be evaluated, `Error::Io`
/// when rows cannot be parted or states not kept, `Error::Interrupted`.
pub fn measure(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    around: &Surroundings,
) -> Result<Measurements> {
    // What is parted has to be read.
    let store = around.store.filter(|_| around.quarantine.is_none());
    let key = store.map(|s| s.states_key(plan, others)).transpose()?;
    let keeping = store.zip(key.flatten());
    if let Some((store, key)) = &keeping
        && let Some(kept) = store.states(key)
    {
        return from_kept(plan, dataset, others, around, kept);
    }
    let (mut seen, scans) = look(plan, dataset, others, around)?;
    let before = keeping.is_some().then(|| seen.states.clone());
    for (planned, state) in plan.expectations.iter().zip(&mut seen.states) {
        other(planned, plan, dataset, others, around.now, state);
    }
    let (states, profile, rows) = (std::mem::take(&mut seen.states), seen.profile, seen.rows);
    let mut measured = Measurements {
        states,
        rows,
        profile,
        scans,
        footers_only: scans == 0,
        parted: None,
    };
    look_again(plan, dataset, seen.tests, around, &mut measured)?;
    if let (Some((store, key)), Some(states)) = (keeping, before) {
        let samples = measured.states.iter().map(|s| s.samples.clone()).collect();
        let kept = KeptStates {
            rows,
            states,
            samples,
        };
        store.keep_states(&key, &kept)?;
    }
    Ok(measured)
}

/// What a store keeps of the rows, and what the clock and other files say of it now.
fn from_kept(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    around: &Surroundings,
    mut kept: KeptStates,
) -> Result<Measurements> {
    for (planned, state) in plan.expectations.iter().zip(&mut kept.states) {
        other(planned, plan, dataset, others, around.now, state);
    }
    for (state, samples) in kept.states.iter_mut().zip(kept.samples) {
        state.samples = samples;
    }
    let whole = reading::profiles_all(plan)
        .then(|| super::profile::whole(dataset, around.store.map(AsRef::as_ref)));
    Ok(Measurements {
        states: kept.states,
        rows: kept.rows,
        profile: whole.transpose()?.unwrap_or_default(),
        scans: 0,
        footers_only: false,
        parted: None,
    })
}

/// Looks at what the plan needs, the cheapest way first; the number of scans that it took.
fn look(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    around: &Surroundings,
) -> Result<(Scanned, u32)> {
    let footer = dataset.footer();
    let mut decided = reading::decided(plan, footer.as_ref());
    let wanted = reading::wanted(plan, &decided, &|column| dataset.lists_values(column));
    let mut tests = Tests::new(plan, others, &decided)?;
    let alone = dataset.is_profiled_alone() || around.store.is_some();
    let known = if alone && !wanted.is_empty() {
        let profile = profile_alone(plan, dataset, &wanted, around)?;
        listed::decide(&mut tests, plan, dataset, &profile, &mut decided)?;
        Some(profile)
    } else {
        None
    };
    // Where opening made the profile, no row is read for it.
    let mut scans = u32::from(known.is_some() && dataset.profiled().is_none());
    let on_the_way: &[Wanted] = if known.is_some() { &[] } else { &wanted };
    let mut first = First::new(plan, tests, decided, on_the_way)?;
    let rows = known.as_ref().map(|p| p.rows).or(footer.map(|f| f.rows));
    if first.needed || rows.is_none() {
        let columns = first.columns.clone();
        fetch(around.progress, &plan.config.name, dataset, &columns)?;
        let mut bar = Bar::new(around.progress, &plan.config.name, rows);
        dataset.scan(&columns, &mut |batch| {
            bar.add(batch.num_rows() as u64);
            first.update(batch)
        })?;
        bar.finish();
        scans += 1;
    }
    let mut seen = first.finish(plan, others, known)?;
    seen.rows = rows.unwrap_or(seen.rows);
    Ok((seen, scans))
}

/// The profile by itself, from the store where it is kept.
fn profile_alone(
    plan: &DatasetPlan,
    dataset: &Dataset,
    wanted: &[Wanted],
    around: &Surroundings,
) -> Result<Profile> {
    let columns: Vec<String> = wanted.iter().map(|(field, _)| field.name.clone()).collect();
    fetch(around.progress, &plan.config.name, dataset, &columns)?;
    let bar = Bar::new(around.progress, &plan.config.name, dataset.rows());
    let bar = Mutex::new(bar);
    let read = |rows| bar.lock().unwrap_or_else(PoisonError::into_inner).add(rows);
    let profile = match around.store {
        Some(store) => store.profile(dataset, wanted, &read),
        None => profile(dataset, wanted, &read),
    };
    let bar = bar.into_inner().unwrap_or_else(PoisonError::into_inner);
    bar.finish();
    profile
}

/// Looks at the rows again when some that failed are to be shown, or all are to be parted.
fn look_again(
    plan: &DatasetPlan,
    dataset: &Dataset,
    tests: Vec<Test>,
    around: &Surroundings,
    measured: &mut Measurements,
) -> Result<()> {
    let splitter = match around.quarantine {
        Some(path) => Some(Splitter::new(&folder(path, &plan.config.name)?, dataset)?),
        None => None,
    };
    let shows = |(p, s): (&Planned, &State)| {
        s.failing.unwrap_or(0) > s.samples.len() as u64 && p.common.samples.most > s.samples.len()
    };
    let mut both = plan.expectations.iter().zip(&measured.states);
    if splitter.is_none() && !both.any(shows) {
        return Ok(());
    }
    let second = Second::new(plan, tests, &measured.states, splitter)?;
    let mut bar = Bar::new(around.progress, &plan.config.name, Some(measured.rows));
    let splitter = second.scan(dataset, &mut measured.states, &mut |rows| bar.add(rows))?;
    bar.finish();
    measured.scans += 1;
    measured.footers_only = false;
    let parted = splitter.map(|s| s.finish(measured.rows, dataset));
    measured.parted = parted.transpose()?;
    Ok(())
}

/// Fetches what a scan of `columns` reads of files on servers, with a bar of the bytes.
///
/// Errors: those of [`Dataset::fetch`].
fn fetch(progress: Progress, name: &str, dataset: &Dataset, columns: &[String]) -> Result<()> {
    let bar = Mutex::new(Bar::of_bytes(progress, name, dataset.missing(columns)));
    let counted = |bytes| {
        bar.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(bytes);
    };
    let fetched = dataset.fetch(columns, &counted);
    let bar = bar.into_inner().unwrap_or_else(PoisonError::into_inner);
    bar.finish();
    fetched
}
