//! Contracts written for other tools and read back: every promise that a form says is held as before, over rows that keep it and rows
//! that break it.

use crate::harness::Gate;
use crate::import::source;
use std::fmt::Write as _;
use tollgate::config::fields::Problems;
use tollgate::contract::export::{Exported, export, export_with};
use tollgate::contract::import::{self, Form};
use tollgate::contract::{self, Contract};

/// What Great Expectations can say of the orders.
const SUITE: &str = r#"version: 1
dataset: orders
key: [id]
extra_columns: fail
columns:
  - {name: id, type: integer, nullable: false}
  - {name: code, type: string, expect: [matches: {pattern: "[A-Z]{2}", match: full}, length: {min: 2, max: 2}]}
  - name: amount
    type: number
    expect:
      - between: {min: 0, max: 100, bounds: "[)"}
      - mean_between: {min: 5}
      - null_ratio: 0.5
      - compare: {op: ">", value: -1}
  - name: status
    type: string
    expect:
      - in_set: {values: [open, done], where: "\"status\" IS NOT NULL", max_failing_ratio: 0.4}
      - distinct_count: {min: 1, max: 3}
      - not_null: {severity: warn, description: rarely left out}
expect:
  - row_count: {min: 2, max: 4}
  - unique_key: {columns: [code, status], nulls: equal}
  - columns_match: {columns: [id, code, amount, status], order: strict}
"#;

/// What tests of dbt can.
const MODEL: &str = r#"version: 1
dataset: orders
description: One row per order.
owner: sales
key: [id]
extra_columns: fail
columns:
  - {name: id, type: integer, nullable: false, unique: true, tags: [key]}
  - {name: code, type: string, expect: [matches: {pattern: "[A-Z]{2}", match: full}, length: {min: 2, max: 2}]}
  - name: amount
    type: number
    expect:
      - between: {min: 0, max: 100, bounds: "[)"}
      - mean_between: {min: 5}
      - null_ratio: 0.5
  - name: status
    type: string
    pii: true
    expect:
      - in_set: [open, done]
      - length: {max: 4, max_failing: 1, warn_at: 1}
      - not_null: {severity: warn}
      - at_least_one
expect:
  - row_count: {min: 2, max: 4}
  - unique_key: {columns: [code, status], nulls: equal}
  - expression: {expr: "id < 100", where: "status = 'open'"}
"#;

/// What a table schema can.
const PACKAGE: &str = r#"version: 1
dataset: Orders of May
description: One row per order.
owner: sales
contract_version: "2.0"
tags: [shop]
key: [id]
extra_columns: fail
columns:
  - {name: id, type: integer, nullable: false, expect: [between: {min: 1}]}
  - {name: code, type: string, expect: [matches: {pattern: "[A-Z]{2}", match: full}, length: {min: 2, max: 2}]}
  - {name: amount, type: number, expect: [between: {min: 0, max: 100, bounds: "[)"}]}
  - {name: status, type: string, expect: [in_set: [open, done]]}
"#;

const GOOD: &str = "id,code,amount,status\n1,AB,3.5,open\n2,CD,99.9,done\n3,EF,,open\n";

/// Rows that keep every promise, and rows that break one each.
fn tables() -> Vec<String> {
    let changed = [
        ("1,AB", ",AB"),
        ("2,CD", "1,CD"),
        ("AB", "ab"),
        ("AB", "ABC"),
        ("99.9", "100"),
        ("3.5", "-2"),
        ("99.9", "1"),
        ("3.5,open\n2,CD,99.9", ",open\n2,CD,"),
        ("done", "lost"),
        ("done", ""),
        ("2,CD,99.9,done", "2,AB,99.9,open"),
        ("3,EF,,open\n", "3,EF,,open\n4,GH,1,open\n5,IJ,1,done\n"),
        ("2,CD,99.9,done\n3,EF,,open\n", ""),
        ("1,AB", "101,AB"),
    ];
    let mut tables = vec![GOOD.to_owned()];
    tables.extend(changed.map(|(from, to)| GOOD.replacen(from, to, 1)));
    let wider = GOOD
        .lines()
        .enumerate()
        .map(|(i, l)| format!("{l},{}\n", if i == 0 { "more" } else { "1" }));
    tables.push(wider.collect());
    tables
}

fn native(text: &str) -> Contract {
    let mut problems = Problems::default();
    let contract = contract::read(&source("orders.yaml", text), &mut problems).expect("it is read");
    assert!(problems.0.is_empty(), "{:?}", problems.0);
    contract
}

