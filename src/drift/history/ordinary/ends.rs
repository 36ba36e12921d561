//! The least and the greatest numbers of nights, and rows beyond those of others.

use super::cell::Cell;
use super::feature::{Feature, Kind, Nights, Test, Way, share};
use super::predict::Point;

/// Variance of an end in units of the middle half: a hundredth of it is no news.
const ENDS: f64 = 1e-4;

impl Nights {
    /// Rows with numbers beyond those of all other nights.
    pub(super) fn beyond(&self, column: usize) -> Test {
        let cells: Vec<&Cell> = self.past.iter().flatten().collect();
        let ends = |but: Option<usize>| {
            let others = || {
                (0..cells.len())
                    .filter(move |i| Some(*i) != but)
                    .map(|i| cells[i])
            };
            let low = others()
                .filter_map(|c| c.least)
                .fold(f64::INFINITY, f64::min);
            let high = others()
                .filter_map(|c| c.greatest)
                .fold(f64::NEG_INFINITY, f64::max);
            (low, high)
        };
        let rows = |c: &Cell, (low, high): (f64, f64)| {
            let out = |at: &usize| {
                self.frame
                    .bounds(*at)
                    .is_some_and(|(least, most)| least > high || most < low)
            };
            let whole: u64 = (0..c.counts.len()).filter(out).map(|at| c.counts[at]).sum();
            let furthest = u64::from(c.greatest.is_some_and(|v| v > high))
                + u64::from(c.least.is_some_and(|v| v < low));
            share(whole.max(furthest), c.valued)
        };
        let mut number = 0;
        let mut past = Vec::new();
        for cell in &self.past {
            past.push(cell.as_ref().and_then(|c| {
                number += 1;
                rows(c, ends(Some(number - 1)))
            }));
        }
        let now = rows(&self.now, ends(None)).filter(|_| !cells.is_empty());
        let feature = now.map(|now| Feature { part: 0, past, now });
        Test {
            column: Some(column),
            kind: Kind::Unseen,
            way: Way::Up,
            rare: None,
            features: feature.into_iter().collect(),
        }
    }

    /// Whether the numbers only say which night it is: they rise from night to night, or are one number per night
    /// that seldom is that of the night before.
    pub(super) fn is_stamp(&self) -> bool {
        let ends = self.past.iter().flatten().chain([&self.now]);
        // Ends of personal columns are not kept; their bins are.
        let bin = |c: &Cell, mut bins: Box<dyn Iterator<Item = usize>>| {
            self.frame.bounds(bins.find(|at| c.counts[*at] > 0)?)
        };
        let ends: Vec<(f64, f64)> = ends
            .filter_map(|c| {
                let bins = 0..c.counts.len();
                let low = || Some(bin(c, Box::new(bins.clone()))?.0);
                let high = || Some(bin(c, Box::new(bins.clone().rev()))?.1);
                Some((c.least.or_else(low)?, c.greatest.or_else(high)?))
            })
            .collect();
        let pairs = ends.len().saturating_sub(1);
        let most = |count: usize, of: usize| pairs > 0 && count * 10 >= of * 9;
        let rising = ends
            .windows(2)
            .filter(|p| p[0].0 < p[1].0 && p[0].1 < p[1].1)
            .count();
        let single = ends.iter().filter(|(low, high)| low >= high).count();
        let new = ends.windows(2).filter(|p| p[0] != p[1]).count();
        most(rising, pairs) || most(single, ends.len()) && new * 2 >= pairs
    }

    /// Middle and width of the middle half of the numbers of the nights before.
    fn middle(&self) -> Option<(f64, f64)> {
        let total: u64 = self.pool.iter().sum();
        let quantile = |share: f64| {
            let (mut seen, wanted) = (0, share * total as f64);
            let at = self.pool.iter().position(|count| {
                seen += count;
                seen as f64 >= wanted
            })?;
            let (low, high) = self.frame.bounds(at)?;
            Some(f64::midpoint(low, high)).filter(|v| v.is_finite())
        };
        let (low, middle, high) = (quantile(0.25)?, quantile(0.5)?, quantile(0.75)?);
        let unit = match high - low {
            width if width > 0.0 => width,
            _ => middle.abs().max(1.0),
        };
        Some((middle, unit))
    }

    /// The number at a place of the scale on which ends are compared; NaN where there is none.
    pub(super) fn end(&self, y: f64) -> f64 {
        self.middle()
            .map_or(f64::NAN, |(middle, unit)| middle + unit * y.sinh())
    }

    /// The least and the greatest number, in units of the middle half of the nights before, far ones closer together:
    /// farther out than ever. Ends that stay inside say little, and what was cut off shows in the shares of ranges.
    pub(super) fn ends(&self, column: usize) -> Vec<Test> {
        let Some((middle, unit)) = self.middle() else {
            return Vec::new();
        };
        let point = |v: Option<f64>| {
            let y = ((v? - middle) / unit).clamp(-1e200, 1e200).asinh();
            Some(Point { y, variance: ENDS })
        };
        vec![
            self.single(column, Kind::Low, Way::Down, &|c| point(c.least)),
            self.single(column, Kind::High, Way::Up, &|c| point(c.greatest)),
        ]
    }

    /// Rows of the night under test beyond an end of all nights before, and its rows.
    pub(super) fn beyond_end(&self, kind: Kind) -> (u64, u64) {
        let high = kind == Kind::High;
        let end = |c: &Cell| if high { c.greatest } else { c.least };
        let past = self.past.iter().flatten().filter_map(end);
        let bound = past.fold(f64::NAN, if high { f64::max } else { f64::min });
        let outside = |low: f64, most: f64| if high { low > bound } else { most < bound };
        let counts = &self.now.counts;
        let out = |at: &usize| {
            let bounds = self.frame.bounds(*at);
            bounds.is_some_and(|(low, most)| outside(low, most))
        };
        let rows: u64 = (0..counts.len()).filter(out).map(|at| counts[at]).sum();
        // Of a bin that the end lies in, the furthest row at least.
        let furthest = end(&self.now).is_some_and(|now| outside(now, now));
        (rows.max(u64::from(furthest)), counts.iter().sum())
    }
}
