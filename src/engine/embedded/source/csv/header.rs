//! The beginning of a CSV file: its delimiter, its header, and where its rows begin.

use super::super::text::Text;
use super::super::{DataFile, SourceOptions};
use super::Layout;
use super::index::Dialect;
use super::place::unclosed;
use crate::error::Result;
use csv::StringRecord;
use std::collections::HashSet;
use std::io::{Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names of the columns, and how the file is written; the order of its columns is still that of the file.
///
/// Errors: [`crate::error::Error::Data`] for text that is not of its encoding, NUL, a quote that is never closed, names
/// that are missing or come twice.
pub(super) fn look(file: &DataFile, options: &SourceOptions) -> Result<(Vec<String>, Layout)> {
    let mut records = Records::open(file, options)?;
    let no_header = || file.broken("there is no header row");
    let header = records.peek()?.ok_or_else(no_header)?;
    let names = if options.csv.header == Some(false) {
        (1..=header.len()).map(|i| format!("column_{i}")).collect()
    } else {
        let names = names(file, header)?;
        records.next()?;
        names
    };
    let layout = Layout {
        dialect: records.dialect,
        order: (0..names.len()).collect(),
        start: records.ahead.as_ref().map_or(0, start_of),
        rows: 0,
    };
    Ok((names, layout))
}

fn start_of(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::byte)
}

/// The first rows of one file, blank lines left out, as the `csv` crate reads them.
struct Records {
    reader: csv::Reader<Chain<Text, Cursor<Vec<u8>>>>,
    row_start: Arc<AtomicU64>,
    path: DataFile,
    options: SourceOptions,
    dialect: Dialect,
    end: String,
    current: StringRecord,
    ahead: Option<StringRecord>,
}

impl Records {
    /// Opens a file; the delimiter is looked for in its first line when the options do not tell.
    fn open(file: &DataFile, options: &SourceOptions) -> Result<Self> {
        let label = options.csv.encoding.as_deref();
        let quote = options.csv.quote.unwrap_or(b'"');
        let delimiter = match options.csv.delimiter {
            Some(delimiter) => delimiter,
            None => sniff(file, label, quote)?,
        };
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
            dialect: Dialect { delimiter, quote },
            end,
            current: StringRecord::new(),
            ahead: None,
        })
    }

    fn read(&mut self, record: &mut StringRecord) -> Result<bool> {
        let more = self.reader.read_record(record);
        self.row_start
            .store(self.reader.position().byte(), Ordering::Relaxed);
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
        Err(unclosed(&self.path, &self.options, start_of(&self.current)))
    }
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
