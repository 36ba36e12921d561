//! Promises on their way from another tool's rule to a native expectation, and what can become of a rule.

use super::build;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// One check with its arguments, on its way into a native contract.
#[derive(Debug, Clone)]
pub(super) struct Promise {
    /// Id of the check.
    check: &'static str,
    place: Place,
    args: Vec<(&'static str, Node)>,
    filters: Vec<String>,
    filtered_at: Option<Place>,
}

impl Promise {
    /// A check that is promised where `place` is; problems and outcomes point there.
    pub(super) fn new(check: &'static str, place: &Place) -> Self {
        Self {
            check,
            place: place.clone(),
            args: Vec::new(),
            filters: Vec::new(),
            filtered_at: None,
        }
    }

    /// A check of one column.
    pub(super) fn of(check: &'static str, place: &Place, column: &Node) -> Self {
        Self::new(check, place).with("column", column.clone())
    }

    /// A boolean SQL expression that holds for every row; null is what `nulls` says: `pass` or `fail`.
    pub(super) fn holds(place: &Place, sql: &str, nulls: &str) -> Self {
        let promise = Self::new("expression", place).text("expr", sql);
        match nulls {
            "pass" => promise,
            other => promise.text("nulls", other),
        }
    }

    /// An argument with a value of the foreign file.
    pub(super) fn with(mut self, name: &'static str, value: Node) -> Self {
        self.args.retain(|(n, _)| *n != name);
        self.args.push((name, value));
        self
    }

    /// An argument where there is one.
    pub(super) fn maybe(self, name: &'static str, value: Option<Node>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A text argument.
    pub(super) fn text(self, name: &'static str, value: &str) -> Self {
        let node = build::text(&self.place, value);
        self.with(name, node)
    }

    /// A number.
    pub(super) fn number(self, name: &'static str, value: f64) -> Self {
        let node = build::number(&self.place, value);
        self.with(name, node)
    }

    /// A whole number.
    pub(super) fn whole(self, name: &'static str, value: i128) -> Self {
        let node = build::int(&self.place, value);
        self.with(name, node)
    }

    /// `true` or `false`.
    pub(super) fn flag(self, name: &'static str, value: bool) -> Self {
        let node = build::flag(&self.place, value);
        self.with(name, node)
    }

    /// Only rows where this SQL is true; conditions given one after the other must all be.
    pub(super) fn only(mut self, sql: impl Into<String>) -> Self {
        self.filters.push(sql.into());
        self
    }

    /// Only rows where a condition of the foreign file is true.
    pub(super) fn only_at(mut self, sql: impl Into<String>, place: &Place) -> Self {
        self.filters.push(sql.into());
        self.filtered_at = Some(place.clone());
        self
    }

    /// Id of its check.
    pub(super) fn check(&self) -> &'static str {
        self.check
    }

    /// Whether its check reads rows, so that `where` narrows them.
    pub(super) fn reads_rows(&self) -> bool {
        !NO_ROWS.contains(&self.check)
    }

    /// Whether its check counts failing rows, so that `max_failing` and `warn_at` apply.
    pub(super) fn counts_rows(&self) -> bool {
        self.reads_rows() && !ONE_NUMBER.contains(&self.check) && !self.counts_all()
    }

    /// Whether its number is that of all rows, so that `on_empty` does not apply.
    pub(super) fn counts_all(&self) -> bool {
        ALL_ROWS.contains(&self.check)
    }

    /// The native expectation.
    pub(super) fn into_node(mut self) -> Node {
        let filter = match &self.filters[..] {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(
                several
                    .iter()
                    .map(|f| format!("({f})"))
                    .collect::<Vec<_>>()
                    .join(" AND "),
            ),
        };
        if let Some(filter) = filter {
            let at = self.filtered_at.as_ref().unwrap_or(&self.place);
            self.args.push(("where", build::text(at, filter)));
        }
        build::expectation(&self.place, self.check, self.args)
    }
}

/// Checks that importers name and that read no row. A test holds these lists against the catalogue.
const NO_ROWS: &[&str] = &["columns_match", "column_type"];

/// Those that judge the number of all rows.
const ALL_ROWS: &[&str] = &["row_count", "row_count_matches"];

/// Those that judge one number of a column or a dataset instead of its rows.
const ONE_NUMBER: &[&str] = &[
    "at_least_one",
    "data_fresh",
    "distinct_count",
    "distinct_values",
    "max_between",
    "mean_between",
    "median_between",
    "min_between",
    "no_constant",
    "non_null_ratio",
    "quantile_between",
    "stddev_between",
    "sum_between",
    "value_between",
];

/// Why a rule does not become promises.
#[derive(Debug)]
pub(super) enum Refused {
    /// The rule is wrong in itself: the file is not read.
    Wrong(Diagnostic),
    /// Nothing here holds it; the reason.
    Dropped(String),
    /// It promises nothing that data could break; why.
    Empty(String),
}

impl Refused {
    /// A value of another kind than the rule takes.
    pub(super) fn kind(node: &Node, name: &str, wanted: &str) -> Self {
        Self::wrong(node, name, &format!("must be {wanted}"), &found(node))
    }

