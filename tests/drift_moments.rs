//! Dates and times in the calibrated gate: what a new batch moves is no news, what should stay is.

use crate::harness::Gate;
use std::fmt::Write;
use tollgate::drift::sample::Random;
use tollgate::record::Status;

const DAY: i64 = 86_400;

/// 2026-01-01 in seconds since 1970-01-01.
const JANUARY: i64 = 20_454 * DAY;

/// One row: when it was ordered and sent, on which day it is due. Unit: seconds, days.
#[derive(Clone)]
struct Row {
    ordered: Option<i64>,
    sent: Option<i64>,
    due: Option<i64>,
}

/// Rows of whole days from a moment on: orders come mostly at noon and are sent some hours later.
fn rows(n: usize, from: i64, days: usize, seed: u64) -> Vec<Row> {
    let mut random = Random::new(seed);
    let mut below = |n: usize| i64::try_from(random.below(n)).unwrap();
    let row = |_| {
        let hour = 6 + below(7) + below(9);
        let ordered = from + below(days) * DAY + hour * 3_600 + below(3_600);
        Row {
            ordered: Some(ordered),
            sent: Some(ordered + 3_600 + below(7_200) + below(7_200)),
            due: Some(ordered.div_euclid(DAY) + 3 + below(4)),
        }
    };
    (0..n).map(row).collect()
}

