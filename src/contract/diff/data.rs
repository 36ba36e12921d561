//! A contract against data: columns that are missing, extra, of another type, or null where none may be.

use super::{Change, Effect, Rule};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;
use crate::types::{Field, Schema, TypePattern};
use std::fmt::Write as _;

/// What data was found to be.
pub struct Found {
    /// Top-level columns in file order.
    pub schema: Schema,
    /// Columns that were read, struct leaves by path, with their nulls.
    pub columns: Vec<(Field, u64)>,
    /// Rows.
    pub rows: u64,
}

impl Found {
    fn field(&self, name: &str) -> Option<&Field> {
        let leaf = self.columns.iter().find(|(f, _)| f.name == name);
        leaf.map(|(f, _)| f).or_else(|| self.schema.field(name))
    }

    fn nulls(&self, name: &str) -> u64 {
        let found = self.columns.iter().find(|(f, _)| f.name == name);
        found.map_or(0, |(_, nulls)| *nulls)
    }
}

/// Which of the two sides the contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The old one.
    Old,
    /// The new one.
    New,
}

/// Where the data does not keep the contract's columns.
#[must_use]
pub fn against(contract: &Contract, data: &Found, side: Side) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |rule, effect, name: &str, place: Option<&Place>, message: String| {
        let (old, new) = match side {
            Side::Old => (place, None),
            Side::New => (None, place),
        };
        changes.push(Change::new(rule, effect, message).of(name).at(old, new));
    };
    for column in &contract.columns {
        let (name, place) = (column.name.as_str(), Some(&column.place));
        let Some(field) = data.field(name) else {
            // Data is in no environment here: what is not promised in all may be absent.
            if column.required == Presence::Required && column.environments.is_empty() {
                let message = "the data lacks the column".to_owned();
                add(Rule::ColumnMissing, Effect::Both, name, place, message);
            }
            continue;
        };
        if let Some((pattern, place)) = &column.dtype
            && !pattern.accepts(&field.dtype)
        {
            let message = format!("the data has {}, the contract says {pattern}", field.dtype);
            add(Rule::TypeMismatch, Effect::Both, name, Some(place), message);
        }
        let nulls = data.nulls(name);
        if let Some(place) = &column.not_null
            && nulls > 0
        {
            let message = format!("{nulls} of {} rows are null", data.rows);
            add(Rule::NullsSeen, Effect::Both, name, Some(place), message);
        }
    }
    if contract.columns_place.is_some() {
        let effect = match contract.extra_columns {
            ExtraColumns::Fail => Effect::Both,
            ExtraColumns::Warn | ExtraColumns::Allow => Effect::Neither,
        };
        for field in &data.schema.fields {
            if !is_named(contract, &field.name) {
                let message = format!("the data has a column of type {}", field.dtype);
                let place = contract.columns_place.as_ref();
                add(Rule::ColumnExtra, effect, &field.name, place, message);
            }
        }
    }
    changes
}

/// Whether the contract names the column or a leaf of it.
fn is_named(contract: &Contract, name: &str) -> bool {
    contract.columns.iter().any(|c| {
        let rest = c.name.strip_prefix(name);
        rest.is_some_and(|r| r.is_empty() || r.starts_with('.'))
    })
}

/// The contract's columns, a line each, for a text comparison with [`found_lines`].
#[must_use]
pub fn contract_lines(contract: &Contract) -> String {
    let line = |c: &ContractColumn| {
        let pattern = c
            .dtype
            .as_ref()
            .map_or(TypePattern::Any, |(p, _)| p.clone());
        self::line(&c.name, &pattern.to_string(), c.not_null.is_some())
    };
    contract.columns.iter().map(line).collect()
}

/// The data's columns, a line each; where the data keeps the contract, in the contract's words.
#[must_use]
pub fn found_lines(data: &Found, contract: &Contract) -> String {
    let mut text = String::new();
    let promised = |name: &str| contract.columns.iter().find(|c| c.name == name);
    let mut names: Vec<&str> = data.columns.iter().map(|(f, _)| f.name.as_str()).collect();
    let tops = contract.columns.iter().map(|c| c.name.as_str());
    let unread = |n: &&str| data.field(n).is_some() && data.nulls(n) == 0;
    let missing: Vec<&str> = tops.filter(unread).filter(|n| !names.contains(n)).collect();
    names.extend(missing);
    for name in names {
        let Some(field) = data.field(name) else {
            continue;
        };
        let column = promised(name);
        let kept = column.and_then(|c| c.dtype.as_ref()).map(|(p, _)| p);
        let dtype = match (column, kept) {
            (Some(_), None) => TypePattern::Any.to_string(),
            (_, Some(pattern)) if pattern.accepts(&field.dtype) => pattern.to_string(),
            _ => field.dtype.to_string(),
        };
        let never_null = match column {
            Some(column) => column.not_null.is_some() && data.nulls(name) == 0,
            None => data.rows > 0 && data.nulls(name) == 0,
        };
        text.push_str(&line(name, &dtype, never_null));
    }
    text
}

fn line(name: &str, dtype: &str, never_null: bool) -> String {
    let mut text = format!("{name}: {dtype}");
    if never_null {
        text.push_str(", never null");
    }
    writeln!(text).expect("writing to a String cannot fail");
    text
}
