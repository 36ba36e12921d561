//! The first request for a file decides whether it is read in parts.

use super::Parts;
use super::object::{Object, Spool};
use super::version::{ContentRange, Version};
use crate::engine::embedded::source::spool::{self, spooled};
use crate::engine::embedded::source::{DataFile, SourceOptions, format};
use crate::error::Result;
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::CONTENT_ENCODING;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempPath;

/// Bytes at the end of a Parquet file that are asked for first: they hold most footers. A file that is not larger is
/// there as a whole then.
const TAIL: u64 = 64 << 10;

/// The file, and what is removed with it; `None` when the server says that there is none.
///
/// Errors: `Error::Data` when the server cannot be reached, answers with anything else than success, or breaks off;
/// `Error::Io` when the temporary file cannot be written.
pub(super) fn opened(
    object: &Object,
    options: &SourceOptions,
) -> Result<Option<(DataFile, TempPath)>> {
    let first = if format::may_be_parquet(&object.suffix(), options) {
        object.tail(TAIL)?
    } else {
        object.whole()?
    };
    match first.status() {
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::PARTIAL_CONTENT => tail(object, first).map(Some),
        StatusCode::RANGE_NOT_SATISFIABLE => whole(object, object.whole()?).map(Some),
        _ => whole(object, first).map(Some),
    }
}

/// All of an answer as a file.
fn whole(object: &Object, mut answer: Response) -> Result<(DataFile, TempPath)> {
    if answer.status() != StatusCode::OK {
        return Err(object.refused(answer));
    }
    // of a part, the length of the part
    let version = Version::of(answer.headers(), 0);
    let (mut file, spool) = spooled(&mut answer, &object.shown, &object.suffix())?;
    file.modified = version.time();
    Ok((file, spool))
}

/// The file whose end an answer holds; read in parts when the server names its version.
fn tail(object: &Object, answer: Response) -> Result<(DataFile, TempPath)> {
    let headers = answer.headers();
    let plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|e| e == "identity");
    let part = ContentRange::of(headers).filter(|_| plain);
    let version = part
        .as_ref()
        .map(|p| Version::of(answer.headers(), p.whole));
    let (Some(part), Some(version)) = (part, version.filter(|v| v.condition().is_some())) else {
        return whole(object, object.whole()?);
    };
    if part.range != (part.whole.saturating_sub(TAIL)..part.whole) {
        return Err(object.fail(format!(
            "the server answers with bytes {} to {} of {} where the last {TAIL} were asked for",
            part.range.start,
            part.range.end - 1,
            part.whole
        )));
    }
    let spool = spool::sized(&object.suffix(), part.whole)?;
    let bytes = end(object, answer, &part, &version, &spool)?;
    let complete = part.range.start == 0;
    let parquet = bytes.ends_with(b"PAR1") || bytes.ends_with(b"PARE");
    if !complete && !parquet {
        object.part(&version, 0..part.range.start, &mut Spool::at(&spool, 0)?)?;
    }
    let mut file = DataFile::at(spool.to_path_buf(), object.shown.clone())?;
    file.modified = version.time();
    if !complete && parquet {
        let parts = Parts::new(
            object.clone(),
            version,
            spool.to_path_buf(),
            part.range.clone(),
        );
        file.parts = Some(Arc::new(parts));
    }
    Ok((file, spool))
}

/// The bytes of the answer, which are in the temporary file then. What broke off is asked for again.
fn end(
    object: &Object,
    answer: Response,
    part: &ContentRange,
    version: &Version,
    spool: &Path,
) -> Result<Vec<u8>> {
    let stated = part.range.end - part.range.start;
    let mut bytes = Vec::new();
    // what an answer that breaks off gave is kept
    let _ = answer.take(stated + 1).read_to_end(&mut bytes);
    let got = bytes.len() as u64;
    if got > stated {
        return Err(object.fail(format!("the server says {stated} bytes and sends more")));
    }
    Spool::at(spool, part.range.start)?.write(&bytes)?;
    if got < stated {
        let left = part.range.start + got..part.range.end;
        object.part(
            version,
            left,
            &mut Spool::at(spool, part.range.start + got)?,
        )?;
        bytes = spool::read(spool, part.range.clone())?;
    }
    Ok(bytes)
}
