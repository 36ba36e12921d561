//! What `pii: false` shows, and what is kept back without it: single values of columns that may be shown.

use crate::harness::Gate;
use std::process::Command;
use tollgate::record::Status;

/// Part numbers that look like cards, and a comment with one address.
fn data() -> String {
    let mut text = "part,part_text,comment,n\n".to_owned();
    for i in 0..60 {
        let comment = if i == 3 {
            "from ann@example.org"
        } else {
            "fine"
        };
        text.extend([
            "4111111111111111,4111-1111-1111-1111,",
            comment,
            ",",
            &i.to_string(),
            "\n",
        ]);
    }
    text
}

fn run(columns: &str) -> Gate {
    let contract = format!(
        "version: 1\ncolumns:\n{columns}expect:\n  - between: {{column: n, max: 2, samples: {{n: 1, keys: [part, part_text]}}}}\n  - in_set: {{column: comment, values: [fine]}}\n  - distinct_values: {{column: comment, values: [fine]}}\n  - distinct_values: {{column: part_text, values: [a]}}\n  - max_between: {{column: part, max: 1}}\n"
    );
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n";
    let files = [
        ("d.csv", data().into_bytes()),
        ("c.yaml", contract.into_bytes()),
        ("tollgate.yaml", config.as_bytes().to_vec()),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (*n, &b[..])).collect();
    Gate::run(&files, &[])
}

#[test]
fn numbers_of_cards_are_kept_back_until_the_contract_says_otherwise() {
    let plain = run("  - name: n\n");
    let cells = plain.outcome("d.between(n)").samples[0].cells.clone();
    let values: Vec<_> = cells.iter().map(|c| c.value.clone().unwrap()).collect();
    assert_eq!(values, ["(redacted)", "(redacted)", "3"]);
    assert_eq!(plain.measured("d.max_between(part)"), "(redacted)");
    let columns = &plain.record().datasets[0].profile;
    let why = "personal data or secrets found in its values: card";
    assert_eq!(columns[0].withheld.as_deref(), Some(why));
    assert_eq!(columns[1].withheld.as_deref(), Some(why));
    assert!(columns[1].top.is_empty());

    let open = run("  - {name: part, pii: false}\n  - {name: part_text, pii: false}\n");
    let cells = open.outcome("d.between(n)").samples[0].cells.clone();
    let values: Vec<_> = cells.iter().map(|c| c.value.clone().unwrap()).collect();
    assert_eq!(values, ["4111111111111111", "4111-1111-1111-1111", "3"]);
    assert_eq!(open.measured("d.max_between(part)"), "4111111111111111");
    assert!(
        open.outcome("d.distinct_values(part_text)")
            .message
            .contains("4111-1111")
    );
    assert_eq!(open.record().datasets[0].profile[1].withheld, None);
}

#[test]
fn one_value_of_an_open_column_is_kept_back_in_rows_and_sentences() {
    let gate = run("  - name: n\n");
    let rows = gate.outcome("d.in_set(comment)").samples;
    assert_eq!(
        rows[0].cells.last().unwrap().value.as_deref(),
        Some("(redacted)")
    );
    let message = gate.outcome("d.distinct_values(comment)").message;
    assert_eq!(
        message,
        "Values of `comment`: `from (redacted)` is not among the allowed values."
    );
    let open = run("  - {name: comment, pii: false}\n");
    assert!(
        open.outcome("d.distinct_values(comment)")
            .message
            .contains("ann@example.org")
    );
}

#[test]
fn days_of_personal_columns_are_not_told() {
    let data = "born,x\n1961-03-04,1\n1972-05-06,2\n";
    let contract = "version: 1\ncolumns:\n  - {name: born, type: date, pii: true}\nexpect:\n  - data_fresh: {column: born, max_age: 1d}\n  - fresh_by: {column: born, time: '06:00'}\n  - retention: {column: born, max_age: 1d}\n  - in_set: {column: born, values: [2001-01-01]}\n";
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    contract: c.yaml\n";
    let files = [
        ("d.csv", data.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--now", "2026-01-01T00:00:00Z"]);
    for check in ["data_fresh", "fresh_by", "retention"] {
        let outcome = gate.outcome(&format!("d.{check}(born)"));
        assert_eq!(outcome.status, Status::Fail);
        assert!(
            outcome.message.contains("its times are not shown"),
            "{}",
            outcome.message
        );
        assert_eq!(outcome.measured[0].text, "(redacted)");
        assert_eq!(outcome.measured[0].number, None);
    }
    let set = gate.outcome("d.in_set(born)");
    assert_eq!(
        set.message,
        "`born` is not one of (redacted) in 2 of 2 rows."
    );
}

#[test]
fn a_printed_profile_says_why_nothing_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), data()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "d.csv", "--output", "p.json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("not shown: personal data or secrets found in its values: card"),
        "{table}"
    );
    let saved = std::fs::read_to_string(folder.path().join("p.json")).unwrap();
    assert!(
        saved.contains("\"withheld\"") && !saved.contains("4111"),
        "{saved}"
    );
    // It reads back, and is a reference still.
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    reference: p.json\n    expect:\n      - not_null: n\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &[]);
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
}
