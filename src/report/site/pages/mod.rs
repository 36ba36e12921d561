//! The pages: the overview, and one per dataset and model.

mod index;
mod subject;

pub(super) use index::index;
pub(super) use subject::subject;

use super::subject::{Kind, Subject};
use super::track::Track;
use super::{Asked, Moved, words};
use crate::report::markup::{self, prose};
use crate::report::text::{clip, line};
use crate::report::words::{counted, sign};
use chrono::{DateTime, Utc};
use minijinja::context;
use serde::Serialize;

/// Runs listed of a dataset or model, the last ones.
pub(super) const LISTED: usize = 30;
/// Moves listed on a page, the last ones.
const MOVES: usize = 20;

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

const TEMPLATES: &[(&str, &str)] = &[
    (
        "parts.html",
        include_str!("../../templates/site_parts.html.j2"),
    ),
    (
        "index.html",
        include_str!("../../templates/site_index.html.j2"),
    ),
    (
        "subject.html",
        include_str!("../../templates/site_subject.html.j2"),
    ),
];

fn render<T: Serialize>(name: &str, page: &T) -> String {
    let style = concat!(
        include_str!("../../templates/report.css"),
        include_str!("../../templates/site.css")
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

/// What the latest record says of a promise; what only a history knows has no sentence.
fn sentence(id: &str, track: &Track) -> String {
    match &track.latest {
        Some(latest) => prose(&latest.message, 300),
        None => prose(&format!("`{}`", id.replace('`', "'")), 300),
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
