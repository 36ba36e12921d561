//! Pictures over time: the nights of a calendar, and a number over the runs with its limits.

use super::super::svg::{INFALLIBLE, WIDTH, anchored, open};
use super::super::text::html;
use super::super::words::{counted, metric_value, number};
use super::track::{Night, Point, Track};
use crate::record::Status;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::fmt::Write as _;

/// Nights of a calendar. Unit: days.
pub(super) const NIGHTS: u64 = 90;
/// Runs drawn of a trend at most, the last ones.
pub(super) const RUNS: usize = 120;

/// How a calendar is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// A shape per kind of verdict: small.
    Small,
    /// A bar per night that says its verdict when pointed at.
    Full,
}

/// One night of a calendar.
struct Day {
    date: NaiveDate,
    /// How its last run ended; absent where nothing ran.
    status: Option<Status>,
    runs: u64,
}

fn days(nights: &[Night], now: DateTime<Utc>) -> Vec<Day> {
    let today = now.date_naive();
    let first = today - Days::new(NIGHTS - 1);
    let from = nights.partition_point(|n| n.at.date_naive() < first);
    let mut rest = nights[from..].iter().peekable();
    first
        .iter_days()
        .take(usize::try_from(NIGHTS).unwrap_or(usize::MAX))
        .map(|date| {
            let (mut status, mut runs) = (None, 0);
            while let Some(night) = rest.next_if(|n| n.at.date_naive() <= date) {
                status = Some(night.status);
                runs += 1;
            }
            Day { date, status, runs }
        })
        .collect()
}

/// Class and height of a bar: colour is never the only sign. A night without a run has none.
fn bar(status: Status) -> (&'static str, f64) {
    match status {
        Status::Pass => ("kept", 10.0),
        Status::Warn | Status::Waived => ("open", 17.0),
        Status::Skipped | Status::Inconclusive => ("told", 23.0),
        Status::Fail | Status::Error => ("over", 30.0),
    }
}

/// The last 90 nights as bars, higher where worse; `moves` are the days of promotions, marked below.
///
/// A night is a day of UTC; its verdict is that of the last run of the day.
pub(super) fn calendar(
    nights: &[Night],
    moves: &[DateTime<Utc>],
    now: DateTime<Utc>,
    detail: Detail,
    id: usize,
) -> String {
    const FLOOR: f64 = 34.0;
    let days = days(nights, now);
    let step = WIDTH / days.len().max(1) as f64;
    let mut svg = open(id, 52.0, "Verdicts of the last 90 nights", &told(&days));
    let mut paths: [(&str, String); 4] =
        ["kept", "open", "told", "over"].map(|c| (c, String::new()));
    for (place, day) in days.iter().enumerate() {
        let Some(status) = day.status else { continue };
        let (class, height) = bar(status);
        let (left, top, width) = (step * place as f64 + 0.4, FLOOR - height, step - 0.8);
        match detail {
            Detail::Small => {
                let path = paths.iter_mut().find(|p| p.0 == class);
                let path = &mut path.expect("every class has a path").1;
                write!(path, "M{left:.1} {FLOOR}v-{height}h{width:.1}V{FLOOR}z")
            }
            Detail::Full => {
                let runs = match day.runs {
                    1 => String::new(),
                    n => format!(", the last of {n} runs"),
                };
                write!(
                    svg,
                    "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\"><title>{}: {}{runs}</title></rect>",
                    day.date,
                    status.word()
                )
            }
        }
        .expect(INFALLIBLE);
    }
    for (class, path) in paths.iter().filter(|p| !p.1.is_empty()) {
        write!(svg, "<path class=\"{class}\" d=\"{path}\"/>").expect(INFALLIBLE);
    }
    write!(svg, "<path class=\"axis\" d=\"M0 {FLOOR}H340\"/>").expect(INFALLIBLE);
    let mut marks = String::new();
    for day in moves {
        let place = days.iter().position(|d| d.date == day.date_naive());
        if let Some(place) = place {
            let at = step * (place as f64 + 0.5);
            write!(marks, "M{at:.1} 35l3.5 5h-7z").expect(INFALLIBLE);
        }
    }
    if !marks.is_empty() {
        write!(svg, "<path class=\"moved\" d=\"{marks}\"/>").expect(INFALLIBLE);
    }
    for (day, x, anchor) in [(days.first(), 0.0, "start"), (days.last(), WIDTH, "end")] {
        let text = day.map_or_else(String::new, |d| d.date.to_string());
        svg.push_str(&anchored(x, 50.0, anchor, &text));
    }
    svg.push_str("</svg>");
    svg
}

