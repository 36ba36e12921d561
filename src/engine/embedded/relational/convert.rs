//! Arrow batches as polars frames and back, without copying where the two agree on the bytes.

use super::{guarded, query_error};
use crate::engine::embedded::schema::{canonical, logical};
use crate::error::Result;
use crate::scalar::{Integer, Scalar};
use crate::types::{Field, LogicalType};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::ffi::FFI_ArrowArray;
use arrow::util::display::FormatOptions;
use polars::prelude as pl;
use polars_arrow::array::Array as PolarsArray;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit as PolarsUnit};
use std::collections::BTreeSet;

/// Greatest precision of a decimal that queries can read.
const DECIMAL_DIGITS: u8 = 38;

/// What is said of a value with more digits, and the way out.
const TOO_WIDE: &str =
    ": values of more than 38 digits are not read; write the column with fewer, or as text";

/// Rows of a dataset as queries see them: the columns of simple types, under their own names.
///
/// Nested columns and types that queries cannot read are left out. Timestamps with a zone are held as plain UTC.
#[derive(Clone)]
pub struct Frame {
    pub(super) data: pl::DataFrame,
    pub(super) zoned: BTreeSet<String>,
}

impl Frame {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.data.height()
    }

    /// Adds the rows of `next` behind these; both must have the same columns. Nothing is copied.
    ///
    /// Errors: [`crate::error::Error::Query`] when names or types differ.
    pub fn append(&mut self, next: Self) -> Result<()> {
        let mut data = std::mem::take(&mut self.data);
        self.data = guarded(move || data.vstack_mut_owned(next.data).map(|d| d.clone()))
            .map_err(|reason| query_error("rows of several batches", reason))?;
        Ok(())
    }

    /// A frame without rows, with those of the named columns that queries can read.
    #[must_use]
    pub fn without_rows(fields: &[Field], names: &[String]) -> Self {
        let wanted = fields.iter().filter(|f| names.contains(&f.name));
        Self::empty(&wanted.cloned().collect::<Vec<_>>())
    }

    /// A frame without rows, with the columns of `fields` that queries can read.
    pub(super) fn empty(fields: &[Field]) -> Self {
        let mut seen = BTreeSet::new();
        let columns = fields
            .iter()
            .filter_map(|f| Some((f, readable(&f.dtype)?)))
            .filter(|(f, _)| seen.insert(f.name.as_str()))
            .map(|(f, dtype)| pl::Column::new_empty(f.name.as_str().into(), &dtype))
            .collect();
        Self {
            data: pl::DataFrame::new(0, columns).unwrap_or_else(|_| pl::DataFrame::empty()),
            zoned: fields
                .iter()
                .filter(|f| f.dtype == LogicalType::Timestamp { utc: true })
                .map(|f| f.name.clone())
                .collect(),
        }
    }

    /// These columns alone, without their rows: what a condition on few of thousands of columns is fitted to.
    pub(super) fn head_of(&self, names: &[String]) -> Self {
        let wanted = |c: &&pl::Column| names.iter().any(|n| n == c.name().as_str());
        let columns = self.data.columns().iter().filter(wanted);
        let columns = columns.map(|c| pl::Column::new_empty(c.name().clone(), c.dtype()));
        Self {
            data: pl::DataFrame::new(0, columns.collect())
                .unwrap_or_else(|_| pl::DataFrame::empty()),
            zoned: self.zoned.clone(),
        }
    }

    /// This frame with `rows` rows of nulls in place of its own rows.
    pub(super) fn nulls(&self, rows: usize) -> Self {
        let columns = self
            .data
            .columns()
            .iter()
            .map(|c| pl::Column::full_null(c.name().clone(), rows, c.dtype()))
            .collect();
        Self {
            data: pl::DataFrame::new(rows, columns).unwrap_or_else(|_| pl::DataFrame::empty()),
            zoned: self.zoned.clone(),
        }
    }
}

/// The rows of a batch as a frame with every column that queries can read.
///
/// Two columns of one name: the first counts.
/// Errors: [`crate::error::Error::Query`] when a value does not fit the type that queries read (a decimal of more than 38 digits).
pub fn frame(batch: &RecordBatch) -> Result<Frame> {
    let names: Vec<&str> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|f| f.name().as_str())
        .collect();
    frame_of(batch, &names)
}

