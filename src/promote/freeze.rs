//! Times in which nothing is promoted.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _,
    Timelike as _, Utc, Weekday,
};
use chrono_tz::Tz;

/// Minutes of a week.
const WEEK: i64 = 7 * 24 * 60;

/// A time in which nothing is promoted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// When.
    pub window: Window,
    /// Whose clock it is told by.
    pub zone: Tz,
    /// Why.
    pub reason: Option<String>,
}

/// When nothing is promoted: from its beginning, up to and without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Once.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// Every week; minutes after Monday's midnight by the clock of the zone. One that ends before it begins goes over
    /// the end of the week.
    Weekly(i64, i64),
}

impl Window {
    /// From one moment to a later one: each RFC 3339, or `YYYY-MM-DD` with or without ` HH:MM` by the clock of a zone.
    ///
    /// Errors: what cannot be read.
    pub fn between(from: &str, until: &str, zone: Tz) -> Result<Self, String> {
        let (begin, end) = (moment(from, zone)?, moment(until, zone)?);
        if begin < end {
            Ok(Self::Between(begin, end))
        } else {
            Err(format!("`{until}` is not after `{from}`"))
        }
    }

    /// `fri 16:00 - mon 08:00`.
    ///
    /// Errors: what cannot be read.
    pub fn weekly(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time of a week");
        let (from, until) = text.split_once('-').ok_or_else(wrong)?;
        let from = minute(from).ok_or_else(wrong)?;
        let until = minute(until).ok_or_else(wrong)?;
        if from == until {
            return Err(format!("`{text}` begins where it ends"));
        }
        Ok(Self::Weekly(from, until))
    }
}

impl Freeze {
    /// When it ends, where `now` is in it.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.window {
            Window::Between(from, until) => (from <= now && now < until).then_some(until),
            Window::Weekly(from, until) => {
                let local = now.with_timezone(&self.zone);
                let day = i64::from(local.weekday().num_days_from_monday());
                let minute = day * 24 * 60 + i64::from(local.hour() * 60 + local.minute());
                let length = (until - from).rem_euclid(WEEK);
                let gone = (minute - from).rem_euclid(WEEK);
                (gone < length).then(|| {
                    let whole = now - TimeDelta::seconds(i64::from(local.second()));
                    whole + TimeDelta::minutes(length - gone)
                })
            }
        }
    }
}

/// `fri 16:00` in minutes after Monday's midnight.
fn minute(text: &str) -> Option<i64> {
    let (day, time) = text.trim().split_once(' ')?;
    let day: Weekday = day.parse().ok()?;
    let time = NaiveTime::parse_from_str(time.trim(), "%H:%M").ok()?;
    let day = i64::from(day.num_days_from_monday());
    Some(day * 24 * 60 + i64::from(time.hour() * 60 + time.minute()))
}

fn moment(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|d| d.and_time(NaiveTime::MIN));
    let local = day
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .map_err(|_| format!("`{text}` is no day and no time"))?;
    // An hour that a change of clocks leaves out is taken as the moment of the change or after it.
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| {
        zone.from_local_datetime(&(local + TimeDelta::hours(1)))
            .earliest()
    });
    found
        .map(|m| m.to_utc())
        .ok_or_else(|| format!("`{text}` is not on the clock of {zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn freeze(window: Window, zone: Tz) -> Freeze {
        Freeze {
            window,
            zone,
            reason: None,
        }
    }

    #[test]
    fn a_weekend_goes_over_the_end_of_the_week() {
        let zone = chrono_tz::Europe::Berlin;
        let weekend = freeze(Window::weekly("fri 16:00 - mon 08:00").unwrap(), zone);
        // Friday 27 November 2026, 16:00 in Berlin is 15:00 UTC.
        assert_eq!(weekend.until(at("2026-11-27T14:59:59Z")), None);
        let end = Some(at("2026-11-30T07:00:00Z"));
        assert_eq!(weekend.until(at("2026-11-27T15:00:00Z")), end);
        assert_eq!(weekend.until(at("2026-11-29T23:30:12Z")), end);
        assert_eq!(weekend.until(at("2026-11-30T06:59:59Z")), end);
        assert_eq!(weekend.until(at("2026-11-30T07:00:00Z")), None);
    }

    #[test]
    fn a_window_ends_before_its_end() {
        let zone = chrono_tz::America::New_York;
        let window = Window::between("2026-12-20", "2027-01-02 06:30", zone).unwrap();
        let holidays = freeze(window, zone);
        assert_eq!(holidays.until(at("2026-12-20T04:59:59Z")), None);
        let end = Some(at("2027-01-02T11:30:00Z"));
        assert_eq!(holidays.until(at("2026-12-20T05:00:00Z")), end);
        assert_eq!(holidays.until(at("2027-01-02T11:30:00Z")), None);
    }

    #[test]
    fn what_is_no_window_is_told() {
        for text in [
            "fri - mon",
            "fri 16:00",
            "someday 16:00 - mon 08:00",
            "fri 25:00 - mon 08:00",
            "mon 08:00 - mon 08:00",
            "",
        ] {
            assert!(Window::weekly(text).is_err(), "{text}");
        }
        assert!(Window::between("2026-12-20", "2026-12-20", Tz::UTC).is_err());
        assert!(Window::between("soon", "2026-12-20", Tz::UTC).is_err());
    }
}
