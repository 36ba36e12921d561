//! Dense lists: kept promises, what has no card, and what could not be told.

use super::super::ranking::Cause;
use super::super::text::{clip, line};
use super::super::words::{allowed, found, place, sign};
use super::prose;
use crate::record::Outcome;
use serde::Serialize;

/// Promises named of one cause.
const NAMED: usize = 12;

/// Lines of a table and how many outcomes it leaves out.
#[derive(Serialize)]
pub(super) struct Rows {
    total: usize,
    lines: Vec<Row>,
    left_out: usize,
}

#[derive(Serialize)]
struct Row {
    id: String,
    found: String,
    allowed: String,
    place: String,
}

impl Rows {
    pub(super) fn of(outcomes: &[&Outcome], most: usize) -> Self {
        let row = |o: &&Outcome| Row {
            id: clip(&line(&o.id), 100),
            found: found(o),
            allowed: allowed(o),
            place: place(o).map_or_else(String::new, |p| clip(&p, 120)),
        };
        Self {
            total: outcomes.len(),
            lines: outcomes.iter().take(most).map(row).collect(),
            left_out: outcomes.len().saturating_sub(most),
        }
    }
}

/// Causes for which something could not be told, and how many causes are left out.
#[derive(Serialize)]
pub(super) struct Causes {
    total: usize,
    reasons: Vec<Reason>,
    left_out: usize,
}

#[derive(Serialize)]
struct Reason {
    status: &'static str,
    sign: &'static str,
    sentence_html: String,
    ids: Vec<String>,
    more: usize,
    place: Option<String>,
}

impl Causes {
    pub(super) fn of(causes: &[Cause<'_>], most: usize) -> Self {
        Self {
            total: causes.iter().map(|c| c.outcomes.len()).sum(),
            reasons: causes.iter().take(most).map(reason).collect(),
            left_out: causes.len().saturating_sub(most),
        }
    }
}

fn reason(cause: &Cause<'_>) -> Reason {
    let first = cause.outcomes[0];
    let named = cause.outcomes.iter().take(NAMED);
    Reason {
        status: first.status.word(),
        sign: sign(first.status),
        sentence_html: prose(cause.message, 400),
        ids: named.map(|o| clip(&line(&o.id), 100)).collect(),
        more: cause.outcomes.len().saturating_sub(NAMED),
        place: place(first).filter(|_| cause.outcomes.len() == 1),
    }
}
