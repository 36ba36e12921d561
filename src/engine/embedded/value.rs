//! One cell of a canonical Arrow array as a [`Scalar`].

use crate::scalar::{Integer, Scalar};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

/// Nanoseconds in one tick of a unit.
#[must_use]
pub fn nanos_per(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// The value in `row` of an array of canonical type (see [`super::schema::canonical`]).
///
/// Nulls: `None`. Nested and interval types, and decimals beyond 128 bits: their text, as Arrow prints it.
#[must_use]
pub fn scalar_at(array: &dyn Array, row: usize) -> Option<Scalar> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return None;
    }
    macro_rules! int {
        ($t:ty) => {
            Scalar::Int(Integer(i128::from(array.as_primitive::<$t>().value(row))))
        };
    }
    Some(match array.data_type() {
        DataType::Boolean => Scalar::Bool(array.as_boolean().value(row)),
        DataType::Int8 => int!(Int8Type),
        DataType::Int16 => int!(Int16Type),
        DataType::Int32 => int!(Int32Type),
        DataType::Int64 => int!(Int64Type),
        DataType::UInt8 => int!(UInt8Type),
        DataType::UInt16 => int!(UInt16Type),
        DataType::UInt32 => int!(UInt32Type),
        DataType::UInt64 => int!(UInt64Type),
        DataType::Float32 => {
            Scalar::Float(f64::from(array.as_primitive::<Float32Type>().value(row)))
        }
        DataType::Float64 => Scalar::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => Scalar::Decimal {
            unscaled: Integer(array.as_primitive::<Decimal128Type>().value(row)),
            scale: *scale,
        },
        DataType::Decimal256(_, scale) => {
            match array.as_primitive::<Decimal256Type>().value(row).to_i128() {
                Some(v) => Scalar::Decimal {
                    unscaled: Integer(v),
                    scale: *scale,
                },
                None => printed(array, row),
            }
        }
        DataType::Utf8 => Scalar::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Binary => Scalar::Binary(array.as_binary::<i32>().value(row).to_vec()),
        DataType::Date32 => Scalar::Date(i64::from(array.as_primitive::<Date32Type>().value(row))),
        DataType::Time64(TimeUnit::Nanosecond) => {
            Scalar::Time(array.as_primitive::<Time64NanosecondType>().value(row))
        }
        DataType::Timestamp(unit, zone) => Scalar::Timestamp {
            nanos: Integer(i128::from(timestamp(array, *unit, row)) * nanos_per(*unit)),
            utc: zone.is_some(),
        },
        DataType::Duration(unit) => Scalar::Duration(Integer(
            i128::from(duration(array, *unit, row)) * nanos_per(*unit),
        )),
        _ => printed(array, row),
    })
}

/// Ticks of `unit` since 1970-01-01T00:00:00.
fn timestamp(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
    }
}

/// Ticks of `unit`.
fn duration(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => array.as_primitive::<DurationSecondType>().value(row),
        TimeUnit::Millisecond => array.as_primitive::<DurationMillisecondType>().value(row),
        TimeUnit::Microsecond => array.as_primitive::<DurationMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array.as_primitive::<DurationNanosecondType>().value(row),
    }
}

fn printed(array: &dyn Array, row: usize) -> Scalar {
    Scalar::Text(
        arrow::util::display::array_value_to_string(array, row)
            .unwrap_or_else(|_| format!("<{}>", array.data_type())),
    )
}
