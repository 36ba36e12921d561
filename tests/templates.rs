//! Expectations over patterns of columns, as `run` and `plan` see them.

use crate::contract::{tollgate, write};
use crate::harness::Gate;
use tollgate::record::Status;

const DATA: &str = "id,amount_net,amount_tax,amount_note,label\n1,5,1,a,x\n2,-3,2,,y\n3,4,3,c,\n";

fn run(contract: &str, dataset: &str) -> Gate {
    let config =
        format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n{dataset}");
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

fn ids(gate: &Gate) -> Vec<(String, Status)> {
    let outcomes = gate.record().outcomes.into_iter();
    let all: Vec<_> = outcomes.map(|o| (o.id, o.status)).collect();
    // The promise that there are rows comes first.
    all[1..].to_vec()
}

fn shown(gate: &Gate) -> Vec<String> {
    let all = ids(gate).into_iter();
    all.map(|(id, status)| format!("{id} {}", status.word()))
        .collect()
}

#[test]
fn one_expectation_per_column_in_the_order_of_the_data() {
    let gate = run(
        "version: 1\nexpect:\n  - not_null: {columns: 'amount_*'}\n  - between: {columns: {name: '*', type: number, except: id}, min: 0}\n",
        "",
    );
    assert_eq!(
        shown(&gate),
        [
            "d.not_null(amount_net) pass",
            "d.not_null(amount_tax) pass",
            "d.not_null(amount_note) fail",
            "d.between(amount_net) fail",
            "d.between(amount_tax) pass",
        ]
    );
}

#[test]
fn a_list_keeps_its_order_and_names_each_column_once() {
    let gate = run(
        "version: 1\nexpect:\n  - not_null: {columns: [label, 'amount_[nt]*', 'amount_*']}\n",
        "",
    );
    let ids: Vec<_> = ids(&gate).into_iter().map(|(id, _)| id).collect();
    assert_eq!(
        ids,
        [
            "d.not_null(label)",
            "d.not_null(amount_net)",
            "d.not_null(amount_tax)",
            "d.not_null(amount_note)",
        ]
    );
}

#[test]
fn an_entry_of_columns_holds_for_every_column_that_it_names() {
    let contract = "version: 1
extra_columns: fail
columns:
  - {name: id, type: integer}
  - {name: label}
  - columns: {name: 'amount_*', except: '*_note'}
    type: integer
    nullable: false
    expect: [between: {max: 4}]
  - {columns: '*_note', type: string, pii: true, expect: [length: {max: 0}]}
";
    let gate = run(contract, "");
    assert_eq!(
        shown(&gate),
        [
            "d.columns_match pass",
            "d.columns_match#2 pass",
            "d.column_type(id) pass",
            "d.column_type(amount_net) pass",
            "d.not_null(amount_net) pass",
            "d.between(amount_net) fail",
            "d.column_type(amount_tax) pass",
            "d.not_null(amount_tax) pass",
            "d.between(amount_tax) pass",
            "d.column_type(amount_note) pass",
            "d.length(amount_note) fail",
        ]
    );
    let personal = gate.outcome("d.length(amount_note)");
    let mut cells = personal.samples.iter().flat_map(|s| &s.cells);
    assert!(cells.all(|c| c.value.as_deref().is_none_or(|v| v == "(redacted)")));
}

#[test]
fn a_pattern_without_a_column_fails_unless_it_may() {
    let contract = "version: 1
columns:
  - {columns: 'price_*', on_no_match: warn}
expect:
  - not_null: {columns: 'cost_*'}
  - not_null: {columns: 'tax_*', on_no_match: pass}
  - not_null: {columns: 'fee_*', severity: warn}
  - not_null: {columns: ['amount_net', 'due_*']}
";
    let gate = run(contract, "");
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    assert_eq!(
        shown(&gate),
        [
            "d.columns_match pass",
            "d.columns_match(price_*) warn",
            "d.not_null(cost_*) fail",
            "d.not_null(tax_*) pass",
            "d.not_null(fee_*) warn",
            "d.not_null(amount_net, due_*) fail",
            "d.not_null(amount_net) pass",
        ]
    );
    assert_eq!(
        gate.outcome("d.not_null(amount_net, due_*)").message,
        "No column matches `due_*` of `amount_net, due_*`, so nothing is promised of such."
    );
}

#[test]
fn types_of_a_pattern_are_how_csv_is_read() {
    let gate = run(
        "version: 1\ncolumns:\n  - {columns: 'amount_*', type: string}\n",
        "",
    );
    assert_eq!(
        gate.outcome("d.column_type(amount_net)").status,
        Status::Pass
    );
}

#[test]
fn an_expectation_counts_in_its_environments_only() {
    let contract = "version: 1\nenvironments: [training, serving]\nexpect:\n  - not_null: {column: label, environments: training}\n  - not_null: {columns: 'amount_n*', environments: [serving, training]}\n";
    let serving = run(contract, "    environment: serving\n");
    assert_eq!(
        shown(&serving),
        [
            "d.not_null(amount_net) pass",
            "d.not_null(amount_note) fail"
        ]
    );
    let training = run(contract, "    environment: training\n");
    assert_eq!(shown(&training)[0], "d.not_null(label) fail");
    assert_eq!(ids(&training).len(), 3);
}

#[test]
fn the_plan_says_what_a_pattern_became() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "d.csv", DATA);
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - not_null: {columns: 'amount_[nt]*'}\n";
    write(folder.path(), "tollgate.yaml", config);
    let (code, stdout, stderr) = tollgate(folder.path(), &["plan"]);
    assert_eq!(code, 0, "{stderr}");
    let line = "  d.not_null(amount_tax), one of columns `amount_[nt]*`\n";
    assert!(stdout.contains(line), "{stdout}");
}
