//! CSV files with rows that are not well formed: what is counted, what the other promises are about.

use crate::harness::Gate;
use tollgate::record::Status;

const BROKEN: &str = "a,b\n1,x\n2\n3,y,z\n\n4,\"p\nq\"\n5,w\n";

#[test]
fn broken_rows_are_counted_and_the_others_are_what_is_looked_at() {
    let gate = Gate::csv(
        BROKEN,
        "    expect:\n      - csv_wellformed\n      - in_set: {column: a, values: [1, 4]}\n      - row_count: {min: 3, max: 3}\n",
    );
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let outcome = gate.outcome("d.csv_wellformed");
    assert_eq!(
        (outcome.status, outcome.failing, outcome.rows),
        (Status::Fail, Some(2), Some(5))
    );
    assert_eq!(
        outcome.message,
        "2 of 5 rows are not well formed: 1 row with too few fields; 1 row with too many fields; 1 blank line; \
         line 3 has 1 field instead of 2; line 4 has 3 fields instead of 2."
    );
    assert_eq!(gate.outcome("d.in_set(a)").failing, Some(1));
    assert_eq!(gate.outcome("d.row_count#2").status, Status::Pass);
    assert_eq!(gate.record().datasets[0].rows, 3);
}

#[test]
fn some_may_be_and_without_the_check_the_first_one_ends_the_run() {
    let some = Gate::csv(
        BROKEN,
        "    expect:\n      - csv_wellformed: {max_failing_ratio: 0.5, warn_at: 1}\n",
    );
    assert_eq!(
        some.outcome("d.csv_wellformed").status,
        Status::Warn,
        "{}",
        some.stderr
    );
    assert_eq!(some.code, 0);
    let without = Gate::csv(BROKEN, "    expect:\n      - not_null: a\n");
    assert_eq!(without.code, 3, "{}", without.stderr);
    assert!(without.stderr.contains("line 3"), "{}", without.stderr);
}

#[test]
fn a_reference_may_hold_no_broken_row() {
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    reference: r.csv\n    expect:\n      - csv_wellformed\n";
    let files = [
        ("d.csv", &b"a,b\n1,2\n"[..]),
        ("r.csv", BROKEN.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    assert!(gate.stderr.contains("r.csv"), "{}", gate.stderr);
}

#[test]
fn other_formats_are_no_csv() {
    let config =
        "version: 1\ndatasets:\n  d:\n    path: d.ndjson\n    expect:\n      - csv_wellformed\n";
    let files = [
        ("d.ndjson", &b"{\"a\": 1}\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.outcome("d.csv_wellformed").status, Status::Error);
    assert_eq!(gate.code, 3, "{}", gate.stdout);
}

#[test]
fn a_long_file_is_mended_in_every_chunk() {
    let mut text = "a,b\n".to_owned();
    for i in 0..200_000 {
        match i % 1_000 {
            7 => text.push_str("only one\n"),
            8 => text.push_str("1,2,\"three\n3\"\n"),
            _ => text.extend([&i.to_string(), ",x\n"]),
        }
    }
    let gate = Gate::csv(
        &text,
        "    expect:\n      - csv_wellformed\n      - between: {column: a, min: 0}\n",
    );
    let outcome = gate.outcome("d.csv_wellformed");
    assert_eq!(
        (outcome.failing, outcome.rows),
        (Some(400), Some(200_000)),
        "{}",
        gate.stderr
    );
    assert!(
        outcome.message.contains("line 9 has 1 field"),
        "{}",
        outcome.message
    );
    assert_eq!(gate.outcome("d.between(a)").rows, Some(199_600));
}
