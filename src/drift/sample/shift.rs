//! Times that look moved by whole hours, as by another time zone.

use super::compare::{Compared, Origin};
use super::facts::Facts;
use super::kinds::{Change, Drift};
use super::moments::Span;
use crate::statistics::distances::kolmogorov_smirnov_of;
use crate::statistics::intervals::kolmogorov_radius;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Seconds of an hour.
const HOUR: f64 = 3_600.0;

/// How much of a change a shift has to explain: what is left is at most this part of it, or chance.
const LEFT: f64 = 0.25;

/// How many times less has to be left than there was: half an hour cut off looks a little like half an hour less.
const BETTER: f64 = 2.5;

impl Facts<'_> {
    /// The shift by which the times of a scored column look moved. Unit: hours, not 0, from -14 to 14.
    pub(super) fn shifted(&self) -> Option<f64> {
        let (before, now) = (&self.sorted.before, &self.sorted.now);
        match self.origin {
            Origin::TimeOfDay(_) => hours(now, &|hours| turned(before, hours * HOUR)),
            Origin::Gap(.., span) if span != Span::Days => {
                let unit = span.micros() as f64 / 1e6;
                hours(now, &|hours| {
                    before.iter().map(|v| v + hours * HOUR / unit).collect()
                })
            }
            _ => None,
        }
    }

    /// The code whose share grew most.
    pub(super) fn most_grown(&self) -> Option<usize> {
        let growth = |code: &usize| {
            let (before, now) = self.shares[*code];
            now.value() - before.value()
        };
        let codes = 0..self.shares.len();
        codes.max_by(|a, b| growth(a).total_cmp(&growth(b)))
    }
}

impl Compared {
    /// Of what one cause changes in the same moments, only what tells most is left: a shift of the time of day before
    /// its precision, that before the time of day and gaps.
    pub(super) fn told_once(list: &mut Vec<Drift>) {
        // What is cut off to the hour is half an hour less: no clock went wrong by that.
        let is_shifted = |d: &Drift| match d.change {
            Change::Distribution { shifted, .. } => shifted.is_some_and(|h| h.abs() > 0.9),
            _ => false,
        };
        let times: Vec<(Origin, bool)> = list
            .iter()
            .filter_map(|d| Some((d.origin?, is_shifted(d))))
            .collect();
        list.retain(|d| match d.origin {
            Some(Origin::Precision(c)) => !times.contains(&(Origin::TimeOfDay(c), true)),
            Some(Origin::TimeOfDay(c)) if !is_shifted(d) => {
                !times.iter().any(|(o, _)| *o == Origin::Precision(c))
            }
            Some(Origin::Gap(a, b, _)) if !is_shifted(d) => {
                let is_coarser = |c| times.iter().any(|(o, _)| *o == Origin::Precision(c));
                !is_coarser(a) && !is_coarser(b)
            }
            _ => true,
        });
    }
}

/// Ascending times of day, moved by seconds round the clock.
fn turned(ascending: &[f64], by: f64) -> Vec<f64> {
    let mut list: Vec<f64> = ascending.iter().map(|v| (v + by).rem_euclid(DAY)).collect();
    list.sort_unstable_by(f64::total_cmp);
    list
}

/// The only shift that makes the reference look like `now`: whole hours before halves before quarters.
fn hours(now: &[f64], moved: &dyn Fn(f64) -> Vec<f64>) -> Option<f64> {
    let apart = |hours: f64| {
        let moved = moved(hours);
        (hours, kolmogorov_smirnov_of(&moved, now))
    };
    let whole: Vec<(f64, f64)> = (-12..=14).map(|h| apart(f64::from(h))).collect();
    let still = whole.iter().find(|(h, _)| h.abs() < 0.1)?.1;
    let radius = kolmogorov_radius(moved(0.0).len() as u64, now.len() as u64);
    let limit = (still * LEFT).max(radius);
    if still <= radius {
        return None;
    }
    let quarters = |step: f64| move |h: i32| apart(f64::from(h) * step);
    let steps: [Vec<(f64, f64)>; 3] = [
        whole.clone(),
        (-24..=28).map(quarters(0.5)).collect(),
        (-48..=56).map(quarters(0.25)).collect(),
    ];
    let nearest = |list: &[(f64, f64)]| list.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    // A finer step has to be clearly better: an hour that does is not told as 45 minutes by chance.
    let mut best = nearest(&steps[0])?;
    for finer in &steps[1..] {
        let found = nearest(finer)?;
        if found.1 + radius / 2.0 < best.1 {
            best = found;
        }
    }
    // Round the clock 13 hours are -11.
    let same = |h: f64| {
        (h - best.0)
            .rem_euclid(24.0)
            .min((best.0 - h).rem_euclid(24.0))
            < 0.9
    };
    let others = whole.iter().filter(|(h, _)| !same(*h)).map(|(_, d)| *d);
    let second = others.fold(f64::INFINITY, f64::min);
    let alone = second >= best.1 * 1.5 && second > best.1 + radius / 2.0;
    let explains = best.1 <= limit && still >= best.1 * BETTER;
    (explains && alone && best.0.abs() > 0.1).then_some(best.0)
}
