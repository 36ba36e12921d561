//! `fresh_by`: the day of data that was due at a time of the day, in a time zone.

use crate::catalogue::argument::{Arg, Args};
use crate::scalar::Scalar;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

/// Days looked back for the last due one: every weekday is among seven.
const WEEK: u64 = 7;

/// The day that the newest data must reach, and the day of the newest value; `None` where an argument cannot be read or
/// the value is no date or timestamp.
///
/// Due is the last day of `weekdays` whose `time` in `zone` is not after the clock; the data must reach it, less `lag` days.
/// A timestamp with a zone is on the day that it is in `zone`, one without on its own.
pub(super) fn days(
    args: &Args,
    newest: &Scalar,
    now: DateTime<Utc>,
) -> Option<(NaiveDate, NaiveDate)> {
    let zone: Tz = args.text("zone").unwrap_or("UTC").parse().ok()?;
    let time = time(args.text("time")?)?;
    let here = now.with_timezone(&zone).naive_local();
    let due = (0..=WEEK)
        .filter_map(|back| here.date().checked_sub_days(Days::new(back)))
        .find(|day| is_due(args, *day) && day.and_time(time) <= here)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of days"
    )]
    let lag = args.number("lag").unwrap_or(0.0) as u64;
    Some((due.checked_sub_days(Days::new(lag))?, day(newest, zone)?))
}

/// A time of the day such as `07:00` or `07:00:30`.
pub(crate) fn time(text: &str) -> Option<NaiveTime> {
    let short = NaiveTime::parse_from_str(text, "%H:%M");
    short
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
        .ok()
}

fn is_due(args: &Args, day: NaiveDate) -> bool {
    let name = day.weekday().to_string().to_lowercase();
    match args.get("weekdays") {
        Some(Arg::Texts(days)) => days.contains(&name),
        _ => true,
    }
}

fn day(value: &Scalar, zone: Tz) -> Option<NaiveDate> {
    match value {
        Scalar::Date(days) => NaiveDate::from_epoch_days(i32::try_from(*days).ok()?),
        Scalar::Timestamp { nanos, utc } => {
            let seconds = i64::try_from(nanos.0.div_euclid(1_000_000_000)).ok()?;
            let moment = DateTime::from_timestamp(seconds, 0)?;
            Some(if *utc {
                moment.with_timezone(&zone).date_naive()
            } else {
                moment.date_naive()
            })
        }
        _ => None,
    }
}
