//! What a run says of a model: both sides, and every metric with its noise.

use super::{Cell, FileDigest, TicketRecord};
use crate::model::source::DatasetInput;
use serde::{Deserialize, Serialize};

/// One model under test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ModelRecord {
    /// Name in `tollgate.yaml`.
    pub name: String,
    /// `binary`, `multiclass`, `regression` or `ranking`; absent where only metrics are known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task: Option<String>,
    /// The version under test.
    pub candidate: SideRecord,
    /// What it was compared with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<SideRecord>,
    /// The baseline that stays where it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub anchor: Option<SideRecord>,
    /// Its files, where they were looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<FilesRecord>,
    /// How long the candidate's endpoint took, where it is one. Measured, so that no run repeats it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latency: Option<LatencyRecord>,
    /// Rows that were judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// Whether both sides were compared row by row.
    pub paired: bool,
    /// SHA-256 over label, weight and key of the judged rows, in an order of their own: equal for equal rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_sha256: Option<String>,
    /// How many candidates of that name were judged on these rows, this one included, as far as runs are kept: each has a
    /// smaller share of `alpha`. 1 where no history is kept.
    pub attempt: u64,
    /// Chance of error of a one-sided decision, as written.
    pub alpha: f64,
    /// What of it this attempt may spend.
    pub spent: f64,
    /// The move that this run may be evidence for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub promote: Option<TicketRecord>,
    /// Metrics over all rows, then slice by slice, in configuration order.
    pub metrics: Vec<MetricRecord>,
    /// Curves of a binary model over all rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<CurveRecord>,
    /// Slices that were too small to be judged, largest first, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub small_slices: Vec<SliceRecord>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_small_slices: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A candidate, a baseline or an anchor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SideRecord {
    /// `predictions`, `metrics`, `pinned` and the like.
    pub kind: String,
    /// Path, address or name, without secrets.
    pub from: String,
    /// Files read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileDigest>,
    /// Name of the registry in `tollgate.yaml` whose alias led to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registry: Option<String>,
    /// Version of the registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Run that made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_id: Option<String>,
    /// Datasets that were logged with it, by the digest that was logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<DatasetInput>,
}

impl SideRecord {
    /// SHA-256 digests of the files that tell this model from others: all but the rows that it was given.
    pub(crate) fn own(&self) -> impl Iterator<Item = &str> {
        let own = self.files.iter().filter(|file| !file.given);
        own.filter_map(|file| file.sha256.as_deref())
    }
}

/// A curve of both sides, for a picture; at most 100 points each, with four decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CurveRecord {
    /// What it shows.
    pub kind: CurveKind,
    /// Points of the candidate, across and up.
    pub candidate: Vec<[f64; 2]>,
    /// Points of the baseline; empty where there is none on these rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baseline: Vec<[f64; 2]>,
}

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// True positive rate over false positive rate.
    Roc,
    /// Precision over recall.
    PrecisionRecall,
    /// Share of the positive class over the mean score, by bins of the score.
    Calibration,
}

/// The files of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FilesRecord {
    /// File or folder as written.
    pub path: String,
    /// Files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// SHA-256 over their paths and digests: equal for equal folders.
    pub sha256: String,
}

/// Times of the requests to an endpoint, each from sending to the last byte of its answer: order statistics, where a request
/// without predictions counts as slower than any other. Unit: milliseconds; absent where so many requests failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LatencyRecord {
    /// Requests, without those that warm up.
    pub requests: u64,
    /// Requests that gave no predictions; their rows are left out on all sides.
    pub failed: u64,
    /// The time within which half of the requests were answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p50_ms: Option<f64>,
    /// The time within which 95 % were answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p95_ms: Option<f64>,
    /// The time within which 99 % were answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99_ms: Option<f64>,
}

/// A value with its confidence bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// One-sided lower bound; absent where the noise is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub low: Option<f64>,
    /// One-sided upper bound.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub high: Option<f64>,
}

/// A slice and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SliceRecord {
    /// Columns with the value that the rows of the slice have.
    pub of: Vec<Cell>,
    /// Rows.
    pub rows: u64,
}

/// One metric, over all rows or those of a slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricRecord {
    /// Key in `tollgate.yaml`.
    pub name: String,
    /// The metric with all its parameters: `f_beta(beta=2)`.
    pub definition: String,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// `ratio`, `nats`, or empty for the label's own unit.
    pub unit: String,
    /// Rows it is measured on; absent for all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slice: Option<SliceRecord>,
    /// Rows that a file or a tracker says it was measured on, over all of them; absent where the model's own rows were judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// The candidate's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<Estimate>,
    /// The baseline's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<f64>,
    /// By how much the candidate is better, in the metric's unit; below 0 where it is worse.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gain: Option<Estimate>,
    /// Loss that is allowed, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub margin: Option<f64>,
    /// How the bounds were made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
    /// Rows with which the comparison would be decided with 90 % power, if the difference is what it looks like.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_needed: Option<u64>,
    /// Loss that these rows show with 90 % power.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detectable: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
}
