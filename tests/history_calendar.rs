//! Special days that people declare: what they are held against, what ordinary nights learn without them, how they are written.

use crate::drift_sides::refused;
use crate::harness::Gate;
use crate::history::Nights;
use std::fmt::Write as _;
use tollgate::drift::sample::Random;
use tollgate::record::{Outcome, Status};

/// `n` rows: a number about 100 of which one in `lost` is missing, a name.
fn batch(n: usize, seed: usize, lost: usize) -> String {
    let mut random = Random::new(seed as u64);
    let mut text = "x,name\n".to_owned();
    for _ in 0..n {
        let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
        let x = match random.below(lost) {
            0 => String::new(),
            _ => format!("{:.3}", 100.0 + sum / 1_000.0),
        };
        let name = ["Lovelace", "Turing", "Hopper"][random.below(3)];
        writeln!(text, "{x},{name}").unwrap();
    }
    text
}

fn config(calendar: &str) -> String {
    format!(
        "version: 1\nhistory: runs\ndatasets:\n  d:\n    path: d.csv\n    drift: {{false_alarm: 0.05, severity: error{calendar}}}\n"
    )
}

/// Nights from the first to the last day, with half of the rows on `special` days.
fn walked(calendar: &str, days: usize, special: &[usize]) -> Nights {
    let mut nights = Nights::new(&config(calendar));
    for day in 1..=days {
        let rows = if special.contains(&day) { 150 } else { 300 };
        let rows = rows + day * 7 % 5;
        nights.run(day, &batch(rows, day, 50), &["--fail-on", "never"]);
    }
    nights
}

fn night(nights: &mut Nights, day: usize, data: &str) -> (i32, Vec<Outcome>) {
    let gate = nights.run(day, data, &["--no-record"]);
    (gate.code, gate.record().outcomes)
}

fn about(outcomes: &[Outcome], id: &str) -> Outcome {
    let found = outcomes.iter().find(|o| o.id == id);
    let ids: Vec<&String> = outcomes.iter().map(|o| &o.id).collect();
    found
        .unwrap_or_else(|| panic!("{id} is not in {ids:?}"))
        .clone()
}

fn is_told(outcomes: &[Outcome], id: &str) -> bool {
    let mut told = outcomes.iter().filter(|o| o.status == Status::Fail);
    told.any(|o| o.id == id)
}

const THREE: &str =
    ", calendar: [2026-11-10, {name: market, dates: [2026-11-13, 2026-11-16, 2026-11-20]}]";

#[test]
fn the_first_special_day_is_not_judged_and_never_a_pass() {
    let mut nights = walked(THREE, 9, &[]);
    let (code, outcomes) = night(&mut nights, 10, &batch(150, 10, 50));
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!((code, whole.status), (0, Status::Skipped));
    let said = "Skipped: special day (`2026-11-10`): not judged by past runs";
    assert!(whole.message.starts_with(said), "{}", whole.message);
    let columns = about(&outcomes, "d.drift_history_columns");
    assert_eq!(columns.status, Status::Pass);
    // The columns still have to be those of the nights before.
    let renamed = batch(150, 10, 50).replace("x,name", "x,surname");
    let (code, outcomes) = night(&mut nights, 10, &renamed);
    assert_eq!(code, 1);
    assert!(is_told(&outcomes, "d.drift_history_columns"));
}

#[test]
fn the_reference_decides_on_a_day_that_past_runs_do_not_judge() {
    let mut nights = walked(THREE, 9, &[]);
    with_reference(&nights, THREE);
    let (code, outcomes) = night(&mut nights, 10, &batch(300, 10, 3));
    assert_eq!(about(&outcomes, "d.drift_history").status, Status::Skipped);
    assert!(is_told(&outcomes, "d.drift_missing(x)"), "{outcomes:?}");
    assert_eq!(code, 1);
    // On an ordinary day it only explains.
    let (_, outcomes) = night(&mut nights, 11, &batch(300, 11, 3));
    assert!(is_told(&outcomes, "d.drift_history_missing(x)"));
    assert!(!is_told(&outcomes, "d.drift_missing(x)"));
}

