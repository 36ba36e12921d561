//! What a run says for the promotion that may follow.

use serde::{Deserialize, Serialize};

/// The move that a run may be evidence for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TicketRecord {
    /// Name of the registry in `tollgate.yaml`.
    pub registry: String,
    /// Kind of the registry.
    pub kind: String,
    /// How the registry is named, without secrets.
    pub at: String,
    /// Name of the model in the registry.
    pub model: String,
    /// The alias.
    pub alias: String,
    /// Version of the registry that the candidate is; absent where nothing told it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Version that the candidate was compared with, or that the alias led to when it was judged; absent where there was
    /// none, or where it does not matter.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub champion: Option<String>,
    /// SHA-256 digests of what the candidate is made of or was judged by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// Why the registry was not read; absent where it was. Such a run is no evidence for a promotion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unread: Option<String>,
    /// The commit, where `require_clean_git` asks for it and there is a repository.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<CommitRecord>,
}

/// The commit that was checked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CommitRecord {
    /// Its name.
    pub commit: String,
    /// Whether no file that git knows differs from it.
    pub clean: bool,
}
