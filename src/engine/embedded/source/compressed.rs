//! Text files, plain or compressed with gzip or Zstandard, told by their first bytes, read in bounded memory.
//!
//! Source: the first bytes are those of RFC 1952 (gzip, several members too) and RFC 8878 (Zstandard).

use super::DataFile;
use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Read};

/// The file's bytes, decompressed as they are read.
///
/// Errors: [`Error::Data`] when it cannot be opened or changed; broken compression is an error of reading.
pub(super) fn reader(file: &DataFile) -> Result<Box<dyn Read + Send>> {
    let mut raw = BufReader::with_capacity(1 << 16, file.open()?);
    let fail = |e: std::io::Error| Error::data("read", &file.path, e);
    let head = raw.fill_buf().map_err(fail)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let inner = flate2::bufread::MultiGzDecoder::new(raw);
        Ok(Box::new(Compressed("gzip", inner)))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let inner = zstd::stream::read::Decoder::with_buffer(raw).map_err(fail)?;
        Ok(Box::new(Compressed("Zstandard", inner)))
    } else if let Some((ending, what)) = promised(&file.path).filter(|_| !head.is_empty()) {
        let reason = format!(
            "its name ends in {ending}, and it does not begin as {what} does: it is cut off, or not compressed; write it anew, or \
             rename it"
        );
        Err(Error::data("read", &file.path, reason))
    } else {
        Ok(Box::new(raw))
    }
}

/// What the end of a name says of its compression.
fn promised(path: &str) -> Option<(&'static str, &'static str)> {
    let ends = |ending: &str| path.to_lowercase().ends_with(ending);
    if ends(".gz") {
        Some((".gz", "gzip"))
    } else if ends(".zst") {
        Some((".zst", "Zstandard"))
    } else {
        None
    }
}

struct Compressed<R>(&'static str, R);

impl<R: Read> Read for Compressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.read(buffer).map_err(|e| {
            let reason = format!("its {} compression is broken or cut off: {e}", self.0);
            std::io::Error::new(e.kind(), reason)
        })
    }
}
