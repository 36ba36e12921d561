//! The one integration-test binary.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, like tests"
)]

mod catalogue;
mod contract;
mod contract_diff;
mod contract_rules;
mod documentation;
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
mod schemas;
mod sources;
mod sources_arrow;
mod sources_conformance;
mod sources_files;
mod sources_footer;
mod sources_http;
mod sources_property;
