//! Rows in the order of their scores, with ties held together, and the metrics that are read off that order.

use super::kind::{Average, Kind, Top};
use super::sums::{Draw, sum};
use super::{Undefined, calibration};
use std::sync::OnceLock;

/// What needs rows in an order: curves, calibration by bins, medians.
#[derive(Debug, Clone)]
pub struct Ranked {
    pub(super) of: Of,
    pub(super) rows: usize,
    pub(super) known: Known,
}

/// What has been asked of the rows as they are, which many intervals need.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    value: OnceLock<Result<f64, Undefined>>,
    pub(super) influence: OnceLock<Option<Vec<f64>>>,
}

#[derive(Debug, Clone)]
pub(super) enum Of {
    /// One order of the rows.
    Order(Order, Formula),
    /// One order per class, and whether their mean is weighted by the rows of the class.
    Classes(Vec<Order>, Formula, Average),
    Bins(calibration::Bins),
    Adaptive(calibration::Adaptive),
    Median(Errors),
    Max(Errors),
}

/// What is read off an order of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Formula {
    RocAuc,
    AveragePrecision,
    Ks,
    Lift(Top),
    RecallAt(Top),
    PrecisionAt(Top),
}

impl Formula {
    pub(super) fn new(kind: &Kind) -> Option<Self> {
        Some(match *kind {
            Kind::RocAuc(_) => Self::RocAuc,
            Kind::AveragePrecision(_) => Self::AveragePrecision,
            Kind::Ks => Self::Ks,
            Kind::Lift(k) => Self::Lift(k),
            Kind::RecallAt(k) => Self::RecallAt(k),
            Kind::PrecisionAt(k) => Self::PrecisionAt(k),
            _ => return None,
        })
    }
}

impl Ranked {
    pub(super) fn new(of: Of, rows: usize) -> Self {
        Self {
            of,
            rows,
            known: Known::default(),
        }
    }

    /// Whether it is an area under a curve: a smooth function of the rows' weights.
    #[must_use]
    pub fn is_area(&self) -> bool {
        let area =
            |formula: &Formula| matches!(formula, Formula::RocAuc | Formula::AveragePrecision);
        match &self.of {
            Of::Order(_, formula) | Of::Classes(_, formula, _) => area(formula),
            _ => false,
        }
    }

    /// Row terms of an error over fixed bins, the last one the weights, whose sums [`Ranked::of_terms`] takes; `None` of other
    /// metrics, and of more than `most` bins.
    #[must_use]
    pub fn terms(&self, most: u32) -> Option<Vec<Vec<f64>>> {
        match &self.of {
            Of::Bins(bins) if bins.count() <= most => Some(bins.terms()),
            _ => None,
        }
    }

    /// The metric of the sums of [`Ranked::terms`]; `None` without weight.
    #[must_use]
    pub fn of_terms(sums: &[f64]) -> Option<f64> {
        let (total, gaps) = sums.split_last()?;
        calibration::of_gaps(gaps, *total).ok()
    }

    pub(super) fn value(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        match times {
            None => *self.known.value.get_or_init(|| self.drawn(None)),
            times => self.drawn(times),
        }
    }

    fn drawn(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        match &self.of {
            Of::Order(order, formula) => order.value(*formula, times),
            Of::Classes(orders, formula, average) => classes(orders, *formula, *average, times),
            Of::Bins(bins) => bins.value(times),
            Of::Adaptive(adaptive) => adaptive.value(times),
            Of::Median(errors) => errors.median(times),
            Of::Max(errors) => errors.max(times),
        }
    }
}

/// The mean of one class against the others.
fn classes(
    orders: &[Order],
    formula: Formula,
    average: Average,
    times: Option<&[u32]>,
) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (class, order) in (0..).zip(orders) {
        let (positive, _) = order.totals(times);
        if positive <= 0.0 {
            return Err(Undefined::ClassAbsent { class });
        }
        let weight = if average == Average::Weighted {
            positive
        } else {
            1.0
        };
        sum += weight * order.value(formula, times)?;
        total += weight;
    }
    Ok(sum / total)
}

/// Bit of a row that is positive.
pub(super) const POSITIVE: u8 = 1;
/// Bit of the last row of a tie.
const LAST: u8 = 2;

/// Rows by descending score.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// The row at each place.
    pub(super) row: Vec<u32>,
    pub(super) marks: Vec<u8>,
    /// Weights by place.
    pub(super) weights: Option<Vec<f64>>,
    /// Whether each row is positive, for totals in the order of rows; empty where a row has several places.
    positive: Vec<bool>,
}

