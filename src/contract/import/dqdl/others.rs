//! `AggregateMatch` and `DatasetMatch`: rules that hold the dataset against another one, called by its alias.
//!
//! Source: the reference of DQDL and Deequ's `DatasetMatchAnalyzer`, from memory.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, allowed};
use super::parse::Rule;
use super::rules::{bounds, only, param};
use crate::config::tree::Node;
use crate::scalar::number_text;
use crate::sql;

/// An aggregate of one column: `sum(orders.amount)`.
struct Aggregate {
    function: &'static str,
    /// The dataset's alias; none for the primary one.
    dataset: Option<String>,
    column: String,
}

impl Aggregate {
    fn read(node: &Node) -> Result<Self, Refused> {
        let text = node.value.to_string();
        let unread = || Refused::Dropped(format!("`{text}` is no `avg` or `sum` of a column"));
        let (function, rest) = text.trim().split_once('(').ok_or_else(unread)?;
        let inner = rest.trim_end().strip_suffix(')').ok_or_else(unread)?.trim();
        let function = match function.trim().to_lowercase().as_str() {
            "avg" => "AVG",
            "sum" => "SUM",
            _ => return Err(unread()),
        };
        let (dataset, column) = match inner.split_once('.') {
            Some((dataset, column)) => (Some(dataset.trim()), column.trim()),
            None => (None, inner),
        };
        let column = column.trim_matches('"');
        if column.is_empty() || column.contains(['(', ')', ' ']) {
            return Err(unread());
        }
        Ok(Self {
            function,
            dataset: dataset
                .filter(|d| !d.eq_ignore_ascii_case("primary"))
                .map(str::to_owned),
            column: column.to_owned(),
        })
    }

    fn sql(&self) -> String {
        format!("{}({})", self.function, sql::identifier(&self.column))
    }
}

/// The aggregate here over the aggregate there, as the condition wants it.
pub(super) fn aggregate(rule: &Rule) -> Reading {
    only(rule, 2)?;
    let (mine, theirs) = (
        param(rule, 0, "an aggregate in quotes")?,
        param(rule, 1, "an aggregate of the other dataset in quotes")?,
    );
    let (here, there) = (Aggregate::read(&mine)?, Aggregate::read(&theirs)?);
    let (None, Some(dataset)) = (&here.dataset, &there.dataset) else {
        return Err(Refused::Dropped(
            "only an aggregate of the dataset itself over one of another dataset is held"
                .to_owned(),
        ));
    };
    let (min, max) = match &rule.condition {
        None => (Some(1.0), Some(1.0)),
        Some(_) => bounds(rule)?,
    };
    if min == Some(1.0) && max == Some(1.0) {
        let promise = Promise::new("aggregate_matches", &rule.place)
            .with("expr", build::text(&mine.place, here.sql()))
            .with("dataset", build::text(&theirs.place, dataset))
            .with("their_expr", build::text(&theirs.place, there.sql()));
        return Ok(vec![promise]);
    }
    // The ratio without a division: multiplied out on the side of the number there.
    let side = |sign: &str, low: &str, high: &str| {
        let low = min.map(|v| format!(" AND \"here\" {low} {} * \"there\"", number_text(v)));
        let high = max.map(|v| format!(" AND \"here\" {high} {} * \"there\"", number_text(v)));
        let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
        format!("(\"there\" {sign} 0{low}{high})")
    };
    let query = format!(
        "WITH mine AS (SELECT {} AS \"here\" FROM data), theirs AS (SELECT {} AS \"there\" FROM {}) \
         SELECT \"here\", \"there\" FROM mine CROSS JOIN theirs WHERE NOT COALESCE({} OR {}, FALSE)",
        here.sql(),
        there.sql(),
        sql::identifier(dataset),
        side(">", ">=", "<="),
        side("<", "<=", ">="),
    );
    Ok(vec![
        Promise::new("returns_no_rows", &rule.place).text("query", &query),
    ])
}

/// `a->b, c` as the names here, where the other dataset has the same.
fn same_names(node: &Node) -> Result<Vec<String>, Refused> {
    let text = node.value.to_string();
    let mut found = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (mine, theirs) = pair.split_once("->").unwrap_or((pair, pair));
        if mine.trim() != theirs.trim() {
            return Err(Refused::Dropped(format!(
                "`{pair}`: a column that the other dataset calls otherwise"
            )));
        }
        found.push(mine.trim().to_owned());
    }
    if found.is_empty() {
        return Err(Refused::value(node, "the parameter", "names of columns"));
    }
    Ok(found)
}

/// Every row has a partner with the same values.
pub(super) fn dataset(rule: &Rule) -> Reading {
    only(rule, 3)?;
    let (other, keys) = (
        param(rule, 0, "the alias of another dataset")?,
        param(rule, 1, "key columns in quotes")?,
    );
    let names = same_names(&keys)?;
    let Some((text, place)) = rule.params.get(2) else {
        return Err(Refused::Dropped(
            "it compares every column of the two: name them as the third parameter".to_owned(),
        ));
    };
    let compared = build::text(place, text);
    let promise = Promise::new("dataset_matches", &rule.place)
        .with("keys", build::texts(&keys.place, names))
        .with("dataset", other)
        .with("columns", build::texts(place, same_names(&compared)?));
    let (min, max) = match &rule.condition {
        None => (Some(1.0), None),
        Some(_) => bounds(rule)?,
    };
    if max.is_some_and(|m| m < 1.0) {
        return Err(Refused::Dropped(
            "a share that too many rows could hold".to_owned(),
        ));
    }
    Ok(vec![match allowed(min.unwrap_or(0.0)) {
        share if share > 0.0 && share <= 1.0 => promise.number("max_failing_ratio", share),
        _ => promise,
    }])
}
