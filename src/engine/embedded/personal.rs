//! Columns that turn out to hold personal data or secrets, whatever the contract says of them.
//!
//! What may be shown is decided before anything is: the first 1,000 rows of the texts and whole numbers of which the
//! contract says nothing are looked at. [`crate::detect::Tally`] says when no value of such a column is shown; in every
//! other column a value that holds something is not.

use super::inputs::Inputs;
use super::source::Dataset;
use super::store::Store;
use super::value::scalar_at;
use crate::aside::each;
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::contract::{Detection, Privacy};
use crate::detect::{Detector, Kind, Tally};
use crate::error::{Error, Result};
use crate::plan::{self, DatasetPlan, Plan, reading};
use crate::scalar::Scalar;
use crate::types::{Field, LogicalType};
use arrow::array::{Array, AsArray, RecordBatch};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Rows looked at, from the first one on.
const LOOK: usize = 1_000;

/// A column, and the kind of what most of its telling values are.
pub type Found = (String, Kind);

/// The plan, which shows no value of columns whose values turn out to be personal.
///
/// Errors: those of [`plan::plan`] and of [`look`].
pub fn plan(
    config: &mut Config,
    catalogue: &Catalogue,
    inputs: &Inputs,
    now: DateTime<Utc>,
    store: Option<&Arc<Store>>,
) -> Result<Plan> {
    let plan = plan::plan(config, catalogue, inputs, now)?;
    let found = look(&plan, inputs, store.map(AsRef::as_ref))?;
    if found.iter().all(Vec::is_empty) {
        return Ok(plan);
    }
    for (part, found) in plan.datasets.iter().zip(found) {
        let mut all = config.datasets.iter_mut();
        if let Some(dataset) = all.find(|d| d.name == part.config.name) {
            dataset.found = found;
        }
    }
    plan::plan(config, catalogue, inputs, now)
}

/// What each dataset of a plan holds, in their order. One that schema and footers decide is not opened for it.
///
/// What `store` keeps of unchanged files is not looked for again. Errors: those of reading rows.
pub fn look(plan: &Plan, inputs: &Inputs, store: Option<&Store>) -> Result<Vec<Vec<Found>>> {
    let one = |part: &DatasetPlan| {
        let dataset = &inputs.datasets[&part.config.name];
        let decided = reading::decided(part, dataset.footer().as_ref());
        if reading::needs_no_scan(part, &decided) {
            return Ok(Vec::new());
        }
        // Columns that nothing else reads are shown as samples' keys at most, of which single values are kept back.
        let read = reading::columns(part, &decided, &|column| dataset.lists_values(column));
        let asked = part
            .columns
            .iter()
            .filter(|f| read.contains(&f.name))
            .filter(|f| {
                part.privacy(&f.name) == Privacy::Open
                    && part.detection(&f.name) == Detection::ByContent
            });
        columns(dataset, asked, store)
    };
    let parts = plan.datasets.iter();
    each(parts.map(|p| (p.config.name.as_str(), p)), one)
}

/// Those of `asked` whose first rows hold so much that no value is shown.
///
/// Errors: those of reading rows.
pub fn columns<'a>(
    dataset: &Dataset,
    asked: impl Iterator<Item = &'a Field>,
    store: Option<&Store>,
) -> Result<Vec<Found>> {
    let telling = |f: &&Field| {
        let wide = LogicalType::Int(64) == f.dtype || LogicalType::UInt(64) == f.dtype;
        wide || f.dtype == LogicalType::String
    };
    let names: Vec<String> = asked.filter(telling).map(|f| f.name.clone()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let key = match store {
        Some(store) => store.look_key(dataset, &names)?.map(|key| (store, key)),
        None => None,
    };
    if let Some(found) = key.as_ref().and_then(|(store, key)| store.looked(key)) {
        return Ok(found);
    }
    let found = first_rows(dataset, names)?;
    if let Some((store, key)) = key {
        store.keep_looked(&key, &found)?;
    }
    Ok(found)
}

/// What the first rows of columns hold.
fn first_rows(dataset: &Dataset, names: Vec<String>) -> Result<Vec<Found>> {
    let detector = Detector::of_reports();
    let mut tallies = vec![Tally::default(); names.len()];
    let mut left = LOOK;
    let scanned = dataset.scan(&names, &mut |batch| {
        for (name, tally) in names.iter().zip(&mut tallies) {
            add(batch, name, left, (tally, &detector));
        }
        left = left.saturating_sub(batch.num_rows());
        // Readers stop on an error only; this one is taken back below.
        if left == 0 {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    });
    match scanned {
        Err(Error::Interrupted) if left == 0 => crate::context::check_interrupt()?,
        other => other?,
    }
    let both = names.into_iter().zip(&tallies);
    Ok(both
        .filter_map(|(name, tally)| Some((name, tally.hides()?)))
        .collect())
}

/// Looks at the first rows of a column of a batch.
fn add(batch: &RecordBatch, name: &str, most: usize, (tally, detector): (&mut Tally, &Detector)) {
    let Some(array) = batch.column_by_name(name) else {
        return;
    };
    let rows = (0..array.len().min(most)).filter(|row| array.is_valid(*row));
    if let Some(texts) = array.as_string_opt::<i32>() {
        rows.for_each(|row| tally.text(texts.value(row), 1, detector));
        return;
    }
    for row in rows {
        if let Some(Scalar::Int(number)) = scalar_at(array, row) {
            tally.number(number.0, 1);
        }
    }
}
