//! Profiles of datasets: one pass over the columns that somebody asks for, and over the parts of them that are asked for.

mod batches;

pub use batches::ProfileBuilder;
pub(in super::super) use batches::add_array;

use super::encoded;
use super::source::Dataset;
use super::store::Store;
use crate::error::Result;
use crate::measure::{Profile, Wants};
use crate::types::Field;

/// A column to profile, and which parts of it.
pub type Wanted = (Field, Wants);

/// The whole profile of every column of a dataset, from the store where it is kept.
///
/// Errors: as for [`profile`], and `Error::Io` when it cannot be kept.
pub fn whole(dataset: &Dataset, store: Option<&Store>) -> Result<Profile> {
    let all = dataset.columns().iter();
    let wanted: Vec<Wanted> = all.map(|f| (f.clone(), Wants::ALL)).collect();
    match store {
        Some(store) => store.profile(dataset, &wanted, &|_| ()),
        None => profile(dataset, &wanted, &|_| ()),
    }
}

/// The profile of every row and of the wanted columns, in their order; `read` hears of rows as they are read.
///
/// Columns that were profiled while the dataset was opened are not read again; all parts of them are there.
///
/// Errors: `Error::Data` when rows cannot be read or decoded, `Error::Interrupted`.
pub fn profile(
    dataset: &Dataset,
    wanted: &[Wanted],
    read: &(dyn Fn(u64) + Sync),
) -> Result<Profile> {
    // all that is on a server at once, whichever way the columns are read
    dataset.fetch(&names(wanted), &|_| ())?;
    if let Some((profile, _)) = encoded::profile(dataset, wanted, read)? {
        return Ok(profile);
    }
    let known = |(field, _): &&Wanted| dataset.profiled()?.column(&field.name);
    let left = wanted.iter().filter(|w| known(w).is_none()).cloned();
    let mut profile = profile_by_batches(dataset, &left.collect::<Vec<_>>(), read)?;
    let mut scanned = profile.columns.into_iter();
    let column = |w: &Wanted| known(&w).cloned().or_else(|| scanned.next());
    profile.columns = wanted.iter().filter_map(column).collect();
    Ok(profile)
}

/// The same, with rows made of whatever the format: what other ways have to agree with.
///
/// Errors: as for [`profile`].
pub fn profile_by_batches(
    dataset: &Dataset,
    wanted: &[Wanted],
    read: &(dyn Fn(u64) + Sync),
) -> Result<Profile> {
    let mut builder = ProfileBuilder::wanting(wanted);
    dataset.scan(&names(wanted), &mut |batch| {
        builder.update(batch);
        read(batch.num_rows() as u64);
        Ok(())
    })?;
    Ok(builder.finish())
}

fn names(wanted: &[Wanted]) -> Vec<String> {
    wanted.iter().map(|(f, _)| f.name.clone()).collect()
}
