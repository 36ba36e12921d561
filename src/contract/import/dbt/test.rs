//! One data test: its name, its arguments, its configuration.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, words};
use super::threshold::Threshold;
use super::{entry, expectations, generic, get, is_jinja, one_column, plain, utils};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::Place;
use std::cell::RefCell;

/// One data test of a column or a model.
pub(super) struct Test<'a> {
    /// Its name, with the package: `dbt_utils.accepted_range`.
    pub(super) name: String,
    node: &'a Node,
    place: &'a Place,
    column: Option<Node>,
    args: Vec<&'a (Key, Node)>,
    body: Option<&'a Node>,
    notes: RefCell<Vec<String>>,
}

/// Keys of a test that are no arguments of its query.
const CONFIG: &[&str] = &[
    "config",
    "arguments",
    "name",
    "description",
    "tags",
    "meta",
    "severity",
    "warn_if",
    "error_if",
    "where",
    "limit",
    "store_failures",
    "store_failures_as",
    "enabled",
    "fail_calc",
    "alias",
    "schema",
    "database",
    "test_name",
    "column_name",
    "docs",
    "group",
];

impl<'a> Test<'a> {
    /// Reads `- not_null`, `- name: {arguments}` or `- {test_name: name, ..}`.
    pub(super) fn of(node: &'a Node, column: Option<&Node>) -> Result<Self, Refused> {
        let (name, place, body): (&str, &Place, Option<&'a Node>) = match &node.value {
            Value::Text(name) => (name, &node.place, None),
            Value::Map(_) if get(node, "test_name").is_some() => {
                let name = get(node, "test_name").ok_or_else(|| Refused::Empty(String::new()))?;
                (words(name, "test_name")?, &name.place, Some(node))
            }
            Value::Map(entries) => match &entries[..] {
                [(key, body)] => (&key.name, &key.place, Some(body)),
                // `- not_null:` with its configuration at the same depth.
                [(key, body), ..] if body.value == Value::Null => {
                    (&key.name, &key.place, Some(node))
                }
                [(key, body), rest @ ..]
                    if rest.iter().all(|(k, _)| CONFIG.contains(&&*k.name)) =>
                {
                    (&key.name, &key.place, Some(body))
                }
                _ => return Err(Refused::kind(node, "a test", "one name with its arguments")),
            },
            _ => {
                return Err(Refused::kind(
                    node,
                    "a test",
                    "a name, or a name with its arguments",
                ));
            }
        };
        if is_jinja(name) {
            return Err(Refused::Dropped("its name holds Jinja".to_owned()));
        }
        if let Some(body) = body
            && !matches!(body.value, Value::Map(_) | Value::Null)
        {
            return Err(Refused::kind(body, name, "a mapping of arguments"));
        }
        let mut test = Self {
            name: name.to_owned(),
            node,
            place,
            column: column.cloned(),
            args: Vec::new(),
            body,
            notes: RefCell::new(Vec::new()),
        };
        test.args = test.arguments();
        if test.column.is_none()
            && let Some(named) = test.option("column_name")
        {
            let written = plain(named, "column_name")?;
            let name = one_column(written).ok_or_else(|| {
                Refused::Dropped(format!(
                    "`column_name: {written}` is an expression, not a column"
                ))
            });
            test.column = Some(build::text(&named.place, name?));
        }
        Ok(test)
    }

