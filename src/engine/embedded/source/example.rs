//! Data held in memory that stands for a file, for examples of checks that look at files.

use super::{DataFile, Dataset};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::sync::Arc;

impl Dataset {
    /// The same data as if it were one file, last changed at `time`; it is read from memory still.
    #[must_use]
    pub fn changed_at(mut self, time: DateTime<Utc>) -> Self {
        self.files = vec![DataFile {
            path: "example".to_owned(),
            location: PathBuf::new(),
            bytes: 0,
            modified: Some(time),
            stamp: Some(time),
            parts: None,
            sha256: Arc::default(),
        }];
        self
    }
}