#[test]
fn a_special_day_may_be_what_special_days_before_it_were() {
    let special = [10, 13, 16];
    let mut with = walked(THREE, 19, &special);
    let (code, outcomes) = night(&mut with, 20, &batch(151, 20, 50));
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!((code, whole.status), (0, Status::Pass), "{}", whole.message);
    let said = "Special day (`market`), held against ordinary nights and how far special days before it were off. Like the";
    assert!(whole.message.starts_with(said), "{}", whole.message);
    assert!(
        whole.message.contains(", 3 special days,"),
        "{}",
        whole.message
    );
    let days = whole.measured.iter().find(|m| m.name == "special_days");
    assert_eq!(days.and_then(|m| m.number), Some(3.0));
    // A column without any value is no matter of the day.
    let (code, outcomes) = night(&mut with, 20, &batch(151, 20, 1));
    assert_eq!(code, 1);
    let missing = about(&outcomes, "d.drift_history_missing(x)");
    assert!(
        missing.message.contains("Special days would show this"),
        "{}",
        missing.message
    );
    assert!(!is_told(&outcomes, "d.drift_history_rows"));
    // Half of the rows are told on an ordinary night, and on the same night where nobody declared it.
    let (_, outcomes) = night(&mut with, 21, &batch(151, 20, 50));
    assert!(is_told(&outcomes, "d.drift_history_rows"));
    let without = THREE.replace(", 2026-11-20", "");
    with.write("tollgate.yaml", &config(&without));
    let (_, outcomes) = night(&mut with, 20, &batch(151, 20, 50));
    assert!(is_told(&outcomes, "d.drift_history_rows"));
}

fn with_reference(nights: &Nights, calendar: &str) {
    nights.write("reference.csv", &batch(300, 77, 50));
    let asked = "    reference: [history, reference.csv]\n    drift:";
    let text = config(calendar).replace("    drift:", asked);
    nights.write("tollgate.yaml", &text);
}

#[test]
fn a_retry_of_a_special_day_and_the_next_ones_are_told_the_same() {
    let days = ", calendar: [{name: sale, dates: [2026-11-12, 2026-11-14, 2026-11-16, 2026-11-20, 2026-11-21, 2026-11-22]}]";
    let mut nights = walked(days, 19, &[]);
    for (day, seed) in [(20, 20), (20, 120), (21, 21), (22, 22)] {
        let gate = nights.run(day, &batch(300, seed, 1), &[]);
        let outcomes = gate.record().outcomes;
        let whole = about(&outcomes, "d.drift_history");
        assert_eq!(gate.code, 1, "{day}, {seed}: {}", whole.message);
        assert!(is_told(&outcomes, "d.drift_history_missing(x)"), "{day}");
        let said = ". Special days look this unusual in at most";
        assert!(whole.message.contains(said), "{}", whole.message);
    }
}

#[test]
fn the_reference_decides_until_a_gross_change_would_be_told() {
    let days = ", calendar: [2026-11-15, 2026-11-20]";
    let mut nights = walked("", 19, &[]);
    with_reference(&nights, days);
    let yearly = std::fs::read_to_string(nights.path().join("tollgate.yaml")).unwrap();
    nights.write("tollgate.yaml", &yearly.replace("false_alarm: 0.05, ", ""));
    for lost in [3, 1] {
        let (code, outcomes) = night(&mut nights, 20, &batch(300, 20, lost));
        let whole = about(&outcomes, "d.drift_history");
        assert_eq!(
            (code, whole.status),
            (1, Status::Skipped),
            "{lost}: {}",
            whole.message
        );
        assert!(is_told(&outcomes, "d.drift_missing(x)"), "{outcomes:?}");
    }
}

#[test]
fn a_day_that_is_not_judged_says_what_it_teaches() {
    let mut nights = walked(THREE, 9, &[]);
    let (code, outcomes) = night(&mut nights, 10, &batch(300, 10, 1));
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!((code, whole.status), (0, Status::Skipped));
    for said in [
        "need 2 special days before it to tell how far off such days are, and have 0; unlike ordinary nights: ",
        "`x`; later ones are judged by this one too",
        "mark it as an incident if it is wrong",
    ] {
        assert!(whole.message.contains(said), "{}", whole.message);
    }
    let missing = about(&outcomes, "d.drift_history_missing(x)");
    assert_eq!(missing.status, Status::Pass);
    let said = "Only told: past runs do not decide on this special day.";
    assert!(missing.message.ends_with(said), "{}", missing.message);
}

#[test]
fn what_the_reference_told_of_a_special_day_excuses_nothing_until_it_is_marked() {
    let mut nights = walked(THREE, 9, &[]);
    with_reference(&nights, THREE);
    assert_eq!(nights.run(10, &batch(300, 10, 1), &[]).code, 1);
    let (code, outcomes) = night(&mut nights, 13, &batch(300, 13, 1));
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!((code, whole.status), (1, Status::Skipped));
    let said = "and have 0 (1 special day that looked unusual not counted: mark as ordinary what was right)";
    assert!(whole.message.contains(said), "{}", whole.message);
}