    fn arguments(&self) -> Vec<&'a (Key, Node)> {
        let of = |node: Option<&'a Node>| match node.map(|n| &n.value) {
            Some(Value::Map(entries)) => entries.iter().collect(),
            _ => Vec::new(),
        };
        let mut found: Vec<&(Key, Node)> = of(self.body.and_then(|b| get(b, "arguments")));
        found.extend(of(self.body));
        let given = |e: &&(Key, Node)| {
            !CONFIG.contains(&&*e.0.name) && e.1.value != Value::Null && e.0.name != self.name
        };
        found.into_iter().filter(given).collect()
    }

    /// A key of the configuration: below `config`, beside the arguments, or beside the name.
    fn option(&self, key: &str) -> Option<&'a Node> {
        let inside = self.body.and_then(|b| {
            get(b, key)
                .or_else(|| get(get(b, "config")?, key))
                .or_else(|| get(get(b, "arguments")?, key).filter(|_| key == "column_name"))
        });
        inside
            .or_else(|| get(self.node, key))
            .or_else(|| get(get(self.node, "config")?, key))
    }

    /// The node of the test, where its coverage stands.
    pub(super) fn at(&self) -> &'a Node {
        self.node
    }

    /// Where its name stands.
    pub(super) fn place(&self) -> &'a Place {
        self.place
    }

    /// The test in its own words.
    pub(super) fn what(&self) -> String {
        match &self.column {
            Some(column) => format!("{} of {}", self.name, column.value),
            None => self.name.clone(),
        }
    }

    /// An argument.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        let found = self.args.iter().find(|(k, _)| k.name == name);
        found.map(|(_, v)| v)
    }

    /// An argument that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&'a Node, Refused> {
        self.get(name)
            .ok_or_else(|| Refused::missing(self.place, &format!("`{}`", self.name), name))
    }

    /// The column that it is about.
    pub(super) fn column(&self) -> Result<&Node, Refused> {
        let needs = || Refused::missing(self.place, &format!("`{}`", self.name), "column_name");
        self.column.as_ref().ok_or_else(needs)
    }

    /// The column, where it is about one.
    pub(super) fn any_column(&self) -> Option<&Node> {
        self.column.as_ref()
    }

    /// Refuses arguments that are not among these: they would be left out in silence.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refused> {
        match self.args.iter().find(|(k, _)| !known.contains(&&*k.name)) {
            Some((key, _)) => Err(Refused::Dropped(format!(
                "its argument `{}` has no counterpart",
                key.name
            ))),
            None => Ok(()),
        }
    }

    /// Says what differs from the original.
    pub(super) fn note(&self, text: &str) {
        self.notes.borrow_mut().push(text.to_owned());
    }

    /// What differs from the original.
    pub(super) fn said(&self) -> Option<String> {
        let notes = self.notes.borrow();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// How many failing rows mean what.
    pub(super) fn threshold(&self) -> Result<Threshold, Refused> {
        Threshold::read(|key| self.option(key))
    }

    /// What the test promises, with its configuration.
    pub(super) fn promises(&self) -> Reading {
        if self
            .option("enabled")
            .is_some_and(|n| n.value == Value::Bool(false))
        {
            return Err(Refused::Empty("it is not enabled".to_owned()));
        }
        if let Some(node) = self.option("fail_calc")
            && words(node, "fail_calc")? != "count(*)"
        {
            return Err(Refused::Dropped(
                "`fail_calc` counts something else than failing rows".to_owned(),
            ));
        }
        for (key, node) in &self.args {
            if let Value::Text(text) = &node.value
                && is_jinja(text)
                && generic::referred(text).is_none()
            {
                return Err(Refused::Dropped(format!(
                    "`{}` holds Jinja, which only dbt can evaluate",
                    key.name
                )));
            }
        }
        let promises = self.held()?;
        let mut found = Vec::new();
        for promise in promises {
            found.push(self.configured(promise)?);
        }
        Ok(found)
    }

    fn held(&self) -> Reading {
        let (package, name) = match self.name.split_once('.') {
            Some((package, name)) => (package, name),
            None => ("dbt", self.name.as_str()),
        };
        match package {
            "dbt" => generic::read(self, name),
            "dbt_utils" => utils::read(self, name),
            "dbt_expectations" => expectations::read(self, name),
            other => Err(Refused::Dropped(format!(
                "tests of the package `{other}` are not known here"
            ))),
        }
    }

    /// Adds `where`, the thresholds, and that no row passes.
    fn configured(&self, promise: Promise) -> Result<Promise, Refused> {
        let promise = match self.option("where") {
            Some(node) if promise.reads_rows() => {
                promise.only_at(plain(node, "where")?, &node.place)
            }
            Some(_) => {
                return Err(Refused::Dropped(
                    "`where` of a test that reads no rows".to_owned(),
                ));
            }
            None => promise,
        };
        let threshold = self.threshold()?;
        let promise = if promise.counts_rows() {
            threshold.of(promise)?
        } else if threshold.is_plain() {
            threshold.severe(promise)
        } else {
            return Err(Refused::Dropped(
                "its check counts no failing rows, as the thresholds want".to_owned(),
            ));
        };
        let promise = if promise.takes_on_empty() {
            promise.text("on_empty", "pass")
        } else {
            promise
        };
        let said = self
            .option("description")
            .filter(|n| matches!(&n.value, Value::Text(t) if !is_jinja(t)));
        Ok(promise.maybe("description", said.cloned()))
    }

    /// The arguments with the column among them, as Great Expectations names it.
    pub(super) fn kwargs(&self) -> Vec<(Key, Node)> {
        let mut found: Vec<(Key, Node)> = self.args.iter().map(|e| (*e).clone()).collect();
        if let Some(column) = &self.column {
            found.push(entry("column", column.clone()));
        }
        found
    }
}
