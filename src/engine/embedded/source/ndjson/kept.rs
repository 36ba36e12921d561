//! What opening an NDJSON file found, kept by the file's content: an unchanged file is not read again for its types.

use super::{DataFile, Lines, SourceOptions};
use crate::engine::embedded::store::Store;
use crate::error::Result;
use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use serde::{Deserialize, Serialize};

const KIND: &str = "ndjson";

/// What is kept of one file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The columns as JSON is read: the schema message of an Arrow IPC stream.
    schema: Vec<u8>,
    /// Per column the type that its text becomes, as Arrow writes it.
    declared: Vec<Option<String>>,
    rows: u64,
    bytes: u64,
}

impl Lines {
    /// As [`Lines::open`]; files that were opened before are not read, unless their columns and those of other files do
    /// not agree, so that all have to be read together.
    ///
    /// Errors: as for [`Lines::open`], and of keeping what was found.
    pub(in super::super) fn open_kept(
        files: &[DataFile],
        options: &SourceOptions,
        store: &Store,
    ) -> Result<Self> {
        let mut all = Vec::with_capacity(files.len());
        for file in files {
            all.push(one(file, options, store)?);
        }
        match joined(all) {
            Some(lines) => Ok(lines),
            None => Self::open(files, options),
        }
    }
}

/// The lines of one file, kept or read.
fn one(file: &DataFile, options: &SourceOptions, store: &Store) -> Result<Lines> {
    let key = store.opened_key(file, &format!("{:?}", options.types))?;
    let kept = store.get(KIND, &key);
    let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
    if let Some(lines) = kept.and_then(|kept| restored(&kept)) {
        return Ok(lines);
    }
    let lines = Lines::open(std::slice::from_ref(file), options)?;
    let kept = kept_of(&lines).map_err(|e| file.broken(e))?;
    let text = serde_json::to_string(&kept).expect("texts and numbers");
    store.put(KIND, &key, &text)?;
    Ok(lines)
}

fn kept_of(lines: &Lines) -> std::result::Result<Kept, ArrowError> {
    let fields = lines.fields.iter().map(|(field, _)| field.clone());
    let schema = Schema::new(fields.collect::<Vec<FieldRef>>());
    let mut bytes = Vec::new();
    StreamWriter::try_new(&mut bytes, &schema)?.finish()?;
    let declared = lines.fields.iter().map(|(_, dtype)| dtype.as_ref());
    Ok(Kept {
        schema: bytes,
        declared: declared.map(|d| d.map(DataType::to_string)).collect(),
        rows: lines.rows[0],
        bytes: lines.bytes,
    })
}

/// `None` when what was kept does not hold together.
fn restored(kept: &Kept) -> Option<Lines> {
    let schema = StreamReader::try_new(kept.schema.as_slice(), None)
        .ok()?
        .schema();
    let read = |text: &Option<String>| match text {
        Some(text) => text.parse().ok().map(Some),
        None => Some(None),
    };
    let declared: Option<Vec<Option<DataType>>> = kept.declared.iter().map(read).collect();
    let declared = declared.filter(|d| d.len() == schema.fields().len())?;
    Some(Lines {
        fields: schema.fields().iter().cloned().zip(declared).collect(),
        rows: vec![kept.rows],
        bytes: kept.bytes,
    })
}

/// All files as one; `None` when their columns differ in any way.
fn joined(all: Vec<Lines>) -> Option<Lines> {
    let mut all = all.into_iter();
    let mut whole = all.next()?;
    for lines in all {
        if lines.fields != whole.fields {
            return None;
        }
        whole.rows.extend(lines.rows);
        whole.bytes += lines.bytes;
    }
    Some(whole)
}
