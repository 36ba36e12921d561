//! Rules of other tools through their importers: each is held by the check and the parameters that mean the same, or
//! stands in the coverage with the reason; no file brings an importer to its knees.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::Gate;
use std::fmt::Write as _;
use std::sync::Arc;
use tollgate::config::tree::{Node, Value};
use tollgate::contract::import::{Fate, Form, Imported, import};
use tollgate::diagnostic::{Diagnostic, SourceFile};

fn read(form: Form, text: &str) -> Result<Imported, Vec<Diagnostic>> {
    let file = Arc::new(SourceFile {
        path: "theirs".to_owned(),
        text: text.to_owned(),
    });
    import(&file, Some(form))
}

/// A node as flow YAML, for comparing.
fn flow(node: &Node) -> String {
    match &node.value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("{}: {}", k.name, flow(v)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v),
        _ => None,
    }
}

/// The expectations of every contract, and what became of every rule, one line each.
pub(crate) fn told(form: Form, text: &str) -> String {
    let imported = match read(form, text) {
        Ok(imported) => imported,
        Err(problems) => {
            let lines = problems.iter().map(|p| {
                let line = p.place.as_ref().map_or(0, |p| p.line);
                format!("line {line}: {}", p.message)
            });
            return lines.collect::<Vec<_>>().join("\n");
        }
    };
    let mut said = String::new();
    for draft in &imported.contracts {
        if let Some(name) = &draft.name {
            writeln!(said, "{name}").unwrap();
        }
        for key in ["extra_columns", "columns", "expect"] {
            let Some(node) = entry(&draft.contract, key) else {
                continue;
            };
            match &node.value {
                Value::List(items) => items
                    .iter()
                    .for_each(|i| writeln!(said, "  {key}: {}", flow(i)).unwrap()),
                _ => writeln!(said, "  {key}: {}", flow(node)).unwrap(),
            }
        }
    }
    for item in &imported.coverage.items {
        let fate = match &item.outcome {
            Fate::Mapped(_) => continue,
            Fate::Note(note) => format!("note: {note}"),
            Fate::Dropped { reason } => format!("dropped: {reason}"),
        };
        writeln!(said, "{}: {fate}", item.what).unwrap();
    }
    said
}

/// Every place in a tree lies in the text.
fn placed(node: &Node, lines: usize) {
    assert!(
        (1..=lines.max(1)).contains(&node.place.line),
        "{:?}",
        node.place.line
    );
    match &node.value {
        Value::List(items) => items.iter().for_each(|i| placed(i, lines)),
        Value::Map(entries) => entries.iter().for_each(|(_, v)| placed(v, lines)),
        _ => {}
    }
}

/// Reads a file that may be anything: an error names its place, a contract has every rule in its coverage.
fn survives(form: Form, text: &str) {
    match read(form, text) {
        Ok(imported) => {
            let lines = text.lines().count() + 1;
            imported
                .contracts
                .iter()
                .for_each(|d| placed(&d.contract, lines));
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                let _ = problem.render();
            }
        }
    }
}

/// A file cut off everywhere, and with every word made something else.
fn hostile(form: Form, text: &str) {
    for (at, _) in text.char_indices().step_by(3) {
        survives(form, &text[..at]);
    }
    let words: Vec<(usize, &str)> = text.match_indices([':', '[', '"']).collect();
    for (at, _) in words {
        for other in [
            "",
            "null",
            "[]",
            "{}",
            "-1e999",
            "\"\"",
            "170141183460469231731687303715884105727",
            "-170141183460469231731687303715884105728",
            "5e-324",
            "\"select from primary\" > 1",
            "'{{ x }}'",
            ": :",
            "\u{0}",
            "🦀",
        ] {
            survives(form, &format!("{} {other}{}", &text[..at], &text[at + 1..]));
        }
    }
    for deep in ["[", "{\"a\":", "(", "- ", "not ", "{a: "] {
        survives(form, &deep.repeat(20_000));
        survives(form, &format!("{text}{}", deep.repeat(20_000)));
    }
    for other in [
        "",
        "\u{feff}",
        "null",
        "1",
        "[]",
        "{}",
        "---\n---\n",
        "\t",
        "%",
        "*a",
        "&a *a",
    ] {
        survives(form, other);
    }
}

