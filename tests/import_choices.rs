//! Rules of other tools that no single check says: choices and conditions of JSON Schema, rules that DQDL joins with `or`,
//! thresholds of Soda with a hole. Each keeps and breaks the same data as its own tool says.

use crate::harness::Gate;
use crate::import_rules::told;
use tollgate::contract::import::Form;
use tollgate::record::Status;

/// Statuses of the outcomes of one check over a CSV under a contract, in order, with the rows that fail.
fn judged(contract: (&str, &str), data: &str, check: &str) -> Vec<(Status, Option<u64>)> {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: {}\n",
        contract.0
    );
    let files = [
        ("d.csv", data.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
        (contract.0, contract.1.as_bytes()),
    ];
    let run = Gate::run(&files, &[]).record();
    let of = run.outcomes.into_iter().filter(|o| o.check == check);
    of.map(|o| (o.status, o.failing)).collect()
}

const DATA: &str = "country,zip,n,k\nUS,12345,,1\nUS,,3,10\nDE,x1,-1,11\nDE,x1,,13\n,,2,3\n,,6,5\n";

/// Each schema, and how many rows of `DATA` break it; a validator of JSON Schema says the same of rows without their nulls.
const CHOICES: &[(&str, u64)] = &[
    (
        r#""if": {"properties": {"country": {"const": "US"}}, "required": ["country"]},
           "then": {"properties": {"zip": {"pattern": "^[0-9]{5}$"}}, "required": ["zip"]},
           "else": {"properties": {"n": {"minimum": 0}}}"#,
        2,
    ),
    (
        r#""anyOf": [{"required": ["zip"]}, {"properties": {"n": {"maximum": 3}}}]"#,
        1,
    ),
    (
        r#""oneOf": [{"properties": {"n": {"maximum": 4}}, "required": ["n"]}, {"required": ["zip"]}]"#,
        2,
    ),
    (
        r#""not": {"properties": {"k": {"const": 13}}, "required": ["k"]}"#,
        1,
    ),
    (
        r#""dependentSchemas": {"zip": {"properties": {"k": {"maximum": 11}}}}"#,
        1,
    ),
    (r#""dependencies": {"zip": ["n"]}"#, 2),
    (
        r##""$defs": {"big": {"minimum": 5}}, "not": {"properties": {"n": {"$ref": "#/$defs/big"}}, "required": ["n"]}"##,
        1,
    ),
];

#[test]
fn choices_of_a_json_schema_are_conditions_on_a_row() {
    for (keywords, failing) in CHOICES {
        let schema = format!(
            "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", {keywords}}}"
        );
        let found = judged(("row.json", &schema), DATA, "expression");
        assert_eq!(found, [(Status::Fail, Some(*failing))], "{keywords}");
    }
    let value = |keywords: &str| {
        let schema = format!(
            "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"properties\": {{\"k\": {{{keywords}}}}}}}"
        );
        judged(("row.json", &schema), DATA, "expression")
    };
    let broken = |n| vec![(Status::Fail, Some(n))];
    assert_eq!(
        value(r#""anyOf": [{"maximum": 3}, {"minimum": 11}]"#),
        broken(2)
    );
    assert_eq!(
        value(r#""if": {"maximum": 3}, "then": {"enum": [1, 2]}"#),
        broken(1)
    );
    assert_eq!(value(r#""not": {"minimum": 4, "maximum": 10}"#), broken(2));
}

#[test]
fn what_no_condition_says_is_named_and_never_half_held() {
    for (keywords, why) in [
        (
            r#""anyOf": [{"properties": {"n": {"multipleOf": 3}}}, {"required": ["k"]}]"#,
            "`multipleOf` cannot be said",
        ),
        (
            r#""not": {"minProperties": 2}"#,
            "`minProperties` cannot be said",
        ),
        (
            r#""if": {"properties": {"n": {"not": {"type": "null"}}}}, "then": false"#,
            "asks whether the value is null",
        ),
        (r##""not": {"$ref": "#/$defs/none"}"##, "leads to nothing"),
        (
            r#""patternProperties": {"^a": {"anyOf": [{"maximum": 1}, {"minimum": 3}]}}"#,
            "every column that a pattern names",
        ),
    ] {
        let schema = format!(
            "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", {keywords}}}"
        );
        let said = told(Form::JsonSchema, &schema);
        assert!(said.contains("dropped") && said.contains(why), "{said}");
        assert!(!said.contains("expression"), "{said}");
    }
}

/// A schema that refers to itself twice at every step has an end here.
#[test]
fn doubled_references_have_an_end() {
    for key in ["allOf", "anyOf"] {
        let defs: Vec<String> = (0..40)
            .map(|i| {
                let next = format!("{{\"$ref\": \"#/$defs/d{}\"}}", i + 1);
                format!("\"d{i}\": {{\"{key}\": [{next}, {next}]}}")
            })
            .collect();
        let schema = format!(
            "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"$ref\": \"#/$defs/d0\", \
             \"$defs\": {{{}, \"d40\": {{}}}}}}",
            defs.join(", ")
        );
        let said = told(Form::JsonSchema, &schema);
        assert!(said.contains("dropped"), "{key}");
    }
}

/// Glue judges rules that `or` joins each over all rows: half the rows by one and half by the other is not enough.
#[test]
fn or_of_dqdl_is_over_all_rows() {
    let data = "a,b\n1,\n,2\n";
    let rules = |rule: &str| format!("Rules = [ {rule} ]");
    let status = |rule: &str| judged(("rules.dqdl", &rules(rule)), data, "value_between")[0].0;
    assert_eq!(
        status("(IsComplete \"a\") or (IsComplete \"b\")"),
        Status::Fail
    );
    assert_eq!(status("(IsComplete \"a\") or (RowCount = 2)"), Status::Pass);
    assert_eq!(
        status("(IsComplete \"a\") or ((RowCount = 2) and (IsUnique \"b\"))"),
        Status::Pass
    );
    assert_eq!(
        status("(RowCount > 2) or (Completeness \"a\" > 0.5)"),
        Status::Fail
    );
    assert_eq!(status("RowCount != 2"), Status::Fail);
    assert_eq!(status("RowCount in [2, 3]"), Status::Pass);
    assert_eq!(status("Mean \"a\" not between 0 and 2"), Status::Fail);
    assert_eq!(
        status("ColumnValues \"a\" > 0 with threshold between 0.4 and 0.6"),
        Status::Pass
    );
    assert_eq!(
        status("ColumnValues \"a\" > 0 with threshold < 0.5"),
        Status::Fail
    );
}

#[test]
fn thresholds_of_soda_with_a_hole() {
    let data = "x,y\n1,a\n2,a\n,a\n6,a\n";
    let status = |check: &str| {
        let file = format!("checks for d:\n  - {check}\n");
        judged(("soda.yml", &file), data, "value_between")[0].0
    };
    for (check, wanted) in [
        ("row_count != 4", Status::Fail),
        ("row_count != 3", Status::Pass),
        ("avg(x) not between 2 and 4", Status::Fail),
        ("avg(x) not between 4 and 9", Status::Pass),
        ("avg(x) not between (3 and 9", Status::Pass),
        ("missing_count(x) > 0", Status::Pass),
        ("missing_count(x) > 1", Status::Fail),
        ("missing_percent(x) not between 20 and 30", Status::Fail),
    ] {
        assert_eq!(status(check), wanted, "{check}");
    }
    let four = |must: &str| {
        let file = format!(
            "dataset: a/b/d\ncolumns:\n  - name: x\n    checks:\n      - aggregate: {{function: max, threshold: {{{must}}}}}\n"
        );
        judged(("soda.yml", &file), data, "value_between")[0].0
    };
    for (must, wanted) in [
        ("must_not_be: 6", Status::Fail),
        ("must_not_be: 5", Status::Pass),
        (
            "must_be_not_between: {less_than: 6, greater_than: 9}",
            Status::Fail,
        ),
        (
            "must_be_not_between: {less_than_or_equal: 6, greater_than: 9}",
            Status::Pass,
        ),
        (
            "must_be_not_between: {less_than: 2, greater_than: 5}",
            Status::Pass,
        ),
    ] {
        assert_eq!(four(must), wanted, "{must}");
    }
}
