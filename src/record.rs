//! The record of a run: the JSON report, and the only input of every renderer.

mod accepted;
mod before;
mod file;
mod left_out;
mod model;
mod ticket;
mod unread;

pub use accepted::{Waiver, WaiverKind};
pub use before::Before;
pub use file::FileDigest;
pub use left_out::LeftOut;
pub use model::{
    CurveKind, CurveRecord, Estimate, FilesRecord, LatencyRecord, MetricRecord, ModelRecord,
    SideRecord, SliceRecord,
};
pub use ticket::{CommitRecord, TicketRecord};
pub use unread::READABLE;

use crate::diagnostic::Location;
use crate::types::ColumnType;
use serde::{Deserialize, Serialize};

/// Version of the run record's shape; readers refuse other majors.
pub const RUN_SCHEMA_VERSION: &str = "1.4";

/// How one expectation ended, or the whole run.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The promise holds.
    Pass,
    /// The promise is broken, and somebody accepted that until a day that has not passed.
    Waived,
    /// Outside the wished range, inside the allowed one; or a broken promise of severity `warn`.
    Warn,
    /// Could not apply (no rows, no reference); never a pass.
    Skipped,
    /// The evidence is not enough to decide.
    Inconclusive,
    /// The promise is broken.
    Fail,
    /// Could not be evaluated.
    Error,
}

impl Status {
    /// The word used in every report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Warn => "warn",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// How much a broken promise matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown, never more.
    Info,
    /// The run warns.
    Warn,
    /// The run fails.
    Error,
}

impl Severity {
    /// Words in contracts.
    pub const WORDS: &[&str] = &["error", "warn", "info"];

    /// Reads the word of a contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            _ => None,
        }
    }
}

/// One number obtained, with its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measurement {
    /// What was measured: `failing`, `null_ratio`, `mean`.
    pub name: String,
    /// The value as text, exact; a number in plain notation where it is one.
    pub text: String,
    /// The value as a number for drawing; absent for text and dates.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<f64>,
    /// `rows`, `ratio`, `values`, or the column's own unit (empty).
    #[serde(default)]
    pub unit: String,
}

/// One bound that a measurement was held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Threshold {
    /// The measurement's name.
    pub name: String,
    /// One of `<= < >= > == !=`.
    pub op: String,
    /// The bound as text.
    pub text: String,
    /// The bound as a number for drawing; absent for text and dates.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<f64>,
    /// Whether the measurement keeps it.
    pub held: bool,
}

/// One failing row, bounded and redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FailingRow {
    /// Row number in the dataset, counted from 1 over its files in order; of a group, its place in the sorted answer.
    pub row: u64,
    /// Key columns and the columns the expectation looks at: name and value as text (`null` for null).
    pub cells: Vec<Cell>,
    /// Ids of every expectation this row breaks.
    pub reasons: Vec<String>,
}

/// One cell of a failing row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cell {
    /// Column name.
    pub column: String,
    /// Value as text; absent for null.
    pub value: Option<String>,
}

/// The picture of a drifted column: shares of the same bins or values on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Comparison {
    /// What the bins are.
    pub kind: ComparisonKind,
    /// Bin labels: lower edges of a histogram, or category values.
    pub labels: Vec<String>,
    /// Share of the reference's non-null rows in each bin, 0 to 1.
    pub reference: Vec<f64>,
    /// Share of the current non-null rows in each bin, 0 to 1.
    pub current: Vec<f64>,
}

/// What the bins of a [`Comparison`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonKind {
    /// Ordered numeric or temporal bins.
    Histogram,
    /// Categories.
    Categories,
}

/// The check of outcomes that speak of waivers without effect.
pub const WAIVERS: &str = "waiver_matches";

/// Tag of the promise that a dataset has rows, where nobody wrote it.
pub const IMPLIED: &str = "implied";

/// Tag of what is only told, because something else decides.
pub const TOLD: &str = "told";

/// Since when an outcome does not pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Began {
    /// Clock of the first run of the unbroken series in which it did not pass, RFC 3339.
    pub at: String,
    /// Runs of that series, this one included; 1 where it passed, or was not there, in the run before.
    pub runs: u64,
    /// What the runs before it measured first, oldest first, at most 14; of runs that kept no such number nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<f64>,
}

/// What became of one expectation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outcome {
    /// Unique within the run: `flights.not_null(origin)`.
    pub id: String,
    /// Name of the dataset or model in `tollgate.yaml`.
    pub dataset: String,
    /// Check id in the catalogue: `not_null`; drift outcomes use `drift_psi` and the like.
    pub check: String,
    /// Column looked at, where there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// How it ended.
    pub status: Status,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence with the measured value and the bound.
    pub message: String,
    /// What the check promises, one sentence from the catalogue.
    pub summary: String,
    /// Numbers obtained.
    #[serde(default)]
    pub measured: Vec<Measurement>,
    /// Bounds they were held against.
    #[serde(default)]
    pub limits: Vec<Threshold>,
    /// Failing rows (or groups); absent where the check does not count rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing: Option<u64>,
    /// Rows looked at; absent where the check does not count rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// Bounded sample of failing rows in row order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<FailingRow>,
    /// Shares on both sides, for drift.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comparison: Option<Comparison>,
    /// Where the expectation is written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<Location>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
    /// The author's own words for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Accepted exception.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiver: Option<Waiver>,
    /// Since when it does not pass; only where past runs are kept and there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub began: Option<Began>,
}

