use super::cell::Frame;
use super::level::Level;
use super::{Compared, Kind, Like, Spending, compare};
use crate::history::{Night, NightColumn, NightValues, Numbers, Standing};
use crate::measure::bins::Bins;
use chrono::{DateTime, TimeDelta};

/// `SplitMix64`, and normal numbers from it.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(super) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.share(), self.share());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

pub(super) fn numbers(name: &str, values: &[f64], missing: u64) -> NightColumn {
    let mut bins = Bins::default();
    for value in values {
        bins.add(*value, 1);
    }
    let mut shift = bins.shift();
    while bins.entries().len() > 256 {
        shift += 1;
        bins = bins.at_shift(shift);
    }
    NightColumn {
        name: name.to_owned(),
        dtype: "float64".to_owned(),
        missing,
        distinct: None,
        values: NightValues::Numbers(Numbers {
            shift: bins.shift(),
            bins: bins.entries(),
            least: values.iter().copied().reduce(f64::min),
            greatest: values.iter().copied().reduce(f64::max),
            mean: None,
            deviation: None,
        }),
    }
}

fn texts(name: &str, counts: &[(&str, u64)]) -> NightColumn {
    NightColumn {
        name: name.to_owned(),
        dtype: "string".to_owned(),
        missing: 0,
        distinct: None,
        values: NightValues::Texts {
            counts: counts.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect(),
            others: 0,
        },
    }
}

pub(super) fn night(day: i64, rows: u64, columns: Vec<NightColumn>) -> Night {
    // The first day is a Monday.
    let at = DateTime::UNIX_EPOCH + TimeDelta::days(day + 4);
    Night {
        at,
        rows,
        standing: Standing::Ordinary,
        joint: None,
        told: Vec::new(),
        columns,
    }
}

/// A night of 400 rows: `x` with a level of its own, `lost` of 100 rows missing, `c` of two texts.
fn ordinary(day: i64, random: &mut Random, shift: f64, lost: f64) -> Night {
    let rows = 400u64;
    let level = shift + 0.05 * random.normal();
    let lost = lost + 0.02 + 0.004 * random.normal();
    let missing = (0..rows).filter(|_| random.share() < lost).count() as u64;
    let values: Vec<f64> = (missing..rows).map(|_| level + random.normal()).collect();
    let odds = 0.3 + 0.02 * random.normal();
    let a = (0..rows).filter(|_| random.share() < odds).count() as u64;
    night(
        day,
        rows,
        vec![
            numbers("x", &values, missing),
            texts("c", &[("a", a), ("b", rows - a)]),
        ],
    )
}

fn past(days: i64, random: &mut Random) -> Vec<Night> {
    (0..days)
        .map(|day| ordinary(day, random, 0.0, 0.0))
        .collect()
}

fn found(past: &[Night], now: &Night) -> Compared {
    compare(past, now, Spending::PerRun(0.05)).unwrap_or_else(|more| panic!("{more} more nights"))
}

fn has(compared: &Compared, kind: Kind) -> bool {
    compared.findings.iter().any(|f| f.kind == kind)
}

/// Heavier tails than these normal nights have are allowed for, so small probabilities are rarer than they say; never
/// more frequent: a one-sided Kolmogorov-Smirnov test at 1 %.
#[test]
fn ordinary_nights_are_seldom_unusual() {
    for days in [8, 14] {
        let mut ps: Vec<f64> = (0..50)
            .map(|seed| {
                let mut random = Random(seed);
                let before = past(days, &mut random);
                found(&before, &ordinary(days, &mut random, 0.0, 0.0)).p
            })
            .collect();
        ps.sort_by(f64::total_cmp);
        let n = ps.len() as f64;
        let above = ps
            .iter()
            .enumerate()
            .map(|(i, p)| (i as f64 + 1.0) / n - p)
            .fold(0.0, f64::max);
        assert!(
            above < (100f64.ln() / 2.0 / n).sqrt(),
            "{days} days: {above}"
        );
        // And they are not all the same: the middle one is in the middle.
        let middle = ps[ps.len() / 2];
        assert!((0.3..0.75).contains(&middle), "{days} days: {middle}");
    }
}

