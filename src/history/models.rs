//! Past runs of models: which candidates were judged on which rows, so that trying again on the same rows costs.
//!
//! One append-only file of JSON lines per model, in the folder `models` of the history.

use super::store::History;
use crate::aside::each;
use crate::error::{Error, Result};
use crate::record::{ModelRecord, Outcome, Status};
use crate::verdict::{FailOn, decide};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Version of the lines' shape.
pub const MODELS_SCHEMA_VERSION: &str = "1.0";

/// One judged candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelLine {
    /// [`MODELS_SCHEMA_VERSION`].
    pub version: String,
    /// Clock of the run, RFC 3339.
    pub at: String,
    /// Digest of what the candidate said, lower-case hexadecimal.
    pub candidate: String,
    /// Digest of the rows that it was judged on.
    pub rows_sha256: String,
    /// How many candidates were judged on these rows then, this one included.
    pub attempt: u32,
    /// How its outcomes ended together.
    pub status: Status,
    /// Its metrics over all rows, by name.
    pub metrics: BTreeMap<String, f64>,
}

/// The past candidates of every model of a configuration.
#[derive(Debug, Default)]
pub struct Ledger(BTreeMap<String, Vec<ModelLine>>);

impl Ledger {
    /// Reads the lines of these models.
    ///
    /// Errors: [`Error::Parts`] with [`Error::Data`] for each that cannot be understood: the file and its line.
    pub fn load<'a>(history: &History, models: impl Iterator<Item = &'a String>) -> Result<Self> {
        let read = |name: &String| Ok((name.clone(), read(history, name)?));
        let all = models.map(|name| (name.as_str(), name));
        Ok(Self(each(all, read)?.into_iter().collect()))
    }

    /// The how manieth candidate a model's record is about, on the same rows; the same candidate keeps its number. `None`
    /// where rows are not known, so that nothing can be counted.
    #[must_use]
    pub fn attempt(&self, record: &ModelRecord) -> Option<u32> {
        let lines = self.0.get(&record.name)?;
        let rows = record.rows_sha256.as_ref()?;
        let candidate = candidate(record);
        let same = lines.iter().filter(|line| line.rows_sha256 == *rows);
        let own = same.clone().find(|line| line.candidate == candidate);
        let others: BTreeSet<&String> = same.map(|line| &line.candidate).collect();
        let next = u32::try_from(others.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        Some(own.map_or(next, |line| line.attempt))
    }

    /// What a run leaves of a model: nothing where rows are not known, an outcome could not be evaluated, or the same
    /// candidate was judged on the same rows before.
    #[must_use]
    pub fn line(&self, record: &ModelRecord, outcomes: &[Outcome], at: &str) -> Option<ModelLine> {
        let mine = outcomes.iter().filter(|o| o.dataset == record.name);
        let mine: Vec<Outcome> = mine.cloned().collect();
        if mine.iter().any(|o| o.status == Status::Error) {
            return None;
        }
        let line = ModelLine {
            version: MODELS_SCHEMA_VERSION.to_owned(),
            at: at.to_owned(),
            candidate: candidate(record),
            rows_sha256: record.rows_sha256.clone()?,
            attempt: u32::try_from(record.attempt).unwrap_or(u32::MAX),
            status: decide(&mine, FailOn::Error).status,
            metrics: record
                .metrics
                .iter()
                .filter(|m| m.slice.is_none())
                .filter_map(|m| Some((m.name.clone(), m.candidate?.value)))
                .collect(),
        };
        let lines = self.0.get(&record.name)?;
        let known = lines
            .iter()
            .any(|l| l.candidate == line.candidate && l.rows_sha256 == line.rows_sha256);
        (!known).then_some(line)
    }
}

/// Digest of what the candidate said.
fn candidate(record: &ModelRecord) -> String {
    super::past::content(&record.candidate.files)
}

/// The dataset's name that the file of a model is kept under.
fn place(history: &History) -> History {
    History::at(&history.folder().join("models"))
}

/// Appends the line of a model.
///
/// Errors: those of [`History::append`].
pub fn append(history: &History, model: &str, line: &ModelLine) -> Result<()> {
    let text = serde_json::to_string(line).expect("texts and finite numbers");
    place(history).append_text(model, text)
}

/// Models that have a file, in the order of their names.
///
/// Errors: those of [`History::datasets`].
pub fn names(history: &History) -> Result<Vec<String>> {
    place(history).datasets()
}

/// The lines of a model in the order of the file; none when it has no file.
///
/// Errors: [`Error::Data`] with the file and the line that cannot be understood.
pub fn read(history: &History, model: &str) -> Result<Vec<ModelLine>> {
    let place = place(history);
    let path = place.file(model);
    let fail = |reason: String| Error::data("read", path.display().to_string(), reason);
    let mut lines = Vec::new();
    for (number, text) in place.texts(model)? {
        let line: ModelLine = serde_json::from_str(&text)
            .map_err(|e| fail(format!("line {number}: it is no line of a model: {e}")))?;
        if line.version.split('.').next() != MODELS_SCHEMA_VERSION.split('.').next() {
            let what = format!("line {number}: its version is {}", line.version);
            return Err(fail(format!(
                "{what}, this program reads {MODELS_SCHEMA_VERSION}"
            )));
        }
        lines.push(line);
    }
    Ok(lines)
}
