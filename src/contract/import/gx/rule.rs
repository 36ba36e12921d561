//! One expectation of a suite and its keyword arguments, suite parameters filled in.

use super::super::promise::{Promise, Reading, Refused, allowed, finite, items, share, words};
use super::condition;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::sql;
use std::cell::RefCell;

/// One expectation of a suite.
pub(super) struct Rule<'a> {
    /// Its type in snake case, such as `expect_column_to_exist`.
    pub(super) kind: String,
    /// Where the type stands.
    pub(super) place: &'a Place,
    kwargs: &'a [(Key, Node)],
    /// Values of the suite's parameters.
    parameters: &'a [(Key, Node)],
    known: RefCell<Vec<&'static str>>,
    /// What differs from the original.
    notes: RefCell<Vec<String>>,
}

/// Arguments that say how results are shown, or where the data is; they promise nothing.
const SILENT: &[&str] = &[
    "result_format",
    "catch_exceptions",
    "include_config",
    "meta",
    "batch_id",
    "batch",
    "table",
    "auto",
    "profiler_config",
    "id",
    "notes",
    "rendered_content",
    "output_strftime_format",
    "windows",
    "return_unexpected_index_query",
    "unexpected_rows_table",
];

impl<'a> Rule<'a> {
    pub(super) fn new(
        kind: &str,
        place: &'a Place,
        kwargs: &'a [(Key, Node)],
        parameters: &'a [(Key, Node)],
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            place,
            kwargs,
            parameters,
            known: RefCell::new(Vec::new()),
            notes: RefCell::new(Vec::new()),
        }
    }

    /// The value of an argument; `null` counts as absent, a suite parameter as its value.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&'a Node>, Refused> {
        self.known.borrow_mut().push(name);
        let found = self.kwargs.iter().find(|(k, _)| k.name == name);
        let Some((_, node)) = found.filter(|(_, v)| v.value != Value::Null) else {
            return Ok(None);
        };
        match parameter(node) {
            Some((named, given)) => self.parameter(named, given).map(Some),
            None => Ok(Some(node)),
        }
    }

    /// The text of a suite parameter as it is written, where the argument is one.
    pub(super) fn parameter_of(&self, name: &str) -> Option<(&'a str, &'a Node)> {
        let (_, node) = self.kwargs.iter().find(|(k, _)| k.name == name)?;
        parameter(node).map(|(named, _)| (named, node))
    }

    fn parameter(&self, named: &'a str, given: Option<&'a Node>) -> Result<&'a Node, Refused> {
        let suite = self.parameters.iter().find(|(k, _)| k.name == named);
        let found = suite.map(|(_, v)| v).or(given);
        found.filter(|v| v.value != Value::Null).ok_or_else(|| {
            Refused::Dropped(format!(
                "the suite parameter `{named}` has no value in this file"
            ))
        })
    }

    /// An argument that must be there.
    pub(super) fn need(&self, name: &'static str) -> Result<&'a Node, Refused> {
        self.get(name)?
            .ok_or_else(|| Refused::missing(self.place, &self.kind, name))
    }

    /// The column of a column expectation.
    pub(super) fn column(&self) -> Result<&'a Node, Refused> {
        self.column_named("column")
    }

    /// A column by the argument that names it.
    pub(super) fn column_named(&self, name: &'static str) -> Result<&'a Node, Refused> {
        let node = self.need(name)?;
        words(node, name).map(|_| node)
    }

    /// Columns of a list, each a text.
    pub(super) fn columns(&self) -> Result<(&'a Node, Vec<&'a str>), Refused> {
        let node = self.need("column_list")?;
        let names = items(node, "column_list")?;
        let names = names.iter().map(|n| words(n, "column_list"));
        let names: Vec<&str> = names.collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err(Refused::kind(node, "column_list", "a list of one or more"));
        }
        Ok((node, names))
    }

    /// `true` or `false`; `false` where nothing is given.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Refused> {
        match self.get(name)? {
            None => Ok(false),
            Some(node) => match node.value {
                Value::Bool(value) => Ok(value),
                _ => Err(Refused::kind(node, name, "true or false")),
            },
        }
    }

    /// A number.
    pub(super) fn finite(&self, name: &'static str) -> Result<Option<f64>, Refused> {
        self.get(name)?.map(|n| finite(n, name)).transpose()
    }

    /// Text.
    pub(super) fn words(&self, name: &'static str) -> Result<Option<&'a str>, Refused> {
        self.get(name)?.map(|n| words(n, name)).transpose()
    }

    /// Share of rows that must keep the promise; 1 where nothing is given.
    pub(super) fn mostly(&self) -> Result<f64, Refused> {
        match self.get("mostly")? {
            None => Ok(1.0),
            Some(node) => share(node, "mostly"),
        }
    }

    /// Says what differs from the original.
    pub(super) fn note(&self, text: impl Into<String>) {
        self.notes.borrow_mut().push(text.into());
    }

    /// What differs from the original, in one text.
    pub(super) fn said(&self) -> Option<String> {
        let notes = self.notes.borrow();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// Adds the rows that the expectation is about.
    pub(super) fn filtered(&self, promise: Promise) -> Result<Promise, Refused> {
        let parser = self.words("condition_parser")?;
        let Some(node) = self.get("row_condition")? else {
            return Ok(promise);
        };
        let sql = condition::sql(node, parser, self.place)?;
        Ok(promise.only_at(sql, &node.place))
    }

    /// What a column map expectation is besides its check: of the values that are there, `mostly` of them, no row passes.
    pub(super) fn mapped(&self, promise: Promise, column: &Node) -> Result<Promise, Refused> {
        let promise = if self.mostly()? < 1.0 {
            promise.only(present(column))
        } else {
            promise
        };
        self.rows(promise)
    }

    /// What every map expectation is besides its check: `mostly` of the rows looked at, no row passes.
    pub(super) fn rows(&self, promise: Promise) -> Result<Promise, Refused> {
        let mostly = self.mostly()?;
        let promise = self.filtered(promise)?.text("on_empty", "pass");
        Ok(if mostly < 1.0 {
            promise.number("max_failing_ratio", allowed(mostly))
        } else {
            promise
        })
    }

    /// What an aggregate is besides its check: without a row it fails.
    pub(super) fn aggregate(&self, promise: Promise) -> Reading {
        Ok(vec![self.filtered(promise)?.text("on_empty", "fail")])
    }

    /// An argument that nothing here reads.
    pub(super) fn left_over(&self) -> Option<&'a Key> {
        let known = self.known.borrow();
        let unread = |k: &&Key| !known.contains(&&*k.name) && !SILENT.contains(&&*k.name);
        let given = self.kwargs.iter().filter(|(_, v)| v.value != Value::Null);
        given.map(|(k, _)| k).find(unread)
    }
}

/// `column IS NOT NULL`.
pub(super) fn present(column: &Node) -> String {
    format!("{} IS NOT NULL", quoted(column))
}

/// The column as an SQL identifier.
pub(super) fn quoted(column: &Node) -> String {
    match &column.value {
        Value::Text(name) => sql::identifier(name),
        other => sql::identifier(&other.to_string()),
    }
}

/// `{"$PARAMETER": NAME}`, and the value that older suites keep beside it.
fn parameter(node: &Node) -> Option<(&str, Option<&Node>)> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let (_, named) = entries.iter().find(|(k, _)| k.name == "$PARAMETER")?;
    let Value::Text(named) = &named.value else {
        return None;
    };
    let beside = format!("$PARAMETER.{named}");
    let given = entries.iter().find(|(k, _)| k.name == beside);
    Some((named, given.map(|(_, v)| v)))
}

/// A problem at a place.
pub(super) fn wrong(place: &Place, message: impl Into<String>, label: &str) -> Refused {
    Refused::Wrong(Diagnostic::new("wrong-value", message).at(place, label))
}
