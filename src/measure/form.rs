//! The form in which the values of a column are kept, and one value in it.

use crate::scalar::{Integer, Scalar};
use crate::types::LogicalType;

/// How the values of a column are kept: what of them is compared, counted and summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// false 0, true 1.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Digits without the point; the scale.
    Decimal(i8),
    /// Floating point of any width, as 64 bits.
    Float,
    /// Days since 1970-01-01.
    Date,
    /// Nanoseconds since midnight.
    Time,
    /// Nanoseconds since 1970-01-01T00:00:00; whether in UTC.
    Timestamp(Zone),
    /// Nanoseconds.
    Duration,
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
    /// Nothing but nulls is counted.
    None,
}

/// Whether a timestamp is an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// An instant, in UTC.
    Utc,
    /// A local time.
    Local,
}

impl Form {
    /// The form of a logical type.
    #[must_use]
    pub fn of(dtype: &LogicalType) -> Self {
        match dtype {
            LogicalType::Boolean => Self::Boolean,
            LogicalType::Int(_) | LogicalType::UInt(_) => Self::Integer,
            LogicalType::Float(_) => Self::Float,
            LogicalType::Decimal(_, scale) => Self::Decimal(*scale),
            LogicalType::String => Self::Text,
            LogicalType::Binary => Self::Binary,
            LogicalType::Date => Self::Date,
            LogicalType::Time => Self::Time,
            LogicalType::Timestamp { utc: true } => Self::Timestamp(Zone::Utc),
            LogicalType::Timestamp { utc: false } => Self::Timestamp(Zone::Local),
            LogicalType::Duration => Self::Duration,
            _ => Self::None,
        }
    }

    /// Whether sums and moments make sense.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal(_) | Self::Float)
    }

    /// Whether values have an order that bins can follow.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        !matches!(self, Self::Text | Self::Binary | Self::Boolean | Self::None)
    }

    /// Digits after the point of a decimal, else 0.
    #[must_use]
    pub fn scale(self) -> i8 {
        match self {
            Self::Decimal(scale) => scale,
            _ => 0,
        }
    }

    /// What a number in whole units is divided by to be the number that bins are made of.
    pub(super) fn divisor(self) -> f64 {
        match self {
            Self::Decimal(scale) => 10f64.powi(i32::from(scale)),
            Self::Time | Self::Timestamp(_) | Self::Duration => 1e9,
            _ => 1.0,
        }
    }

    /// The value that a key stands for.
    #[must_use]
    pub fn scalar(self, key: &Key) -> Scalar {
        let day = |v: i128| i64::try_from(v).unwrap_or(i64::MAX);
        match (self, key) {
            (_, Key::Text(v)) => Scalar::Text(v.clone()),
            (_, Key::Bytes(v)) => Scalar::Binary(v.clone()),
            (_, Key::Float(v)) => Scalar::Float(*v),
            (Self::Boolean, Key::Int(v)) => Scalar::Bool(*v != 0),
            (Self::Decimal(scale), Key::Int(v)) => Scalar::Decimal {
                unscaled: Integer(*v),
                scale,
            },
            (Self::Date, Key::Int(v)) => Scalar::Date(day(*v)),
            (Self::Time, Key::Int(v)) => Scalar::Time(day(*v)),
            (Self::Timestamp(zone), Key::Int(v)) => Scalar::Timestamp {
                nanos: Integer(*v),
                utc: zone == Zone::Utc,
            },
            (Self::Duration, Key::Int(v)) => Scalar::Duration(Integer(*v)),
            (_, Key::Int(v)) => Scalar::Int(Integer(*v)),
        }
    }

    /// The key as a number for bins and pictures; 0 for text and bytes.
    #[must_use]
    pub fn number(self, key: &Key) -> f64 {
        self.scalar(key).number().unwrap_or(0.0)
    }
}

/// One value in the form of its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// Whole number, or what is counted in whole units: 0 and 1 for booleans, digits, days, nanoseconds.
    Int(i128),
    /// Float, not NaN; both zeros are `0.0`.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Key {
    /// The bytes of text and bytes; none for numbers.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
            Self::Int(_) | Self::Float(_) => &[],
        }
    }

    /// Order within one variant.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        }
    }
}