fn moment(seconds: i64) -> String {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    moment.format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn csv(rows: &[Row]) -> String {
    let mut text = "ordered,sent,due\n".to_owned();
    for r in rows {
        let time = |t: Option<i64>| t.map_or_else(String::new, moment);
        let due = r
            .due
            .map_or_else(String::new, |d| moment(d * DAY)[..10].to_owned());
        writeln!(text, "{},{},{due}", time(r.ordered), time(r.sent)).unwrap();
    }
    text
}

const N: usize = 3_000;

fn gate_of(contract: &str, before: &[Row], now: &[Row]) -> Gate {
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv, contract: c.yaml}\n";
    let (now, before) = (csv(now), csv(before));
    Gate::run(
        &[
            ("d.csv", now.as_bytes()),
            ("r.csv", before.as_bytes()),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    )
}

const OPEN: &str = "version: 1\ncolumns: [{name: due}]\n";

const PERSONAL: &str = "version: 1\ncolumns: [{name: ordered, pii: true}, {name: sent, pii: true}, {name: due, pii: true}]\n";

/// February, to which something was done, against January: messages by outcome.
fn february(contract: &str, done: impl Fn(&mut Row)) -> Vec<(String, String)> {
    let before = rows(N, JANUARY, 31, 1);
    let mut now = rows(N, JANUARY + 31 * DAY, 28, 2);
    now.iter_mut().for_each(done);
    let outcomes = gate_of(contract, &before, &now).record().outcomes;
    let changes = outcomes.into_iter().filter(|o| o.column.is_some());
    changes.map(|o| (o.id, o.message)).collect()
}

#[track_caller]
fn only(list: &[(String, String)], ids: &[&str]) {
    let found: Vec<&str> = list.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(found, ids, "{list:#?}");
}

#[track_caller]
fn says(list: &[(String, String)], id: &str, start: &str) {
    let (_, message) = list
        .iter()
        .find(|(i, _)| i == id)
        .unwrap_or_else(|| panic!("no {id}: {list:#?}"));
    assert!(message.contains(start), "not {start:?}: {message}");
}

#[test]
fn the_next_month_is_no_change() {
    only(&february(OPEN, |_| ()), &[]);
}

#[test]
fn another_time_zone_is_named() {
    let both = |r: &mut Row| {
        r.ordered = r.ordered.map(|t| t - 5 * 3_600);
        r.sent = r.sent.map(|t| t - 5 * 3_600);
    };
    let list = february(OPEN, both);
    says(
        &list,
        "d.drift_time_of_day(ordered)",
        "The time of day of `ordered` looks shifted by -5 hours, as if the time zone had changed: middle half 1",
    );
    says(
        &list,
        "d.drift_time_of_day(sent)",
        "looks shifted by -5 hours",
    );
    assert!(
        list.iter().all(|(id, _)| !id.contains("gap(sent)")),
        "{list:#?}"
    );
    let one = february(OPEN, |r| r.sent = r.sent.map(|t| t + 3_600));
    says(
        &one,
        "d.drift_gap(sent)",
        "The time from `ordered` to `sent` looks shifted by +1 hour, as if the time zone or daylight saving time had changed",
    );
}

#[test]
fn other_hours_are_no_time_zone() {
    // Half of the orders at night: a change, but of no clock.
    let list = february(OPEN, |r| {
        let later = |t: i64| t.div_euclid(DAY) * DAY + t.rem_euclid(DAY) / 4;
        r.ordered = r.ordered.map(later);
    });
    says(
        &list,
        "d.drift_time_of_day(ordered)",
        "The time of day of `ordered` ",
    );
    for (_, message) in &list {
        assert!(!message.contains("time zone"), "{message}");
    }
}

#[test]
fn lost_precision_is_named_and_not_told_twice() {
    let list = february(OPEN, |r| r.ordered = r.ordered.map(|t| t / 3_600 * 3_600));
    says(
        &list,
        "d.drift_precision(ordered)",
        "`ordered` is given to the hour in 100 % of the rows, 0",
    );
    says(
        &list,
        "d.drift_precision(ordered)",
        ", as if what is finer had been cut off",
    );
    assert!(
        list.iter()
            .all(|(id, _)| !id.contains("time_of_day") && !id.contains("gap")),
        "{list:#?}"
    );
    let list = february(OPEN, |r| r.ordered = r.ordered.map(|t| t / DAY * DAY));
    says(
        &list,
        "d.drift_precision(ordered)",
        "`ordered` is given to the day in 100 % of the rows",
    );
}

#[test]
fn dates_that_stand_for_none_are_named() {
    let few = |r: &mut Row| {
        if r.due.is_some_and(|d| d % 7 == 0) && r.sent.is_some_and(|t| t % 5 == 0) {
            r.due = Some(0);
        }
    };
    let list = february(OPEN, few);
    only(&list, &["d.drift_default_date(due)"]);
    says(
        &list,
        "d.drift_default_date(due)",
        "`due` has dates out of the ordinary (1970-01-01) that the reference does not have, in ",
    );
    let list = february(PERSONAL, few);
    says(
        &list,
        "d.drift_default_date(due)",
        "`due` has dates out of the ordinary that the reference",
    );
}

#[test]
fn values_of_personal_moments_are_not_shown() {
    let list = february(PERSONAL, |r| {
        r.ordered = r
            .ordered
            .map(|t| t.div_euclid(DAY) * DAY + 12 * 3_600 + 34 * 60);
    });
    assert!(!list.is_empty());
    for (_, message) in &list {
        assert!(
            !message.contains("12:34") && !message.contains("middle half"),
            "{message}"
        );
    }
}

#[test]
fn a_gap_between_a_date_that_stays_and_one_that_moves_is_not_compared() {
    let fixed = |rows: &mut Vec<Row>| {
        rows.iter_mut()
            .for_each(|r| r.ordered = Some(JANUARY - 40 * DAY + r.ordered.unwrap() % 977));
    };
    let (mut before, mut now) = (rows(N, JANUARY, 31, 1), rows(N, JANUARY + 31 * DAY, 28, 2));
    fixed(&mut before);
    fixed(&mut now);
    let gate = gate_of(OPEN, &before, &now);
    let found = gate.record().outcomes;
    assert!(found.iter().all(|o| o.column.is_none()), "{found:#?}");
}

#[test]
fn batches_of_one_day_say_that_times_of_day_are_not_compared() {
    let before = rows(500, JANUARY, 1, 1);
    let now = rows(500, JANUARY + DAY, 1, 2);
    let outcome = gate_of(OPEN, &before, &now).outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    assert!(
        outcome.message.contains(
            "Times of day are not compared without three whole days on both sides: `ordered`, `sent`."
        ),
        "{}",
        outcome.message
    );
}

/// Every row of a day is written at one moment: days differ, rows tell nothing of it.
#[test]
fn rows_that_are_written_together_count_as_one() {
    let mut random = Random::new(4);
    let mut loaded = |mut list: Vec<Row>| {
        let mut at = std::collections::BTreeMap::new();
        for row in &mut list {
            let day = row.ordered.unwrap().div_euclid(DAY);
            let second = *at
                .entry(day)
                .or_insert_with(|| i64::try_from(random.below(7_200)).unwrap());
            row.ordered = Some(day * DAY + 3_600 + second);
            row.sent = row.ordered;
        }
        list
    };
    let before = loaded(rows(N, JANUARY, 31, 1));
    let now = loaded(rows(N, JANUARY + 31 * DAY, 28, 2));
    let found = gate_of(OPEN, &before, &now).record().outcomes;
    assert!(
        found.iter().all(|o| o.check != "drift_time_of_day"),
        "{found:#?}"
    );
}

#[test]
fn missing_moments_and_columns_without_any_are_compared_by_being_there() {
    let list = february(OPEN, |r| r.sent = r.sent.filter(|t| t % 7 != 0));
    only(&list, &["d.drift_missing(sent)"]);
    let list = february(OPEN, |r| {
        r.ordered = None;
        r.sent = None;
        r.due = None;
    });
    only(
        &list,
        &[
            "d.drift_missing(ordered)",
            "d.drift_missing(sent)",
            "d.drift_missing(due)",
        ],
    );
}
