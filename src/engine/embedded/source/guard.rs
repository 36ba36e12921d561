//! Decoders meet broken files: their panics become errors that name the file.

use super::DataFile;
use crate::error::Result;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a decoding step; a panic inside the decoder on a broken file is an unreadable file, not ours to die of.
///
/// Errors: [`crate::error::Error::Data`] with the decoder's reason.
pub(super) fn guarded<T, E: Display>(
    file: &DataFile,
    step: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(|e| file.broken(e)),
        Err(_) => Err(file.broken("the decoder gave up on its content")),
    }
}
