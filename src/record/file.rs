//! What a run writes down of a file that it read.

use serde::{Deserialize, Serialize};

/// One file that was read, with the digest of its bytes; of its footer when nothing else was read; or the version that its
/// server names when only the parts that were needed were fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileDigest {
    /// Path as found from the configuration.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal; absent when the file was not read as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// SHA-256 of the footer of a Parquet file, from its first byte to the end of the file; only where nothing else of the
    /// file was read, so that this is all that the verdict rests on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer_sha256: Option<String>,
    /// Entity tag of the version that was read in parts, as the server wrote it, with its quotes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub etag: Option<String>,
    /// `Last-Modified` of the version that was read in parts, as the server wrote it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_modified: Option<String>,
    /// Whether it is of the rows that a model was given, and so is the same for every model.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given: bool,
}

impl FileDigest {
    /// A file that was read as a whole.
    #[must_use]
    pub fn whole(path: String, bytes: u64, sha256: String) -> Self {
        Self {
            path,
            bytes,
            sha256: Some(sha256),
            footer_sha256: None,
            etag: None,
            last_modified: None,
            given: false,
        }
    }
}
