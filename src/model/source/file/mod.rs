//! Metrics in a JSON, YAML or CSV file.
//!
//! JSON and YAML: names with numbers, nested ones joined by a dot (`{"test": {"roc_auc": 0.8}}` is `test.roc_auc`, as DVC
//! names them); a number with what is known of it (`{"roc_auc": {"value": 0.8, "standard_error": 0.01, "rows": 500}}`);
//! a list of objects with a name and a value. What stands in `metrics` of the document, or in `data: {metrics: …}` as
//! `MLflow` describes a run, is read instead of the document around it. CSV: columns `name` and `value`, and where they are known
//! `standard_error`, `rows`, `slice`, `definition`. Slices: `slice: column=value`, `slices: {column: {value: …}}`, or a
//! name of the form `slice/column/value/metric`.

mod document;
mod rows;

use super::gather::Gathered;
use super::{Origin, OriginKind, Tracked, Wanted, bytes_of, digest};
use crate::config::{json, tree};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::error::{Error, Result};
use std::path::Path;
use std::sync::Arc;

/// Reads the metrics of a file: `.csv` is CSV, `.json` JSON, anything else YAML (of which JSON is a part).
///
/// NaN, infinity, text and nothing where a metric that is asked for should have a number are errors with their place, and
/// so is a metric that is given twice for one slice.
/// Errors: [`Error::Data`] for all of these at once, and for what cannot be read.
pub fn read(path: &Path, wanted: &Wanted) -> Result<Tracked> {
    let bytes = bytes_of(path)?;
    let mut origin = Origin::of(OriginKind::MetricsFile, &path.display().to_string());
    origin.digest = Some(digest(&bytes));
    let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let form = extension.as_ref().and_then(|e| e.to_str());
    read_bytes(bytes, form.unwrap_or_default(), origin, wanted)
}

/// As [`read`], of bytes whose form is `csv`, `json` or anything else for YAML.
///
/// Errors: as for [`read`].
pub fn read_bytes(bytes: Vec<u8>, form: &str, origin: Origin, wanted: &Wanted) -> Result<Tracked> {
    let failed = |reason: String| Error::data("read", &origin.address, reason);
    let text = String::from_utf8(bytes)
        .map_err(|e| failed(format!("it is not UTF-8 ({})", e.utf8_error())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        return Err(failed("it is empty".to_owned()));
    }
    let mut gathered = Gathered::new(wanted);
    if form == "csv" {
        rows::gather(text, &mut gathered).map_err(failed)?;
        return gathered.finish(origin);
    }
    let file = Arc::new(SourceFile {
        path: origin.address.clone(),
        text: text.replace("\r\n", "\n"),
    });
    let node = match form {
        "json" => json::parse(&file),
        _ => tree::parse(&file),
    };
    document::gather(&node.map_err(|e| failed(in_line(&e)))?, &mut gathered);
    gathered.finish(origin)
}

/// A problem of a file in one line.
fn in_line(problem: &Diagnostic) -> String {
    let place = problem.place.as_ref().map_or_else(String::new, |p| {
        format!("line {}, column {}: ", p.line, p.column)
    });
    crate::report::text::line(&format!("{place}{}", problem.message))
}

#[cfg(test)]
mod tests;
