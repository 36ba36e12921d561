//! The one integration-test binary.
mod flights;
mod footer;
mod formats;
mod foundation;
mod gate;
mod harness;
mod interrupt;
mod kernels;
mod kernels_values;
mod measure;
mod quarantine;
mod relational;
mod relational_frames;
mod relational_queries;
