//! `values_file` of `in_set`: where values come from, in which type, and what of it is in the record.

use crate::harness::Gate;
use sha2::{Digest, Sha256};
use tollgate::record::Status;

fn run(file: (&str, &str), expect: &str) -> Gate {
    let config =
        format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - {expect}\n");
    let data = "code,n,price,day\nAA,1,1.50,2013-02-01\nB6,2,2.25,2013-02-02\nZZ,3,9,2013-02-03\n";
    let files = [
        ("d.csv", data.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
        (file.0, file.1.as_bytes()),
    ];
    Gate::run(&files, &[])
}

#[test]
fn one_value_on_each_line_and_the_digest_in_the_record() {
    let text = "AA\r\n\nB6\n";
    let gate = run(
        ("codes.txt", text),
        "in_set: {column: code, values_file: codes.txt}",
    );
    let outcome = gate.outcome("d.in_set(code)");
    assert_eq!((outcome.status, outcome.failing), (Status::Fail, Some(1)));
    assert_eq!(
        outcome.message,
        "`code` is not one of the 2 values of codes.txt in 1 of 3 rows."
    );
    let files = gate.record().provenance.values_files;
    let digest = tollgate::report::text::hex(&Sha256::digest(text));
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, "codes.txt");
    assert_eq!(files[0].sha256.as_deref(), Some(&digest[..]));
    let without = run(("codes.txt", text), "in_set: {column: code, values: [AA]}");
    assert!(without.record().provenance.values_files.is_empty());
}

#[test]
fn a_column_of_csv_in_the_type_of_the_column() {
    let file = (
        "known.csv",
        "id,price,day\n1,1.5,2013-02-01\n2,2.250,2013-02-02\n,,\n",
    );
    for (expect, id, failing) in [
        (
            "in_set: {column: n, values_file: known.csv, values_column: id}",
            "d.in_set(n)",
            1,
        ),
        (
            "in_set: {column: price, values_file: known.csv, values_column: price}",
            "d.in_set(price)",
            1,
        ),
        (
            "in_set: {column: day, values_file: known.csv, values_column: day}",
            "d.in_set(day)",
            1,
        ),
        (
            "not_in_set: {column: n, values_file: known.csv, values_column: id}",
            "d.not_in_set(n)",
            2,
        ),
    ] {
        let gate = run(file, expect);
        assert_eq!(
            gate.outcome(id).failing,
            Some(failing),
            "{expect}: {}",
            gate.stderr
        );
    }
}

#[test]
fn thousands_of_values_are_compared() {
    let list: Vec<String> = (2..20_000).map(|n| n.to_string()).collect();
    let list = list.join("\n");
    let gate = run(
        ("list.txt", &list),
        "in_set: {column: n, values_file: list.txt}",
    );
    assert_eq!(
        gate.outcome("d.in_set(n)").failing,
        Some(1),
        "{}",
        gate.stderr
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    for (file, expect, wanted) in [
        (
            ("a.txt", "1\nx\n"),
            "in_set: {column: n, values_file: a.txt}",
            "a.txt:2:1",
        ),
        (
            ("a.txt", "\n"),
            "in_set: {column: n, values_file: a.txt}",
            "it holds no value",
        ),
        (
            ("a.txt", "1\n"),
            "in_set: {column: n, values_file: b.txt}",
            "cannot read b.txt",
        ),
        (
            ("a.csv", "x,y\n1,2\n"),
            "in_set: {column: n, values_file: a.csv}",
            "say which one with `values_column`",
        ),
        (
            ("a.csv", "x,y\n1,2\n"),
            "in_set: {column: n, values_file: a.csv, values_column: z}",
            "it has no column `z`",
        ),
        (
            ("a.csv", "x,y\n1\n"),
            "in_set: {column: n, values_file: a.csv, values_column: x}",
            "a.csv: CSV error",
        ),
        (
            ("a.txt", "1\n"),
            "in_set: {column: n}",
            "give exactly one of `values`, `values_file`",
        ),
        (
            ("a.txt", "1\n"),
            "in_set: {column: n, values: [1], values_file: a.txt}",
            "give exactly one",
        ),
    ] {
        let gate = run(file, expect);
        assert_eq!(gate.code, 2, "{expect}: {}", gate.stderr);
        assert!(gate.stderr.contains(wanted), "{expect}: {}", gate.stderr);
    }
}
