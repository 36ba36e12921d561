//! A file read in parts: which bytes of it are there, and how further ones come.
//!
//! The parts lie at their own places in a temporary file of the whole size, so that readers of local files read it.

use super::AT_A_TIME;
use super::object::{Object, Spool};
use super::ranges::Ranges;
use super::version::Version;
use crate::error::Result;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

    /// Fetches what is not there yet of `ranges`, each byte once, some pieces at a time. Returns when all is there;
    /// at once where it is already, even while another thread fetches something else.
    ///
    /// Errors: `Error::Data` when the file changed, the server sends another part, or it keeps breaking off; `Error::Io`;
    /// `Error::Interrupted`.
    pub(in crate::engine::embedded::source) fn need(&self, ranges: &[Range<u64>]) -> Result<()> {
        if self.there().missing(ranges).is_empty() {
            return Ok(());
        }
        let _alone = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        // another thread may have fetched them meanwhile
        let pieces = self.there().missing(ranges);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let work = || {
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(piece) = pieces.get(index) else {
                    break;
                };
                let result = self.fetch(piece);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                done.push((index, result));
            }
            done
        };
        let mut done = std::thread::scope(|scope| {
            let workers: Vec<_> = (1..AT_A_TIME.min(pieces.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut done = work();
            for worker in workers {
                done.extend(worker.join().expect("fetching does not panic"));
            }
            done
        });
        done.sort_by_key(|(index, _)| *index);
        let fetched = done.iter().filter(|(_, result)| result.is_ok());
        let mut there = self.there();
        fetched.for_each(|(index, _)| there.add(pieces[*index].clone()));
        drop(there);
        done.into_iter().try_for_each(|(_, result)| result)
    }

    fn fetch(&self, piece: &Range<u64>) -> Result<()> {
        let mut spool = Spool::at(&self.spool, piece.start)?;
        self.object.part(&self.version, piece.clone(), &mut spool)
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
