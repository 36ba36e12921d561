//! Passes over all files: types and profiles of columns.

use super::chunks::{Chunk, Chunks, not_text};
use super::index::Problem;
use super::parallel::in_any_order;
use super::place::{place, unclosed};
use super::typed::{Column, Purpose, Tools, View};
use super::{Layout, Table, purpose};
use crate::engine::embedded::source::cell::Guess;
use crate::engine::embedded::source::{DataFile, SourceOptions};
use crate::error::{Error, Result};
use crate::measure::{ColumnProfile, Profile};
use arrow::datatypes::DataType;

/// Columns that all workers may hold together, as long as there is more than one worker: each has a profile of its own.
const COLUMNS: usize = 4096;

/// What one thread found so far.
#[derive(Default)]
struct Worker {
    columns: Vec<Column>,
    /// Rows of this file.
    rows: u64,
    tools: Tools,
}

impl Table {
    /// Types, numbers of rows, and profiles where they are wanted.
    pub(super) fn read(&mut self, files: &[DataFile], options: &SourceOptions) -> Result<()> {
        let purpose = purpose(options);
        let mut guesses = Vec::new();
        let mut workers = Vec::new();
        let mut rows = 0;
        for file in files {
            let mut layout = self.look(file, options, &files[0].path, &mut guesses)?;
            if rows == 0 {
                self.sample(file, options, &layout, &mut guesses)?;
                workers = self.workers(0..guesses.len(), &guesses, purpose);
            }
            layout.rows = self.pass(file, options, &layout, &mut workers)?;
            rows += layout.rows;
            file.unchanged()?;
            self.layouts.push(layout);
        }
        let mut types = vec![DataType::Null; guesses.len()];
        let mut profiles: Vec<Option<ColumnProfile>> = vec![None; guesses.len()];
        loop {
            let columns = joined(workers).map_err(|e| files[0].broken(e))?;
            let (open, done): (Vec<Column>, Vec<Column>) =
                columns.into_iter().partition(Column::is_open);
            for column in done {
                types[column.place] = column.guess.dtype();
                profiles[column.place] = column.profile;
            }
            if open.is_empty() {
                break;
            }
            workers = self.again(open, &mut guesses, purpose);
            for (file, layout) in files.iter().zip(&self.layouts) {
                self.pass(file, options, layout, &mut workers)?;
                file.unchanged()?;
            }
        }
        self.types = types;
        let columns: Option<Vec<ColumnProfile>> = profiles.into_iter().collect();
        self.profile = columns
            .filter(|_| purpose == Purpose::Profile)
            .map(|columns| Profile { rows, columns });
        Ok(())
    }

    /// Workers for the columns whose type was wrong, with what is known of them now.
    fn again(&self, open: Vec<Column>, guesses: &mut [Guess], purpose: Purpose) -> Vec<Worker> {
        let places: Vec<usize> = open.iter().map(|c| c.place).collect();
        for column in open {
            guesses[column.place] = column.guess;
        }
        self.workers(places.into_iter(), guesses, purpose)
    }

    fn workers(
        &self,
        places: impl Iterator<Item = usize>,
        guesses: &[Guess],
        purpose: Purpose,
    ) -> Vec<Worker> {
        let column =
            |place: usize| Column::new(place, &self.names[place], &guesses[place], purpose);
        let columns: Vec<Column> = places.map(column).collect();
        let worker = || Worker {
            columns: columns.clone(),
            ..Worker::default()
        };
        let affordable = (COLUMNS / columns.len().max(1)).max(1);
        let count = self.pace.threads.min(affordable);
        (0..count).map(|_| worker()).collect()
    }

