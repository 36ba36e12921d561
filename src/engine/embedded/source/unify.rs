//! Files of one dataset have the same columns: compared by name, in any order.

use super::DataFile;
use super::select::{Names, same_type, type_words};
use crate::error::{Error, Result};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The columns of files that state their types: those of the first file, nullable where one file says so.
///
/// Errors: [`Error::Data`] when a name comes twice in a file, or files differ in names or types.
pub(super) fn unified(files: &[DataFile], schemas: &[SchemaRef]) -> Result<SchemaRef> {
    let mut fields: Vec<FieldRef> = schemas[0].fields().iter().cloned().collect();
    let names = |schema: &SchemaRef| -> Vec<String> {
        schema.fields().iter().map(|f| f.name().clone()).collect()
    };
    for (file, schema) in files.iter().zip(schemas) {
        let others = Names::of(schema.fields());
        if let Some(twice) = others.twice() {
            return Err(file.broken(format!("two columns are called `{twice}`")));
        }
        let known = fields
            .iter()
            .filter(|f| others.position(f.name()).is_some());
        if schema.fields().len() != fields.len() || known.count() != fields.len() {
            let reason = names_differ(&files[0].path, &names(&schemas[0]), &names(schema));
            return Err(Error::data("read", &file.path, reason));
        }
        for field in &mut fields {
            let position = others.position(field.name()).expect("all are there");
            let other = schema.field(position);
            if !same_type(field.data_type(), other.data_type()) {
                let reason = format!(
                    "column `{}` is {}, but {} in {}",
                    field.name(),
                    type_words(other.data_type()),
                    type_words(field.data_type()),
                    files[0].path
                );
                return Err(Error::data("read", &file.path, reason));
            }
            if other.is_nullable() && !field.is_nullable() {
                *field = Arc::new(field.as_ref().clone().with_nullable(true));
            }
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// Says which names one file has and the other has not.
pub(super) fn names_differ(first: &str, known: &[String], found: &[String]) -> String {
    let only = |a: &[String], b: &[String]| -> String {
        let b: BTreeSet<&String> = b.iter().collect();
        let names: Vec<String> = a
            .iter()
            .filter(|n| !b.contains(n))
            .map(|n| format!("`{n}`"))
            .collect();
        let more = names.len().saturating_sub(10);
        let shown = names[..names.len() - more].join(", ");
        if more > 0 {
            format!("{shown} and {more} more")
        } else {
            shown
        }
    };
    let (missing, extra) = (only(known, found), only(found, known));
    let said = match (missing.as_str(), extra.as_str()) {
        (missing, "") => format!("it lacks {missing}"),
        ("", extra) => format!("it has {extra} besides"),
        (missing, extra) => format!("it lacks {missing} and has {extra}"),
    };
    format!("its columns differ from those of {first}: {said}")
}
