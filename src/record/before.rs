//! What a run says of the batch before, where past runs are kept.

use super::Status;
use serde::{Deserialize, Serialize};

/// The batch before of a dataset, and what changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Before {
    /// Clock of its first run, RFC 3339.
    pub at: String,
    /// How its outcomes ended together.
    pub status: Status,
    /// Promises that are broken, or could not be evaluated, and were neither then; in contract order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
    /// Promises that were broken, or could not be evaluated, and pass or warn now; drift that is not found again too. In
    /// the order of their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    /// How many of both are left out here, where there are more than 200 of a kind.
    #[serde(default, skip_serializing_if = "is_none_at_all")]
    pub more: usize,
}

/// Whether there is nothing to count.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_none_at_all(count: &usize) -> bool {
    *count == 0
}
