//! JSON Schemas: they accept what the reader accepts, refuse what it refuses, and the committed files are current.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod validator;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tollgate::catalogue::{Catalogue, load::load};
use tollgate::error::Error;
use tollgate::schema::{Kind, schema};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn catalogue() -> Catalogue {
    load(&[]).unwrap()
}

pub(crate) fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

pub(crate) fn problems(schema: &Value, document: &Value) -> Vec<String> {
    validator::problems(schema, schema, document, "$")
}

fn read(path: &Path) -> Value {
    yaml(&std::fs::read_to_string(path).unwrap())
}

#[test]
fn generated_files_are_current() {
    for (path, content) in tollgate::docs::generated(&catalogue()) {
        let committed = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(
            committed == content,
            "{path} is stale; write it again with `cargo run -- docs`"
        );
    }
}

#[test]
fn every_example_and_every_check_file_fits_its_schema() {
    let (catalogue, mut seen) = (catalogue(), 0);
    let mut fits = |kind: Kind, pattern: &str| {
        let schema = schema(kind, &catalogue);
        let pattern = root().join(pattern);
        for path in glob::glob(pattern.to_str().unwrap()).unwrap() {
            let path = path.unwrap();
            assert_eq!(
                problems(&schema, &read(&path)),
                [""; 0],
                "{}",
                path.display()
            );
            seen += 1;
        }
    };
    fits(Kind::Config, "examples/*/*.yaml");
    fits(Kind::Contract, "examples/*/contracts/*.yaml");
    fits(Kind::Check, "checks/*.yaml");
    assert!(seen > 40, "{seen}");
}

#[test]
fn the_arguments_of_every_example_fit_both_schemas() {
    let catalogue = catalogue();
    let (config, contract) = (
        schema(Kind::Config, &catalogue),
        schema(Kind::Contract, &catalogue),
    );
    for path in glob::glob(root().join("checks/*.yaml").to_str().unwrap()).unwrap() {
        let check = read(&path.unwrap());
        for example in check["examples"].as_array().unwrap() {
            let id = check["id"].as_str().unwrap();
            let expectation = match example.get("with") {
                Some(with) => json!({ id: with }),
                None => json!(id),
            };
            let document =
                json!({"version": 1, "datasets": {"d": {"path": "x", "expect": [expectation]}}});
            assert_eq!(
                problems(&config, &document),
                [""; 0],
                "{id}: {}",
                example["name"]
            );
            let document = json!({"version": 1, "expect": [expectation]});
            assert_eq!(
                problems(&contract, &document),
                [""; 0],
                "{id}: {}",
                example["name"]
            );
        }
    }
}

/// What `tollgate plan` says to a dataset with columns `a` (whole numbers) and `s` (text).
pub(crate) fn plan(dataset: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "a,s\n1,x\n2,y\n").unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), config(dataset)).unwrap();
    planned(folder.path())
}

/// Exit code and stderr of `tollgate plan`.
fn planned(folder: &Path) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("plan")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn config(dataset: &str) -> String {
    format!("version: 1\ndatasets:\n  d: {{path: d.csv, {dataset}}}\n")
}

