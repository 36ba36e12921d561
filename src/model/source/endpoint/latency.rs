//! How long requests took.

use std::time::Duration;

/// The times of requests, each from sending to the last byte of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latencies {
    /// In order of size.
    answered: Vec<Duration>,
    /// Requests without predictions; they count as slower than any other.
    failed: usize,
}

impl Latencies {
    /// The times of requests that were answered, in any order, and how many were not.
    #[must_use]
    pub fn new(mut answered: Vec<Duration>, failed: usize) -> Self {
        answered.sort_unstable();
        Self { answered, failed }
    }

    /// Requests in all.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.answered.len() + self.failed
    }

    /// The exact order statistic: the shortest time within which at least the share `p` of all requests was answered.
    ///
    /// Edge: `None` without requests, for a `p` outside of 0 to 1, and when so many were not answered.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<Duration> {
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        // a product that is whole but for rounding is that whole number
        let rank = (p * self.requests() as f64 - 1e-9).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to the number of requests"
        )]
        self.answered.get(rank as usize - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: &[u64], failed: usize) -> Latencies {
        Latencies::new(
            millis.iter().map(|m| Duration::from_millis(*m)).collect(),
            failed,
        )
    }

    #[test]
    fn quantiles_are_order_statistics() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        for (p, ms) in [
            (0.0, 1),
            (0.5, 50),
            (0.505, 51),
            (0.95, 95),
            (0.99, 99),
            (1.0, 100),
        ] {
            let found = of(&hundred, 0).quantile(p);
            assert_eq!(found, Some(Duration::from_millis(ms)), "{p}");
        }
        assert_eq!(of(&[3], 0).quantile(0.99), Some(Duration::from_millis(3)));
        assert_eq!(of(&[], 0).quantile(0.5), None);
        assert_eq!(of(&[3], 0).quantile(f64::NAN), None);
    }

    #[test]
    fn what_was_not_answered_is_slower_than_all() {
        let ten: Vec<u64> = (1..=9).collect();
        assert_eq!(of(&ten, 1).quantile(0.9), Some(Duration::from_millis(9)));
        assert_eq!(of(&ten, 1).quantile(0.95), None);
    }
}
