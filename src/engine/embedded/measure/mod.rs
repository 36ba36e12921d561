//! Each measure takes the cheapest way that is exact: footers and schema, the profile, the values that it lists, the rows.
//!
//! `listed` answers conditions on the distinct values of a column, `first` looks at rows for what is left, in one scan,
//! `second` looks for failing rows with what that saw, `quarantine` writes them, `queries` holds the columns of SQL
//! queries over whole datasets, `test` is what happens to each batch.

mod first;
mod listed;
mod quarantine;
mod queries;
mod second;
mod test;

pub use quarantine::{Parted, folder};

use self::first::First;
use self::quarantine::Splitter;
use self::second::Second;
use self::test::Tests;
use super::inputs::Inputs;
use super::profile::{Wanted, profile};
use super::source::Dataset;
use super::tests_of_rows::other;
use crate::context::{Context, Progress};
use crate::error::Result;
use crate::measure::{Profile, State};
use crate::plan::{DatasetPlan, Plan, Planned, reading};
use crate::progress::Bar;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

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
    /// Good and bad rows, when they were asked for.
    pub parted: Option<Parted>,
}

/// How a dataset is measured, besides its plan.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// Whether progress is drawn.
    pub progress: Progress,
    /// Folder that good and bad rows are written under.
    pub quarantine: Option<&'a Path>,
}

impl<'a> Surroundings<'a> {
    /// Those of a run.
    #[must_use]
    pub fn of(context: &Context, quarantine: Option<&'a Path>) -> Self {
        Self {
            now: context.now,
            progress: context.progress,
            quarantine,
        }
    }
}

/// What was obtained for one dataset of a run.
pub struct Measured {
    /// States of its expectations and its profile.
    pub now: Measurements,
    /// Profile of its reference, where it has one.
    pub reference: Option<Profile>,
}

/// Measures every dataset of a plan and profiles its reference.
///
/// Errors: as for [`measure`] and [`super::inputs::reference`].
pub fn measure_all(plan: &Plan, inputs: &Inputs, around: &Surroundings) -> Result<Vec<Measured>> {
    let one = |part: &DatasetPlan| {
        let dataset = &inputs.datasets[&part.config.name];
        Ok(Measured {
            now: measure(part, dataset, &inputs.datasets, around)?,
            reference: super::inputs::reference(&part.config, &inputs.base)?,
        })
    };
    plan.datasets.iter().map(one).collect()
}

/// Measures one dataset.
///
/// Scans: none where footers and schema decide all; else one for the profile and one for what neither it nor its listed
/// values decide, both in one where the format has no profile of its own; one more when a failing row is to be shown,
/// or rows are parted.
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` when a test cannot be evaluated, `Error::Io`
/// when parted rows cannot be written, `Error::Interrupted`.
pub fn measure(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    around: &Surroundings,
) -> Result<Measurements> {
    let footer = dataset.footer();
    let mut decided = reading::decided(plan, footer.as_ref());
    let wanted = reading::wanted(plan, &decided, &|column| dataset.lists_values(column));
    let mut tests = Tests::new(plan, others, &decided)?;
    let mut scans = 0;
    let mut known = None;
    if dataset.is_profiled_alone() && !wanted.is_empty() {
        let bar = Mutex::new(Bar::new(around.progress, &plan.config.name, dataset.rows()));
        let profile = profile(dataset, &wanted, &|rows| {
            bar.lock().unwrap_or_else(PoisonError::into_inner).add(rows);
        })?;
        bar.into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .finish();
        listed::decide(&mut tests, plan, dataset, &profile, &mut decided)?;
        known = Some(profile);
        scans += 1;
    }
    let on_the_way: &[Wanted] = if known.is_some() { &[] } else { &wanted };
    let mut first = First::new(plan, tests, decided, on_the_way)?;
    let rows = known.as_ref().map(|p| p.rows).or(footer.map(|f| f.rows));
    if first.needed || rows.is_none() {
        let columns = first.columns.clone();
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
    for (planned, state) in plan.expectations.iter().zip(&mut seen.states) {
        other(planned, plan, dataset, others, around.now, state);
    }
    let splitter = match around.quarantine {
        Some(path) => Some(Splitter::new(&folder(path, &plan.config.name)?, dataset)?),
        None => None,
    };
    let shows = |(p, s): (&Planned, &State)| {
        s.failing.unwrap_or(0) > s.samples.len() as u64 && p.common.samples > s.samples.len()
    };
    let mut parted = None;
    if splitter.is_some() || plan.expectations.iter().zip(&seen.states).any(shows) {
        let second = Second::new(plan, seen.tests, &seen.states, splitter)?;
        let mut bar = Bar::new(around.progress, &plan.config.name, Some(seen.rows));
        let splitter = second.scan(dataset, &mut seen.states, &mut |rows| bar.add(rows))?;
        bar.finish();
        scans += 1;
        parted = splitter.map(|s| s.finish(seen.rows, dataset)).transpose()?;
    }
    Ok(Measurements {
        states: seen.states,
        rows: seen.rows,
        profile: seen.profile,
        scans,
        parted,
    })
}
