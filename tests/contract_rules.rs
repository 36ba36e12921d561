//! `tollgate diff`: every rule with whom it breaks.

use crate::contract::{tollgate, write};

/// The changes from one contract to another, as `rule column consumer producer`.
fn changes(old: &str, new: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "old.yaml", format!("version: 1\n{old}\n"));
    write(folder.path(), "new.yaml", format!("version: 1\n{new}\n"));
    let (code, stdout, stderr) = tollgate(
        folder.path(),
        &["diff", "old.yaml", "new.yaml", "--format", "json"],
    );
    assert!(code < 2, "{stderr}");
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let text = |v: &serde_json::Value| v.as_str().unwrap_or("-").to_owned();
    let broken = |c: &serde_json::Value| {
        ["consumer", "producer"]
            .into_iter()
            .any(|side| c[side] == "breaking")
    };
    let list = json["changes"].as_array().expect("changes");
    assert_eq!(json["breaking"], list.iter().filter(|c| broken(c)).count());
    assert_eq!(code, i32::from(list.iter().any(broken)));
    list.iter()
        .map(|c| {
            let side = |name: &'static str| if c[name] == "breaking" { name } else { "-" };
            format!(
                "{} {} {} {}",
                text(&c["rule"]),
                text(&c["column"]),
                side("consumer"),
                side("producer")
            )
        })
        .collect()
}

/// The changes of one column.
fn column(old: &str, new: &str) -> Vec<String> {
    let one = |rest: &str| format!("columns: [{{name: a{rest}}}]");
    changes(&one(old), &one(new))
}

#[test]
fn every_rule_is_on_the_page_about_evolution() {
    let page = include_str!("../docs/evolution.md");
    for rule in tollgate::contract::diff::Rule::ALL {
        assert!(page.contains(&format!("`{}`", rule.id())), "{}", rule.id());
    }
}

const OF_COLUMNS: &[(&str, &str, &str)] = &[
    ("", "", ""),
    (
        ", required: true",
        ", required: false",
        "presence-loosened a consumer -",
    ),
    (", required: false", "", "presence-tightened a - producer"),
    (
        ", type: int32",
        ", type: int64",
        "type-widened a consumer -",
    ),
    (
        ", type: number",
        ", type: integer",
        "type-narrowed a - producer",
    ),
    ("", ", type: integer", "type-narrowed a - producer"),
    (
        ", type: integer",
        ", type: string",
        "type-changed a consumer producer",
    ),
    (
        ", nullable: false",
        ", nullable: true",
        "nullable-loosened a consumer -",
    ),
    ("", ", nullable: false", "nullable-tightened a - producer"),
    (", nullable: false", ", expect: [not_null]", ""),
    (", expect: [unique_key]", ", unique: true", ""),
    (", unique: true", "", "unique-loosened a consumer -"),
    ("", ", unique: true", "unique-tightened a - producer"),
    ("", ", pii: true", "pii-changed a consumer -"),
    (", pii: true", "", "pii-changed a - -"),
    (
        ", description: x",
        ", description: y",
        "metadata-changed a - -",
    ),
    (", tags: [x]", ", tags: [x, y]", "metadata-changed a - -"),
    (
        ", examples: [1]",
        ", examples: [2]",
        "metadata-changed a - -",
    ),
];

#[test]
fn every_change_of_a_column_breaks_whom_it_should() {
    for (old, new, expected) in OF_COLUMNS {
        assert_eq!(column(old, new).join("; "), *expected, "{old} -> {new}");
    }
}

