//! Dates and times: what of them should stay from batch to batch, as columns that are compared like others.
//!
//! A new batch has new days, so the moments themselves are not compared. What is: dates that stand for none (1970-01-01,
//! 9999-12-31), how fine moments are given, the time of day, and the time between two moments of a row. Which rows
//! take part never depends on the values that are compared, and little on the sides, see [`times_of_day`] and [`gap`].

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "days and counts of rows are far below 2^53"
)]

use super::codes::Values;
use super::compare::Origin;
use super::level::Random;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// A missing moment.
pub const NO_MOMENT: i64 = i64::MIN;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Days that programs write where they have none, since 1970-01-01: 0001-01-01, 0001-01-03, 1582-10-15, 1601-01-01,
/// 1753-01-01, 1899-12-30, 1899-12-31, 1900-01-01, 1901-01-01, 1904-01-01, 1969-12-31, 1970-01-01, 1980-01-01, 2099-12-31,
/// 2100-01-01, 2999-12-31, 9999-12-31.
const DEFAULTS: [i64; 17] = [
    -719_162, -719_160, -141_427, -134_774, -79_257, -25_569, -25_568, -25_567, -25_202, -24_107,
    -1, 0, 3_652, 47_481, 47_482, 376_199, 2_932_896,
];

/// Days before 1800 and after 2200 stand for no ordinary moment. Unit: days since 1970-01-01.
const ORDINARY: std::ops::Range<i64> = -62_091..84_371;

/// What [`default_dates`] gives where there is an ordinary moment, or none.
pub(super) const OTHER_DATE: u64 = 1;

/// What is added to a day so that its code is greater than [`OTHER_DATE`].
const ABOVE: i64 = 1 << 40;

/// Whole days that both sides need for their times of day to be compared.
const DAYS: i64 = 3;

/// How many times the variance of a mean of rows may be that of a mean of independent ones.
const DESIGN: f64 = 1.2;

/// Pairs of columns whose gaps are compared, at most.
const GAPS: usize = 24;

/// The unit that a time between two moments is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Days; all are whole ones.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
}

impl Span {
    /// Microseconds of one.
    #[must_use]
    pub fn micros(self) -> i64 {
        match self {
            Self::Days => DAY,
            Self::Hours => 3_600_000_000,
            Self::Minutes => 60_000_000,
            Self::Seconds => 1_000_000,
        }
    }
}

/// Whether a moment is one that a batch has, not one that stands for none.
fn is_ordinary(moment: i64) -> bool {
    let day = moment.div_euclid(DAY);
    moment != NO_MOMENT && ORDINARY.contains(&day) && !DEFAULTS.contains(&day)
}

/// The day, since 1970-01-01, that a code of `default_dates` stands for; `None` for all ordinary ones.
#[must_use]
pub fn default_date(code: u64) -> Option<i64> {
    (code > OTHER_DATE).then(|| code as i64 - ABOVE)
}

/// Days that stand for no date, by code; one code for all other rows.
pub(super) fn default_dates(moments: &[i64]) -> Values {
    let code = |m: &i64| {
        if *m == NO_MOMENT || is_ordinary(*m) {
            OTHER_DATE
        } else {
            (m.div_euclid(DAY) + ABOVE) as u64
        }
    };
    Values::Texts(moments.iter().map(code).collect())
}

/// Whether all moments are midnights: dates.
pub(super) fn are_dates(moments: &[i64]) -> bool {
    moments
        .iter()
        .all(|m| !is_ordinary(*m) || m.rem_euclid(DAY) == 0)
}

/// How fine each moment is given: 0 whole days, 1 hours, 2 minutes, 3 seconds, 4 parts of them.
///
/// Shape: as for [`times_of_day`], and of each day only so many rows count; of all days here.
pub(super) fn precision(moments: &[i64], is_first: &[bool]) -> Values {
    let fine = |m: &i64| {
        let units = [Span::Days, Span::Hours, Span::Minutes, Span::Seconds];
        let fits = |u: &Span| m.rem_euclid(u.micros()) == 0;
        units.iter().position(fits).unwrap_or(units.len()) as f64
    };
    let values: Vec<f64> = moments.iter().map(fine).collect();
    let day = |(m, first): (&i64, &bool)| is_ordinary(*m).then(|| (*first, m.div_euclid(DAY)));
    let days: Vec<_> = moments.iter().zip(is_first).map(day).collect();
    let cell = |row: usize| values[row] as usize;
    Values::Derived(thinned(&values, &days, (&cell, 5)))
}

