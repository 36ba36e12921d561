//! Reading mappings field by field: every wrong, missing or unknown key becomes a problem, and reading goes on.

use super::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};

/// Problems found so far; reading collects them all before anything stops.
#[derive(Debug, Default)]
pub struct Problems(pub Vec<Diagnostic>);

impl Problems {
    /// Adds one problem.
    pub fn add(&mut self, problem: Diagnostic) {
        self.0.push(problem);
    }

    /// Adds "this must be …, found …" at `node`.
    pub fn wrong_type(&mut self, node: &Node, name: &str, wanted: &str) {
        self.add(
            Diagnostic::new("wrong-type", format!("{} must be {wanted}", quoted(name)))
                .at(&node.place, format!("found {}", node.value.kind())),
        );
    }
}

/// A key in backticks; what is named in words already stays as it is.
fn quoted(name: &str) -> String {
    if name.contains([' ', '`']) {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}

/// One mapping being read.
pub struct Fields<'a> {
    entries: &'a [(Key, Node)],
    place: &'a Place,
    what: &'a str,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Starts reading `node`; a problem when it is not a mapping.
    pub fn of(node: &'a Node, what: &'a str, problems: &mut Problems) -> Option<Self> {
        if let Value::Map(entries) = &node.value {
            Some(Self {
                entries,
                place: &node.place,
                what,
                known: Vec::new(),
            })
        } else {
            problems.wrong_type(node, what, "a mapping");
            None
        }
    }

    /// Where the mapping stands.
    #[must_use]
    pub fn place(&self) -> &'a Place {
        self.place
    }

    /// The value of `key`; `null` counts as absent.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, v)| v)
            .filter(|v| v.value != Value::Null)
    }

    /// The value of `key`; a problem when it is absent.
    pub fn require(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.add(
                Diagnostic::new("missing-key", format!("{} needs `{key}`", self.what))
                    .at(self.place, format!("`{key}` is not given")),
            );
        }
        found
    }

    /// Text of `key`.
    pub fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<String> {
        let node = self.get(key)?;
        text(node, key, problems)
    }

    /// Boolean of `key`.
    pub fn boolean(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(key)?;
        if let Value::Bool(v) = node.value {
            Some(v)
        } else {
            problems.wrong_type(node, key, "true or false");
            None
        }
    }

    /// Number of `key`.
    pub fn number(&mut self, key: &'static str, problems: &mut Problems) -> Option<f64> {
        let node = self.get(key)?;
        number(node, key, problems)
    }

    /// Whole number of `key`, 0 or more.
    pub fn count(&mut self, key: &'static str, problems: &mut Problems) -> Option<u64> {
        let node = self.get(key)?;
        if let Value::Int(v) = node.value
            && let Ok(v) = u64::try_from(v)
        {
            Some(v)
        } else {
            problems.wrong_type(node, key, "a whole number, 0 or more");
            None
        }
    }

    /// Items of the list `key`; a single value counts as a list of one.
    pub fn list(&mut self, key: &'static str) -> &'a [Node] {
        match self.get(key) {
            None => &[],
            Some(node) => match &node.value {
                Value::List(items) => items,
                _ => std::slice::from_ref(node),
            },
        }
    }

    /// Texts of the list `key`; a single text counts as a list of one.
    pub fn texts(&mut self, key: &'static str, problems: &mut Problems) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(|item| text(item, key, problems))
            .collect()
    }

    /// Entries of the mapping `key` in file order.
    pub fn entries(&mut self, key: &'static str, problems: &mut Problems) -> &'a [(Key, Node)] {
        match self.get(key) {
            None => &[],
            Some(node) => {
                if let Value::Map(entries) = &node.value {
                    entries
                } else {
                    problems.wrong_type(node, key, "a mapping");
                    &[]
                }
            }
        }
    }

    /// One of a closed set of words, by `parse`.
    pub fn word<T>(
        &mut self,
        key: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.get(key)?;
        let word = text(node, key, problems)?;
        let parsed = parse(&word);
        if parsed.is_none() {
            problems.add(
                Diagnostic::new("unknown-value", format!("`{key}` cannot be `{word}`"))
                    .at(&node.place, "not known")
                    .help(listing("values", &word, words.iter().copied())),
            );
        }
        parsed
    }

    /// Ends reading: every key that nothing asked for is a problem, and every key without a value.
    pub fn finish(self, problems: &mut Problems) {
        for (key, node) in self.entries {
            if node.value == Value::Null {
                // What was meant is missing, and nobody would see it.
                problems.add(
                    Diagnostic::new("empty-key", format!("`{}` has no value", key.name))
                        .at(&key.place, "nothing is given")
                        .help("give a value, or remove the key"),
                );
            }
            if !self.known.contains(&key.name.as_str()) {
                problems.add(
                    Diagnostic::new(
                        "unknown-key",
                        format!("{} has no key `{}`", self.what, key.name),
                    )
                    .at(&key.place, "not known")
                    .help(listing(
                        "keys",
                        &key.name,
                        self.known.iter().copied(),
                    )),
                );
            }
        }
    }
}

/// The node as text; numbers and booleans are refused so that `version: 1.10` is never misread.
pub fn text(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    if let Value::Text(v) = &node.value {
        Some(v.clone())
    } else {
        problems.wrong_type(node, name, "text (quote it if it looks like a number)");
        None
    }
}

/// The name of a variable of the environment whose value leaves the program, as a header or for a command: never that of
/// the key that signs.
pub fn variable(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    let written = text(node, name, problems)?;
    may_leave(&written, &node.place, problems).then_some(written)
}

/// Whether a variable may leave the program; a problem is added where it may not.
pub fn may_leave(variable: &str, place: &Place, problems: &mut Problems) -> bool {
    // Names of variables are the same in both cases of letters on Windows.
    let secret = variable
        .trim()
        .eq_ignore_ascii_case(crate::evidence::named::SIGNING_VARIABLE);
    if secret {
        let what = format!("`{variable}` holds the key that signs, and is handed to nobody");
        problems.add(
            Diagnostic::new("secret-variable", what)
                .at(place, "named here")
                .help("name another variable; the key is for `tollgate run --sign` and `tollgate sign` only"),
        );
    }
    !secret
}

/// The node as a finite number.
pub fn number(node: &Node, name: &str, problems: &mut Problems) -> Option<f64> {
    match node.value.scalar().and_then(|v| v.number()) {
        Some(v) if v.is_finite() => Some(v),
        _ => {
            problems.wrong_type(node, name, "a finite number");
            None
        }
    }
}
