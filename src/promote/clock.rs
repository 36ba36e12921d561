//! The clock that locks go by. It is the machine's own and not that of the run: a lock ends whatever a run pretends.

use crate::registry::{Answer, Trouble};
use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

/// Time, and waiting.
pub trait Clock {
    /// The time.
    fn now(&self) -> DateTime<Utc>;

    /// Waits.
    ///
    /// Errors: [`Trouble::Interrupted`].
    fn wait(&self, time: Duration) -> Answer<()>;
}

/// The clock of the machine, which a promoter never sees set back.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Clock for System {
    fn now(&self) -> DateTime<Utc> {
        crate::registry::steady()
    }

    fn wait(&self, time: Duration) -> Answer<()> {
        let until = Instant::now() + time;
        loop {
            crate::context::check_interrupt().map_err(|_| Trouble::Interrupted)?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }
}
