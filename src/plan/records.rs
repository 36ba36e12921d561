//! Lists of records: values of several columns that belong together, as arguments.

use super::bind::{LikeColumn, scalar};
use crate::catalogue::argument::Arg;
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::scalar::Scalar;

/// Records with a value, or null, for each column of the argument `columns`, in the types of these columns.
pub(super) fn records(items: &[Node], like: &LikeColumn, problems: &mut Problems) -> Option<Arg> {
    let columns = like.args.columns("columns");
    let read: Vec<Option<_>> = items
        .iter()
        .map(|item| record(item, &columns, like, problems))
        .collect();
    read.into_iter()
        .collect::<Option<Vec<_>>>()
        .map(Arg::Records)
}

fn record(
    node: &Node,
    columns: &[String],
    like: &LikeColumn,
    problems: &mut Problems,
) -> Option<Vec<Option<Scalar>>> {
    let Value::List(values) = &node.value else {
        problems.wrong_type(node, "a record", "a list of values, one for each column");
        return None;
    };
    if values.len() != columns.len() {
        let what = format!(
            "a record of {} for {}",
            crate::diagnostic::plural(values.len() as u64, "value"),
            crate::diagnostic::plural(columns.len() as u64, "column")
        );
        problems.add(
            Diagnostic::new("wrong-record", what)
                .at(&node.place, "too few or too many")
                .help(format!("give one value for each of {}", columns.join(", "))),
        );
        return None;
    }
    let one = |(value, column): (&Node, &String), problems: &mut Problems| match value.value {
        Value::Null => Some(None),
        _ => scalar(value, like.dtype_of(column), column, problems).map(Some),
    };
    let pairs = values.iter().zip(columns);
    pairs.map(|pair| one(pair, problems)).collect()
}
