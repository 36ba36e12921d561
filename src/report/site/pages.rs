//! The pages: the overview, and one per dataset and model.

use super::super::markup::{self, prose};
use super::super::text::{clip, line};
use super::super::words::{counted, grouped, sign};
use super::charts::{Detail, calendar, trend};
use super::subject::{Kind, Subject};
use super::track::{Since, Track};
use super::{Archive, Asked, Moved, names, words};
use chrono::{DateTime, Utc};
use minijinja::context;
use serde::Serialize;

/// Runs listed of a dataset or model, the last ones.
pub(super) const LISTED: usize = 30;
/// Datasets and models with a calendar on the overview; further ones are lines of a table.
const CARDS: usize = 60;
/// Lines of that table.
const LINES: usize = 400;
/// Broken promises listed on the overview.
const BROKEN: usize = 40;
/// Promises with a trend on the page of a dataset or model: broken ones, then others.
const TRENDS: usize = 60;
/// Promises that are lines of a table.
const ROWS: usize = 200;
/// Moves listed on a page, the last ones.
const MOVES: usize = 20;
/// Files that could not be read, named.
const UNREAD: usize = 20;

/// What both kinds of page begin and end with.
#[derive(Serialize)]
struct Frame {
    title: String,
    status: &'static str,
    sign: &'static str,
    sentence: String,
    made: String,
    version: &'static str,
}

/// A broken promise.
#[derive(Serialize)]
struct Broken {
    sentence_html: String,
    id: String,
    of: String,
    link: String,
    since: String,
    owner: Option<String>,
}

/// A dataset or model on the overview.
#[derive(Serialize)]
struct Card {
    kind: &'static str,
    name: String,
    link: String,
    status: &'static str,
    sign: &'static str,
    sentence: String,
    overdue: Option<String>,
    last: String,
    fixed: String,
    owners: String,
    calendar_svg: String,
}

/// A move of an alias.
#[derive(Serialize)]
struct MoveLine {
    at: String,
    model: String,
    what: &'static str,
    words: String,
    by: String,
    reason: String,
}

