//! One file of a dataset: opened again for every scan, and refused when it is no longer the file that was opened first.

use crate::error::{Error, Result};
use crate::record::FileDigest;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

/// One file of a dataset.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Path as found from the configuration.
    pub path: String,
    /// Where it is opened.
    pub location: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change, where the file system tells.
    pub modified: Option<DateTime<Utc>>,
}

impl DataFile {
    /// The file at `location`, named `shown` in messages and records.
    ///
    /// Errors: [`Error::Data`] when it is not there, is no file, or holds nothing.
    pub(super) fn at(location: PathBuf, shown: String) -> Result<Self> {
        let metadata = std::fs::metadata(&location).map_err(|e| Error::data("read", &shown, e))?;
        if !metadata.is_file() {
            let reason =
                "it is not a regular file; what comes through a pipe is read with `path: \"-\"`";
            return Err(Error::data("read", shown, reason));
        }
        if metadata.len() == 0 {
            let reason = "the file is empty (0 bytes)";
            return Err(Error::data("read", shown, reason));
        }
        Ok(Self {
            path: shown,
            location,
            bytes: metadata.len(),
            modified: modified(&metadata),
        })
    }

    /// Opens the file for reading from its start.
    ///
    /// Errors: [`Error::Data`] when it cannot be read or has another size or time than when the dataset was opened.
    pub(in crate::engine::embedded) fn open(&self) -> Result<File> {
        let fail = |e: std::io::Error| Error::data("read", &self.path, e);
        let file = File::open(&self.location).map_err(fail)?;
        self.same(&file.metadata().map_err(fail)?)?;
        Ok(file)
    }

    /// Fails when the file changed since the dataset was opened; called once more when a scan has read all of it.
    ///
    /// Errors: [`Error::Data`].
    pub(in crate::engine::embedded) fn unchanged(&self) -> Result<()> {
        let metadata = std::fs::metadata(&self.location);
        self.same(&metadata.map_err(|e| Error::data("read", &self.path, e))?)
    }

    fn same(&self, now: &Metadata) -> Result<()> {
        if now.len() == self.bytes && modified(now) == self.modified {
            return Ok(());
        }
        let reason = format!(
            "it changed while tollgate was reading it ({} bytes at first, {} now); run again when its writer is done",
            self.bytes,
            now.len()
        );
        Err(Error::data("read", &self.path, reason))
    }

    /// The file's SHA-256.
    ///
    /// Errors: [`Error::Data`] when it cannot be read or changed.
    pub(super) fn digest(&self) -> Result<FileDigest> {
        let mut reader = self.open()?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = reader
                .read(&mut buffer)
                .map_err(|e| Error::data("read", &self.path, e))?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
        self.unchanged()?;
        Ok(FileDigest {
            path: self.path.clone(),
            bytes: self.bytes,
            sha256: crate::report::text::hex(&hasher.finalize()),
        })
    }

    /// An error of decoding this file.
    pub(in crate::engine::embedded) fn broken(&self, reason: impl std::fmt::Display) -> Error {
        let text = reason.to_string();
        let line = text.lines().next().unwrap_or_default();
        Error::data("decode", &self.path, line)
    }
}

/// `location` as seen from `base`.
pub(super) fn shown(location: &Path, base: &Path) -> String {
    let path = location.strip_prefix(base).unwrap_or(location);
    path.display().to_string()
}

fn modified(metadata: &Metadata) -> Option<DateTime<Utc>> {
    metadata.modified().ok().map(DateTime::<Utc>::from)
}
