//! The one integration-test binary.
mod catalogue;
mod documentation;
mod flights;
mod formats;
mod foundation;
mod gate;
mod kernels;
mod relational;
mod relational_frames;
mod relational_queries;
mod schemas;
