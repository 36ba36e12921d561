//! Rules of other tools that were named as not held until a check for them came: what each becomes now, and what still
//! is not held beside it.

use crate::import_rules::told;
use tollgate::contract::import::Form;

#[test]
fn lists_maps_and_vectors_of_the_standard() {
    let text = "apiVersion: v3.1.0
kind: DataContract
slaDefaultElement: orders.placed
slaProperties:
  - {property: retention, value: 2, unit: y}
  - {property: retention, value: long}
  - {property: frequency, value: 1, unit: d}
schema:
  - name: orders
    properties:
      - {name: lines, logicalType: array, logicalTypeOptions: {minItems: 1, maxItems: 9, uniqueItems: true, dimensions: 2}}
      - {name: labels, logicalType: map, logicalTypeOptions: {maxProperties: 5}}
      - {name: embedding, logicalType: vector, logicalTypeOptions: {dimensions: 3}}
      - {name: box, logicalType: object, logicalTypeOptions: {minProperties: 1, uniqueItems: true}}
      - {name: placed, logicalType: date}
";
    insta::assert_snapshot!("closed_odcs", told(Form::Odcs, text));
}

#[test]
fn sql_of_a_quality_rule_that_joins_is_still_not_held() {
    let text = "apiVersion: v3.1.0
kind: DataContract
schema:
  - name: orders
    properties: [{name: id}]
    quality:
      - {type: sql, query: 'SELECT COUNT(*) FROM orders JOIN lines ON TRUE', mustBe: 0}
";
    assert!(told(Form::Odcs, text).contains("dropped: only `SELECT"));
}

#[test]
fn numbers_of_rows_and_columns_next_to_a_bound_that_is_left_out() {
    let text = r#"{"name": "s", "expectations": [
 {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 3, "max_value": 9, "strict_min": true, "strict_max": true}},
 {"type": "expect_table_row_count_to_be_between", "kwargs": {"max_value": 0, "strict_max": true}}
]}"#;
    assert_eq!(
        told(Form::Gx, text),
        "line 3: `max_value` must be more than 0 with `strict_max`, not 0"
    );
    let text = text.replace("\"max_value\": 0", "\"max_value\": 1");
    assert_eq!(
        told(Form::Gx, &text),
        "s\n  expect: {row_count: {min: 4, max: 8}}\n  expect: {row_count: {max: 0}}\n"
    );
}

#[test]
fn json_texts_of_a_suite() {
    let text = r##"{"name": "s", "expectations": [
 {"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "x", "json_schema": {"type": "object"}, "mostly": 0.9}},
 {"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "x", "json_schema": {"$dynamicRef": "#a"}}},
 {"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "x", "json_schema": "a.json"}}
]}"##;
    insta::assert_snapshot!("closed_gx", told(Form::Gx, text));
}

#[test]
fn a_pattern_of_names_is_one_here_where_it_can_be() {
    let text = r#"schema_type: dataframe
columns:
  "amount_.*": {dtype: float64, regex: true, required: false, checks: {greater_than: 0}}
  "^x[0-9]$": {dtype: int64, regex: true, nullable: true, unique: true}
  "a|b": {dtype: int64, regex: true}
"#;
    insta::assert_snapshot!("closed_pandera", told(Form::Pandera, text));
}
