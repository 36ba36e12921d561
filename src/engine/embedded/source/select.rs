//! Columns by name: top-level ones, and struct leaves by path with the nulls of their parents.

use crate::engine::embedded::schema::canonical;
use crate::error::{Error, Result};
use crate::types::{Field, LogicalType, Schema};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options, nullif};
use arrow::datatypes::{
    DataType, Field as ArrowField, Fields, Schema as ArrowSchema, SchemaRef, TimeUnit,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Columns that a scan can give: top-level ones that are not structs, and struct leaves by path.
///
/// A leaf whose path is also the name of a top-level column gives way to that column; a struct without fields is a
/// column of its own, so that nothing is dropped.
pub(super) fn columns(schema: &Schema) -> Vec<Field> {
    let names: HashSet<&str> = schema.names().collect();
    let mut found = Vec::new();
    for field in &schema.fields {
        leaves(&field.name, field, &names, &mut found);
    }
    found
}

fn leaves(path: &str, field: &Field, names: &HashSet<&str>, found: &mut Vec<Field>) {
    match &field.dtype {
        LogicalType::Struct(inner) if !inner.is_empty() => {
            for (name, dtype) in inner {
                let path = format!("{path}.{name}");
                if !names.contains(path.as_str()) {
                    let field = Field {
                        name: path.clone(),
                        dtype: dtype.clone(),
                        nullable: true,
                    };
                    leaves(&path, &field, names, found);
                }
            }
        }
        _ => found.push(Field {
            name: path.to_owned(),
            ..field.clone()
        }),
    }
}

/// Positions of named columns in batches of one schema: the top-level column, then the way down to the leaf.
pub(in crate::engine::embedded) struct Names<'a>(HashMap<&'a str, usize>, &'a Fields);

impl<'a> Names<'a> {
    pub(in crate::engine::embedded) fn of(fields: &'a Fields) -> Self {
        let mut names = HashMap::new();
        for (i, field) in fields.iter().enumerate() {
            names.entry(field.name().as_str()).or_insert(i);
        }
        Self(names, fields)
    }

    /// The top-level column called `name`.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// A name that two top-level columns have.
    pub(super) fn twice(&self) -> Option<&'a str> {
        let name = |(i, f): (usize, &'a Arc<ArrowField>)| {
            (self.0[f.name().as_str()] != i).then_some(f.name().as_str())
        };
        self.1.iter().enumerate().find_map(name)
    }

    /// The way to `name`; `None` when there is no such column.
    pub(in crate::engine::embedded) fn way(&self, name: &str) -> Option<Vec<usize>> {
        if let Some(root) = self.0.get(name) {
            return Some(vec![*root]);
        }
        name.match_indices('.').find_map(|(dot, _)| {
            let root = *self.0.get(&name[..dot])?;
            let DataType::Struct(inner) = self.1[root].data_type() else {
                return None;
            };
            let mut way = vec![root];
            way.extend(Self::of(inner).way(&name[dot + 1..])?);
            Some(way)
        })
    }
}

/// The asked columns of batches, found once per schema.
pub(super) struct Selection<'a> {
    columns: &'a [String],
    found: Option<(SchemaRef, Vec<Vec<usize>>)>,
}

impl<'a> Selection<'a> {
    pub(super) fn new(columns: &'a [String]) -> Self {
        Self {
            columns,
            found: None,
        }
    }

    /// The asked columns in the asked order, in canonical types.
    ///
    /// Errors: [`Error::Data`] when a column is missing or a value does not fit the canonical type.
    pub(super) fn select(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = self.columns;
        let ways = self.ways(&batch.schema())?;
        let mut arrays = Vec::with_capacity(ways.len());
        let mut fields = Vec::with_capacity(ways.len());
        for (name, way) in columns.iter().zip(ways) {
            let array = plain(&down(batch, way), name)?;
            fields.push(ArrowField::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::new(ArrowSchema::new(fields)), arrays, &options)
            .map_err(|e| Error::data("read", "a batch", e))
    }

    fn ways(&mut self, schema: &SchemaRef) -> Result<&[Vec<usize>]> {
        let known = matches!(&self.found, Some((s, _)) if Arc::ptr_eq(s, schema));
        if !known {
            let names = Names::of(schema.fields());
            let missing = |n: &str| Error::data("read", n, "the column is missing in a batch");
            let ways = self
                .columns
                .iter()
                .map(|name| names.way(name).ok_or_else(|| missing(name)));
            self.found = Some((schema.clone(), ways.collect::<Result<_>>()?));
        }
        Ok(self.found.as_ref().map_or(&[], |(_, ways)| ways.as_slice()))
    }
}

fn down(batch: &RecordBatch, way: &[usize]) -> ArrayRef {
    let mut array = batch.column(way[0]).clone();
    for step in &way[1..] {
        let parent = array.as_struct().clone();
        array = with_nulls_of(parent.nulls(), parent.column(*step));
    }
    array
}

fn with_nulls_of(parent: Option<&arrow::buffer::NullBuffer>, child: &ArrayRef) -> ArrayRef {
    match parent {
        Some(nulls) if *child.data_type() != DataType::Null => {
            let is_null = BooleanArray::new(!nulls.inner(), None);
            nullif(child, &is_null).expect("both have the length of the struct")
        }
        _ => child.clone(),
    }
}

fn plain(array: &ArrayRef, name: &str) -> Result<ArrayRef> {
    let Some(to) = canonical(array.data_type()) else {
        return Ok(array.clone());
    };
    let exact = CastOptions {
        safe: false,
        ..Default::default()
    };
    cast_with_options(array, &to, &exact).map_err(|e| Error::data("read", name, e))
}

/// Whether columns of two files hold the same type once they are canonical; whether nulls may occur does not matter.
pub(super) fn same_type(a: &DataType, b: &DataType) -> bool {
    let plain = |t: &DataType| canonical(t).unwrap_or_else(|| t.clone());
    match (plain(a), plain(b)) {
        (DataType::Struct(a), DataType::Struct(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|(a, b)| a.name() == b.name() && same_type(a.data_type(), b.data_type()))
        }
        (DataType::List(a), DataType::List(b))
        | (DataType::LargeList(a), DataType::LargeList(b))
        | (DataType::Map(a, _), DataType::Map(b, _)) => same_type(a.data_type(), b.data_type()),
        (a, b) => a == b,
    }
}

/// The type in words; the unit is added where two logical types of one name differ by it.
pub(super) fn type_words(dtype: &DataType) -> String {
    let name = crate::engine::embedded::schema::logical(dtype).to_string();
    let (DataType::Timestamp(unit, _) | DataType::Duration(unit)) = dtype else {
        return name;
    };
    let unit = match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    };
    format!("{name} in {unit}")
}
