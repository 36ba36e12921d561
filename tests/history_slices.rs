//! Which slices carry what past runs say of a batch.

use crate::history::Nights;
use std::fmt::Write as _;
use tollgate::drift::sample::Random;
use tollgate::record::{Outcome, Severity, Status};

const SLICES: &str = "drift: {false_alarm: 0.05, severity: error, slices: [carrier]}";

fn config(drift: &str) -> String {
    format!("version: 1\nhistory: runs\ndatasets:\n  d:\n    path: d.csv\n    {drift}\n")
}

/// What a night does to its rows.
#[derive(Clone, Copy)]
struct Made {
    /// Rows of EV, about.
    ev: usize,
    /// Of 100 rows of EV, those without `x`, and of all others.
    lost: (usize, usize),
    /// By how much `x` is greater in EV.
    moved: f64,
}

const CALM: Made = Made {
    ev: 150,
    lost: (3, 3),
    moved: 0.0,
};

fn batch(seed: usize, made: Made) -> String {
    let mut random = Random::new(seed as u64);
    let mut text = "x,carrier\n".to_owned();
    for (carrier, rows) in [("AA", 150), ("EV", made.ev), ("UA", 120), ("WN", 70)] {
        let ev = carrier == "EV";
        for _ in 0..rows + random.below(8) {
            let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
            let lost = if ev { made.lost.0 } else { made.lost.1 };
            let x = if random.below(100) < lost {
                String::new()
            } else {
                format!("{:.3}", sum / 1_000.0 + if ev { made.moved } else { 0.0 })
            };
            writeln!(text, "{x},{carrier}").unwrap();
        }
    }
    text
}

fn calm(drift: &str) -> Nights {
    let mut nights = Nights::new(&config(drift));
    for day in 1..=12 {
        nights.run(day, &batch(day, CALM), &["--fail-on", "never"]);
    }
    nights
}

fn outcomes(nights: &mut Nights, made: Made) -> Vec<Outcome> {
    let gate = nights.run(13, &batch(13, made), &["--no-record"]);
    gate.record().outcomes
}

fn slices(outcomes: &[Outcome]) -> Option<&Outcome> {
    outcomes.iter().find(|o| o.check == "drift_history_slices")
}

#[test]
fn the_slice_that_carries_a_change_is_named_with_a_picture() {
    let mut nights = calm(SLICES);
    let lost = Made {
        lost: (80, 3),
        ..CALM
    };
    let found = outcomes(&mut nights, lost);
    let told = |id: &str| found.iter().any(|o| o.id == id && o.status == Status::Fail);
    assert!(told("d.drift_history_missing(x)"), "{found:?}");
    let by = slices(&found).unwrap();
    assert_eq!(by.id, "d.drift_history_slices(carrier)");
    let said = "By `carrier`, `x`: EV carries ";
    assert!(by.message.starts_with(said), "{}", by.message);
    assert!(!by.message.contains("AA"), "{}", by.message);
    // It explains, and decides nothing.
    assert_eq!((by.status, by.severity), (Status::Pass, Severity::Info));
    let part = by.measured.iter().find(|m| m.name == "part_ratio").unwrap();
    assert!((0.85..1.15).contains(&part.number.unwrap()), "{part:?}");
    let picture = by.comparison.as_ref().unwrap();
    let at = picture.labels.iter().position(|l| l == "EV").unwrap();
    assert!(
        picture.current[at] > 5.0 * picture.reference[at],
        "{picture:?}"
    );
    let other = usize::from(at == 0);
    assert!(
        picture.current[other] < 3.0 * picture.reference[other],
        "{picture:?}"
    );
}

#[test]
fn what_is_in_all_slices_alike_is_in_none_above_all() {
    let mut nights = calm(SLICES);
    let lost = Made {
        lost: (50, 50),
        ..CALM
    };
    let found = outcomes(&mut nights, lost);
    let by = slices(&found).unwrap();
    let said = "No value of `carrier` carries much more of the change than its rows explain: `x`.";
    assert!(by.message.starts_with(said), "{}", by.message);
    assert!(by.comparison.is_none() && by.limits.is_empty());
}

