//! The page of a dataset or model.

use super::super::charts::{Detail, calendar, trend};
use super::super::subject::{Kind, Subject};
use super::super::track::Track;
use super::super::{Archive, Asked, Moved, words};
use super::{
    Frame, LISTED, MoveLine, frame, left_out, listed_moves, owners, render, sentence, times,
};
use crate::report::text::{clip, line};
use crate::report::words::{grouped, sign};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Promises that are lines of a table.
const ROWS: usize = 120;
/// Promises with a trend on the page of a dataset or model: broken ones, then others.
const TRENDS: usize = 40;
/// Metrics of models with a trend.
const METRICS: usize = 24;
/// The page, in its order.
#[derive(Serialize)]
struct Page {
    frame: Frame,
    kind: &'static str,
    name: String,
    state: String,
    overdue: Option<String>,
    owners: String,
    last: String,
    fixed: String,
    kept: String,
    calendar_svg: String,
    broken: Vec<Line>,
    metrics: Vec<Line>,
    others: Vec<Line>,
    rows: Vec<Line>,
    left_out: usize,
    moves: Vec<MoveLine>,
    moves_said: Option<String>,
    runs: Vec<Listed>,
    older: usize,
}

/// A promise or metric with its trend.
#[derive(Serialize)]
struct Line {
    id: String,
    status: &'static str,
    sign: &'static str,
    sentence_html: String,
    found: String,
    allowed: String,
    since: String,
    fixed: String,
    owner: String,
    place: String,
    trend_svg: Option<String>,
}

/// A run in the list.
#[derive(Serialize)]
struct Listed {
    at: String,
    status: &'static str,
    sign: &'static str,
    rows: String,
    commit: String,
    link: Option<String>,
}

/// The page of a dataset or model.
pub(in super::super) fn subject(
    archive: &Archive,
    ((kind, name), subject): ((Kind, &String), &Subject),
    moves: &[&Moved],
    asked: &Asked,
) -> String {
    let times = times(kind, name, moves);
    let mine = moves
        .iter()
        .copied()
        .filter(|m| kind == Kind::Model && m.name == *name);
    let mine: Vec<&Moved> = mine.collect();
    let mut next = 1;
    let calendar_svg = calendar(&subject.nights, &times, asked.now, Detail::Full, next);
    let mut draw = |id: &str, track: &Track| {
        next += 1;
        drawn((id, track), subject, &times, next)
    };
    let ordered = ordered(subject);
    let bad = subject.broken().len().min(TRENDS);
    let (bad, others) = ordered.split_at(bad);
    let broken = bad.iter().map(|(id, t)| draw(id, t)).collect();
    let page = Page {
        frame: head(name, subject, asked),
        kind: kind.word(),
        name: words::named(name),
        state: words::state(subject),
        overdue: subject.overdue(asked.now).map(words::overdue),
        owners: owners(subject),
        last: subject
            .last()
            .map_or_else(String::new, |n| words::minute(n.at)),
        fixed: words::fixed(&subject.repairs()),
        kept: words::kept(subject),
        calendar_svg,
        broken,
        metrics: subject
            .metrics
            .iter()
            .take(METRICS)
            .map(|(id, t)| draw(id, t))
            .collect(),
        others: others
            .iter()
            .take(TRENDS)
            .map(|(id, t)| draw(id, t))
            .collect(),
        rows: others
            .iter()
            .skip(TRENDS)
            .take(ROWS)
            .map(|of| told(*of, subject))
            .collect(),
        left_out: others.len().saturating_sub(TRENDS + ROWS),
        moves_said: left_out(mine.len()),
        moves: listed_moves(mine.into_iter()),
        runs: runs(archive, subject),
        older: subject.nights.len().saturating_sub(LISTED),
    };
    render("subject.html", &page)
}

fn head(name: &str, subject: &Subject, asked: &Asked) -> Frame {
    let title = clip(&line(&asked.title), 60);
    frame(
        format!("{}: {title}", clip(&line(name), 80)),
        words::worst(std::iter::once(subject)),
        words::state(subject),
        asked,
    )
}

/// Promises of which the broken ones come first, longest broken first, then those that were broken most often.
fn ordered(subject: &Subject) -> Vec<(&str, &Track)> {
    let broken = subject.broken();
    let is_broken = |id: &str| broken.iter().any(|b| b.0 == id);
    let rest = subject.promises.iter().map(|(id, t)| (id.as_str(), t));
    let mut rest: Vec<(&str, &Track)> = rest.filter(|(id, _)| !is_broken(id)).collect();
    rest.sort_by_cached_key(|(_, t)| std::cmp::Reverse(t.repairs(&subject.nights).took.len()));
    broken.iter().map(|b| (b.0, b.1)).chain(rest).collect()
}

fn told((id, track): (&str, &Track), subject: &Subject) -> Line {
    let nights = &subject.nights;
    let repairs = track.repairs(nights);
    let status = track.last(nights).map(|p| p.status);
    let latest = track.latest.as_ref();
    let text = |value: Option<&String>| value.map_or_else(String::new, |v| clip(&line(v), 120));
    let numbers = latest.map(|l| l.numbers.clone()).unwrap_or_default();
    Line {
        id: clip(&line(id), 120),
        status: status.map_or("not in the last run", crate::record::Status::word),
        sign: status.map_or("–", sign),
        sentence_html: sentence(id, track),
        found: clip(&numbers.0, 120),
        allowed: clip(&numbers.1, 120),
        since: repairs.open.map_or_else(String::new, words::since),
        fixed: words::fixed(&repairs),
        owner: text(latest.and_then(|l| l.owner.as_ref())),
        place: text(latest.and_then(|l| l.place.as_ref())),
        trend_svg: None,
    }
}

fn drawn(
    (id, track): (&str, &Track),
    subject: &Subject,
    moves: &[DateTime<Utc>],
    number: usize,
) -> Line {
    let what = track.measure.as_deref().unwrap_or("value");
    let name = format!(
        "{} of {}",
        line(what).replace('_', " "),
        clip(&line(id), 80)
    );
    Line {
        trend_svg: trend(track, &subject.nights, moves, &name, number),
        ..told((id, track), subject)
    }
}

fn runs(archive: &Archive, subject: &Subject) -> Vec<Listed> {
    let last = subject.nights.iter().rev().take(LISTED);
    let listed = last.map(|night| Listed {
        at: words::minute(night.at),
        status: night.status.word(),
        sign: sign(night.status),
        rows: night.rows.map_or_else(String::new, grouped),
        commit: night
            .commit
            .as_ref()
            .map_or_else(String::new, |c| line(c).chars().take(12).collect()),
        link: night.file.and_then(|f| archive.copies.get(&f).cloned()),
    });
    listed.collect()
}
