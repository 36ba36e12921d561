//! Parquet files by projection, in row-group order.
//!
//! Source: Apache Parquet format. What its row groups state is held against what the footer states before a page is read.

use super::guard::guarded;
use super::{DataFile, batch_rows, int96, zero_width};
use crate::error::Result;
use crate::record::FileDigest;
use crate::report::text::hex;
use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ColumnChunkMetaData;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::slice::from_ref;

/// The file's footer; no data page is opened.
///
/// Errors: `Error::Data` when it is not a Parquet file, or its footer contradicts itself.
pub(super) fn open(file: &DataFile) -> Result<ArrowReaderMetadata> {
    need_footer(file)?;
    let reader = file.open()?;
    let footer = guarded(file, || {
        ArrowReaderMetadata::load(&reader, ArrowReaderOptions::new())
    })?;
    let groups = footer.metadata().row_groups().iter();
    let stated = footer.metadata().file_metadata().num_rows();
    let mut rows = 0_i64;
    for (i, group) in groups.enumerate() {
        if group.num_rows() < 0 {
            let reason = format!("row group {i} states {} rows", group.num_rows());
            return Err(file.broken(reason));
        }
        rows = rows.saturating_add(group.num_rows());
    }
    if rows != stated {
        let reason = format!("the footer states {stated} rows, its row groups {rows}");
        return Err(file.broken(reason));
    }
    Ok(int96::in_its_unit(footer))
}

/// The file with the SHA-256 of its footer, or of all of it where that is known, or the version that its server names.
///
/// Errors: `Error::Data` when it cannot be read or changed.
pub(super) fn footer_digest(file: &DataFile) -> Result<FileDigest> {
    if file.parts.is_some() || file.is_hashed() {
        return file.digest();
    }
    let mut reader = file.open()?;
    let mut tail = [0; 8];
    let mut bytes = Vec::new();
    let read = (|| {
        reader.seek(SeekFrom::End(-8))?;
        reader.read_exact(&mut tail)?;
        let length = i64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        reader.seek(SeekFrom::End(-8 - length))?;
        reader.read_to_end(&mut bytes)
    })();
    read.map_err(|e| file.broken(e))?;
    file.unchanged()?;
    Ok(FileDigest {
        path: file.path.clone(),
        bytes: file.bytes,
        sha256: None,
        footer_sha256: Some(hex(&Sha256::digest(&bytes))),
        etag: None,
        last_modified: None,
        given: false,
    })
}

/// Fetches the footer of a file on a server.
///
/// Source: Apache Parquet format, "File format": the footer's length, four bytes, then the magic ones.
///
/// Errors: those of [`DataFile::need`]; a file that is not Parquet is no error here.
fn need_footer(file: &DataFile) -> Result<()> {
    let end = file.bytes.saturating_sub(8);
    file.need(from_ref(&(end..file.bytes)))?;
    if file.parts.is_none() {
        return Ok(());
    }
    let tail = super::spool::read(&file.location, end..file.bytes)?;
    if let [a, b, c, d, b'P', b'A', b'R', b'1'] = tail[..] {
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        file.need(from_ref(&(end.saturating_sub(length)..end)))?;
    }
    Ok(())
}

/// The leaves of the columns called `roots`.
fn projection(footer: &ArrowReaderMetadata, roots: &[String]) -> ProjectionMask {
    let fields = footer.schema().fields().iter().enumerate();
    let wanted = fields.filter(|(_, f)| roots.contains(f.name()));
    ProjectionMask::roots(footer.parquet_schema(), wanted.map(|(i, _)| i))
}

/// Where the chunks of the columns called `roots` lie in the file, for [`DataFile::need`]; group by group.
///
/// A chunk whose place cannot be one is left out; reading it is the error.
///
/// Source: `ColumnMetaData` of the Apache Parquet format; a chunk starts with its dictionary page, if it has one.
pub(super) fn chunks(footer: &ArrowReaderMetadata, roots: &[String]) -> Vec<Range<u64>> {
    let mask = projection(footer, roots);
    let groups = footer.metadata().row_groups().iter();
    let leaves = groups.flat_map(|g| g.columns().iter().enumerate());
    let asked = leaves.filter(|(leaf, _)| mask.leaf_included(*leaf));
    asked.filter_map(|(_, chunk)| place(chunk)).collect()
}

fn place(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    let start = u64::try_from(start).ok()?;
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    Some(start..start.checked_add(length)?)
}

/// Calls `each` with every batch of the columns called `roots`, of fewer rows where there are many columns.
///
/// Errors: `Error::Data` when pages cannot be decoded, and those of `each`.
pub(super) fn scan(
    file: &DataFile,
    footer: &ArrowReaderMetadata,
    roots: &[String],
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let mask = projection(footer, roots);
    file.need(&chunks(footer, roots))?;
    zero_width::refuse(file, footer.metadata(), &mask)?;
    int96::refuse(file, footer, &mask)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.open()?, footer.clone());
    let mut reader = guarded(file, || {
        builder
            .with_projection(mask)
            .with_batch_size(batch_rows(roots.len()))
            .build()
    })?;
    let mut rows = 0;
    while let Some(batch) = guarded(file, || reader.next().transpose())? {
        rows += batch.num_rows() as u64;
        each(&batch)?;
    }
    let stated = super::footer::rows(footer);
    if rows != stated {
        let reason = format!("the footer states {stated} rows, the pages hold {rows}");
        return Err(file.broken(reason));
    }
    Ok(())
}

/// Compressed bytes of the chunks of the columns called `roots`.
pub(super) fn bytes(footer: &ArrowReaderMetadata, roots: &[String]) -> u64 {
    let groups = footer.metadata().row_groups().iter();
    let chunks = groups.flat_map(parquet::file::metadata::RowGroupMetaData::columns);
    chunks
        .filter(|c| {
            let root = c.column_path().parts().first();
            root.is_some_and(|root| roots.contains(root))
        })
        .map(|c| u64::try_from(c.compressed_size()).unwrap_or(0))
        .sum()
}
