//! Any encoding as checked UTF-8, in bounded memory: what CSV and NDJSON are split from.

use super::{DataFile, compressed};
use crate::error::Result;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use std::io::{Error, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of one row at most; a row beyond this is taken for a quote that is never closed.
pub(super) const ROW_BYTES: u64 = 64 << 20;

const BUFFER: usize = 1 << 16;

/// The text of a file: decompressed, decoded, without byte order mark.
///
/// Errors of reading: bytes that are not of the encoding, NUL characters, broken compression, a row without end.
pub(super) struct Text {
    raw: Box<dyn Read + Send>,
    decoder: Decoder,
    input: Vec<u8>,
    /// What of `input` is still to be decoded.
    pending: std::ops::Range<usize>,
    output: Vec<u8>,
    /// What of `output` is still to be handed out.
    ready: std::ops::Range<usize>,
    ended: bool,
    finished: bool,
    /// Line breaks decoded so far.
    lines: u64,
    /// Bytes of the encoded text decoded so far.
    decoded: u64,
    given: u64,
    row: Arc<AtomicU64>,
}

impl Text {
    /// Opens the file; a byte order mark wins over `label`, UTF-8 is what is assumed.
    ///
    /// Errors: `Error::Data` when it cannot be opened or no encoding has the label.
    pub(super) fn open(file: &DataFile, label: Option<&str>) -> Result<Self> {
        let encoding = match label {
            Some(label) => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| file.broken(format!("there is no encoding called `{label}`")))?,
            None => UTF_8,
        };
        Ok(Self {
            raw: compressed::reader(file)?,
            decoder: encoding.new_decoder(),
            input: vec![0; BUFFER],
            pending: 0..0,
            output: vec![0; BUFFER],
            ready: 0..0,
            ended: false,
            finished: false,
            lines: 0,
            decoded: 0,
            given: 0,
            row: Arc::default(),
        })
    }

    /// Where the reader of rows says at which byte the row it is reading began.
    pub(super) fn row_start(&self) -> Arc<AtomicU64> {
        self.row.clone()
    }

    /// Rows may be of any length: who reads them looks after it.
    pub(super) fn lift_limit(&self) {
        self.row.store(u64::MAX, Ordering::Relaxed);
    }

    fn fill(&mut self) -> std::io::Result<()> {
        if self.pending.is_empty() && !self.ended {
            let read = self.raw.read(&mut self.input)?;
            self.pending = 0..read;
            self.ended = read == 0;
        }
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.input[self.pending.clone()],
            &mut self.output,
            self.ended,
        );
        self.pending.start += read;
        self.decoded += read as u64;
        self.ready = 0..written;
        if let Some(at) = self.output[..written].iter().position(|b| *b == 0) {
            let line = self.lines + newlines(&self.output[..at]) + 1;
            let hint = "if the text is UTF-16, say `csv: {encoding: utf-16le}`";
            return Err(invalid(format!(
                "line {line} holds a NUL character; {hint}"
            )));
        }
        self.lines += newlines(&self.output[..written]);
        match result {
            DecoderResult::InputEmpty => self.finished = self.ended,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bad, after) => {
                return Err(self.malformed(u64::from(bad) + u64::from(after)));
            }
        }
        Ok(())
    }

    fn malformed(&self, back: u64) -> Error {
        let (line, byte) = (self.lines + 1, self.decoded.saturating_sub(back) + 1);
        let name = self.decoder.encoding().name();
        invalid(format!(
            "line {line}, byte {byte} is not {name}; of CSV in another encoding say `csv: {{encoding: windows-1252}}` (or what it is)"
        ))
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.ready.is_empty() && !self.finished {
            self.fill()?;
        }
        if self.given.saturating_sub(self.row.load(Ordering::Relaxed)) > ROW_BYTES {
            return Err(invalid(row_too_long()));
        }
        let length = buffer.len().min(self.ready.len());
        buffer[..length].copy_from_slice(&self.output[self.ready.start..self.ready.start + length]);
        self.ready.start += length;
        self.given += length as u64;
        Ok(length)
    }
}

/// What is said of a row beyond [`ROW_BYTES`].
pub(super) fn row_too_long() -> String {
    format!(
        "a row is longer than {} MiB; is a quote never closed?",
        ROW_BYTES >> 20
    )
}

/// Whether the label, or its absence, means UTF-8.
pub(super) fn is_utf8(label: Option<&str>) -> bool {
    label.is_none_or(|label| Encoding::for_label(label.as_bytes()) == Some(UTF_8))
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.split(|b| *b == b'\n').count() as u64 - 1
}

fn invalid(reason: String) -> Error {
    Error::new(ErrorKind::InvalidData, reason)
}
