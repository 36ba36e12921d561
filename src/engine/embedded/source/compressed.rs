//! Text files, plain or compressed with gzip or Zstandard, told by their first bytes.

use super::DataFile;
use crate::error::{Error, Result};
use std::io::Read;

/// The file's bytes, decompressed.
///
/// Errors: [`Error::Data`] when it cannot be read or its compression is broken.
pub(super) fn bytes(file: &DataFile) -> Result<Vec<u8>> {
    let raw = std::fs::read(&file.location).map_err(|e| Error::data("read", &file.path, e))?;
    let broken = |e: std::io::Error| Error::data("decompress", &file.path, e);
    if raw.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(&raw[..])
            .read_to_end(&mut text)
            .map_err(broken)?;
        Ok(text)
    } else if raw.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        zstd::decode_all(&raw[..]).map_err(broken)
    } else {
        Ok(raw)
    }
}
