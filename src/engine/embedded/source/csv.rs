//! CSV: one width, unique names, a type per column that every cell of every file has. Read twice, in batches.
//!
//! Source: RFC 4180 (quotes, doubled quotes, line breaks inside quotes), wider in three points: any one-character
//! delimiter and quote, any line ending, any encoding. Nulls: the cells that `nulls` lists, the empty one by default.

use super::cell::{Cells, Guess};
use super::text::Text;
use super::{DataFile, SourceOptions, batch_rows, no_columns};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use csv::StringRecord;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Chain, Cursor, Read};
use std::rc::Rc;
use std::sync::Arc;

/// Bytes of text in one batch at most, give or take a row.
const BATCH_BYTES: usize = 64 << 20;

/// What the first reading of all files found.
pub(super) struct Table {
    names: Vec<String>,
    types: Vec<DataType>,
    nulls: Vec<String>,
    layouts: Vec<Layout>,
}

/// How one file is written.
struct Layout {
    delimiter: u8,
    /// Per column of the file: the table's column.
    order: Vec<usize>,
    rows: u64,
}

impl Table {
    /// Reads every file once: names, types and the number of rows; checks all of them.
    ///
    /// Errors: [`Error::Data`] for text that is not of its encoding, NUL, rows of another width, a quote that is never
    /// closed, names that are missing, come twice, or differ between files.
    pub(super) fn open(files: &[DataFile], options: &SourceOptions) -> Result<Self> {
        let empty_is_null = || vec![String::new()];
        let nulls = options.csv.nulls.clone().unwrap_or_else(empty_is_null);
        let mut table = Self {
            names: Vec::new(),
            types: Vec::new(),
            nulls,
            layouts: Vec::new(),
        };
        let mut guesses = Vec::new();
        for file in files {
            let layout = table.look(file, options, &files[0].path, &mut guesses)?;
            file.unchanged()?;
            table.layouts.push(layout);
        }
        table.types = guesses.iter().map(Guess::dtype).collect();
        Ok(table)
    }

    fn look(
        &mut self,
        file: &DataFile,
        options: &SourceOptions,
        first: &str,
        guesses: &mut Vec<Guess>,
    ) -> Result<Layout> {
        let mut records = Records::open(file, options, None)?;
        let no_header = || file.broken("there is no header row");
        let header = records.peek()?.ok_or_else(no_header)?;
        let names = if options.csv.header == Some(false) {
            (1..=header.len()).map(|i| format!("column_{i}")).collect()
        } else {
            let names = names(file, header)?;
            records.next()?;
            names
        };
        if guesses.is_empty() {
            let declared: HashMap<_, _> = options.types.iter().map(|(n, t)| (n, t)).collect();
            guesses.extend(names.iter().map(|n| Guess::new(declared.get(n).copied())));
            self.names.clone_from(&names);
        }
        let order = self.order(&names, file, first)?;
        let mut rows = 0;
        while let Some(record) = records.next()? {
            if record.len() != order.len() {
                let reason = format!(
                    "{} has {} cells, the first row has {}",
                    place(file, options, record),
                    record.len(),
                    order.len()
                );
                return Err(file.broken(reason));
            }
            for (cell, column) in record.iter().zip(&order) {
                if !self.nulls.iter().any(|n| n == cell) {
                    guesses[*column].update(cell);
                }
            }
            rows += 1;
            if rows % 4096 == 0 {
                crate::context::check_interrupt()?;
            }
        }
        Ok(Layout {
            delimiter: records.delimiter,
            order,
            rows,
        })
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

    /// Calls `each` with batches of the columns called `roots` of one file.
    ///
    /// Errors: [`Error::Data`] when the file is not what it was, and those of `each`.
    pub(super) fn scan(
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
        let asked: HashSet<&String> = roots.iter().collect();
        let wanted = |column: &usize| asked.contains(&self.names[*column]);
        let cells = layout.order.iter().enumerate().filter(|(_, c)| wanted(c));
        let (positions, columns): (Vec<usize>, Vec<usize>) = cells.unzip();
        let mut batch = Batch::new(self, &columns);
        let mut records = Records::open(file, options, Some(layout.delimiter))?;
        if options.csv.header != Some(false) {
            records.next()?;
        }
        while let Some(record) = records.next()? {
            if record.len() != layout.order.len() {
                return Err(file.broken(format!(
                    "{} has another width now",
                    place(file, options, record)
                )));
            }
            for (position, cells) in positions.iter().zip(&mut batch.cells) {
                let cell = &record[*position];
                let value = (!self.nulls.iter().any(|n| n == cell)).then_some(cell);
                batch.bytes += cell.len();
                let changed =
                    |e| file.broken(format!("{}: {e} any more", place(file, options, record)));
                cells.push(value).map_err(changed)?;
            }
            batch.rows += 1;
            if batch.rows == batch.limit || batch.bytes > BATCH_BYTES {
                each(&batch.finish(file)?)?;
            }
        }
        if batch.rows > 0 {
            each(&batch.finish(file)?)?;
        }
        Ok(())
    }
}

struct Batch {
    schema: SchemaRef,
    cells: Vec<Cells>,
    rows: usize,
    bytes: usize,
    limit: usize,
}

impl Batch {
    fn new(table: &Table, columns: &[usize]) -> Self {
        let field = |c: &usize| Field::new(&table.names[*c], table.types[*c].clone(), true);
        Self {
            schema: Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>())),
            cells: columns
                .iter()
                .map(|c| Cells::new(&table.types[*c]))
                .collect(),
            rows: 0,
            bytes: 0,
            limit: batch_rows(columns.len()),
        }
    }

    fn finish(&mut self, file: &DataFile) -> Result<RecordBatch> {
        (self.rows, self.bytes) = (0, 0);
        let arrays = self.cells.iter_mut().map(Cells::finish);
        let arrays: std::result::Result<Vec<_>, _> = arrays.collect();
        let batch = arrays.and_then(|a| RecordBatch::try_new(self.schema.clone(), a));
        batch.map_err(|e| file.broken(e))
    }
}

