//! `schema_matches`: the columns of a dataset against those of another one.

use super::source::Dataset;
use crate::measure::{State, Unable};
use crate::plan::Planned;
use crate::scalar::{Integer, Scalar};
use crate::types::Field;
use std::collections::BTreeMap;

/// Columns of the same name and type in both, and how many there are in either; which differ, in the order of the file.
///
/// Values: `matched`, `columns`, and `ratio`, the share of the one in the other. Unable where the other dataset is not there.
pub(super) fn state(
    planned: &Planned,
    dataset: &Dataset,
    others: &BTreeMap<String, Dataset>,
    state: &mut State,
) {
    let other = planned.args.text("dataset").and_then(|n| others.get(n));
    let Some(other) = other else {
        state.unable = Some(Unable::Error("the other dataset is not there".to_owned()));
        return;
    };
    let (here, there) = (&dataset.schema().fields, &other.schema().fields);
    let named = |fields: &[Field], name: &str| fields.iter().find(|f| f.name == name).cloned();
    let (mut matched, mut columns, mut words) = (0_u32, 0_u32, Vec::new());
    for field in here {
        columns += 1;
        match named(there, &field.name) {
            Some(theirs) if theirs.dtype == field.dtype => matched += 1,
            Some(theirs) => words.push(format!(
                "`{}` is {} here and {} there",
                field.name, field.dtype, theirs.dtype
            )),
            None => words.push(format!("`{}` is here only", field.name)),
        }
    }
    for field in there.iter().filter(|f| named(here, &f.name).is_none()) {
        columns += 1;
        words.push(format!("`{}` is there only", field.name));
    }
    let ratio = (columns > 0).then(|| f64::from(matched) / f64::from(columns));
    let count = |n: u32| Some(Scalar::Int(Integer(i128::from(n))));
    state.values = vec![
        ("ratio".to_owned(), ratio.map(Scalar::Float)),
        ("matched".to_owned(), count(matched)),
        ("columns".to_owned(), count(columns)),
    ];
    state.detail = if words.is_empty() {
        "no difference".to_owned()
    } else {
        words.join("; ")
    };
}
