//! The one integration-test binary.
mod flights;
mod footer;
mod formats;
mod foundation;
mod gate;
mod interrupt;
mod kernels;
mod measure;
mod quarantine;
mod relational;
mod relational_frames;
mod relational_queries;
