//! Rows whose columns a history holds together, see [`crate::history::joint`].

use super::inputs::Inputs;
use super::measure::Measured;
use super::sample;
use crate::aside::each;
use crate::config::Config;
use crate::contract::Privacy;
use crate::drift::sample::{Shape, Values};
use crate::error::Result;
use crate::history::Rows;
use crate::history::joint::{Cells, JOINT_ROWS, TOGETHER};
use crate::measure::ColumnProfile;
use crate::measure::values::Form;
use crate::plan::{DatasetPlan, Plan, reading};
use std::collections::BTreeSet;

/// Rows of every dataset in the order of the plan; absent where no history is kept, or no column is profiled for it.
///
/// Shape: whole rows by their hash; numbers, texts and truth values of the first [`TOGETHER`] columns that may be
/// shown, and of those that `slices` names.
/// All rows, or of many a part that the hash of their number chooses, [`JOINT_ROWS`] of them. One more pass over the
/// rows. Memory: that of these columns, however many there are.
/// Errors: [`crate::error::Error::Data`] when rows cannot be read, [`crate::error::Error::Interrupted`].
pub fn rows(
    config: &Config,
    plan: &Plan,
    inputs: &Inputs,
    measured: &[Measured],
) -> Result<Vec<Option<Rows>>> {
    let one = |(part, measured): (&DatasetPlan, &Measured)| {
        let now = &measured.now;
        if config.history.is_none() || now.profile.rows == 0 || !reading::profiles_all(part) {
            return Ok(None);
        }
        let columns: Vec<(String, Shape)> = now
            .profile
            .columns
            .iter()
            .map(|c| (c.name.clone(), shape(part, c)))
            .collect();
        let counted = |(_, (_, shape)): &(usize, &(String, Shape))| *shape != Shape::Presence;
        let first = columns.iter().enumerate().filter(counted).take(TOGETHER);
        let slices = &part.config.drift.slices;
        let by = |(_, (name, _)): &(usize, &(String, Shape))| slices.iter().any(|(n, _)| n == name);
        let others = columns.iter().enumerate().filter(counted).filter(by);
        let kept: BTreeSet<usize> = first.chain(others).map(|(at, _)| at).collect();
        let dataset = &inputs.datasets[&part.config.name];
        let (side, contents) = sample::alone(
            &columns,
            kept.clone(),
            dataset,
            (now.profile.rows, JOINT_ROWS),
        )?;
        let values = columns.into_iter().zip(side.columns).enumerate();
        let values = values.filter(|(at, _)| kept.contains(at));
        Ok(Some(Rows {
            hashes: side.hashes,
            contents,
            columns: values
                .filter_map(|(_, ((name, _), values))| Some((name, cells(values)?)))
                .collect(),
        }))
    };
    let parts = plan.datasets.iter().zip(measured);
    each(parts.map(|p| (p.0.config.name.as_str(), p)), one)
}

/// How a column is looked at: one that may not be shown, dates and nested values only count in the row's hash.
fn shape(plan: &DatasetPlan, column: &ColumnProfile) -> Shape {
    let open = plan.privacy(&column.name) == Privacy::Open;
    match column.form {
        _ if !open => Shape::Presence,
        Form::Integer | Form::Decimal(_) | Form::Float => Shape::Numbers,
        Form::Text | Form::Boolean => Shape::Texts,
        _ => Shape::Presence,
    }
}

fn cells(values: Values) -> Option<Cells> {
    match values {
        Values::Numbers(numbers) => Some(Cells::Numbers(numbers)),
        Values::Texts(texts) => Some(Cells::Texts(texts)),
        Values::Moments(_) | Values::Derived(_) | Values::Presence(_) => None,
    }
}
