//! `tollgate explain METRIC` says what a metric is; the page of all metrics links to each.

use crate::contract::tollgate;
use serde_json::Value;
use tollgate::model::metric::{Metric, Options};

#[test]
fn explain_prints_a_metric_by_any_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) = tollgate(folder.path(), &["explain", "auc"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("roc_auc: area under the ROC curve\n\nDefinition\n  The chance"));
    assert!(text.contains("\nBetter\n  Higher; from 0 to 1; perfect is 1; unit: ratio.\n"));
    assert!(text.lines().all(|l| l.chars().count() <= 102));
    let arguments = ["explain", "ndcg", "--format", "json"];
    let (_, text, _) = tollgate(folder.path(), &arguments);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["definition"], "ndcg(k=all,gain=linear)");
    assert_eq!(read["tasks"], serde_json::json!(["ranking"]));
    let arguments = ["explain", "lift", "--format", "markdown"];
    let (_, text, _) = tollgate(folder.path(), &arguments);
    assert!(text.starts_with("# lift_at_k\n\nLift at k.\n\n- **Definition.** The share"));
    let (code, _, text) = tollgate(folder.path(), &["explain", "roc_auk"]);
    assert_eq!(code, 2);
    assert!(text.contains("did you mean `roc_auc`?"), "{text}");
}

#[test]
fn every_option_of_every_metric_is_explained() {
    for metric in Metric::all() {
        let text = tollgate::docs::metric_markdown(&metric);
        for key in metric.options() {
            let said = Options::doc(key).unwrap();
            assert!(text.contains(&format!("`{key}`: {said}")), "{text}");
        }
        for part in [
            "Definition",
            "Ties",
            "Edge cases",
            "Source",
            "Reads",
            "Better",
        ] {
            assert!(text.contains(&format!("- **{part}.** ")), "{text}");
        }
    }
}