/// Forms that both the reader and the schema accept.
const GOOD: &[&str] = &[
    "expect: [{not_null: {column: a, on_empty: fail}}]",
    "expect: [{mean_between: {column: a, min: 0, on_empty: skip}}]",
    "expect: [{file_fresh: 36h}]",
    "expect: [{format: {column: s, kind: vat, country: GR, separators: ignore}}]",
    "expect: [{json_schema: {column: s, schema: {type: object}}}]",
    "expect: [{multiple_of: {column: a, of: 0.5}}]",
    "expect: [{matches: {column: s, any_of: [x, y]}}]",
    "expect: [{matches: {column: s, all_of: x}}]",
    "expect: [{record_in_set: {columns: [a, s], values: [[1, x], [2, null]]}}]",
    "expect: [{conditions: {any_of: [a > 1, s = 'x'], nulls: fail}}]",
    "expect: [{columns_equal: [a, a]}]",
    "expect: [{row_count: {min: 1, where: a > 0}}]",
    "expect: [{schema_stable: {accepted: {a: integer, s: {type: string, nullable: false}}, allow: added}}]",
    "expect: [{schema_stable: {accepted: {a: {required: false}}, allow: [added, widened]}}]",
    "expect: [{most_common_ratio: {column: a, max: 1, of: rows}}]",
    "expect: [{row_count: {min: 1, where: a > 1, samples: 0}}]",
    "expect: [{not_null: {column: a, slices: {one: a = 1, two: a = 2}}}]",
    "expect: [{value_between: {expr: SUM(a), max: 9}}]",
    "expect: [{returns_no_rows: SELECT s FROM data GROUP BY s HAVING COUNT(*) > 1}]",
    "expect: [duplicate_rows]",
    "expect: duplicate_rows",
    "expect: [{duplicate_rows: null}]",
    "expect: [{not_null: a}]",
    "expect: [{not_null: {column: a}}]",
    "expect: [{unique_key: a}]",
    "expect: [{primary_key: [a, s]}]",
    "expect: [{expression: a > 0}]",
    "expect: [{row_count: {min: 1, max: 9}}]",
    "expect: [{null_ratio: {column: a, max: 0}}]",
    "expect: [{in_set: {column: a, values: [1, 2]}}]",
    "expect: [{compare: {column: a, op: '<', value: 3}}]",
    "expect: [{column_type: {column: a, type: integer}}]",
    "expect: [{column_type: {column: a, type: 'decimal(10, 2)'}}]",
    "expect: [{length: {column: s, max: 1, severity: warn, where: a > 1, max_failing: 0, warn_at: 1, samples: 3}}]",
    "expect: [{length: {column: s, max: 1, owner: me, description: why, tags: x, max_failing_ratio: 0.5}}]",
    "expect: [{length: {column: s, max: 1, tags: [x, y], waive: {reason: r, owner: o, until: '2030-01-01'}}}]",
    "csv: {delimiter: ',', header: true, nulls: [NA]}, profile: false, allow_empty: true, format: csv",
];