    /// Guesses types from the first rows of a file; what is wrong with them is found by the pass that follows.
    fn sample(
        &self,
        file: &DataFile,
        options: &SourceOptions,
        layout: &Layout,
        guesses: &mut [Guess],
    ) -> Result<()> {
        let label = options.csv.encoding.as_deref();
        let mut chunks = Chunks::open(file, label, layout, self.pace.sample)?
            .mended(options.csv.malformed, layout.order.len());
        let (mut chunk, mut tools) = (Chunk::default(), Tools::default());
        let Ok(true) = chunks.next(&mut chunk) else {
            return Ok(());
        };
        let Ok(text) = simdutf8::basic::from_utf8(chunk.bytes()) else {
            return Ok(());
        };
        let Tools { index, room, .. } = &mut tools;
        index.fill(
            chunk.bytes(),
            layout.dialect,
            chunk.quoted,
            layout.order.len(),
        );
        let view = View {
            text,
            index,
            quote: layout.dialect.quote,
            nulls: &self.nulls,
        };
        for (position, place) in layout.order.iter().enumerate() {
            let guess = &mut guesses[*place];
            view.cells(position, room, |cell| {
                if let Some(cell) = cell {
                    guess.update(cell.text());
                }
            });
        }
        Ok(())
    }

    /// Reads one file; returns its number of rows.
    fn pass(
        &self,
        file: &DataFile,
        options: &SourceOptions,
        layout: &Layout,
        workers: &mut [Worker],
    ) -> Result<u64> {
        let size = self.pace.chunk;
        let chunks = Chunks::open(file, options.csv.encoding.as_deref(), layout, size)?
            .mended(options.csv.malformed, layout.order.len());
        let threads = self.pace.threads_for(file, size).min(workers.len());
        for worker in workers.iter_mut() {
            worker.rows = 0;
        }
        let mut positions = vec![0; layout.order.len()];
        for (position, place) in layout.order.iter().enumerate() {
            positions[*place] = position;
        }
        in_any_order(chunks, &mut workers[..threads], |worker, chunk| {
            let Worker {
                columns,
                rows,
                tools,
            } = worker;
            self.with_view(file, options, layout, chunk, tools, |view, tools| {
                *rows += view.index.rows() as u64;
                columns.iter_mut().try_for_each(|column| {
                    let added = column.add(view, positions[column.place], tools);
                    added.map_err(|e| file.broken(e))
                })
            })
        })?;
        Ok(workers.iter().map(|w| w.rows).sum())
    }

    /// Calls `look` with the chunk's cells.
    ///
    /// Errors: [`Error::Data`] for bytes that are no text and rows that are not as wide as the header, those of `look`.
    pub(super) fn with_view<R>(
        &self,
        file: &DataFile,
        options: &SourceOptions,
        layout: &Layout,
        chunk: &Chunk,
        tools: &mut Tools,
        look: impl FnOnce(View<'_>, &mut Tools) -> Result<R>,
    ) -> Result<R> {
        let bytes = chunk.bytes();
        let no_text = || not_text(file, options.csv.encoding.as_deref());
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| no_text())?;
        if memchr::memchr(0, bytes).is_some() {
            return Err(no_text());
        }
        let width = layout.order.len();
        let mut index = std::mem::take(&mut tools.index);
        index.fill(bytes, layout.dialect, chunk.quoted, width);
        if let Some(problem) = index.problem() {
            return Err(refused(file, options, width, chunk.offset, problem));
        }
        let view = View {
            text,
            index: &index,
            quote: layout.dialect.quote,
            nulls: &self.nulls,
        };
        let looked = look(view, tools);
        tools.index = index;
        looked
    }
}

fn refused(
    file: &DataFile,
    options: &SourceOptions,
    width: usize,
    offset: u64,
    problem: Problem,
) -> Error {
    match problem {
        Problem::Unclosed { start } => unclosed(file, options, offset + start as u64),
        Problem::Width { start, cells } => {
            let place = place(file, options, offset + start as u64);
            file.broken(format!(
                "{place} has {cells} cells, the first row has {width}"
            ))
        }
    }
}

/// What all workers found together.
fn joined(workers: Vec<Worker>) -> std::result::Result<Vec<Column>, String> {
    let mut workers = workers.into_iter();
    let mut columns = workers.next().map_or_else(Vec::new, |w| w.columns);
    for worker in workers {
        for (mine, theirs) in columns.iter_mut().zip(worker.columns) {
            mine.merge(theirs)?;
        }
    }
    Ok(columns)
}
