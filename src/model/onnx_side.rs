//! A side that an ONNX file scores: its outputs beside the rows that it was given.

use super::endpoint_side::{Answered, beside, named, predicted, sent};
use super::read::Read;
use super::source::onnx::{self, MISSING, Settings};
use super::table::Table;
use crate::config::models::{OnnxConfig, PredictionsConfig};
use crate::engine::embedded::predictions;
use crate::error::{Error, Result};
use crate::record::{FileDigest, SideRecord};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Whether the file is there.
pub(super) fn is_there(config: &OnnxConfig, base: &Path) -> bool {
    base.join(&config.path.path).exists()
}

/// Reads the rows of a side and has them scored: the columns that are named and `besides`, then the predictions.
///
/// Errors: [`Error::Usage`] where this program runs no ONNX files; [`Error::Data`] when the rows or the file cannot be
/// read, and as for [`onnx::score`]; [`Error::Interrupted`].
pub(super) fn side(
    side: &PredictionsConfig,
    config: &OnnxConfig,
    besides: &[String],
    base: &Path,
) -> Result<Read> {
    if !onnx::BUILT {
        return Err(Error::Usage(MISSING.to_owned()));
    }
    let settings = Settings {
        path: base.join(&config.path.path),
        shown: config.path.shown(),
        inputs: config.inputs.clone(),
        nulls: config.nulls,
    };
    let bytes = onnx::bytes(&settings)?;
    let mut columns = besides.to_vec();
    let given = config.inputs.columns();
    columns.extend(given.iter().cloned());
    let (read, rows) = predictions::read(&sent(side), &columns, base)?;
    let features = Table {
        rows: read.rows,
        columns: named(&read, &given),
    };
    let scored = onnx::score(&settings, &bytes, &features, &predicted(&side.columns))?;
    let table = beside(side, &read, besides, &scored.predictions);
    let table = table.map_err(|why| Error::data("score rows by", settings.shown.clone(), why))?;
    // The model's own files first: they are what it is known by.
    let mut files = vec![digest(settings.shown.clone(), &bytes)];
    let folder = Path::new(&settings.shown).parent().unwrap_or(Path::new(""));
    for one in &scored.weights {
        let shown = folder.join(&one.path).display().to_string();
        files.push(FileDigest::whole(shown, one.bytes, one.sha256.clone()));
    }
    let given = |file| FileDigest {
        given: true,
        ..file
    };
    files.extend(rows.into_iter().map(given));
    let parity = config.parity.as_ref();
    let answered = Answered::here(settings.shown.clone(), side, parity, (&table, base))?;
    let record = SideRecord {
        kind: "onnx".to_owned(),
        from: settings.shown,
        files,
        ..SideRecord::default()
    };
    let read = (table, side.clone(), Some(answered));
    Ok(Read::Rows(Box::new(read), Box::new(record)))
}

fn digest(path: String, bytes: &[u8]) -> FileDigest {
    let sha256 = crate::report::text::hex(&Sha256::digest(bytes));
    FileDigest::whole(path, bytes.len() as u64, sha256)
}
