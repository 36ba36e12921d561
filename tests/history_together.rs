//! What the history gate says of columns that no longer go together, and of rows that are there twice.

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

/// Rows of a night: a delay at departure that is of the night more than of the row, the delay at arrival a bit off it,
/// and a place that goes with neither.
fn batch(day: usize, level: f64) -> Vec<(f64, f64, &'static str)> {
    let mut random = Random::new(day as u64 * 7 + 1);
    let mut sum = |terms: usize| -> f64 {
        (0..terms)
            .map(|_| random.below(1_000) as f64 / 1_000.0)
            .sum()
    };
    let level = level + 15.0 * sum(6);
    (0..300)
        .map(|_| {
            let departure = level + 30.0 * sum(6);
            let arrival = departure + 4.0 * sum(6);
            let place = ["east", "north", "west"][(sum(1) * 3.0) as usize];
            (departure, arrival, place)
        })
        .collect()
}

fn text(rows: &[(f64, f64, &str)]) -> String {
    let mut text = "departure,arrival,place\n".to_owned();
    for (departure, arrival, place) in rows {
        writeln!(text, "{departure:.3},{arrival:.3},{place}").unwrap();
    }
    text
}

/// Sixteen nights that differ far more than their rows do.
fn calm(config: &str) -> Nights {
    let mut nights = Nights::new(config);
    nights.write("c.yaml", "version: 1\ncolumns:\n  - {name: departure, pii: true}\n  - {name: arrival}\n  - {name: place}\n");
    for day in 1..=16 {
        nights.run(day, &text(&batch(day, 0.0)), &["--fail-on", "never"]);
    }
    nights
}

fn told(nights: &mut Nights, rows: &[(f64, f64, &str)]) -> Vec<Outcome> {
    let outcomes = nights
        .run(17, &text(rows), &["--no-record"])
        .record()
        .outcomes;
    outcomes
        .into_iter()
        .filter(|o| o.check.starts_with("drift_history"))
        .collect()
}

fn find<'a>(outcomes: &'a [Outcome], check: &str) -> Option<&'a Outcome> {
    outcomes.iter().find(|o| o.check == check)
}

#[test]
fn a_night_on_which_all_columns_move_passes_and_one_column_that_moves_alone_does_not() {
    let mut nights = calm(CONFIG);
    let storm = batch(17, 12.0);
    let outcomes = told(&mut nights, &storm);
    let whole = find(&outcomes, "drift_history").unwrap();
    assert_eq!(whole.status, Status::Pass, "{}", whole.message);
    // A third of the arrivals come from other rows: no distribution moves at all.
    let mut joined = storm.clone();
    let others = storm[1..100].iter().chain(&storm[..1]);
    for (row, other) in joined.iter_mut().zip(others) {
        row.1 = other.1;
    }
    let outcomes = told(&mut nights, &joined);
    let together = find(&outcomes, "drift_history_together").unwrap();
    assert_eq!(together.status, Status::Fail, "{}", together.message);
    let said = "goes less with `";
    assert!(together.message.contains(said), "{}", together.message);
    let (measured, limit) = (&together.measured[0], &together.limits[0]);
    assert_eq!(
        (measured.name.as_str(), limit.op.as_str()),
        ("association", ">=")
    );
    assert!(measured.number < limit.number && !limit.held);
}

#[test]
fn rows_that_are_there_twice_are_told_of_the_dataset() {
    let mut nights = calm(CONFIG);
    let mut twice = batch(17, 0.0);
    let again = twice[..20].to_vec();
    twice.splice(280.., again);
    let outcomes = told(&mut nights, &twice);
    let repeated = outcomes
        .iter()
        .find(|o| o.id == "d.drift_history_repeated")
        .unwrap();
    assert_eq!(repeated.status, Status::Fail);
    let said = "6.67 % of the rows are the same as another one before; ordinary nights have 0";
    assert!(repeated.message.starts_with(said), "{}", repeated.message);
    let whole = find(&outcomes, "drift_history").unwrap();
    assert!(whole.message.contains("repeated rows"), "{}", whole.message);
}

#[test]
fn a_night_keeps_classes_and_nothing_of_personal_columns() {
    let config = CONFIG.replace("    drift:", "    contract: c.yaml\n    drift:");
    let nights = calm(&config);
    let lines = std::fs::read_to_string(nights.path().join("runs/d.jsonl")).unwrap();
    let joint = |line: &str| -> serde_json::Value {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["night"]["joint"].clone()
    };
    let all: Vec<serde_json::Value> = lines.lines().map(joint).collect();
    assert_eq!(all.len(), 16);
    for joint in &all {
        assert_eq!(
            (&joint["rows"], &joint["repeated"]),
            (&300.into(), &0.into())
        );
        assert_eq!(joint["columns"][0]["name"], "arrival");
        assert_eq!(
            joint["columns"][0]["classes"],
            all[0]["columns"][0]["classes"]
        );
        assert_eq!(joint["columns"][1]["classes"], "hashed");
        assert_eq!(joint["columns"].as_array().unwrap().len(), 2);
    }
    // A line whose counts cannot be is refused.
    let broken = lines.replacen("\"repeated\":0", "\"repeated\":301", 1);
    nights.write("runs/d.jsonl", &broken);
    let (code, said) = nights.refused(&["list"]);
    assert!(
        code == 3 && said.contains("pairs of columns do not fit its rows"),
        "{code} {said}"
    );
}
