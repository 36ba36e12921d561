//! Standard input as a dataset.

use super::DataFile;
use super::spool::spooled;
use crate::error::{Error, Result};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempPath;

/// The path that means standard input.
pub(super) const PATH: &str = "-";

static TAKEN: AtomicBool = AtomicBool::new(false);

/// All of standard input.
///
/// Errors: [`Error::Data`] when another dataset has read it, it is a terminal, or it is empty; [`Error::Io`] when the
/// temporary file cannot be written.
pub(super) fn read() -> Result<(DataFile, TempPath)> {
    if TAKEN.swap(true, Ordering::SeqCst) {
        let reason = "standard input is another dataset's already; give one of them a file";
        return Err(Error::data("read", PATH, reason));
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let reason = "standard input is a terminal; pipe the data in";
        return Err(Error::data("read", PATH, reason));
    }
    let (mut file, spool) = spooled(&mut stdin.lock(), PATH, "")?;
    // nobody says when what came through a pipe was changed
    file.modified = None;
    Ok((file, spool))
}
