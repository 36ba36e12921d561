//! Changes of dates and times in words.

use super::Gate;
use super::words::{NAMED, grouped, percent, plain, range, stuck, then_now};
use crate::drift::sample::{Change, Drift, End, Label, Moved, Origin, Span, Which, default_date};
use crate::scalar::number_text;
use chrono::{DateTime, Utc};

impl Gate<'_> {
    /// The sentence of a change of what should stay of moments; `None` for other columns.
    pub(super) fn of_moments(&self, drift: &Drift, change: &Change) -> Option<String> {
        let origin = drift.origin?;
        let open = self.is_shown(origin);
        let name = |c: usize| format!("`{}`", self.name(c));
        let subject = match origin {
            Origin::Values(_) | Origin::Lengths(_) => return None,
            Origin::Defaults(c) => return Some(defaults(&name(c), drift, change, open)),
            Origin::Precision(c) => return Some(precision(&name(c), drift, change)),
            Origin::TimeOfDay(c) => format!("The time of day of {}", name(c)),
            Origin::Gap(a, b, _) => format!("The time from {} to {}", name(a), name(b)),
        };
        let value = |v: f64| reading(origin, v);
        Some(match change {
            Change::Distribution {
                quartiles,
                moved,
                shifted,
                ..
            } => moved_by(
                &subject,
                (*moved, quartiles, *shifted),
                &value,
                open,
                drift.effect.interval.low,
            ),
            Change::Value {
                label: Label::Number(v),
                shares,
                cut,
            } => {
                let what = if open {
                    value(*v)
                } else {
                    "one value".to_owned()
                };
                let why = stuck(*cut, *shares);
                let shares = then_now(*shares, drift.effect.interval);
                format!("{subject} is {what} in {shares}{why}")
            }
            Change::Range {
                side,
                end,
                share,
                bound,
                furthest,
                ..
            } if open => {
                let beyond = if *end == End::High { "above" } else { "below" };
                let rows = format!("{} of {} rows", grouped(share.hits), grouped(share.rows));
                let (bound, furthest) = (value(*bound), value(*furthest));
                match side {
                    Which::Now => format!(
                        "{subject} goes {beyond} all of the reference: {rows} {beyond} {bound}, up to {furthest}"
                    ),
                    Which::Before => format!(
                        "{subject} no longer reaches where the reference did: it ends at {bound}, {rows} of the reference were {beyond} that, up to {furthest}"
                    ),
                }
            }
            other => range(&subject, other, false),
        })
    }

    /// Whether values may be shown: of a time between two columns, those of both.
    pub(super) fn is_shown(&self, origin: Origin) -> bool {
        let first = match origin {
            Origin::Gap(a, ..) => self.is_open(self.name(a)),
            _ => true,
        };
        first && self.is_open(self.name(origin.column()))
    }
}

/// What an outcome of moments is called, where it has a name of its own.
pub(super) fn name(origin: Option<Origin>) -> Option<&'static str> {
    match origin? {
        Origin::Values(_) | Origin::Lengths(_) => None,
        Origin::Defaults(_) => Some("default_date"),
        Origin::Precision(_) => Some("precision"),
        Origin::TimeOfDay(_) => Some("time_of_day"),
        Origin::Gap(..) => Some("gap"),
    }
}

fn moved_by(
    subject: &str,
    (moved, quartiles, shifted): (Moved, &[[f64; 3]; 2], Option<f64>),
    value: &dyn Fn(f64) -> String,
    open: bool,
    low: f64,
) -> String {
    let [before, now] = quartiles;
    let half = |q: &[f64; 3]| format!("{} to {}", value(q[0]), value(q[2]));
    let halves = if open {
        format!(": middle half {} then, {} now", half(before), half(now))
    } else {
        String::new()
    };
    let least = if low > 0.0 {
        format!("; at least {} of its values lie elsewhere", percent(low))
    } else {
        String::new()
    };
    let how = match (shifted, moved) {
        (Some(hours), _) => {
            let why = if hours.abs() < 1.1 {
                "the time zone or daylight saving time"
            } else {
                "the time zone"
            };
            let unit = if hours.abs() > 1.0 { "hours" } else { "hour" };
            let sign = if hours > 0.0 { "+" } else { "" };
            let hours = number_text(hours);
            format!("looks shifted by {sign}{hours} {unit}, as if {why} had changed")
        }
        (None, Moved::Location) => "moved".to_owned(),
        (None, Moved::Scale) => "spreads differently".to_owned(),
        (None, Moved::Shape) => "is distributed differently".to_owned(),
    };
    format!("{subject} {how}{halves}{least}")
}

