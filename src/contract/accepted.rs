//! The last accepted columns, against which `schema_stable` holds a dataset.

use super::diff::wider;
use super::{Presence, revision};
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::error::{Error, Result};
use crate::types::{Field, Schema, TypePattern};
use std::path::Path;
use std::sync::Arc;

/// Accepted columns, and where they were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The contract's name as written, or nothing for columns written in place.
    pub name: Option<String>,
    /// Columns in order.
    pub columns: Vec<AcceptedColumn>,
}

/// One accepted column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedColumn {
    /// Name or path.
    pub name: String,
    /// Its type.
    pub dtype: TypePattern,
    /// Whether it may be absent.
    pub required: Presence,
    /// Whether nulls may come.
    pub nulls: Nulls,
}

/// Whether nulls may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// They may.
    Allowed,
    /// They may not.
    Refused,
}

/// What may differ without being a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Columns that were not accepted.
    Added,
    /// Accepted columns that are gone.
    Removed,
    /// Types that hold every value of the accepted one.
    Widened,
    /// Any other type.
    Retyped,
    /// Nulls in columns without.
    Nullable,
}

impl Allowed {
    /// Reads the word of a contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "added" => Some(Self::Added),
            "removed" => Some(Self::Removed),
            "widened" => Some(Self::Widened),
            "retyped" => Some(Self::Retyped),
            "nullable" => Some(Self::Nullable),
            _ => None,
        }
    }
}

impl std::fmt::Display for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or("the columns given"))
    }
}

/// Reads the argument: the path of a contract relative to `base` (or `REV:path` in git), or a mapping of column names
/// to types. A type may be a mapping too: `{type: integer, nullable: false, required: false}`.
pub fn read(node: &Node, base: &Path, problems: &mut Problems) -> Option<Accepted> {
    match &node.value {
        Value::Text(name) => from_contract(name, node, base, problems),
        Value::Map(entries) => {
            let columns = entries
                .iter()
                .map(|(key, node)| column(key, node, problems));
            Some(Accepted {
                name: None,
                columns: columns.collect::<Option<_>>()?,
            })
        }
        _ => {
            let wanted = "the path of a contract, or a mapping of columns to types";
            problems.wrong_type(node, "accepted", wanted);
            None
        }
    }
}

fn from_contract(
    name: &str,
    node: &Node,
    base: &Path,
    problems: &mut Problems,
) -> Option<Accepted> {
    let file: Result<Arc<SourceFile>> = revision::text(name, base);
    let file = match file {
        Ok(file) => file,
        Err(Error::Config(list)) => {
            problems.0.extend(list);
            return None;
        }
        Err(error) => {
            problems.add(
                Diagnostic::new("unreadable-contract", error.to_string())
                    .at(&node.place, "named here")
                    .help("name a contract relative to tollgate.yaml, or `REV:path` of one in git"),
            );
            return None;
        }
    };
    let contract = super::read(&file, problems)?;
    if contract.columns.is_empty() {
        problems.add(
            Diagnostic::new(
                "missing-column",
                format!("the contract {name} declares no column"),
            )
            .at(&node.place, "named here")
            .help("name a contract with `columns`; without them nothing can be stable"),
        );
        return None;
    }
    let column = |c: &super::ContractColumn| AcceptedColumn {
        name: c.name.clone(),
        dtype: c
            .dtype
            .as_ref()
            .map_or(TypePattern::Any, |(t, _)| t.clone()),
        // What is promised in some environments alone may be absent in the others.
        required: if c.environments.is_empty() {
            c.required
        } else {
            Presence::Optional
        },
        nulls: nulls(c.not_null.is_none()),
    };
    Some(Accepted {
        name: Some(name.to_owned()),
        columns: contract.columns.iter().map(column).collect(),
    })
}

fn nulls(nullable: bool) -> Nulls {
    if nullable {
        Nulls::Allowed
    } else {
        Nulls::Refused
    }
}

fn column(key: &Key, node: &Node, problems: &mut Problems) -> Option<AcceptedColumn> {
    let pattern = |node: &Node, problems: &mut Problems| {
        let written = text(node, &key.name, problems)?;
        super::type_pattern(&written, node, problems)
    };
    let mut column = AcceptedColumn {
        name: key.name.clone(),
        dtype: TypePattern::Any,
        required: Presence::Required,
        nulls: Nulls::Allowed,
    };
    if !matches!(node.value, Value::Map(_)) {
        column.dtype = pattern(node, problems)?;
        return Some(column);
    }
    let mut fields = Fields::of(node, "an accepted column", problems)?;
    if let Some(node) = fields.get("type") {
        column.dtype = pattern(node, problems)?;
    }
    column.nulls = nulls(fields.boolean("nullable", problems) != Some(false));
    if fields.boolean("required", problems) == Some(false) {
        column.required = Presence::Optional;
    }
    fields.finish(problems);
    Some(column)
}

/// What differs from the accepted columns, in their order, then what was added. Order does not matter.
///
/// `columns` are the leaves of `schema`; `nulls` tells how many a column has, for those that were accepted without.
#[must_use]
pub fn differences(
    accepted: &Accepted,
    (schema, columns): (&Schema, &[Field]),
    allow: &[Allowed],
    nulls: &dyn Fn(&str) -> u64,
) -> Vec<String> {
    let allowed = |what| allow.contains(&what);
    let field = |name: &str| {
        let leaf = columns.iter().find(|f| f.name == name);
        leaf.or_else(|| schema.field(name))
    };
    let mut found = Vec::new();
    for column in &accepted.columns {
        let name = &column.name;
        let Some(field) = field(name) else {
            if column.required == Presence::Required && !allowed(Allowed::Removed) {
                found.push(format!("column `{name}` is gone"));
            }
            continue;
        };
        let same = column.dtype.accepts(&field.dtype);
        let wider = wider(&field.dtype, &column.dtype) && allowed(Allowed::Widened);
        if !same && !wider && !allowed(Allowed::Retyped) {
            found.push(format!("`{name}` was {}, is {}", column.dtype, field.dtype));
        }
        if column.nulls == Nulls::Refused && !allowed(Allowed::Nullable) {
            match nulls(name) {
                0 => {}
                1 => found.push(format!("`{name}` was never null, 1 row now is")),
                rows => found.push(format!("`{name}` was never null, {rows} rows now are")),
            }
        }
    }
    if !allowed(Allowed::Added) {
        let known = |name: &str| {
            let mut names = accepted.columns.iter().map(|c| c.name.as_str());
            names.any(|n| {
                n.strip_prefix(name)
                    .is_some_and(|r| r.is_empty() || r.starts_with('.'))
            })
        };
        let new = schema.fields.iter().filter(|f| !known(&f.name));
        found.extend(new.map(|f| format!("column `{}` ({}) is new", f.name, f.dtype)));
    }
    found
}
