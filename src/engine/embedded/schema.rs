//! Arrow types: their logical names, and the few canonical ones that batches are cast to before anything looks at them.

use crate::types::{Field, LogicalType, Schema};
use arrow::datatypes::{DataType, TimeUnit};

/// The logical type of an Arrow type, as contracts and reports name it.
#[must_use]
pub fn logical(dtype: &DataType) -> LogicalType {
    use LogicalType as T;
    match dtype {
        DataType::Null => T::Null,
        DataType::Boolean => T::Boolean,
        DataType::Int8 => T::Int(8),
        DataType::Int16 => T::Int(16),
        DataType::Int32 => T::Int(32),
        DataType::Int64 => T::Int(64),
        DataType::UInt8 => T::UInt(8),
        DataType::UInt16 => T::UInt(16),
        DataType::UInt32 => T::UInt(32),
        DataType::UInt64 => T::UInt(64),
        DataType::Float16 => T::Float(16),
        DataType::Float32 => T::Float(32),
        DataType::Float64 => T::Float(64),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => T::Decimal(*p, *s),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => T::String,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => T::Binary,
        DataType::Date32 | DataType::Date64 => T::Date,
        DataType::Time32(_) | DataType::Time64(_) => T::Time,
        DataType::Timestamp(_, zone) => T::Timestamp {
            utc: zone.is_some(),
        },
        DataType::Duration(_) => T::Duration,
        DataType::List(f)
        | DataType::LargeList(f)
        | DataType::ListView(f)
        | DataType::LargeListView(f)
        | DataType::FixedSizeList(f, _) => T::List(Box::new(logical(f.data_type()))),
        DataType::Struct(fields) => T::Struct(
            fields
                .iter()
                .map(|f| (f.name().clone(), logical(f.data_type())))
                .collect(),
        ),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(kv) if kv.len() == 2 => T::Map(
                Box::new(logical(kv[0].data_type())),
                Box::new(logical(kv[1].data_type())),
            ),
            other => T::Other(other.to_string()),
        },
        DataType::Dictionary(_, value) => logical(value),
        DataType::RunEndEncoded(_, value) => logical(value.data_type()),
        other => T::Other(other.to_string()),
    }
}

/// The logical schema of an Arrow schema, columns in file order.
#[must_use]
pub fn logical_schema(schema: &arrow::datatypes::Schema) -> Schema {
    Schema {
        fields: schema
            .fields()
            .iter()
            .map(|f| Field {
                name: f.name().clone(),
                dtype: logical(f.data_type()),
                nullable: f.is_nullable(),
            })
            .collect(),
    }
}

/// The canonical Arrow type that a column is cast to when it is read; `None` when it stays as it is.
///
/// Dictionaries, run-ends, views, large and fixed-size forms, half floats, small decimals and 32-bit times become
/// the plain type that holds every one of their values. After this, batches hold only: Null, Boolean, Int8 to Int64,
/// `UInt8` to `UInt64`, Float32, Float64, Decimal128, Decimal256, Utf8, Binary, Date32, Time64(ns), Timestamp, Duration,
/// and nested or interval types, which nothing below looks into.
#[must_use]
pub fn canonical(dtype: &DataType) -> Option<DataType> {
    match dtype {
        DataType::Float16 => Some(DataType::Float32),
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => Some(DataType::Decimal128(*p, *s)),
        DataType::LargeUtf8 | DataType::Utf8View => Some(DataType::Utf8),
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Some(DataType::Binary)
        }
        DataType::Date64 => Some(DataType::Date32),
        DataType::Time32(_) | DataType::Time64(TimeUnit::Microsecond) => {
            Some(DataType::Time64(TimeUnit::Nanosecond))
        }
        DataType::Dictionary(_, value) => {
            Some(canonical(value).unwrap_or_else(|| (**value).clone()))
        }
        DataType::RunEndEncoded(_, value) => {
            Some(canonical(value.data_type()).unwrap_or_else(|| value.data_type().clone()))
        }
        _ => None,
    }
}

/// A canonical Arrow type of a logical type, for columns without rows; the finest unit of times, `None` for types that a
/// name alone does not tell.
#[must_use]
pub fn arrow_type(dtype: &LogicalType) -> Option<DataType> {
    use LogicalType as T;
    Some(match dtype {
        T::Null => DataType::Null,
        T::Boolean => DataType::Boolean,
        T::Int(8) => DataType::Int8,
        T::Int(16) => DataType::Int16,
        T::Int(32) => DataType::Int32,
        T::Int(_) => DataType::Int64,
        T::UInt(8) => DataType::UInt8,
        T::UInt(16) => DataType::UInt16,
        T::UInt(32) => DataType::UInt32,
        T::UInt(_) => DataType::UInt64,
        T::Float(16 | 32) => DataType::Float32,
        T::Float(_) => DataType::Float64,
        T::Decimal(p, s) if *p <= 38 => DataType::Decimal128(*p, *s),
        T::String => DataType::Utf8,
        T::Binary => DataType::Binary,
        T::Date => DataType::Date32,
        T::Time => DataType::Time64(TimeUnit::Nanosecond),
        T::Timestamp { utc } => {
            DataType::Timestamp(TimeUnit::Nanosecond, utc.then(|| "UTC".into()))
        }
        T::Duration => DataType::Duration(TimeUnit::Nanosecond),
        _ => return None,
    })
}
