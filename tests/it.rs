//! The one integration-test binary.
mod flights;
mod formats;
mod foundation;
mod gate;
mod kernels;
mod profile;
mod relational;
mod relational_frames;
mod relational_queries;
mod sources;
mod sources_arrow;
mod sources_broken;
mod sources_conformance;
mod sources_files;
mod sources_footer;
mod sources_http;
mod sources_property;