/// The rows of a batch as a frame with the columns of these names; names that the batch lacks are left out.
///
/// Errors: as for [`frame`].
pub fn frame_of<S: AsRef<str>>(batch: &RecordBatch, names: &[S]) -> Result<Frame> {
    let mut columns = Vec::with_capacity(names.len());
    let mut zoned = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for name in names.iter().map(AsRef::as_ref) {
        let Some(array) = batch.column_by_name(name) else {
            continue;
        };
        if readable(&logical(array.data_type())).is_none() || !seen.insert(name) {
            continue;
        }
        if matches!(array.data_type(), DataType::Timestamp(_, Some(_))) {
            zoned.insert(name.to_owned());
        }
        let series = series(name, array)
            .map_err(|reason| query_error(&format!("column `{name}`"), reason))?;
        columns.push(pl::Column::from(series));
    }
    let rows = batch.num_rows();
    let data = guarded(move || pl::DataFrame::new(rows, columns))
        .map_err(|reason| query_error("a batch", reason))?;
    Ok(Frame { data, zoned })
}

/// The type under which queries read a column; `None` when they cannot.
pub(super) fn readable(dtype: &LogicalType) -> Option<pl::DataType> {
    use LogicalType as T;
    Some(match dtype {
        T::Null => pl::DataType::Null,
        T::Boolean => pl::DataType::Boolean,
        T::Int(8 | 16 | 32) | T::UInt(8 | 16) => pl::DataType::Int32,
        T::UInt(32) => pl::DataType::UInt32,
        T::Int(_) => pl::DataType::Int64,
        T::UInt(_) => pl::DataType::UInt64,
        T::Float(16 | 32) => pl::DataType::Float32,
        T::Float(_) => pl::DataType::Float64,
        T::Decimal(precision, scale) => {
            let scale = u8::try_from(*scale).unwrap_or(0);
            let precision = if *precision > DECIMAL_DIGITS || scale > *precision {
                DECIMAL_DIGITS
            } else {
                *precision
            };
            if scale > precision {
                return None;
            }
            pl::DataType::Decimal(usize::from(precision), usize::from(scale))
        }
        T::String => pl::DataType::String,
        T::Binary => pl::DataType::Binary,
        T::Date => pl::DataType::Date,
        T::Time => pl::DataType::Time,
        T::Timestamp { .. } => pl::DataType::Datetime(pl::TimeUnit::Nanoseconds, None),
        T::Duration => pl::DataType::Duration(pl::TimeUnit::Nanoseconds),
        T::List(_) | T::Struct(_) | T::Map(..) | T::Other(_) => return None,
    })
}

/// The Arrow type that a column is cast to before it is handed over; `None` when its bytes are taken as they are.
fn fitted(dtype: &DataType) -> Option<DataType> {
    match dtype {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => {
            Some(DataType::Int32)
        }
        DataType::Timestamp(TimeUnit::Second, zone) => {
            Some(DataType::Timestamp(TimeUnit::Millisecond, zone.clone()))
        }
        DataType::Duration(TimeUnit::Second) => Some(DataType::Duration(TimeUnit::Millisecond)),
        DataType::Decimal128(precision, scale) => {
            match readable(&LogicalType::Decimal(*precision, *scale)) {
                Some(pl::DataType::Decimal(p, s))
                    if p == usize::from(*precision) && i8::try_from(s) == Ok(*scale) =>
                {
                    None
                }
                _ => Some(DataType::Decimal128(DECIMAL_DIGITS, (*scale).max(0))),
            }
        }
        DataType::Decimal256(_, scale) => {
            Some(DataType::Decimal128(DECIMAL_DIGITS, (*scale).max(0)))
        }
        _ => None,
    }
}

fn series(name: &str, array: &ArrayRef) -> std::result::Result<pl::Series, String> {
    let mut array = array.clone();
    for target in [canonical, fitted] {
        if let Some(dtype) = target(array.data_type()) {
            // Unsafe casts would turn a value that does not fit into a null, which no predicate sees.
            let options = CastOptions {
                safe: false,
                format_options: FormatOptions::default(),
            };
            let wide = matches!(array.data_type(), DataType::Decimal256(..));
            // What the reason says holds the value.
            let more = if wide { TOO_WIDE } else { "" };
            array = cast_with_options(&array, &dtype, &options)
                .map_err(|_| format!("a value does not fit in {dtype}{more}"))?;
        }
    }
    let name = pl::PlSmallStr::from_str(name);
    if *array.data_type() == DataType::Null {
        return Ok(pl::Series::full_null(
            name,
            array.len(),
            &pl::DataType::Null,
        ));
    }
    let imported = import(array.as_ref())?;
    guarded(move || pl::Series::from_arrow(name, imported))
}