/// The time of day in seconds, of some rows; `None` where a side has too few whole days.
///
/// Shape: moments and sides of the rows in the order of their hashes. The first and the last day of each side do not
/// count, as a batch may begin or end in the middle of one. Rows of one day belong together more than rows of several:
/// of each day and side only so many rows count, drawn ones, that the variance of a mean is at most [`DESIGN`]
/// times that of independent rows. How much rows belong together is taken from inside the sides.
/// Source: the design effect and the intraclass correlation of Kish, *Survey Sampling* (1965).
pub(super) fn times_of_day(moments: &[i64], is_first: &[bool]) -> Option<Values> {
    let whole = [true, false].map(|side| whole_days(moments, is_first, side));
    let [first, second] = whole;
    let (first, second) = (first?, second?);
    let day_of = |row: usize| {
        let day = moments[row].div_euclid(DAY);
        let whole = if is_first[row] { first } else { second };
        (is_ordinary(moments[row]) && whole.0 <= day && day <= whole.1)
            .then_some((is_first[row], day))
    };
    let days: Vec<Option<(bool, i64)>> = (0..moments.len()).map(day_of).collect();
    let time = |row: usize| moments[row].rem_euclid(DAY) as f64 / 1e6;
    let times: Vec<f64> = (0..moments.len()).map(time).collect();
    let hour = |row: usize| (times[row] / 3_600.0) as usize;
    Some(Values::Derived(thinned(&times, &days, (&hour, 24))))
}

/// The values of so many rows of each day that they are about as good as independent ones, NaN for the others.
///
/// Shape: values and days by row, `None` for rows that do not count; the cell of a row is one of so many. Which rows of a
/// day count is drawn, and depends on nothing that is compared.
fn thinned(
    values: &[f64],
    days: &[Option<(bool, i64)>],
    cells: (&dyn Fn(usize) -> usize, usize),
) -> Vec<f64> {
    let most = 1.0 + (DESIGN - 1.0) / intraclass(days, cells).max(1e-9);
    let mut taken: HashMap<(bool, i64), f64, FixedState> = HashMap::default();
    let mut list = vec![f64::NAN; values.len()];
    for row in Random::new(0).choose(values.len(), values.len()) {
        let row = row as usize;
        if let Some(day) = days[row] {
            let count = taken.entry(day).or_default();
            *count += 1.0;
            if *count <= most {
                list[row] = values[row];
            }
        }
    }
    list
}

/// First and last whole day of a side, where it has enough of them: between the days of its outermost half per cents.
fn whole_days(moments: &[i64], is_first: &[bool], side: bool) -> Option<(i64, i64)> {
    let here = moments
        .iter()
        .zip(is_first)
        .filter(|(m, f)| **f == side && is_ordinary(**m));
    let mut list: Vec<i64> = here.map(|(m, _)| *m).collect();
    let edge = list.len() / 200;
    let upper = list.len().checked_sub(1 + edge)?;
    let from = list.select_nth_unstable(edge).1.div_euclid(DAY) + 1;
    let to = list.select_nth_unstable(upper).1.div_euclid(DAY) - 1;
    (to - from + 1 >= DAYS).then_some((from, to))
}

