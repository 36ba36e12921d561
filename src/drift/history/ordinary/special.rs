//! A batch of a day that people declared as special, and ordinary batches without such days.
//!
//! A special day teaches nothing of ordinary nights. It is held against earlier nights of its name where there are
//! enough; else against ordinary nights, allowing for how far special days before it were off, whatever their name. As
//! long as so few of those are known that a gross change would pass, what is unusual about it is told, and decides nothing.

use super::feature::Kind;
use super::open::{KEPT, Open};
use super::own::{Own, Tail};
use super::predict::FEWEST;
use super::spend::Spending;
use super::{Compared, LATEST, View, compared};
use crate::history::{Night, Standing};
use crate::statistics::student::{student, student_quantile};
use chrono::{DateTime, Utc};

/// Special days before the one under test that are looked at, at most: the latest.
const MOST: usize = 28;

/// What a gross change is off, which has to be told before past runs decide on a special day. Unit: deviations of
/// ordinary nights. Origin: a third of 300 rows without a value, where 2 % of them lack one by chance.
const GROSS: f64 = 16.0;

/// What a batch was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The nights before that are ordinary.
    Ordinary,
    /// Nights of the same name.
    Name,
    /// Ordinary nights, and how far off so many special days were.
    Special(usize),
    /// Ordinary nights, which do not decide: of how many special days it is known how far off they were, and of how many
    /// it has to be for a gross change to be told.
    Early {
        /// Special days of which it is known.
        known: usize,
        /// Special days from which on past runs decide.
        needed: usize,
        /// Special days that looked unusual, and so do not count.
        unusual: usize,
    },
}

/// Compares a batch with those before it as [`super::compare`] does, by the names of special days; `name_of` is `None` of
/// an ordinary night.
///
/// A special day is judged alone, with the whole level of its run.
/// Errors: how many more ordinary nights are needed.
pub fn compare_by_calendar<'n>(
    past: &[Night],
    now: &Night,
    spending: Spending,
    name_of: &dyn Fn(&Night) -> Option<&'n str>,
) -> Result<Compared, usize> {
    let ordinary: Vec<&Night> = past.iter().filter(|n| name_of(n).is_none()).collect();
    let Some(name) = name_of(now) else {
        return compared(&ordinary, now, spending);
    };
    let clock: Vec<DateTime<Utc>> = past.iter().map(|n| n.at).chain([now.at]).collect();
    let level = spending.level(&clock);
    let special: Vec<&Night> = past.iter().filter(|n| name_of(n).is_some()).collect();
    let teaching = special.iter().copied().filter(|n| n.standing.teaches());
    let teaching: Vec<&Night> = teaching.collect();
    let saying = saying(&teaching);
    let is_named = |n: &&&Night| name_of(n) == Some(name);
    if saying.iter().filter(is_named).count() >= FEWEST {
        let named: Vec<&Night> = special.iter().filter(is_named).copied().collect();
        let found = compared(&named, now, Spending::PerRun(level))?;
        return Ok(Compared {
            by: By::Name,
            ..found
        });
    }
    let open = Open::of(&ordinary, level);
    let ordinary = ordinary.into_iter().filter(|n| n.standing.teaches());
    let ordinary: Vec<&Night> = ordinary.collect();
    if ordinary.len() < FEWEST {
        return Err(FEWEST - ordinary.len());
    }
    let days = Days::of(&saying, &ordinary);
    let look = |days: Option<&Days>| look(&ordinary, &open, now, level, days);
    let alone = look(None);
    let (known, needed) = (days.known, needed(alone.critical));
    let left_out = teaching.len() - saying.len();
    if known < needed {
        return Ok(Compared {
            by: By::Early {
                known,
                needed,
                unusual: left_out,
            },
            ..alone
        });
    }
    let mut found = look(Some(&days));
    for finding in &mut found.findings {
        finding.told = unusual(&teaching, 2 * KEPT - 1);
    }
    Ok(Compared {
        by: By::Special(known),
        ..found
    })
}

/// Compares a special day with ordinary nights, and what is open of those with those that did not have it.
fn look(
    ordinary: &[&Night],
    open: &Open,
    now: &Night,
    level: f64,
    days: Option<&Days>,
) -> Compared {
    let by = |nights: &[&Night]| {
        let view = View {
            training: latest(nights),
            others: &[],
            now,
        };
        view.compare(level, days)
    };
    let found = by(ordinary);
    let without: Vec<&Night> = ordinary
        .iter()
        .copied()
        .filter(|n| !open.holds(n))
        .collect();
    let again = (!open.is_empty() && without.len() >= FEWEST).then(|| by(&without));
    match again.and_then(|again| open.still(again, now)) {
        Some(still) => found.with(still),
        None => found,
    }
}