#[test]
fn a_short_history_says_how_many_nights_it_lacks() {
    let mut random = Random(1);
    let mut before = past(7, &mut random);
    let now = ordinary(9, &mut random, 0.0, 0.0);
    assert_eq!(
        compare(&before, &now, Spending::PerRun(0.05)).err(),
        Some(1)
    );
    before.push(Night {
        standing: Standing::Incident,
        ..ordinary(8, &mut random, 0.0, 0.0)
    });
    assert_eq!(
        compare(&before, &now, Spending::PerRun(0.05)).err(),
        Some(1)
    );
}

#[test]
fn an_incident_that_nobody_marked_does_not_deafen() {
    let mut random = Random(3);
    let mut before = past(20, &mut random);
    before[7] = ordinary(7, &mut random, 0.0, 0.6);
    let now = ordinary(20, &mut random, 0.0, 0.3);
    let compared = found(&before, &now);
    assert!(
        compared.is_flagged() && has(&compared, Kind::Missing),
        "{}",
        compared.p
    );
}

/// Whole numbers of which one is missing come as fractions, and a column without any value as one without a type.
#[test]
fn a_number_of_another_type_and_a_column_of_nulls_are_compared() {
    let mut random = Random(23);
    let mut before = past(20, &mut random);
    for night in &mut before {
        night.columns[0].dtype = "int64".to_owned();
    }
    let calm = found(&before, &ordinary(20, &mut random, 0.0, 0.0));
    let lost = found(&before, &ordinary(20, &mut random, 0.0, 0.3));
    assert!(!calm.is_flagged() && has(&lost, Kind::Missing));
    assert_eq!(calm.tests, lost.tests);
    let mut empty = ordinary(20, &mut random, 0.0, 0.0);
    empty.columns[0] = NightColumn {
        dtype: "null".to_owned(),
        missing: empty.rows,
        values: NightValues::Presence,
        ..empty.columns[0].clone()
    };
    assert!(has(&found(&before, &empty), Kind::Missing));
}

#[test]
fn fewer_rows_are_ordinary_on_a_weekend_alone() {
    let mut random = Random(5);
    let mut of = |day: i64, rows: u64| {
        let values: Vec<f64> = (0..rows).map(|_| random.normal()).collect();
        night(day, rows, vec![numbers("x", &values, 0)])
    };
    let rows = |day: i64| {
        if day % 7 >= 5 {
            300 + day.unsigned_abs()
        } else {
            900 + 2 * (day.unsigned_abs() % 13)
        }
    };
    let before: Vec<Night> = (0..26).map(|day| of(day, rows(day))).collect();
    let saturday = of(26, 310);
    let compared = found(&before, &saturday);
    assert!(!has(&compared, Kind::Rows), "{:?}", compared.findings);
    let before: Vec<Night> = (0..28).map(|day| of(day, rows(day))).collect();
    let compared = found(&before, &of(28, 310));
    let finding = compared.findings.iter().find(|f| f.kind == Kind::Rows);
    assert!(
        finding.is_some_and(|f| f.like != Like::All),
        "{:?}",
        compared.findings
    );
}

#[test]
fn windows_find_a_slow_drift() {
    let mut random = Random(11);
    let mut before: Vec<Night> = (0..60)
        .map(|day| {
            let values: Vec<f64> = (0..1000).map(|_| random.normal()).collect();
            night(day, 1000, vec![numbers("x", &values, 0)])
        })
        .collect();
    let mut until = None;
    for day in 60..100 {
        let values: Vec<f64> = (0..1000).map(|_| 0.08 + random.normal()).collect();
        let now = night(day, 1000, vec![numbers("x", &values, 0)]);
        let compared =
            compare(&before, &now, Spending::PerYear(1.0)).unwrap_or_else(|n| panic!("{n}"));
        if compared.is_flagged() {
            until = Some((day - 59, compared.findings[0].window));
            break;
        }
        before.push(now);
    }
    assert!(
        until.is_some_and(|(nights, window)| nights <= 30 && window > 1),
        "{until:?}"
    );
}