/// A file that could not be read.
#[derive(Serialize)]
struct Unread {
    file: String,
    reason: String,
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

const TEMPLATES: &[(&str, &str)] = &[
    ("parts", include_str!("../templates/site_parts.html.j2")),
    ("index", include_str!("../templates/site_index.html.j2")),
    ("subject", include_str!("../templates/site_subject.html.j2")),
];

fn render<T: Serialize>(name: &str, page: &T) -> String {
    let style = concat!(
        include_str!("../templates/report.css"),
        include_str!("../templates/site.css")
    );
    let page = minijinja::Value::from(minijinja::value::Serde(page));
    markup::page(TEMPLATES, name, context! { page, style })
}

fn frame(title: String, status: crate::record::Status, sentence: String, asked: &Asked) -> Frame {
    Frame {
        title,
        status: status.word(),
        sign: sign(status),
        sentence,
        made: words::minute(asked.now),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// The overview.
pub(super) fn index(archive: &Archive, moves: &[&Moved], asked: &Asked) -> String {
    #[derive(Serialize)]
    struct Index {
        frame: Frame,
        broken: Vec<Broken>,
        more_broken: usize,
        cards: Vec<Card>,
        lines: Vec<Card>,
        left_out: usize,
        moves: Vec<MoveLine>,
        moves_said: Option<String>,
        unread: Vec<Unread>,
        more_unread: usize,
        read: String,
    }
    let mut all: Vec<(Kind, &String, &Subject)> = archive
        .subjects
        .iter()
        .map(|((kind, name), subject)| (*kind, name, subject))
        .collect();
    // Worst first; of equal ones in the order of their names.
    all.sort_by_key(|(.., s)| std::cmp::Reverse(s.last().map_or(0, |n| words::rank(n.status))));
    let broken = broken(&all);
    let more_broken = broken.len().saturating_sub(BROKEN);
    let drawn = |(place, of): (usize, &(Kind, &String, &Subject))| {
        card(*of, moves, asked.now, Some(place + 1))
    };
    let page = Index {
        frame: frame(
            clip(&line(&asked.title), 80),
            words::worst(archive.subjects.values()),
            overall(&all, asked.now),
            asked,
        ),
        broken: broken.into_iter().take(BROKEN).collect(),
        more_broken,
        cards: all.iter().take(CARDS).enumerate().map(drawn).collect(),
        lines: all
            .iter()
            .skip(CARDS)
            .take(LINES)
            .map(|of| card(*of, moves, asked.now, None))
            .collect(),
        left_out: all.len().saturating_sub(CARDS + LINES),
        moves: listed_moves(moves.iter().copied()),
        moves_said: left_out(moves.len()),
        unread: unread(archive),
        more_unread: archive.unread.len().saturating_sub(UNREAD),
        read: read(archive),
    };
    render("index", &page)
}

/// The verdict of everything in one sentence.
fn overall(all: &[(Kind, &String, &Subject)], now: DateTime<Utc>) -> String {
    use crate::record::Status::{Error, Fail, Inconclusive, Skipped, Waived, Warn};
    let of = |wanted: &[crate::record::Status]| -> Vec<&str> {
        let is = |s: &Subject| s.last().is_some_and(|n| wanted.contains(&n.status));
        let found = all.iter().filter(|a| is(a.2));
        found.map(|a| a.1.as_str()).collect()
    };
    let total = all.len();
    let (failed, untold, warned) = (
        of(&[Fail]),
        of(&[Error, Inconclusive, Skipped]),
        of(&[Warn, Waived]),
    );
    let mut parts = Vec::new();
    for (names, one, many) in [
        (&failed, "fails", "fail"),
        (&untold, "could not be told", "could not be told"),
        (&warned, "warns", "warn"),
    ] {
        if !names.is_empty() {
            let verb = if names.len() == 1 { one } else { many };
            parts.push(format!("{} {verb} ({})", names.len(), some(names)));
        }
    }
    let mut text = match (&parts[..], total) {
        (_, 0) => "No run is known.".to_owned(),
        ([], 1) => format!("{} passes.", words::named(all[0].1)),
        ([], n) => format!("All {n} datasets and models pass."),
        (parts, 1) => format!("Of the one dataset or model {}.", parts.join(", ")),
        (parts, n) => format!("Of {n} datasets and models {}.", parts.join(", ")),
    };
    let late = all.iter().filter(|a| a.2.overdue(now).is_some());
    let late: Vec<&str> = late.map(|a| a.1.as_str()).collect();
    if !late.is_empty() {
        let have = if late.len() == 1 { "has" } else { "have" };
        text = format!(
            "{text} {} {have} not run for longer than usual ({}).",
            late.len(),
            some(&late)
        );
    }
    text
}

/// `a, b, c and 4 more`.
fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|n| clip(&line(n), 40)).collect();
    let more = match names.len().saturating_sub(3) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// Broken promises of the last runs, longest first.
fn broken(all: &[(Kind, &String, &Subject)]) -> Vec<Broken> {
    let mut found: Vec<(Since, Broken)> = Vec::new();
    for (kind, name, subject) in all {
        for (id, track, since) in subject.broken() {
            let owner = track.latest.as_ref().and_then(|l| l.owner.as_ref());
            found.push((
                since,
                Broken {
                    sentence_html: sentence(id, track),
                    id: clip(&line(id), 120),
                    of: words::named(name),
                    link: names::page(*kind, name),
                    since: words::since(since),
                    owner: owner.map(|o| clip(&line(o), 80)),
                },
            ));
        }
    }
    found.sort_by_key(|f| f.0.at);
    found.into_iter().map(|f| f.1).collect()
}

/// What the latest record says of a promise; what only a history knows has no sentence.
fn sentence(id: &str, track: &Track) -> String {
    match &track.latest {
        Some(latest) => prose(&latest.message, 300),
        None => prose(&format!("`{}`", id.replace('`', "'")), 300),
    }
}

fn card(
    (kind, name, subject): (Kind, &String, &Subject),
    moves: &[&Moved],
    now: DateTime<Utc>,
    id: Option<usize>,
) -> Card {
    let status = words::worst(std::iter::once(subject));
    let moved = times(kind, name, moves);
    let overdue = subject.overdue(now).map(words::overdue);
    Card {
        kind: kind.word(),
        name: words::named(name),
        link: names::page(kind, name),
        status: status.word(),
        sign: sign(status),
        sentence: words::state(subject),
        overdue,
        last: subject
            .last()
            .map_or_else(String::new, |n| words::minute(n.at)),
        fixed: words::fixed(&subject.repairs()),
        owners: owners(subject),
        calendar_svg: id.map_or_else(String::new, |id| {
            calendar(&subject.nights, &moved, now, Detail::Small, id)
        }),
    }
}

/// Who answers for promises of the last run, each once; those of broken ones first.
fn owners(subject: &Subject) -> String {
    let owner = |track: &Track| track.latest.as_ref().and_then(|l| l.owner.clone());
    let broken = subject.broken().into_iter().filter_map(|b| owner(b.1));
    let now = subject
        .promises
        .values()
        .filter(|t| t.last(&subject.nights).is_some());
    let mut all: Vec<String> = Vec::new();
    for owner in broken.chain(now.filter_map(owner)) {
        if !all.contains(&owner) {
            all.push(owner);
        }
    }
    clip(&line(&all.join(", ")), 200)
}

/// When the alias of a model was moved.
fn times(kind: Kind, name: &str, moves: &[&Moved]) -> Vec<DateTime<Utc>> {
    let of = moves
        .iter()
        .filter(|m| kind == Kind::Model && m.name == name);
    of.map(|m| m.at).collect()
}

fn listed_moves<'a>(moves: impl DoubleEndedIterator<Item = &'a Moved>) -> Vec<MoveLine> {
    let text = |value: Option<&String>| value.map_or_else(String::new, |v| clip(&line(v), 200));
    let listed = moves.rev().take(MOVES).map(|m| MoveLine {
        at: words::minute(m.at),
        model: words::named(&m.name),
        what: m.change.kind.word(),
        words: clip(&line(&m.change.words()), 200),
        by: text(m.change.by.as_ref()),
        reason: text(m.change.reason.as_ref()),
    });
    listed.collect()
}

fn left_out(moves: usize) -> Option<String> {
    let left = moves.checked_sub(MOVES).filter(|n| *n > 0)?;
    Some(format!(
        "{} before these are left out.",
        counted(left as u64, "move")
    ))
}

fn unread(archive: &Archive) -> Vec<Unread> {
    let shown = archive.unread.iter().take(UNREAD);
    let shown = shown.map(|(file, reason)| Unread {
        file: clip(&line(file), 200),
        reason: clip(&line(reason), 300),
    });
    shown.collect()
}

/// `Made from 30 records of runs; 2 of them are parts of a run, which say nothing of the rest and are left out.`
fn read(archive: &Archive) -> String {
    let records = archive.files as u64;
    let parts = match archive.parts {
        0 => String::new(),
        1 => " One record of a part of a run is left out: it says nothing of the rest.".to_owned(),
        n => format!(
            " {} records of parts of runs are left out: they say nothing of the rest.",
            grouped(n)
        ),
    };
    let noun = if records == 1 {
        "record of a run"
    } else {
        "records of runs"
    };
    format!("Made from {} {noun}.{parts}", grouped(records))
}

/// The page of a dataset or model.
pub(super) fn subject(
    archive: &Archive,
    ((kind, name), subject): ((Kind, &String), &Subject),
    moves: &[&Moved],
    asked: &Asked,
) -> String {
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
    let status = words::worst(std::iter::once(subject));
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
        frame: frame(
            format!(
                "{}: {}",
                clip(&line(name), 80),
                clip(&line(&asked.title), 60)
            ),
            status,
            words::state(subject),
            asked,
        ),
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
            .take(TRENDS)
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
    render("subject", &page)
}

/// Promises of which the broken ones come first, longest broken first, then those that were broken most often.
fn ordered(subject: &Subject) -> Vec<(&str, &Track)> {
    let broken = subject.broken();
    let is_broken = |id: &str| broken.iter().any(|b| b.0 == id);
    let rest = subject.promises.iter().map(|(id, t)| (id.as_str(), t));
    let mut rest: Vec<(&str, &Track)> = rest.filter(|(id, _)| !is_broken(id)).collect();
    rest.sort_by_key(|(_, t)| std::cmp::Reverse(t.repairs(&subject.nights).took.len()));
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