/// The same array under polars' types: the buffers are shared and freed when both sides have let go of them.
fn import(array: &dyn Array) -> std::result::Result<Box<dyn PolarsArray>, String> {
    let dtype = arrow_dtype(array.data_type())
        .ok_or_else(|| format!("queries cannot read {}", array.data_type()))?;
    let exported = FFI_ArrowArray::new(&array.to_data());
    guarded(move || {
        #[expect(
            unsafe_code,
            reason = "the Arrow C data interface is the only way between the two crates that copies nothing"
        )]
        // SAFETY: both structs are the C data interface's ArrowArray (`repr(C)`, the same ten fields), and the
        // release callback moves over with them, since `transmute` takes the exported struct without dropping it.
        // The array is valid because arrow made it, and `dtype` names its physical layout (see `arrow_dtype`).
        unsafe {
            let moved =
                std::mem::transmute::<FFI_ArrowArray, polars_arrow::ffi::ArrowArray>(exported);
            polars_arrow::ffi::import_array_from_c(moved, dtype)
        }
    })
}

/// Polars' name for an Arrow layout. Zones are dropped: the values are UTC on both sides.
fn arrow_dtype(dtype: &DataType) -> Option<ArrowDataType> {
    Some(match dtype {
        DataType::Boolean => ArrowDataType::Boolean,
        DataType::Int32 => ArrowDataType::Int32,
        DataType::Int64 => ArrowDataType::Int64,
        DataType::UInt32 => ArrowDataType::UInt32,
        DataType::UInt64 => ArrowDataType::UInt64,
        DataType::Float32 => ArrowDataType::Float32,
        DataType::Float64 => ArrowDataType::Float64,
        DataType::Decimal128(p, s) => {
            ArrowDataType::Decimal(usize::from(*p), usize::try_from(*s).ok()?)
        }
        DataType::Utf8 => ArrowDataType::Utf8,
        DataType::Binary => ArrowDataType::Binary,
        DataType::Date32 => ArrowDataType::Date32,
        DataType::Time64(TimeUnit::Nanosecond) => ArrowDataType::Time64(PolarsUnit::Nanosecond),
        DataType::Timestamp(unit, _) => ArrowDataType::Timestamp(polars_unit(*unit), None),
        DataType::Duration(unit) => ArrowDataType::Duration(polars_unit(*unit)),
        _ => return None,
    })
}

fn polars_unit(unit: TimeUnit) -> PolarsUnit {
    match unit {
        TimeUnit::Second => PolarsUnit::Second,
        TimeUnit::Millisecond => PolarsUnit::Millisecond,
        TimeUnit::Microsecond => PolarsUnit::Microsecond,
        TimeUnit::Nanosecond => PolarsUnit::Nanosecond,
    }
}

/// A boolean column as a mask of `rows` bits, null counted as false; one value stands for every row.
pub(super) fn mask(column: &pl::Column, rows: usize) -> std::result::Result<BooleanArray, String> {
    let series = column.as_materialized_series().rechunk();
    let values = series.bool().map_err(|e| e.to_string())?;
    if values.len() != rows && values.len() == 1 {
        let constant = values.get(0).unwrap_or(false);
        let bits = if constant {
            BooleanBuffer::new_set(rows)
        } else {
            BooleanBuffer::new_unset(rows)
        };
        return Ok(BooleanArray::new(bits, None));
    }
    if values.len() != rows {
        return Err(format!("gives {} values for {rows} rows", values.len()));
    }
    let Some(chunk) = values.downcast_iter().next() else {
        return Ok(BooleanArray::new(BooleanBuffer::new_unset(0), None));
    };
    let bits = buffer(chunk.values());
    let bits = match chunk.validity() {
        Some(validity) => &bits & &buffer(validity),
        None => bits,
    };
    Ok(BooleanArray::new(bits, None))
}

fn buffer(bitmap: &polars_arrow::bitmap::Bitmap) -> BooleanBuffer {
    let (bytes, offset, length) = bitmap.as_slice();
    BooleanBuffer::new(Buffer::from(bytes), offset, length)
}