#[test]
fn nights_of_a_name_tell_a_fault_that_stays_again() {
    let dates: Vec<String> = (2..=26)
        .step_by(2)
        .map(|d| format!("2026-11-{d:02}"))
        .collect();
    let days = format!(
        ", calendar: [{{name: even, dates: [{}]}}]",
        dates.join(", ")
    );
    let mut nights = walked(&days, 19, &[]);
    for day in [20, 22, 24, 26] {
        let gate = nights.run(day, &batch(300, day, 1), &[]);
        let outcomes = gate.record().outcomes;
        let whole = about(&outcomes, "d.drift_history");
        assert_eq!(gate.code, 1, "{day}: {}", whole.message);
        let said = ". Nights of that name look this unusual in at most";
        assert!(whole.message.contains(said), "{}", whole.message);
    }
}

#[test]
fn special_days_are_not_counted_among_the_first_ordinary_runs() {
    let days = ", calendar: [2026-11-02, 2026-11-03, 2026-11-04]";
    let mut nights = walked(days, 7, &[]);
    let (_, outcomes) = night(&mut nights, 8, &batch(300, 8, 50));
    let whole = about(&outcomes, "d.drift_history");
    let said = "there are 4 (3 special days do not count): 4 more are needed";
    assert!(whole.message.contains(said), "{}", whole.message);
}

#[test]
fn ordinary_nights_learn_nothing_of_special_days() {
    let special = [10, 12, 13, 14, 16, 17];
    let dates = special.map(|d| format!("2026-11-{d}")).join(", ");
    let calendar = format!(", calendar: [{dates}]");
    let mut nights = walked(&calendar, 20, &special);
    let (_, outcomes) = night(&mut nights, 21, &batch(151, 21, 50));
    assert!(is_told(&outcomes, "d.drift_history_rows"));
    let whole = about(&outcomes, "d.drift_history");
    let said = "(14 ordinary nights without 6 special days,";
    assert!(whole.message.contains(said), "{}", whole.message);
    // The same nights without a calendar: many were like that.
    nights.write("tollgate.yaml", &config(""));
    let (_, outcomes) = night(&mut nights, 21, &batch(151, 21, 50));
    assert!(!is_told(&outcomes, "d.drift_history_rows"));
}

#[test]
fn eight_nights_of_a_name_are_what_another_is_held_against() {
    let special: Vec<usize> = (2..=16).step_by(2).collect();
    let dates: Vec<String> = (2..=20)
        .step_by(2)
        .map(|d| format!("2026-11-{d:02}"))
        .collect();
    let calendar = format!(
        ", calendar: [{{name: even, dates: [{}]}}]",
        dates.join(", ")
    );
    let mut nights = walked(&calendar, 17, &special);
    let (code, outcomes) = night(&mut nights, 18, &batch(152, 18, 50));
    let whole = about(&outcomes, "d.drift_history");
    assert_eq!(code, 0, "{}", whole.message);
    assert!(
        whole.message.contains("(8 nights of that name,"),
        "{}",
        whole.message
    );
    // All rows are news on such a day.
    let (_, outcomes) = night(&mut nights, 18, &batch(303, 18, 50));
    let rows = about(&outcomes, "d.drift_history_rows");
    assert_eq!(rows.status, Status::Fail);
    assert!(
        rows.message.contains("(8 nights of `even`)"),
        "{}",
        rows.message
    );
    let (_, outcomes) = night(&mut nights, 19, &batch(303, 19, 50));
    assert!(!is_told(&outcomes, "d.drift_history_rows"));
}

#[test]
fn the_list_of_runs_names_special_days() {
    let nights = walked(THREE, 13, &[]);
    let named: Vec<String> = nights.listed().into_iter().map(|l| l[9].clone()).collect();
    let mut expected = vec![""; 13];
    (expected[9], expected[12]) = ("2026-11-10", "market");
    assert_eq!(named, expected);
    assert!(nights.said(&["list"]).contains("special day: market"));
}

/// The names of days of a calendar, by the library.
fn names(calendar: &str, file: Option<(&str, &str)>, days: &[&str]) -> Vec<Option<String>> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("tollgate.yaml", &config(&format!(", calendar: {calendar}")));
    if let Some((name, text)) = file {
        write(name, text);
    }
    let config = tollgate::config::load(&folder.path().join("tollgate.yaml")).unwrap();
    let calendar = &config.datasets[0].drift.calendar;
    let name = |day: &&str| {
        let at = format!("{day}T23:59:59Z").parse().unwrap();
        calendar.name(at).map(str::to_owned)
    };
    days.iter().map(name).collect()
}

