//! The columns of a Parquet or Arrow IPC file: names, types, and whether nulls may occur.

use super::build::{ColumnDraft, ContractDraft, flag, text};
use super::form::get;
use super::{Coverage, Form, Imported, text_of, tree_of};
use crate::config::tree::Value;
use crate::contract::infer::yaml::scalar;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::types::{Schema, TypePattern};
use std::fmt::Write as _;
use std::sync::Arc;

/// First words of the text that stands for a file's columns.
pub const MARK: &str = "# Columns of a ";

/// The columns as text, one line each: name, type, and `nullable: false` where the file rules nulls out.
#[must_use]
pub fn written(schema: &Schema, format: &str) -> String {
    let mut out = format!("{MARK}{format} file\nfields:\n");
    for field in &schema.fields {
        let nullable = if field.nullable {
            ""
        } else {
            ", nullable: false"
        };
        let (name, dtype) = (quoted(&field.name), scalar(&field.dtype.to_string()));
        writeln!(out, "  - {{name: {name}, type: {dtype}{nullable}}}")
            .expect("writing to a String cannot fail");
    }
    out
}

fn quoted(name: &str) -> String {
    scalar(name)
}

/// Reads what [`written`] wrote: a promise per column and type.
///
/// A type that no native type name stands for is promised as its family (`list<int64>` as `list`). Errors: what is not such a text.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let Some(Value::List(fields)) = get(&tree, "fields").map(|f| &f.value) else {
        let message = format!("{} holds no columns", file.path);
        return Err(vec![
            Diagnostic::new("invalid-schema", message).help("give a Parquet or Arrow IPC file"),
        ]);
    };
    let mut coverage = Coverage::default();
    let mut draft = ContractDraft::new(&tree.place);
    for field in fields {
        let name = get(field, "name").and_then(|n| Some((text_of(n)?, &n.place)));
        let Some((name, place)) = name else {
            let problem = Diagnostic::new("invalid-schema", "a column has no name");
            return Err(vec![problem.at(&field.place, "here")]);
        };
        let mut column = ColumnDraft::new(place, name);
        if let Some(dtype) = get(field, "type") {
            let written = text_of(dtype).unwrap_or_default();
            let what = format!("type of {name}");
            match family(written) {
                Some(same) if same == written => coverage.mapped(&dtype.place, what, "type"),
                Some(family) => coverage.note(
                    &dtype.place,
                    what,
                    format!("`{written}` is promised as `{family}`"),
                ),
                None => coverage.dropped(
                    &dtype.place,
                    what,
                    format!("there is no type `{written}` here"),
                ),
            }
            if let Some(family) = family(written) {
                column.set("type", text(&dtype.place, family));
            }
        }
        if let Some(nullable) = get(field, "nullable") {
            coverage.mapped(
                &nullable.place,
                format!("{name} is never null"),
                "nullable: false",
            );
            column.set("nullable", flag(&nullable.place, false));
        }
        draft.columns.push(column);
    }
    Ok(Imported::one(
        Form::Arrow,
        None,
        draft.into_node(),
        coverage,
    ))
}

/// The native type of a written one: itself, or the family of a nested one.
fn family(written: &str) -> Option<&str> {
    let outer = written.split('<').next().unwrap_or(written);
    [written, outer]
        .into_iter()
        .find(|t| TypePattern::parse(t).is_some())
}