/// What a run over a table says: exit code, and each broken promise by its check.
fn judged(name: &str, text: &str, table: &str) -> (i32, bool) {
    let config = format!(
        "version: 1\ndatasets:\n  orders: {{path: orders.csv, contract: {{file: {name}, strict: true}}}}\n"
    );
    let files = [
        (name, text.as_bytes()),
        ("orders.csv", table.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    // A column that is missing or of another type is an error on both sides.
    let warns = gate.code < 2 && gate.record().verdict.counts.warn > 0;
    (gate.code, warns)
}

/// Every promise of a contract is in the form, is read back, and is kept and broken by the same rows.
fn survives(text: &str, to: Form, file: &str) {
    let contract = native(text);
    let Exported {
        text: theirs,
        coverage,
    } = export(&contract, to).expect("it is written");
    assert_eq!(coverage.missing().count(), 0, "{}", coverage.line());
    let read =
        import::import(&source(file, &theirs), None).unwrap_or_else(|p| panic!("{p:?}\n{theirs}"));
    assert_eq!(read.form, to);
    assert_eq!(
        read.coverage.missing().count(),
        0,
        "{}\n{theirs}",
        read.coverage.line()
    );
    let mut said = String::new();
    for table in tables() {
        let here = judged("orders.yaml", text, &table);
        let there = judged(file, &theirs, &table);
        if here != there {
            writeln!(said, "{here:?} here, {there:?} there:\n{table}").expect("a String takes it");
        }
    }
    assert!(said.is_empty(), "{said}\n{theirs}");
}

#[test]
fn a_contract_survives_a_suite() {
    survives(SUITE, Form::Gx, "suite.json");
}

#[test]
fn a_contract_survives_a_schema_yml() {
    survives(MODEL, Form::Dbt, "schema.yml");
}

#[test]
fn a_contract_survives_a_package() {
    survives(PACKAGE, Form::FrictionlessPackage, "datapackage.json");
}

#[test]
fn a_package_says_where_its_data_is() {
    let contract = native(PACKAGE);
    let path = |path: Option<&str>| {
        let made = export_with(&contract, Form::FrictionlessPackage, path).expect("it is written");
        let document: serde_json::Value = serde_json::from_str(&made.text).expect("JSON");
        document["resources"][0].clone()
    };
    assert_eq!(path(None)["path"], "Orders of May.csv");
    assert_eq!(path(Some("data/may.csv"))["path"], "data/may.csv");
    assert_eq!(path(None)["name"], "orders-of-may");
}

/// What no form says is named for every one of them, and so are patterns of columns and waivers.
#[test]
fn what_is_lost_is_named() {
    let text = r#"version: 1
dataset: d
columns:
  - {name: a, required: false, environments: [serving], type: duration}
  - {columns: "b_*", type: integer, expect: [{between: {min: 0}}]}
  - name: c
    expect:
      - in_set: {values: [1], max_failing_ratio: 0.1}
      - between: {min: 1, slices: {one: "c > 0"}}
environments: [serving, training]
expect:
  - benford: {column: c}
waivers:
  - {outcome: "benford(c)", reason: known, owner: me, until: "2099-01-01"}
"#;
    let contract = native(text);
    for form in [
        Form::Gx,
        Form::Dbt,
        Form::FrictionlessSchema,
        Form::FrictionlessPackage,
        Form::JsonSchema,
    ] {
        let made = export(&contract, form).expect("it is written");
        let lost: Vec<&str> = made
            .coverage
            .missing()
            .map(|(item, _)| item.what.as_str())
            .collect();
        for what in [
            "columns b_*",
            "between of b_*",
            "in_set of c",
            "between of c",
            "benford of c",
            "a waiver",
            "environments of a",
        ] {
            assert!(lost.contains(&what), "{form:?} {what}: {lost:?}");
        }
    }
}

/// A form of fewer types writes the nearest one, and says what that one does not tell.
#[test]
fn a_width_that_the_form_does_not_know_is_told() {
    let text = "version: 1\ncolumns:\n  - {name: a, type: float}\n  - {name: b, type: int32}\n  - {name: c, type: number}\n  - {name: d, type: string}\n";
    for form in [Form::JsonSchema, Form::FrictionlessSchema] {
        let made = export(&native(text), form).expect("it is written");
        let notes: Vec<(&str, &str)> = made
            .coverage
            .notes()
            .map(|(item, note)| (item.what.as_str(), note))
            .collect();
        let wanted = [
            ("type of a", "`float` is any number there"),
            ("type of b", "`int32` is any integer there"),
        ];
        assert_eq!(notes, wanted, "{form:?}");
        let line = made.coverage.line_with_notes();
        assert!(
            line.contains("; to know: line 3 type of a (`float`"),
            "{line}"
        );
    }
}

/// Sets of expectations stand in the contract before it is written.
#[test]
fn what_a_set_brings_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is written");
    };
    write(
        "sets.yaml",
        "version: 1\nsets:\n  there: {expect: [{not_null: {column: a}}]}\n",
    );
    write(
        "c.yaml",
        "version: 1\ncolumns: [{name: a}]\nuse: [sets.yaml#there]\n",
    );
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["export", "c.yaml", "--to", "gx"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        out.contains("expect_column_values_to_not_be_null"),
        "{out}{err}"
    );
}
