//! Parquet files by projection, in row-group order.

use super::{BATCH_ROWS, DataFile};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn builder(file: &DataFile) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let reader = File::open(&file.location).map_err(|e| Error::data("read", &file.path, e))?;
    guarded(file, || {
        ParquetRecordBatchReaderBuilder::try_new(reader).map_err(|e| reason(&e))
    })
}

/// The file's columns.
pub(super) fn schema(file: &DataFile) -> Result<SchemaRef> {
    builder(file).map(|b| b.schema().clone())
}

/// Calls `each` with every batch of the columns called `roots`.
pub(super) fn scan(
    file: &DataFile,
    roots: &[String],
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let builder = builder(file)?;
    let wanted = builder
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, f)| roots.contains(f.name()))
        .map(|(i, _)| i);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.collect::<Vec<_>>());
    let mut reader = guarded(file, || {
        builder
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|e| reason(&e))
    })?;
    while let Some(batch) = guarded(file, || reader.next().transpose().map_err(|e| reason(&e)))? {
        each(&batch)?;
    }
    Ok(())
}

/// Runs a decoding step; a panic inside the decoder on a broken file is an unreadable file, not ours to die of.
fn guarded<T>(file: &DataFile, step: impl FnOnce() -> std::result::Result<T, String>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(Error::data("decode", &file.path, reason)),
        Err(_) => Err(Error::data(
            "decode",
            &file.path,
            "the Parquet decoder gave up on its content",
        )),
    }
}

fn reason(error: &dyn std::fmt::Display) -> String {
    error
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}
