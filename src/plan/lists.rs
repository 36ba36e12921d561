//! Arguments that are lists: columns, texts, patterns, values, records, expressions.

use super::bind::{LikeColumn, column_exists, one_of, regex, scalar};
use crate::catalogue::argument::Arg;
use crate::catalogue::{Param, ParamKind};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::scalar::Scalar;

/// The list for a parameter that takes one; a single value counts as a list of one, except of values and records.
pub(super) fn list(
    param: &Param,
    node: &Node,
    like: &LikeColumn,
    problems: &mut Problems,
) -> Option<Arg> {
    let may_be_empty = param.default.as_ref().is_some_and(|d| items(d).is_empty());
    let least = if may_be_empty { 0 } else { param.least };
    if items(node).len() < least {
        let least = match least {
            1 => "one".to_owned(),
            least => least.to_string(),
        };
        problems.wrong_type(node, &param.name, &format!("a list of {least} or more"));
        return None;
    }
    match (&param.kind, &node.value) {
        (ParamKind::Columns, _) => {
            let names = texts(node, &param.name, problems)?;
            let known = names
                .iter()
                .all(|name| column_exists(name, node, like.scope, problems));
            known.then_some(Arg::Columns(names))
        }
        (ParamKind::Texts, _) => texts(node, &param.name, problems).map(Arg::Texts),
        (ParamKind::Regexes, _) => regexes(node, &param.name, problems),
        (ParamKind::Expressions, _) => texts(node, &param.name, problems).map(Arg::Expressions),
        (ParamKind::Words(words), _) => words_of(words, param, node, problems),
        (ParamKind::Values, Value::List(items)) => items
            .iter()
            .map(|item| scalar(item, like.dtype(), &param.name, problems))
            .collect::<Option<Vec<_>>>()
            .map(Arg::Scalars),
        (ParamKind::Records, Value::List(items)) => records(items, like, problems),
        (kind, _) => {
            let wanted = format!("{} ({})", kind.word(), param.doc);
            problems.wrong_type(node, &param.name, &wanted);
            None
        }
    }
}

/// Items of a list; one value counts as a list of one.
fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Records with a value, or null, for each column of the argument `columns`, in the types of these columns.
fn records(items: &[Node], like: &LikeColumn, problems: &mut Problems) -> Option<Arg> {
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

/// Words of a closed set.
fn words_of(words: &[String], param: &Param, node: &Node, problems: &mut Problems) -> Option<Arg> {
    let word = |item: &Node, problems: &mut Problems| {
        let word = crate::config::fields::text(item, &param.name, problems)?;
        one_of(words, &word, param, item, problems).map(|_| word)
    };
    let found: Option<Vec<String>> = items(node)
        .iter()
        .map(|item| word(item, problems))
        .collect();
    found.map(Arg::Texts)
}

/// Patterns, each of which parses.
fn regexes(node: &Node, name: &str, problems: &mut Problems) -> Option<Arg> {
    let patterns = texts(node, name, problems)?;
    let mut read = patterns.iter().zip(items(node));
    let all = read.all(|(pattern, item)| regex(pattern, item, problems).is_some());
    all.then_some(Arg::Texts(patterns))
}

/// Texts of a list.
pub(super) fn texts(node: &Node, name: &str, problems: &mut Problems) -> Option<Vec<String>> {
    items(node)
        .iter()
        .map(|item| crate::config::fields::text(item, name, problems))
        .collect()
}
