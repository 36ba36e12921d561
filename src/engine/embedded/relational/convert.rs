//! Arrow batches as polars frames, by the Arrow C data interface: buffers are shared, not copied.

use crate::error::{Error, Result};
use crate::types::{Field, LogicalType};
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::DataType as ArrowType;
use polars::prelude::{Column, DataFrame, DataType, PlSmallStr, Series, TimeUnit};

/// The batch's columns that polars can hold, as a frame of the same height.
pub(super) fn frame(batch: &RecordBatch) -> Result<DataFrame> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() || matches!(field.data_type(), ArrowType::Interval(_)) {
            continue;
        }
        columns.push(Column::from(series(field.name(), array)?));
    }
    DataFrame::new(batch.num_rows(), columns).map_err(|e| query(&e))
}

fn query(error: &dyn std::fmt::Display) -> Error {
    Error::Query {
        what: "row predicates".to_owned(),
        reason: error.to_string(),
    }
}

/// Types that the lean polars build does not hold are widened first.
fn widened(array: &ArrayRef) -> Result<ArrayRef> {
    let wide = match array.data_type() {
        ArrowType::Int8 | ArrowType::Int16 | ArrowType::UInt8 => ArrowType::Int32,
        ArrowType::UInt16 => ArrowType::UInt32,
        ArrowType::Decimal256(_, _) => ArrowType::Float64,
        _ => return Ok(array.clone()),
    };
    arrow::compute::cast(array, &wide).map_err(|e| query(&e))
}

#[expect(
    unsafe_code,
    reason = "the C data interface is the only way to hand buffers over without copying; both sides own \
              reference-counted buffers, the structs come from arrow's own exporter and are moved exactly once"
)]
fn series(name: &str, array: &ArrayRef) -> Result<Series> {
    let array = widened(array)?;
    let (exported, schema) = arrow::ffi::to_ffi(&array.to_data()).map_err(|e| query(&e))?;
    // SAFETY: arrow's and polars' structs are both the C data interface's ArrowSchema and ArrowArray, same layout;
    // the originals are forgotten by the transmute, so each release callback runs once.
    let imported = unsafe {
        let schema: polars_arrow::ffi::ArrowSchema = std::mem::transmute(schema);
        let exported: polars_arrow::ffi::ArrowArray = std::mem::transmute(exported);
        let field = polars_arrow::ffi::import_field_from_c(&schema).map_err(|e| query(&e))?;
        polars_arrow::ffi::import_array_from_c(exported, field.dtype).map_err(|e| query(&e))?
    };
    Series::try_from((PlSmallStr::from(name), imported)).map_err(|e| query(&e))
}

/// A frame without rows that has the wanted columns in the types a batch will have.
pub(super) fn empty_frame(
    fields: &[Field],
    wanted: &[String],
) -> std::result::Result<DataFrame, String> {
    let mut columns = Vec::new();
    for name in wanted {
        let Some(field) = fields.iter().find(|f| f.name == *name) else {
            continue;
        };
        let dtype = polars_type(&field.dtype)
            .ok_or_else(|| format!("`{name}` is {}, which SQL cannot look into", field.dtype))?;
        columns.push(Column::from(Series::new_empty(
            PlSmallStr::from(name.as_str()),
            &dtype,
        )));
    }
    DataFrame::new(0, columns).map_err(|e| e.to_string())
}

fn polars_type(dtype: &LogicalType) -> Option<DataType> {
    use LogicalType as T;
    Some(match dtype {
        T::Null => DataType::Null,
        T::Boolean => DataType::Boolean,
        T::Int(8 | 16 | 32) | T::UInt(8) => DataType::Int32,
        T::Int(_) => DataType::Int64,
        T::UInt(16 | 32) => DataType::UInt32,
        T::UInt(_) => DataType::UInt64,
        T::Float(16 | 32) => DataType::Float32,
        T::Float(_) => DataType::Float64,
        T::Decimal(p, s) if *p <= 38 => {
            DataType::Decimal(usize::from(*p), usize::try_from(*s).ok()?)
        }
        T::Decimal(..) => DataType::Float64,
        T::String => DataType::String,
        T::Binary => DataType::Binary,
        T::Date => DataType::Date,
        T::Time => DataType::Time,
        T::Timestamp { utc: true } => {
            DataType::Datetime(TimeUnit::Microseconds, Some(polars::prelude::TimeZone::UTC))
        }
        T::Timestamp { utc: false } => DataType::Datetime(TimeUnit::Microseconds, None),
        T::Duration => DataType::Duration(TimeUnit::Microseconds),
        T::List(_) | T::Struct(_) | T::Map(..) | T::Other(_) => return None,
    })
}