/// The special days that say how far special days are off.
///
/// One that looked unusual would excuse the same at once, there are so few. So it says nothing until somebody marks it as
/// ordinary, or [`KEPT`] of the latest looked unusual: then that is what special days are like.
fn saying<'n>(special: &[&'n Night]) -> Vec<&'n Night> {
    let is_usual = unusual(special, 2 * KEPT) >= KEPT;
    let says = |n: &&Night| is_usual || n.standing != Standing::Unusual;
    special.iter().copied().filter(says).collect()
}

/// How many of the latest nights, of so many at most, looked unusual.
fn unusual(nights: &[&Night], most: usize) -> usize {
    let latest = nights.iter().rev().take(most);
    latest.filter(|n| n.standing == Standing::Unusual).count()
}

/// Special days from which on a gross change in one column and kind would be told, where none of them was off at all;
/// `critical` is the logarithm of the probability at which it is.
fn needed(critical: f64) -> usize {
    let is_told = |days: &usize| student(GROSS, *days as f64 + 1.0) <= critical;
    (1..MOST).find(is_told).unwrap_or(MOST)
}

/// The latest nights that one view learns from.
fn latest<'a, 'n>(nights: &'a [&'n Night]) -> &'a [&'n Night] {
    &nights[nights.len().saturating_sub(LATEST)..]
}

/// How far special days before the one under test were off what the ordinary nights before each of them expected.
pub(super) struct Days {
    /// Days of which it is known.
    known: usize,
    /// By column and kind of change: deviations of ordinary nights.
    off: Vec<(Option<String>, Kind, f64)>,
}

impl Days {
    fn of(special: &[&Night], ordinary: &[&Night]) -> Self {
        let (mut known, mut off) = (0, Vec::new());
        for day in special.iter().rev().take(MOST) {
            let before = ordinary.partition_point(|n| n.at < day.at);
            let training = latest(&ordinary[..before]);
            if training.len() < FEWEST {
                continue;
            }
            known += 1;
            let view = View {
                training,
                others: &[],
                now: day,
            };
            off.extend(view.owns().iter().map(|own| {
                let (column, kind, ln_p) = own.now();
                let column = column.map(|c| day.columns[c].name.clone());
                (column, kind, deviations(ln_p, own.nights()))
            }));
        }
        Self { known, off }
    }

    /// What they allow for in a column and kind of change; a day on which nothing of it could be off was not off.
    pub(super) fn allowed(&self, own: &Own, now: &Night) -> Allowed {
        let (column, kind, _) = own.now();
        let column = column.map(|c| now.columns[c].name.as_str());
        let same = |(c, k, _): &&(Option<String>, Kind, f64)| c.as_deref() == column && *k == kind;
        let squares = self.off.iter().filter(same).map(|o| o.2 * o.2);
        let freedom = self.known as f64 + 1.0;
        Allowed {
            scale: ((1.0 + squares.sum::<f64>()) / freedom).max(1.0).sqrt(),
            freedom,
            nights: own.nights(),
        }
    }
}

/// How many deviations a tail of this logarithm is off, of so many nights.
fn deviations(ln_p: f64, nights: usize) -> f64 {
    student_quantile(ln_p, spread(nights))
}

/// Degrees of freedom of the spread of so many nights.
fn spread(nights: usize) -> f64 {
    (nights as f64 - 1.0).max(2.0)
}

/// How far off special days may be in one column and kind of change.
///
/// What is off by `t` deviations of ordinary nights is off by `t / scale` of special days, and those are Student's with
/// one degree of freedom more than there were days: the spread of ordinary nights counts as one of them.
pub(super) struct Allowed {
    scale: f64,
    freedom: f64,
    nights: usize,
}

impl Allowed {
    fn surprise(&self, ln_p: f64) -> f64 {
        student(deviations(ln_p, self.nights) / self.scale, self.freedom)
    }

    fn critical(&self, surprise: f64) -> f64 {
        let t = student_quantile(surprise, self.freedom) * self.scale;
        student(t, spread(self.nights))
    }
}

/// What a column and kind of change is judged by: how ordinary nights spread, and on a special day how those do as well.
pub(super) struct Bar {
    pub tail: Tail,
    pub allowed: Option<Allowed>,
}

impl Bar {
    /// Logarithm of the probability of a tail with this logarithm: never less than of ordinary nights.
    pub(super) fn surprise(&self, ln_p: f64) -> f64 {
        let own = self.tail.surprise(ln_p);
        let special = self.allowed.as_ref().map(|a| a.surprise(ln_p));
        special.map_or(own, |special| own.max(special))
    }

