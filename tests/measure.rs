//! Measuring: exact verdicts, SQL values and groups, failing rows with every reason, tolerances, exit codes.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::{Gate, scans};
use std::fmt::Write as _;
use tollgate::record::Status;

/// 20,000 distinct numbers, the last one once more; texts beside them.
fn many() -> String {
    let mut csv = "n,t\n".to_owned();
    for i in (0..20_000).chain([19_999]) {
        writeln!(csv, "{i},v{i}").unwrap();
    }
    csv
}

#[test]
fn verdicts_are_exact_beyond_what_a_profile_counts() {
    let gate = Gate::csv(
        &many(),
        "    expect:
      - distinct_count: {column: n, min: 20000, max: 20000}
      - distinct_count: {column: t, min: 20000, max: 20000}
      - no_constant: {column: n}
      - most_common_ratio: {column: t, max: 0.0000999}
      - most_common_ratio: {column: n, max: 0.0001}
      - quantile_between: {column: n, q: 0.99, min: 19800, max: 19800}
      - median_between: {column: n, min: 10000, max: 10000}
      - distinct_values: {column: n, values: [5, 7, -1], mode: superset}
",
    );
    for id in [
        "d.distinct_count(n)",
        "d.distinct_count(t)",
        "d.no_constant(n)",
        "d.most_common_ratio(n)",
        "d.quantile_between(n)",
        "d.median_between(n)",
    ] {
        let outcome = gate.outcome(id);
        assert_eq!(outcome.status, Status::Pass, "{id}: {}", outcome.message);
        assert_eq!(outcome.failing, None, "{id} counts no rows");
    }
    let over = gate.outcome("d.most_common_ratio(t)");
    assert_eq!(over.status, Status::Fail, "2 of 20,001 is over 0.0000999");
    let lacking = gate.outcome("d.distinct_values(n)");
    assert!(
        lacking.message.ends_with("`-1` does not occur."),
        "{}",
        lacking.message
    );
    assert_eq!(lacking.measured[0].text, "1");
}

