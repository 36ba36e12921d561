//! Dictionary indices of zero bits in long bit-packed runs: pages that hold no index, and that readers disagree about.
//!
//! A dictionary of one value needs no bits for its indices, and current writers then write run-length runs. A
//! bit-packed run claims values eight by eight without a byte behind them: nothing can show that one is missing, some
//! readers hang or stop on it, others return the first dictionary value for every row. The reference encoders of
//! the format never write more than 63 groups in one bit-packed run, so a longer one of zero bits is refused.
//!
//! Source: Parquet encodings, "Run Length Encoding / Bit-Packing Hybrid"; `ARROW-GH-43605.parquet` of parquet-testing.

use super::DataFile;
use super::guard::guarded;
use crate::error::Result;
use parquet::arrow::ProjectionMask;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;
use std::sync::Arc;

/// Groups of eight values that the reference encoders write into one bit-packed run at most: one header byte's worth.
const GROUPS: u64 = 63;

/// Bytes of page headers and a small dictionary; a chunk that is larger than its levels and this holds indices.
const HEADERS: u64 = 4096;

/// Fails when a page of the asked columns is of this kind.
///
/// Only chunks too small to hold any index are opened, so that the check costs next to nothing.
///
/// Errors: `Error::Data` naming the column and the number of values.
pub(super) fn refuse(
    file: &DataFile,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
) -> Result<()> {
    let mut reader = None;
    for group in metadata.row_groups() {
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        for (_, chunk) in asked(group.columns(), mask).filter(|(_, c)| suspicious(c)) {
            let source = match &reader {
                None => reader.insert(Arc::new(file.open()?)),
                Some(open) => open,
            };
            let values = guarded(file, || {
                let pages = SerializedPageReader::new(source.clone(), chunk, rows, None)?;
                empty_run(pages, chunk.column_descr())
            })?;
            if let Some(values) = values {
                return Err(file.broken(format!(
                    "column `{}` has {values} dictionary indices of zero bits in one bit-packed run, which holds no \
                     value and which readers take differently; write the file again with a current writer",
                    chunk.column_path().string()
                )));
            }
        }
    }
    Ok(())
}

fn asked<'a>(
    chunks: &'a [ColumnChunkMetaData],
    mask: &'a ProjectionMask,
) -> impl Iterator<Item = (usize, &'a ColumnChunkMetaData)> {
    let chunks = chunks.iter().enumerate();
    chunks.filter(|(leaf, _)| mask.leaf_included(*leaf))
}

fn suspicious(chunk: &ColumnChunkMetaData) -> bool {
    let dictionary = |e| matches!(e, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    let values = u64::try_from(chunk.num_values()).unwrap_or(0);
    let bits = |level: i16| u64::from(16 - level.max(0).leading_zeros());
    let column = chunk.column_descr();
    let levels = values * (bits(column.max_def_level()) + bits(column.max_rep_level())) / 8;
    let size = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
    values > GROUPS * 8 && size <= levels + HEADERS && chunk.encodings().any(dictionary)
}

/// Values that such a run claims, in the first page that has one.
fn empty_run(
    mut pages: SerializedPageReader<std::fs::File>,
    column: &ColumnDescriptor,
) -> std::result::Result<Option<u64>, ParquetError> {
    while let Some(page) = pages.get_next_page()? {
        let dictionary = matches!(
            page.encoding(),
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
        );
        if !page.is_data_page() || !dictionary {
            continue;
        }
        let groups = indices(&page, column).and_then(packed_groups);
        if let Some(groups) = groups.filter(|g| *g > GROUPS) {
            return Ok(Some((groups * 8).min(u64::from(page.num_values()))));
        }
    }
    Ok(None)
}

/// The indices of a data page: what follows its levels.
fn indices<'a>(page: &'a Page, column: &ColumnDescriptor) -> Option<&'a [u8]> {
    match page {
        Page::DataPage {
            buf,
            def_level_encoding,
            rep_level_encoding,
            ..
        } => {
            let mut rest = &buf[..];
            for (level, encoding) in [
                (column.max_rep_level(), rep_level_encoding),
                (column.max_def_level(), def_level_encoding),
            ] {
                if level > 0 {
                    let length = rest
                        .first_chunk::<4>()
                        .filter(|_| *encoding == Encoding::RLE)?;
                    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                    rest = rest.get(4..)?.get(length..)?;
                }
            }
            Some(rest)
        }
        Page::DataPageV2 {
            buf,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => buf.get(usize::try_from(def_levels_byte_len + rep_levels_byte_len).ok()?..),
        Page::DictionaryPage { .. } => None,
    }
}

/// Groups of the first run, when indices have zero bits and the run is bit-packed.
fn packed_groups(indices: &[u8]) -> Option<u64> {
    let [0, header @ ..] = indices else {
        return None;
    };
    let mut value = 0_u64;
    for (i, byte) in header.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return (value & 1 == 1).then_some(value >> 1);
        }
    }
    None
}
