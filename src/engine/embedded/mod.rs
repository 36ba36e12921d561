//! The engine inside the binary: arrow and parquet read and profile, polars runs what is relational.

pub mod kernel;
pub mod relational;
pub mod schema;
pub mod source;
pub mod value;
