//! One file of a dataset: opened again for every scan, and refused when it is no longer the file that was opened first.

use super::remote::{self, Parts};
use crate::error::{Error, Result};
use crate::record::FileDigest;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// One file of a dataset.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Path as found from the configuration.
    pub path: String,
    /// Where it is opened.
    pub location: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change, where the file system or the server tells.
    pub modified: Option<DateTime<Utc>>,
    /// Last change of what is at `location`, which for a fetched file is a copy.
    pub(super) stamp: Option<DateTime<Utc>>,
    /// What is there of a file that is fetched in parts; absent when all of it is.
    pub(super) parts: Option<Arc<Parts>>,
    /// SHA-256 of the content, once it is known.
    pub(super) sha256: Arc<OnceLock<String>>,
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
            stamp: modified(&metadata),
            parts: None,
            sha256: Arc::default(),
        })
    }

    /// Makes sure that `ranges` of the file can be read at its location: what is not there yet of a file on a server is
    /// fetched. Costs nothing for a local file. To be called before anything else than the footer is read.
    ///
    /// Ranges may overlap and come in any order; those of one scan are best given together, so that neighbours are
    /// fetched as one. What lies behind the end of the file is left out.
    ///
    /// Errors: [`Error::Data`] when the file changed on the server, or the server fails; [`Error::Io`] when the
    /// temporary file cannot be written; [`Error::Interrupted`].
    pub fn need(&self, ranges: &[Range<u64>]) -> Result<()> {
        let wanted: Vec<_> = self.wanted(ranges).into_iter().collect();
        remote::fetch(&wanted, &|_| {})
    }

    /// The parts of a file on a server, and the ranges as far as they lie inside it; `None` where all is there.
    pub(super) fn wanted(&self, ranges: &[Range<u64>]) -> Option<(&Parts, Vec<Range<u64>>)> {
        let inside = |r: &Range<u64>| r.start.min(self.bytes)..r.end.min(self.bytes);
        let parts = self.parts.as_ref()?;
        Some((parts, ranges.iter().map(inside).collect()))
    }

    /// Bytes fetched from a server so far; `None` for a local file and for standard input.
    #[must_use]
    pub fn fetched(&self) -> Option<u64> {
        match &self.parts {
            Some(parts) => Some(parts.fetched()),
            None => remote::is_address(&self.path).then_some(self.bytes),
        }
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
    pub fn unchanged(&self) -> Result<()> {
        let metadata = std::fs::metadata(&self.location);
        self.same(&metadata.map_err(|e| Error::data("read", &self.path, e))?)
    }

    fn same(&self, now: &Metadata) -> Result<()> {
        // parts are written into the copy while it is read; the server's version is held to with each of them
        let untouched = self.parts.is_some() || modified(now) == self.stamp;
        if now.len() == self.bytes && untouched {
            return Ok(());
        }
        let reason = format!(
            "it changed while tollgate was reading it ({} bytes at first, {} now); run again when its writer is done",
            self.bytes,
            now.len()
        );
        Err(Error::data("read", &self.path, reason))
    }

    /// The file's SHA-256, read once, or the version that the server names when only parts of it were fetched.
    ///
    /// Errors: [`Error::Data`] when it cannot be read or changed.
    pub fn digest(&self) -> Result<FileDigest> {
        let (mut sha256, mut etag, mut last_modified) = (None, None, None);
        if let Some(parts) = &self.parts {
            etag = parts.etag().map(str::to_owned);
            last_modified = parts.modified().map(str::to_owned);
        } else {
            sha256 = Some(self.sha256()?);
        }
        Ok(FileDigest {
            path: self.path.clone(),
            bytes: self.bytes,
            sha256,
            footer_sha256: None,
            etag,
            last_modified,
            given: false,
        })
    }

    /// The SHA-256 of all of the file; read once. Of a file on a server, what is not there yet is fetched.
    ///
    /// Errors: [`Error::Data`] when it cannot be read or changed; those of [`DataFile::need`].
    pub fn sha256(&self) -> Result<String> {
        if let Some(known) = self.sha256.get() {
            return Ok(known.clone());
        }
        self.need(std::slice::from_ref(&(0..self.bytes)))?;
        Ok(self.known_as(self.hashed()?))
    }

    /// Whether the SHA-256 is known without reading.
    pub(super) fn is_hashed(&self) -> bool {
        self.sha256.get().is_some()
    }

    /// Takes a SHA-256 for known, and returns what is known.
    #[must_use]
    pub fn known_as(&self, sha256: String) -> String {
        self.sha256.get_or_init(|| sha256).clone()
    }

    fn hashed(&self) -> Result<String> {
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
        Ok(crate::report::text::hex(&hasher.finalize()))
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