#[test]
fn order_and_names_of_columns_do_not_matter() {
    let mut random = Random(17);
    let before = past(12, &mut random);
    let now = ordinary(12, &mut random, 1.0, 0.0);
    let other = |night: &Night| {
        let mut night = night.clone();
        night.columns.reverse();
        for column in &mut night.columns {
            column.name = format!("{}, renamed", column.name);
        }
        night
    };
    let renamed: Vec<Night> = before.iter().map(other).collect();
    let (one, two) = (found(&before, &now), found(&renamed, &other(&now)));
    assert!(
        (one.p - two.p).abs() < 1e-12 && one.is_flagged(),
        "{} {}",
        one.p,
        two.p
    );
    assert_eq!(one.findings.len(), two.findings.len());
}

#[test]
fn shards_add_up_to_their_night() {
    let mut random = Random(19);
    let values: Vec<f64> = (0..200).map(|_| (random.normal() * 10.0).round()).collect();
    let whole = numbers("x", &values, 4);
    let shards = [
        numbers("x", &values[..70], 1),
        numbers("x", &values[70..], 3),
    ];
    let columns = || shards.iter().chain([&whole]);
    let frame = Frame::of(columns()).unwrap_or(Frame::Presence);
    let sum = frame.cell(shards.iter().zip([71, 133]));
    assert_eq!(sum, frame.cell([(&whole, 204)].into_iter()));
    let whole = texts("c", &[("a", 7), ("b", 5)]);
    let shards = [texts("c", &[("a", 3)]), texts("c", &[("b", 5), ("a", 4)])];
    let frame = Frame::of(shards.iter()).unwrap_or(Frame::Presence);
    assert_eq!(
        frame.cell(shards.iter().zip([3, 9])),
        frame.cell([(&whole, 12)].into_iter())
    );
}

#[test]
fn the_critical_tail_has_the_probability_asked_for() {
    let least: Vec<f64> = (1..=20).map(|i| -2.0 - 0.4 * f64::from(i)).collect();
    let level = Level::of(&least, 50);
    for p in [0.05, 0.01, 1e-4] {
        assert!(
            (level.adjusted(level.critical(p)) / p - 1.0).abs() < 1e-3,
            "{p}"
        );
    }
}

/// Nights whose rows all move with the night, one column a bit off the other.
fn in_step(day: i64, random: &mut Random, stuck: usize) -> Night {
    use crate::history::joint::{Cells, Joint, Rows};
    let level = random.normal();
    let x: Vec<f64> = (0..300).map(|_| level + random.normal()).collect();
    let mut y: Vec<f64> = x.iter().map(|x| x + 0.1 * random.normal()).collect();
    let middle = y[17];
    y[..stuck].fill(middle);
    let rows = Rows {
        hashes: (0..300).collect(),
        contents: None,
        columns: vec![
            ("x".to_owned(), Cells::Numbers(x.clone())),
            ("y".to_owned(), Cells::Numbers(y.clone())),
        ],
    };
    let wide = (-160..=160)
        .map(|i| f64::from(i) / 50.0)
        .collect::<Vec<f64>>();
    let classes = Rows {
        hashes: Vec::new(),
        contents: None,
        columns: ["x", "y"]
            .map(|name| (name.to_owned(), Cells::Numbers(wide.clone())))
            .to_vec(),
    };
    let joint = Joint::of(&rows, &[&Joint::of(&classes, &[])]);
    Night {
        joint: Some(joint),
        ..night(day, 300, vec![numbers("x", &x, 0), numbers("y", &y, 0)])
    }
}

#[test]
fn a_column_that_no_longer_goes_with_another_is_found_however_nights_differ() {
    let mut random = Random(29);
    let before: Vec<Night> = (0..30).map(|day| in_step(day, &mut random, 0)).collect();
    let calm = found(&before, &in_step(30, &mut random, 0));
    assert!(!has(&calm, Kind::Together), "{:?}", calm.findings);
    let stuck = found(&before, &in_step(30, &mut random, 30));
    assert!(
        stuck.is_flagged() && has(&stuck, Kind::Together),
        "{}",
        stuck.p
    );
    // Nights without counts of pairs, as older programs leave them, say nothing of that.
    let mut older = before.clone();
    for night in &mut older {
        night.joint = None;
    }
    assert!(!has(
        &found(&older, &in_step(30, &mut random, 30)),
        Kind::Together
    ));
    // Whichever of the two columns comes first.
    let turned = |night: &Night| {
        let mut night = night.clone();
        night.columns.reverse();
        night
    };
    let now = in_step(30, &mut random, 30);
    let nights: Vec<Night> = before.iter().map(turned).collect();
    let (one, two) = (found(&before, &now), found(&nights, &turned(&now)));
    assert!((one.p - two.p).abs() < 1e-12);
}