/// The same rows with carriers of other names.
fn renamed(text: &str, name: impl Fn(&str) -> String) -> String {
    let mut lines = text.lines();
    let mut found = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let (x, carrier) = line.split_once(',').unwrap();
        writeln!(found, "{x},{}", name(carrier)).unwrap();
    }
    found
}

#[test]
fn the_slice_is_named_as_long_as_the_same_is_told() {
    let mut nights = calm(SLICES);
    let lost = Made {
        lost: (80, 3),
        ..CALM
    };
    for day in 13..=16 {
        let gate = nights.run(day, &batch(day, lost), &[]);
        let found = gate.record().outcomes;
        let by = slices(&found).unwrap();
        let said = "By `carrier`, `x`: EV carries ";
        assert!(by.message.starts_with(said), "{day}: {}", by.message);
    }
}

#[test]
fn values_that_are_longer_than_what_is_kept_of_them_are_slices() {
    let long = |c: &str| format!("https://example.org/very/long/path/to/something/really/long/{c}");
    let mut nights = Nights::new(&config(SLICES));
    for day in 1..=12 {
        let data = renamed(&batch(day, CALM), long);
        nights.run(day, &data, &["--fail-on", "never"]);
    }
    let lost = Made {
        lost: (80, 3),
        ..CALM
    };
    let gate = nights.run(13, &renamed(&batch(13, lost), long), &["--no-record"]);
    let found = gate.record().outcomes;
    let by = slices(&found).unwrap();
    let said = "By `carrier`, `x`: https://example.org/very/long/path/";
    assert!(by.message.starts_with(said), "{}", by.message);
    assert!(by.comparison.is_some());
}

#[test]
fn a_slice_of_most_of_the_rows_is_named_where_it_carries_the_change_alone() {
    let one = |c: &str| if c == "WN" { "WN" } else { "BIG" }.to_owned();
    let mut nights = Nights::new(&config(SLICES));
    for day in 1..=12 {
        let data = renamed(&batch(day, CALM), one);
        nights.run(day, &data, &["--fail-on", "never"]);
    }
    let lost = Made {
        lost: (50, 50),
        ..CALM
    };
    let all = renamed(&batch(13, lost), one);
    // Values like the others, no two of them alike.
    let with = |(i, line): (usize, &str)| match line.strip_prefix(",WN") {
        Some(_) => format!("{:.3},WN\n", 2.3 + 1.4 * (0.618 * i as f64).fract()),
        None => format!("{line}\n"),
    };
    let data: String = all.lines().enumerate().map(with).collect();
    let found = nights.run(13, &data, &["--no-record"]).record().outcomes;
    let by = slices(&found).unwrap();
    let said = "By `carrier`, `x`: BIG carries ";
    assert!(by.message.starts_with(said), "{}", by.message);
    // Half of the rows of all of them is of none.
    let found = nights.run(13, &all, &["--no-record"]).record().outcomes;
    let by = slices(&found).unwrap();
    assert!(by.message.starts_with("No value of"), "{}", by.message);
}

#[test]
fn what_a_few_rows_far_outside_do_is_not_said_to_be_in_no_slice() {
    let mut nights = calm(SLICES);
    let mut data = batch(13, CALM);
    data.push_str("9999,AA\n");
    let found = nights.run(13, &data, &["--no-record"]).record().outcomes;
    let told = |id: &str| found.iter().any(|o| o.id == id && !o.limits.is_empty());
    assert!(told("d.drift_history_high(x)"), "{found:?}");
    let by = slices(&found).unwrap();
    assert_eq!(by.message, "The counts by `carrier` do not show it: `x`.");
}

