//! `tollgate diff` in CI: what a policy makes of changes, and the machine formats.

use crate::contract::{tollgate, write};
use serde_json::Value;
use std::path::Path;

const OLD: &str = "version: 1\ncolumns:\n  - {name: a, type: integer, expect: [in_set: {values: [1, 2]}]}\n  - {name: b}\n  - {name: c, expect: [between: {min: 0}]}\n";
const NEW: &str = "version: 1\ncolumns:\n  - {name: a, type: number, expect: [in_set: {values: [1]}]}\n  - {name: c, pii: true, expect: [between: {min: 1}]}\n";
const NOW: &[&str] = &["--now", "2026-11-26T00:00:00Z"];

/// A folder with both contracts and a policy.
fn folder(policy: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "contracts/old.yaml", OLD);
    write(folder.path(), "contracts/new.yaml", NEW);
    write(
        folder.path(),
        "policy.yaml",
        format!("version: 1\ndiff:\n{policy}"),
    );
    folder
}

fn diff(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let sides = ["diff", "contracts/old.yaml", "contracts/new.yaml"];
    tollgate(folder, &[&sides, NOW, more].concat())
}

fn statuses(folder: &Path, more: &[&str]) -> (i32, Vec<String>) {
    let (code, stdout, stderr) = diff(folder, &[&["--format", "json"], more].concat());
    let json: Value = serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{e}: {stderr}"));
    let word = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let list = json["changes"].as_array().expect("changes").iter();
    let list = list.map(|c| format!("{} {}", word(&c["rule"]), word(&c["status"])));
    (code, list.collect())
}

#[test]
fn a_policy_says_what_each_rule_is_worth() {
    let folder = folder(
        "  fail_on: consumer\n  severity: {type-widened: warn, set-values-removed: error, column-removed: info}\n",
    );
    let with = ["--policy", "policy.yaml"];
    let (code, list) = statuses(folder.path(), &with);
    assert_eq!(
        list,
        [
            "type-widened warn",
            "set-values-removed fail",
            "column-removed pass",
            "pii-changed fail",
            "expectation-tightened pass",
        ]
    );
    assert_eq!(code, 1);
    let (code, list) = statuses(folder.path(), &[&with[..], &["--fail-on", "none"]].concat());
    assert_eq!(code, 0);
    assert!(list.iter().all(|c| !c.ends_with("fail")), "{list:?}");
    let (code, stdout, _) = diff(folder.path(), &[&with[..], &["--fail-on", "none"]].concat());
    assert_eq!(code, 0);
    assert!(stdout.ends_with("diff: accepted\n"), "{stdout}");
    assert!(stdout.contains("(counts as warn)"), "{stdout}");
}

const IGNORE: &str = "  ignore:
    - {rule: column-removed, column: b, contract: contracts/new.yaml, reason: nobody reads it, owner: ana, until: 2026-11-26}
    - {rule: expectation-tightened, check: between, reason: agreed, owner: ana, until: 2026-11-25}
    - {rule: key-changed, contract: contracts/new.yaml, reason: long gone, owner: ana, until: 2030-01-01}
    - {rule: type-widened, column: b, reason: another column, owner: ana, until: 2030-01-01}
";

#[test]
fn an_exception_counts_until_its_last_day_and_for_what_it_names() {
    let folder = folder(IGNORE);
    let with = ["--policy", "policy.yaml"];
    let (code, list) = statuses(folder.path(), &with);
    assert_eq!(
        list,
        [
            "type-widened fail",
            "set-values-removed fail",
            "column-removed warn",
            "pii-changed fail",
            "expectation-tightened fail",
        ]
    );
    assert_eq!(code, 1);
    let (_, stdout, _) = diff(folder.path(), &with);
    for part in [
        "readers of the column find nothing (accepted until 2026-11-26: nobody reads it)\n",
        "may be refused (the exception ended on 2026-11-25)\n",
        "note: policy.yaml:5: the exception ended on 2026-11-25\n",
        "note: policy.yaml:6: no change needs this exception\n",
        "5 changes, 5 breaking for consumers or producers, 1 accepted until a day, 4 fail\n",
    ] {
        assert!(stdout.contains(part), "{part}\n{stdout}");
    }
    let later = ["--now", "2026-11-27T00:00:00Z"];
    let sides = ["diff", "contracts/old.yaml", "contracts/new.yaml"];
    let args = [&sides[..], &later, &with, &["--format", "json"]].concat();
    let (_, stdout, _) = tollgate(folder.path(), &args);
    let json: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(json["failing"], 5, "{stdout}");
}

