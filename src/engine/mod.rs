//! The only folder that reads data, and the only one that may name arrow, parquet or polars.

pub mod embedded;
