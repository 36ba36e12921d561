//! `schema_stable`: the columns of a dataset against the accepted ones.

use super::source::Dataset;
use crate::catalogue::argument::{Arg, Args};
use crate::contract::accepted::{self, Accepted, Allowed, Nulls};
use crate::error::Result;
use arrow::array::Array;
use std::collections::BTreeMap;

/// What differs. Names and types come from the schema; rows are read only for columns that were accepted without nulls
/// and whose nulls no footer states.
///
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Interrupted`.
pub(super) fn differences(args: &Args, dataset: &Dataset) -> Result<Vec<String>> {
    let Some(Arg::Accepted(accepted)) = args.get("accepted") else {
        return Ok(Vec::new());
    };
    let allow: Vec<Allowed> = match args.get("allow") {
        Some(Arg::Texts(words)) => words.iter().filter_map(|w| Allowed::parse(w)).collect(),
        _ => Vec::new(),
    };
    let nulls = if allow.contains(&Allowed::Nullable) {
        BTreeMap::new()
    } else {
        nulls(accepted, dataset)?
    };
    let shape = (dataset.schema(), dataset.columns());
    Ok(accepted::differences(accepted, shape, &allow, &|name| {
        nulls.get(name).copied().unwrap_or(0)
    }))
}

fn nulls(accepted: &Accepted, dataset: &Dataset) -> Result<BTreeMap<String, u64>> {
    let refused = accepted
        .columns
        .iter()
        .filter(|c| c.nulls == Nulls::Refused);
    let read = |name: &str| dataset.columns().iter().any(|f| f.name == name);
    let names: Vec<String> = refused
        .map(|c| c.name.clone())
        .filter(|name| read(name))
        .collect();
    let footer = dataset.footer();
    let stated = |name: &String| {
        let column = footer.as_ref()?.columns.iter().find(|c| c.name == *name)?;
        column.nulls
    };
    let mut counts = BTreeMap::new();
    let mut unknown = Vec::new();
    for name in names {
        match stated(&name) {
            Some(count) => drop(counts.insert(name, count)),
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        let mut rows = vec![0u64; unknown.len()];
        dataset.scan(&unknown, &mut |batch| {
            for (count, array) in rows.iter_mut().zip(batch.columns()) {
                *count += array.logical_null_count() as u64;
            }
            Ok(())
        })?;
        counts.extend(unknown.into_iter().zip(rows));
    }
    Ok(counts)
}