#[test]
fn a_producer_that_reorders_columns_is_compared_all_the_same() {
    let mut random = Random(29);
    let before: Vec<Night> = (0..30).map(|day| in_step(day, &mut random, 0)).collect();
    // The columns of the pairs as well, whose tables then are the other way round.
    let reordered = |night: &Night| {
        let mut night = night.clone();
        night.columns.reverse();
        let joint = night.joint.as_mut().unwrap();
        joint.columns.reverse();
        joint.tables = vec![joint.tables[0].transposed()];
        night
    };
    for stuck in [0, 30] {
        let now = in_step(30, &mut random, stuck);
        let (one, two) = (found(&before, &now), found(&before, &reordered(&now)));
        for compared in [&one, &two] {
            let together = has(compared, Kind::Together);
            assert_eq!(together, stuck > 0, "{:?}", compared.findings);
        }
        assert!((one.p - two.p).abs() < 1e-12, "{} {}", one.p, two.p);
    }
}

#[test]
fn nights_that_counted_repeated_rows_in_another_way_are_not_held_against_this_one() {
    use crate::history::Counted;
    let mut random = Random(37);
    let of = |day: i64, repeated: u64, counted: Counted, random: &mut Random| {
        let mut night = in_step(day, random, 0);
        let joint = night.joint.as_mut().unwrap();
        (joint.repeated, joint.counted) = (repeated, counted);
        night
    };
    let mut before = |way: Counted| -> Vec<Night> {
        (0..30).map(|day| of(day, 290, way, &mut random)).collect()
    };
    let (by_row, by_content) = (before(Counted::ByRow), before(Counted::ByContent));
    let now = of(30, 0, Counted::ByContent, &mut random);
    assert!(has(&found(&by_content, &now), Kind::Repeated));
    assert!(!has(&found(&by_row, &now), Kind::Repeated));
}

#[test]
fn a_night_whose_values_are_not_known_does_not_hide_the_others() {
    let mut random = Random(41);
    let mut before = past(20, &mut random);
    before[12].columns[0].values = NightValues::Presence;
    let moved = ordinary(20, &mut random, 1.0, 0.0);
    let compared = found(&before, &moved);
    let location = |f: &super::Finding| f.column == Some(0) && f.kind == Kind::Location;
    assert!(
        compared.findings.iter().any(location),
        "{:?}",
        compared.findings
    );
    let calm = found(&before, &ordinary(20, &mut random, 0.0, 0.0));
    assert!(!calm.is_flagged(), "{:?}", calm.findings);
    assert!(before[11].columns[0].is_better_known_than(&before[12].columns[0]));
    assert!(!before[12].columns[0].is_better_known_than(&before[13].columns[0]));
}

#[test]
fn rows_beyond_an_end_are_those_of_the_night_under_test() {
    let columns = [
        numbers("x", &[0.0, 5.0, 9.0], 0),
        numbers("x", &[3.0, 4.0], 0),
        numbers("x", &[1.0, 2.0, 12.0, 12.5], 0),
    ];
    let frame = Frame::of(columns.iter()).unwrap_or(Frame::Presence);
    let cell = |at: usize| frame.cell([(&columns[at], 9)].into_iter());
    let (past, now) = (vec![Some(cell(0)), Some(cell(1))], cell(2));
    let nights = super::feature::Nights::new(frame.clone(), past, now);
    assert_eq!(nights.beyond_last(Kind::High), (2, 4));
    // The least is not below that of every night before.
    assert_eq!(nights.beyond_last(Kind::Low), (0, 4));
}
