//! A file's text in chunks of whole records, one after another: what the workers share.

use super::super::text::{ROW_BYTES, Text, is_utf8};
use super::super::{DataFile, compressed};
use super::Layout;
use super::index::{Dialect, cut};
use super::mend::mend;
use crate::config::dataset::Malformed;
use crate::error::{Error, Result};
use std::io::{ErrorKind, Read};

/// Text of whole records.
#[derive(Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    length: usize,
    /// Chunks before it.
    pub(super) number: u64,
    /// Bytes of text before it.
    pub(super) offset: u64,
    /// Whether there is any quote in it.
    pub(super) quoted: bool,
}

impl Chunk {
    /// Its bytes; not yet known to be UTF-8.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The chunks of one file that are still to come.
pub(super) struct Chunks {
    source: Box<dyn Read + Send>,
    file: DataFile,
    dialect: Dialect,
    /// Bytes of a chunk, about.
    size: usize,
    /// Bytes to leave out first.
    skip: u64,
    /// The beginning of the next record, read already.
    carry: Vec<u8>,
    number: u64,
    offset: u64,
    ended: bool,
    /// Fields of a row, where other rows are left out.
    mends: Option<usize>,
}

impl Chunks {
    /// From the first row behind the header on.
    ///
    /// Errors: [`Error::Data`] when the file cannot be opened or changed.
    pub(super) fn open(
        file: &DataFile,
        label: Option<&str>,
        layout: &Layout,
        size: usize,
    ) -> Result<Self> {
        Ok(Self {
            source: source(file, label)?,
            file: file.clone(),
            dialect: layout.dialect,
            size,
            skip: layout.start,
            carry: Vec::new(),
            number: 0,
            offset: 0,
            ended: false,
            mends: None,
        })
    }

    /// The same without rows of another width than `width`, and without one whose quote is never closed.
    #[must_use]
    pub(super) fn mended(mut self, malformed: Malformed, width: usize) -> Self {
        self.mends = (malformed == Malformed::LeaveOut).then_some(width);
        self
    }

    /// Fills the next chunk; `false` when there is none.
    ///
    /// Errors: [`Error::Data`] for what cannot be read or decoded, and a row beyond [`ROW_BYTES`]; nothing comes after
    /// it.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> Result<bool> {
        loop {
            let more = self.fill(chunk);
            if more.is_err() {
                self.ended = true;
                self.give(chunk, 0, false);
            }
            let Some(width) = self.mends.filter(|_| matches!(more, Ok(true))) else {
                return more;
            };
            chunk.length = mend(&mut chunk.bytes[..chunk.length], self.dialect, width);
            if chunk.length > 0 {
                return more;
            }
            // Nothing is left of it: the next one takes its number.
            self.number -= 1;
        }
    }

    fn fill(&mut self, chunk: &mut Chunk) -> Result<bool> {
        self.leave_out(chunk)?;
        let mut filled = self.carry.len();
        let mut wanted = self.size.max(filled);
        chunk.bytes.resize(wanted.max(chunk.bytes.len()), 0);
        chunk.bytes[..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        while !self.ended {
            chunk.bytes.resize(wanted.max(chunk.bytes.len()), 0);
            filled += self.read(&mut chunk.bytes[filled..wanted])?;
            if self.ended {
                break;
            }
            let found = cut(&chunk.bytes[..filled], self.dialect);
            if found.end > 0 {
                self.carry
                    .extend_from_slice(&chunk.bytes[found.end..filled]);
                return Ok(self.give(chunk, found.end, found.quoted));
            }
            if filled as u64 > ROW_BYTES {
                return Err(self.file.broken(super::super::text::row_too_long()));
            }
            wanted *= 2;
        }
        let quoted = memchr::memchr(self.dialect.quote, &chunk.bytes[..filled]).is_some();
        Ok(self.give(chunk, filled, quoted))
    }

    fn give(&mut self, chunk: &mut Chunk, length: usize, quoted: bool) -> bool {
        chunk.length = length;
        chunk.number = self.number;
        chunk.offset = self.offset;
        chunk.quoted = quoted;
        self.number += 1;
        self.offset += length as u64;
        length > 0
    }

    /// Leaves out the header and what is before it.
    fn leave_out(&mut self, chunk: &mut Chunk) -> Result<()> {
        chunk.bytes.resize(self.size.max(chunk.bytes.len()), 0);
        while self.skip > 0 && !self.ended {
            let part = usize::try_from(self.skip).unwrap_or(usize::MAX);
            let part = part.min(chunk.bytes.len());
            let read = self.read(&mut chunk.bytes[..part])? as u64;
            self.skip -= read;
            self.offset += read;
        }
        Ok(())
    }

    /// Fills the whole buffer, unless the text ends before.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.source.read(&mut buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.file.broken(e)),
            }
        }
        Ok(filled)
    }
}

/// The file's text; of a file in UTF-8 its bytes as they are, not yet known to be UTF-8.
fn source(file: &DataFile, label: Option<&str>) -> Result<Box<dyn Read + Send>> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let fail = |e| file.broken(e);
    let mut raw = compressed::reader(file)?;
    let mut head = Vec::new();
    raw.by_ref().take(3).read_to_end(&mut head).map_err(fail)?;
    let marked = head == MARK;
    let other = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if !marked && (other || !is_utf8(label)) {
        let text = Text::open(file, label)?;
        text.lift_limit();
        return Ok(Box::new(text));
    }
    let head = if marked { Vec::new() } else { head };
    Ok(Box::new(std::io::Cursor::new(head).chain(raw)))
}

/// The reason why bytes of the file are not text, as reading them from the start finds it.
pub(super) fn not_text(file: &DataFile, label: Option<&str>) -> Error {
    let read = Text::open(file, label).and_then(|mut text| {
        text.lift_limit();
        let read = std::io::copy(&mut text, &mut std::io::sink());
        read.map_err(|e| file.broken(e))
    });
    match read {
        Err(error) => error,
        Ok(_) => file.broken("its bytes are not text any more"),
    }
}
