//! What can be read only once becomes a temporary file, because a dataset is read more than once.

use super::DataFile;
use crate::error::{Error, Result};
use std::io::{Read, Write};
use tempfile::NamedTempFile;

/// All of `input` in a file that is removed with the returned handle; `shown` names it in messages and records.
///
/// `suffix` ends the file's name, so that the name tells its format.
///
/// Errors: [`Error::Data`] when the input cannot be read or is empty, [`Error::Io`] when the temporary file cannot be
/// written, [`Error::Interrupted`].
pub(super) fn spooled(
    input: &mut dyn Read,
    shown: &str,
    suffix: &str,
) -> Result<(DataFile, NamedTempFile)> {
    let folder = std::env::temp_dir();
    let mut file = tempfile::Builder::new()
        .prefix("tollgate-")
        .suffix(suffix)
        .tempfile()
        .map_err(|e| Error::io("write", &folder, e))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        crate::context::check_interrupt()?;
        let read = input
            .read(&mut buffer)
            .map_err(|e| Error::data("read", shown, e))?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read])
            .map_err(|e| Error::io("write", file.path(), e))?;
    }
    file.flush()
        .map_err(|e| Error::io("write", file.path(), e))?;
    let spooled = DataFile::at(file.path().to_owned(), shown.to_owned())?;
    Ok((spooled, file))
}
