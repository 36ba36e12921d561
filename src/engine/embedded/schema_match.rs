//! `schema_matches`: the columns of a dataset against those of another one.

use super::source::Dataset;
use crate::measure::{State, Unable};
use crate::plan::Planned;
use crate::scalar::{Integer, Scalar};
use crate::types::Field;
use std::collections::BTreeMap;

/// Differences that are named.
const TOLD: usize = 20;

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
    let (ours, theirs) = (by_name(here), by_name(there));
    let (mut matched, mut columns, mut words) = (0_u32, 0_u32, Vec::new());
    for field in here {
        columns += 1;
        match theirs.get(field.name.as_str()) {
            Some(theirs) if theirs.dtype == field.dtype => matched += 1,
            Some(theirs) => words.push(format!(
                "`{}` is {} here and {} there",
                field.name, field.dtype, theirs.dtype
            )),
            None => words.push(format!("`{}` is here only", field.name)),
        }
    }
    for field in there.iter().filter(|f| !ours.contains_key(f.name.as_str())) {
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
        told(&words)
    };
}

fn by_name(fields: &[Field]) -> BTreeMap<&str, &Field> {
    fields.iter().map(|f| (f.name.as_str(), f)).collect()
}

/// The first differences, and how many more there are.
fn told(words: &[String]) -> String {
    let shown = words.len().min(TOLD);
    let more = match words.len() - shown {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    words[..shown].join("; ") + &more
}

#[cfg(test)]
mod tests {
    use super::{TOLD, told};

    #[test]
    fn what_differs_is_told_in_bounds() {
        let words: Vec<String> = (0..5_000).map(|i| format!("`c{i}` is here only")).collect();
        assert_eq!(told(&words[..2]), "`c0` is here only; `c1` is here only");
        let many = told(&words);
        assert!(many.ends_with("is here only; and 4980 more"), "{many}");
        assert_eq!(many.matches("here only").count(), TOLD);
    }
}
