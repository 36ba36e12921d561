//! Models that say the same of every row.

use super::outcome::{broken, unjudged};
use super::rows::{Side, Truth};
use crate::config::models::ModelConfig;
use crate::diagnostic::plural;
use crate::model::evaluation::Evaluation;
use crate::record::{Outcome, Status};

/// What is told of a candidate, and of a baseline, that says the same of all rows; nothing where each says several things.
///
/// A candidate that does is broken, whatever its metrics: with a rare class it is right in most rows. A baseline that does
/// is a warning: being no worse proves little. Nothing is told of fewer than two rows, and where the truth is the same in
/// all of them.
pub(super) fn outcomes(model: &ModelConfig, rows: &Evaluation) -> Vec<Outcome> {
    if !varies(&rows.candidate) {
        return Vec::new();
    }
    let summary = "Candidate and baseline tell rows apart.";
    let count = plural(rows.candidate.rows() as u64, "row");
    let mut outcomes = Vec::new();
    let mut tell = |id: &str, status: Status, message: String| {
        let mut outcome = unjudged(model, (id, "constant"), summary, &model.place);
        (outcome.status, outcome.message) = (status, message);
        outcome.rows = Some(rows.candidate.rows() as u64);
        outcomes.push(outcome);
    };
    if let Some(what) = said(&rows.candidate) {
        let message = format!(
            "The candidate tells no row from another: its {what} is the same in all {count}, whatever its metrics are."
        );
        tell("constant", broken(model.severity), message);
    }
    if let Some(what) = rows.baseline.as_ref().and_then(said) {
        let message = format!(
            "The baseline tells no row from another: its {what} is the same in all {count}, so being no worse proves little."
        );
        tell("constant_baseline", Status::Warn, message);
    }
    outcomes
}

/// Whether several things are true of the rows.
fn varies(side: &Side) -> bool {
    match &side.truth {
        Truth::Classes { of, .. } => !same(of),
        Truth::Values(values) => !same(values),
    }
}

/// The column that is the same in every row, where what a metric could tell rows apart by is.
fn said(side: &Side) -> Option<&'static str> {
    let said = &side.predicted;
    let constant = |values: &Option<Vec<f64>>| values.as_deref().is_some_and(same);
    if said.score.is_some() {
        constant(&said.score).then_some("score")
    } else if let Some(scores) = &said.scores {
        scores.iter().all(|scores| same(scores)).then_some("scores")
    } else if said.value.is_some() {
        constant(&said.value).then_some("value")
    } else {
        let class = said.class.as_deref()?;
        same(class).then_some("class")
    }
}

fn same<T: PartialEq>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}