#[test]
fn unexpected_values_are_counted_named_in_order_and_kept_private() {
    let expect = "    expect: [distinct_values: {column: t, values: [v1, v2]}]\n";
    let gate = Gate::csv(&many(), expect);
    let found = gate.outcome("d.distinct_values(t)");
    assert_eq!(found.measured[0].text, "19998");
    assert!(
        found.message.contains("`v0` is not among"),
        "{}",
        found.message
    );
    assert!(
        found.message.contains("19978 more not among"),
        "{}",
        found.message
    );

    let contract = "version: 1\ncolumns: [{name: t, pii: true, expect: [distinct_values: {values: [v1]}]}]\nextra_columns: allow\n";
    let config = "version: 1\ndatasets: {d: {path: d.csv, contract: c.yaml}}\n";
    let gate = Gate::run(
        &[
            ("d.csv", b"t\nv1\nsecret\n"),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    let found = gate.outcome("d.distinct_values(t)");
    assert_eq!(found.status, Status::Fail);
    assert!(found.message.contains("1 not among"), "{}", found.message);
    assert!(!found.message.contains("secret"), "{}", found.message);
}

#[test]
fn a_filter_counts_for_every_measure() {
    let gate = Gate::csv(
        "k,n,day\na,1,2013-02-01\na,2,2013-02-02\nb,100,2013-02-28\n",
        "    expect:
      - max_between: {column: n, max: 2, where: \"k = 'a'\"}
      - median_between: {column: n, min: 1, max: 1, where: \"k = 'a'\"}
      - distinct_count: {column: n, min: 2, max: 2, where: \"k = 'a'\"}
      - row_count: {min: 2, max: 2, where: \"k = 'a'\"}
      - value_between: {expr: SUM(n), min: 3, max: 3, where: \"k = 'a'\"}
      - value_between: {expr: SUM(n), min: 103, max: 103}
      - value_between: {expr: COUNT(*), min: 1, max: 1, where: \"k = 'b'\"}
      - returns_no_rows: {query: \"SELECT k FROM data WHERE n > 50\", where: \"k = 'a'\"}
      - data_fresh: {column: day, max_age: 1d, where: \"k = 'a'\"}
",
    );
    let run = gate.record();
    for outcome in run.outcomes.iter().filter(|o| o.check != "data_fresh") {
        assert_eq!(
            outcome.status,
            Status::Pass,
            "{}: {}",
            outcome.id,
            outcome.message
        );
    }
    let fresh = gate.outcome("d.data_fresh(day)");
    assert!(fresh.message.contains("2013-02-02"), "{}", fresh.message);
}

#[test]
fn groups_are_counted_shown_and_tolerated() {
    let config = "version: 1
datasets:
  orders:
    path: orders.csv
    expect:
      - returns_no_rows: {query: SELECT customer FROM data LEFT JOIN customers ON data.customer = customers.id WHERE customers.id IS NULL}
      - returns_no_rows: {query: 'SELECT customer, SUM(amount) AS total FROM data GROUP BY customer HAVING SUM(amount) < 10', max_failing: 2, warn_at: 2}
      - returns_no_rows: {query: 'SELECT customer FROM data GROUP BY customer HAVING COUNT(*) > 1', max_failing_ratio: 0.2}
      - returns_no_rows: {query: SELECT customer FROM data WHERE amount > 3, samples: 1}
  customers: {path: customers.csv}
";
    let orders = b"customer,amount\nann,4\nbob,5\nann,1\neve,20\ndan,7\n";
    let gate = Gate::run(
        &[
            ("orders.csv", orders),
            ("customers.csv", b"id,since\nann,1\nbob,2\n"),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    let orphans = gate.outcome("orders.returns_no_rows");
    assert_eq!((orphans.status, orphans.failing), (Status::Fail, Some(2)));
    assert_eq!(orphans.rows, Some(5));
    assert_eq!(orphans.measured[0].unit, "groups");
    let shown: Vec<_> = orphans
        .samples
        .iter()
        .map(|s| (s.row, s.cells[0].value.clone().unwrap()))
        .collect();
    assert_eq!(shown, [(1, "dan".to_owned()), (2, "eve".to_owned())]);
    let small = gate.outcome("orders.returns_no_rows#2");
    assert_eq!((small.status, small.failing), (Status::Fail, Some(3)));
    let repeated = gate.outcome("orders.returns_no_rows#3");
    assert_eq!((repeated.status, repeated.failing), (Status::Pass, Some(1)));
    assert_eq!(gate.outcome("orders.returns_no_rows#4").samples.len(), 1);
    assert_eq!(gate.code, 1);
}

#[test]
fn groups_of_personal_columns_are_counted_only() {
    let contract =
        "version: 1\ncolumns: [{name: mail, pii: true}, {name: n}, {name: pay, pii: true}]\n";
    let config = "version: 1
datasets:
  d:
    path: d.csv
    contract: c.yaml
    expect:
      - returns_no_rows: {query: SELECT mail AS other FROM data GROUP BY mail HAVING COUNT(*) > 1}
      - returns_no_rows: {query: SELECT n FROM data WHERE n > 1}
      - value_between: {expr: SUM(pay), max: 1}
      - max_between: {column: pay, max: 1}
";
    let gate = Gate::run(
        &[
            ("d.csv", b"mail,n,pay\na@b.org,1,77001\na@b.org,2,\n"),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    let found = gate.outcome("d.returns_no_rows");
    assert_eq!(found.failing, Some(1));
    assert_eq!(
        found.samples[0].cells[0].value.as_deref(),
        Some("(redacted)")
    );
    let open = gate.outcome("d.returns_no_rows#2");
    assert_eq!(open.samples[0].cells[0].value.as_deref(), Some("2"));
    let report = std::fs::read_to_string(gate.folder.path().join("report/run.json")).unwrap();
    assert!(!report.contains("a@b.org"));
    assert!(!report.contains("77001"), "{report}");
    assert_eq!(gate.outcome("d.max_between(pay)").status, Status::Fail);
    assert_eq!(gate.measured("d.value_between"), "(redacted)");
}

#[test]
fn sql_is_refused_at_its_place_before_a_row_is_read() {
    for (expect, reason) in [
        ("value_between: {expr: n, max: 1}", "one value per row"),
        ("value_between: {expr: MAX(t), max: 1}", "not a number"),
        ("value_between: {expr: SUM(n) > 1, max: 1}", "not a number"),
        ("value_between: {expr: SUM(zz), max: 1}", "zz"),
        (
            "value_between: {expr: 'SUM(n)) + (SUM(n)', max: 1}",
            "closes nothing",
        ),
        (
            "returns_no_rows: {query: SELECT n FROM other}",
            "no dataset `other`",
        ),
        ("returns_no_rows: {query: SELECT zz FROM data}", "zz"),
        (
            "returns_no_rows: {query: SELECT n FROM data ORDER BY n}",
            "ORDER BY",
        ),
        ("returns_no_rows: {query: DELETE FROM data}", "only reads"),
        (
            "returns_no_rows: {query: SELECT n FROM d}",
            "does not read `data`",
        ),
        (
            "mean_between: {column: n, max: 1, max_failing: 3}",
            "`mean_between` counts none",
        ),
        (
            "mean_between: {column: n, max: 1, max_failing_ratio: 0.5}",
            "`mean_between` counts none",
        ),
        (
            "value_between: {expr: SUM(n), max: 1, warn_at: 1}",
            "`value_between` counts none",
        ),
        ("not_null: {column: n, warn_at: 0}", "1 or more"),
        ("columns_match: {columns: [n, t], where: n > 1}", "`where`"),
        (
            "foreign_key: {columns: n, dataset: d, their_columns: [zz]}",
            "no column `zz`",
        ),
        (
            "foreign_key: {columns: n, dataset: d, their_columns: [n, t]}",
            "1 columns here with 2",
        ),
    ] {
        let gate = Gate::csv("n,t\n1,a\n", &format!("    expect:\n      - {expect}\n"));
        assert_eq!(gate.code, 2, "{expect}: {}{}", gate.stdout, gate.stderr);
        assert!(gate.stderr.contains(reason), "{expect}: {}", gate.stderr);
        assert!(
            gate.stderr.contains("tollgate.yaml:6:"),
            "{expect}: {}",
            gate.stderr
        );
        assert!(!gate.folder.path().join("report").exists(), "{expect}");
    }
}

#[test]
fn every_reason_of_a_row_is_named_even_when_its_own_sample_is_full() {
    let gate = Gate::csv(
        "id,n\n1,5\n1,-1\n2,-2\n3,-3\n3,50\n",
        "    expect:
      - unique_key: {columns: id}
      - between: {column: n, min: 0, samples: 1}
      - between: {column: n, max: 10}
",
    );
    let reasons = |id: &str| -> Vec<(u64, Vec<String>)> {
        let samples = gate.outcome(id).samples;
        samples.into_iter().map(|s| (s.row, s.reasons)).collect()
    };
    let (unique, low, high) = ("d.unique_key(id)", "d.between(n)", "d.between(n)#2");
    assert_eq!(
        reasons(unique),
        [
            (2, vec![unique.to_owned(), low.to_owned()]),
            (5, vec![unique.to_owned(), high.to_owned()])
        ]
    );
    assert_eq!(reasons(low), [(2, vec![unique.to_owned(), low.to_owned()])]);
    assert_eq!(
        reasons(high),
        [(5, vec![unique.to_owned(), high.to_owned()])]
    );
}

#[test]
fn looking_for_rows_stops_when_every_sample_is_full() {
    let csv = "n\n".to_owned() + &"7\n".repeat(300_000);
    let gate = Gate::csv(&csv, "    expect: [between: {column: n, max: 5}]\n");
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let outcome = gate.outcome("d.between(n)");
    assert_eq!(outcome.failing, Some(300_000));
    let rows: Vec<_> = outcome.samples.iter().map(|s| s.row).collect();
    assert_eq!(rows, [1, 2, 3, 4, 5]);
}

#[test]
fn tolerances_hold_together_and_warn_from_a_number_on() {
    let csv = "n\n1\n2\nNA\n4\nNA\n6\n7\n8\n9\n10\n";
    for (given, status) in [
        ("max_failing: 1", Status::Fail),
        ("max_failing: 2", Status::Pass),
        ("max_failing_ratio: 0.2", Status::Pass),
        ("max_failing_ratio: 0.19", Status::Fail),
        ("max_failing: 2, max_failing_ratio: 0.19", Status::Fail),
        ("max_failing: 1, max_failing_ratio: 0.2", Status::Fail),
        ("max_failing: 2, warn_at: 2", Status::Warn),
        ("max_failing: 2, warn_at: 3", Status::Pass),
        ("max_failing: 1, warn_at: 1", Status::Fail),
    ] {
        let options =
            format!("    csv: {{nulls: [NA]}}\n    expect: [not_null: {{column: n, {given}}}]\n");
        let gate = Gate::csv(csv, &options);
        let outcome = gate.outcome("d.not_null(n)");
        assert_eq!(outcome.failing, Some(2), "{given}");
        assert_eq!(outcome.status, status, "{given}: {}", outcome.message);
    }
}

#[test]
fn nothing_evaluated_exits_4_and_a_filter_without_rows_is_skipped() {
    let empty = "    allow_empty: true\n    expect: [not_null: {column: n}, unique_key: {columns: n}, returns_no_rows: {query: SELECT n FROM data}]\n";
    let gate = Gate::csv("n\n", empty);
    assert_eq!(gate.code, 4, "{}{}", gate.stdout, gate.stderr);
    assert!(
        gate.stdout.ends_with("verdict: skipped\n"),
        "{}",
        gate.stdout
    );
    for outcome in gate.record().outcomes {
        assert_eq!(outcome.status, Status::Skipped, "{}", outcome.id);
        assert_eq!(outcome.message, "Skipped: the dataset has no rows.");
    }

    let nothing = Gate::csv("n\n1\n", "    allow_empty: true\n");
    assert_eq!(nothing.code, 4, "{}{}", nothing.stdout, nothing.stderr);

    let filtered = Gate::csv(
        "n\n1\n",
        "    expect: [not_null: {column: n, where: n > 5}, max_between: {column: n, max: 9, where: n > 5}]\n",
    );
    let skipped = filtered.outcome("d.not_null(n)");
    assert_eq!(skipped.status, Status::Skipped);
    assert!(skipped.message.contains("n > 5"), "{}", skipped.message);
    let no_value = filtered.outcome("d.max_between(n)");
    assert_eq!(no_value.status, Status::Fail, "no value holds no bound");
    assert_eq!(filtered.measured("d.max_between(n)"), "no value");
}

#[test]
fn what_could_not_be_evaluated_is_never_hidden() {
    use tollgate::verdict::{FailOn, decide};
    let gate = Gate::csv("n\n1\n", "    expect: [not_null: {column: n}]\n");
    let mut outcomes = gate.record().outcomes;
    outcomes[0].status = Status::Inconclusive;
    for fail_on in [FailOn::Error, FailOn::Warn, FailOn::Never] {
        assert_eq!(decide(&outcomes, fail_on).exit_code, 6);
        let mut worse = outcomes.clone();
        worse[1].status = Status::Error;
        assert_eq!(decide(&worse, fail_on).exit_code, 3);
    }
    let mut both = outcomes;
    both[0].status = Status::Error;
    both[1].status = Status::Fail;
    assert_eq!(decide(&both, FailOn::Error).exit_code, 1);
    assert_eq!(decide(&both, FailOn::Never).exit_code, 3);
}

#[test]
fn one_expectation_that_cannot_be_evaluated_does_not_hide_the_others() {
    let csv = "n,t\n1,1\n2,x\n".to_owned() + &"3,4\n".repeat(70_000);
    let broken = "      - expression: {expr: CAST(t AS BIGINT) > 0}
      - not_null: {column: n, where: CAST(t AS BIGINT) > 3}
      - value_between: {expr: SUM(CAST(t AS BIGINT)), min: 0}
      - returns_no_rows: {query: SELECT n FROM data WHERE CAST(t AS BIGINT) > 9}
";
    let kept = "      - between: {column: n, min: 1}\n      - expression: {expr: TRY_CAST(t AS BIGINT) > 0}\n";
    let gate = Gate::csv(&csv, &format!("    expect:\n{broken}{kept}"));
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    for id in [
        "d.expression",
        "d.not_null(n)",
        "d.value_between",
        "d.returns_no_rows",
    ] {
        let outcome = gate.outcome(id);
        assert_eq!(outcome.status, Status::Error, "{id}: {}", outcome.message);
        assert!(
            outcome.message.contains("conversion"),
            "{id}: {}",
            outcome.message
        );
        assert_eq!(outcome.failing, None, "{id}");
    }
    assert_eq!(gate.outcome("d.between(n)").status, Status::Pass);
    assert_eq!(gate.outcome("d.between(n)").rows, Some(70_002));
    assert_eq!(gate.outcome("d.expression#2").status, Status::Pass);
    let fails = Gate::csv(
        &csv,
        &format!("    expect:\n{broken}      - between: {{column: n, max: 2}}\n"),
    );
    assert_eq!(fails.code, 1, "{}{}", fails.stdout, fails.stderr);
    assert_eq!(fails.outcome("d.between(n)").failing, Some(70_000));
}

#[test]
fn keys_of_different_types_are_an_error_and_no_more() {
    let config = "version: 1
datasets:
  d: {path: d.csv, expect: [foreign_key: {columns: n, dataset: o}, not_null: {column: n}]}
  o: {path: o.csv}
";
    let gate = Gate::run(
        &[
            ("d.csv", b"n\n1\n"),
            ("o.csv", b"n\nx\n"),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    let outcome = gate.outcome("d.foreign_key(n)");
    assert_eq!(outcome.status, Status::Error);
    let said = "`n` is int64, `n` of o is string; they cannot be compared";
    assert!(outcome.message.contains(said), "{}", outcome.message);
    assert_eq!(gate.code, 3);
}

#[test]
fn a_missing_column_is_no_pass() {
    let contract =
        "version: 1\ncolumns: [{name: n}, {name: gone, expect: [distinct_count: {min: 1}]}]\n";
    let config = "version: 1\ndatasets: {d: {path: d.csv, contract: c.yaml}}\n";
    let gate = Gate::run(
        &[
            ("d.csv", b"n\n1\n"),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    );
    let outcome = gate.outcome("d.distinct_count(gone)");
    assert_eq!(outcome.status, Status::Error);
    assert!(
        outcome.message.contains("no column `gone`"),
        "{}",
        outcome.message
    );
    assert_eq!(gate.code, 1, "the column is missing");
}

#[test]
fn rows_are_read_once_and_once_more_only_for_failing_rows() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "id,n\n1,5\n1,4\n2,6\n").unwrap();
    for (expect, wanted) in [
        // CSV is profiled as it is opened, and the values that the profile lists decide both.
        (
            "[not_null: {column: id}, distinct_count: {column: id, max: 1}]",
            0,
        ),
        (
            "[unique_key: {columns: id}, duplicate_rows, increasing: {column: n}, between: {column: n, max: 5}]",
            2,
        ),
        (
            "[unique_key: {columns: id, samples: 0}, between: {column: n, max: 5, samples: 0}]",
            1,
        ),
        (
            "[returns_no_rows: {query: SELECT n FROM data}, value_between: {expr: SUM(n), max: 1}]",
            1,
        ),
    ] {
        let dataset = format!("    path: d.csv\n    expect: {expect}\n");
        assert_eq!(scans(folder.path(), &dataset), wanted, "{expect}");
    }
}