impl Outcome {
    /// Whether it is about a model and not about a dataset.
    #[must_use]
    pub fn is_of_model(&self) -> bool {
        self.check.starts_with("model_")
    }

    /// Whether it is about drift against the reference.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.check.starts_with("drift_")
    }
}

/// One column of the report's profile table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ColumnSummary {
    /// Column name or path.
    pub name: String,
    /// Logical type.
    #[serde(rename = "type")]
    pub dtype: String,
    /// Rows (for a nested path: leaf slots).
    pub rows: u64,
    /// Nulls.
    pub nulls: u64,
    /// Distinct non-null values as text, `~` in front when estimated; empty where the column was not profiled.
    pub distinct: String,
    /// Least value as text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<String>,
    /// Greatest value as text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<String>,
    /// Mean as text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mean: Option<String>,
    /// Median as text, `~` in front when not exact.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub median: Option<String>,
    /// Most common values with their counts, most common first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TopValue>,
    /// Histogram counts over equal-width bins from min to max, at most 20; empty where it makes no sense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<u64>,
    /// Further counters and measures that the column's type has, in a fixed order; those that are 0 are left out:
    /// `nan infinite zeros negative empty blank true length_min length_max stddev sum p05 p25 p75 p95`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Measurement>,
    /// Why the column was not profiled; absent when it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_profiled: Option<String>,
    /// Why no value of the column is told, though it was profiled; absent when values are told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withheld: Option<String>,
}

/// A value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TopValue {
    /// The value as text; of personal columns no value is listed.
    pub value: String,
    /// Rows with it.
    pub count: u64,
}

/// One dataset under test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DatasetRecord {
    /// Name in `tollgate.yaml`.
    pub name: String,
    /// `path:` as written.
    pub path: String,
    /// Files read, in order.
    pub files: Vec<FileDigest>,
    /// Rows.
    pub rows: u64,
    /// Columns in file order.
    pub schema: Vec<ColumnType>,
    /// Contract file as written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract: Option<String>,
    /// Reference as written, where there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// References as written, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub references: Vec<String>,
    /// Files of the references, in order; left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reference_files: Vec<FileDigest>,
    /// Environment of the contract that the dataset is in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<String>,
    /// The batch before and what changed since; only where past runs are kept and there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Before>,
    /// Profile of each column, for the reader; empty when no profile was taken.
    #[serde(default)]
    pub profile: Vec<ColumnSummary>,
}

impl DatasetRecord {
    /// What it was compared with, as written: `a.parquet, b.parquet`; `None` where it was compared with nothing.
    #[must_use]
    pub fn compared_with(&self) -> Option<String> {
        let all: Vec<&str> = self
            .reference
            .iter()
            .chain(&self.references)
            .map(String::as_str)
            .collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// The verdict of the whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Verdict {
    /// `pass`, `warn`, `fail`, `inconclusive` or `error`; `skipped` when nothing was evaluated.
    pub status: Status,
    /// Process exit code.
    pub exit_code: u8,
    /// One sentence a product owner understands.
    pub sentence: String,
    /// Outcomes by status.
    pub counts: Counts,
}

/// Outcomes by status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Counts {
    /// Promises that hold.
    pub pass: usize,
    /// Broken and accepted.
    #[serde(default, skip_serializing_if = "before::is_none_at_all")]
    pub waived: usize,
    /// Warnings.
    pub warn: usize,
    /// Broken promises.
    pub fail: usize,
    /// Could not apply.
    pub skipped: usize,
    /// Not enough evidence.
    pub inconclusive: usize,
    /// Could not be evaluated.
    pub error: usize,
}

impl Counts {
    /// All outcomes.
    #[must_use]
    pub fn total(&self) -> usize {
        self.pass
            + self.waived
            + self.warn
            + self.fail
            + self.skipped
            + self.inconclusive
            + self.error
    }
}

/// Where the run came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Provenance {
    /// Program version.
    pub tollgate: String,
    /// SHA-256 over all check files used.
    pub catalogue_sha256: String,
    /// Configuration file as named.
    pub config: String,
    /// SHA-256 of the configuration and contract files.
    pub config_sha256: String,
    /// Files of values that expectations name, each once; left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub values_files: Vec<FileDigest>,
    /// Commit under test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
    /// Seed.
    pub seed: u64,
    /// The run's clock, RFC 3339; two runs with the same `--now` write the same bytes.
    pub now: String,
}

/// What a check means, for readers who do not have the catalogue at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CheckNote {
    /// Check id in the catalogue.
    pub id: String,
    /// What it counts, what null, NaN and empty do; Markdown of one or a few sentences.
    pub doc: String,
}

/// Everything that a run found and where it came from: what `run.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Run {
    /// [`RUN_SCHEMA_VERSION`].
    pub schema_version: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was left out, where only a part was asked for; such a run says nothing of the rest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left_out: Option<LeftOut>,
    /// Where it came from.
    pub provenance: Provenance,
    /// Datasets in configuration order.
    pub datasets: Vec<DatasetRecord>,
    /// Models in configuration order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelRecord>,
    /// Outcomes in contract order.
    pub outcomes: Vec<Outcome>,
    /// The checks of outcomes that did not pass, in the order of their ids; drift has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckNote>,
}
