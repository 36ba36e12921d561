//! What the footers of Parquet files already say about a dataset, where it is exact.
//!
//! Source: `Statistics` and `ColumnOrder` of the Apache Parquet format.

use super::Partitions;
use crate::engine::embedded::value::nanos_per;
use crate::scalar::{Integer, Scalar};
use crate::types::Field;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::{Encoding, LogicalType, SortOrder, TimeUnit as ParquetUnit};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Row count, and per column what every row group of every file states exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Footer {
    /// Rows of all files together.
    pub rows: u64,
    /// One per column of [`super::Dataset::columns`], in its order.
    pub columns: Vec<FooterColumn>,
}

/// What the footers say of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct FooterColumn {
    /// Column name, or path of a struct's leaf.
    pub name: String,
    /// Nulls; `None` unless every row group states them. Always `None` for lists, maps and what is inside structs.
    pub nulls: Option<u64>,
    /// Smallest non-null value; `None` when there is none or not every row group states it exactly.
    ///
    /// Integers, booleans, dates and timestamps only: statistics of floats leave NaN out, those of texts may be cut.
    pub min: Option<Scalar>,
    /// Largest non-null value, under the same conditions.
    pub max: Option<Scalar>,
}

/// The footers of all files of one dataset, in their order.
pub(super) fn read(
    files: &[ArrowReaderMetadata],
    columns: &[Field],
    partitions: &Partitions,
) -> Footer {
    let rows: Vec<u64> = files.iter().map(rows).collect();
    let parts: Vec<_> = files.iter().map(Parts::of).collect();
    let column = |field: &Field| {
        if let Some(values) = partitions.values(&field.name) {
            return summed(
                &field.name,
                values.into_iter().zip(&rows).map(|(value, rows)| Part {
                    rows: *rows,
                    nulls: Some(if value.is_none() { *rows } else { 0 }),
                    range: value.map_or(Range::NoValue, |v| Range::Of(v.clone(), v)),
                }),
            );
        }
        let chunks = parts.iter().flat_map(|p| p.of_column(&field.name));
        summed(&field.name, chunks)
    };
    Footer {
        rows: rows.iter().sum(),
        columns: columns.iter().map(column).collect(),
    }
}

/// Rows of one file.
pub(in crate::engine::embedded) fn rows(file: &ArrowReaderMetadata) -> u64 {
    let groups = file.metadata().row_groups().iter();
    groups
        .map(|g| u64::try_from(g.num_rows()).expect("checked when the file was opened"))
        .sum()
}

/// Whether every data page of a column holds indices into a dictionary, as the footer says.
///
/// Shape: `column` is the path of a leaf with names joined by dots; `false` where there is none, or it repeats.
/// Source: `encoding_stats` of the Apache Parquet format.
pub(super) fn is_dictionary(file: &ArrowReaderMetadata, column: &str) -> bool {
    let leaves = file.parquet_schema().columns().iter();
    let mut found = leaves
        .enumerate()
        .filter(|(_, leaf)| leaf.path().string() == column);
    let Some((leaf, _)) = found.next().filter(|(_, leaf)| leaf.max_rep_level() == 0) else {
        return false;
    };
    let mut groups = file.metadata().row_groups().iter();
    groups.all(|group| {
        let pages = group.column(leaf).page_encoding_stats_mask();
        pages.is_some_and(|p| {
            p.is_only(Encoding::RLE_DICTIONARY) || p.is_only(Encoding::PLAIN_DICTIONARY)
        })
    })
}

/// What one row group says of a column.
struct Part {
    rows: u64,
    nulls: Option<u64>,
    range: Range,
}

/// Smallest and largest non-null value.
enum Range {
    Unknown,
    NoValue,
    Of(Scalar, Scalar),
}

impl Range {
    fn joined(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::NoValue, range) | (range, Self::NoValue) => range,
            (Self::Of(min, max), Self::Of(other_min, other_max)) => {
                let before = |a: &Scalar, b: &Scalar| a.order(b) == Ordering::Less;
                let lower = before(&other_min, &min);
                let higher = before(&max, &other_max);
                Self::Of(
                    if lower { other_min } else { min },
                    if higher { other_max } else { max },
                )
            }
        }
    }
}

fn summed(name: &str, parts: impl Iterator<Item = Part>) -> FooterColumn {
    let mut nulls = Some(0);
    let mut range = Range::NoValue;
    for part in parts.filter(|p| p.rows > 0) {
        nulls = nulls.zip(part.nulls).map(|(a, b)| a + b);
        range = range.joined(part.range);
    }
    let (min, max) = match range {
        Range::Of(min, max) => (Some(min), Some(max)),
        Range::Unknown | Range::NoValue => (None, None),
    };
    FooterColumn {
        name: name.to_owned(),
        nulls,
        min,
        max,
    }
}

struct Parts<'a> {
    file: &'a ArrowReaderMetadata,
    schema: &'a SchemaRef,
    /// Flat top-level columns: position of the leaf.
    flat: HashMap<&'a str, usize>,
}

