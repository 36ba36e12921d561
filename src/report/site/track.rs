//! One promise or metric over the runs of a dataset or model: its numbers, when it began to fail, how long fixes took.

use crate::record::Status;
use chrono::{DateTime, Utc};

/// One run of a dataset or model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Night {
    /// Clock of the run.
    pub(super) at: DateTime<Utc>,
    /// How its outcomes ended together.
    pub(super) status: Status,
    /// Rows; absent where they are not known.
    pub(super) rows: Option<u64>,
    /// Commit under test.
    pub(super) commit: Option<String>,
    /// Which of the files that were read it came from; absent where it is a line of a history.
    pub(super) file: Option<usize>,
}

/// What one run says of a promise or metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// Place of the run among the nights of its dataset or model.
    pub(super) night: usize,
    /// How it ended.
    pub(super) status: Status,
    /// The number that its limit bounds, or its first one; absent where there is none.
    pub(super) value: Option<f64>,
    /// Greatest allowed value.
    pub(super) most: Option<f64>,
    /// Least allowed value.
    pub(super) least: Option<f64>,
    /// The value of the other side; of metrics of models only.
    pub(super) other: Option<f64>,
}

/// What the latest run that has a promise says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Latest {
    /// Clock of that run.
    pub(super) at: DateTime<Utc>,
    /// In one sentence.
    pub(super) message: String,
    /// What the check promises.
    pub(super) summary: String,
    /// Who answers for it.
    pub(super) owner: Option<String>,
    /// Where it is written.
    pub(super) place: Option<String>,
    /// Measured and allowed, in words.
    pub(super) numbers: (String, String),
    /// Since when it does not pass, as the run itself knew.
    pub(super) began: Option<DateTime<Utc>>,
}

/// One promise or metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Track {
    /// What its number is called: the name of a measurement.
    pub(super) measure: Option<String>,
    /// Unit of its number.
    pub(super) unit: String,
    /// Whether it is one of drift, which is only there where something was found.
    pub(super) found_only: bool,
    /// Its points, ascending after [`Track::sort`]; at most one per night.
    pub(super) points: Vec<Point>,
    /// The latest record of it; absent where only a history knows it.
    pub(super) latest: Option<Latest>,
}

/// What a promise is in a night, as far as repairs are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// Broken, or it could not be evaluated.
    Broken,
    /// It passes or warns.
    Kept,
    /// Skipped, waived, or not decided: neither broken anew nor repaired.
    Open,
    /// The run does not have it.
    Gone,
}

impl Stand {
    /// Of a status.
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Fail | Status::Error => Self::Broken,
            Status::Pass | Status::Warn => Self::Kept,
            Status::Skipped | Status::Waived | Status::Inconclusive => Self::Open,
        }
    }
}

/// A series of runs in which something was broken, that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    /// Clock of its first run.
    pub(super) at: DateTime<Utc>,
    /// Runs since then in which it was broken.
    pub(super) runs: usize,
}

/// When something was broken, and how long until it was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Repairs {
    /// Seconds from the first broken to the first kept run of each series that ended so, ascending in time.
    pub(super) took: Vec<i64>,
    /// The series that has not ended.
    pub(super) open: Option<Since>,
}

impl Repairs {
    /// Of what a promise, or a whole verdict, is in each night, ascending.
    ///
    /// A series begins with a broken night and ends with the first kept one. One that ends because the promise is gone was
    /// not repaired: nothing is counted.
    pub(super) fn of(nights: impl Iterator<Item = (DateTime<Utc>, Stand)>) -> Self {
        let mut repairs = Self::default();
        for (at, stand) in nights {
            match (stand, repairs.open) {
                (Stand::Broken, None) => repairs.open = Some(Since { at, runs: 1 }),
                (Stand::Broken, Some(since)) => {
                    let runs = since.runs + 1;
                    repairs.open = Some(Since { runs, ..since });
                }
                (Stand::Kept, Some(since)) => {
                    repairs.took.push((at - since.at).num_seconds());
                    repairs.open = None;
                }
                (Stand::Gone, _) => repairs.open = None,
                (Stand::Open, _) | (Stand::Kept, None) => {}
            }
        }
        repairs
    }

    /// Mean time to fix. Unit: seconds; absent without a repair.
    pub(super) fn mean(&self) -> Option<i64> {
        let count = i64::try_from(self.took.len()).ok().filter(|n| *n > 0)?;
        let sum = self.took.iter().map(|s| i128::from(*s)).sum::<i128>();
        i64::try_from(sum / i128::from(count)).ok()
    }
}

