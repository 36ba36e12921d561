//! Waivers in the record of a run.

use serde::{Deserialize, Serialize};

/// An accepted exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Waiver {
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// Last day on which it counts, `YYYY-MM-DD`.
    pub until: String,
    /// Whether that day has passed; an expired waiver does not lower the status.
    pub expired: bool,
    /// Failing rows, at most, for which it counts; absent for any number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_failing: Option<u64>,
    /// Where it is written.
    #[serde(default)]
    pub kind: WaiverKind,
}

/// Where a waiver is written, by the words of SARIF.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WaiverKind {
    /// With the expectation.
    #[default]
    InSource,
    /// In a list of waivers.
    External,
}
