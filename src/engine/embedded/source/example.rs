//! Data held in memory that stands for files, for examples of checks that look at files.

use super::{Content, DataFile, Dataset, SourceOptions, Survey, csv};
use crate::config::dataset::Malformed;
use crate::error::Result;
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
        self.contents = contents.to_vec();
        if contents.is_empty() {
            self.files = vec![one("example".to_owned(), "")];
        }
        self
    }

    /// How well the rows of CSV files are formed; `None` for other formats.
    ///
    /// Errors: [`crate::error::Error::Data`] when a file cannot be read or changed.
    pub fn survey(&self) -> Result<Option<Survey>> {
        match &self.content {
            Content::Csv(table) => table.survey(&self.files, &self.options).map(Some),
            Content::Memory(_) => self.survey_of_example(),
            _ => Ok(None),
        }
    }

    /// How well the contents are formed that the example stands for, as files of CSV; `None` without contents.
    ///
    /// Errors: [`crate::error::Error::Data`] when they are not CSV, [`crate::error::Error::Io`] when no temporary file
    /// can be written.
    fn survey_of_example(&self) -> Result<Option<Survey>> {
        if self.contents.is_empty() {
            return Ok(None);
        }
        let spooled = self.contents.iter().zip(&self.files);
        let spooled = spooled.map(|(text, file)| spooled_text(text, &file.path));
        let (files, _spool): (Vec<_>, Vec<_>) =
            spooled.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let mut options = SourceOptions::default();
        options.csv.malformed = Malformed::LeaveOut;
        csv::Table::open(&files, &options)?
            .survey(&files, &options)
            .map(Some)
    }
}

fn spooled_text(text: &str, shown: &str) -> Result<(DataFile, tempfile::TempPath)> {
    super::spool::spooled(&mut text.as_bytes(), shown, ".csv")
}
