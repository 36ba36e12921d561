//! Predicates of a whole plan, asked batch after batch.

use super::convert::frame_of;
use super::predicate::{Masks, Predicate, blame};
use super::query_error;
use crate::context::check_interrupt;
use crate::error::Result;
use crate::types::Field;
use arrow::array::{BooleanArray, RecordBatch};
use std::sync::{Mutex, PoisonError};

/// Whether `sql` is one condition on rows with these columns.
///
/// Errors: the reason in one line.
pub fn check_predicate(sql: &str, fields: &[Field]) -> std::result::Result<(), String> {
    Predicate::parse(sql)?.check(fields)
}

/// Columns that a predicate reads, in order of first use; empty when it does not parse.
#[must_use]
pub fn predicate_columns(sql: &str) -> Vec<String> {
    Predicate::parse(sql)
        .map(|p| p.columns().to_vec())
        .unwrap_or_default()
}

/// Predicates ready to run over the batches of one dataset.
pub struct Predicates {
    list: Vec<Predicate>,
    columns: Vec<String>,
    ready: Mutex<Option<Masks>>,
}

impl Predicates {
    /// No predicate.
    #[must_use]
    pub fn none() -> Self {
        Self {
            list: Vec::new(),
            columns: Vec::new(),
            ready: Mutex::new(None),
        }
    }

    /// Parses predicates that the plan has checked.
    ///
    /// Errors: [`crate::error::Error::Query`] when one does not parse.
    pub fn new(sql: &[String]) -> Result<Self> {
        let list = sql
            .iter()
            .map(|sql| {
                Predicate::parse(sql).map_err(|reason| query_error(&format!("`{sql}`"), reason))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut columns: Vec<String> = list.iter().flat_map(|p| p.columns().to_vec()).collect();
        columns.sort();
        columns.dedup();
        Ok(Self {
            list,
            columns,
            ready: Mutex::new(None),
        })
    }

    /// One mask per predicate: true where it is true; null counts as false. Only the columns they read are handed over.
    ///
    /// Errors: [`crate::error::Error::Query`] when a value cannot be evaluated, [`crate::error::Error::Interrupted`].
    pub fn masks(&self, batch: &RecordBatch) -> Result<Vec<BooleanArray>> {
        check_interrupt()?;
        if self.list.is_empty() {
            return Ok(Vec::new());
        }
        let frame = frame_of(batch, &self.columns)?;
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match ready.take().filter(|m| m.fits(&frame)) {
            Some(masks) => Ok(masks),
            None => Masks::new(&frame, &self.list.iter().collect::<Vec<_>>()),
        }
        .and_then(|masks| ready.insert(masks).evaluate(&frame));
        answer.map_err(|reason| {
            let all: Vec<&Predicate> = self.list.iter().collect();
            blame(&frame, &all, reason)
        })
    }
}
