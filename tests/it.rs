//! The one integration-test binary.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, like tests"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::too_many_lines,
    clippy::needless_for_each,
    reason = "expected values are small and exact; long tests read as tables"
)]

mod accumulators;
mod artifact_files;
mod bad_input;
mod cases;
mod catalogue;
mod ci;
mod ci_comment;
mod ci_runner;
mod cli_surface;
mod conformance;
mod conformance_gx;
mod contract;
mod contract_checks;
mod contract_diff;
mod contract_policy;
mod contract_rules;
mod documentation;
mod drift;
mod drift_gate;
mod drift_kinds;
mod drift_large;
mod drift_moments;
mod drift_profile_level;
mod drift_profiles;
mod drift_roles;
mod drift_rows;
mod drift_sides;
mod drift_slices;
mod encoded;
mod encoded_random;
mod evidence;
mod evidence_commands;
mod evidence_securesystemslib;
mod export;
mod export_forms;
mod false_passes;
mod flights;
mod footer;
mod formats;
mod foundation;
mod gate;
mod harness;
mod history;
mod history_asked;
mod history_gate;
mod history_metric;
mod history_nights;
mod history_store;
mod import;
mod import_closed;
mod import_duplicates;
mod import_rules;
mod import_run;
mod import_tfdv;
mod infer;
mod infer_keys;
mod interrupt;
mod json_schema;
mod kernels;
mod kernels_values;
mod kernels_whole;
mod lint;
mod listed;
mod measure;
mod metrics;
mod metrics_explained;
mod model_endpoints;
mod model_sources;
mod model_sources_endpoints;
mod model_sources_mlflow;
mod model_sources_tls;
mod models;
mod models_said;
mod mutated;
mod outputs;
mod paired;
mod partitions;
mod parts;
mod personal;
mod personal_everywhere;
mod personal_only_in;
mod personal_shown;
mod profile;
mod promotion;
mod promotion_drive;
mod quarantine;
mod range_server;
mod readme;
mod registry_aws;
mod registry_bench;
mod registry_git;
mod relational;
mod relational_frames;
mod relational_queries;
mod replay;
mod report_files;
mod report_fixture;
mod reports;
mod reuse;
mod row_checks;
mod run_remote;
mod samples;
mod samples_of_all;
mod schemas;
mod schemas_arguments;
mod schemas_diff;
mod slices;
mod sources;
mod sources_arrow;
mod sources_broken;
mod sources_conformance;
mod sources_files;
mod sources_footer;
mod sources_http;
mod sources_property;
mod sources_remote;
mod sources_s3;
mod status;
mod store;
mod templates;
mod thresholds;
mod values_files;
mod waivers;
mod wellformed;
