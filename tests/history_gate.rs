//! What the history gate says of a batch, through the program: sentences, limits, personal columns, columns gone.

use crate::history::Nights;
use std::fmt::Write as _;
use tollgate::drift::sample::Random;
use tollgate::record::{Outcome, Status};

const CONFIG: &str = "\
version: 1
history: runs
datasets:
  d:
    path: d.csv
    drift: {severity: error}
";

/// `n` rows: a number about 100 of which one in `lost` is missing, a name, a salary.
fn batch(n: usize, seed: u64, lost: usize, far: f64) -> String {
    let mut random = Random::new(seed);
    let mut text = "x,name,salary\n".to_owned();
    for _ in 0..n {
        let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
        let x = match random.below(lost) {
            0 => String::new(),
            _ => format!("{:.3}", 100.0 + sum / 1_000.0),
        };
        let name = ["Lovelace", "Turing", "Hopper"][random.below(3)];
        let salary = 40_000.0 + far + sum;
        writeln!(text, "{x},{name},{salary:.2}").unwrap();
    }
    text
}

/// Twelve calm nights of 300 rows, of which about one in 50 lacks `x`.
fn calm(config: &str) -> Nights {
    let mut nights = Nights::new(config);
    for day in 1..=12 {
        let gate = nights.run(
            day,
            &batch(300, day as u64, 50, 0.0),
            &["--fail-on", "never"],
        );
        assert!(gate.code == 0 || gate.code == 4, "{day}: {}", gate.stderr);
    }
    nights
}

fn about(outcomes: &[Outcome], id: &str) -> Outcome {
    let found = outcomes.iter().find(|o| o.id == id);
    found
        .unwrap_or_else(|| {
            panic!(
                "{id} is not in {:?}",
                outcomes.iter().map(|o| &o.id).collect::<Vec<_>>()
            )
        })
        .clone()
}

#[test]
fn a_finding_says_what_is_and_what_is_ordinary_and_blocks() {
    let mut nights = calm(CONFIG);
    let gate = nights.run(13, &batch(300, 13, 4, 0.0), &[]);
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    let outcomes = gate.record().outcomes;
    let missing = about(&outcomes, "d.drift_history_missing(x)");
    assert_eq!(missing.status, Status::Fail);
    assert!(missing.message.starts_with("`x`: 2"), "{}", missing.message);
    assert!(
        missing
            .message
            .contains(" of the rows have no value; ordinary nights have 0"),
        "{}",
        missing.message
    );
    assert!(
        missing.message.contains("(12 nights)"),
        "{}",
        missing.message
    );
    let (measured, limit) = (&missing.measured[0], &missing.limits[0]);
    assert!(
        measured.number > limit.number && !limit.held,
        "{measured:?} {limit:?}"
    );
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!(whole.status, Status::Fail);
    assert!(
        whole.message.starts_with("Unlike the nights before: `x`."),
        "{}",
        whole.message
    );
}

#[test]
fn an_ordinary_night_passes_and_says_how_ordinary_it_is() {
    let mut nights = calm(CONFIG);
    let gate = nights.run(13, &batch(300, 14, 50, 0.0), &[]);
    let whole = about(&gate.record().outcomes, "d.drift_history");
    assert_eq!(
        (gate.code, whole.status),
        (0, Status::Pass),
        "{}",
        whole.message
    );
    assert!(
        whole.message.starts_with("Like the nights before:"),
        "{}",
        whole.message
    );
}

#[test]
fn columns_that_are_gone_or_new_are_named() {
    let mut nights = calm(CONFIG);
    let data = batch(300, 13, 50, 0.0).replace("x,name,salary", "x,surname,salary");
    let columns = about(
        &nights.run(13, &data, &[]).record().outcomes,
        "d.drift_history_columns",
    );
    assert_eq!(columns.status, Status::Fail);
    assert_eq!(columns.message, "Columns gone: `name`; new: `surname`.");
}

#[test]
fn a_column_without_a_value_is_of_no_other_type() {
    let mut nights = calm(CONFIG);
    let without_names = |data: &str| -> String {
        let blank = |(i, line): (usize, &str)| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if i > 0 {
                cells[1] = "";
            }
            cells.join(",") + "\n"
        };
        data.lines().enumerate().map(blank).collect()
    };
    let empty = nights.run(13, &without_names(&batch(300, 13, 50, 0.0)), &[]);
    let columns = about(&empty.record().outcomes, "d.drift_history_columns");
    assert_eq!(columns.status, Status::Pass, "{}", columns.message);
    let names = [("Lovelace", "7"), ("Turing", "8"), ("Hopper", "9")];
    let numbers = names
        .iter()
        .fold(batch(300, 14, 50, 0.0), |data, (name, number)| {
            data.replace(name, number)
        });
    let other = nights.run(14, &numbers, &[]).record().outcomes;
    let columns = about(&other, "d.drift_history_columns");
    assert!(
        columns.message.contains("`name` (string before"),
        "{}",
        columns.message
    );
}

#[test]
fn excluded_columns_are_not_judged() {
    let config = CONFIG.replace("{severity: error}", "{severity: error, exclude: [x, name]}");
    let mut nights = calm(&config);
    let data = batch(300, 13, 4, 0.0).replace("x,name,salary", "x,surname,salary");
    let outcomes = nights.run(13, &data, &[]).record().outcomes;
    assert!(outcomes.iter().all(|o| o.column.as_deref() != Some("x")));
    let columns = about(&outcomes, "d.drift_history_columns");
    assert_eq!(columns.message, "Columns new: `surname`.");
}

#[test]
fn nothing_is_told_of_values_of_personal_columns() {
    let config = CONFIG.replace("    drift:", "    contract: c.yaml\n    drift:");
    let contract = "version: 1\ncolumns:\n  - {name: name, pii: true}\n  - {name: salary, pii: true}\n  - {name: x}\n";
    let mut nights = Nights::new(&config);
    std::fs::write(nights.path().join("c.yaml"), contract).unwrap();
    for day in 1..=12 {
        nights.run(day, &batch(300, day as u64, 50, 0.0), &[]);
    }
    let data = batch(300, 13, 50, 9_000.0).replace("Hopper", "Noether");
    let outcomes = nights.run(13, &data, &[]).record().outcomes;
    let found = |column: &str| {
        outcomes
            .iter()
            .filter(|o| o.is_drift() && o.column.as_deref() == Some(column))
            .count()
    };
    assert!(found("salary") > 0 && found("name") > 0);
    for outcome in outcomes
        .iter()
        .filter(|o| o.column.as_deref().is_some_and(|c| c != "x"))
    {
        let text = serde_json::to_string(outcome).unwrap();
        for value in ["Noether", "Hopper", "Turing", "49000", "43000", "5200", "#"] {
            assert!(!text.contains(value), "{value} is in {text}");
        }
        assert!(outcome.comparison.is_none());
    }
}
