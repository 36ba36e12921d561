//! Promises that must not pass: bounds that rounding would move, bounds that bound nothing, sets of no row.

use crate::harness::Gate;
use tollgate::record::{Outcome, Status};

/// The one expectation of `d.csv`, judged.
fn judged(data: &str, types: &str, expectation: &str) -> Outcome {
    let contract = format!("version: 1\n{types}\nexpect: [{expectation}]\n");
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, contract: c.yaml}\n";
    let files = [
        ("d.csv", data.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    gate.record().outcomes.pop().unwrap()
}

/// What is said of an expectation that is refused.
fn refused(expectation: &str) -> String {
    let dataset = format!("    expect: [{expectation}]\n");
    let gate = Gate::csv("x,s,t\n1.5,a,2013-02-01T05:00:00\n", &dataset);
    assert_eq!(gate.code, 2, "{expectation}\n{}", gate.stdout);
    gate.stderr
}

#[test]
fn a_bound_with_a_point_is_exact_for_whole_numbers() {
    for expectation in [
        "between: {column: x, max: 9007199254740992.0}",
        "max_between: {column: x, max: 9007199254740992.0}",
        "in_set: {column: x, values: [9007199254740992.0]}",
        "value_between: {expr: MAX(x), max: 9007199254740992.0}",
    ] {
        let outcome = judged("x\n9007199254740993\n", "", expectation);
        assert_eq!(outcome.status, Status::Fail, "{expectation}");
    }
    let kept = "between: {column: x, min: 9007199254740993.0, max: 9007199254740993.0}";
    assert_eq!(
        judged("x\n9007199254740993\n", "", kept).status,
        Status::Pass
    );
}

#[test]
fn a_bound_is_exact_for_decimals() {
    let types = "columns: [{name: x, type: 'decimal(38,2)'}]";
    for (max, status) in [
        ("12345678901234567890.11", Status::Fail),
        ("12345678901234567890.12", Status::Pass),
    ] {
        for check in ["between", "max_between", "sum_between"] {
            let expectation = format!("{check}: {{column: x, max: {max}}}");
            let outcome = judged("x\n12345678901234567890.12\n", types, &expectation);
            assert_eq!(outcome.status, status, "{expectation}: {}", outcome.message);
        }
    }
}

#[test]
fn not_a_number_bounds_nothing() {
    for expectation in [
        "between: {column: x, max: .nan}",
        "compare: {column: x, op: '!=', value: .nan}",
        "in_set: {column: x, values: [1, .nan]}",
    ] {
        let said = refused(expectation);
        assert!(said.contains("NaN is none"), "{said}");
    }
}

#[test]
fn an_empty_list_promises_nothing() {
    for expectation in [
        "in_set: {column: s, values: []}",
        "distinct_values: {column: s, values: [], mode: superset}",
        "columns_match: {columns: [], mode: superset}",
        "unique_key: {columns: []}",
    ] {
        let said = refused(expectation);
        assert!(said.contains("must be a list of one or more"), "{said}");
    }
}

#[test]
fn bounds_the_wrong_way_round_are_refused() {
    for (expectation, said) in [
        (
            "between: {column: x, min: 5, max: 1}",
            "`min` 5 and `max` 1",
        ),
        (
            "between: {column: x, min: 5, max: 5, bounds: '()'}",
            "`min` 5 and `max` 5",
        ),
        (
            "mean_between: {column: x, min: 5, max: 1}",
            "`min` 5 and `max` 1",
        ),
        ("row_count: {min: 5, max: 1}", "`min` 5 and `max` 1"),
        (
            "row_count_matches: {dataset: d, max_ratio: 0.5}",
            "`min_ratio` 1 and `max_ratio` 0.5",
        ),
    ] {
        let text = refused(expectation);
        assert!(
            text.contains(&format!("nothing lies between {said}")),
            "{text}"
        );
    }
}

#[test]
fn a_zone_is_refused_where_the_column_has_none() {
    let said = refused("between: {column: t, max: '2013-02-01T05:00:00+09:00'}");
    assert!(said.contains("the column has no time zone"), "{said}");
}

#[test]
fn a_key_of_itself_is_refused() {
    let said = refused("foreign_key: {columns: x, dataset: d}");
    assert!(
        said.contains("every key of `d` is among the keys of `d`"),
        "{said}"
    );
}

#[test]
fn a_set_of_no_row_is_skipped() {
    for expectation in [
        "distinct_count: {column: s, max: 5, where: \"s = 'z'\"}",
        "distinct_values: {column: s, values: [a], mode: subset, where: \"s = 'z'\"}",
    ] {
        let outcome = judged("s\na\n", "", expectation);
        assert_eq!(outcome.status, Status::Skipped, "{}", outcome.message);
    }
    let wanted = "distinct_count: {column: s, min: 1, where: \"s = 'z'\"}";
    assert_eq!(judged("s\na\n", "", wanted).status, Status::Fail);
}

#[test]
fn an_age_is_not_rounded_down_to_its_limit() {
    for (now, code) in [("2026-01-01T10:00:00Z", 0), ("2026-01-01T10:00:01Z", 1)] {
        let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect: [data_fresh: {column: t, max_age: 10h}]\n";
        let files: [(&str, &[u8]); 2] = [
            ("d.csv", b"t\n2026-01-01T00:00:00\n"),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, &["--now", now]);
        assert_eq!(gate.code, code, "{now}\n{}{}", gate.stdout, gate.stderr);
    }
}
