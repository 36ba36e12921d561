//! `columns:` as a pattern: which columns of a dataset one written expectation, or one entry of `columns`, is about.

use super::type_pattern;
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::types::{Field, TypePattern};
use regex::Regex;

/// Columns named by patterns, by type, or by both.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Names and patterns in the order written; none where only a type is given.
    names: Vec<NamePattern>,
    /// Types, any of which a column must have; none where the type does not matter.
    types: Vec<TypePattern>,
    /// Names and patterns of columns that are left out.
    except: Vec<NamePattern>,
    /// As written, for ids and reports: `amount_*`, `number except id`.
    pub written: String,
    /// Where it stands.
    pub place: Place,
}

/// A column's name, or a pattern of names.
#[derive(Debug, Clone)]
pub struct NamePattern {
    /// As written.
    pub written: String,
    /// What a name must match as a whole; `None` where it is one name.
    glob: Option<Regex>,
    /// Where it stands.
    place: Place,
}

impl NamePattern {
    /// Reads a name or a pattern; `None` where its brackets do not close.
    ///
    /// `*` is any run of characters, the point of a nested field's path among them, `?` one character, `[abc]`, `[a-z]`
    /// and `[!a-z]` one of these or none of these; `[*]` is a star itself. Upper and lower case differ.
    #[must_use]
    pub fn read(written: &str, place: &Place) -> Option<Self> {
        Some(Self {
            written: written.to_owned(),
            glob: if is_pattern(written) {
                Some(glob(written)?)
            } else {
                None
            },
            place: place.clone(),
        })
    }

    /// Whether it may stand for several names.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.glob.is_some()
    }

    /// Whether a name matches as a whole.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.glob
            .as_ref()
            .map_or(self.written == name, |g| g.is_match(name))
    }
}

/// Whether a text holds a character that makes it a pattern.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The pattern as a regular expression over the whole text; `None` where brackets do not close.
#[must_use]
pub fn glob(pattern: &str) -> Option<Regex> {
    let mut source = String::from("(?s)^");
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => source.push_str(".*"),
            '?' => source.push('.'),
            '[' => {
                let inner: String = rest.clone().take_while(|c| *c != ']').collect();
                let closes = rest.clone().nth(inner.chars().count()) == Some(']');
                if inner.is_empty() || inner == "!" || !closes {
                    return None;
                }
                rest.nth(inner.chars().count());
                source.push_str(&class(&inner));
            }
            c => source.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    source.push('$');
    Regex::new(&source).ok()
}

/// What stands between brackets, as a class of a regular expression.
fn class(inner: &str) -> String {
    let (open, inner) = match inner.strip_prefix('!') {
        Some(rest) => ("[^", rest),
        None => ("[", inner),
    };
    let one = |c: char| match c {
        '-' => "-".to_owned(),
        c => regex::escape(c.encode_utf8(&mut [0; 4])),
    };
    let inner: String = inner.chars().map(one).collect();
    format!("{open}{inner}]")
}