    /// The logarithm of the tail that has a probability of this logarithm.
    pub(super) fn critical(&self, surprise: f64) -> f64 {
        let own = self.tail.critical(surprise);
        let special = self.allowed.as_ref().map(|a| a.critical(surprise));
        special.map_or(own, |special| own.min(special))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Random, night, numbers};
    use super::super::{Compared, Kind, compare};
    use super::{Allowed, Bar, By, Spending, Tail, compare_by_calendar, needed};
    use crate::history::{Night, Standing};
    use chrono::{DateTime, TimeDelta, Utc};

    /// 200 normal numbers about a level.
    fn at(day: i64, level: f64) -> Night {
        let mut random = Random(u64::try_from(day).unwrap_or_default());
        let level = level + 0.03 * random.normal();
        let values: Vec<f64> = (0..200).map(|_| level + random.normal()).collect();
        night(day, 200, vec![numbers("x", &values, 0)])
    }

    fn day(at: DateTime<Utc>) -> i64 {
        (at - DateTime::UNIX_EPOCH - TimeDelta::days(4)).num_days()
    }

    fn found(past: &[Night], now: &Night, special: &[i64]) -> Result<Compared, usize> {
        let name_of = |n: &Night| special.contains(&day(n.at)).then_some("special");
        compare_by_calendar(past, now, Spending::PerRun(0.05), &name_of)
    }

    fn moved(compared: &Compared) -> bool {
        compared.findings.iter().any(|f| f.kind == Kind::Location)
    }

    #[test]
    fn windows_leave_special_days_out() {
        let special = [56, 58, 59];
        let level = |d: &i64| if special.contains(d) { 0.7 } else { 0.0 };
        let past: Vec<Night> = (0..60).map(|d| at(d, level(&d))).collect();
        let now = at(60, 0.0);
        let year = Spending::PerYear(6.0);
        let seven = compare(&past, &now, year).unwrap();
        assert!(seven.findings.iter().any(|f| f.window > 1), "{seven:?}");
        let name_of = |n: &Night| special.contains(&day(n.at)).then_some("special");
        let without = compare_by_calendar(&past, &now, year, &name_of).unwrap();
        assert!(!without.is_flagged(), "{without:?}");
        assert_eq!(without.by, By::Ordinary);
    }

    #[test]
    fn how_far_special_days_were_off_is_allowed_for_and_no_more() {
        let special = [20, 25, 30, 35, 40, 45, 50];
        let level = |d: &i64| if special.contains(d) { 0.35 } else { 0.0 };
        let past: Vec<Night> = (0..50).map(|d| at(d, level(&d))).collect();
        let as_before = found(&past, &at(50, 0.35), &special).unwrap();
        assert_eq!(as_before.by, By::Special(6));
        assert!(!as_before.is_flagged(), "{as_before:?}");
        assert!(moved(&found(&past, &at(50, 0.35), &special[..6]).unwrap()));
        assert!(moved(&found(&past, &at(50, 3.0), &special).unwrap()));
        // What is ordinary on any night is ordinary on a special day.
        assert!(!found(&past, &at(50, 0.0), &special).unwrap().is_flagged());
    }

    #[test]
    fn a_special_day_is_never_more_surprising_than_an_ordinary_night() {
        let bar = |exponent, scale, days: f64| Bar {
            tail: Tail::new(exponent, 1.0),
            allowed: Some(Allowed {
                scale,
                freedom: days + 1.0,
                nights: 36,
            }),
        };
        // Ordinary nights have heavier tails here than many special days that were not off.
        let uneven = bar(0.3, 1.0, 28.0);
        assert!((uneven.surprise(-20.0) - uneven.tail.surprise(-20.0)).abs() < 1e-12);
        // Three special days that were far off allow for more than any ordinary night.
        let far = bar(1.0, 4.0, 3.0);
        assert!(far.surprise(-20.0) > far.tail.surprise(-20.0) + 10.0);
        for bar in [uneven, far] {
            let back = bar.surprise(bar.critical(-5.0));
            assert!((back + 5.0).abs() < 1e-6, "{back}");
        }
    }

