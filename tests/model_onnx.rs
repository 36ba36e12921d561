//! ONNX files as candidates by the binary.

use crate::harness::Gate;

/// The candidate's keys, and those of a baseline.
fn config(candidate: &str, besides: &str) -> String {
    format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{onnx: {candidate}, predictions: rows.csv, features: [dep_delay, distance, \
         sched_dep_time, air_time], label: late, key: id, score: probabilities.1{besides}}}\n    baseline: {{onnx: boosted.onnx, \
         predictions: rows.csv, features: [dep_delay, distance, sched_dep_time, air_time]}}\n    metrics: {{roc_auc: {{no_worse_by: 0.2}}}}\n"
    )
}

#[test]
#[cfg(not(feature = "onnx"))]
fn without_the_feature_nothing_is_judged_and_the_way_to_it_is_said() {
    let config = config("logit.onnx", "");
    let gate = Gate::run(&[("tollgate.yaml", config.as_bytes())], &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    let told = "this tollgate was built without the feature `onnx`, which runs ONNX files; \
                build one with it: `cargo install tollgate --features onnx`";
    assert!(gate.stderr.contains(told), "{}", gate.stderr);
    assert!(
        gate.stderr.contains("tollgate.yaml:4:23"),
        "{}",
        gate.stderr
    );
}

#[cfg(feature = "onnx")]
mod with {
    use super::{Gate, config};
    use sha2::{Digest, Sha256};
    use tollgate::record::Status;

    const LOGIT: &[u8] = include_bytes!("onnx/logit.onnx");
    const BOOSTED: &[u8] = include_bytes!("onnx/boosted.onnx");
    const SVC: &[u8] = include_bytes!("onnx/svc.onnx");
    const ROWS: &str = include_str!("onnx/flights.csv");

    fn run(candidate: &str, besides: &str, offline: &str) -> Gate {
        let config = config(candidate, besides);
        let files = [
            ("tollgate.yaml", config.as_bytes()),
            ("rows.csv", ROWS.as_bytes()),
            ("offline.csv", offline.as_bytes()),
            ("logit.onnx", LOGIT),
            ("boosted.onnx", BOOSTED),
            ("svc.onnx", SVC),
        ];
        Gate::run(&files, &[])
    }

    /// The rows with what onnxruntime says under the name of the output.
    fn offline() -> String {
        ROWS.replacen("logit.probabilities.1", "probabilities.1", 1)
    }

    #[test]
    fn files_are_judged_and_their_digests_are_in_the_record() {
        let parity = ", parity: {with: offline.csv, tolerance: 0.000002}";
        let gate = run("logit.onnx", parity, &offline());
        assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
        let run = gate.record();
        let model = &run.models[0];
        assert_eq!((model.rows, model.paired), (Some(120), true));
        assert_eq!(model.candidate.kind, "onnx");
        assert_eq!(model.candidate.from, "logit.onnx");
        assert!(model.latency.is_none());
        let files = &model.candidate.files;
        assert_eq!(files.len(), 2, "{files:?}");
        let digest = Sha256::digest(LOGIT);
        let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(files[0].sha256.as_deref(), Some(hex.as_str()));
        let parity = gate.outcome("late.parity");
        assert_eq!(parity.status, Status::Pass);
        assert!(
            parity
                .summary
                .contains("The model predicts what `offline.csv` holds"),
            "{parity:?}"
        );
    }

    #[test]
    fn other_predictions_than_elsewhere_fail() {
        let first = offline().replacen(",0.999817014,", ",0.9,", 1);
        let gate = run(
            "logit.onnx",
            ", parity: {with: offline.csv, tolerance: 0.000002}",
            &first,
        );
        assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
        assert_eq!(gate.outcome("late.parity").failing, Some(1));
    }

    #[test]
    fn a_file_that_cannot_be_run_is_an_error_and_never_a_pass() {
        let gate = run("svc.onnx", "", "");
        assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
        let told = "the operator `SVMClassifier` of the domain `ai.onnx.ml`";
        assert!(gate.stderr.contains(told), "{}", gate.stderr);
        let gate = run("nowhere.onnx", "", "");
        assert_eq!(gate.code, 3, "{}", gate.stderr);
        assert!(
            gate.stderr.contains("cannot read nowhere.onnx"),
            "{}",
            gate.stderr
        );
    }
}
