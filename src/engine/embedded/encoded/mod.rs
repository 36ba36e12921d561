//! Parquet files profiled as they are encoded, without making rows.

pub mod decode;
