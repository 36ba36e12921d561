//! The engine inside the binary: arrow and parquet read and profile, polars runs what is relational.

mod content;
mod due;
pub mod encoded;
pub mod example_batch;
pub mod first_look;
pub mod inputs;
pub mod joint;
pub mod kernel;
pub mod measure;
mod metadata;
mod moments;
mod partitions;
pub mod personal;
pub mod predictions;
pub mod profile;
pub mod relational;
pub mod sample;
pub mod schema;
mod schema_match;
pub mod source;
mod stable;
mod statistics_of_rows;
pub mod store;
pub mod table;
mod tests_of_rows;
pub mod value;

pub(crate) use due::time as time_of_day;
