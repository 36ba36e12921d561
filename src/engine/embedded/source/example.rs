//! Data held in memory that stands for files, for examples of checks that look at files.

use super::{DataFile, Dataset};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

impl Dataset {
    /// The same data as if it were files of these contents, last changed at `time`: `example-1` and so on, or `example`
    /// without bytes where there are no contents. It is read from memory still.
    #[must_use]
    pub fn changed_at(mut self, time: DateTime<Utc>, contents: &[String]) -> Self {
        let one = |path: String, content: &str| DataFile {
            path,
            location: PathBuf::new(),
            bytes: content.len() as u64,
            modified: Some(time),
            stamp: Some(time),
            parts: None,
            sha256: Arc::new(OnceLock::from(crate::report::text::hex(&Sha256::digest(
                content,
            )))),
        };
        self.files = contents
            .iter()
            .enumerate()
            .map(|(i, content)| one(format!("example-{}", i + 1), content))
            .collect();
        if contents.is_empty() {
            self.files = vec![one("example".to_owned(), "")];
        }
        self
    }
}
