//! ONNX files as candidates by the binary.

use crate::harness::Gate;

const CONFIG: &str = "version: 1\nmodels:\n  late:\n    candidate: {onnx: late.onnx, predictions: rows.csv, features: [a], \
     label: late, score: probabilities.1}\n    metrics: {roc_auc: {at_least: 0.5}}\n";

#[test]
#[cfg(not(feature = "onnx"))]
fn without_the_feature_nothing_is_judged_and_the_way_to_it_is_said() {
    let gate = Gate::run(&[("tollgate.yaml", CONFIG.as_bytes())], &[]);
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
