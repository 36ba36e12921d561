//! Changes over time of `SodaCL`: `change avg last 7 for row_count < 50`.
//!
//! Source: the documentation of change-over-time checks in Soda Core 3, from memory.

use super::super::build;
use super::super::promise::{Promise, Refused};
use super::Held;
use super::threshold::{Open, Range, Side};
use crate::diagnostic::Place;

/// What a check follows over the runs.
struct Followed<'a> {
    metric: &'static str,
    column: Option<&'a str>,
    /// What one unit of its numbers is here: percents are shares.
    unit: f64,
}

fn followed(metric: &str) -> Option<Followed<'_>> {
    let (name, column) = match metric.split_once('(') {
        Some((name, rest)) => (
            name.trim(),
            Some(rest.trim_end_matches(')').trim().trim_matches('"')),
        ),
        None => (metric, None),
    };
    let (metric, unit) = match (name, column) {
        ("row_count", None) => ("rows", 1.0),
        ("missing_percent", Some(_)) => ("missing", 100.0),
        ("avg", Some(_)) => ("mean", 1.0),
        ("min", Some(_)) => ("least", 1.0),
        ("max", Some(_)) => ("greatest", 1.0),
        _ => return None,
    };
    column
        .is_none_or(|c| !c.is_empty() && !c.contains(','))
        .then_some(Followed {
            metric,
            column,
            unit,
        })
}

/// The promises of `change .. for METRIC` with the changes that are allowed.
pub(super) fn change(words: &str, metric: &str, range: Range, place: &Place) -> Held {
    let unread = || {
        Refused::Dropped(format!(
            "`change {words} for` is followed in no such way here"
        ))
    };
    if range.side == Side::Outside {
        return Err(Refused::Dropped(
            "a change that leaves a hole in the numbers".to_owned(),
        ));
    }
    let known = followed(metric)
        .ok_or_else(|| Refused::Dropped(format!("`metric_stable` follows no `{metric}`")))?;
    let mut parts: Vec<&str> = words.split_whitespace().collect();
    let percent = parts.contains(&"percent");
    parts.retain(|p| *p != "percent");
    let (from, window) = match parts[..] {
        [] => ("last", "1"),
        ["avg", "last", n] => ("mean", n),
        ["min", "last", n] => ("least", n),
        ["max", "last", n] => ("greatest", n),
        _ => return Err(unread()),
    };
    let window: u32 = window
        .parse()
        .ok()
        .filter(|n| (1..=1000).contains(n))
        .ok_or_else(unread)?;
    let unit = if percent { 100.0 } else { known.unit };
    let limit = if percent {
        "max_relative_change"
    } else {
        "max_change"
    };
    let mut promises = Vec::new();
    for (direction, bound) in [("down", range.min.map(|(v, o)| (-v, o))), ("up", range.max)] {
        let Some((most, open)) = bound else { continue };
        let most = if open == Open::Open {
            (most / unit).next_down()
        } else {
            most / unit
        };
        if most < 0.0 {
            return Err(Refused::Dropped(
                "it asks that the number changes from run to run".to_owned(),
            ));
        }
        let promise = Promise::new("metric_stable", place)
            .text("metric", known.metric)
            .maybe("column", known.column.map(|c| build::text(place, c)))
            .text("from", from)
            .text("direction", direction)
            .whole("min_runs", 1)
            .whole("window", window.into())
            .number(limit, most);
        promises.push(promise);
    }
    let note = "past runs are the ordinary ones of `history`, which tollgate.yaml must name";
    Ok((promises, Some(note.to_owned())))
}
