//! One mapping of a foreign file, read key by key: what is of the wrong type is a problem, what nobody asked for is told.

use super::Coverage;
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, did_you_mean};
use std::cell::RefCell;

/// A mapping being read.
#[derive(Debug)]
pub struct Keys<'a> {
    entries: &'a [(Key, Node)],
    /// Where it stands.
    pub place: &'a Place,
    what: String,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Keys<'a> {
    /// Starts reading; a problem where `node` is no mapping.
    pub fn of(node: &'a Node, what: impl Into<String>, problems: &mut Problems) -> Option<Self> {
        let what = what.into();
        let Value::Map(entries) = &node.value else {
            problems.wrong_type(node, &what, "a mapping");
            return None;
        };
        Some(Self {
            entries,
            place: &node.place,
            what,
            known: RefCell::default(),
        })
    }

    /// The value of a key; null counts as absent.
    pub fn get(&self, key: &'static str) -> Option<&'a Node> {
        self.known.borrow_mut().push(key);
        let found = self.entries.iter().find(|(k, _)| k.name == key);
        found.map(|(_, v)| v).filter(|v| v.value != Value::Null)
    }

    /// The value of a key that must be there; a problem where it is not.
    pub fn require(&self, key: &'static str, problems: &mut Problems) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            let what = format!("{} needs `{key}`", self.what);
            problems.add(
                Diagnostic::new("missing-key", what)
                    .at(self.place, format!("`{key}` is not given")),
            );
        }
        found
    }

    /// Text of a key, with its place; a problem where it is something else.
    pub fn text(&self, key: &'static str, problems: &mut Problems) -> Option<(&'a str, &'a Place)> {
        let node = self.get(key)?;
        let text = super::text_of(node);
        if text.is_none() {
            problems.wrong_type(node, key, "text");
        }
        text.map(|t| (t, &node.place))
    }

    /// Boolean of a key, with its place; a problem where it is something else.
    pub fn flag(&self, key: &'static str, problems: &mut Problems) -> Option<(bool, &'a Place)> {
        let node = self.get(key)?;
        if let Value::Bool(v) = node.value {
            return Some((v, &node.place));
        }
        problems.wrong_type(node, key, "true or false");
        None
    }

    /// Whole number of a key, 0 or more, with its place; a problem where it is something else.
    pub fn count(&self, key: &'static str, problems: &mut Problems) -> Option<(u64, &'a Place)> {
        let node = self.get(key)?;
        let count = match node.value {
            Value::Int(v) => u64::try_from(v).ok(),
            _ => None,
        };
        if count.is_none() {
            problems.wrong_type(node, key, "a whole number, 0 or more");
        }
        count.map(|c| (c, &node.place))
    }

    /// Finite number of a key, with its place; a problem where it is something else.
    pub fn number(&self, key: &'static str, problems: &mut Problems) -> Option<(f64, &'a Place)> {
        let node = self.get(key)?;
        let number = node.value.scalar().and_then(|v| v.number());
        let number = number.filter(|v| v.is_finite());
        if number.is_none() {
            problems.wrong_type(node, key, "a finite number");
        }
        number.map(|n| (n, &node.place))
    }

    /// Items of a list; a problem where it is something else.
    pub fn list(&self, key: &'static str, problems: &mut Problems) -> &'a [Node] {
        match self.get(key).map(|n| (n, &n.value)) {
            None => &[],
            Some((_, Value::List(items))) => items,
            Some((node, _)) => {
                problems.wrong_type(node, key, "a list");
                &[]
            }
        }
    }

    /// Items of a list, or the value itself where it is none.
    pub fn one_or_more(&self, key: &'static str) -> &'a [Node] {
        match self.get(key) {
            None => &[],
            Some(node) => match &node.value {
                Value::List(items) => items,
                _ => std::slice::from_ref(node),
            },
        }
    }

    /// Keys that hold no rule: nobody asks for them, and they are no surprise.
    pub fn ignore(&self, keys: &[&'static str]) {
        self.known.borrow_mut().extend(keys);
    }

    /// Keys with a value that nobody asked for.
    pub fn rest(&self) -> impl Iterator<Item = &'a (Key, Node)> {
        let known = self.known.borrow().clone();
        let unknown = move |entry: &&(Key, Node)| !known.contains(&entry.0.name.as_str());
        self.entries
            .iter()
            .filter(unknown)
            .filter(|(_, v)| v.value != Value::Null)
    }

    /// Every key that nobody asked for is a rule that is not held: what was meant may be a slip of the pen.
    pub fn finish(self, form: &str, coverage: &mut Coverage) {
        for (key, _) in self.rest() {
            let known = self.known.borrow();
            let near = did_you_mean(&key.name, known.iter().copied());
            let meant = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            let reason = format!("{form} has no such key{meant}");
            coverage.dropped(
                &key.place,
                format!("`{}` of {}", key.name, self.what),
                reason,
            );
        }
    }
}