#[test]
fn the_policy_of_the_configuration_counts_where_none_is_named() {
    let folder = folder("  fail_on: none\n");
    assert_eq!(diff(folder.path(), &[]).0, 1);
    let config = "version: 1\ndatasets: {}\ndiff: {fail_on: none}\n";
    write(folder.path(), "tollgate.yaml", config);
    assert_eq!(diff(folder.path(), &[]).0, 0);
    write(folder.path(), "tollgate.yaml", "version: 1\ndatasets: {}\n");
    assert_eq!(diff(folder.path(), &[]).0, 1);
    let (code, _, stderr) = diff(folder.path(), &["--policy", "tollgate.yaml"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("has no section `diff`"), "{stderr}");
}

#[test]
fn a_wrong_policy_is_told_with_all_its_problems_and_nothing_is_compared() {
    let folder = folder(
        "  fail_on: someone\n  severity: {colum-removed: warn, type-changed: fatal}\n  ignore:\n    - {rule: nulls, until: soon}\n",
    );
    let (code, stdout, stderr) = diff(folder.path(), &["--policy", "policy.yaml"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for part in [
        "someone",
        "did you mean `column-removed`?",
        "error, warn or info",
        "there is no rule `nulls`",
        "ignore needs `reason`",
        "ignore needs `owner`",
        "a day such as 2013-02-01",
    ] {
        assert!(stderr.contains(part), "{part}\n{stderr}");
    }
    write(
        folder.path(),
        "tollgate.yaml",
        "version: 1\ndatasets: {}\ndiff: {fail_off: any}\n",
    );
    let (code, _, stderr) = diff(folder.path(), &[]);
    assert_eq!(code, 2, "a broken configuration is no absent one");
    assert!(stderr.contains("fail_off"), "{stderr}");
}

#[test]
fn sarif_points_at_the_new_contract_and_suppresses_what_is_accepted() {
    let folder = folder(IGNORE);
    let args = ["--policy", "policy.yaml", "--format", "sarif"];
    let (code, stdout, _) = diff(folder.path(), &args);
    assert_eq!(code, 1);
    let log: Value = serde_json::from_str(&stdout).expect("JSON");
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["exitCode"], 1);
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 5);
    let of = |rule: &str| {
        let found = results.iter().find(|r| r["ruleId"] == rule);
        found.unwrap_or_else(|| panic!("{rule}: {stdout}"))
    };
    let removed = of("column-removed");
    assert_eq!(removed["level"], "warning");
    assert_eq!(
        removed["suppressions"][0]["justification"],
        "ana, until 2026-11-26: nobody reads it"
    );
    let at = |r: &Value| {
        let place = &r["locations"][0]["physicalLocation"];
        (
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap_or("-")
                .to_owned(),
            place["region"]["startLine"].as_u64(),
        )
    };
    let new = || "contracts/new.yaml".to_owned();
    assert_eq!(at(removed), (new(), Some(1)));
    assert_eq!(at(of("set-values-removed")), (new(), Some(3)));
    assert!(of("expectation-tightened")["suppressions"].is_null());
    let prints = |r: &&Value| r["partialFingerprints"]["outcome/v1"].to_string();
    let prints: std::collections::BTreeSet<String> = results
        .iter()
        .collect::<Vec<_>>()
        .iter()
        .map(prints)
        .collect();
    assert_eq!(prints.len(), 5, "each finding has a fingerprint of its own");
}

#[test]
fn junit_fails_what_fails() {
    let folder = folder(IGNORE);
    let args = ["--policy", "policy.yaml", "--format", "junit"];
    let (_, stdout, _) = diff(folder.path(), &args);
    let head = "<testsuite name=\"contracts/new.yaml\" tests=\"5\" failures=\"4\" errors=\"0\" skipped=\"0\"";
    assert!(stdout.contains(head), "{stdout}");
    let failure = "<failure type=\"type-widened\" message=\"`a`: type was integer, is number; values may come";
    assert!(stdout.contains(failure), "{stdout}");
    let (code, stdout, _) = tollgate(
        folder.path(),
        &[
            "diff",
            "contracts/old.yaml",
            "contracts/old.yaml",
            "--format",
            "junit",
        ],
    );
    assert_eq!(code, 0);
    assert!(stdout.contains("tests=\"1\" failures=\"0\""), "{stdout}");
}

#[test]
fn a_rule_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, _) = tollgate(folder.path(), &["explain", "set-values-removed"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("writers of the value are refused"),
        "{stdout}"
    );
}
