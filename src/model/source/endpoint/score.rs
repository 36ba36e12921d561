//! A table is scored batch by batch.

use super::answer::{Cell, Columns, Wrong, predictions};
use super::latency::Latencies;
use super::request::{body, fits};
use super::{Endpoint, Failed, FailedKind, Repeatable, Scored};
use crate::context::check_interrupt;
use crate::error::{Error, Result};
use crate::http::{Again, Answer, Failure, Limits, exchange};
use crate::model::table::{Column, Table};
use std::collections::HashMap;
use std::ops::Range;

/// Bytes of an answer at most.
const LARGEST: u64 = 256 << 20;

/// Times that a request is made at most.
const ATTEMPTS: u64 = 3;

/// Requests in a row that fail before the rest is not asked.
const IN_A_ROW: usize = 5;

/// Scores every row of a table in requests of at most `batch` rows, one after the other.
///
/// Null, NaN and infinity are sent as `null`. A request that fails is kept with its reason, and its rows have no
/// prediction; whether that is too many is for [`Scored::within`] to say.
/// Errors: [`Error::Data`] when the rows cannot be sent in this form, the server is not reached, five requests in a row
/// fail, or none succeeds; [`Error::Interrupted`].
pub fn score(endpoint: &Endpoint, table: &Table, batch: usize) -> Result<Scored> {
    let fail = |reason: String| Error::data("score rows at", endpoint.shown(), reason);
    fits(endpoint, table).map_err(fail)?;
    let batch = batch.max(1);
    for _ in 0..endpoint.warm_up {
        // what is wrong shows again when it counts
        let _ = ask(endpoint, table, 0..batch.min(table.rows));
        check_interrupt()?;
    }
    let mut gathered = Gathered::default();
    let mut times = Vec::new();
    let mut failed: Vec<Failed> = Vec::new();
    let mut in_a_row = 0;
    for start in (0..table.rows).step_by(batch) {
        check_interrupt()?;
        let rows = start..table.rows.min(start + batch);
        let outcome = ask(endpoint, table, rows.clone())
            .map_err(|e| kind(&e))
            .and_then(|answer| {
                let columns = predictions(endpoint, &answer, rows.len())?;
                gathered.add(columns, rows.start)?;
                Ok(answer.took)
            });
        match outcome {
            Ok(took) => {
                times.push(took);
                in_a_row = 0;
            }
            Err((kind, reason)) => {
                check_interrupt()?;
                in_a_row += 1;
                let unreached = kind == FailedKind::Unreached;
                failed.push(Failed {
                    row: rows.start,
                    rows: rows.len(),
                    kind,
                    reason: reason.clone(),
                });
                if unreached {
                    return Err(fail(format!("the server is not reached: {reason}")));
                }
                if in_a_row == IN_A_ROW {
                    return Err(fail(format!(
                        "{IN_A_ROW} requests in a row failed, the last one: {reason}"
                    )));
                }
            }
        }
    }
    if let (true, Some(first)) = (times.is_empty(), failed.first()) {
        return Err(fail(first.reason.clone()));
    }
    Ok(Scored {
        predictions: gathered.table(table.rows),
        latencies: Latencies::new(times, failed.len()),
        failed,
    })
}

fn ask(
    endpoint: &Endpoint,
    table: &Table,
    rows: Range<usize>,
) -> std::result::Result<Answer, Failure> {
    let body = body(endpoint, table, rows);
    let limits = Limits {
        attempts: ATTEMPTS,
        bytes: LARGEST,
        time: endpoint.timeout,
    };
    let again = match endpoint.repeatable {
        Repeatable::Yes => Again::Read,
        Repeatable::No => Again::Unsent,
    };
    let request = || {
        endpoint
            .client
            .post(endpoint.url.clone())
            .header("Content-Type", body.media)
            .header("Accept", "application/json")
            .headers(endpoint.headers.clone())
            .body(body.bytes.clone())
    };
    exchange(request, again, &limits)
}

fn kind(failure: &Failure) -> Wrong {
    let kind = match failure {
        Failure::Unreached(_) => FailedKind::Unreached,
        Failure::Slow(_) => FailedKind::Slow,
        Failure::Broken(_) | Failure::Large(_) | Failure::Interrupted => FailedKind::Broken,
    };
    (kind, failure.words().to_owned())
}

/// Predictions of the batches so far.
#[derive(Default)]
struct Gathered {
    columns: Vec<(String, Vec<(usize, Cell)>)>,
}

impl Gathered {
    /// Adds the predictions of the rows from `start` on.
    fn add(&mut self, columns: Columns, start: usize) -> std::result::Result<(), Wrong> {
        let wrong = |reason: &str| (FailedKind::WrongShape, reason.to_owned());
        if self.columns.is_empty() {
            self.columns = columns
                .iter()
                .map(|(n, _)| (n.clone(), Vec::new()))
                .collect();
        }
        let same = columns.len() == self.columns.len()
            && columns
                .iter()
                .zip(&self.columns)
                .all(|((a, _), (b, _))| a == b);
        if !same {
            return Err(wrong("the answer has other outputs than the one before"));
        }
        let text = |cell: &Cell| matches!(cell, Cell::Text(_));
        for ((_, new), (_, old)) in columns.iter().zip(&self.columns) {
            let is = old
                .first()
                .map_or_else(|| new.first().is_some_and(text), |(_, c)| text(c));
            if new.iter().any(|c| text(c) != is) {
                return Err(wrong("the answer has texts and numbers in one output"));
            }
        }
        for ((_, new), (_, old)) in columns.into_iter().zip(&mut self.columns) {
            old.extend((start..).zip(new));
        }
        Ok(())
    }

    fn table(self, rows: usize) -> Table {
        let columns = self.columns.into_iter();
        Table {
            rows,
            columns: columns
                .map(|(name, cells)| (name, column(cells, rows)))
                .collect(),
        }
    }
}

/// The column of these values; rows without one are null.
fn column(cells: Vec<(usize, Cell)>, rows: usize) -> Column {
    if cells.iter().any(|(_, c)| matches!(c, Cell::Text(_))) {
        let (mut codes, mut words) = (vec![None; rows], Vec::new());
        let mut known: HashMap<String, u32> = HashMap::new();
        for (row, cell) in cells {
            let Cell::Text(text) = cell else { continue };
            let next = u32::try_from(words.len()).expect("fewer words than rows of one answer");
            let code = *known.entry(text).or_insert_with_key(|text| {
                words.push(text.clone());
                next
            });
            codes[row] = Some(code);
        }
        return Column::Texts { codes, words };
    }
    if cells.iter().all(|(_, c)| matches!(c, Cell::Bool(_))) {
        return Column::Booleans(filled(cells, rows, |c| match c {
            Cell::Bool(v) => Some(*v),
            _ => None,
        }));
    }
    if cells.iter().all(|(_, c)| matches!(c, Cell::Int(_))) {
        return Column::Integers(filled(cells, rows, |c| match c {
            Cell::Int(v) => Some(*v),
            _ => None,
        }));
    }
    Column::Numbers(filled(cells, rows, |c| match c {
        Cell::Bool(v) => Some(f64::from(u8::from(*v))),
        Cell::Int(v) => Some(*v as f64),
        Cell::Number(v) => Some(*v),
        Cell::Text(_) => None,
    }))
}

fn filled<T: Clone>(
    cells: Vec<(usize, Cell)>,
    rows: usize,
    value: impl Fn(&Cell) -> Option<T>,
) -> Vec<Option<T>> {
    let mut all = vec![None; rows];
    for (row, cell) in &cells {
        all[*row] = value(cell);
    }
    all
}