impl<'a> Parts<'a> {
    fn of(file: &'a ArrowReaderMetadata) -> Self {
        let leaves = file.parquet_schema().columns().iter().enumerate();
        let flat = leaves
            .filter(|(_, c)| c.path().parts().len() == 1 && c.max_rep_level() == 0)
            .map(|(i, c)| (c.name(), i))
            .collect();
        Self {
            file,
            schema: file.schema(),
            flat,
        }
    }

    fn of_column(&self, name: &str) -> Vec<Part> {
        let groups = self.file.metadata().row_groups().iter();
        let field = self.schema.field_with_name(name).ok();
        let leaf = self.flat.get(name).copied().zip(field);
        groups
            .map(|group| {
                let rows =
                    u64::try_from(group.num_rows()).expect("checked when the file was opened");
                match leaf {
                    Some((leaf, field)) => part(rows, group.column(leaf), field.data_type()),
                    None => Part {
                        rows,
                        nulls: None,
                        range: Range::Unknown,
                    },
                }
            })
            .collect()
    }
}

fn part(rows: u64, chunk: &ColumnChunkMetaData, dtype: &DataType) -> Part {
    let statistics = chunk.statistics();
    let required = chunk.column_descr().max_def_level() == 0;
    let nulls = match statistics.and_then(Statistics::null_count_opt) {
        Some(nulls) if nulls <= rows => Some(nulls),
        None if required => Some(0),
        Some(_) | None => None,
    };
    let stated = || statistics.and_then(|s| exact(s, chunk.column_descr(), dtype));
    let range = if nulls == Some(rows) {
        Range::NoValue
    } else {
        stated().map_or(Range::Unknown, |(min, max)| Range::Of(min, max))
    };
    Part { rows, nulls, range }
}

/// Smallest and largest value where the statistics are exact and in the type's own order.
fn exact(
    statistics: &Statistics,
    column: &ColumnDescriptor,
    dtype: &DataType,
) -> Option<(Scalar, Scalar)> {
    let trusted = statistics.min_is_exact()
        && statistics.max_is_exact()
        && !statistics.is_min_max_deprecated();
    if !trusted {
        return None;
    }
    let (min, max): (i128, i128) = match (statistics, column.sort_order()) {
        (Statistics::Boolean(s), _) if *dtype == DataType::Boolean => {
            return Some((Scalar::Bool(*s.min_opt()?), Scalar::Bool(*s.max_opt()?)));
        }
        (Statistics::Int32(s), SortOrder::SIGNED) => {
            ((*s.min_opt()?).into(), (*s.max_opt()?).into())
        }
        (Statistics::Int64(s), SortOrder::SIGNED) => {
            ((*s.min_opt()?).into(), (*s.max_opt()?).into())
        }
        (Statistics::Int32(s), SortOrder::UNSIGNED) => (
            s.min_opt()?.cast_unsigned().into(),
            s.max_opt()?.cast_unsigned().into(),
        ),
        (Statistics::Int64(s), SortOrder::UNSIGNED) => (
            s.min_opt()?.cast_unsigned().into(),
            s.max_opt()?.cast_unsigned().into(),
        ),
        _ => return None,
    };
    let value = reading(column, dtype)?;
    Some((value(min)?, value(max)?)).filter(|_| min <= max)
}

type Reading = Box<dyn Fn(i128) -> Option<Scalar>>;

/// How a stored integer reads as a value of the column's type; `None` for types whose reading is not one to one.
fn reading(column: &ColumnDescriptor, dtype: &DataType) -> Option<Reading> {
    let unsigned = column.sort_order() == SortOrder::UNSIGNED;
    match dtype {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 if !unsigned => {
            Some(Box::new(|v| Some(Scalar::Int(Integer(v)))))
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 if unsigned => {
            Some(Box::new(|v| Some(Scalar::Int(Integer(v)))))
        }
        DataType::Date32 if column.physical_type() == parquet::basic::Type::INT32 => {
            Some(Box::new(|v| i64::try_from(v).ok().map(Scalar::Date)))
        }
        DataType::Timestamp(unit, zone) if stored_in(column, *unit) => {
            let (nanos, utc) = (nanos_per(*unit), zone.is_some());
            Some(Box::new(move |v| {
                let nanos = Integer(v * nanos);
                Some(Scalar::Timestamp { nanos, utc })
            }))
        }
        _ => None,
    }
}

/// Whether the file says that the column is stored in `unit`, so that the statistics need no conversion.
fn stored_in(column: &ColumnDescriptor, unit: arrow::datatypes::TimeUnit) -> bool {
    use arrow::datatypes::TimeUnit as Unit;
    let stored = match column.logical_type_ref() {
        Some(LogicalType::Timestamp(t)) => match t.unit {
            ParquetUnit::MILLIS => Unit::Millisecond,
            ParquetUnit::MICROS => Unit::Microsecond,
            ParquetUnit::NANOS => Unit::Nanosecond,
        },
        _ => return false,
    };
    stored == unit
}
