//! A contract file opened: text as it is, the columns of a Parquet or Arrow file as text, and binary protocol buffers of TFDV
//! as text proto.

use crate::config::source_file;
use crate::diagnostic::SourceFile;
use crate::engine::embedded::source::{Dataset, SourceOptions};
use crate::error::{Error, Result};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

/// Opens what a contract is read from.
///
/// A Parquet or Arrow IPC file, known by its first bytes, is read as the text of its columns (see [`super::columnar`]), and bytes that
/// are a schema or statistics of TFDV as text proto, so that every place is a line of that text. Errors: [`Error::Io`] and [`Error::Config`] of [`source_file`]; [`Error::Data`] where the columns cannot be read.
pub fn open(path: &Path) -> Result<Arc<SourceFile>> {
    let Some(format) = marked(path)? else {
        return match binary(path)? {
            Some(file) => Ok(Arc::new(file)),
            None => source_file(path),
        };
    };
    let name = path.display().to_string();
    let options = SourceOptions {
        format: Some(format.to_owned()),
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(&name, Path::new(""), &options)?;
    Ok(Arc::new(SourceFile {
        text: super::columnar::written(dataset.schema(), format),
        path: name,
    }))
}

/// A binary schema or binary statistics of TFDV as text proto; none for a file that is text, or other bytes.
fn binary(path: &Path) -> Result<Option<SourceFile>> {
    let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, e))?;
    let control = |b: &u8| *b < b' ' && !b"\t\n\r\x0c".contains(b);
    if !bytes.iter().any(control) && std::str::from_utf8(&bytes).is_ok() {
        return Ok(None);
    }
    Ok(super::tfdv::from_binary(&bytes).map(|text| SourceFile {
        path: path.display().to_string(),
        text,
    }))
}

/// The format that the first bytes name.
fn marked(path: &Path) -> Result<Option<&'static str>> {
    let mut file = std::fs::File::open(path).map_err(|e| Error::io("read", path, e))?;
    let mut first = [0; 6];
    let read = file
        .read(&mut first)
        .map_err(|e| Error::io("read", path, e))?;
    Ok(match &first[..read] {
        [b'P', b'A', b'R', b'1', ..] => Some("parquet"),
        b"ARROW1" => Some("arrow"),
        // An IPC stream: the mark of a message.
        [0xff, 0xff, 0xff, 0xff, ..] => Some("arrow"),
        _ => None,
    })
}
