//! A batch of a day that people declared as special, and ordinary batches without such days.
//!
//! A special day teaches nothing of ordinary nights. It is held against earlier nights of its name where there are
//! enough; else against ordinary nights, allowing for how far special days before it were off, whatever their name.

use super::feature::Kind;
use super::own::{Own, Tail};
use super::predict::FEWEST;
use super::spend::Spending;
use super::{Compared, LATEST, View, compared, over_windows};
use crate::history::Night;
use crate::statistics::student::{student, student_quantile};
use chrono::{DateTime, Utc};

/// Special days before the one under test that are looked at, at most: the latest.
const MOST: usize = 28;

/// What a batch was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The nights before that are ordinary.
    Ordinary,
    /// Nights of the same name.
    Name,
    /// Ordinary nights, and how far off so many special days were.
    Special(usize),
}

/// Why a batch was not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unjudged {
    /// So many more ordinary nights are needed.
    Few(usize),
    /// It is a special day, and of no special day before it is known how far off it was.
    Special,
}

/// Compares a batch with those before it as [`super::compare`] does, by the names of special days; `name_of` is `None` of
/// an ordinary night.
///
/// A special day is judged alone, with the whole level of its run.
/// Errors: why nothing can be said.
pub fn compare_by_calendar<'n>(
    past: &[Night],
    now: &Night,
    spending: Spending,
    name_of: &dyn Fn(&Night) -> Option<&'n str>,
) -> Result<Compared, Unjudged> {
    let ordinary: Vec<&Night> = past.iter().filter(|n| name_of(n).is_none()).collect();
    let Some(name) = name_of(now) else {
        return compared(&ordinary, now, spending).map_err(Unjudged::Few);
    };
    let clock: Vec<DateTime<Utc>> = past.iter().map(|n| n.at).chain([now.at]).collect();
    let level = spending.level(&clock);
    let teaching = past.iter().filter(|n| n.standing.teaches());
    let named: Vec<&Night> = teaching
        .clone()
        .filter(|n| name_of(n) == Some(name))
        .collect();
    if named.len() >= FEWEST {
        let found = over_windows(&named, now, Spending::PerRun(level), level);
        let found = found.map_err(Unjudged::Few)?;
        return Ok(Compared {
            by: By::Name,
            ..found
        });
    }
    let ordinary: Vec<&Night> = teaching.clone().filter(|n| name_of(n).is_none()).collect();
    if ordinary.len() < FEWEST {
        return Err(Unjudged::Few(FEWEST - ordinary.len()));
    }
    let special: Vec<&Night> = teaching.filter(|n| name_of(n).is_some()).collect();
    let days = Days::of(&special, &ordinary);
    if days.known == 0 {
        return Err(Unjudged::Special);
    }
    let view = View {
        training: latest(&ordinary),
        others: &[],
        now,
    };
    Ok(Compared {
        by: By::Special(days.known),
        ..view.compare(level, Some(&days))
    })
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

    /// What they allow for in a column and kind of change.
    pub(super) fn allowed(&self, own: &Own, now: &Night) -> Allowed {
        let (column, kind, _) = own.now();
        let column = column.map(|c| now.columns[c].name.as_str());
        let same = |(c, k, _): &&(Option<String>, Kind, f64)| c.as_deref() == column && *k == kind;
        let squares: Vec<f64> = self.off.iter().filter(same).map(|o| o.2 * o.2).collect();
        let freedom = squares.len() as f64 + 1.0;
        Allowed {
            scale: ((1.0 + squares.iter().sum::<f64>()) / freedom)
                .max(1.0)
                .sqrt(),
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
    use super::{Allowed, Bar, By, Spending, Tail, Unjudged, compare_by_calendar};
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

    fn found(past: &[Night], now: &Night, special: &[i64]) -> Result<Compared, Unjudged> {
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
        // One special day allows for much.
        let once = [40, 50];
        let past: Vec<Night> = (0..50)
            .map(|d| at(d, if d == 40 { 0.5 } else { 0.0 }))
            .collect();
        assert!(!found(&past, &at(50, 1.0), &once).unwrap().is_flagged());
        assert!(moved(&found(&past, &at(50, 1.0), &[40]).unwrap()));
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
    fn a_special_day_is_not_judged_by_nothing() {
        let past: Vec<Night> = (0..12).map(|d| at(d, 0.0)).collect();
        let why = |past: &[Night], special: &[i64]| found(past, &at(12, 0.0), special).unwrap_err();
        assert_eq!(why(&past, &[12]), Unjudged::Special);
        // Before the fifth day there were too few nights to say how far off it was.
        assert_eq!(why(&past, &[4, 12]), Unjudged::Special);
        assert_eq!(why(&past[..7], &[12]), Unjudged::Few(1));
        assert_eq!(why(&past, &[0, 1, 2, 3, 4, 12]), Unjudged::Few(1));
        // An incident says nothing of special days.
        let mut marked = past.clone();
        marked[10].standing = Standing::Incident;
        assert_eq!(why(&marked, &[10, 12]), Unjudged::Special);
        let known = found(&past, &at(12, 0.0), &[10, 12]).unwrap();
        assert_eq!(known.by, By::Special(1));
    }
}
