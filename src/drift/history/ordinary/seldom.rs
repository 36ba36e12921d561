//! Tests of what hardly ever happens on ordinary nights: a first step beyond an end, a night with nothing but zeros,
//! incidents that come again and again.

use super::level::Level;
use super::tests::{Random, night, numbers};
use super::{Compared, Kind, Spending, compare};
use crate::history::{Night, Standing};

const ROWS: usize = 40;

/// A night of prices, and of a count that is 0 in most rows: so many others, each so large.
fn counted(day: i64, random: &mut Random, others: usize, each: f64) -> Night {
    let prices: Vec<f64> = (0..ROWS).map(|_| 100.0 + 9.0 * random.normal()).collect();
    let count = |row: usize| if row < others { each } else { 0.0 };
    let counts: Vec<f64> = (0..ROWS).map(count).collect();
    night(
        day,
        ROWS as u64,
        vec![numbers("price", &prices, 0), numbers("count", &counts, 0)],
    )
}

fn found(past: &[Night], now: &Night) -> Compared {
    compare(past, now, Spending::PerRun(0.05)).unwrap_or_else(|more| panic!("{more} more nights"))
}

#[test]
fn a_first_step_beyond_an_end_that_never_moved_is_judged_by_its_rows() {
    let mut random = Random(5);
    let past: Vec<Night> = (0..35).map(|d| counted(d, &mut random, 0, 0.0)).collect();
    let told = |others: usize, each: f64, random: &mut Random| {
        let compared = found(&past, &counted(35, random, others, each));
        compared.findings.iter().any(|f| f.kind == Kind::High)
    };
    // One row of 1,440 is where no other is: that is any night's, and nobody knows how large ones are.
    assert!(!told(1, 1.0, &mut random));
    assert!(told(5, 1000.0, &mut random));
}

#[test]
fn a_night_with_nothing_but_the_usual_value_is_no_cut() {
    let mut random = Random(8);
    let past: Vec<Night> = (0..35)
        .map(|d| {
            counted(
                d,
                &mut random,
                1 + usize::from(d % 3 == 0),
                1.0 + d as f64 % 2.0,
            )
        })
        .collect();
    let compared = found(&past, &counted(35, &mut random, 0, 0.0));
    let value = |f: &&super::Finding| f.kind == Kind::Value;
    assert_eq!(compared.findings.iter().find(value), None);
    // Prices cut off at one number are.
    let mut cut = counted(35, &mut random, 1, 1.0);
    let mut prices: Vec<f64> = (0..ROWS).map(|_| 100.0 + 9.0 * random.normal()).collect();
    for price in &mut prices {
        *price = price.min(104.0);
    }
    cut.columns[0] = numbers("price", &prices, 0);
    let compared = found(&past, &cut);
    assert!(compared.findings.iter().any(|f| f.kind == Kind::Value));
}

#[test]
fn a_night_far_beyond_all_others_leaves_open_how_far_the_next_may_be() {
    let mut least: Vec<f64> = (0..34).map(|i| -2.0 - 0.15 * f64::from(i)).collect();
    let calm = Level::of(&least, 50).adjusted(-70.0);
    least.push(-80.0);
    let one = Level::of(&least, 50).adjusted(-70.0);
    // As a power of the tail it would be one in half a million.
    assert!(calm < 1e-5, "{calm}");
    assert!((1e-4..1e-2).contains(&one), "{one}");
}

#[test]
fn one_incident_that_nobody_marked_is_forgiven_and_more_are_ordinary() {
    let p = |told: &[usize]| {
        let mut random = Random(13);
        let mut past: Vec<Night> = (0..35).map(|d| counted(d, &mut random, 1, 1.0)).collect();
        // Evidently an incident, whether it was told or not.
        past[20].columns[0].missing = 20;
        for day in told {
            past[*day].standing = Standing::Unusual;
        }
        let mut now = counted(35, &mut random, 1, 1.0);
        now.columns[0].missing = 8;
        found(&past, &now).p
    };
    let forgiven = p(&[]);
    assert!(forgiven < 0.05, "{forgiven}");
    // Told itself, and on the night after: one event.
    assert!((p(&[20, 21]) - forgiven).abs() < 1e-12);
    assert!(p(&[5, 20]) > 1.5 * forgiven, "{} {forgiven}", p(&[5, 20]));
}
