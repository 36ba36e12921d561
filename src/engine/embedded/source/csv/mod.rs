//! CSV: one width, unique names, a type per column that every cell of every file has; parsed on all cores.
//!
//! Opening reads the files once, in chunks of whole records: the type of each column is guessed from the first rows,
//! and every cell is read as that type, into the column's profile where one is wanted. A column whose guess was wrong
//! is read once more, so that neither type nor profile ever depends on a sample. Scans read the files again.
//!
//! Source: RFC 4180 (quotes, doubled quotes, line breaks inside quotes), wider in three points: any one-character
//! delimiter and quote, any line ending, any encoding. Nulls: the cells that `nulls` lists, the empty one by default.

mod chunks;
mod header;
mod index;
mod kept;
mod mend;
mod parallel;
mod pass;
mod place;
mod repeats;
mod scan;
mod survey;
#[cfg(test)]
mod tests;
mod typed;

pub use self::mend::{Quotes, Survey};

use self::index::Dialect;
use self::typed::{Nulls, Purpose};
use super::cell::Guess;
use super::{DataFile, SourceOptions};
use crate::error::{Error, Result};
use crate::measure::Profile;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

/// How the work is cut. What comes out never depends on it.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Threads at most.
    threads: usize,
    /// Bytes of a chunk while types are found.
    chunk: usize,
    /// Bytes of a chunk while batches are made.
    scan: usize,
    /// Bytes that types are guessed from.
    sample: usize,
}

/// Threads at most: beyond, cutting the text is what takes the time, and every one holds profiles.
const THREADS: usize = 16;

impl Pace {
    fn of_this_machine() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, |n| n.get().min(THREADS)),
            chunk: 1 << 20,
            scan: 4 << 20,
            sample: 1 << 18,
        }
    }

    /// Threads for one file: one is enough for a chunk.
    fn threads_for(self, file: &DataFile, chunk: usize) -> usize {
        let chunks = usize::try_from(file.bytes / chunk.max(1) as u64).unwrap_or(usize::MAX);
        self.threads.min(chunks.saturating_add(1)).max(1)
    }
}

/// What the first reading of all files found.
pub(super) struct Table {
    names: Vec<String>,
    types: Vec<DataType>,
    nulls: Nulls,
    layouts: Vec<Layout>,
    pace: Pace,
    profile: Option<Profile>,
}

/// How one file is written.
struct Layout {
    dialect: Dialect,
    /// Per column of the file: the table's column.
    order: Vec<usize>,
    /// Bytes of text before the first row.
    start: u64,
    rows: u64,
}

impl Table {
    /// Reads every file once: names, types and the number of rows, profiles where wanted; checks all of them.
    ///
    /// Errors: [`Error::Data`] for text that is not of its encoding, NUL, rows of another width, a quote that is never
    /// closed, names that are missing, come twice, or differ between files.
    pub(super) fn open(files: &[DataFile], options: &SourceOptions) -> Result<Self> {
        Self::open_at(files, options, Pace::of_this_machine())
    }

    fn open_at(files: &[DataFile], options: &SourceOptions, pace: Pace) -> Result<Self> {
        let mut table = Self {
            names: Vec::new(),
            types: Vec::new(),
            nulls: Nulls::new(options.csv.nulls.as_ref()),
            layouts: Vec::new(),
            pace,
            profile: None,
        };
        table.read(files, options)?;
        Ok(table)
    }

    /// Header of one file; the first one names the columns.
    fn look(
        &mut self,
        file: &DataFile,
        options: &SourceOptions,
        first: &str,
        guesses: &mut Vec<Guess>,
    ) -> Result<Layout> {
        let (names, mut layout) = header::look(file, options)?;
        if self.names.is_empty() {
            let declared: HashMap<_, _> = options.types.iter().map(|(n, t)| (n, t)).collect();
            let of = |n: &String| declared.get(n).copied().or_else(|| options.by_pattern(n));
            guesses.extend(names.iter().map(|n| Guess::new(of(n))));
            self.names.clone_from(&names);
        }
        layout.order = self.order(&names, file, first)?;
        Ok(layout)
    }

    fn order(&self, names: &[String], file: &DataFile, first: &str) -> Result<Vec<usize>> {
        let known: HashMap<&String, usize> =
            self.names.iter().enumerate().map(|(i, n)| (n, i)).collect();
        let found: Option<Vec<usize>> = names.iter().map(|n| known.get(n).copied()).collect();
        match found {
            Some(order) if order.len() == known.len() => Ok(order),
            _ => {
                let reason = super::unify::names_differ(first, &self.names, names);
                Err(Error::data("read", &file.path, reason))
            }
        }
    }

    /// The columns, in the order of the first file.
    pub(super) fn schema(&self) -> SchemaRef {
        let fields = self.names.iter().zip(&self.types);
        let fields = fields.map(|(n, t)| Field::new(n, t.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The profile of all columns, when [`SourceOptions::profile`] asked for it.
    pub(super) fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }
}

/// What opening is for.
fn purpose(options: &SourceOptions) -> Purpose {
    if options.profile == super::ProfileAt::Open {
        Purpose::Profile
    } else {
        Purpose::Types
    }
}