impl Selection {
    /// Reads a name, a pattern, a list of these, or a mapping of `name`, `type` and `except`; `None` when a problem was
    /// added.
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let before = problems.0.len();
        let (names, types, except) = match &node.value {
            Value::Map(_) => mapping(node, problems)?,
            Value::List(items) => (patterns(items, problems), Vec::new(), Vec::new()),
            _ => (
                patterns(std::slice::from_ref(node), problems),
                Vec::new(),
                Vec::new(),
            ),
        };
        if names.is_empty() && types.is_empty() && problems.0.len() == before {
            problems.wrong_type(
                node,
                "columns",
                "a name, a pattern, a list of these, or a mapping with `name` or `type`",
            );
        }
        let found = Self {
            written: written(&names, &types, &except),
            names,
            types,
            except,
            place: node.place.clone(),
        };
        (problems.0.len() == before).then_some(found)
    }

    /// Names and patterns as written, where nothing else is asked of a column.
    #[must_use]
    pub fn by_name_alone(&self) -> Vec<String> {
        let alone = self.types.is_empty() && self.except.is_empty();
        let names = self.names.iter().filter(|_| alone);
        names.map(|p| p.written.clone()).collect()
    }

    /// Names of the columns that it is about, each once: by name in the order written, by pattern and by type in the
    /// order of the data.
    ///
    /// A name without a pattern is among them whether the data has it or not, unless a type is asked of it too. A column
    /// of nulls only has every type.
    #[must_use]
    pub fn among(&self, columns: &[Field]) -> Vec<String> {
        let typed =
            |f: &&Field| self.types.is_empty() || self.types.iter().any(|t| t.accepts(&f.dtype));
        let kept = |name: &str| !self.except.iter().any(|e| e.matches(name));
        let mut found: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if kept(name) && !found.iter().any(|f| f == name) {
                found.push(name.to_owned());
            }
        };
        if self.names.is_empty() {
            columns.iter().filter(typed).for_each(|f| add(&f.name));
        }
        for pattern in &self.names {
            if !pattern.is_open() && self.types.is_empty() {
                add(&pattern.written);
            }
            let matching = columns.iter().filter(|f| pattern.matches(&f.name));
            matching.filter(typed).for_each(|f| add(&f.name));
        }
        found
    }

    /// Patterns that match no column at all, whatever its type.
    #[must_use]
    pub fn idle(&self, columns: &[Field]) -> Vec<&str> {
        let matches = |p: &&NamePattern| columns.iter().any(|f| p.matches(&f.name));
        let open = self.names.iter().filter(|p| p.is_open());
        open.filter(|p| !matches(p))
            .map(|p| p.written.as_str())
            .collect()
    }

    /// Where the name that stands for a column is written.
    #[must_use]
    pub fn place_of(&self, column: &str) -> &Place {
        let mut names = self.names.iter();
        names
            .find(|p| p.matches(column))
            .map_or(&self.place, |p| &p.place)
    }
}

type Parts = (Vec<NamePattern>, Vec<TypePattern>, Vec<NamePattern>);

fn mapping(node: &Node, problems: &mut Problems) -> Option<Parts> {
    let mut fields = Fields::of(node, "columns", problems)?;
    let names = patterns(fields.list("name"), problems);
    let mut types = Vec::new();
    for node in fields.list("type") {
        if let Some(name) = text(node, "type", problems) {
            types.extend(type_pattern(&name, node, problems));
        }
    }
    let except = patterns(fields.list("except"), problems);
    fields.finish(problems);
    Some((names, types, except))
}

fn patterns(items: &[Node], problems: &mut Problems) -> Vec<NamePattern> {
    let read = |node: &Node| {
        let written = text(node, "columns", problems)?;
        let found = NamePattern::read(&written, &node.place);
        if found.is_none() || written.is_empty() {
            problems.add(
                Diagnostic::new(
                    "wrong-pattern",
                    format!("`{written}` is no pattern of column names"),
                )
                .at(&node.place, "here")
                .help("`*` is any text, `?` one character, `[a-z]` one of these, `[*]` a star itself; close every bracket"),
            );
            return None;
        }
        found
    };
    items.iter().filter_map(read).collect()
}

fn written(names: &[NamePattern], types: &[TypePattern], except: &[NamePattern]) -> String {
    let list = |all: &[NamePattern]| {
        let all: Vec<&str> = all.iter().map(|p| p.written.as_str()).collect();
        all.join(", ")
    };
    let mut parts = Vec::new();
    if !names.is_empty() {
        parts.push(list(names));
    }
    if !types.is_empty() {
        let types: Vec<String> = types.iter().map(ToString::to_string).collect();
        parts.push(format!("type {}", types.join(" or ")));
    }
    if !except.is_empty() {
        parts.push(format!("except {}", list(except)));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let is = |pattern: &str, name: &str| glob(pattern).unwrap().is_match(name);
        assert!(is("amount_*", "amount_net") && is("amount_*", "amount_"));
        assert!(!is("amount_*", "an_amount_net") && !is("amount_*", "Amount_net"));
        assert!(is("q?", "q1") && !is("q?", "q10") && is("q[1-4]", "q4") && !is("q[1-4]", "q5"));
        assert!(
            is("q[!1-4]", "q5") && !is("q[!1-4]", "q4") && is("a[*]", "a*") && !is("a[*]", "ab")
        );
        assert!(is("address.*", "address.city") && !is("a.c", "abc") && is("*", "any\nthing"));
        assert!(is("[^a]", "^") && is("[^a]", "a") && is("[&&~]", "&"));
        for open in ["a[", "a[]", "a[!]", "[z-a]"] {
            assert!(glob(open).is_none(), "{open}");
        }
    }
}