const SUITE: &str = r#"{
  "expectation_suite_name": "orders",
  "meta": {"great_expectations_version": "0.18.22", "notes": ["of the shop"]},
  "evaluation_parameters": {"least": 2},
  "expectations": [
    {"expectation_type": "expect_column_values_to_be_between", "kwargs": {"column": "x", "min_value": {"$PARAMETER": "least"}, "max_value": 9, "strict_max": true, "mostly": 0.8}},
    {"expectation_type": "expect_column_values_to_match_regex", "kwargs": {"column": "s", "regex": "^a\\d", "row_condition": "x > 1", "condition_parser": "pandas"}, "severity": "warning"},
    {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "x"}, "meta": {"notes": {"format": "markdown", "content": "one each"}}},
    {"expectation_type": "expect_column_mean_to_be_between", "kwargs": {"column": "x", "min_value": 1, "max_value": 3, "strict_min": true}},
    {"expectation_type": "expect_column_values_to_match_regex", "kwargs": {"column": "s", "regex": "(?=a)b"}},
    {"expectation_type": "expect_column_max_to_be_between", "kwargs": {"column": "x", "min_value": {"$PARAMETER": "unknown"}}},
    {"expectation_type": "expect_column_values_to_be_vowels", "kwargs": {"column": "x"}},
    {"expectation_type": "expect_column_values_to_be_in_set", "kwargs": {"column": "x", "value_set": [1], "colour": "red"}}
  ]
}"#;

#[test]
fn a_suite_is_held_rule_by_rule() {
    let said = told(Form::Gx, SUITE);
    let wanted = r#"orders
  expect: {between: {column: x, min: 2, max: 9, bounds: [), on_empty: pass, max_failing_ratio: 0.2, where: "x" IS NOT NULL}}
  expect: {matches: {column: s, pattern: ^a\d, on_empty: pass, severity: warn, where: "x" > 1}}
  expect: {unique_key: {columns: x, count: rows_in_groups, on_empty: pass, description: one each}}
  expect: {mean_between: {column: x, min: 1.0000000000000002, max: 3, on_empty: fail}}
expect_column_values_to_match_regex of s: dropped: the regular expression `(?=a)b` cannot be read here: look-around, including look-ahead and look-behind, is not supported
expect_column_max_to_be_between of x: dropped: the suite parameter `unknown` has no value in this file
expect_column_values_to_be_vowels of x: dropped: no expectation of Great Expectations itself has this name
expect_column_values_to_be_in_set of x: dropped: its argument `colour` is not known here
"#;
    assert_eq!(said, wanted, "{said}");
    hostile(Form::Gx, SUITE);
}

#[test]
fn wrong_arguments_of_a_suite_are_reported_together() {
    let suite = r#"{"name": "s", "expectations": [
 {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "x", "mostly": 1.1}},
 {"type": "expect_column_values_to_be_between", "kwargs": {"column": "x"}},
 {"type": "ExpectColumnValuesToBeUnique", "kwargs": {}},
 {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "x"}, "severity": "loud"},
 {"kwargs": {}}
]}"#;
    let wanted = "line 2: `mostly` must be 0 or more, and less than or equal to 1, not 1.1
line 3: `expect_column_values_to_be_between` needs `min_value`, `max_value` or both
line 4: expect_column_values_to_be_unique needs `column`
line 5: `severity` cannot be `loud`: critical, warning or info
line 6: an expectation needs `type`, or `expectation_type` before 1.0";
    assert_eq!(told(Form::Gx, suite), wanted);
}

/// Names of the public classes of Great Expectations 1.24, and of those that 0.x had besides, with arguments.
const ALL: &str = include_str!("import_rules/gx_classes.txt");

