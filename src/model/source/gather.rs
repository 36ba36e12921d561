//! Numbers found in a source become metrics: each asked for, finite, and there once.

use super::{Origin, Tracked, TrackedMetric, Wanted, name_and_slice, no_number};
use crate::error::{Error, Result};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Problems that one message names at most.
const NAMED: usize = 5;

/// What stands where a number should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Number(f64),
    /// Something else, in words: `text`, `nothing`.
    Other(&'static str),
}

/// A metric as it is written.
#[derive(Debug, Clone)]
pub(super) struct Written<'a> {
    pub(super) key: &'a str,
    pub(super) slice: Option<(String, String)>,
    pub(super) value: Found,
    pub(super) standard_error: Option<Found>,
    pub(super) rows: Option<Found>,
    pub(super) definition: Option<String>,
    /// Where it stands, in words: `line 3, column 5`.
    pub(super) place: String,
}

/// Metrics found so far.
pub(super) struct Gathered<'a> {
    wanted: &'a Wanted,
    metrics: Vec<TrackedMetric>,
    seen: HashSet<(String, Option<(String, String)>)>,
    others: Vec<String>,
    problems: Vec<String>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(wanted: &'a Wanted) -> Self {
        Self {
            wanted,
            metrics: Vec::new(),
            seen: HashSet::new(),
            others: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Adds one metric when it is asked for.
    pub(super) fn add(&mut self, written: Written) {
        let (slice, key) = name_and_slice(written.key);
        let slice = written.slice.or(slice);
        let Some(name) = self.wanted.name(key) else {
            self.others.push(key.to_owned());
            return;
        };
        let of = match &slice {
            Some((column, value)) => format!("`{name}` of {column}={value}"),
            None => format!("`{name}`"),
        };
        let place = written.place;
        if !self.seen.insert((name.to_owned(), slice.clone())) {
            self.problem(format!("{place}: {of} is given twice"));
            return;
        }
        let value = self.number(written.value, &of, &place);
        let standard_error = written.standard_error.and_then(|found| {
            let what = format!("the standard error of {of}");
            let error = self.number(found, &what, &place)?;
            if error < 0.0 {
                self.problem(format!("{place}: {what} is {error}; it is 0 or more"));
            }
            Some(error)
        });
        let rows = written.rows.and_then(|found| {
            let what = format!("the number of rows of {of}");
            let rows = self.number(found, &what, &place)?;
            if rows < 0.0 || rows.fract() != 0.0 || rows > 9.0e15 {
                self.problem(format!("{place}: {what} is {rows}; it is a whole number"));
                return None;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole, not negative and below 2^53"
            )]
            Some(rows as u64)
        });
        if let Some(value) = value {
            self.metrics.push(TrackedMetric {
                name: name.to_owned(),
                value,
                standard_error,
                rows,
                slice,
                definition: written.definition,
            });
        }
    }

    /// Adds a problem of the source.
    pub(super) fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn number(&mut self, found: Found, what: &str, place: &str) -> Option<f64> {
        let is = match found {
            Found::Number(value) => match no_number(value) {
                None => return Some(value),
                Some(is) => is,
            },
            Found::Other(is) => is,
        };
        self.problem(format!("{place}: {what} is {is}, not a finite number"));
        None
    }

    /// What was found.
    ///
    /// Errors: [`Error::Data`] that names every problem, and when a source of which everything was asked holds nothing.
    pub(super) fn finish(mut self, origin: Origin) -> Result<Tracked> {
        if self.problems.is_empty() && self.metrics.is_empty() && self.wanted.names.is_none() {
            let reason = match self.wanted.prefix.as_str() {
                "" => "it holds no metric".to_owned(),
                prefix => format!("it holds no metric whose name begins with `{prefix}`"),
            };
            self.problem(reason);
        }
        if !self.problems.is_empty() {
            let mut named = self.problems[..self.problems.len().min(NAMED)].join("; ");
            if self.problems.len() > NAMED {
                let _ = write!(named, "; and {} more", self.problems.len() - NAMED);
            }
            return Err(Error::data(
                "read the metrics of",
                origin.address,
                crate::report::text::line(&named),
            ));
        }
        Ok(Tracked {
            metrics: self.metrics,
            origin,
            datasets: Vec::new(),
            others: self.others,
        })
    }
}