#[test]
fn a_batch_with_personal_values_in_the_column_is_judged_without_slices() {
    let mut nights = calm(SLICES);
    let lost = Made {
        lost: (80, 3),
        ..CALM
    };
    let personal = |c: &str| format!("{c}@example.com");
    let data = renamed(&batch(13, lost), personal);
    let gate = nights.run(13, &data, &["--no-record"]);
    assert_eq!(gate.code, 1);
    let found = gate.record().outcomes;
    let by = slices(&found).unwrap();
    let said = "Skipped: `carrier` holds personal data in this batch, which no slice may show.";
    assert_eq!((by.status, by.message.as_str()), (Status::Skipped, said));
}

#[test]
fn dates_are_no_slices_and_said_so() {
    let mut nights = Nights::new(&config(SLICES));
    let named = |c: &str| {
        format!(
            "2026-01-{:02}",
            c.bytes().map(usize::from).sum::<usize>() % 28 + 1
        )
    };
    for day in 1..=12 {
        let data = renamed(&batch(day, CALM), named);
        nights.run(day, &data, &["--fail-on", "never"]);
    }
    let lost = Made {
        lost: (80, 3),
        ..CALM
    };
    let gate = nights.run(13, &renamed(&batch(13, lost), named), &["--no-record"]);
    let found = gate.record().outcomes;
    let by = slices(&found).unwrap();
    let said = "Skipped: `carrier` holds dates or times, which are not counted one by one.";
    assert_eq!((by.status, by.message.as_str()), (Status::Skipped, said));
}

#[test]
fn numbers_that_moved_and_rows_that_are_gone_have_their_slice() {
    let mut nights = calm(SLICES);
    let found = outcomes(&mut nights, Made { moved: 3.0, ..CALM });
    let by = slices(&found).unwrap();
    assert!(by.message.contains("`x`: EV carries "), "{}", by.message);
    let found = outcomes(&mut nights, Made { ev: 0, ..CALM });
    assert!(
        found.iter().any(|o| o.id == "d.drift_history_rows"),
        "{found:?}"
    );
    let by = slices(&found).unwrap();
    let said = "the number of rows: EV carries ";
    assert!(by.message.contains(said), "{}", by.message);
}

#[test]
fn nothing_is_said_of_slices_where_nothing_was_told() {
    let mut nights = calm(SLICES);
    assert_eq!(slices(&outcomes(&mut nights, CALM)), None);
}

#[test]
fn nights_that_did_not_count_slices_are_read_and_said_to_be_missing() {
    let mut nights = calm("drift: {false_alarm: 0.05, severity: error}");
    assert!(!nights.file().contains("\"slices\""));
    nights.write("tollgate.yaml", &config(SLICES));
    let found = outcomes(
        &mut nights,
        Made {
            lost: (80, 3),
            ..CALM
        },
    );
    let by = slices(&found).unwrap();
    assert_eq!(by.status, Status::Skipped);
    let said = "by `carrier` from 8 nights with such counts on, there are 0 nights";
    assert!(by.message.contains(said), "{}", by.message);
    // With a column of numbers that has many values there is nothing to look at.
    nights.write("tollgate.yaml", &config(&SLICES.replace("carrier", "x")));
    let found = outcomes(
        &mut nights,
        Made {
            lost: (80, 3),
            ..CALM
        },
    );
    let by = slices(&found).unwrap();
    assert!(
        by.message.contains("are not known one by one") || by.message.contains("there are 0"),
        "{}",
        by.message
    );
}

#[test]
fn the_plan_says_what_slices_are_for() {
    let nights = Nights::new(&config(SLICES));
    nights.write("d.csv", &batch(1, CALM));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let output = command.arg("plan").current_dir(nights.path()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let said = "they say which of the 15 most frequent values of each of carrier carry it";
    assert!(text.contains(said), "{text}");
    assert!(!text.contains("rows a side"), "{text}");
}
