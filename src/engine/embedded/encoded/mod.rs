//! Parquet files profiled as they are encoded, without making rows.
//!
//! A dictionary page holds each distinct value of a column chunk once: it is decoded once, data pages are counted code by
//! code, and a value goes to the profile once with its count. Levels are counted, not expanded. Other values are decoded
//! into buffers that are used again. What is not covered, or does not hold together, is left to arrow's reader
//! ([`profile_by_batches`]): its word counts, so that both ways accept the same files and refuse them with the same
//! words.
//!
//! A unit of work is a column in some consecutive row groups of one file, fixed by the file alone. A thread continues
//! the state that another left, or starts one of its own; states of a column merge. A profile depends on the values
//! alone, so neither the number of threads nor the order changes a byte of it. Memory: a state per column and thread at
//! most, and per thread a piece of a file, a page and a dictionary.
//!
//! Source: Apache Parquet format.

pub mod decode;
mod leaf;
mod page;
mod plan;
mod unit;
mod values;
mod window;
mod work;

use super::profile::{Wanted, profile_by_batches};
use super::source::Dataset;
use crate::error::Result;
use crate::measure::Profile;
use plan::Plan;

/// The profile of the wanted columns, in their order, and the names of those for which rows were made after all;
/// `None` when the dataset is not of Parquet files. `read` hears of rows as they are read.
///
/// Errors: `Error::Data` when a file changed or cannot be read or decoded, `Error::Interrupted`.
pub fn profile(
    dataset: &Dataset,
    wanted: &[Wanted],
    read: &(dyn Fn(u64) + Sync),
) -> Result<Option<(Profile, Vec<String>)>> {
    let Some(plan) = Plan::of(dataset, wanted) else {
        return Ok(None);
    };
    let columns = work::done(&plan, read)?;
    let others = wanted.iter().zip(&columns).filter(|(_, c)| c.is_none());
    let others: Vec<Wanted> = others.map(|(w, _)| w.clone()).collect();
    let mut rest = if others.is_empty() {
        Vec::new().into_iter()
    } else {
        profile_by_batches(dataset, &others, read)?
            .columns
            .into_iter()
    };
    dataset.unchanged()?;
    let columns = columns
        .into_iter()
        .filter_map(|c| c.or_else(|| rest.next()));
    let profile = Profile {
        rows: plan.rows,
        columns: columns.collect(),
    };
    let names = others.into_iter().map(|(field, _)| field.name);
    Ok(Some((profile, names.collect())))
}
