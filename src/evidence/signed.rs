//! A run with its envelope, each read once.

use super::dsse::MOST_BYTES;
use super::key::PublicKey;
use super::refusal::Refusal;
use super::statement::{Predicate, REPORT, RUN_NAME, SHA256, Statement};
use super::{Verified, verify};
use crate::error::{Error, Result};
use crate::record::Run;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A `run.json` and its envelope. Both are read once, so that what is verified is what is used.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedRun {
    /// The record.
    pub run: Run,
    /// The bytes that it was read from.
    pub run_bytes: Vec<u8>,
    /// The envelope's bytes.
    pub envelope: Vec<u8>,
}

impl SignedRun {
    /// Reads both files; nothing is verified yet.
    ///
    /// Errors: [`Error::Io`] for a file that cannot be read; [`Error::Data`] for a run record that is none or was edited, and
    /// for an envelope of more than [`MOST_BYTES`].
    pub fn read(run: &Path, envelope: &Path) -> Result<Self> {
        let (run, run_bytes) = record(run)?;
        let envelope = envelope_bytes(envelope)?;
        Ok(Self {
            run,
            run_bytes,
            envelope,
        })
    }

    /// Whether a trusted key signed this run.
    ///
    /// Errors: those of [`verify`] and of [`covers_run`].
    pub fn verify(&self, keys: &[PublicKey]) -> std::result::Result<Verified, Refusal> {
        let verified = verify(&self.envelope, keys)?;
        covers_run(&verified.statement, &self.run_bytes)?;
        Ok(verified)
    }

    /// SHA-256 of the `run.json`, hexadecimal.
    #[must_use]
    pub fn run_sha256(&self) -> String {
        digest(&self.run_bytes)
    }
}

/// A run record with the bytes that it was read from.
///
/// Errors: [`Error::Io`]; those of [`crate::report::read_run`].
pub fn record(path: &Path) -> Result<(Run, Vec<u8>)> {
    let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, e))?;
    let run = crate::report::run_of(&bytes, &path.display().to_string())?;
    Ok((run, bytes))
}

/// The bytes of an envelope.
///
/// Errors: [`Error::Io`]; [`Error::Data`] where it has more than [`MOST_BYTES`].
pub fn envelope_bytes(path: &Path) -> Result<Vec<u8>> {
    let fail = |e| Error::io("read", path, e);
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > MOST_BYTES {
        let why = format!("it has more than {MOST_BYTES} bytes, which no envelope of tollgate has");
        return Err(Error::data("read", path.display().to_string(), why));
    }
    Ok(bytes)
}

/// Where the envelope of a run lies: `run.intoto.json` beside `run.json`.
#[must_use]
pub fn beside(run: &Path) -> PathBuf {
    run.with_extension("intoto.json")
}

/// Whether a statement is one of a run, and of the run with these bytes.
///
/// Only the subject `run.json` counts: another subject with the same digest does not make a dataset a record.
/// Errors: [`Refusal::NotCovered`].
pub fn covers_run(statement: &Statement, run_bytes: &[u8]) -> std::result::Result<(), Refusal> {
    let no = |why: String| Err(Refusal::NotCovered(why));
    if !matches!(statement.predicate, Predicate::TestResult(_)) {
        return no("it is one of a promotion".to_owned());
    }
    let subjects = statement.subjects.iter();
    let mut records = subjects.filter(|s| s.name == RUN_NAME).peekable();
    if records.peek().is_none() {
        return no(format!("it has no subject `{RUN_NAME}`"));
    }
    let found = digest(run_bytes);
    if records.all(|s| s.has(SHA256, &found)) {
        return Ok(());
    }
    no(format!(
        "its sha256 is {found}, which is not the signed one"
    ))
}

/// Whether a statement speaks of a report with these bytes.
#[must_use]
pub fn has_report(statement: &Statement, bytes: &[u8]) -> bool {
    let found = digest(bytes);
    let mut reports = statement
        .subjects
        .iter()
        .filter(|s| s.name.starts_with(REPORT));
    reports.any(|s| s.has(SHA256, &found))
}

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    crate::report::text::hex(&Sha256::digest(bytes))
}
