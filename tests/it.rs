//! The one integration-test binary.
mod contract;
mod contract_checks;
mod contract_diff;
mod contract_rules;
mod flights;
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
