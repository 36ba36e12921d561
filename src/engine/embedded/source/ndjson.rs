//! NDJSON: one JSON object per line; types follow the values of the whole file, objects become structs.

use super::{BATCH_ROWS, DataFile, compressed};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::json::ReaderBuilder;
use arrow::json::reader::infer_json_schema;
use std::sync::Arc;

/// Reads the whole file.
///
/// Errors: [`Error::Data`] when a line is not a JSON object or its values fit no one type.
pub(super) fn read(file: &DataFile) -> Result<Vec<RecordBatch>> {
    let bytes = compressed::bytes(file)?;
    let broken = |e: arrow::error::ArrowError| {
        let text = e.to_string();
        Error::data(
            "decode",
            &file.path,
            text.lines().next().unwrap_or_default(),
        )
    };
    let (schema, _) = infer_json_schema(&bytes[..], None).map_err(broken)?;
    let schema = Arc::new(schema);
    let reader = ReaderBuilder::new(schema.clone())
        .with_batch_size(BATCH_ROWS)
        .build(&bytes[..])
        .map_err(broken)?;
    let batches = reader
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(broken)?;
    Ok(if batches.is_empty() {
        vec![RecordBatch::new_empty(schema)]
    } else {
        batches
    })
}
