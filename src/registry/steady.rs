//! A clock that is not set back while the program runs.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The time of the machine, by which a promoter counts the lease of its own lock.
///
/// Others count that lease by their own clocks and by the server's, so this one must not stand still or go back where the
/// machine's clock is set back: it goes on at least as fast as the time that really goes by.
#[must_use]
pub fn steady() -> DateTime<Utc> {
    static LAST: Mutex<Option<Last>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Last::after(last.as_ref(), Utc::now(), Instant::now());
    *last = Some(now);
    now.told
}

/// What was told last, and when.
#[derive(Debug, Clone, Copy)]
struct Last {
    told: DateTime<Utc>,
    at: Instant,
}

impl Last {
    /// The machine's clock, or what was told last and the time since where that is later.
    fn after(last: Option<&Self>, wall: DateTime<Utc>, at: Instant) -> Self {
        let since = |last: &Self| {
            let gone = at.saturating_duration_since(last.at);
            last.told + TimeDelta::from_std(gone).unwrap_or(TimeDelta::zero())
        };
        let told = last.map_or(wall, |last| wall.max(since(last)));
        Self { told, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_back_goes_on() {
        let (wall, at) = (DateTime::UNIX_EPOCH, Instant::now());
        let later = |wall: i64, real: u64| {
            (
                DateTime::UNIX_EPOCH + TimeDelta::seconds(wall),
                at + Duration::from_secs(real),
            )
        };
        let mut last = Last::after(None, wall, at);
        // Seconds of the machine's clock, those that really went by, and what is told.
        for (wall, real, told) in [
            (10, 10, 10),
            (-590, 20, 20),
            (-580, 30, 30),
            (90, 40, 90),
            (50, 50, 100),
            (200, 60, 200),
        ] {
            let (wall, at) = later(wall, real);
            last = Last::after(Some(&last), wall, at);
            assert_eq!(last.told, DateTime::UNIX_EPOCH + TimeDelta::seconds(told));
        }
        assert!(steady() <= steady());
    }
}
