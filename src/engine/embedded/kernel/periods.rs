//! Days, months and other parts of time in which there should be rows, and values that should follow each other.

use super::keys::{DigestMap, Encoder, select};
use super::{Considered, column, query};
use crate::engine::embedded::{schema::logical, value::scalar_at};
use crate::error::Result;
use crate::scalar::Scalar;
use arrow::array::RecordBatch;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Periods that are named in words.
const NAMED: usize = 5;
const DAY: i64 = 86_400;

/// A part of time. Days begin at midnight UTC, or local time where the column has no zone; weeks on Monday (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// A calendar day.
    Day,
    /// A week from Monday on.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, the first from January on.
    Quarter,
    /// A calendar year.
    Year,
}

impl Period {
    /// Words in check files.
    pub const WORDS: &[(&str, Self)] = &[
        ("minute", Self::Minute),
        ("hour", Self::Hour),
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
    ];

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::WORDS.iter();
        all.find(|(name, _)| *name == word).map(|(_, p)| *p)
    }

    /// The number of the period that a moment is in; neighbours differ by 1.
    fn number(self, seconds: i64) -> Option<i64> {
        let days = seconds.div_euclid(DAY);
        let month = || {
            let day = NaiveDate::from_epoch_days(i32::try_from(days).ok()?)?;
            Some(i64::from(day.year()) * 12 + i64::from(day.month0()))
        };
        match self {
            Self::Minute => Some(seconds.div_euclid(60)),
            Self::Hour => Some(seconds.div_euclid(3_600)),
            Self::Day => Some(days),
            // The 1st of January 1970 was a Thursday.
            Self::Week => Some((days + 3).div_euclid(7)),
            Self::Month => month(),
            Self::Quarter => month().map(|m| m.div_euclid(3)),
            Self::Year => month().map(|m| m.div_euclid(12)),
        }
    }

    /// The first moment of a period in words.
    fn text(self, number: i64) -> String {
        let moment = |seconds: i64, form: &str| {
            chrono::DateTime::from_timestamp(seconds, 0)
                .map_or_else(|| number.to_string(), |t| t.format(form).to_string())
        };
        match self {
            Self::Minute => moment(number * 60, "%Y-%m-%d %H:%M"),
            Self::Hour => moment(number * 3_600, "%Y-%m-%d %H:00"),
            Self::Day => moment(number * DAY, "%Y-%m-%d"),
            Self::Week => moment((number * 7 - 3) * DAY, "the week of %Y-%m-%d"),
            Self::Month => format!(
                "{:04}-{:02}",
                number.div_euclid(12),
                number.rem_euclid(12) + 1
            ),
            Self::Quarter => format!("{:04} Q{}", number.div_euclid(4), number.rem_euclid(4) + 1),
            Self::Year => format!("{number:04}"),
        }
    }
}

/// Whole seconds since 1970 of a date or timestamp, cut off downwards.
fn seconds(value: &Scalar) -> Option<i64> {
    match value {
        Scalar::Date(days) => days.checked_mul(DAY),
        Scalar::Timestamp { nanos, .. } => i64::try_from(nanos.0.div_euclid(1_000_000_000)).ok(),
        _ => None,
    }
}

/// Periods from the first to the last that have too few rows, of each group by itself.
///
/// Nulls: no moment; a null in a `by` column is a group of its own. Memory: about 50 bytes per group and period with rows.
#[derive(Debug)]
pub struct Periods {
    pub(super) column: String,
    pub(super) by: Vec<String>,
    period: Period,
    /// Fewest rows of a period.
    least: u64,
    /// First and last period, in seconds since 1970; those of the data where they are absent.
    ends: [Option<i64>; 2],
    encoder: Encoder,
    rows: DigestMap<BTreeMap<i64, u64>>,
}

impl Periods {
    /// A test of one column of dates or timestamps; `ends` are the first and last moment to look at.
    #[must_use]
    pub fn new(
        column: impl Into<String>,
        period: Period,
        least: u64,
        ends: [Option<&Scalar>; 2],
        by: Vec<String>,
    ) -> Self {
        Self {
            column: column.into(),
            by,
            period,
            least,
            ends: ends.map(|end| end.and_then(seconds)),
            encoder: Encoder::default(),
            rows: DigestMap::default(),
        }
    }