/// Forms that both the reader and the schema refuse.
const BAD: &[&str] = &[
    "expect: [{not_null: {column: a, on_empty: ignore}}]",
    "expect: [{row_count: {min: 1, on_empty: pass}}]",
    "expect: [{row_count_matches: {dataset: d, on_empty: pass}}]",
    "expect: [{column_type: {column: a, type: integer, on_empty: pass}}]",
    "expect: [{file_fresh: tomorrow}]",
    "expect: [{json_schema: {column: s, schema: [1]}}]",
    "expect: [{json_schema: {column: s, schema: {}, draft: '5'}}]",
    "expect: [{format: {column: s, kind: uuid, version: four}}]",
    "expect: [{precision: {column: a}}]",
    "expect: [{matches: {column: s, any_of: [x], pattern: y}}]",
    "expect: [{matches: {column: s, any_of: [1]}}]",
    "expect: [{record_in_set: {columns: [a, s], values: [1, x]}}]",
    "expect: [{record_in_set: {columns: [a, s], values: [[1, [x]]]}}]",
    "expect: [{conditions: {any_of: [1]}}]",
    "expect: [{columns_equal: [a]}]",
    "expect: [{columns_equal: {columns: a}}]",
    "expect: [{older_than: {column: a, days: 1, now: today - x}}]",
    "expect: [{older_than: {column: a, days: 1, now: today-1w}}]",
    "expect: [{schema_stable: {accepted: {a: whole}}}]",
    "expect: [{schema_stable: {accepted: {a: {kind: integer}}}}]",
    "expect: [{schema_stable: {accepted: {a: integer}, allow: all}}]",
    "expect: [{most_common_ratio: {column: a, max: 1, of: values}}]",
    "expect: [{row_count: {min: 1, max_failing: 1}}]",
    "expect: [{row_count: {min: 1, warn_at: 1}}]",
    "expect: [{not_null: {column: a, warn_at: 0}}]",
    "expect: [{column_type: {column: a, type: integer, where: a > 1}}]",
    "expect: [{column_type: {column: a, type: integer, slices: {x: a > 1}}}]",
    "expect: [{not_null: {column: a, slices: {}}}]",
    "expect: [{not_null: {column: a, slices: [a > 1]}}]",
    "expect: [no_such_check]",
    "expect: [{no_such_check: a}]",
    "expect: [not_null]",
    "expect: [{not_null: a, row_count: 1}]",
    "expect: [{not_null: {colum: a}}]",
    "expect: [{not_null: {column: a, severity: fatal}}]",
    "expect: [{not_null: {column: a, samples: 5000}}]",
    "expect: [{not_null: {column: a, max_failing: -1}}]",
    "expect: [{not_null: {column: a, max_failing: 1.5}}]",
    "expect: [{not_null: {column: a, max_failing_ratio: 2}}]",
    "expect: [{not_null: {column: a, waive: {reason: r}}}]",
    "expect: [{not_null: {column: a, waive: {reason: r, owner: o, until: tomorrow}}}]",
    "expect: [{not_null: 7}]",
    "expect: [{null_ratio: {column: a}}]",
    "expect: [{null_ratio: {column: a, max: 1.5}}]",
    "expect: [row_count]",
    "expect: [{row_count: {}}]",
    "expect: [{between: {column: a}}]",
    "expect: [{between: {column: a, min: 1, bounds: open}}]",
    "expect: [{compare: {column: a, op: '<'}}]",
    "expect: [{compare: {column: a, op: '<', value: 1, other: s}}]",
    "expect: [{compare: {column: a, op: like, value: 1}}]",
    "expect: [{column_type: {column: a, type: int}}]",
    "expect: [{column_type: {column: a, type: 'decimal(x)'}}]",
    "expect: [{date_between: {column: a, min: yesterday}}]",
    "expect: [{length: {column: s, max: '3'}}]",
    "expect: [{in_set: {column: a, values: 1}}]",
    "expect: [{columns_match: {columns: [a, 1]}}]",
    "unknown: 1",
    "format: xlsx",
    "profile: maybe",
    "csv: {delimiter: ab}",
    "csv: {separator: ','}",
    "drift: {psi: high}",
    "drift: {wassersteen: 1}",
    "drift: {severity: fatal}",
];

#[test]
fn reader_and_schema_accept_the_same_forms() {
    let schema = schema(Kind::Config, &catalogue());
    for dataset in GOOD {
        assert_eq!(
            problems(&schema, &yaml(&config(dataset))),
            [""; 0],
            "{dataset}"
        );
        let (code, text) = plan(dataset);
        assert_eq!(code, 0, "{dataset}\n{text}");
    }
}

#[test]
fn reader_and_schema_refuse_the_same_forms() {
    let schema = schema(Kind::Config, &catalogue());
    for dataset in BAD {
        assert_ne!(
            problems(&schema, &yaml(&config(dataset))),
            [""; 0],
            "{dataset}"
        );
        let (code, text) = plan(dataset);
        assert_eq!(code, 2, "{dataset}\n{text}");
        assert!(text.contains("tollgate.yaml:3:"), "{dataset}\n{text}");
    }
}

#[test]
fn a_column_gives_its_checks_their_column() {
    let schema = schema(Kind::Contract, &catalogue());
    let under = |expectation: &str| {
        let text = format!("version: 1\ncolumns: [{{name: a, expect: [{expectation}]}}]\n");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), "a,b\n1,x\n2,y\n").unwrap();
        std::fs::write(folder.path().join("c.yaml"), &text).unwrap();
        let config =
            "version: 1\ndatasets:\n  d: {path: d.csv, contract: c.yaml}\n  e: {path: d.csv}\n";
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        (problems(&schema, &yaml(&text)), planned(folder.path()))
    };
    for good in [
        "not_null",
        "not_null: b",
        "unique_key",
        "increasing",
        "increasing: {by: b}",
        "in_set: {values: [1]}",
        "in_set: [1, 2]",
        "null_ratio: 0.5",
        "between: 1",
        "column_type: integer",
        "foreign_key: {dataset: e}",
        "foreign_key: e",
    ] {
        let (found, (code, text)) = under(good);
        assert_eq!(found, [""; 0], "{good}");
        assert_eq!(code, 0, "{good}\n{text}");
    }
    for bad in [
        "in_set",
        "between",
        "null_ratio",
        "compare: {op: '<'}",
        "compare: '<'",
        "foreign_key",
        "nothing",
        "in_set: 1",
        "null_ratio: a",
        "column_type: int",
    ] {
        let (found, (code, text)) = under(bad);
        assert_ne!(found, [""; 0], "{bad}");
        assert_eq!(code, 2, "{bad}\n{text}");
    }
    let loose = yaml("version: 1\nexpect: [not_null]\n");
    assert_ne!(problems(&schema, &loose), [""; 0]);
}

