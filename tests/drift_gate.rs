//! The calibrated gate end to end: what is said, what blocks, and bad input.

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::drift::sample::Random;
use tollgate::record::Status;

/// Runs `current` against `reference`, both CSV, with `drift`.
fn drift(current: &str, reference: &str, drift: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    reference: r.csv\n    drift: {{{drift}}}\n"
    );
    let files = [
        ("d.csv", current.as_bytes()),
        ("r.csv", reference.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

/// `n` rows of a number about 100 and a colour.
fn table(n: usize, seed: u64, shift: f64) -> String {
    let mut random = Random::new(seed);
    let mut text = "x,colour\n".to_owned();
    for _ in 0..n {
        let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
        let colour = ["red", "green", "blue"][random.below(3)];
        writeln!(text, "{:.3},{colour}", 100.0 + sum / 1_000.0 + shift).unwrap();
    }
    text
}

#[test]
fn an_unchanged_dataset_passes_and_what_was_proved_is_said() {
    let gate = drift(&table(300, 1, 0.0), &table(300, 2, 0.0), "");
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    let message = &outcome.message;
    assert!(
        message.starts_with("No change found in 2 columns: unchanged data look"),
        "{message}"
    );
    assert!(
        message.contains("0 of 2 are proved to be unchanged"),
        "{message}"
    );
    assert!(message.contains("rows a side"), "{message}");
}

#[test]
fn a_change_blocks_by_the_severity_and_says_what_moved() {
    let gate = drift(&table(300, 1, 1.0), &table(300, 2, 0.0), "severity: error");
    let outcome = gate.outcome("d.drift_location(x)");
    assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
    let message = &outcome.message;
    assert!(message.starts_with("`x` moved: median 10"), "{message}");
    assert!(
        message.contains("Unchanged data would show this in at most 1 of "),
        "{message}"
    );
    assert!(outcome.comparison.is_some());
    let dataset = gate.outcome("d.drift_dataset");
    assert!(
        dataset
            .message
            .starts_with("Changed by more than the floors: `x` (2 columns"),
        "{}",
        dataset.message
    );
    assert_eq!(gate.code, 1);
    let gate = drift(&table(300, 1, 1.0), &table(300, 2, 0.0), "");
    assert_eq!(gate.outcome("d.drift_location(x)").status, Status::Warn);
    assert_eq!(gate.code, 0);
}

#[test]
fn a_change_too_small_to_matter_is_reported_and_does_not_block() {
    let (now, before) = (table(60_000, 1, 0.025), table(60_000, 2, 0.0));
    let gate = drift(&now, &before, "severity: error");
    let outcome = gate.outcome("d.drift_location(x)");
    assert_eq!(outcome.status, Status::Warn, "{}", outcome.message);
    assert!(
        outcome
            .message
            .contains("Too small to block: it may be below the floor of 2 %"),
        "{}",
        outcome.message
    );
    assert_eq!(gate.outcome("d.drift_dataset").status, Status::Warn);
    assert_eq!(gate.code, 0);
    let gate = drift(
        &now,
        &before,
        "severity: error, floors: {distribution: 0.001}",
    );
    assert_eq!(gate.outcome("d.drift_location(x)").status, Status::Fail);
    assert_eq!(gate.code, 1);
}

#[test]
fn the_same_rows_in_any_order_never_drift() {
    let text = table(200, 1, 0.0);
    let (header, rows) = text.split_once('\n').unwrap();
    let mut lines: Vec<&str> = rows.lines().collect();
    for current in [lines.clone(), {
        lines.reverse();
        lines
    }] {
        let gate = drift(
            &format!("{header}\n{}\n", current.join("\n")),
            &text,
            "severity: error",
        );
        let outcome = gate.outcome("d.drift_dataset");
        assert_eq!(outcome.status, Status::Pass);
        assert_eq!(
            outcome.message,
            "Nothing changed: the 200 rows are those of the reference."
        );
    }
}

#[test]
fn too_few_rows_are_never_a_pass() {
    let gate = drift("x\n1\n", "x\n5\n6\n7\n", "");
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Skipped);
    assert_eq!(
        outcome.message,
        "Skipped: 3 rows of the reference and 1 of the data are too few to show any change at a false alarm of 1 %."
    );
}

#[test]
fn one_row_against_many_is_compared() {
    let gate = drift("x,colour\n1000,red\n", &table(300, 2, 0.0), "");
    let outcome = gate.outcome("d.drift_dataset");
    assert!(
        outcome.measured.iter().any(|m| m.name == "tests"),
        "{}",
        outcome.message
    );
}

#[test]
fn constant_and_empty_columns_are_compared_by_what_they_are() {
    let column = |value: &str, n: usize| format!("x,y\n{}", format!("{value},1\n").repeat(n));
    let gate = drift(&column("", 100), &column("3", 100), "severity: error");
    let outcome = gate.outcome("d.drift_missing(x)");
    assert_eq!(outcome.status, Status::Fail, "{}", outcome.message);
    let gate = drift(&column("3", 100), &column("3", 90), "severity: error");
    assert_eq!(gate.outcome("d.drift_dataset").status, Status::Pass);
    let gate = drift(&column("4", 100), &column("3", 100), "severity: error");
    assert_eq!(gate.outcome("d.drift_value(x)").status, Status::Fail);
}

#[test]
fn without_a_common_column_it_is_an_error() {
    let gate = drift("a\n1\n2\n", "b\n1\n2\n", "");
    assert_eq!(gate.outcome("d.drift_dataset").status, Status::Skipped);
    assert_eq!(gate.outcome("d.drift_coverage").status, Status::Error);
    assert_eq!(gate.code, 3);
}

#[test]
fn a_column_that_counts_rows_is_left_out() {
    let count = |from: u32| {
        let rows = (from..from + 100).map(|i| format!("{i},{}\n", i % 7));
        format!("id,x\n{}", rows.collect::<String>())
    };
    let gate = drift(&count(1_000), &count(0), "severity: error");
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    assert!(
        outcome
            .message
            .contains("Left out because they count rows: `id`."),
        "{}",
        outcome.message
    );
}

#[test]
fn many_columns_are_compared() {
    let header: Vec<String> = (0..600).map(|i| format!("c{i}")).collect();
    let rows = |salt: u32| {
        let row = |r: u32| {
            (0..600)
                .map(|c| {
                    ((r * 31 + c * 17 + salt).wrapping_mul(2_654_435_761u32) >> 20).to_string()
                })
                .collect::<Vec<_>>()
                .join(",")
        };
        (0..30).map(row).collect::<Vec<_>>().join("\n")
    };
    let table = |salt| format!("{}\n{}\n", header.join(","), rows(salt));
    let gate = drift(&table(1), &table(90_001), "");
    let outcome = gate.outcome("d.drift_dataset");
    let columns = outcome
        .measured
        .iter()
        .find(|m| m.name == "columns_compared")
        .unwrap();
    assert_eq!(columns.text, "600", "{}", outcome.message);
}

#[test]
fn fixed_limits_are_held_where_they_are_written() {
    let gate = drift(&table(300, 1, 0.0), &table(300, 2, 0.0), "psi: 0.5");
    let checks: Vec<String> = gate.record().outcomes.into_iter().map(|o| o.id).collect();
    assert!(checks.contains(&"d.drift_psi(x)".to_owned()), "{checks:?}");
    assert!(!checks.contains(&"d.drift_ks(x)".to_owned()), "{checks:?}");
    let gate = drift(&table(300, 1, 0.0), &table(300, 2, 0.0), "false_alarm: off");
    let checks: Vec<String> = gate.record().outcomes.into_iter().map(|o| o.id).collect();
    assert!(checks.contains(&"d.drift_ks(x)".to_owned()), "{checks:?}");
    assert!(
        !checks.contains(&"d.drift_dataset".to_owned()),
        "{checks:?}"
    );
}

#[test]
fn personal_values_are_not_shown() {
    let contract =
        b"version: 1\ncolumns:\n  - {name: x, pii: true}\n  - {name: colour, pii: true}\n";
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv, contract: c.yaml}\n";
    let (now, before) = (
        table(300, 1, 2.0).replace("red", "white"),
        table(300, 2, 0.0),
    );
    let files: [(&str, &[u8]); 4] = [
        ("d.csv", now.as_bytes()),
        ("r.csv", before.as_bytes()),
        ("c.yaml", contract),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    let moved = gate.outcome("d.drift_location(x)");
    assert!(
        moved.message.starts_with("`x` moved; at least "),
        "{}",
        moved.message
    );
    assert!(moved.comparison.is_none());
    let unseen = gate.outcome("d.drift_unseen(colour)");
    assert!(!unseen.message.contains("white"), "{}", unseen.message);
}

#[test]
fn seeds_and_clocks_give_the_same_bytes() {
    let (now, before) = (table(300, 1, 0.1), table(300, 2, 0.0));
    let json = |args: &[&str]| {
        let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv}\n";
        let files = [
            ("d.csv", now.as_bytes()),
            ("r.csv", before.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, args);
        std::fs::read(gate.folder.path().join("report/run.json")).unwrap()
    };
    let clock = ["--now", "2026-01-01T00:00:00Z", "--seed", "7"];
    assert_eq!(json(&clock), json(&clock));
}

#[test]
fn wrong_values_are_refused() {
    for (drift_, said) in [
        ("false_alarm: 2", "a share of runs from 0.001 to 0.5"),
        ("false_alarm: often", "`false_alarm` must be"),
        ("floors: {missing: 2}", "a share of rows from 0 to below 1"),
        ("floors: {mising: 0.1}", "did you mean `missing`"),
    ] {
        let gate = drift("x\n1\n", "x\n1\n", drift_);
        assert_eq!(gate.code, 2, "{drift_}");
        assert!(gate.stderr.contains(said), "{}", gate.stderr);
    }
}

#[test]
fn the_plan_says_that_rows_of_both_sides_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("d.csv", "x\n1\n");
    write("r.csv", "x\n1\n");
    for (drift, said) in [("", true), (", drift: {false_alarm: off}", false)] {
        let config =
            format!("version: 1\ndatasets:\n  d: {{path: d.csv, reference: r.csv{drift}}}\n");
        write("tollgate.yaml", &config);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .arg("plan")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            text.contains("drift reads rows of both sides"),
            said,
            "{text}"
        );
    }
}
