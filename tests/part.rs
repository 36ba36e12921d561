//! The part under work.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, like tests"
)]
mod ci;
mod cases;
mod documentation;
mod schemas;
mod doctor;
mod ci_comment;
mod ci_runner;
mod harness;
mod outputs;
mod report_fixture;
mod reports;
