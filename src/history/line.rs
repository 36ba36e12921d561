//! One line of a history file: a run, or what a person says of one.

use super::night::{
    NIGHT_BINS, NIGHT_TEXTS, Night, NightColumn, NightValues, Numbers, Standing, moment,
};
use crate::record::{Outcome, Status};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the lines' form; lines of another major version are refused.
pub const HISTORY_SCHEMA_VERSION: &str = "1.0";

/// One line, as JSON without a line break in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// A dataset was tested.
    Run(RunLine),
    /// A person said what to think of a run.
    Mark(MarkLine),
    /// A dataset was to be tested and could not be evaluated.
    Unable(UnableLine),
}

/// A night in which a dataset could not be evaluated: it is listed, and no later run learns from it or is compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnableLine {
    /// [`HISTORY_SCHEMA_VERSION`].
    pub version: String,
    /// Its id, see [`run_id`], of no content.
    pub run: String,
    /// When; RFC 3339 in whole seconds.
    #[serde(with = "moment")]
    pub at: DateTime<Utc>,
}

impl UnableLine {
    /// That of a dataset at a time.
    #[must_use]
    pub fn of(dataset: &str, at: DateTime<Utc>) -> Self {
        Self {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run_id(dataset, at, ""),
            at,
        }
    }
}

/// One run of one dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// [`HISTORY_SCHEMA_VERSION`].
    pub version: String,
    /// Its id, see [`run_id`].
    pub run: String,
    /// SHA-256 over the digests of the files that were read, lower-case hexadecimal: the same rows have the same.
    pub content: String,
    /// How the dataset's outcomes ended together.
    pub status: Status,
    /// Outcomes by id.
    pub outcomes: BTreeMap<String, PastOutcome>,
    /// The batch.
    pub night: Night,
}

/// How one outcome of a past run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastOutcome {
    /// How it ended.
    pub status: Status,
    /// Its numbers by name; those without a number, and those of personal columns that tell a value, are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, f64>,
}

impl PastOutcome {
    /// What is kept of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let number = |m: &crate::record::Measurement| {
            let number = m.number.filter(|n| n.is_finite())?;
            Some((m.name.clone(), number))
        };
        Self {
            status: outcome.status,
            numbers: outcome.measured.iter().filter_map(number).collect(),
        }
    }
}

/// What a person says of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkLine {
    /// [`HISTORY_SCHEMA_VERSION`].
    pub version: String,
    /// The run's id.
    pub run: String,
    /// What it is to count as.
    #[serde(rename = "as")]
    pub mark: Mark,
    /// Why.
    pub reason: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// When; RFC 3339 in whole seconds.
    #[serde(with = "moment")]
    pub at: DateTime<Utc>,
}

/// What a run is to count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Something was wrong: later runs do not learn from it.
    Incident,
    /// All was well, or is the new normal: later runs learn from it.
    Ordinary,
}

impl Mark {
    /// The standing that it gives.
    #[must_use]
    pub fn standing(self) -> Standing {
        match self {
            Self::Incident => Standing::Incident,
            Self::Ordinary => Standing::Ordinary,
        }
    }

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Ordinary => "ordinary",
        }
    }
}

/// The id of a run of a dataset: its clock and the beginning of the content's digest, `20261120T020000Z-3f9a1c2b7d`.
///
/// The dataset's name is in the digest, so that one run's datasets have different ids.
#[must_use]
pub fn run_id(dataset: &str, at: DateTime<Utc>, content: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{}:{dataset}{content}", dataset.len()));
    let digest = crate::report::text::hex(&digest);
    format!("{}-{}", at.format("%Y%m%dT%H%M%SZ"), &digest[..10])
}

/// Reads one line.
///
/// Errors: what is wrong with it, in words: another version, no JSON of this form, numbers that cannot be.
pub fn parse(text: &str) -> Result<Line, String> {
    #[derive(Deserialize)]
    struct Version {
        version: Option<String>,
    }
    let version: Version = serde_json::from_str(text).map_err(|e| plain(&e))?;
    let version = version.version.ok_or("it has no `version`")?;
    let major = |v: &str| v.split('.').next().map(str::to_owned);
    if major(&version) != major(HISTORY_SCHEMA_VERSION) {
        return Err(format!(
            "it is of version {version}, this program reads {HISTORY_SCHEMA_VERSION}; use the tollgate that wrote it"
        ));
    }
    let line: Line = serde_json::from_str(text).map_err(|e| plain(&e))?;
    if let Line::Run(run) = &line {
        check(&run.night)?;
    }
    Ok(line)
}

/// An error of JSON without its own line number: the caller names the line of the file.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    match error.column() {
        0 => text[..end].to_owned(),
        column => format!("{} (character {column})", &text[..end]),
    }
}

/// Whether the numbers of a night can be true.
fn check(night: &Night) -> Result<(), String> {
    let mut names = std::collections::BTreeSet::new();
    for column in &night.columns {
        let fail = |what: &str| Err(format!("column `{}`: {what}", column.name));
        if !names.insert(&column.name) {
            return fail("it is there twice");
        }
        let Some(valued) = night.rows.checked_sub(column.missing) else {
            return fail("more rows without a value than rows");
        };
        if !fits(column, valued) {
            return fail("its counts do not fit its rows");
        }
    }
    match &night.joint {
        Some(joint) if !joint.fits(night.rows) => {
            Err("the counts of its pairs of columns do not fit its rows".to_owned())
        }
        _ => Ok(()),
    }
}

fn fits(column: &NightColumn, valued: u64) -> bool {
    match &column.values {
        NightValues::Numbers(Numbers { shift, bins, .. }) => {
            let within = |bin: u64| *shift == 0 || bin >> (64 - shift) == 0;
            *shift < 64
                && bins.len() <= NIGHT_BINS
                && bins.windows(2).all(|pair| pair[0].0 < pair[1].0)
                && bins.iter().all(|(bin, count)| within(*bin) && *count > 0)
                && total(bins.iter().map(|(_, count)| *count), 0).is_some_and(|n| n <= valued)
        }
        NightValues::Texts { counts, others } => {
            let all = total(counts.iter().map(|(_, count)| *count), *others);
            counts.len() <= NIGHT_TEXTS && all.is_some_and(|all| all <= valued)
        }
        NightValues::Times { .. } | NightValues::Presence => true,
    }
}

/// The sum of counts; absent where it is no 64-bit number.
fn total(counts: impl Iterator<Item = u64>, first: u64) -> Option<u64> {
    let mut counts = counts;
    counts.try_fold(first, u64::checked_add)
}
