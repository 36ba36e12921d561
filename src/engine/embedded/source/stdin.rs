//! Standard input as a dataset.

use super::DataFile;
use super::spool::spooled;
use crate::error::{Error, Result};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempPath;

/// The path that means standard input.
pub(super) const PATH: &str = "-";

static INPUT: Mutex<Input> = Mutex::new(Input {
    is_taken: false,
    is_kept: false,
    copy: None,
});

/// What became of standard input.
struct Input {
    /// A dataset of this walk has it.
    is_taken: bool,
    /// Somebody may walk again.
    is_kept: bool,
    /// What was read of it, while it is kept.
    copy: Option<(DataFile, Arc<TempPath>)>,
}

fn input() -> MutexGuard<'static, Input> {
    INPUT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what is read of standard input, for as long as it lives, for a walk that is walked again.
pub struct KeptInput(());

impl KeptInput {
    /// From now on.
    #[expect(clippy::new_without_default, reason = "it has an effect")]
    #[must_use]
    pub fn new() -> Self {
        input().is_kept = true;
        Self(())
    }
}

impl Drop for KeptInput {
    fn drop(&mut self) {
        let mut input = input();
        input.is_kept = false;
        input.copy = None;
    }
}

/// Says that another walk begins: what is kept of standard input may be a dataset once more.
pub(in crate::engine::embedded) fn begin() {
    let mut input = input();
    input.is_taken = input.is_taken && input.copy.is_none();
}

/// All of standard input.
///
/// Errors: [`Error::Data`] when another dataset has read it, it is a terminal, or it is empty; [`Error::Io`] when the
/// temporary file cannot be written.
pub(super) fn read() -> Result<(DataFile, Arc<TempPath>)> {
    let mut input = input();
    if std::mem::replace(&mut input.is_taken, true) {
        let reason = "standard input is another dataset's already; give one of them a file";
        return Err(Error::data("read", PATH, reason));
    }
    if let Some(copy) = &input.copy {
        return Ok(copy.clone());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let reason = "standard input is a terminal; pipe the data in";
        return Err(Error::data("read", PATH, reason));
    }
    let (mut file, spool) = spooled(&mut stdin.lock(), PATH, "")?;
    // nobody says when what came through a pipe was changed
    file.modified = None;
    let spool = Arc::new(spool);
    if input.is_kept {
        input.copy = Some((file.clone(), Arc::clone(&spool)));
    }
    Ok((file, spool))
}
