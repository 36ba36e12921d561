//! How the error is divided: all of it to the batch under test, or a year's over its nights and windows of them.

use super::predict::{FEWEST, median};
use chrono::{DateTime, Utc};

/// Nights that are judged together, where a year's error is spent.
pub const WINDOWS: [usize; 4] = [1, 3, 7, 28];

/// Days of a year.
const YEAR: f64 = 365.25;

/// Least and most runs of a year: one, and one every hour.
const RUNS: (f64, f64) = (1.0, 8_766.0);

/// What false alarms are counted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spending {
    /// Share of ordinary batches that may be flagged.
    PerRun(f64),
    /// Ordinary batches that may be flagged in a year, on average.
    PerYear(f64),
}

impl Spending {
    /// Windows that are judged, of so many ordinary nights: those whose own nights leave enough to learn from.
    pub(super) fn windows(self, nights: usize) -> Vec<usize> {
        let fits = |w: &&usize| nights + 1 - (**w).min(nights) >= FEWEST.max(**w);
        match self {
            Self::PerRun(_) => vec![1],
            Self::PerYear(_) => WINDOWS.iter().filter(fits).copied().collect(),
        }
    }

    /// The share of ordinary batches that may be flagged, over all windows together, by the clocks of the runs.
    pub(super) fn level(self, clock: &[DateTime<Utc>]) -> f64 {
        match self {
            Self::PerRun(share) => share,
            Self::PerYear(rate) => (rate / runs_a_year(clock)).clamp(1e-9, 0.5),
        }
    }
}

/// Runs of a year, by the usual time between runs. Edge: 365 where no time passes between them.
pub(super) fn runs_a_year(clock: &[DateTime<Utc>]) -> f64 {
    let mut gaps: Vec<f64> = clock
        .windows(2)
        .map(|p| (p[1] - p[0]).as_seconds_f64() / 86_400.0)
        .collect();
    let gap = median(&mut gaps);
    if gap > 0.0 {
        (YEAR / gap).clamp(RUNS.0, RUNS.1)
    } else {
        YEAR
    }
}
