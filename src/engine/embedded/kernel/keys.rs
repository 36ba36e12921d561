//! Keys of rows as digests: equal keys have equal digests, whatever the batch.

use super::{column, query};
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::row::{RowConverter, SortField};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use twox_hash::XxHash64;

/// A key: 128 bits, two XXH64 of the row's bytes under different seeds.
///
/// Two different keys among `n` share a digest with a chance of about `n^2 / 2^129`: 2e-21 for a billion. The
/// hash is not cryptographic: data made to collide can hide a duplicate.
pub type Digest = u128;

/// Hasher for keys that are digests already.
#[derive(Debug, Default)]
pub struct Passing(u64);

impl Hasher for Passing {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = XxHash64::oneshot(self.0, bytes);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low half is a full hash"
    )]
    fn write_u128(&mut self, digest: u128) {
        self.0 = digest as u64;
    }
}

/// A map from digests.
pub type DigestMap<V> = HashMap<Digest, V, BuildHasherDefault<Passing>>;
/// A set of digests.
pub type DigestSet = HashSet<Digest, BuildHasherDefault<Passing>>;

/// Turns the rows of batches into digests. One per dataset: all batches must have the same types.
#[derive(Debug, Default)]
pub struct Encoder {
    converter: Option<RowConverter>,
}

/// The digests of one batch, and which rows have a null in a key column.
#[derive(Debug)]
pub struct Keys {
    /// One digest per row.
    pub digests: Vec<Digest>,
    /// One per row: whether any key column is null.
    pub null: Vec<bool>,
}

impl Encoder {
    /// Digests of the rows of `columns`, all of `rows` length.
    ///
    /// Floats: -0.0 is 0.0 and every NaN is one value, at top level; inside nested columns bits decide.
    /// Errors: `Query` naming the column whose type has no row form, or a type that changed between batches.
    pub fn encode(&mut self, columns: &[(String, ArrayRef)], rows: usize) -> Result<Keys> {
        let arrays: Vec<ArrayRef> = columns.iter().map(|(_, a)| one_zero(a)).collect();
        let null = (0..rows)
            .map(|r| arrays.iter().any(|a| is_null(a, r)))
            .collect();
        if arrays.is_empty() {
            return Ok(Keys {
                digests: vec![0; rows],
                null,
            });
        }
        let converter = if let Some(c) = &mut self.converter {
            c
        } else {
            let fields: Vec<SortField> = arrays
                .iter()
                .map(|a| SortField::new(a.data_type().clone()))
                .collect();
            for (field, (name, array)) in fields.iter().zip(columns) {
                if !RowConverter::supports_fields(std::slice::from_ref(field)) {
                    return Err(query(
                        format!("column `{name}`"),
                        format!("rows cannot be compared by {}", array.data_type()),
                    ));
                }
            }
            self.converter
                .insert(RowConverter::new(fields).map_err(|e| query("key", e))?)
        };
        let encoded = converter
            .convert_columns(&arrays)
            .map_err(|e| query("key", e))?;
        let digests = encoded.iter().map(|row| digest(row.as_ref())).collect();
        Ok(Keys { digests, null })
    }
}

/// The digest of one row's bytes.
fn digest(bytes: &[u8]) -> Digest {
    let halves = [0x746f_6c6c, 0x6761_7465].map(|seed| u128::from(XxHash64::oneshot(seed, bytes)));
    halves[0] << 64 | halves[1]
}

pub(super) fn is_null(array: &ArrayRef, row: usize) -> bool {
    array.is_null(row) || *array.data_type() == DataType::Null
}

/// The named columns of a batch; none named is all of them.
pub(super) fn select(batch: &RecordBatch, names: &[String]) -> Result<Vec<(String, ArrayRef)>> {
    if names.is_empty() {
        let schema = batch.schema();
        let all = schema.fields().iter().zip(batch.columns());
        return Ok(all.map(|(f, a)| (f.name().clone(), a.clone())).collect());
    }
    names
        .iter()
        .map(|n| Ok((n.clone(), column(batch, n)?.clone())))
        .collect()
}

fn one_zero(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 }),
        ),
        DataType::Float64 => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }),
        ),
        _ => array.clone(),
    }
}

/// A key column in the widest type of its family, with the family's name: two columns compare when the names agree.
///
/// Integers of any width are one family; so are floats, decimals of one scale, and timestamps of any unit (those
/// with a zone apart from those without).
/// Errors: `Query` when a value does not fit.
pub(super) fn widen(name: &str, array: &ArrayRef) -> Result<(ArrayRef, String)> {
    let to = |dtype: DataType, family: &str| {
        arrow::compute::cast(array, &dtype)
            .map(|a| (a, family.to_owned()))
            .map_err(|e| query(format!("column `{name}`"), e))
    };
    match array.data_type() {
        t if t.is_integer() => to(DataType::Decimal128(38, 0), "int"),
        DataType::Float32 | DataType::Float64 => to(DataType::Float64, "float"),
        DataType::Decimal128(_, s) => to(
            DataType::Decimal128(38, *s),
            &format!("decimal of scale {s}"),
        ),
        DataType::Timestamp(unit, zone) => {
            let nanos = crate::engine::embedded::value::nanos_per(*unit);
            let ticks = arrow::compute::cast(array, &DataType::Int64)
                .map_err(|e| query(format!("column `{name}`"), e))?;
            let exact: Decimal128Array = ticks
                .as_primitive::<arrow::datatypes::Int64Type>()
                .iter()
                .map(|v| v.map(|v| i128::from(v) * nanos))
                .collect();
            let family = if zone.is_some() {
                "timestamp with zone"
            } else {
                "timestamp"
            };
            Ok((Arc::new(exact), family.to_owned()))
        }
        other => Ok((
            array.clone(),
            crate::engine::embedded::schema::logical(other).to_string(),
        )),
    }
}
