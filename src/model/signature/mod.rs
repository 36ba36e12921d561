//! What a model says it is given and gives, held against the columns of datasets; and what it was trained on.
//!
//! A signature is that of an `MLmodel` file, or one that is declared. Everything here is pure: columns come from a
//! contract or from the schema of a dataset, rows from [`super::table::Table`]s.

pub mod compare;
pub mod leakage;
pub mod read;
pub mod trained;

pub use compare::{Mismatch, Offered, OfferedType, compare};
pub use read::{from_mlmodel, from_node};

use crate::types::LogicalType;

/// What a model is given and gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// What it is given, in order.
    pub inputs: Vec<Field>,
    /// What it gives, in order; empty where that is not told.
    pub outputs: Vec<Field>,
}

/// One input or output.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name; a field without one is told by its place.
    pub name: Option<String>,
    /// Its type.
    pub wants: Wants,
    /// Whether it must be there.
    pub required: bool,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Wants {
    /// Values of a type, or of one that is narrower.
    Plain(LogicalType),
    /// A list, a map or fields; what is inside is not looked at.
    Nested(&'static str),
    /// Anything.
    Any,
    /// Numbers in a block, of exactly this type.
    Tensor {
        /// Type of its numbers.
        element: LogicalType,
        /// Its sizes; a negative one is any.
        shape: Vec<i64>,
    },
    /// A type that is not known here, by its name.
    Unknown(String),
}

#[cfg(test)]
mod tests;
