//! Dates, times and timestamps written in SQL, read exactly.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Days since 1970-01-01 of `YYYY-MM-DD`; `None` for another form, or a day that does not exist.
pub(super) fn day(text: &str) -> Option<i32> {
    if text.len() != 10 {
        return None;
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// Nanoseconds since midnight of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fffffffff`; `None` for anything else.
pub(super) fn time(text: &str) -> Option<i64> {
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()?;
    if time.nanosecond() >= 1_000_000_000 {
        return None;
    }
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000_000 + i64::from(time.nanosecond()))
}

/// Nanoseconds since 1970-01-01T00:00:00 of a date and a time with a space or a `T` between them, without a zone.
pub(super) fn nanos(text: &str) -> Option<i128> {
    let (date, rest) = text.split_at_checked(10)?;
    let clock = rest.strip_prefix([' ', 'T'])?;
    let days = NaiveDateTime::new(
        NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?,
        NaiveTime::MIN,
    );
    Some(i128::from(days.and_utc().timestamp()) * 1_000_000_000 + i128::from(time(clock)?))
}
