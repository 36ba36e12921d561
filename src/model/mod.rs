//! Candidate against baseline: where predictions and tracked metrics come from, what they measure, how the two compare.
//!
//! Rows are read into a [`table::Table`] by the engine; everything here is pure but `source`, which asks files, servers
//! and registries.

pub mod artifact;
mod beside;
mod champion;
mod constant;
mod endpoint_side;
pub mod evaluation;
pub mod gate;
pub mod judge;
pub mod metric;
mod onnx_side;
pub(crate) mod outcome;
pub mod own;
mod promised;
mod read;
pub mod rows;
pub mod signature;
pub mod source;
pub mod table;
