//! Arrow IPC, as a file (`.arrow`, `.feather`, `.ipc`) or as a stream (`.arrows`), told by the first bytes.
//!
//! Source: Arrow columnar format, "Serialization and Interprocess Communication": a file begins with `ARROW1`.

use super::guard::guarded;
use super::{BATCH_ROWS, DataFile};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use std::fs::File;
use std::io::{BufReader, Read, Seek};

enum Batches {
    File(FileReader<BufReader<File>>),
    Stream(StreamReader<BufReader<File>>),
}

impl Batches {
    fn open(file: &DataFile, projection: Option<Vec<usize>>) -> Result<Self> {
        let mut raw = file.open()?;
        let fail = |e: std::io::Error| Error::data("read", &file.path, e);
        let mut head = Vec::new();
        (&mut raw).take(6).read_to_end(&mut head).map_err(fail)?;
        raw.rewind().map_err(fail)?;
        match head.as_slice() {
            b"ARROW1" => guarded(file, || {
                FileReader::try_new(BufReader::new(raw), projection).map(Self::File)
            }),
            [b'F', b'E', b'A', b'1', ..] => Err(file.broken(
                "it is Feather version 1, which is not read; write it again as version 2 (Arrow IPC)",
            )),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(file.broken(
                "it is compressed as a whole; Arrow IPC compresses inside the file (lz4 or zstd)",
            )),
            _ => guarded(file, || {
                StreamReader::try_new(BufReader::new(raw), projection).map(Self::Stream)
            }),
        }
    }

    fn next(&mut self) -> std::result::Result<Option<RecordBatch>, ArrowError> {
        match self {
            Self::File(reader) => reader.next().transpose(),
            Self::Stream(reader) => reader.next().transpose(),
        }
    }
}

/// The file's columns; no batch is read.
///
/// Errors: [`Error::Data`] when it is not Arrow IPC.
pub(super) fn schema(file: &DataFile) -> Result<SchemaRef> {
    Ok(match Batches::open(file, None)? {
        Batches::File(reader) => reader.schema(),
        Batches::Stream(reader) => reader.schema(),
    })
}

/// Calls `each` with batches of the columns called `roots`, at most [`BATCH_ROWS`] rows each.
///
/// Errors: [`Error::Data`] when a batch cannot be decoded, and those of `each`.
pub(super) fn scan(
    file: &DataFile,
    schema: &SchemaRef,
    roots: &[String],
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let wanted = schema.fields().iter().enumerate();
    let wanted = wanted
        .filter(|(_, f)| roots.contains(f.name()))
        .map(|(i, _)| i);
    let mut batches = Batches::open(file, Some(wanted.collect()))?;
    while let Some(batch) = guarded(file, || batches.next())? {
        super::sliced(&batch, BATCH_ROWS, each)?;
    }
    Ok(())
}