const OF_EXPECTATIONS: &[(&str, &str, &str)] = &[
    ("format: uuid", "format: {kind: uuid}", ""),
    (
        "null_ratio: 0.1",
        "null_ratio: {max: 0.2}",
        "expectation-loosened a consumer -",
    ),
    ("in_set: [x]", "in_set: {values: [x]}", ""),
    ("", "not_blank", "expectation-added a - producer"),
    ("not_blank", "", "expectation-removed a consumer -"),
    ("", "not_blank: {severity: warn}", "expectation-added a - -"),
    (
        "between: {max: 10}",
        "between: {max: 9}",
        "expectation-tightened a - producer",
    ),
    (
        "between: {max: 10}",
        "between: {max: 11.5}",
        "expectation-loosened a consumer -",
    ),
    (
        "between: {min: 1}",
        "between: {min: 2}",
        "expectation-tightened a - producer",
    ),
    (
        "between: {min: 1}",
        "between: {min: 1, max: 5}",
        "expectation-tightened a - producer",
    ),
    (
        "between: {min: 1, max: 5}",
        "between: {min: 1}",
        "expectation-loosened a consumer -",
    ),
    (
        "between: {min: 2013-02-01}",
        "between: {min: 2013-01-31}",
        "expectation-loosened a consumer -",
    ),
    (
        "between: {min: 1, bounds: '[]'}",
        "between: {min: 1, bounds: '()'}",
        "expectation-tightened a - producer",
    ),
    ("between: {min: 1, bounds: '[]'}", "between: {min: 1}", ""),
    (
        "data_fresh: {max_age: 2d}",
        "data_fresh: {max_age: 36h}",
        "expectation-tightened a - producer",
    ),
    (
        "not_blank: {max_failing: 3}",
        "not_blank",
        "expectation-tightened a - producer",
    ),
    (
        "not_blank",
        "not_blank: {max_failing_ratio: 0.1}",
        "expectation-loosened a consumer -",
    ),
    (
        "not_blank: {severity: warn}",
        "not_blank",
        "expectation-tightened a - producer",
    ),
    (
        "not_blank",
        "not_blank: {severity: info}",
        "expectation-loosened a consumer -",
    ),
    (
        "between: {max: 1, severity: warn}",
        "between: {max: 0, severity: warn}",
        "expectation-tightened a - -",
    ),
    (
        "not_blank",
        "not_blank: {where: b > 1}",
        "expectation-loosened a consumer -",
    ),
    (
        "not_blank: {where: b > 1}",
        "not_blank: {where: b > 2}",
        "expectation-changed a consumer producer",
    ),
    (
        "not_blank",
        "not_blank: {description: x, samples: 3}",
        "metadata-changed a - -; metadata-changed a - -",
    ),
    (
        "matches: {pattern: x}",
        "matches: {pattern: y}",
        "expectation-changed a consumer producer",
    ),
    (
        "in_set: {values: [x, y]}",
        "in_set: {values: [y, x, z]}",
        "set-values-added a consumer -",
    ),
    (
        "in_set: {values: [x, y]}",
        "in_set: {values: [x]}",
        "set-values-removed a - producer",
    ),
    (
        "not_in_set: {values: [x]}",
        "not_in_set: {values: [x, y]}",
        "set-values-added a - producer",
    ),
    (
        "in_set: {values: [1]}",
        "in_set: {values: ['1']}",
        "set-values-added a consumer -; set-values-removed a - producer",
    ),
    (
        "compare: {op: '<', value: 5}",
        "compare: {op: '<', value: 4}",
        "expectation-tightened a - producer",
    ),
    (
        "compare: {op: '>', value: 5}",
        "compare: {op: '>', value: 4}",
        "expectation-loosened a consumer -",
    ),
    (
        "increasing",
        "increasing: {strict: true}",
        "expectation-tightened a - producer",
    ),
    (
        "not_blank",
        "not_blank: {waive: {reason: r, owner: o, until: 2026-01-01}}",
        "expectation-loosened a consumer -",
    ),
];

#[test]
fn every_change_of_an_expectation_breaks_whom_it_should() {
    let expect = |e: &str| {
        if e.is_empty() {
            String::new()
        } else {
            format!(", expect: [{e}]")
        }
    };
    for (old, new, expected) in OF_EXPECTATIONS {
        assert_eq!(
            column(&expect(old), &expect(new)).join("; "),
            *expected,
            "{old} -> {new}"
        );
    }
}

#[test]
fn every_change_of_a_dataset_breaks_whom_it_should() {
    let (a, ab) = ("columns: [{name: a}]", "columns: [{name: a}, {name: b}]");
    let optional = "columns: [{name: a}, {name: b, required: false}]";
    let fail = format!("{a}\nextra_columns: fail");
    for (old, new, expected) in [
        (a, ab, "column-added b - producer"),
        (a, optional, "column-added b - -"),
        (ab, a, "column-removed b consumer -"),
        (optional, a, "column-removed b - -"),
        (
            ab,
            &fail,
            "extra-columns-changed - - producer; column-removed b consumer producer",
        ),
        (&fail, a, "extra-columns-changed - consumer -"),
        ("extra_columns: warn", "", "extra-columns-changed - - -"),
        ("key: [a]", "key: [a, b]", "key-changed - consumer producer"),
        ("key: [a, b]", "key: [b, a]", ""),
        ("", "key: [a]", "key-changed - - producer"),
        ("key: [a]", "", "key-changed - consumer -"),
        ("owner: x", "owner: y", "metadata-changed - - -"),
        (
            "contract_version: '1'",
            "contract_version: '2'",
            "metadata-changed - - -",
        ),
        (
            "expect: [row_count: {min: 1}]",
            "expect: [row_count: {min: 2}]",
            "expectation-tightened - - producer",
        ),
        (
            "expect: [not_blank: {column: a, where: x}, not_blank: {column: a, where: y}]",
            "expect: [not_blank: {column: a, where: y}]",
            "expectation-removed a consumer -",
        ),
    ] {
        assert_eq!(changes(old, new).join("; "), expected, "{old} -> {new}");
    }
}
