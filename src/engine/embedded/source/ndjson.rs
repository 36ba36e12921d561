//! NDJSON: one JSON object per line; types follow the values of all lines, objects become structs. Read twice.
//!
//! Source: RFC 8259 for each line. Nulls: `null`, and keys that a line does not have. NaN: JSON has none.

use super::cell::{Cells, Guess};
use super::guard::guarded;
use super::shape::Object;
use super::text::Text;
use super::{BATCH_ROWS, DataFile, SourceOptions, batch_rows, no_columns};
use crate::error::{Error, Result};
use crate::types::{LogicalType, TypePattern};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow::json::ReaderBuilder;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes of text that are read into one batch, as far as the average line tells.
const BATCH_BYTES: u64 = 64 << 20;

mod kept;

/// What the first reading of all files found.
#[derive(Clone)]
pub(super) struct Lines {
    /// As JSON is read, and the type that the column's text becomes where the contract declares one.
    fields: Vec<(FieldRef, Option<DataType>)>,
    rows: Vec<u64>,
    /// Bytes of text of all files.
    bytes: u64,
}

impl Lines {
    /// Reads every file once: names, types and the number of rows; checks all of them.
    ///
    /// Types: null with T is T, integer with float is float64, other scalars of different types are string. A type
    /// that the contract declares wins where every value can be read so.
    ///
    /// Errors: [`Error::Data`] with the line, when it is not a JSON object, a key comes twice in it, or it has a list or
    /// an object where other lines have something else; and when there is no line.
    pub(super) fn open(files: &[DataFile], options: &SourceOptions) -> Result<Self> {
        let guess = |name: &str| {
            let declared = options.declared(name)?;
            let text = *declared == TypePattern::Exact(LogicalType::String);
            (!text).then(|| Guess::new(Some(declared)))
        };
        let mut object = Object::default();
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut names: Option<Vec<String>> = None;
        for file in files {
            let before = object.seen();
            let (lines, length) = each_line(file, &mut |line| object.update(line, &guess))?;
            file.unchanged()?;
            let found = object.names_since(before);
            let first = names.get_or_insert_with(|| found.clone());
            if !same_names(first, &found) {
                let reason = super::unify::names_differ(&files[0].path, first, &found);
                return Err(Error::data("read", &file.path, reason));
            }
            rows.push(lines);
            bytes += length;
        }
        let wants_float = |n: &str| options.declared(n) == Some(&TypePattern::Float);
        let members = object.members.iter();
        let fields: Vec<_> = members.map(|m| m.field(wants_float(&m.name))).collect();
        Ok(Self {
            fields,
            rows,
            bytes,
        })
    }

    /// What was found of one file; as if it were alone, but for the types.
    pub(super) fn of_file(&self, index: usize) -> Self {
        Self {
            rows: vec![self.rows[index]],
            ..self.clone()
        }
    }

    /// Rows of a batch, as far as the average line tells.
    fn batch_rows(&self) -> usize {
        let average = self.bytes / self.rows.iter().sum::<u64>().max(1);
        let fitting = usize::try_from(BATCH_BYTES / average.max(1)).unwrap_or(BATCH_ROWS);
        batch_rows(self.fields.len()).min(fitting.max(1))
    }

    /// The columns, in the order in which their keys first came.
    pub(super) fn schema(&self) -> SchemaRef {
        let field = |(field, declared): &(FieldRef, Option<DataType>)| match declared {
            Some(dtype) => Arc::new(Field::new(field.name(), dtype.clone(), true)),
            None => field.clone(),
        };
        Arc::new(Schema::new(
            self.fields.iter().map(field).collect::<Vec<_>>(),
        ))
    }

    /// Calls `each` with batches of the columns called `roots` of one file.
    ///
    /// Errors: [`Error::Data`] when the file is not what it was, and those of `each`.
    pub(super) fn scan(
        &self,
        (index, file): (usize, &DataFile),
        roots: &[String],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        if roots.is_empty() {
            return no_columns(self.rows[index], each);
        }
        let asked: HashSet<&String> = roots.iter().collect();
        let wanted = self.fields.iter().filter(|(f, _)| asked.contains(f.name()));
        let (fields, declared): (Vec<FieldRef>, Vec<_>) = wanted.cloned().unzip();
        let text = Text::open(file, None)?;
        text.lift_limit();
        let mut reader = guarded(file, || {
            ReaderBuilder::new(Arc::new(Schema::new(fields)))
                .with_batch_size(self.batch_rows())
                .with_coerce_primitive(true)
                .build(BufReader::new(text))
        })?;
        let mut rows = 0;
        while let Some(batch) = guarded(file, || reader.next().transpose())? {
            rows += batch.num_rows() as u64;
            each(&as_declared(&batch, &declared, file)?)?;
        }
        if rows != self.rows[index] {
            return Err(file.broken(format!(
                "it has {rows} lines now, {} before",
                self.rows[index]
            )));
        }
        Ok(())
    }
}

fn same_names(a: &[String], b: &[String]) -> bool {
    let (a, b): (HashSet<_>, HashSet<_>) = (a.iter().collect(), b.iter().collect());
    a == b
}

fn as_declared(
    batch: &RecordBatch,
    declared: &[Option<DataType>],
    file: &DataFile,
) -> Result<RecordBatch> {
    if declared.iter().all(Option::is_none) {
        return Ok(batch.clone());
    }
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for ((array, dtype), field) in batch
        .columns()
        .iter()
        .zip(declared)
        .zip(batch.schema().fields())
    {
        let array = match dtype {
            Some(dtype) => {
                parsed(array, dtype).map_err(|e| file.broken(format!("`{}`: {e}", field.name())))?
            }
            None => array.clone(),
        };
        fields.push(Field::new(field.name(), array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| file.broken(e))
}

fn parsed(array: &ArrayRef, dtype: &DataType) -> std::result::Result<ArrayRef, String> {
    let mut cells = Cells::new(dtype);
    for text in array.as_string::<i32>() {
        cells.push(text)?;
    }
    cells.finish().map_err(|e| e.to_string())
}

/// Calls `each` with every line that is not blank; returns lines and bytes.
fn each_line(
    file: &DataFile,
    each: &mut dyn FnMut(&[u8]) -> serde_json::Result<()>,
) -> Result<(u64, u64)> {
    let text = Text::open(file, None)?;
    let row_start = text.row_start();
    let mut reader = BufReader::with_capacity(1 << 16, text);
    let mut line = Vec::new();
    let (mut number, mut rows, mut bytes) = (0_u64, 0, 0);
    loop {
        line.clear();
        row_start.store(bytes, Ordering::Relaxed);
        let read = reader.read_until(b'\n', &mut line);
        let read = read.map_err(|e| file.broken(e))?;
        if read == 0 {
            break;
        }
        number += 1;
        bytes += read as u64;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        each(&line).map_err(|e| refused(file, number, &line, &e))?;
        rows += 1;
        if rows % 4096 == 0 {
            crate::context::check_interrupt()?;
        }
    }
    if rows == 0 {
        return Err(file.broken("there is no line"));
    }
    Ok((rows, bytes))
}

fn refused(file: &DataFile, number: u64, line: &[u8], error: &serde_json::Error) -> Error {
    let first = line.iter().find(|b| !b.is_ascii_whitespace());
    if first == Some(&b'[') && number == 1 {
        return file.broken("it is a JSON list; NDJSON has one object on every line");
    }
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    file.broken(format!(
        "line {number}, byte {}: {reason}",
        error.column().max(1)
    ))
}
