//! Contracts written in other tools' forms: what is expressed reads back as the same contract, and the rest is named.

use crate::import::{read, source};
use crate::sources_conformance::shared;
use std::process::Command;
use tollgate::config::fields::Problems;
use tollgate::contract::export::{Exported, FORMS, export};
use tollgate::contract::import::{self, Form};
use tollgate::contract::{self, Contract};

const NATIVE: &str = r#"version: 1
dataset: orders
description: One row per order.
owner: sales@example.org
contract_version: "2.0"
key: [id, day]
extra_columns: fail
columns:
  - {name: id, type: int64, nullable: false}
  - {name: day, type: date}
  - name: status
    type: string
    unique: true
    tags: [a]
    expect:
      - in_set: [open, done]
      - length: {min: 1, max: 9}
      - length: {max: 20, severity: warn}
      - matches: {pattern: "^[a-z]+$", max_failing: 2}
  - {name: email, type: string, pii: true, required: false}
  - name: amount
    type: float
    expect:
      - between: {min: 0, max: 10, bounds: "[)"}
      - null_ratio: 0.1
expect:
  - row_count: {min: 1}
  - row_count: {min: 1, max: 10}
  - duplicate_rows
  - not_null: {column: amount, severity: warn, description: said}
  - expression: {expr: "id < amount", where: "status = 'open'"}
"#;

fn native() -> Contract {
    let mut problems = Problems::default();
    let contract = contract::read(&source("orders.yaml", NATIVE), &mut problems).unwrap();
    assert!(problems.0.is_empty(), "{:?}", problems.0);
    contract
}

fn exported(form: Form) -> Exported {
    export(&native(), form).unwrap()
}

#[test]
fn each_form_says_what_it_expresses() {
    for form in FORMS.iter().copied().filter(|f| *f != Form::Native) {
        let Exported { text, coverage } = exported(form);
        assert_eq!(Form::detect(&source("x", &text)).unwrap(), form, "{text}");
        insta::assert_snapshot!(
            format!("export_{form:?}"),
            format!("{text}=== {}\n", coverage.line())
        );
    }
}

#[test]
fn a_contract_survives_the_standard() {
    let first = native();
    let text = exported(Form::Odcs).text;
    let imported = read("orders.odcs.yaml", &text).unwrap();
    assert_eq!(
        imported.coverage.missing().count(),
        0,
        "{:?}",
        imported.coverage
    );
    let file = source("orders.odcs.yaml", &text);
    let mut problems = Problems::default();
    let again = import::contract(&imported, &imported.contracts[0], &file, &mut problems).unwrap();
    assert!(problems.0.is_empty(), "{:?}", problems.0);
    assert_eq!(first.key.unwrap().0, again.key.clone().unwrap().0);
    assert_eq!(
        (first.owner, first.description, first.contract_version),
        (
            again.owner.clone(),
            again.description.clone(),
            again.contract_version.clone()
        )
    );
    assert_eq!(first.columns.len(), again.columns.len());
    for (a, b) in first.columns.iter().zip(&again.columns) {
        assert_eq!(a.name, b.name);
        assert_eq!(
            (a.not_null.is_some(), a.unique.is_some(), a.privacy),
            (b.not_null.is_some(), b.unique.is_some(), b.privacy)
        );
        if a.name != "amount" {
            assert_eq!(
                a.dtype.as_ref().map(|d| &d.0),
                b.dtype.as_ref().map(|d| &d.0),
                "{}",
                a.name
            );
        }
    }
    let checks = |c: &Contract| {
        let all = c.columns.iter().flat_map(|c| &c.expect).chain(&c.expect);
        let mut ids: Vec<String> = all.map(|e| e.check.clone()).collect();
        ids.sort();
        ids
    };
    let mut wanted = checks(&native());
    // A range with two ends is two bounds there.
    wanted.push("between".to_owned());
    wanted.sort();
    assert_eq!(checks(&again), wanted);
}

#[test]
fn what_was_read_from_the_form_is_written_as_it_was() {
    let text = "# kept\napiVersion: v3.1.0\nkind: DataContract\nunknown: [kept]\nschema:\n  - {name: a, properties: [{name: x}]}\n";
    let imported = read("a.yaml", text).unwrap();
    let mut problems = Problems::default();
    let contract = import::contract(
        &imported,
        &imported.contracts[0],
        &source("a.yaml", text),
        &mut problems,
    )
    .unwrap();
    assert_eq!(export(&contract, Form::Odcs).unwrap().text, text);
}

/// What is written fits the JSON Schema of the standard, and so does every example once it went through the native form.
#[test]
fn the_schema_of_the_standard_accepts_what_is_written() {
    let Some(files) = shared("odcs/examples") else {
        return;
    };
    let Ok(python) = std::env::var("TOLLGATE_PYTHON") else {
        eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut written = vec![folder.path().join("orders.yaml")];
    std::fs::write(&written[0], exported(Form::Odcs).text).unwrap();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let imported = read("x.yaml", &text).unwrap();
        for draft in &imported.contracts {
            let yaml = contract::written::yaml(&draft.contract);
            let mut problems = Problems::default();
            let contract = contract::read(&source("n.yaml", &yaml), &mut problems).unwrap();
            let target = folder.path().join(format!("{}.yaml", written.len()));
            std::fs::write(&target, export(&contract, Form::Odcs).unwrap().text).unwrap();
            written.push(target);
        }
    }
    let schema = files[0]
        .parent()
        .unwrap()
        .with_file_name("odcs-json-schema-v3.1.0.json");
    let output = Command::new(python)
        .args(["-m", "check_jsonschema", "--schemafile"])
        .arg(schema)
        .args(&written)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(written.len() > 50, "{}", written.len());
}
