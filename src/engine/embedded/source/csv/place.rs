//! Messages about a row: the line on which it begins, and what is wrong with it.

use super::super::text::Text;
use super::super::{DataFile, SourceOptions};
use crate::error::{Error, Result};
use std::io::{BufReader, Read};

/// The line on which the row at a byte of the text begins, in words.
pub(super) fn place(file: &DataFile, options: &SourceOptions, start: u64) -> String {
    let line = line(file, options, start);
    line.map_or_else(|_| "a row".to_owned(), |line| format!("line {line}"))
}

/// The line on which the row at a byte of the text begins, found by reading the file up to it: blank lines and every
/// kind of line end count.
///
/// Errors: [`Error::Data`] when the file cannot be opened.
pub(super) fn line(file: &DataFile, options: &SourceOptions, start: u64) -> Result<u64> {
    let text = Text::open(file, options.csv.encoding.as_deref())?;
    text.lift_limit();
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
    Ok(line)
}

/// A quote that is never closed, in the row that begins at a byte of the text.
pub(super) fn unclosed(file: &DataFile, options: &SourceOptions, start: u64) -> Error {
    let place = place(file, options, start);
    file.broken(format!("{place} opens a quote that is never closed"))
}
