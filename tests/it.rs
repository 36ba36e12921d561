//! The one integration-test binary.
mod flights;
mod formats;
mod foundation;
mod gate;
mod kernels;
mod relational;
mod relational_frames;
mod relational_queries;
mod report_files;
mod report_fixture;
mod reports;
