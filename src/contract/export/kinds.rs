//! Native types as the few kinds that other forms have words for.

use crate::contract::import::Coverage;
use crate::diagnostic::Place;
use crate::types::{LogicalType, TypePattern};

/// Says that a type is written as one of the form's, and what that one does not tell.
pub(super) fn told(
    dtype: &TypePattern,
    kind: &str,
    at: &Place,
    what: String,
    coverage: &mut Coverage,
) {
    if Kind::is_whole(dtype) {
        coverage.mapped(at, what, "type");
    } else {
        coverage.note(at, what, format!("`{dtype}` is any {kind} there"));
    }
}

/// What a value of a column is, whatever its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8 text.
    String,
    /// Bytes.
    Binary,
    /// true or false.
    Boolean,
    /// Whole number.
    Integer,
    /// Any number: a float, a decimal, or either.
    Number,
    /// Calendar day.
    Date,
    /// Time of day.
    Time,
    /// Date and time, with or without a zone.
    Timestamp,
    /// Date and time that is an instant.
    Instant,
    /// Date and time without a zone.
    Local,
    /// List of values.
    List,
    /// Named fields.
    Struct,
    /// Keys and values.
    Map,
    /// Anything.
    Any,
}

impl Kind {
    /// The kind of a promised type; `None` where it is of none, as a length of time.
    pub(super) fn of(dtype: &TypePattern) -> Option<Self> {
        Some(match dtype {
            TypePattern::Any => Self::Any,
            TypePattern::Integer => Self::Integer,
            TypePattern::Float | TypePattern::Number | TypePattern::Decimal => Self::Number,
            TypePattern::Timestamp => Self::Timestamp,
            TypePattern::List | TypePattern::ListOf(_) => Self::List,
            TypePattern::Struct | TypePattern::StructOf(_) => Self::Struct,
            TypePattern::Map | TypePattern::MapOf(..) => Self::Map,
            TypePattern::Temporal => return None,
            TypePattern::Exact(exact) => match exact {
                LogicalType::Boolean => Self::Boolean,
                LogicalType::Int(_) | LogicalType::UInt(_) => Self::Integer,
                LogicalType::Float(_) | LogicalType::Decimal(..) => Self::Number,
                LogicalType::String => Self::String,
                LogicalType::Binary => Self::Binary,
                LogicalType::Date => Self::Date,
                LogicalType::Time => Self::Time,
                LogicalType::Timestamp { utc: true } => Self::Instant,
                LogicalType::Timestamp { utc: false } => Self::Local,
                LogicalType::List(_) => Self::List,
                LogicalType::Struct(_) => Self::Struct,
                LogicalType::Map(..) => Self::Map,
                LogicalType::Duration | LogicalType::Null | LogicalType::Other(_) => return None,
            },
        })
    }

    /// Whether the kind is all that the type promises; a float among numbers, or a width, is more.
    pub(super) fn is_whole(dtype: &TypePattern) -> bool {
        match dtype {
            TypePattern::Float
            | TypePattern::Decimal
            | TypePattern::ListOf(_)
            | TypePattern::MapOf(..)
            | TypePattern::StructOf(_) => false,
            TypePattern::Exact(exact) => !matches!(
                exact,
                LogicalType::Int(_)
                    | LogicalType::UInt(_)
                    | LogicalType::Float(_)
                    | LogicalType::Decimal(..)
                    | LogicalType::List(_)
                    | LogicalType::Struct(_)
                    | LogicalType::Map(..)
            ),
            _ => true,
        }
    }
}