/// How much rows of one day are alike beyond rows of different days: the greatest intraclass correlation of being in
/// one of the cells, 0 to 1.
///
/// Source: the estimator from the analysis of variance, Donner, *A Review of Inference Procedures for the Intraclass
/// Correlation Coefficient* (1986), days within sides.
fn intraclass(
    days: &[Option<(bool, i64)>],
    (cell, cells): (&dyn Fn(usize) -> usize, usize),
) -> f64 {
    let mut by_day: HashMap<(bool, i64), (f64, Vec<f64>), FixedState> = HashMap::default();
    for (row, day) in days.iter().enumerate() {
        if let Some(day) = day {
            let (rows, counts) = by_day
                .entry(*day)
                .or_insert_with(|| (0.0, vec![0.0; cells]));
            *rows += 1.0;
            counts[cell(row).min(cells - 1)] += 1.0;
        }
    }
    let mut list: Vec<_> = by_day.into_iter().collect();
    list.sort_unstable_by_key(|(day, _)| *day);
    let of_cell = |cell: usize| {
        let (mut between, mut within, mut groups, mut rows, mut squares) =
            (0.0, 0.0, 0.0, 0.0, 0.0);
        for side in [true, false] {
            let here = || list.iter().filter(|((s, _), _)| *s == side).map(|(_, c)| c);
            let total: f64 = here().map(|(n, _)| n).sum();
            let mean = here().map(|(_, c)| c[cell]).sum::<f64>() / total.max(1.0);
            for (n, counts) in here() {
                let share = counts[cell] / n;
                between += n * (share - mean) * (share - mean);
                within += n * share * (1.0 - share);
                squares += n * n / total;
            }
            groups += here().count() as f64 - 1.0;
            rows += total;
        }
        let size = (rows - squares) / groups;
        let (between, within) = (between / groups, within / (rows - groups - 2.0).max(1.0));
        (between - within) / (between + (size - 1.0) * within)
    };
    (0..cells)
        .map(of_cell)
        .filter(|r| r.is_finite())
        .fold(0.0, f64::max)
        .min(1.0)
}

/// Pairs of columns of moments with the time from the first to the second, in a unit that fits.
///
/// Shape: columns by position with their moments, in order; each with the next one.
pub(super) fn gaps(columns: &[(usize, Vec<i64>)], is_first: &[bool]) -> Vec<(Origin, Values)> {
    let pairs = columns.windows(2).take(GAPS);
    let of = |pair: &[(usize, Vec<i64>)]| {
        let (span, values) = gap(&pair[0].1, &pair[1].1, is_first)?;
        Some((Origin::Gap(pair[0].0, pair[1].0, span), values))
    };
    pairs.filter_map(of).collect()
}

/// The time from one moment to another, row by row; `None` where one of them moves from side to side and the other
/// does not go with it, so that the time between them has to change.
///
/// Two columns go together where their medians moved by the same up to two days, or half of the lesser way.
fn gap(from: &[i64], to: &[i64], is_first: &[bool]) -> Option<(Span, Values)> {
    let moved = |moments: &[i64]| {
        Some(median(moments, is_first, false)? - median(moments, is_first, true)?)
    };
    let (a, b) = (moved(from)?, moved(to)?);
    if a.abs_diff(b) as i64 > (2 * DAY).max(a.abs().min(b.abs()) / 2) {
        return None;
    }
    let between = |(a, b): (&i64, &i64)| (is_ordinary(*a) && is_ordinary(*b)).then(|| b - a);
    let all: Vec<Option<i64>> = from.iter().zip(to).map(between).collect();
    let known = || all.iter().flatten();
    let span = if known().all(|g| g % DAY == 0) {
        Span::Days
    } else {
        let mut sizes: Vec<i64> = known().map(|g| g.abs()).collect();
        let middle = sizes.len() / 2;
        let typical = *sizes.select_nth_unstable(middle).1;
        let fits = |s: &Span| typical >= 2 * s.micros();
        [Span::Hours, Span::Minutes]
            .into_iter()
            .find(fits)
            .unwrap_or(Span::Seconds)
    };
    let value = |g: &Option<i64>| g.map_or(f64::NAN, |g| g as f64 / span.micros() as f64);
    Some((span, Values::Derived(all.iter().map(value).collect())))
}

fn median(moments: &[i64], is_first: &[bool], side: bool) -> Option<i64> {
    let here = moments
        .iter()
        .zip(is_first)
        .filter(|(m, f)| **f == side && is_ordinary(**m));
    let mut list: Vec<i64> = here.map(|(m, _)| *m).collect();
    let middle = list.len() / 2;
    (!list.is_empty()).then(|| *list.select_nth_unstable(middle).1)
}