#[test]
fn every_expectation_is_known_and_its_promises_are_planned() {
    let mut suite = Vec::new();
    for line in ALL.lines().filter(|l| !l.is_empty()) {
        let (name, kwargs) = line.split_once(' ').unwrap();
        suite.push(format!("{{\"type\": \"{name}\", \"kwargs\": {kwargs}}}"));
    }
    assert_eq!(suite.len(), 67);
    let text = format!(
        "{{\"name\": \"s\", \"expectations\": [\n{}\n]}}",
        suite.join(",\n")
    );
    let imported = read(Form::Gx, &text).unwrap();
    assert_eq!(imported.coverage.items.len(), suite.len());
    let unknown = imported
        .coverage
        .missing()
        .filter(|(_, r)| r.contains("has this name"))
        .count();
    assert_eq!(unknown, 0, "{}", imported.coverage.line());
    let data = "x,y,s,d\n1,2,a1,2024-01-01\n2,3,b2,2024-01-02\n";
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, contract: suite.json}\n  t: {path: d.csv, expect: [row_count: {min: 1}]}\n";
    let files = [
        ("d.csv", data.as_bytes()),
        ("suite.json", text.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert!(
        gate.code == 1 || gate.code == 0,
        "{}{}",
        gate.stdout,
        gate.stderr
    );
    let errors: Vec<_> = gate
        .record()
        .outcomes
        .into_iter()
        .filter(|o| o.status == tollgate::record::Status::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

const CUSTOMERS: &str = include_str!("import_rules/customers.csv");
const ORDERS: &str = include_str!("import_rules/orders.csv");

/// What a run over the shop says of a file: one line per outcome.
fn judged(name: &str, text: &str) -> String {
    let customers = if text.contains("name: customers") {
        format!("{{path: customers.csv, contract: {name}}}")
    } else {
        "{path: customers.csv, expect: [row_count: {min: 1}]}".to_owned()
    };
    let config = format!(
        "version: 1\nhistory: past\ndatasets:\n  orders: {{path: orders.csv, contract: {name}}}\n  customers: {customers}\n"
    );
    let files = [
        (name, text.as_bytes()),
        ("orders.csv", ORDERS.as_bytes()),
        ("customers.csv", CUSTOMERS.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--now", "2024-02-01T00:00:00Z"]);
    assert!(
        [0, 1].contains(&gate.code),
        "{}{}",
        gate.stdout,
        gate.stderr
    );
    let mut said = String::new();
    for outcome in gate.record().outcomes {
        let failing = outcome
            .failing
            .map_or_else(String::new, |f| format!(", {f} failing"));
        writeln!(said, "{}: {:?}{failing}", outcome.id, outcome.status).unwrap();
    }
    said
}

/// The contract, the rest of the rules, and what a run over the shop says.
fn whole(form: Form, name: &str, text: &str) -> String {
    format!("{}\n{}", told(form, text), judged(name, text))
}

#[test]
fn a_schema_yml_is_held_test_by_test() {
    let text = include_str!("import_rules/schema.yml");
    insta::assert_snapshot!("import_dbt", whole(Form::Dbt, "schema.yml", text));
    hostile(Form::Dbt, text);
}

#[test]
fn a_ruleset_is_held_rule_by_rule() {
    let text = include_str!("import_rules/rules.dqdl");
    insta::assert_snapshot!("import_dqdl", whole(Form::Dqdl, "rules.dqdl", text));
    hostile(Form::Dqdl, text);
}

#[test]
fn a_pandera_schema_is_held_check_by_check() {
    let text = include_str!("import_rules/pandera.yaml");
    insta::assert_snapshot!("import_pandera", whole(Form::Pandera, "pandera.yaml", text));
    hostile(Form::Pandera, text);
}

#[test]
fn soda_contracts_and_sodacl_are_held_check_by_check() {
    let text = include_str!("import_rules/soda.yaml");
    insta::assert_snapshot!("import_soda", whole(Form::Soda, "soda.yaml", text));
    hostile(Form::Soda, text);
    let text = include_str!("import_rules/sodacl.yaml");
    insta::assert_snapshot!("import_sodacl", whole(Form::Soda, "sodacl.yaml", text));
    hostile(Form::Soda, text);
}

#[test]
fn broken_rules_are_reported_at_their_place() {
    let cases = [
        (
            Form::Dqdl,
            "Rules = [ IsComplete ]",
            "line 1: `IsComplete` needs `a column in quotes`",
        ),
        (
            Form::Dqdl,
            "Rules = [\n IsComplete \"a\"\n IsUnique \"b\" ]",
            "line 3: `]` is expected",
        ),
        (
            Form::Dqdl,
            "Rules = [\n RowCount between 3 and 4 ]",
            "line 2: nothing lies between the bounds, which are left out themselves",
        ),
        (
            Form::Dqdl,
            "Rules = [ IsComplete \"a ]",
            "line 1: a text has no end",
        ),
        (
            Form::Dqdl,
            "Rules = [ (IsComplete \"a\") and (IsUnique \"a\") or (IsUnique \"b\") ]",
            "line 1: `and` and `or` are mixed without parentheses",
        ),
        (
            Form::Dqdl,
            "Analyzers = [ RowCount ]",
            "line 1: the document has no `Rules = [ .. ]`",
        ),
        (
            Form::Dbt,
            "version: 2\nmodels:\n  - name: m\n    columns:\n      - {name: a, tests: [accepted_values: {values: 3}]}",
            "line 5: `values` must be a list",
        ),
        (
            Form::Dbt,
            "version: 2\nmodels:\n  - name: m\n    columns:\n      - {name: a, tests: [not_null: {severity: loud}]}",
            "line 5: `severity` must be error or warn, not loud",
        ),
        (
            Form::Dbt,
            "version: 2\nmodels:\n  - columns: []",
            "line 3: a model needs `name`",
        ),
        (
            Form::Pandera,
            "schema_type: dataframe\ncolumns:\n  a:\n    checks: {str_length: {}}",
            "line 4: `str_length` needs `min_value` or `max_value`",
        ),
        (
            Form::Pandera,
            "schema_type: dataframe\ncolumns: [a]",
            "line 2: `columns` must be a mapping of names to columns",
        ),
        (
            Form::Soda,
            "dataset: a/b\ncolumns:\n  - name: a\n    checks: [missing: {threshold: {must_be_big: 1}}]",
            "line 4: a threshold has no `must_be_big`",
        ),
        (
            Form::Soda,
            "checks for a:\n  missing_count(a) = 0",
            "line 2: checks for a must be a list of checks",
        ),
    ];
    for (form, text, wanted) in cases {
        assert_eq!(told(form, text), wanted, "{text}");
    }
}
