//! The overview.

use super::super::charts::{Detail, calendar};
use super::super::subject::{Kind, Subject};
use super::super::track::Since;
use super::super::{Archive, Asked, Moved, names, words};
use super::{Frame, MoveLine, frame, left_out, listed_moves, owners, render, sentence, times};
use crate::report::text::{clip, line};
use crate::report::words::{grouped, sign};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Files that could not be read, named.
const UNREAD: usize = 20;
/// Broken promises listed on the overview.
const BROKEN: usize = 40;
/// Lines of that table.
const LINES: usize = 400;
/// Datasets and models with a calendar on the overview; further ones are lines of a table.
const CARDS: usize = 60;
/// The overview, in its order.
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

/// A file that could not be read.
#[derive(Serialize)]
struct Unread {
    file: String,
    reason: String,
}

/// The overview.
pub(in super::super) fn index(archive: &Archive, moves: &[&Moved], asked: &Asked) -> String {
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
    render("index.html", &page)
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
            parts.push(match total {
                1 => format!("{} {verb}", words::named(names[0])),
                _ => format!("{} {verb} ({})", names.len(), some(names)),
            });
        }
    }
    let mut text = match (&parts[..], total) {
        (_, 0) => "No run is known.".to_owned(),
        ([], 1) => format!("{} passes.", words::named(all[0].1)),
        ([], n) => format!("All {n} datasets and models pass."),
        (parts, 1) => format!("{}.", parts.join(", ")),
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

fn card(
    (kind, name, subject): (Kind, &String, &Subject),
    moves: &[&Moved],
    now: DateTime<Utc>,
    id: Option<usize>,
) -> Card {
    let status = words::worst(std::iter::once(subject));
    let promoted = times(kind, name, moves);
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
            calendar(&subject.nights, &promoted, now, Detail::Small, id)
        }),
    }
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
