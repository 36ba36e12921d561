//! Batches of some columns of a file, in the order of its rows.

use super::super::cell::Cells;
use super::super::{DataFile, SourceOptions, batch_rows, no_columns, sliced};
use super::chunks::{Chunk, Chunks};
use super::index::Span;
use super::parallel::in_order;
use super::place::place;
use super::typed::{Cell, Tools, View};
use super::{Layout, Table};
use crate::error::Result;
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::HashSet;
use std::sync::Arc;

/// The asked columns of one file.
struct Asked<'a> {
    file: &'a DataFile,
    options: &'a SourceOptions,
    layout: &'a Layout,
    schema: SchemaRef,
    /// Per column: its position in the file.
    positions: Vec<usize>,
}

impl Table {
    /// Calls `each` with batches of the columns called `roots` of one file.
    ///
    /// Errors: [`crate::error::Error::Data`] when the file is not what it was, and those of `each`.
    pub(in super::super) fn scan(
        &self,
        (index, file): (usize, &DataFile),
        options: &SourceOptions,
        roots: &[String],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let layout = &self.layouts[index];
        if roots.is_empty() {
            return no_columns(layout.rows, each);
        }
        let names: HashSet<&String> = roots.iter().collect();
        let wanted = |column: &usize| names.contains(&self.names[*column]);
        let cells = layout.order.iter().enumerate().filter(|(_, c)| wanted(c));
        let (positions, columns): (Vec<usize>, Vec<usize>) = cells.unzip();
        let field = |c: &usize| Field::new(&self.names[*c], self.types[*c].clone(), true);
        let asked = Asked {
            file,
            options,
            layout,
            schema: Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>())),
            positions,
        };
        let size = self.pace.scan;
        let chunks = Chunks::open(file, options.csv.encoding.as_deref(), layout, size)?
            .mended(options.csv.malformed, layout.order.len());
        let threads = self.pace.threads_for(file, size);
        let make = |tools: &mut Tools, chunk: &Chunk| self.batch(&asked, chunk, tools);
        let limit = batch_rows(columns.len());
        in_order(chunks, threads, make, &mut |batch: RecordBatch| {
            sliced(&batch, limit, each)
        })
    }

    /// The rows of one chunk.
    fn batch(&self, asked: &Asked<'_>, chunk: &Chunk, tools: &mut Tools) -> Result<RecordBatch> {
        let Asked {
            file,
            options,
            layout,
            ..
        } = *asked;
        self.with_view(file, options, layout, chunk, tools, |view, tools| {
            let fields = asked.schema.fields().iter().zip(&asked.positions);
            let arrays = fields.map(|(field, position)| {
                let mut cells = Cells::new(field.data_type());
                push(&mut cells, view, *position, tools)
                    .map_err(|(row, e)| asked.changed(chunk, view, row, &e))?;
                cells.finish().map_err(|e| file.broken(e))
            });
            let arrays = arrays.collect::<Result<Vec<_>>>()?;
            RecordBatch::try_new(asked.schema.clone(), arrays).map_err(|e| file.broken(e))
        })
    }
}

/// Adds the cells of one column; the row and the reason where one cannot be read.
fn push(
    cells: &mut Cells,
    view: View<'_>,
    position: usize,
    tools: &mut Tools,
) -> std::result::Result<(), (usize, String)> {
    let mut refused = None;
    let mut row = 0;
    view.cells(position, &mut tools.room, |cell| {
        if refused.is_none()
            && let Err(reason) = cells.push(cell.map(Cell::text))
        {
            refused = Some((row, reason));
        }
        row += 1;
    });
    refused.map_or(Ok(()), Err)
}

impl Asked<'_> {
    /// A cell that is not what it was when the dataset was opened.
    fn changed(
        &self,
        chunk: &Chunk,
        view: View<'_>,
        row: usize,
        reason: &str,
    ) -> crate::error::Error {
        let first = view.index.first(row).map_or(0, Span::start);
        let quoted = first > 0 && chunk.bytes()[first - 1] == view.quote;
        let start = chunk.offset + (first - usize::from(quoted)) as u64;
        let place = place(self.file, self.options, start);
        self.file.broken(format!("{place}: {reason} any more"))
    }
}