#[test]
fn windows_reach_around_dates_and_the_nearest_date_names_a_day() {
    let calendar = "[{name: a, dates: 2026-12-25, lower_window: -2, upper_window: 1}, {name: b, dates: [2026-12-26, 2026-12-22]}, \
                    {name: late, dates: [2026-12-29], lower_window: 1, upper_window: 1}]";
    let days = [
        "2026-12-22",
        "2026-12-23",
        "2026-12-24",
        "2026-12-25",
        "2026-12-26",
        "2026-12-27",
        "2026-12-29",
        "2026-12-30",
    ];
    let found = names(calendar, None, &days);
    let found: Vec<&str> = found.iter().map(|n| n.as_deref().unwrap_or("-")).collect();
    assert_eq!(found, ["b", "a", "a", "a", "b", "-", "-", "late"]);
}

#[test]
fn files_of_days_are_read_as_prophet_and_as_people_write_them() {
    let days = ["2026-12-24", "2026-12-25", "2026-12-26"];
    let said = |name: &str, text: &str| {
        let found = names(name, Some((name, text)), &days);
        let found: Vec<String> = found.into_iter().map(Option::unwrap_or_default).collect();
        found.join("|")
    };
    let prophet = "holiday,ds,lower_window,upper_window,prior_scale\nxmas,2026-12-25 00:00:00,-1.0,0,10\n\"boxing, day\",2026-12-26,,,\n";
    assert_eq!(said("holidays.csv", prophet), "xmas|xmas|boxing, day");
    let lines = "# ours\n2026-12-24\n\n2026-12-26, second\n";
    assert_eq!(said("days.txt", lines), "2026-12-24||second");
    let yaml = "- 2026-12-24\n- {name: xmas, dates: [2026-12-25, 2026-12-26]}\n";
    assert_eq!(said("days.yaml", yaml), "2026-12-24|xmas|xmas");
    assert_eq!(said("days.json", "[\"2026-12-24\"]"), "2026-12-24||");
}

#[test]
fn what_is_no_calendar_is_refused_with_its_place() {
    let refuse = |calendar: &str, said: &[&str]| {
        let text = config(&format!(", calendar: {calendar}"));
        let files = [
            ("d.csv", batch(9, 1, 50)),
            ("tollgate.yaml", text),
            ("wrong.csv", "ds,holiday\n2026-02-30,a\n".to_owned()),
            ("map.yaml", "a: 1\n".to_owned()),
            (
                "turned.csv",
                "ds,lower_window,upper_window\n2026-02-20,2,1\n2026-02-21,half,0\n".to_owned(),
            ),
        ];
        let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
        refused(&Gate::run(&files, &[]), said);
    };
    refuse(
        "[2026-02-30, christmas]",
        &[
            "`2026-02-30` is no date",
            "`christmas` is no date",
            "such as 2026-12-25",
        ],
    );
    refuse(
        "[{name: a, dates: [2026-12-25], lower_window: 1, upper_window: -1}]",
        &[
            "`lower_window` 1 is after `upper_window` -1",
            "ends before it begins",
        ],
    );
    refuse(
        "[{name: a, dates: [2026-12-25], lower_window: -400}]",
        &["a window of -400 days"],
    );
    refuse(
        "[{name: a, dates: [2026-12-25], upper_window: 1.5}]",
        &["`upper_window` must be a whole number of days"],
    );
    refuse(
        "[{name: a, dates: [2026-12-25], around: 1}]",
        &["no key `around`", "lower_window"],
    );
    refuse("[{dates: [2026-12-25]}]", &["needs `name`"]);
    refuse("[{name: a}]", &["needs `dates`"]);
    refuse("[12]", &["`calendar` must be dates, or mappings"]);
    refuse("[]", &["`calendar` has no day"]);
    refuse("none.csv", &["none.csv", "or a file; paths are relative"]);
    refuse("wrong.csv", &["`2026-02-30` is no date", "wrong.csv:2"]);
    refuse("map.yaml", &["`calendar` must be a list of days"]);
    refuse(
        "turned.csv",
        &[
            "`lower_window` 2 is after `upper_window` 1",
            "no whole number of days",
            "turned.csv:3",
        ],
    );
}

#[test]
fn a_calendar_without_past_runs_has_no_effect_and_is_refused() {
    let text = "version: 1\ndatasets:\n  d: {path: d.csv, reference: e.csv, drift: {calendar: [2026-12-25]}}\n";
    let files = [
        ("d.csv", batch(9, 1, 50)),
        ("e.csv", batch(9, 2, 50)),
        ("tollgate.yaml", text.to_owned()),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    refused(
        &Gate::run(&files, &[]),
        &[
            "has a `calendar`, and is not compared with past runs",
            "remove `calendar`",
        ],
    );
}
