//! Values that recur: another grid of numbers, as by rounding, keeps every distribution and shares no value.

use super::codes::Coded;
use super::score::{Drawn, Scorer};
use crate::statistics::tails;

impl Scorer {
    /// Values that recur on one side alone, beyond chance: Pearson's chi-squared over the values that are too rare to
    /// be counted by themselves.
    pub(super) fn ties(&self, drawn: Drawn, is_drawn: &[bool]) -> f64 {
        let Some((expected, deviation)) = self.ties else {
            return 0.0;
        };
        let share = drawn.share();
        let off = |(size, here): (u32, u32)| {
            let (size, here) = (f64::from(size), f64::from(here));
            let off = here - size * share;
            off * off / (size * share * (1.0 - share))
        };
        let sum: f64 = self.coded.tied.drawn(is_drawn).map(off).sum();
        if sum > expected {
            tails::normal((sum - expected) / deviation)
        } else {
            0.0
        }
    }
}

/// Values that recur, from which their chi-squared is near enough to normal.
const TIES: usize = 10;

/// Mean and deviation of [`Scorer::ties`] under random labels, with binomial moments.
pub(super) fn expected(coded: &Coded, drawn: Drawn) -> Option<(f64, f64)> {
    if coded.tied.ends.len() < TIES {
        return None;
    }
    let (share, total) = (drawn.share(), f64::from(drawn.total));
    let (mut mean, mut variance) = (0.0, 0.0);
    for size in coded.tied.sizes().map(f64::from) {
        mean += (total - size) / (total - 1.0);
        variance += 2.0 + 1.0 / (size * share * (1.0 - share)) - 6.0 / size;
    }
    (variance > 0.0).then(|| (mean, variance.sqrt()))
}