/// `14:05`, `2.5 hours`.
fn reading(origin: Origin, value: f64) -> String {
    match origin {
        Origin::Gap(.., span) => {
            let unit = match span {
                Span::Days => "days",
                Span::Hours => "hours",
                Span::Minutes => "minutes",
                Span::Seconds => "seconds",
            };
            format!("{} {unit}", plain(value))
        }
        _ => clock(value),
    }
}

/// Seconds since midnight as `14:05`, with seconds where there are some.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a day"
)]
fn clock(seconds: f64) -> String {
    let whole = seconds.floor() as u64;
    let (h, m, s) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if s == 0 {
        format!("{h:02}:{m:02}")
    } else {
        format!("{h:02}:{m:02}:{s:02}")
    }
}

/// A day by its code, as `1970-01-01`.
fn day(label: Label) -> Option<String> {
    let Label::Text(code) = label else {
        return None;
    };
    let seconds = default_date(code)?.checked_mul(86_400)?;
    let moment = DateTime::<Utc>::from_timestamp(seconds, 0);
    Some(moment.map_or_else(
        || "a day beyond all calendars".to_owned(),
        |m| m.format("%Y-%m-%d").to_string(),
    ))
}

fn defaults(subject: &str, drift: &Drift, change: &Change, open: bool) -> String {
    let why = "as if they stood for missing or unreadable ones";
    match change {
        Change::Unseen {
            side,
            values,
            share,
        } => {
            let mut days: Vec<String> =
                values.iter().filter_map(|(label, _)| day(*label)).collect();
            let more = days.len().saturating_sub(NAMED);
            days.truncate(NAMED);
            let mut what = if open {
                format!(" ({})", days.join(", "))
            } else {
                String::new()
            };
            if more > 0 && open {
                what = what.replace(')', &format!(" and {more} more)"));
            }
            let rows = format!("{} of {} rows", grouped(share.hits), grouped(share.rows));
            let share = percent(share.value());
            match side {
                Which::Now => format!(
                    "{subject} has dates out of the ordinary{what} that the reference does not have, in {rows} ({share}), {why}"
                ),
                Which::Before => format!(
                    "{subject} no longer has dates out of the ordinary{what}, which {rows} of the reference had ({share})"
                ),
            }
        }
        Change::Mix(Some((label, before, now))) => {
            let what = match day(*label) {
                Some(day) if open => day,
                Some(_) => "a date out of the ordinary".to_owned(),
                None => "an ordinary date".to_owned(),
            };
            let shares = then_now((*before, *now), drift.effect.interval);
            format!("{subject} is {what} in {shares}")
        }
        _ => format!("{subject} has another share of dates out of the ordinary"),
    }
}

fn precision(subject: &str, drift: &Drift, change: &Change) -> String {
    let Change::Value {
        label: Label::Number(fine),
        shares,
        ..
    } = change
    else {
        return format!("{subject} is given to other parts of an hour or day than before");
    };
    let (before, now) = shares;
    let coarse = *fine < 3.5;
    let unit = ["day", "hour", "minute", "second"]
        .into_iter()
        .zip([0.0, 1.0, 2.0, 3.0])
        .find(|(_, code)| (code - fine).abs() < 0.5)
        .map_or("parts of a second", |(unit, _)| unit);
    let why = if coarse && now.value() > before.value() {
        ", as if what is finer had been cut off"
    } else {
        ""
    };
    let shares = then_now(*shares, drift.effect.interval);
    format!("{subject} is given to the {unit} in {shares}{why}").replace("the parts", "parts")
}