impl Order {
    /// Orders rows; `positive` and `weights` are by row. Only parts of sums of weights are ever asked for: where products of
    /// weights would leave the range of numbers, they are divided by the largest.
    pub(super) fn new(
        score: &[f64],
        positive: impl Fn(usize) -> bool,
        weights: Option<&[f64]>,
    ) -> Self {
        let row = descending(score);
        let mark = |place: usize| {
            let here = row[place] as usize;
            let next = row.get(place + 1).map(|r| score[*r as usize]);
            let last = next.is_none_or(|n| n < score[here]);
            u8::from(positive(here)) * POSITIVE + u8::from(last) * LAST
        };
        let heaviest = weights.map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        let unit = match heaviest {
            1e-100..1e100 => 1.0,
            heaviest if heaviest > 0.0 => heaviest,
            _ => 1.0,
        };
        Self {
            marks: (0..row.len()).map(mark).collect(),
            weights: weights.map(|w| row.iter().map(|r| w[*r as usize] / unit).collect()),
            positive: (0..row.len()).map(&positive).collect(),
            row,
        }
    }

    /// The same order where several places are one row: place `i` becomes row `i % rows`.
    pub(super) fn folded(mut self, rows: usize) -> Self {
        self.positive.clear();
        for row in &mut self.row {
            *row = u32::try_from(*row as usize % rows).expect("less than a row number");
        }
        self
    }

    /// Whether the row at this place is the last of its tie.
    pub(super) fn is_last(&self, place: usize) -> bool {
        self.marks[place] & LAST != 0
    }

    /// Calls `each` with the positive and the negative weight of every tie, from the highest score down.
    #[inline]
    pub(super) fn ties(&self, times: Option<&[u32]>, mut each: impl FnMut(f64, f64)) {
        self.ties_until(times, |positive, negative| {
            each(positive, negative);
            false
        });
    }

    /// As [`Order::ties`], until `each` says that it is done.
    #[inline]
    fn ties_until(&self, times: Option<&[u32]>, mut each: impl FnMut(f64, f64) -> bool) {
        let (mut positive, mut negative) = (0.0, 0.0);
        let mut walk = |place: usize, weight: f64| {
            let mark = self.marks[place];
            // Without a branch, which nobody could foresee: what is not of one class is of the other.
            let own = [0.0, weight][usize::from(mark & POSITIVE)];
            positive += own;
            negative += weight - own;
            if mark & LAST == 0 {
                return false;
            }
            let done = each(positive, negative);
            (positive, negative) = (0.0, 0.0);
            done
        };
        let mut places = 0..self.row.len();
        let drawn = |t: &[u32], place: usize| f64::from(t[self.row[place] as usize]);
        // Whether it ended early is of no use to anyone.
        let _ = match (&self.weights, times) {
            (None, None) => places.any(|i| walk(i, 1.0)),
            (Some(w), None) => places.any(|i| walk(i, w[i])),
            (None, Some(t)) => places.any(|i| walk(i, drawn(t, i))),
            (Some(w), Some(t)) => places.any(|i| walk(i, w[i] * drawn(t, i))),
        };
    }

    /// Positive and negative weight of all rows.
    pub(super) fn totals(&self, times: Option<&[u32]>) -> (f64, f64) {
        if self.weights.is_none() && self.positive.len() == self.row.len() {
            return self.counts(times);
        }
        let (mut positive, mut negative) = (0.0, 0.0);
        self.ties(times, |p, n| {
            positive += p;
            negative += n;
        });
        (positive, negative)
    }

    /// Totals without weights, in the order of rows.
    fn counts(&self, times: Option<&[u32]>) -> (f64, f64) {
        let hit = |row: usize| u64::from(self.positive[row]);
        let n = self.positive.len();
        let (positives, all) = match times {
            None => ((0..n).map(hit).sum::<u64>(), n as u64),
            Some(t) => (
                (0..n).map(|row| hit(row) * u64::from(t[row])).sum(),
                t.iter().map(|t| u64::from(*t)).sum(),
            ),
        };
        (positives as f64, (all - positives) as f64)
    }

    pub(super) fn value(&self, formula: Formula, times: Option<&[u32]>) -> Result<f64, Undefined> {
        match formula {
            Formula::RocAuc => self.roc_auc(times),
            Formula::AveragePrecision => self.average_precision(times),
            Formula::Ks => self.ks(times),
            Formula::Lift(k) | Formula::RecallAt(k) | Formula::PrecisionAt(k) => {
                self.at_k(formula, k, times)
            }
        }
    }

    /// The share of pairs of a positive and a negative row in which the positive one scores higher, ties as one half.
    fn roc_auc(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let (mut above, mut negatives, mut won) = (0.0, 0.0, 0.0);
        self.ties(times, |p, n| {
            won += n * (above + p / 2.0);
            above += p;
            negatives += n;
        });
        if above > 0.0 && negatives > 0.0 {
            Ok((won / (above * negatives)).min(1.0))
        } else {
            Err(Undefined::OneClass)
        }
    }

