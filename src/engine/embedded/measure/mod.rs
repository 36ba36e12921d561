//! One scan measures everything of a dataset; a second one, only when rows failed or are parted, collects them.
//!
//! What Parquet footers and schemas decide needs no scan at all. `first` measures, `second` looks for failing rows
//! with what the first scan saw, `quarantine` writes them, `queries` holds the columns of SQL queries over whole
//! datasets, `test` is what happens to each batch.

mod first;
mod quarantine;
mod queries;
mod second;
mod test;

pub use quarantine::{Parted, folder};

use self::first::First;
use self::quarantine::Splitter;
use self::second::Second;
use super::inputs::Inputs;
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

/// States in the order of the plan's expectations, and the profile.
pub struct Measurements {
    /// One per expectation.
    pub states: Vec<State>,
    /// Rows of the dataset.
    pub rows: u64,
    /// Profile of the profiled columns.
    pub profile: Profile,
    /// Times the rows were read: none, once, or once more for failing rows.
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
/// Scans: one, unless footers and schema decide all; one more when a failing row is to be shown, or rows are parted.
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` when a test cannot be evaluated, `Error::Io`
/// when parted rows cannot be written, `Error::Interrupted`.
pub fn measure(
    plan: &DatasetPlan,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    around: &Surroundings,
) -> Result<Measurements> {
    let footer = dataset.footer();
    let decided = reading::decided(plan, footer.as_ref());
    let mut first = First::new(plan, dataset, others, &decided)?;
    let mut scans = 0;
    let no_rows = footer.filter(|_| reading::needs_no_scan(plan, &decided));
    if no_rows.is_none() {
        let columns = first.columns.clone();
        let mut bar = Bar::new(
            around.progress,
            &plan.config.name,
            dataset.footer().map(|f| f.rows),
        );
        dataset.scan(&columns, &mut |batch| {
            bar.add(batch.num_rows() as u64);
            first.update(batch)
        })?;
        bar.finish();
        scans += 1;
    }
    let mut seen = first.finish(plan, dataset, others)?;
    seen.rows = no_rows.map_or(seen.rows, |f| f.rows);
    for (state, decided) in seen.states.iter_mut().zip(decided) {
        *state = decided.unwrap_or_else(|| std::mem::take(state));
    }
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
