//! Schemas that stand under a choice or a condition, as an SQL condition on one row: true where the row is valid.
//!
//! A key that is null counts as one that is not there, as everywhere in this form, so that a keyword about its value
//! holds. Every part of a condition is true or false, and never null: `NOT` and `OR` mean what they mean in the schema.
//!
//! Source: JSON Schema 2020-12, Core section 10.2 and Validation section 6; `dependencies` of draft 7.

use super::super::computed;
use super::super::ecma;
use super::super::form::get;
use super::super::text_of;
use super::METADATA;
use super::reference::{DEEPEST, pointed};
use crate::config::tree::{Key, Node, Value};
use crate::scalar::number_text;
use crate::sql;
use std::collections::BTreeSet;

/// Parts of a condition at most: a schema that refers to itself twice at every step would be without end.
const MOST: usize = 2_000;

/// Bytes of a condition at most.
const LONGEST: usize = 1 << 16;

/// A schema that is read as a condition.
struct Predicate<'a> {
    root: &'a Node,
    parts: usize,
    /// Whether one of them was that a value is null.
    null: bool,
    /// Columns that are held against numbers.
    numbers: BTreeSet<String>,
}

/// SQL, or why there is none.
type Said = Result<String, String>;

/// The condition that a row keeps the choices and conditions which one key of it says: `anyOf`, `not`, `if` with its branches.
///
/// Errors: the keyword that no condition here says, in one sentence without a full stop.
pub(super) fn of_keyword(root: &Node, entries: &[(Key, Node)], key: &str) -> Said {
    let mut all = Predicate::new(root);
    let said = all.choice(entries, key, &mut |all, schema| all.object(schema, 1))?;
    Ok(all.whole(said))
}

/// The condition that a row keeps what depends on keys that it has: `dependentSchemas`, `dependencies`.
///
/// Errors: as for [`of_keyword`].
pub(super) fn of_dependent(root: &Node, node: &Node) -> Said {
    let mut parts = Vec::new();
    let mut all = Predicate::new(root);
    all.dependent(node, 0, &mut parts)?;
    Ok(all.whole(all_of(parts)))
}

/// The same as [`of_keyword`] for the value of a column.
///
/// Errors: as for [`of_keyword`].
pub(super) fn of_column_keyword(
    root: &Node,
    entries: &[(Key, Node)],
    key: &str,
    column: &str,
) -> Said {
    let mut all = Predicate::new(root);
    let own = all.choice_of_value(entries, key, &mut |all, schema| {
        all.value(schema, column, 1)
    })?;
    let name = sql::identifier(column);
    Ok(all.whole(format!("({name} IS NULL OR {own})")))
}

fn all_of(parts: Vec<String>) -> String {
    joined(parts, " AND ", "TRUE")
}

fn joined(parts: Vec<String>, word: &str, none: &str) -> String {
    match &parts[..] {
        [] => none.to_owned(),
        [one] => one.clone(),
        several => format!("({})", several.join(word)),
    }
}

fn entry<'a>(entries: &'a [(Key, Node)], key: &str) -> Option<&'a Node> {
    entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v)
}

fn items<'a>(node: &'a Node, key: &str) -> Result<&'a [Node], String> {
    match &node.value {
        Value::List(items) if !items.is_empty() => Ok(items),
        _ => Err(format!("`{key}` is no list of one or more")),
    }
}

fn unsaid(key: &str) -> String {
    format!("`{key}` cannot be said as a condition on a row")
}

/// Keywords about the size of a number.
const OF_NUMBERS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

/// Keywords that are read by [`Predicate::choice`], beside those that belong to `if`.
const CHOICES: [&str; 5] = ["allOf", "anyOf", "oneOf", "not", "if"];

impl<'a> Predicate<'a> {
    fn new(root: &'a Node) -> Self {
        Self {
            root,
            parts: 0,
            null: false,
            numbers: BTreeSet::new(),
        }
    }

    /// The whole condition: NaN is no number that a schema could allow.
    fn whole(&self, said: String) -> String {
        let numbers = self.numbers.iter().map(|name| computed::no_nan(name));
        all_of(std::iter::once(said).chain(numbers).collect())
    }

