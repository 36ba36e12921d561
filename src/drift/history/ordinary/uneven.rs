//! Tests of columns that are uneven of themselves, and of what windows leave out.

use super::tests::{Random, night, numbers};
use super::{Compared, Kind, Spending, compare};
use crate::history::{Night, Standing, Told};

fn normal(random: &mut Random, shift: f64) -> Vec<f64> {
    (0..400).map(|_| shift + random.normal()).collect()
}

/// A night of a column that one night in five is far off, and of one that never is.
fn uneven(day: i64, random: &mut Random, shift: f64) -> Night {
    let off = if random.share() < 0.2 { 5.0 } else { 0.1 };
    let level = off * random.normal();
    let even = normal(random, shift);
    let uneven = normal(random, level);
    night(
        day,
        400,
        vec![numbers("uneven", &uneven, 0), numbers("even", &even, 0)],
    )
}

fn at_a_year(past: &[Night], now: &Night) -> Compared {
    compare(past, now, Spending::PerYear(1.0)).unwrap_or_else(|n| panic!("{n} more"))
}

#[test]
fn a_column_that_is_uneven_does_not_hide_another() {
    let found = |seed: u64, shift: f64| {
        let mut random = Random(seed);
        let past: Vec<Night> = (0..35).map(|d| uneven(d, &mut random, 0.0)).collect();
        let now = uneven(35, &mut random, shift);
        let compared =
            compare(&past, &now, Spending::PerRun(0.05)).unwrap_or_else(|n| panic!("{n}"));
        compared.findings.iter().any(|f| f.column == Some(1))
    };
    let share = |shift: f64| (0..20).filter(|seed| found(*seed, shift)).count();
    assert!(share(0.4) >= 18, "{}", share(0.4));
    assert!(share(0.0) <= 2, "{}", share(0.0));
}

#[test]
fn a_window_does_not_tell_again_what_one_of_its_nights_told() {
    let mut random = Random(3);
    let mut past: Vec<Night> = (0..70)
        .map(|d| {
            let shift = if d < 64 { 0.0 } else { 0.4 };
            night(d, 400, vec![numbers("x", &normal(&mut random, shift), 0)])
        })
        .collect();
    let now = night(70, 400, vec![numbers("x", &normal(&mut random, 0.4), 0)]);
    let windows = |past: &[Night]| {
        let findings = at_a_year(past, &now).findings;
        findings.iter().filter(|f| f.window > 1).count()
    };
    assert!(windows(&past) > 0);
    // Told on the other nights of the window of seven.
    for told in &mut past[64..] {
        told.standing = Standing::Unusual;
        told.told = vec![Told {
            column: Some("x".to_owned()),
            kind: Kind::Location.word().to_owned(),
            p: 0.002,
        }];
    }
    assert_eq!(windows(&past), 0);
    // Of another column nothing is left out.
    for told in &mut past[64..] {
        told.told[0].column = Some("y".to_owned());
    }
    assert!(windows(&past) > 0);
}

#[test]
fn a_finding_says_how_often_it_was_told() {
    let mut random = Random(5);
    let mut past: Vec<Night> = (0..40)
        .map(|d| night(d, 400, vec![numbers("x", &normal(&mut random, 0.0), 0)]))
        .collect();
    let now = night(40, 400, vec![numbers("x", &normal(&mut random, 3.0), 0)]);
    let times = |past: &[Night]| {
        let compared =
            compare(past, &now, Spending::PerRun(0.05)).unwrap_or_else(|n| panic!("{n}"));
        let of = |f: &&super::Finding| f.kind == Kind::Location;
        compared.findings.iter().find(of).map(|f| f.told)
    };
    assert_eq!(times(&past), Some(0));
    for (at, p) in [(37, 1e-6), (38, 1e-6), (39, 0.04)] {
        past[at].standing = Standing::Unusual;
        past[at].told = vec![Told {
            column: Some("x".to_owned()),
            kind: Kind::Location.word().to_owned(),
            p,
        }];
    }
    assert_eq!(times(&past), Some(2));
}
