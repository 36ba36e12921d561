//! Curves for pictures: ROC, precision and recall, calibration; at most 100 points each.

use super::calibration::bin_of;
use super::order::Order;
use super::{Rows, Undefined, checked};

/// Most points of a curve.
pub const MOST_POINTS: usize = 100;

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Across: the false positive rate, the recall, or the mean score of a bin.
    pub x: f64,
    /// Up: the true positive rate, the precision, or the share of class 1 of a bin.
    pub y: f64,
}

/// A bin of a calibration curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Mean score, and share of class 1.
    pub at: Point,
    /// Weight of the bin's rows; without weights their number.
    pub weight: f64,
}

/// True positive rate over false positive rate from (0, 0) to (1, 1), a corner per score; of more than
/// [`MOST_POINTS`] those that are about as far from each other along the curve.
///
/// Errors: as `roc_auc`.
pub fn roc(rows: &Rows<'_>) -> Result<Vec<Point>, Undefined> {
    let (order, positives, negatives) = order(rows)?;
    if negatives <= 0.0 {
        return Err(Undefined::OneClass);
    }
    let mut points = vec![Point { x: 0.0, y: 0.0 }];
    let (mut up, mut right) = (0.0, 0.0);
    order.ties(None, |p, n| {
        up += p;
        right += n;
        points.push(Point {
            x: right / negatives,
            y: up / positives,
        });
    });
    // Sums in another order may be off by their rounding.
    if let Some(last) = points.last_mut() {
        *last = Point { x: 1.0, y: 1.0 };
    }
    Ok(thinned(points, |p| p.x + p.y))
}

/// Precision over recall, from the highest score down to recall 1, a corner per score; of more than [`MOST_POINTS`]
/// those whose recall is about as far from each other.
///
/// Errors: as `average_precision`.
pub fn precision_recall(rows: &Rows<'_>) -> Result<Vec<Point>, Undefined> {
    let (order, positives, _) = order(rows)?;
    let mut points = Vec::new();
    let (mut hits, mut all) = (0.0, 0.0);
    order.ties(None, |p, n| {
        hits += p;
        all += p + n;
        if all > 0.0 {
            points.push(Point {
                x: (hits / positives).min(1.0),
                y: hits / all,
            });
        }
    });
    Ok(thinned(points, |p| p.x))
}

/// The bins of `expected_calibration_error` of two classes that have rows, by score.
///
/// `bins` is held between 1 and [`MOST_POINTS`]. Errors: as that metric.
pub fn calibration(rows: &Rows<'_>, bins: u32) -> Result<Vec<Bin>, Undefined> {
    checked::length(rows)?;
    let truth = checked::binary(rows)?;
    let chance = checked::chance(rows)?;
    let bins = bins.clamp(1, u32::try_from(MOST_POINTS).unwrap_or(u32::MAX));
    let mut sums = vec![(0.0, 0.0, 0.0); bins as usize];
    for (row, (class, score)) in truth.iter().zip(chance).enumerate() {
        let weight = rows.weight.map_or(1.0, |w| w[row]);
        let sum = &mut sums[bin_of(*score, bins) as usize];
        sum.0 += weight;
        sum.1 += weight * score;
        sum.2 += weight * f64::from(*class);
    }
    let bin = |(weight, score, happened): (f64, f64, f64)| Bin {
        at: Point {
            x: score / weight,
            y: happened / weight,
        },
        weight,
    };
    Ok(sums.into_iter().filter(|s| s.0 > 0.0).map(bin).collect())
}

fn order(rows: &Rows<'_>) -> Result<(Order, f64, f64), Undefined> {
    checked::length(rows)?;
    let truth = checked::binary(rows)?;
    let score = checked::score(rows)?;
    let order = Order::new(score, |row| truth[row] == 1, rows.weight);
    let (positives, negatives) = order.totals(None);
    if positives <= 0.0 {
        return Err(Undefined::ClassAbsent { class: 1 });
    }
    Ok((order, positives, negatives))
}

/// First and last point, and of the others those that pass the next of equal steps along `way`, which never falls.
fn thinned(points: Vec<Point>, way: impl Fn(&Point) -> f64) -> Vec<Point> {
    if points.len() <= MOST_POINTS {
        return points;
    }
    let (first, last) = (points[0], points[points.len() - 1]);
    let step = (way(&last) - way(&first)) / (MOST_POINTS - 1) as f64;
    let mut kept = vec![first];
    for point in &points[1..points.len() - 1] {
        let next = way(&first) + step * kept.len() as f64;
        if way(point) >= next && kept.len() < MOST_POINTS - 1 {
            kept.push(*point);
        }
    }
    kept.push(last);
    kept
}