    /// A choice on a value that is not null.
    ///
    /// Errors: also where it depends on whether the value is null: a key that is not there is null as well here.
    fn choice_of_value(
        &mut self,
        entries: &'a [(Key, Node)],
        key: &str,
        one: &mut dyn FnMut(&mut Self, &'a Node) -> Said,
    ) -> Said {
        let before = std::mem::take(&mut self.null);
        let said = self.choice(entries, key, one)?;
        if self.null && !matches!(key, "anyOf" | "allOf") {
            return Err(format!(
                "`{key}` asks whether the value is null, which a key that is not there is as well"
            ));
        }
        self.null |= before;
        Ok(said)
    }

    /// The keywords of a schema.
    ///
    /// Errors: what is no schema, and more of them than are read.
    fn entries(&mut self, schema: &'a Node, depth: usize) -> Result<Entries<'a>, String> {
        self.parts += 1;
        if self.parts > MOST || depth > DEEPEST {
            return Err("it has too many parts, or is nested too deeply".to_owned());
        }
        match &schema.value {
            Value::Bool(true) => Ok(Entries::Whole("TRUE")),
            Value::Bool(false) => Ok(Entries::Whole("FALSE")),
            Value::Map(entries) => Ok(Entries::Keys(entries)),
            _ => Err("a schema is no mapping of keywords".to_owned()),
        }
    }

    /// What a reference names.
    fn referred(&self, node: &'a Node) -> Result<&'a Node, String> {
        let path = text_of(node).and_then(|r| r.strip_prefix('#'));
        path.and_then(|p| pointed(self.root, p))
            .ok_or_else(|| "its `$ref` leads to nothing in this file".to_owned())
    }

    /// The condition on a row.
    fn object(&mut self, schema: &'a Node, depth: usize) -> Said {
        let entries = match self.entries(schema, depth)? {
            Entries::Whole(word) => return Ok(word.to_owned()),
            Entries::Keys(entries) => entries,
        };
        let mut parts = Vec::new();
        for (key, node) in entries {
            match key.name.as_str() {
                "$ref" => {
                    let schema = self.referred(node)?;
                    parts.push(self.object(schema, depth + 1)?);
                }
                "type" if text_of(node) == Some("object") => {}
                "properties" => self.properties(node, "", depth, &mut parts)?,
                "required" => parts.extend(required(node)?),
                "dependentRequired" | "dependentSchemas" | "dependencies" => {
                    self.dependent(node, depth, &mut parts)?;
                }
                key if CHOICES.contains(&key) => {
                    let one = &mut |all: &mut Self, schema: &'a Node| all.object(schema, depth + 1);
                    parts.push(self.choice(entries, key, one)?);
                }
                "then" | "else" => {}
                key if METADATA.contains(&key) => {}
                key => return Err(unsaid(key)),
            }
        }
        Ok(all_of(parts))
    }

    fn properties(
        &mut self,
        node: &'a Node,
        path: &str,
        depth: usize,
        parts: &mut Vec<String>,
    ) -> Result<(), String> {
        let Value::Map(properties) = &node.value else {
            return Err("`properties` is no mapping".to_owned());
        };
        for (key, schema) in properties {
            parts.push(self.value(schema, &below(path, &key.name), depth + 1)?);
        }
        Ok(())
    }

    /// What must hold where a key is there.
    fn dependent(
        &mut self,
        node: &'a Node,
        depth: usize,
        parts: &mut Vec<String>,
    ) -> Result<(), String> {
        let Value::Map(entries) = &node.value else {
            return Err("what depends on a key is no mapping".to_owned());
        };
        for (key, wanted) in entries {
            let then = match &wanted.value {
                Value::List(_) => all_of(required(wanted)?),
                _ => self.object(wanted, depth + 1)?,
            };
            let name = sql::identifier(&key.name);
            parts.push(format!("({name} IS NULL OR {then})"));
        }
        Ok(())
    }

    /// `allOf`, `anyOf`, `oneOf`, `not`, and `if` with `then` and `else`; `one` reads a schema among them.
    ///
    /// Errors: also where the condition would become too long: each `if` says its condition twice.
    fn choice(
        &mut self,
        entries: &'a [(Key, Node)],
        key: &str,
        one: &mut dyn FnMut(&mut Self, &'a Node) -> Said,
    ) -> Said {
        let said = self.chosen(entries, key, one)?;
        if said.len() > LONGEST {
            return Err("it has too many parts, or is nested too deeply".to_owned());
        }
        Ok(said)
    }

    fn chosen(
        &mut self,
        entries: &'a [(Key, Node)],
        key: &str,
        one: &mut dyn FnMut(&mut Self, &'a Node) -> Said,
    ) -> Said {
        let node = entry(entries, key).ok_or_else(|| unsaid(key))?;
        match key {
            "not" => Ok(format!("NOT ({})", one(self, node)?)),
            "if" => {
                let condition = one(self, node)?;
                let mut branch = |key| match entry(entries, key) {
                    Some(schema) => one(self, schema).map(Some),
                    None => Ok(None),
                };
                let then = branch("then")?.map(|then| format!("(NOT ({condition}) OR {then})"));
                let other = branch("else")?.map(|other| format!("({condition} OR {other})"));
                Ok(all_of(then.into_iter().chain(other).collect()))
            }
            _ => {
                let mut parts = Vec::new();
                for schema in items(node, key)? {
                    parts.push(one(self, schema)?);
                }
                Ok(match key {
                    "allOf" => all_of(parts),
                    "anyOf" => joined(parts, " OR ", "FALSE"),
                    _ => {
                        let count = |p: &String| format!("CASE WHEN {p} THEN 1 ELSE 0 END");
                        let counts: Vec<String> = parts.iter().map(count).collect();
                        format!("(({}) = 1)", counts.join(" + "))
                    }
                })
            }
        }
    }

    /// The condition on the value of a column.
    fn value(&mut self, schema: &'a Node, column: &str, depth: usize) -> Said {
        let entries = match self.entries(schema, depth)? {
            Entries::Whole("TRUE") => return Ok("TRUE".to_owned()),
            Entries::Whole(_) => return Ok(format!("{} IS NULL", sql::identifier(column))),
            Entries::Keys(entries) => entries,
        };
        let name = sql::identifier(column);
        let mut parts = Vec::new();
        for (key, node) in entries {
            let own = match key.name.as_str() {
                "$ref" => {
                    let schema = self.referred(node)?;
                    parts.push(self.value(schema, column, depth + 1)?);
                    continue;
                }
                // An object: its keys are columns by path, and whether it is there itself is none.
                "properties" => {
                    self.properties(node, column, depth, &mut parts)?;
                    continue;
                }
                key if CHOICES.contains(&key) => {
                    let one = &mut |all: &mut Self, schema: &'a Node| {
                        all.value(schema, column, depth + 1)
                    };
                    self.choice_of_value(entries, key, one)?
                }
                "then" | "else" => continue,
                key if METADATA.contains(&key) => continue,
                "type" => match self.kind(node, column)? {
                    Some(own) => own,
                    None => continue,
                },
                key => {
                    let null = |v: &Node| v.value == Value::Null;
                    self.null |= match key {
                        "const" => null(node),
                        "enum" => items(node, key)?.iter().any(null),
                        _ => false,
                    };
                    if OF_NUMBERS.contains(&key) {
                        self.numbers.insert(name.clone());
                    }
                    keyword(key, node, &name)?
                }
            };
            parts.push(if own.is_empty() {
                format!("{name} IS NULL")
            } else {
                format!("({name} IS NULL OR {own})")
            });
        }
        Ok(all_of(parts))
    }

    /// A type inside a condition: null alone, or what the column has anyway.
    fn kind(&mut self, node: &Node, column: &str) -> Result<Option<String>, String> {
        let names: Vec<&str> = match &node.value {
            Value::List(items) => items.iter().filter_map(text_of).collect(),
            _ => text_of(node).into_iter().collect(),
        };
        if names == ["null"] {
            self.null = true;
            return Ok(Some(String::new()));
        }
        let declared = get(self.root, "properties")
            .and_then(|p| get(p, column))
            .and_then(|c| get(c, "type"));
        let own: Vec<&str> = match declared.map(|n| &n.value) {
            Some(Value::List(items)) => items.iter().filter_map(text_of).collect(),
            Some(Value::Text(text)) => vec![text.as_str()],
            _ => Vec::new(),
        };
        let mut own = own.into_iter().filter(|n| *n != "null").peekable();
        if own.peek().is_some() && own.all(|n| names.contains(&n)) {
            return Ok(None);
        }
        Err(format!(
            "`type` inside a condition is held for `null` and for the type that `properties` gives `{column}`"
        ))
    }
}

/// A schema as its keywords, or as true or false of everything.
enum Entries<'a> {
    Whole(&'static str),
    Keys(&'a [(Key, Node)]),
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Keys that must be there, which is to say not null.
fn required(node: &Node) -> Result<Vec<String>, String> {
    let Value::List(items) = &node.value else {
        return Err("`required` is no list of names".to_owned());
    };
    let one = |item: &Node| {
        let name = text_of(item).ok_or("`required` is no list of names")?;
        Ok(format!("{} IS NOT NULL", sql::identifier(name)))
    };
    items.iter().map(one).collect()
}

/// A keyword about one value, as a condition on a value that is not null.
fn keyword(key: &str, node: &Node, name: &str) -> Said {
    let number = || {
        let number = match node.value {
            Value::Int(_) | Value::Float(_) => node.value.scalar().and_then(|v| v.number()),
            _ => None,
        };
        number
            .filter(|v| v.is_finite())
            .map(number_text)
            .ok_or_else(|| format!("`{key}` is no finite number"))
    };
    let sign = match key {
        "minimum" | "minLength" => ">=",
        "maximum" | "maxLength" => "<=",
        "exclusiveMinimum" => ">",
        "exclusiveMaximum" => "<",
        "const" => return among(std::slice::from_ref(node), name),
        "enum" => return among(items(node, key)?, name),
        "pattern" => {
            let pattern = text_of(node).and_then(ecma::pattern);
            let pattern = pattern.ok_or("`pattern` is no regular expression that is read here")?;
            return Ok(format!(
                "regexp_like({name}, {})",
                sql::text_literal(&pattern)
            ));
        }
        _ => return Err(unsaid(key)),
    };
    let left = if key.ends_with("Length") {
        format!("LENGTH({name})")
    } else {
        name.to_owned()
    };
    Ok(format!("{left} {sign} {}", number()?))
}

/// The condition that a value is one of those listed; null among them says nothing of one that is there.
fn among(values: &[Node], name: &str) -> Said {
    let there = values.iter().filter(|v| v.value != Value::Null);
    let literal = |v: &Node| v.value.scalar().map(|v| sql::literal(&v));
    let all: Option<Vec<String>> = there.map(literal).collect();
    let all = all.ok_or("a value of `enum` or `const` is not a single one")?;
    Ok(if all.is_empty() {
        "FALSE".to_owned()
    } else {
        format!("{name} IN ({})", all.join(", "))
    })
}