    #[test]
    fn past_runs_decide_once_a_gross_change_would_be_told() {
        // Of one test at 0.05 one special day is enough, of a thousand at 0.001 it takes some more.
        assert_eq!(needed(0.05f64.ln()), 1);
        assert_eq!(needed(0.001f64.ln()), 2);
        assert_eq!(needed(1e-6f64.ln()), 6);
        assert_eq!(needed(f64::NEG_INFINITY), 28);
        let special = [10, 12, 14, 16, 18, 20];
        let past: Vec<Night> = (0..20).map(|d| at(d, 0.0)).collect();
        let mut empty = at(20, 0.0);
        empty.columns = vec![numbers("x", &[], 200)];
        let mut judged = 0;
        for known in 0..=5 {
            let days = [&special[..known], &[20]].concat();
            let found = found(&past, &empty, &days).unwrap();
            // What nobody decides on is told all the same; what is decided on is found, though no night ever lacked a value.
            let mut kinds = found.findings.iter().map(|f| f.kind);
            assert!(kinds.any(|k| k == Kind::Missing), "{known}: {found:?}");
            match found.by {
                By::Early {
                    known: k, needed, ..
                } => assert!(k == known && known < needed, "{found:?}"),
                by => {
                    assert_eq!(by, By::Special(known));
                    judged += 1;
                }
            }
        }
        assert!((2..=5).contains(&judged), "{judged}");
    }

    #[test]
    fn what_is_no_special_day_of_its_own_does_not_count() {
        let past: Vec<Night> = (0..20).map(|d| at(d, 0.0)).collect();
        let known = |past: &[Night], special: &[i64]| {
            let days = [special, &[20]].concat();
            match found(past, &at(20, 0.0), &days).unwrap().by {
                By::Early { known, unusual, .. } => (known, unusual),
                By::Special(known) => (known, 0),
                by => panic!("{by:?}"),
            }
        };
        assert_eq!(known(&past, &[]), (0, 0));
        // Before the fifth day there were too few nights to say how far off it was.
        assert_eq!(known(&past, &[4, 15]), (1, 0));
        let why = |past: &[Night], special: &[i64]| found(past, &at(20, 0.0), special).unwrap_err();
        assert_eq!(why(&past[..7], &[20]), 1);
        assert_eq!(why(&past[..12], &[0, 1, 2, 3, 4, 20]), 1);
        // An incident says nothing of special days, nor does what looked unusual and nobody calls ordinary.
        for standing in [Standing::Incident, Standing::Unusual] {
            let mut marked = past.clone();
            marked[15].standing = standing;
            let left_out = usize::from(standing == Standing::Unusual);
            assert_eq!(known(&marked, &[15]), (0, left_out));
        }
    }

    #[test]
    fn what_was_told_on_a_special_day_is_told_on_the_next() {
        let special: Vec<i64> = (20..48).step_by(2).collect();
        let mut past: Vec<Night> = (0..48).map(|d| at(d, 0.0)).collect();
        let mut told = 0;
        for day in &special[6..] {
            let day = usize::try_from(*day).unwrap();
            let fault = at(i64::try_from(day).unwrap(), 3.0);
            let found = found(&past[..day], &fault, &special).unwrap();
            past[day] = fault;
            if moved(&found) {
                past[day].standing = Standing::Unusual;
                assert_eq!(found.findings[0].told, told);
                told += 1;
            }
        }
        // Seven times, as on ordinary nights; the eighth is what special days are like.
        assert_eq!(told, 7);
    }

    #[test]
    fn what_ordinary_nights_told_is_told_on_a_special_day() {
        let special = [20, 22, 24, 26, 28, 30, 42];
        let mut past: Vec<Night> = (0..42).map(|d| at(d, 0.0)).collect();
        for night in &mut past[38..] {
            *night = at(day(night.at), 3.0);
            night.standing = Standing::Unusual;
            night.told = vec![crate::history::Told {
                column: Some("x".to_owned()),
                kind: Kind::Location.word().to_owned(),
                p: 1e-6,
            }];
        }
        let found = found(&past, &at(42, 3.0), &special).unwrap();
        assert_eq!(found.by, By::Special(6));
        assert!(moved(&found), "{found:?}");
    }

    #[test]
    fn days_of_a_name_do_not_excuse_what_was_told_of_the_latest() {
        let special: Vec<i64> = (0..60).step_by(2).collect();
        let mut past: Vec<Night> = (0..60).map(|d| at(d, 0.0)).collect();
        let mut told = 0;
        for day in (40..60).step_by(2) {
            let mut fault = at(i64::try_from(day).unwrap(), 3.0);
            let found = found(&past[..day], &fault, &special).unwrap();
            assert_eq!(found.by, By::Name);
            let kinds = found.findings.iter().map(|f| crate::history::Told {
                column: Some("x".to_owned()),
                kind: f.kind.word().to_owned(),
                p: f.adjusted,
            });
            fault.told = kinds.collect();
            if moved(&found) {
                fault.standing = Standing::Unusual;
                told += 1;
            }
            past[day] = fault;
        }
        assert!((6..=7).contains(&told), "{told}");
    }
}
