//! Rules of other tools that are computed in SQL: NaN, null, no row and reversed bounds keep none of them.

use crate::harness::Gate;
use tollgate::record::Status;

const NUMBERS: &str = "x,k\n1,1\n2,1\nNaN,1\n";

/// The outcomes of the rules of one contract over `data`, by id.
fn judged(contract: &str, name: &str, data: &str) -> Vec<(String, Status)> {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    csv: {{nulls: ['']}}\n    contract: {name}\n"
    );
    let files = [
        ("tollgate.yaml", config.as_bytes()),
        ("d.csv", data.as_bytes()),
        (name, contract.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert!(gate.code < 2, "{}{}", gate.stdout, gate.stderr);
    let rules = gate.record().outcomes.into_iter();
    rules
        .filter(|o| ["value_between", "expression", "compare"].contains(&o.check.as_str()))
        .map(|o| (o.id, o.status))
        .collect()
}

fn all_fail(found: &[(String, Status)], many: usize) {
    assert_eq!(found.len(), many, "{found:?}");
    assert!(found.iter().all(|(_, s)| *s == Status::Fail), "{found:?}");
}

#[test]
fn a_mean_that_is_nan_keeps_no_rule_of_dqdl() {
    let rules = "Rules = [\n  (Mean \"x\" > 100) or (RowCount = 77),\n  Mean \"x\" != 5,\n  Mean \"x\" not between 5 and 10,\n  \
        Mean \"x\" not in [5, 6],\n  ColumnValues \"x\" > 100 with threshold between 0.1 and 0.9\n]\n";
    all_fail(&judged(rules, "rules.dqdl", NUMBERS), 5);
    // The same rules over numbers are kept where they hold.
    let rules = "Rules = [\n  (Mean \"x\" > 100) or (RowCount = 3),\n  Mean \"x\" != 5,\n  Mean \"x\" not between 5 and 10\n]\n";
    let found = judged(rules, "rules.dqdl", "x,k\n1,1\n2,1\n3,1\n");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|(_, s)| *s == Status::Pass), "{found:?}");
}

#[test]
fn a_part_of_or_whose_filter_keeps_no_row_is_not_kept() {
    let rule =
        "Rules = [ (ColumnValues \"x\" > 0 where \"k > 100\") or (ColumnValues \"x\" > 500) ]\n";
    all_fail(&judged(rule, "rules.dqdl", "x,k\n1,1\n2,1\n"), 1);
}

#[test]
fn a_number_of_soda_that_is_nan_is_outside_of_no_hole() {
    let contract = "dataset: a/d\ncolumns:\n  - name: x\n    checks:\n      - aggregate: {function: avg, threshold: {must_not_be: 5}}\n      \
        - aggregate: {function: avg, threshold: {must_be_not_between: [5, 10]}}\n  - name: k\n";
    all_fail(&judged(contract, "soda.yaml", NUMBERS), 2);
}

#[test]
fn a_value_that_is_nan_keeps_no_choice_of_json_schema() {
    let schema = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "properties": {"x": {"anyOf": [{"minimum": 10}, {"maximum": 5}]}, "k": {}}}"#;
    all_fail(&judged(schema, "s.json", NUMBERS), 1);
    let found = judged(schema, "s.json", "x,k\n1,1\n20,1\n,1\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, Status::Pass);
}

/// What the import says of a file: its coverage, or its errors.
fn said(name: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["import", name])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (out, err) = (output.stdout, output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(&out),
        String::from_utf8_lossy(&err)
    )
}

#[test]
fn null_among_constants_is_no_promise_that_nothing_breaks() {
    for of_x in [
        r#"{"not": {"const": null}}"#,
        r#"{"not": {"enum": [null, 5]}}"#,
        r#"{"if": {"const": null}, "then": false}"#,
        r#"{"oneOf": [{"enum": [null, 1]}, {"enum": [null, 2]}]}"#,
    ] {
        let schema = format!(
            r#"{{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {{"x": {of_x}}}}}"#
        );
        let said = said("s.json", &schema);
        assert!(
            said.contains("asks whether the value is null") || said.contains("nullable: false"),
            "{of_x}: {said}"
        );
    }
}

#[test]
fn a_condition_that_doubles_at_every_level_ends() {
    let mut of_x = r#"{"minimum": 1}"#.to_owned();
    for level in 0..25 {
        of_x = format!(
            r#"{{"if": {of_x}, "then": {{"maximum": {level}}}, "else": {{"minimum": {level}}}}}"#
        );
    }
    let schema = format!(
        r#"{{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {{"x": {of_x}}}}}"#
    );
    let said = said("s.json", &schema);
    assert!(
        said.contains("too many parts"),
        "{}",
        &said[..said.len().min(600)]
    );
    assert!(said.len() < 10_000, "{}", said.len());
}

#[test]
fn reversed_bounds_of_what_is_not_allowed_are_no_promise() {
    let contract =
        "dataset: a/d\nchecks:\n  - row_count: {threshold: {must_be_not_between: [10, 5]}}\n";
    let soda = said("soda.yaml", contract);
    assert!(soda.contains("empty-range"), "{soda}");
    assert!(soda.contains("every number keeps this"), "{soda}");
    // Of what is allowed it is the other way round.
    let contract = "dataset: a/d\ncolumns:\n  - name: x\n    checks:\n      - missing: {threshold: {must_be_between: [5, 3]}}\n";
    let soda = said("soda.yaml", contract);
    assert!(
        soda.contains("no data can keep this") && !soda.contains("every number keeps"),
        "{soda}"
    );
    let dqdl = said("rules.dqdl", "Rules = [ RowCount not between 10 and 5 ]\n");
    assert!(dqdl.contains("which every number keeps"), "{dqdl}");
}
