//! `personal_data_only_in`: which columns are looked at, and what is said of what is found.

use crate::harness::Gate;
use tollgate::record::Status;

const DATA: &str = "id,mail,note,ref\n1,ann@example.org,fine,GB82WEST12345698765432\n2,bob@example.org,ask eve@example.org,x\n3,,also eve@example.org,DE89370400440532013000\n";

fn run(contract: &str) -> Gate {
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n";
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn other_columns_are_named_with_kinds_and_rows() {
    let gate = run("version: 1\nkey: id\nexpect:\n  - personal_data_only_in: mail\n");
    let outcome = gate.outcome("d.personal_data_only_in");
    assert_eq!(
        (outcome.status, outcome.failing, outcome.rows),
        (Status::Fail, Some(3), Some(3))
    );
    assert_eq!(
        outcome.message,
        "Personal data in `note` (email in 2 rows), `ref` (iban in 2 rows): 3 of 3 rows."
    );
    let cells: Vec<String> = outcome.samples[0]
        .cells
        .iter()
        .map(|c| format!("{}={}", c.column, c.value.as_deref().unwrap_or("null")))
        .collect();
    assert_eq!(cells, ["id=1", "note=(redacted)", "ref=(redacted)"]);
    assert!(!gate.stdout.contains("example.org") && !gate.stdout.contains("GB82"));
}

#[test]
fn marked_columns_need_not_be_named_and_those_that_may_be_shown_are_looked_at() {
    let marked = "version: 1\ncolumns:\n  - {name: mail, pii: true}\n  - {name: ref, pii: true}\n  - {name: note, pii: false}\nexpect:\n  - personal_data_only_in: {max_failing: 1}\n";
    let outcome = run(marked).outcome("d.personal_data_only_in");
    assert_eq!((outcome.status, outcome.failing), (Status::Fail, Some(2)));
    assert_eq!(
        outcome.samples[0].cells[0].value.as_deref(),
        Some("ask eve@example.org")
    );
    let named = "version: 1\nexpect:\n  - personal_data_only_in: {columns: [mail, \"*e*\"]}\n";
    assert_eq!(
        run(named).outcome("d.personal_data_only_in").status,
        Status::Pass
    );
}

#[test]
fn a_filter_and_a_name_that_nothing_has() {
    let some = "version: 1\nexpect:\n  - personal_data_only_in: {columns: mail, kinds: email, where: id < 2}\n";
    assert_eq!(
        run(some).outcome("d.personal_data_only_in").status,
        Status::Pass
    );
    let gate = run("version: 1\nexpect:\n  - personal_data_only_in: [mial]\n");
    assert_eq!(gate.code, 2);
    assert!(
        gate.stderr.contains("did you mean `mail`?"),
        "{}",
        gate.stderr
    );
}