    /// A value that the rule does not take.
    pub(super) fn value(node: &Node, name: &str, bound: &str) -> Self {
        Self::wrong(
            node,
            name,
            &format!("must be {bound}, not {}", node.value),
            "not allowed",
        )
    }

    fn wrong(node: &Node, name: &str, what: &str, label: &str) -> Self {
        let problem = Diagnostic::new("wrong-value", format!("`{name}` {what}"));
        Self::Wrong(problem.at(&node.place, label))
    }

    /// A value that is not given.
    pub(super) fn missing(place: &Place, of: &str, name: &str) -> Self {
        let problem = Diagnostic::new("missing-key", format!("{of} needs `{name}`"));
        Self::Wrong(problem.at(place, format!("`{name}` is not given")))
    }
}

fn found(node: &Node) -> String {
    format!("found {}", node.value.kind())
}

/// What a rule becomes: promises, or why not.
pub(super) type Reading = Result<Vec<Promise>, Refused>;

/// Share of failing rows that is allowed where at least `share` of them must keep the promise.
///
/// Unit: 0 to 1. The difference is rounded to twelve digits after the point: `1 - 0.8` is 0.2, so that one row of five may fail.
pub(super) fn allowed(share: f64) -> f64 {
    ((1.0 - share) * 1e12).round() / 1e12
}

/// The node as a finite number.
pub(super) fn finite(node: &Node, name: &str) -> Result<f64, Refused> {
    match node.value.scalar().and_then(|v| v.number()) {
        Some(v) if v.is_finite() && !matches!(node.value, Value::Text(_)) => Ok(v),
        _ => Err(Refused::kind(node, name, "a finite number")),
    }
}

/// The node as a share of 0 to 1.
pub(super) fn share(node: &Node, name: &str) -> Result<f64, Refused> {
    let value = finite(node, name)?;
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Refused::value(
        node,
        name,
        "0 or more, and less than or equal to 1",
    ))
}

/// The node as a whole number, also where it is written as `4.0`.
pub(super) fn whole(node: &Node, name: &str) -> Result<i128, Refused> {
    match node.value {
        Value::Int(v) => Ok(v),
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        Value::Float(v) if v.fract() == 0.0 && v.abs() < 9e15 => Ok(v as i128),
        _ => Err(Refused::kind(node, name, "a whole number")),
    }
}

/// The node as text.
pub(super) fn words<'a>(node: &'a Node, name: &str) -> Result<&'a str, Refused> {
    match &node.value {
        Value::Text(text) => Ok(text),
        _ => Err(Refused::kind(node, name, "text")),
    }
}

/// The node as a list.
pub(super) fn items<'a>(node: &'a Node, name: &str) -> Result<&'a [Node], Refused> {
    match &node.value {
        Value::List(items) => Ok(items),
        _ => Err(Refused::kind(node, name, "a list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_agree_with_the_catalogue() {
        let catalogue = crate::catalogue::load::load(&[]).unwrap();
        for check in &catalogue.checks {
            let id: &'static str = Box::leak(check.id.clone().into_boxed_str());
            let file = std::sync::Arc::clone(&check.file);
            let place = Place {
                file,
                line: 1,
                column: 1,
                length: 1,
            };
            let promise = Promise::new(id, &place);
            let listed = [NO_ROWS, ALL_ROWS, ONE_NUMBER]
                .iter()
                .any(|l| l.contains(&id));
            let same = promise.reads_rows() == check.takes("where")
                && promise.counts_rows() == check.takes("max_failing")
                && (promise.reads_rows() && !promise.counts_all()) == check.takes("on_empty");
            assert!(same || (!listed && !NAMED.contains(&id)), "{id}");
        }
        let ids: Vec<&str> = catalogue.ids().collect();
        for id in [NO_ROWS, ALL_ROWS, ONE_NUMBER, NAMED].concat() {
            assert!(ids.contains(&id) || SOON.contains(&id), "{id}");
        }
    }

    /// The other checks that importers name.
    const NAMED: &[&str] = &[
        "between",
        "compare",
        "consistent_casing",
        "decreasing",
        "expression",
        "foreign_key",
        "format",
        "in_set",
        "increasing",
        "length",
        "matches",
        "mutually_exclusive_ranges",
        "not_blank",
        "not_empty",
        "not_in_set",
        "not_matches",
        "not_null",
        "parses_as",
        "primary_key",
        "returns_no_rows",
        "unique_key",
        "value_counts_match",
    ];
    const SOON: &[&str] = &[
        "consistent_casing",
        "not_empty",
        "at_least_one",
        "non_null_ratio",
    ];

    #[test]
    fn what_may_fail_is_the_rest() {
        let cases = [
            (0.8, 0.2),
            (0.7, 0.3),
            (0.9, 0.1),
            (0.95, 0.05),
            (0.999, 0.001),
            (1.0, 0.0),
            (0.0, 1.0),
        ];
        for (share, rest) in cases {
            assert!((allowed(share) - rest).abs() < f64::MIN_POSITIVE, "{share}");
        }
    }
}
