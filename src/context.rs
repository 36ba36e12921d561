//! Everything that is not an input file: the clock, the seed, the CI's variables, cancellation.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicBool, Ordering};

/// The surroundings of one run. The same context and the same inputs give the same bytes.
#[derive(Debug, Clone)]
pub struct Context {
    /// The clock, fixed for the whole run (`--now`).
    pub now: DateTime<Utc>,
    /// Seed for everything that draws (`--seed`).
    pub seed: u64,
    /// Commit under test, from the CI's variables or git; absent outside a repository.
    pub commit: Option<String>,
    /// Whether progress may be drawn on stderr.
    pub progress: Progress,
}

/// Whether progress is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bars on stderr.
    Shown,
    /// Nothing.
    Hidden,
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Records that the user pressed Ctrl-C; returns whether it was pressed before.
pub fn interrupt() -> bool {
    INTERRUPTED.swap(true, Ordering::SeqCst)
}

/// Fails when the user pressed Ctrl-C; called between batches and files.
///
/// Errors: [`crate::error::Error::Interrupted`].
pub fn check_interrupt() -> crate::error::Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        Err(crate::error::Error::Interrupted)
    } else {
        Ok(())
    }
}
