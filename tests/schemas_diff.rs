//! The JSON form of `tollgate diff` fits the JSON Schema that is published for it.

use crate::schemas::{catalogue, problems};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use tollgate::schema::{Kind, schema};

/// What `tollgate diff old.yaml new.yaml` says in JSON in the folder of a case.
fn said(case: &str, more: &[&str]) -> Value {
    let cases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["diff", "old.yaml", "new.yaml", "--format", "json"])
        .args(more)
        .current_dir(cases.join(case))
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn every_comparison_fits_its_schema() {
    let schema = schema(Kind::Diff, &catalogue());
    let now = ["2026-11-26T00:00:00Z", "2099-01-01T00:00:00Z"].map(|at| ["--now", at]);
    let cases = [
        ("diff_replay.in", &["--replay", "runs"]),
        ("diff_replay.in", &["--fail-on", "none"]),
        ("diff_accepted.in", &now[0]),
        ("diff_accepted.in", &now[1]),
    ];
    for (case, more) in cases {
        assert_eq!(
            problems(&schema, &said(case, more)),
            [""; 0],
            "{case} {more:?}"
        );
    }
}

#[test]
fn a_changed_comparison_does_not_fit() {
    let schema = schema(Kind::Diff, &catalogue());
    let whole = said("diff_replay.in", &["--replay", "runs"]);
    for (pointer, value) in [
        ("/fail_on", json!("everybody")),
        ("/breaking", json!(-1)),
        ("/changes/0/rule", json!("column-painted")),
        ("/changes/0/consumer", json!(true)),
        ("/replay/runs", json!("all")),
    ] {
        let mut document = whole.clone();
        *document
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer}\n{whole:#}")) = value;
        assert_ne!(problems(&schema, &document), [""; 0], "{pointer}");
    }
    let mut document = whole;
    document
        .as_object_mut()
        .expect("a mapping")
        .remove("schema_version");
    assert_ne!(problems(&schema, &document), [""; 0]);
}
