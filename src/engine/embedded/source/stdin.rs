//! Standard input as a dataset: read once into a temporary file, because a dataset is read more than once.

use super::DataFile;
use crate::error::{Error, Result};
use std::io::{IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::NamedTempFile;

/// The path that means standard input.
pub(super) const PATH: &str = "-";

static TAKEN: AtomicBool = AtomicBool::new(false);

/// All of standard input in a file that is removed with the returned handle.
///
/// Errors: [`Error::Data`] when another dataset has read it, it is a terminal, or it is empty; [`Error::Io`] when the
/// temporary file cannot be written.
pub(super) fn spooled() -> Result<(DataFile, NamedTempFile)> {
    if TAKEN.swap(true, Ordering::SeqCst) {
        let reason = "standard input is another dataset's already; give one of them a file";
        return Err(Error::data("read", PATH, reason));
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let reason = "standard input is a terminal; pipe the data in";
        return Err(Error::data("read", PATH, reason));
    }
    spool(&mut stdin.lock())
}

fn spool(input: &mut dyn Read) -> Result<(DataFile, NamedTempFile)> {
    let folder = std::env::temp_dir();
    let mut file = NamedTempFile::new().map_err(|e| Error::io("write", &folder, e))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        crate::context::check_interrupt()?;
        let read = input
            .read(&mut buffer)
            .map_err(|e| Error::data("read", PATH, e))?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read])
            .map_err(|e| Error::io("write", file.path(), e))?;
    }
    file.flush()
        .map_err(|e| Error::io("write", file.path(), e))?;
    let spooled = DataFile::at(file.path().to_owned(), PATH.to_owned())?;
    Ok((spooled, file))
}
