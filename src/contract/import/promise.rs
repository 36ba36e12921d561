//! Promises on their way from another tool's rule to a native expectation, and what can become of a rule.

use super::build;
use crate::catalogue::Catalogue;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use std::sync::OnceLock;

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

    /// Where it stands.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether its check reads rows, so that `where` narrows them.
    pub(super) fn reads_rows(&self) -> bool {
        takes(self.check, "where")
    }

    /// Whether its check counts failing rows, so that `max_failing` and `warn_at` apply.
    pub(super) fn counts_rows(&self) -> bool {
        takes(self.check, "max_failing")
    }

    /// Whether there is something to say of no rows at all.
    pub(super) fn takes_on_empty(&self) -> bool {
        takes(self.check, "on_empty")
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

/// What the built-in checks take of the arguments that all expectations share, by id.
fn takes(check: &str, argument: &str) -> bool {
    static CATALOGUE: OnceLock<Option<Catalogue>> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(|| crate::catalogue::load::load(&[]).ok());
    let found = catalogue
        .as_ref()
        .and_then(|c| c.checks.iter().find(|c| c.id == check));
    // What is not known is refused when it is planned.
    found.is_none_or(|c| c.takes(argument))
}

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
    fn checks_are_asked_what_they_take() {
        assert!(takes("not_null", "where") && takes("not_null", "max_failing"));
        assert!(!takes("column_exists", "where") && !takes("column_exists", "on_empty"));
        assert!(takes("mean_between", "on_empty") && !takes("mean_between", "max_failing"));
        assert!(takes("row_count", "where") && !takes("row_count", "on_empty"));
    }

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
