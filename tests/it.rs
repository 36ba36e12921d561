//! The one integration-test binary.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, like tests"
)]

mod catalogue;
mod contract;
mod contract_checks;
mod contract_diff;
mod contract_rules;
mod documentation;
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
mod schemas;
