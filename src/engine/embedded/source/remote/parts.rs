//! A file read in parts: which bytes of it are there, and how further ones come.
//!
//! The parts lie at their own places in a temporary file of the whole size, so that readers of local files read it.

use super::object::{Object, Spool};
use super::pool;
use super::ranges::Ranges;
use super::version::Version;
use crate::error::Result;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The parts of one file.
#[derive(Debug)]
pub(in crate::engine::embedded::source) struct Parts {
    object: Object,
    version: Version,
    spool: PathBuf,
    there: Mutex<Ranges>,
    /// Held while something is fetched, so that nobody fetches the same.
    fetching: Mutex<()>,
}

impl Parts {
    /// A file of which `first` is in `spool` already.
    pub(super) fn new(object: Object, version: Version, spool: PathBuf, first: Range<u64>) -> Self {
        let mut there = Ranges::default();
        there.add(first);
        Self {
            object,
            version,
            spool,
            there: Mutex::new(there),
            fetching: Mutex::new(()),
        }
    }

    /// Bytes that are there.
    pub(in crate::engine::embedded::source) fn fetched(&self) -> u64 {
        self.there().bytes()
    }

    /// Entity tag with its quotes; `None` when the server gives none.
    pub(in crate::engine::embedded::source) fn etag(&self) -> Option<&str> {
        self.version.etag.as_deref()
    }

    /// `Last-Modified` as sent; `None` when the server does not send it.
    pub(in crate::engine::embedded::source) fn modified(&self) -> Option<&str> {
        self.version.modified.as_deref()
    }

    fn there(&self) -> MutexGuard<'_, Ranges> {
        // ranges are added when their bytes are written, and never half
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files, each with ranges of it that will be read.
pub(in crate::engine::embedded::source) type Wanted<'a> = [(&'a Parts, Vec<Range<u64>>)];

/// Bytes that [`fetch`] would fetch.
pub(in crate::engine::embedded::source) fn missing(wanted: &Wanted) -> u64 {
    let pieces = wanted
        .iter()
        .flat_map(|(parts, ranges)| parts.there().missing(ranges));
    pieces.map(|piece| piece.end - piece.start).sum()
}

/// Fetches what is not there yet, each byte once, some pieces at a time, and calls `done` with the bytes of each piece.
///
/// Returns when all is there; at once where it is already, even while another thread fetches something else of the
/// files. No file comes twice, and two threads name files in the same order.
///
/// Errors: `Error::Data` when a file changed, a server sends another part, or it keeps breaking off; `Error::Io`;
/// `Error::Interrupted`.
pub(in crate::engine::embedded::source) fn fetch(
    wanted: &Wanted,
    done: &(dyn Fn(u64) + Sync),
) -> Result<()> {
    let lacking = wanted
        .iter()
        .filter(|(parts, ranges)| !parts.there().missing(ranges).is_empty());
    let lacking: Vec<_> = lacking.collect();
    let locks = lacking.iter().map(|(parts, _)| parts.fetching.lock());
    let _alone: Vec<_> = locks
        .map(|lock| lock.unwrap_or_else(PoisonError::into_inner))
        .collect();
    // another thread may have fetched some meanwhile
    let pieces = lacking.iter().flat_map(|(parts, ranges)| {
        let pieces = parts.there().missing(ranges);
        pieces.into_iter().map(move |piece| (*parts, piece))
    });
    pool::each(&pieces.collect::<Vec<_>>(), |(parts, piece)| {
        let mut spool = Spool::at(&parts.spool, piece.start)?;
        parts
            .object
            .part(&parts.version, piece.clone(), &mut spool)?;
        parts.there().add(piece.clone());
        done(piece.end - piece.start);
        Ok(())
    })
    .map(|_| ())
}
