//! What can be read only once becomes a temporary file, because a dataset is read more than once.

use super::DataFile;
use crate::error::{Error, Result};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use tempfile::{NamedTempFile, TempPath};

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
) -> Result<(DataFile, TempPath)> {
    let mut file = temporary(suffix)?;
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
    let path = file.into_temp_path();
    let spooled = DataFile::at(path.to_path_buf(), shown.to_owned())?;
    Ok((spooled, path))
}

/// A temporary file of `bytes` bytes, none of which is written yet: where the file system can, it takes no room.
///
/// Errors: [`Error::Io`].
pub(super) fn sized(suffix: &str, bytes: u64) -> Result<TempPath> {
    let file = temporary(suffix)?;
    let sized = file.as_file().set_len(bytes);
    sized.map_err(|e| Error::io("write", file.path(), e))?;
    Ok(file.into_temp_path())
}

/// Bytes of a temporary file.
///
/// Errors: [`Error::Io`].
pub(super) fn read(path: &Path, range: Range<u64>) -> Result<Vec<u8>> {
    let read = || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(range.start))?;
        let mut bytes = Vec::new();
        file.take(range.end - range.start).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|e| Error::io("read", path, e))
}

fn temporary(suffix: &str) -> Result<NamedTempFile> {
    let file = tempfile::Builder::new()
        .prefix("tollgate-")
        .suffix(suffix)
        .tempfile();
    file.map_err(|e| Error::io("write", std::env::temp_dir(), e))
}