/// `Of 90 nights 80 passed, 4 warned, 6 failed.`
fn told(days: &[Day]) -> String {
    let count = |wanted: &[Status]| {
        let of = days.iter().filter_map(|d| d.status);
        of.filter(|s| wanted.contains(s)).count()
    };
    let all = [
        (count(&[Status::Pass]), "passed"),
        (count(&[Status::Warn, Status::Waived]), "warned"),
        (count(&[Status::Fail]), "failed"),
        (count(&[Status::Error]), "could not be evaluated"),
        (
            count(&[Status::Skipped, Status::Inconclusive]),
            "were not decided",
        ),
        (
            days.iter().filter(|d| d.status.is_none()).count(),
            "had no run",
        ),
    ];
    let shown = all.into_iter().filter(|(n, _)| *n > 0);
    let shown: Vec<String> = shown.map(|(n, word)| format!("{n} {word}")).collect();
    format!("Of {} nights {}.", days.len(), shown.join(", "))
}

/// A number over the last runs: a line, its limits, a mark where it was broken, the moves of an alias as upright lines.
///
/// Absent where fewer than two runs have the number.
pub(super) fn trend(
    track: &Track,
    nights: &[Night],
    moves: &[DateTime<Utc>],
    name: &str,
    id: usize,
) -> Option<String> {
    let from = nights.len().saturating_sub(RUNS);
    let points: Vec<(f64, &Point)> = {
        let shown = track.points.iter().filter(|p| p.night >= from);
        let known = shown.filter(|p| p.value.is_some());
        known.map(|p| (seconds(nights[p.night].at), p)).collect()
    };
    let ([(begin, _), ..], [.., (end, last)]) = (&points[..], &points[..]) else {
        return None;
    };
    if points.len() < 2 || end <= begin {
        return None;
    }
    let frame = Frame::of(&points, (*begin, *end))?;
    let value = last.value?;
    let shown = |v: f64| number(&metric_value(v), Some(v), &track.unit);
    let broken = points.iter().filter(|p| is_broken(p.1.status)).count();
    let mut told = format!(
        "{} over {}; last {}",
        range(&frame, &shown),
        counted(points.len() as u64, "run"),
        shown(value)
    );
    let limits = [("at least", last.least), ("at most", last.most)];
    for (words, limit) in limits {
        if let Some(limit) = limit {
            write!(told, ", allowed {words} {}", shown(limit)).expect(INFALLIBLE);
        }
    }
    write!(told, "; broken in {broken} of them.").expect(INFALLIBLE);
    let mut svg = open(id, 112.0, name, &told);
    svg.push_str(&upright(moves, &frame));
    svg.push_str("<path class=\"axis\" d=\"M0 92H340\"/>");
    for (class, of) in [
        ("limit", (|p: &Point| p.least) as fn(&Point) -> Option<f64>),
        ("limit", |p| p.most),
    ] {
        path(&mut svg, class, &stairs(&points, of, &frame));
    }
    path(&mut svg, "before", &lines(&points, |p| p.other, &frame));
    path(&mut svg, "after", &lines(&points, |p| p.value, &frame));
    path(&mut svg, "now over", &marks(&points, &frame));
    svg.push_str(&anchored(0.0, 9.0, "start", &shown(frame.high)));
    svg.push_str(&anchored(0.0, 89.0, "start", &shown(frame.low)));
    svg.push_str(&anchored(
        WIDTH,
        9.0,
        "end",
        &format!("last {}", shown(value)),
    ));
    for (at, x, anchor) in [(begin, 0.0, "start"), (end, WIDTH, "end")] {
        svg.push_str(&anchored(x, 107.0, anchor, &date(*at)));
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn is_broken(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Error)
}

fn range(frame: &Frame, shown: &dyn Fn(f64) -> String) -> String {
    if frame.least < frame.greatest {
        format!(
            "Between {} and {}",
            shown(frame.least),
            shown(frame.greatest)
        )
    } else {
        format!("Always {}", shown(frame.least))
    }
}

/// Where numbers and times come to lie.
struct Frame {
    begin: f64,
    end: f64,
    /// Least and greatest value.
    least: f64,
    greatest: f64,
    /// Ends of the axis, which hold the limits as well.
    low: f64,
    high: f64,
}

impl Frame {
    fn of(points: &[(f64, &Point)], (begin, end): (f64, f64)) -> Option<Self> {
        let fold = |all: &mut dyn Iterator<Item = f64>| {
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
                (a.min(v), b.max(v))
            })
        };
        let (least, greatest) = fold(&mut points.iter().filter_map(|p| p.1.value));
        let all = points
            .iter()
            .flat_map(|(_, p)| [p.value, p.least, p.most, p.other]);
        let (low, high) = fold(&mut all.flatten());
        let (low, high) = if low < high {
            (low, high)
        } else {
            let pad = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            // What is never below 0 begins there.
            (
                if low >= 0.0 {
                    (low - pad).max(0.0)
                } else {
                    low - pad
                },
                high + pad,
            )
        };
        (high - low).is_finite().then_some(Self {
            begin,
            end,
            least,
            greatest,
            low,
            high,
        })
    }

    fn x(&self, at: f64) -> f64 {
        WIDTH * (at - self.begin) / (self.end - self.begin)
    }

    fn y(&self, value: f64) -> f64 {
        const TOP: f64 = 16.0;
        const FLOOR: f64 = 74.0;
        FLOOR - (FLOOR - TOP) * ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// Straight lines between the points that have the number; a run without it parts them.
fn lines(points: &[(f64, &Point)], of: fn(&Point) -> Option<f64>, frame: &Frame) -> String {
    let mut text = String::new();
    let mut down = false;
    for (at, point) in points {
        let Some(value) = of(point) else {
            down = false;
            continue;
        };
        let pen = if down { 'L' } else { 'M' };
        write!(text, "{pen}{:.1} {:.1}", frame.x(*at), frame.y(value)).expect(INFALLIBLE);
        down = true;
    }
    text
}

/// As [`lines`], each value held until the next run: a limit that changes, changes with a run.
fn stairs(points: &[(f64, &Point)], of: fn(&Point) -> Option<f64>, frame: &Frame) -> String {
    let mut text = String::new();
    let mut held: Option<f64> = None;
    for (at, point) in points {
        let x = frame.x(*at);
        match (held, of(point)) {
            (Some(before), Some(value)) if before.to_bits() == value.to_bits() => {}
            (Some(_), Some(value)) => {
                write!(text, "H{x:.1}V{:.1}", frame.y(value)).expect(INFALLIBLE);
            }
            (Some(_), None) => write!(text, "H{x:.1}").expect(INFALLIBLE),
            (None, Some(value)) => {
                write!(text, "M{x:.1} {:.1}", frame.y(value)).expect(INFALLIBLE);
            }
            (None, None) => {}
        }
        held = of(point);
    }
    if held.is_some() {
        write!(text, "H{WIDTH}").expect(INFALLIBLE);
    }
    text
}

/// A lozenge at every run in which it was broken.
fn marks(points: &[(f64, &Point)], frame: &Frame) -> String {
    let mut text = String::new();
    for (at, point) in points.iter().filter(|p| is_broken(p.1.status)) {
        let Some(value) = point.value else { continue };
        let (x, y) = (frame.x(*at), frame.y(value));
        write!(text, "M{x:.1} {:.1}l3 3l-3 3l-3 -3z", y - 3.0).expect(INFALLIBLE);
    }
    text
}

/// An upright line at each move within the frame.
fn upright(moves: &[DateTime<Utc>], frame: &Frame) -> String {
    let within = moves.iter().map(|m| seconds(*m));
    let within = within.filter(|at| (frame.begin..=frame.end).contains(at));
    let mut text = String::new();
    for at in within {
        write!(text, "M{:.1} 14V92", frame.x(at)).expect(INFALLIBLE);
    }
    let mut svg = String::new();
    path(&mut svg, "moved", &text);
    svg
}

fn path(svg: &mut String, class: &str, d: &str) {
    if !d.is_empty() {
        write!(svg, "<path class=\"{}\" d=\"{d}\"/>", html(class)).expect(INFALLIBLE);
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^53")]
fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp() as f64
}

#[expect(clippy::cast_possible_truncation, reason = "whole seconds of a clock")]
fn date(seconds: f64) -> String {
    let at = DateTime::from_timestamp(seconds as i64, 0);
    at.map_or_else(String::new, |at| at.date_naive().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn night(day: i64, status: Status) -> Night {
        Night {
            at: DateTime::UNIX_EPOCH + TimeDelta::days(day),
            status,
            rows: None,
            commit: None,
            file: None,
        }
    }

    fn point(night: usize, value: f64, status: Status) -> Point {
        Point {
            night,
            status,
            value: Some(value),
            most: Some(5.0),
            least: None,
            other: None,
        }
    }

    #[test]
    fn a_night_is_a_day_and_its_last_run_counts() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let nights = [
            night(2, Status::Fail),
            night(99, Status::Fail),
            night(99, Status::Pass),
            night(100, Status::Warn),
        ];
        let days = days(&nights, now);
        assert_eq!(days.len(), 90);
        let told: Vec<_> = days
            .iter()
            .filter_map(|d| Some((d.status?, d.runs)))
            .collect();
        assert_eq!(told, [(Status::Pass, 2), (Status::Warn, 1)]);
        let text = super::told(&days);
        assert_eq!(text, "Of 90 nights 1 passed, 1 warned, 88 had no run.");
    }

    #[test]
    fn a_trend_needs_two_moments_and_marks_what_was_broken() {
        let nights: Vec<Night> = (0..3).map(|d| night(d, Status::Pass)).collect();
        let mut track = Track {
            points: vec![point(0, 1.0, Status::Pass)],
            ..Track::default()
        };
        assert!(trend(&track, &nights, &[], "x", 1).is_none());
        track.points.push(point(1, 9.0, Status::Fail));
        track.points.push(point(2, 4.0, Status::Pass));
        let svg = trend(&track, &nights, &[], "x", 1).unwrap();
        let told = "Between 1 and 9 over 3 runs; last 4, allowed at most 5; broken in 1 of them.";
        assert!(svg.contains(told), "{svg}");
        assert_eq!(svg.matches("l3 3l-3 3l-3 -3z").count(), 1);
        assert!(svg.contains("class=\"limit\""), "{svg}");
    }
}