/// The rows of one file, blank lines left out.
struct Records {
    reader: csv::Reader<Chain<Text, Cursor<Vec<u8>>>>,
    row_start: Rc<Cell<u64>>,
    path: DataFile,
    options: SourceOptions,
    delimiter: u8,
    end: String,
    current: StringRecord,
    ahead: Option<StringRecord>,
}

impl Records {
    /// Opens a file; the delimiter is looked for in its first line when neither `known` nor the options tell.
    fn open(file: &DataFile, options: &SourceOptions, known: Option<u8>) -> Result<Self> {
        let label = options.csv.encoding.as_deref();
        let delimiter = match known.or(options.csv.delimiter) {
            Some(delimiter) => delimiter,
            None => sniff(file, label, options.csv.quote.unwrap_or(b'"'))?,
        };
        let quote = options.csv.quote.unwrap_or(b'"');
        // A row of our own behind the last one: it disappears in the last cell when a quote is never closed.
        let mark = (1..4_u8).find(|m| ![delimiter, quote].contains(m));
        let end = char::from(mark.expect("two of three are free"))
            .to_string()
            .repeat(8);
        let text = Text::open(file, label)?;
        let row_start = text.row_start();
        let text = text.chain(Cursor::new(format!("\n{end}\n").into_bytes()));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .quote(quote)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(text);
        Ok(Self {
            reader,
            row_start,
            path: file.clone(),
            options: options.clone(),
            delimiter,
            end,
            current: StringRecord::new(),
            ahead: None,
        })
    }

    fn read(&mut self, record: &mut StringRecord) -> Result<bool> {
        let more = self.reader.read_record(record);
        self.row_start.set(self.reader.position().byte());
        more.map_err(|e| self.path.broken(e))
    }

    /// The next row without going on to it.
    fn peek(&mut self) -> Result<Option<&StringRecord>> {
        if self.ahead.is_none() {
            let mut record = StringRecord::new();
            self.read(&mut record)?;
            self.ahead = Some(record);
        }
        let is_end = self.ahead.as_ref().is_some_and(|r| r == [&self.end][..]);
        Ok(self.ahead.as_ref().filter(|_| !is_end))
    }

    /// The next row; `None` after the last one.
    fn next(&mut self) -> Result<Option<&StringRecord>> {
        self.peek()?;
        let mut row = self.ahead.take().unwrap_or_default();
        std::mem::swap(&mut self.current, &mut row);
        // `row` is the buffer of the row before, filled again with the one to come
        let more = self.read(&mut row)?;
        if more {
            self.ahead = Some(row);
            return Ok(Some(&self.current));
        }
        if self.current == [&self.end][..] {
            return Ok(None);
        }
        let reason = format!(
            "{} opens a quote that is never closed",
            place(&self.path, &self.options, &self.current)
        );
        Err(self.path.broken(reason))
    }
}

/// The line on which a row begins, found by reading the file up to it: blank lines and every kind of line end count.
fn place(file: &DataFile, options: &SourceOptions, record: &StringRecord) -> String {
    let start = record.position().map_or(0, csv::Position::byte);
    let line = Text::open(file, options.csv.encoding.as_deref()).map(|text| {
        text.row_start().set(u64::MAX);
        let (mut line, mut last) = (1_u64, 0);
        let bytes = BufReader::new(text).bytes().map_while(std::io::Result::ok);
        for (at, byte) in (0..).zip(bytes) {
            let ends = byte == b'\n' || byte == b'\r';
            if at >= start && !ends {
                break;
            }
            line += u64::from(ends && !(byte == b'\n' && last == b'\r'));
            last = byte;
        }
        line
    });
    line.map_or_else(|_| "a row".to_owned(), |line| format!("line {line}"))
}

/// The most frequent of comma, semicolon, tab and bar in the first line, outside quotes.
fn sniff(file: &DataFile, label: Option<&str>, quote: u8) -> Result<u8> {
    let mut head = Vec::new();
    let mut text = Text::open(file, label)?.take(1 << 16);
    text.read_to_end(&mut head).map_err(|e| file.broken(e))?;
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let start = head.iter().position(|b| !b"\r\n".contains(b)).unwrap_or(0);
    for byte in &head[start..] {
        match *byte {
            b if b == quote => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(d, _)| *d == b) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    Ok(best.map_or(b',', |(delimiter, _)| *delimiter))
}

fn names(file: &DataFile, record: &StringRecord) -> Result<Vec<String>> {
    let names: Vec<String> = record.iter().map(|n| n.trim().to_owned()).collect();
    let mut seen = HashSet::new();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(file.broken(format!("column {} has no name", i + 1)));
        }
        if !seen.insert(name) {
            return Err(file.broken(format!("two columns are called `{name}`")));
        }
    }
    Ok(names)
}
