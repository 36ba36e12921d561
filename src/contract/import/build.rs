//! A native contract as a tree whose places point into the foreign file, built key by key.

use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::Place;

/// A node with a value at a place.
#[must_use]
pub fn node(place: &Place, value: Value) -> Node {
    Node {
        value,
        place: place.clone(),
    }
}

/// A text at a place.
pub fn text(place: &Place, text: impl Into<String>) -> Node {
    node(place, Value::Text(text.into()))
}

/// `true` or `false` at a place.
#[must_use]
pub fn flag(place: &Place, value: bool) -> Node {
    node(place, Value::Bool(value))
}

/// A whole number at a place.
pub fn int(place: &Place, value: impl Into<i128>) -> Node {
    node(place, Value::Int(value.into()))
}

/// A number at a place: a whole one where it is one.
#[must_use]
pub fn number(place: &Place, value: f64) -> Node {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    let value = if value.fract() == 0.0 && value.abs() < 9e15 {
        Value::Int(value as i128)
    } else {
        Value::Float(value)
    };
    node(place, value)
}

/// A list at a place.
#[must_use]
pub fn list(place: &Place, items: Vec<Node>) -> Node {
    node(place, Value::List(items))
}

/// A list of texts at a place.
pub fn texts<T: Into<String>>(place: &Place, items: impl IntoIterator<Item = T>) -> Node {
    list(place, items.into_iter().map(|t| text(place, t)).collect())
}

/// A mapping at a place; each key stands where its value does.
#[must_use]
pub fn map(place: &Place, entries: Vec<(&str, Node)>) -> Node {
    let key = |(name, value): (&str, Node)| {
        let key = Key {
            name: name.to_owned(),
            place: value.place.clone(),
        };
        (key, value)
    };
    node(place, Value::Map(entries.into_iter().map(key).collect()))
}

/// `- check: {arguments}` at a place, which is where later problems and outcomes point; without arguments just `- check`.
#[must_use]
pub fn expectation(place: &Place, check: &str, args: Vec<(&str, Node)>) -> Node {
    if args.is_empty() {
        return text(place, check);
    }
    let key = Key {
        name: check.to_owned(),
        place: place.clone(),
    };
    node(place, Value::Map(vec![(key, map(place, args))]))
}

/// Keys of a column as people write them.
const COLUMN_KEYS: &[&str] = &[
    "type",
    "required",
    "nullable",
    "unique",
    "environments",
    "role",
    "pii",
    "description",
    "examples",
    "tags",
];

/// Keys of a contract as people write them.
const CONTRACT_KEYS: &[&str] = &[
    "version",
    "dataset",
    "description",
    "owner",
    "contract_version",
    "tags",
    "environments",
    "key",
    "extra_columns",
];

/// The keys in the order given; others follow as they were set.
fn in_order(mut keys: Vec<(&'static str, Node)>, order: &[&str]) -> Vec<(&'static str, Node)> {
    keys.sort_by_key(|(key, _)| order.iter().position(|k| k == key).unwrap_or(order.len()));
    keys
}

/// One column on its way into a native contract.
#[derive(Debug, Clone)]
pub struct ColumnDraft {
    /// Name or path, at its place.
    pub name: Node,
    /// Keys in the order in which they are written; `expect` is not among them.
    keys: Vec<(&'static str, Node)>,
    /// Expectations about it.
    pub expect: Vec<Node>,
    /// What it means that no column matches, where the name is a pattern.
    on_no_match: Option<&'static str>,
}

impl ColumnDraft {
    /// A column by name.
    pub fn new(place: &Place, name: impl Into<String>) -> Self {
        Self {
            name: text(place, name),
            keys: Vec::new(),
            expect: Vec::new(),
            on_no_match: None,
        }
    }

    /// Makes it an entry about every column that its name, a pattern, matches: `fail` or `pass` where there is none.
    pub fn open(&mut self, on_no_match: &'static str) {
        self.on_no_match = Some(on_no_match);
    }

    /// Whether its name is a pattern.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.on_no_match.is_some()
    }

    /// Sets a key of a native column, such as `type`; a key given again replaces the first.
    pub fn set(&mut self, key: &'static str, value: Node) -> &mut Self {
        self.keys.retain(|(k, _)| *k != key);
        self.keys.push((key, value));
        self
    }

    /// Takes a key back.
    pub fn unset(&mut self, key: &str) {
        self.keys.retain(|(k, _)| *k != key);
    }

    /// The value of a key that was set.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.keys.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// Adds an expectation; `column` need not be among its arguments.
    pub fn expect(&mut self, place: &Place, check: &str, args: Vec<(&str, Node)>) -> &mut Self {
        self.expect.push(expectation(place, check, args));
        self
    }

    fn into_node(self) -> Node {
        let place = self.name.place.clone();
        let mut entries = match self.on_no_match {
            None => vec![("name", self.name)],
            Some(word) => vec![("columns", self.name), ("on_no_match", text(&place, word))],
        };
        entries.extend(in_order(self.keys, COLUMN_KEYS));
        if !self.expect.is_empty() {
            entries.push(("expect", list(&place, self.expect)));
        }
        map(&place, entries)
    }
}

/// A native contract on its way.
#[derive(Debug, Clone)]
pub struct ContractDraft {
    place: Place,
    keys: Vec<(&'static str, Node)>,
    /// Columns in file order.
    pub columns: Vec<ColumnDraft>,
    /// Expectations about the dataset.
    pub expect: Vec<Node>,
}

impl ContractDraft {
    /// An empty contract that stands at a place.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            place: place.clone(),
            keys: vec![("version", int(place, 1))],
            columns: Vec::new(),
            expect: Vec::new(),
        }
    }

    /// Sets a key of a native contract, such as `description`; a key given again replaces the first.
    pub fn set(&mut self, key: &'static str, value: Node) -> &mut Self {
        self.keys.retain(|(k, _)| *k != key);
        self.keys.push((key, value));
        self
    }

    /// Adds an expectation about the dataset.
    pub fn expect(&mut self, place: &Place, check: &str, args: Vec<(&str, Node)>) -> &mut Self {
        self.expect.push(expectation(place, check, args));
        self
    }

    /// The column of a name.
    pub fn column(&mut self, name: &str) -> Option<&mut ColumnDraft> {
        let is = |c: &&mut ColumnDraft| c.name.value == Value::Text(name.to_owned());
        self.columns.iter_mut().find(is)
    }

    /// The column of a name, made at `place` where there is none yet.
    ///
    /// # Panics
    /// Never: the column is there.
    pub fn column_or_new(&mut self, place: &Place, name: &str) -> &mut ColumnDraft {
        if self.column(name).is_none() {
            self.columns.push(ColumnDraft::new(place, name));
        }
        self.column(name).expect("it was just added")
    }

    /// The tree that the native reader takes.
    #[must_use]
    pub fn into_node(self) -> Node {
        let mut entries = in_order(self.keys, CONTRACT_KEYS);
        let place = self.place;
        if !self.columns.is_empty() {
            let at = self.columns[0].name.place.clone();
            let columns = self.columns.into_iter().map(ColumnDraft::into_node);
            entries.push(("columns", list(&at, columns.collect())));
        }
        if !self.expect.is_empty() {
            let at = self.expect[0].place.clone();
            entries.push(("expect", list(&at, self.expect)));
        }
        map(&place, entries)
    }
}