    /// The sum over thresholds of the rise of recall times the precision there.
    fn average_precision(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let (mut positives, mut rows, mut area) = (0.0, 0.0, 0.0);
        self.ties(times, |p, n| {
            positives += p;
            rows += p + n;
            if p > 0.0 {
                area += p * (positives / rows);
            }
        });
        if positives > 0.0 {
            Ok((area / positives).min(1.0))
        } else {
            Err(Undefined::ClassAbsent { class: 1 })
        }
    }

    /// The largest lead of the share of positives over the share of negatives above a threshold.
    fn ks(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let (positives, negatives) = self.totals(times);
        if positives <= 0.0 || negatives <= 0.0 {
            return Err(Undefined::OneClass);
        }
        let (mut p, mut n) = (0.0, 0.0);
        // Compared without a division: where the lead is largest, so is its product with both totals.
        let (mut most, mut at) = (0.0, (0.0, 0.0));
        self.ties(times, |up, right| {
            p += up;
            n += right;
            let lead = p * negatives - n * positives;
            if lead > most {
                (most, at) = (lead, (p, n));
            }
        });
        Ok((at.0 / positives - at.1 / negatives).clamp(0.0, 1.0))
    }

    fn at_k(&self, formula: Formula, k: Top, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let (positives, negatives) = self.totals(times);
        let total = positives + negatives;
        if total <= 0.0 {
            return Err(Undefined::NoRows);
        }
        let share = match k {
            Top::Share(share) => share,
            Top::Rows(k) => {
                let draw = Draw {
                    weights: None,
                    times,
                };
                let rows = draw.total(self.row.len());
                if f64::from(k) > rows {
                    return Err(Undefined::FewerThanK);
                }
                f64::from(k) / rows
            }
        };
        let top = share * total;
        let (mut room, mut hits) = (top, 0.0);
        self.ties_until(times, |p, n| {
            let all = p + n;
            if all > 0.0 {
                // A tie at the edge counts as its mean over all orders of its rows.
                let inside = room.min(all);
                hits += p * (inside / all);
                room -= inside;
            }
            room <= 0.0
        });
        match formula {
            Formula::PrecisionAt(_) => Ok((hits / top).min(1.0)),
            _ if positives <= 0.0 => Err(Undefined::ClassAbsent { class: 1 }),
            Formula::Lift(_) => Ok((hits / top) / (positives / total)),
            _ => Ok((hits / positives).min(1.0)),
        }
    }
}

/// Absolute errors in ascending order.
#[derive(Debug, Clone)]
pub(super) struct Errors {
    /// The row at each place.
    pub(super) row: Vec<u32>,
    pub(super) sizes: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Errors {
    pub(super) fn sorted(errors: &[f64], weights: Option<&[f64]>) -> Self {
        let mut row = descending(errors);
        row.reverse();
        let by_place = |of: &[f64]| row.iter().map(|r| of[*r as usize]).collect();
        Self {
            sizes: by_place(errors),
            weights: weights.map(by_place),
            row,
        }
    }

    pub(super) fn weight(&self, place: usize, times: Option<&[u32]>) -> f64 {
        let weight = self.weights.as_ref().map_or(1.0, |w| w[place]);
        times.map_or(weight, |t| weight * f64::from(t[self.row[place] as usize]))
    }

    fn max(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let mut places = (0..self.sizes.len()).rev();
        let greatest = places.find(|place| self.weight(*place, times) > 0.0);
        greatest
            .map(|place| self.sizes[place])
            .ok_or(Undefined::NoRows)
    }

    /// The least error with half of the weight at or below it; the mean with the next where it is exactly half.
    fn median(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let weight = |place: usize| self.weight(place, times);
        let n = self.sizes.len();
        let all = match (&self.weights, times) {
            (None, Some(times)) => times.iter().map(|t| f64::from(*t)).sum(),
            _ => sum(n, weight),
        };
        let half = all / 2.0;
        if half <= 0.0 {
            return Err(Undefined::NoRows);
        }
        // What rounding may take from sums of weights; a single row weighs more than this in all that fits in memory.
        let slack = half * 1e-12;
        let mut below = 0.0;
        let mut places = (0..n).filter(|place| weight(*place) > 0.0);
        let mut reached = 0;
        for place in places.by_ref() {
            below += weight(place);
            reached = place;
            if below >= half - slack {
                break;
            }
        }
        let here = self.sizes[reached];
        if below <= half + slack
            && let Some(next) = places.next()
        {
            return Ok(f64::midpoint(here, self.sizes[next]));
        }
        Ok(here)
    }
}

/// Rows by descending value, ties by row. No value is NaN; 0 and -0 are equal.
pub(super) fn descending(values: &[f64]) -> Vec<u32> {
    let mut keyed: Vec<(u64, u32)> = (0..).zip(values).map(|(i, v)| (!key(*v), i)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// A number with the order of the float.
pub(super) fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}