    /// Counts the rows of one batch.
    ///
    /// Errors: `Query` for a missing column, or values that are no dates or timestamps.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = column(batch, &self.column)?;
        let groups = if self.by.is_empty() {
            Vec::new()
        } else {
            select(batch, &self.by)?
        };
        let keys = self.encoder.encode(&groups, batch.num_rows())?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let Some(value) = scalar_at(array, row) else {
                continue;
            };
            let number = seconds(&value).and_then(|s| self.period.number(s));
            let number = number.ok_or_else(|| {
                let reason = format!("a {} is in no period", logical(array.data_type()));
                query(format!("column `{}`", self.column), reason)
            })?;
            let group = self.rows.entry(keys.digests[row]).or_default();
            *group.entry(number).or_default() += 1;
        }
        Ok(())
    }

    /// Periods with too few rows, how many were looked at, and the first of them in words; absent without a moment.
    #[must_use]
    pub fn finish(&self) -> (Option<(u64, u64)>, String) {
        let end = |at: usize| self.ends[at].and_then(|s| self.period.number(s));
        let mut few: BTreeMap<i64, u64> = BTreeMap::new();
        let (mut missing, mut looked) = (0u64, 0u64);
        for rows in self.rows.values() {
            let ends = (
                rows.keys().next().copied(),
                rows.keys().next_back().copied(),
            );
            let (Some(first), Some(last)) = (end(0).or(ends.0), end(1).or(ends.1)) else {
                continue;
            };
            looked += u64::try_from(i128::from(last) - i128::from(first) + 1).unwrap_or(0);
            let mut enough = 0;
            let mut expected = first;
            for (number, count) in rows.range(first..=last.max(first)) {
                note(&mut few, expected, *number);
                expected = number + 1;
                if *count >= self.least {
                    enough += 1;
                } else {
                    note(&mut few, *number, number + 1);
                }
            }
            note(&mut few, expected, last.saturating_add(1));
            missing +=
                u64::try_from(i128::from(last) - i128::from(first) + 1).unwrap_or(0) - enough;
        }
        let named: Vec<String> = few
            .keys()
            .take(NAMED)
            .map(|n| self.period.text(*n))
            .collect();
        let more = few.len().saturating_sub(NAMED) > 0 || missing > named.len() as u64;
        let detail = match (named.is_empty(), more) {
            (true, _) => "none".to_owned(),
            (false, false) => named.join(", "),
            (false, true) => format!("{} and more", named.join(", ")),
        };
        ((!self.rows.is_empty()).then_some((missing, looked)), detail)
    }
}

/// Keeps the first periods from one on and before another, so that a few can be named.
fn note(few: &mut BTreeMap<i64, u64>, from: i64, to: i64) {
    for number in (from..to).take(NAMED + 1) {
        *few.entry(number).or_default() += 1;
    }
    while few.len() > NAMED + 1 {
        few.pop_last();
    }
}

/// What comes after a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// The value plus this number.
    Number(f64),
    /// So many periods later, at the same time within it.
    Periods(i64, Period),
}

/// Values that are not followed, in the order of values, by the one that should come next; of each group by itself.
///
/// A value that occurs twice is followed by itself, which is not the next one. Nulls and NaN: not values; a null in a `by`
/// column is a group of its own. Memory: 16 bytes per value.
#[derive(Debug)]
pub struct Sequence {
    pub(super) column: String,
    pub(super) by: Vec<String>,
    next: Next,
    encoder: Encoder,
    values: DigestMap<Vec<f64>>,
}

impl Sequence {
    /// A test of one column: numbers, or dates and timestamps (to the second) for periods.
    #[must_use]
    pub fn new(column: impl Into<String>, next: Next, by: Vec<String>) -> Self {
        Self {
            column: column.into(),
            by,
            next,
            encoder: Encoder::default(),
            values: DigestMap::default(),
        }
    }

    /// Collects one batch.
    ///
    /// Errors: `Query` for a missing column, or values of another kind than the step.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = column(batch, &self.column)?;
        let groups = if self.by.is_empty() {
            Vec::new()
        } else {
            select(batch, &self.by)?
        };
        let keys = self.encoder.encode(&groups, batch.num_rows())?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let Some(value) = scalar_at(array, row) else {
                continue;
            };
            let number = match self.next {
                Next::Number(_) => value.number().filter(|_| seconds(&value).is_none()),
                Next::Periods(..) => seconds(&value).map(|s| s as f64),
            };
            let number = number.ok_or_else(|| {
                let reason = format!("a {} takes no such steps", logical(array.data_type()));
                query(format!("column `{}`", self.column), reason)
            })?;
            if !number.is_nan() {
                self.values
                    .entry(keys.digests[row])
                    .or_default()
                    .push(number);
            }
        }
        Ok(())
    }

    /// How many values are not what should come after the one before them; absent without values.
    pub fn finish(&mut self) -> Option<u64> {
        let mut breaks = 0;
        for values in self.values.values_mut() {
            values.sort_unstable_by(f64::total_cmp);
            let next = self.next;
            breaks += values
                .windows(2)
                .filter(|w| !follows(w[0], w[1], next))
                .count() as u64;
        }
        (!self.values.is_empty()).then_some(breaks)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds of dates and timestamps are whole and far below 2^53"
)]
fn follows(before: f64, value: f64, next: Next) -> bool {
    match next {
        Next::Number(step) => (before + step - value).abs() <= 4.0 * f64::EPSILON * value.abs(),
        Next::Periods(count, period) => {
            let (a, b) = (before as i64, value as i64);
            later(a, count, period) == Some(b)
        }
    }
}

/// The moment so many periods later: for months, quarters and years the same day of the month, or its last one.
fn later(seconds: i64, count: i64, period: Period) -> Option<i64> {
    let months = match period {
        Period::Minute => return seconds.checked_add(count.checked_mul(60)?),
        Period::Hour => return seconds.checked_add(count.checked_mul(3_600)?),
        Period::Day => return seconds.checked_add(count.checked_mul(DAY)?),
        Period::Week => return seconds.checked_add(count.checked_mul(7 * DAY)?),
        Period::Month => count,
        Period::Quarter => count.checked_mul(3)?,
        Period::Year => count.checked_mul(12)?,
    };
    let moment = chrono::DateTime::from_timestamp(seconds, 0)?;
    let step = chrono::Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let moved = if months < 0 {
        moment.checked_sub_months(step)
    } else {
        moment.checked_add_months(step)
    };
    moved.map(|m| m.timestamp())
}
