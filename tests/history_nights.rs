//! The flights of February 2013 night by night through the binary: one broken batch, marks, retries, what decides.

use crate::harness::Gate;
use crate::history::Nights;
use std::collections::BTreeMap;
use tollgate::record::{Outcome, Status, TOLD};

const CONFIG: &str = "\
version: 1
history: runs
datasets:
  d:
    path: d.csv
    drift: {severity: error}
";

/// Columns that are tested, by their place in the file: departure delay, carrier, origin, distance.
const COLUMNS: [usize; 4] = [5, 9, 12, 15];

/// The flights of each day as CSV.
fn days() -> BTreeMap<usize, String> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/flights/data/flights-2013-02.csv"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let mut days: BTreeMap<usize, String> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let day = cells[2].parse().unwrap();
        let header = || "dep_delay,carrier,origin,distance\n".to_owned();
        let batch = days.entry(day).or_insert_with(header);
        batch.push_str(&COLUMNS.map(|place| cells[place]).join(","));
        batch.push('\n');
    }
    days
}

/// A batch in which every flight left an hour late by a slip of the unit: delays are in seconds.
fn broken(batch: &str) -> String {
    let (header, rows) = batch.split_once('\n').unwrap();
    let place = header
        .split(',')
        .position(|name| name == "dep_delay")
        .unwrap();
    let mut text = format!("{header}\n");
    for row in rows.lines() {
        let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        if let Ok(delay) = cells[place].parse::<f64>() {
            cells[place] = format!("{}", delay * 60.0);
        }
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// Nights 10 to 21: those before were a snow storm, and too few.
fn calm(nights: &mut Nights, days: &BTreeMap<usize, String>) {
    for day in 10..=21 {
        let gate = nights.run(day, &days[&day], &[]);
        assert!([0, 1, 4].contains(&gate.code), "{day}: {}", gate.stderr);
    }
    // Whatever was flagged was right.
    for run in nights.listed() {
        if run[5] == "unusual" {
            nights.said(&["mark", &run[1], "ordinary", "--reason", "looked at"]);
        }
    }
}

fn drift(gate: &Gate) -> Vec<Outcome> {
    let all = gate.record().outcomes.into_iter();
    all.filter(Outcome::is_drift).collect()
}

fn about<'a>(outcomes: &'a [Outcome], column: &str) -> Vec<&'a Outcome> {
    let of = |o: &&Outcome| o.column.as_deref() == Some(column) && o.status == Status::Fail;
    outcomes.iter().filter(of).collect()
}

#[test]
fn one_broken_night_is_flagged_and_those_after_it_do_not_learn_from_it() {
    let days = days();
    let strict = CONFIG.replace(
        "history: runs",
        "history: {path: runs, learn_from: ordinary}",
    );
    assert_ne!(strict, CONFIG);
    let mut nights = Nights::new(&strict);
    calm(&mut nights, &days);
    let gate = nights.run(22, &broken(&days[&22]), &[]);
    assert_eq!(gate.code, 1, "{}", gate.stdout);
    let found = drift(&gate);
    assert!(!about(&found, "dep_delay").is_empty(), "{found:#?}");
    assert_eq!(nights.listed().last().unwrap()[5], "unusual");

    // The same night, had the broken batch never been recorded, says the same.
    let with = drift(&nights.run(23, &days[&23], &["--no-record"]));
    assert!(about(&with, "dep_delay").is_empty(), "{with:#?}");
    let mut without = Nights::new(CONFIG);
    calm(&mut without, &days);
    let without = drift(&without.run(23, &days[&23], &["--no-record"]));
    assert_eq!(with, without);

    // Taken for ordinary by a mark, it counts.
    nights.said(&[
        "mark",
        "20261122",
        "ordinary",
        "--reason",
        "seconds from now on",
    ]);
    let learnt = drift(&nights.run(23, &days[&23], &["--no-record"]));
    assert_ne!(learnt, with);
    nights.said(&[
        "mark",
        "20261122",
        "incident",
        "--reason",
        "no, it was a slip",
    ]);
    let again = drift(&nights.run(23, &days[&23], &["--no-record"]));
    assert_eq!(again, with);
}

