//! The record of a promotion: what `promotion.json` holds.

use super::drive::Step;
use super::policy::Refusal;
use crate::registry::{Call, Move};
use serde::{Deserialize, Serialize};

/// Version of the shape; readers refuse other majors.
pub const PROMOTION_SCHEMA_VERSION: &str = "1.0";

/// What became of the promotions of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Promotions {
    /// [`PROMOTION_SCHEMA_VERSION`].
    pub schema_version: String,
    /// Version of the program.
    pub tollgate: String,
    /// The run, where it is one of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_sha256: Option<String>,
    /// One per model, in the order of the run.
    pub promotions: Vec<Promotion>,
}

/// What became of one promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Promotion {
    /// Name of the model in `tollgate.yaml`.
    pub name: String,
    /// How the registry is named, without secrets.
    pub registry: String,
    /// What keeps two promoters apart there.
    pub safety: String,
    /// How it ended.
    pub ended: Outcome,
    /// In one sentence.
    pub sentence: String,
    /// How far it came; absent where it never began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The move; absent where it is not known which version it would be.
    #[serde(rename = "move", default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Move>,
    /// The rules that said no.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Who was first, or holds the lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Move>,
    /// The calls that would be made; of a dry run only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
}

impl Promotion {
    /// Whether the alias may lead to the candidate though the promotion did not come to its end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let ended = !matches!(self.ended, Outcome::Begun | Outcome::Error);
        !ended && self.step.is_some_and(|step| step >= Step::Locked)
    }
}

/// How a promotion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has begun, and has not come to its end.
    Begun,
    /// The alias was moved.
    Moved,
    /// The alias led there already.
    Already,
    /// It would be moved; nothing was.
    Planned,
    /// A rule says no.
    Refused,
    /// Somebody else was first.
    Conflict,
    /// Somebody else is at it.
    Busy,
    /// It could not be told, or not be done: the registry is down, or its answer is not known.
    Error,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Moved => "moved",
            Self::Already => "already",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::Error => "error",
        }
    }

    /// Whether the alias leads, or would lead, to the candidate.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Moved | Self::Already | Self::Planned)
    }
}