/// One polars value as a scalar; `zoned` says whether timestamps are instants in UTC.
///
/// Nulls: `None`. Nested values: their text.
pub(super) fn scalar(value: &pl::AnyValue<'_>, zoned: Zoned) -> Option<Scalar> {
    use pl::AnyValue as V;
    let int = |v: i128| Some(Scalar::Int(Integer(v)));
    let nanos = |v: i64, unit: pl::TimeUnit| Integer(i128::from(v) * nanos_per(unit));
    match value {
        V::Null => None,
        V::Boolean(v) => Some(Scalar::Bool(*v)),
        V::UInt8(v) => int((*v).into()),
        V::UInt16(v) => int((*v).into()),
        V::UInt32(v) => int((*v).into()),
        V::UInt64(v) => int((*v).into()),
        V::Int8(v) => int((*v).into()),
        V::Int16(v) => int((*v).into()),
        V::Int32(v) => int((*v).into()),
        V::Int64(v) => int((*v).into()),
        V::Int128(v) => int(*v),
        V::Float32(v) => Some(Scalar::Float((*v).into())),
        V::Float64(v) => Some(Scalar::Float(*v)),
        V::String(v) => Some(Scalar::Text((*v).to_owned())),
        V::StringOwned(v) => Some(Scalar::Text(v.to_string())),
        V::Binary(v) => Some(Scalar::Binary(v.to_vec())),
        V::BinaryOwned(v) => Some(Scalar::Binary(v.clone())),
        V::Date(v) => Some(Scalar::Date((*v).into())),
        V::Time(v) => Some(Scalar::Time(*v)),
        V::Duration(v, unit) => Some(Scalar::Duration(nanos(*v, *unit))),
        V::Datetime(v, unit, _) | V::DatetimeOwned(v, unit, _) => Some(Scalar::Timestamp {
            nanos: nanos(*v, *unit),
            utc: zoned == Zoned::Yes,
        }),
        V::Decimal(v, _, scale) => Some(Scalar::Decimal {
            unscaled: Integer(*v),
            scale: i8::try_from(*scale).unwrap_or(i8::MAX),
        }),
        other => Some(Scalar::Text(other.to_string())),
    }
}

/// Whether the timestamps of an answer are instants in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zoned {
    /// Every timestamp column of the frames carries a zone.
    Yes,
    /// Some do not, or there are none.
    No,
}

fn nanos_per(unit: pl::TimeUnit) -> i128 {
    match unit {
        pl::TimeUnit::Nanoseconds => 1,
        pl::TimeUnit::Microseconds => 1_000,
        pl::TimeUnit::Milliseconds => 1_000_000,
    }
}

/// The name of a polars type as contracts and reports write it.
pub(super) fn type_word(dtype: &pl::DataType) -> String {
    use pl::DataType as D;
    match dtype {
        D::Null => "null".into(),
        D::Boolean => "boolean".into(),
        D::Int8 => "int8".into(),
        D::Int16 => "int16".into(),
        D::Int32 => "int32".into(),
        D::Int64 => "int64".into(),
        D::Int128 => "int128".into(),
        D::UInt32 => "uint32".into(),
        D::UInt64 => "uint64".into(),
        D::Float32 => "float32".into(),
        D::Float64 => "float64".into(),
        D::Decimal(p, s) => format!("decimal({p},{s})"),
        D::String => "string".into(),
        D::Binary => "binary".into(),
        D::Date => "date".into(),
        D::Time => "time".into(),
        D::Datetime(..) => "timestamp".into(),
        D::Duration(_) => "duration".into(),
        D::List(_) => "list".into(),
        D::Struct(_) => "struct".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{frame, pl};
    use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
    use arrow::datatypes::Float64Type;
    use std::sync::Arc;

    #[test]
    fn numbers_and_long_texts_are_shared_not_copied() {
        let long = "a text that is longer than a view can hold inline";
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("x", Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]))),
            ("t", Arc::new(StringArray::from(vec![long, long, long]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let given = batch
            .column(0)
            .as_primitive::<Float64Type>()
            .values()
            .as_ptr();
        let text = batch.column(1).to_data().buffers()[1].as_ptr();
        let frame = frame(&batch.slice(1, 2)).unwrap();
        let taken = |i: usize| frame.data.columns()[i].as_materialized_series().clone();
        let numbers = taken(0);
        let numbers = numbers.f64().unwrap().cont_slice().unwrap();
        assert_eq!(numbers.as_ptr(), given.wrapping_add(1));
        let texts = taken(1);
        let pl::AnyValue::String(first) = texts.get(0).unwrap() else {
            panic!("{texts:?}");
        };
        assert_eq!(first.as_ptr(), text.wrapping_add(long.len()));
    }
}