/// The keys that the reader lists when it meets one it does not know.
fn keys_of_the_reader(
    problems: &[tollgate::diagnostic::Diagnostic],
    what: &str,
) -> BTreeSet<String> {
    let said = problems
        .iter()
        .find(|p| p.code == "unknown-key" && p.message.starts_with(what))
        .unwrap_or_else(|| panic!("nothing about {what}: {problems:?}"));
    let help = said.help.as_deref().unwrap();
    assert!(!help.contains(" more"), "the list is cut: {help}");
    let list = help.strip_prefix("keys are ").unwrap();
    list.split("; did")
        .next()
        .unwrap()
        .split(", ")
        .map(str::to_owned)
        .collect()
}

fn keys_of_the_schema(schema: &Value) -> BTreeSet<String> {
    schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tollgate.yaml");
    let text = "version: 1\n'?': 1\ndatasets:\n  d: {path: x, contract: c.yaml, '?': 1, csv: {'?': 1}, drift: {'?': 1}}\n";
    std::fs::write(&file, text).unwrap();
    let contract = "version: 1\n'?': 1\ncolumns: [{name: a, '?': 1}, {columns: a*, '?': 1}]\n";
    std::fs::write(folder.path().join("c.yaml"), contract).unwrap();
    let Err(Error::Config(list)) = tollgate::config::load(&file) else {
        panic!("unknown keys must be refused")
    };
    let catalogue = catalogue();
    let config = schema(Kind::Config, &catalogue);
    let dataset = &config["definitions"]["dataset"];
    let contract = schema(Kind::Contract, &catalogue);
    for (what, schema) in [
        ("tollgate.yaml has", &config),
        ("dataset `d` has", dataset),
        ("csv has", &dataset["properties"]["csv"]),
        ("drift has", &dataset["properties"]["drift"]),
        ("a contract has", &contract),
        ("a column has", &contract["definitions"]["column"]),
        (
            "an entry for `columns` has",
            &contract["definitions"]["columns"],
        ),
    ] {
        assert_eq!(
            keys_of_the_reader(&list, what),
            keys_of_the_schema(schema),
            "{what}"
        );
    }
}

#[test]
fn a_real_run_record_fits_its_schema() {
    let out = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["run", "examples/flights/dirty.yaml", "--output"])
        .arg(out.path())
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let schema = schema(Kind::Run, &catalogue());
    let text = std::fs::read_to_string(out.path().join("run.json")).unwrap();
    let mut run: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problems(&schema, &run), [""; 0]);
    run["outcomes"][0]["status"] = json!("great");
    assert_ne!(problems(&schema, &run), [""; 0]);
    run["verdict"] = Value::Null;
    assert!(problems(&schema, &run).len() > 1);
}

#[test]
fn own_checks_are_in_the_schema_when_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = std::fs::read_to_string(root().join("checks/not_blank.yaml")).unwrap();
    std::fs::write(
        folder.path().join("mine.yaml"),
        check.replace("id: not_blank", "id: mine"),
    )
    .unwrap();
    let own = load(&[folder.path().to_owned()]).unwrap();
    let document = yaml(&config("expect: [{mine: s}]"));
    assert_eq!(problems(&schema(Kind::Config, &own), &document), [""; 0]);
    assert_ne!(
        problems(&schema(Kind::Config, &catalogue()), &document),
        [""; 0]
    );
}