impl Track {
    /// Brings the points into the order of the nights; of two of one night the later one added stays.
    pub(super) fn sort(&mut self, place: &[usize]) {
        for point in &mut self.points {
            point.night = place[point.night];
        }
        self.points.sort_by_key(|p| p.night);
        let mut kept: Vec<Point> = Vec::with_capacity(self.points.len());
        for point in self.points.drain(..) {
            match kept.last_mut() {
                Some(last) if last.night == point.night => *last = point,
                _ => kept.push(point),
            }
        }
        self.points = kept;
    }

    /// What it is in each of the nights.
    pub(super) fn stands<'a>(
        &'a self,
        nights: &'a [Night],
    ) -> impl Iterator<Item = (DateTime<Utc>, Stand)> + 'a {
        let first = self.points.first().map_or(nights.len(), |p| p.night);
        let mut points = self.points.iter().peekable();
        nights.iter().enumerate().map(move |(place, night)| {
            let stand = match points.next_if(|p| p.night == place) {
                Some(point) => Stand::of(point.status),
                // What drift does not find again is over, unless nothing could be looked at.
                None if self.found_only && place > first => match night.status {
                    Status::Error | Status::Skipped => Stand::Open,
                    _ => Stand::Kept,
                },
                None => Stand::Gone,
            };
            (night.at, stand)
        })
    }

    /// When it was broken; the open series begins where the first run that is known says it began.
    pub(super) fn repairs(&self, nights: &[Night]) -> Repairs {
        let mut repairs = Repairs::of(self.stands(nights));
        let began = self.latest.as_ref().and_then(|l| l.began);
        if let (Some(open), Some(began)) = (&mut repairs.open, began) {
            open.at = open.at.min(began);
        }
        repairs
    }

    /// Its point in the last of the nights.
    pub(super) fn last(&self, nights: &[Night]) -> Option<&Point> {
        let last = nights.len().checked_sub(1)?;
        self.points.last().filter(|p| p.night == last)
    }
}

#[cfg(test)]
mod tests {
    use super::{Night, Point, Repairs, Since, Stand, Track};
    use crate::record::Status;
    use chrono::{DateTime, TimeDelta, Utc};

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn nights(all: &[Status]) -> Vec<Night> {
        let night = |(place, status): (usize, &Status)| Night {
            at: day(i64::try_from(place).unwrap()),
            status: *status,
            rows: None,
            commit: None,
            file: None,
        };
        all.iter().enumerate().map(night).collect()
    }

    fn track(found_only: bool, all: &[(usize, Status)]) -> Track {
        let point = |(night, status): &(usize, Status)| Point {
            night: *night,
            status: *status,
            value: None,
            most: None,
            least: None,
            other: None,
        };
        Track {
            found_only,
            points: all.iter().map(point).collect(),
            ..Track::default()
        }
    }

    #[test]
    fn a_repair_ends_with_the_first_kept_night() {
        use Stand::{Broken, Gone, Kept, Open};
        let of = |all: &[Stand]| {
            let all = all.iter().enumerate();
            Repairs::of(all.map(|(d, s)| (day(i64::try_from(d).unwrap()), *s)))
        };
        let day_long = 86_400;
        let two = of(&[Kept, Broken, Broken, Open, Kept, Broken, Kept]);
        assert_eq!(two.took, [3 * day_long, day_long]);
        assert_eq!(two.mean(), Some(2 * day_long));
        assert_eq!(two.open, None);
        let still = of(&[Broken, Kept, Broken, Open, Broken]);
        assert_eq!(still.took, [day_long]);
        assert_eq!(
            still.open,
            Some(Since {
                at: day(2),
                runs: 2
            })
        );
        let gone = of(&[Broken, Gone, Kept]);
        assert_eq!((gone.took.len(), gone.open), (0, None));
        assert_eq!(of(&[]).mean(), None);
    }

    #[test]
    fn what_drift_does_not_find_again_is_over_and_a_promise_that_is_not_there_is_gone() {
        use Status::{Error, Fail, Pass};
        let nights = nights(&[Pass, Fail, Error, Pass]);
        let drift = track(true, &[(1, Fail)]);
        let stands: Vec<Stand> = drift.stands(&nights).map(|s| s.1).collect();
        assert_eq!(
            stands,
            [Stand::Gone, Stand::Broken, Stand::Open, Stand::Kept]
        );
        assert_eq!(drift.repairs(&nights).took.len(), 1);
        let promise = track(false, &[(1, Fail)]);
        assert_eq!(promise.repairs(&nights).took.len(), 0);
        assert!(promise.last(&nights).is_none());
    }

    #[test]
    fn points_follow_the_order_of_time() {
        use Status::{Fail, Pass};
        let mut moved = track(false, &[(0, Fail), (1, Pass), (1, Fail)]);
        moved.sort(&[1, 0]);
        let seen: Vec<(usize, Status)> = moved.points.iter().map(|p| (p.night, p.status)).collect();
        assert_eq!(seen, [(0, Fail), (1, Fail)]);
    }
}