#[test]
fn a_fault_that_stays_is_told_for_a_week_and_then_is_ordinary() {
    let days = days();
    let mut nights = Nights::new(CONFIG);
    calm(&mut nights, &days);
    let (mut told, mut last) = (Vec::new(), Vec::new());
    for day in 22..=30 {
        let rows = &days[&if day > 28 { day - 14 } else { day }];
        let found = drift(&nights.run(day, &broken(rows), &[]));
        let scale = about(&found, "dep_delay");
        told.push(!scale.is_empty());
        last.push(found.iter().any(|o| {
            o.message
                .contains("from the next run on it counts as ordinary")
        }));
        if day == 23 {
            // What was right all the time is no fault because the night before had one.
            let calm = drift(&nights.run(day, &days[&day], &["--no-record"]));
            assert!(about(&calm, "dep_delay").is_empty(), "{calm:#?}");
        }
    }
    let first = told.iter().take_while(|t| **t).count();
    assert!((5..=8).contains(&first), "{told:?}");
    assert!(!told[8], "{told:?}");
    // The last time that it is told says so.
    let says: Vec<usize> = (0..9).filter(|i| last[*i]).collect();
    assert_eq!(says, [first - 1], "{told:?}");
}

#[test]
fn a_retry_and_a_second_run_say_the_same_to_the_byte() {
    let days = days();
    let mut nights = Nights::new(CONFIG);
    calm(&mut nights, &days);
    let first = nights.run(22, &days[&22], &[]).record();
    let file = nights.file();
    let second = nights.run(22, &days[&22], &[]).record();
    assert_eq!(first, second);
    assert_eq!(file, nights.file());
    let shuffled: Vec<&str> = file.lines().rev().collect();
    std::fs::write(
        nights.path().join("runs/d.jsonl"),
        shuffled.join("\n") + "\n",
    )
    .unwrap();
    let third = nights.run(22, &days[&22], &[]).record();
    assert_eq!(first, third, "the order of lines does not matter");
}

#[test]
fn from_eight_runs_on_the_past_decides_and_the_reference_explains() {
    let days = days();
    let both = CONFIG.replace("    drift", "    reference: [history, r.csv]\n    drift");
    let mut nights = Nights::new(&both);
    // A reference that every night differs from.
    std::fs::write(nights.path().join("r.csv"), broken(&days[&8])).unwrap();
    let gate = nights.run(10, &days[&10], &[]);
    assert_eq!(gate.code, 1);
    let history = gate.outcome("d.drift_history");
    assert!(
        history
            .message
            .ends_with("8 more are needed; until then the comparison with the reference decides."),
        "{}",
        history.message
    );
    assert_eq!(gate.outcome("d.drift_dataset").status, Status::Fail);
    for day in 11..=21 {
        nights.run(day, &days[&day], &[]);
    }
    for run in nights.listed() {
        nights.said(&[
            "mark",
            &run[1],
            "ordinary",
            "--reason",
            "the reference is old",
        ]);
    }
    let gate = nights.run(22, &days[&22], &["--no-record"]);
    let told = gate.outcome("d.drift_dataset");
    assert_eq!(told.status, Status::Pass);
    assert!(told.tags.iter().any(|t| t == TOLD));
    assert!(
        told.message
            .ends_with("Only told: past runs decide, this comparison explains."),
        "{}",
        told.message
    );
    let history = gate.outcome("d.drift_history");
    assert_ne!(history.status, Status::Skipped, "{}", history.message);

    // What was kept of the comparison is as it was before past runs had their say.
    for _ in 0..2 {
        let again = nights.run(22, &days[&22], &["--no-record", "--state", "state"]);
        assert_eq!(again.record().outcomes, gate.record().outcomes);
    }

    for (judge, decides, explains) in [
        ("reference", Status::Fail, true),
        ("both", Status::Fail, false),
    ] {
        let config = both.replace("severity", &format!("judge: {judge}, severity"));
        std::fs::write(nights.path().join("tollgate.yaml"), config).unwrap();
        let gate = nights.run(22, &days[&22], &["--no-record"]);
        assert_eq!(gate.outcome("d.drift_dataset").status, decides, "{judge}");
        let told = gate.outcome("d.drift_history").tags;
        assert_eq!(told.iter().any(|t| t == TOLD), explains, "{judge}");
    }
}
