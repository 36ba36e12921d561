//! The least and the greatest numbers of nights, and rows beyond those of others.

use super::cell::Cell;
use super::feature::{Feature, Kind, Nights, Test, Way, share};
use super::predict::Point;
use super::rare::Rare;

/// Variance of an end in units of the middle half: a hundredth of it is no news.
const ENDS: f64 = 1e-4;

/// Which bin or value of a night is looked at.
type At<'a> = dyn Fn(&Cell) -> Option<usize> + 'a;

impl Nights {
    /// The most frequent value or bin of each night that has any, and its outermost ones, whichever they are.
    pub(super) fn edges(&self, column: usize) -> Vec<Test> {
        let first = |c: &Cell| c.counts.iter().position(|n| *n > 0);
        let last = |c: &Cell| c.counts.iter().rposition(|n| *n > 0);
        let most =
            |c: &Cell| (0..c.counts.len()).max_by_key(|at| (c.counts[*at], std::cmp::Reverse(*at)));
        let ways: [&At<'_>; 3] = [&first, &last, &most];
        let total: u64 = self.pool.iter().sum();
        // Rows with the value beyond what it has on other nights: an end that most rows have is no cut.
        let count = |c: &Cell, at: &At<'_>, own: bool| {
            let at = at(c)?;
            let mine = if own { c } else { &Cell::default() };
            let hits = self.pool[at] - mine.counts.get(at).copied().unwrap_or(0);
            let rows = total - mine.counts.iter().sum::<u64>();
            let usual = u128::from(hits) * u128::from(c.valued);
            let usual = usual.div_ceil(u128::from(rows.max(1)));
            let beyond = c.counts[at].checked_sub(1)?;
            let beyond = beyond.saturating_sub(u64::try_from(usual).unwrap_or(u64::MAX));
            Some((beyond, c.valued))
        };
        let test = |at: &&At<'_>| {
            let past = self.past.iter();
            let past: Vec<_> = past.map(|c| count(c.as_ref()?, at, true)).collect();
            let now = count(&self.now, at, false);
            let point =
                |counted: Option<(u64, u64)>| counted.and_then(|(hits, rows)| share(hits, rows));
            let feature = point(now).map(|now| Feature {
                part: at(&self.now).unwrap_or(0),
                past: past.iter().map(|c| point(*c)).collect(),
                now,
            });
            let features = feature.into_iter().collect();
            Test {
                rare: now.and_then(|now| Rare::of(&past, now)),
                ..Test::new(Some(column), Kind::Value, Way::Up, features)
            }
        };
        ways.iter().map(test).collect()
    }

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
        Test::new(
            Some(column),
            Kind::Unseen,
            Way::Up,
            feature.into_iter().collect(),
        )
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
        let one = |kind: Kind, way: Way| Test {
            at_most: self.first_step(kind, &point),
            ..self.single(column, kind, way, &|c| point(end_of(kind, c)))
        };
        vec![one(Kind::Low, Way::Down), one(Kind::High, Way::Up)]
    }

    /// How surprising rows beyond an end are of which at least half of the nights before have the very same: nobody
    /// knows how far a step beyond it is, only that no row of those nights went there. Absent for other ends.
    ///
    /// Source: the probability that all rows beyond the end are of this night, were rows dealt out at random, divided by
    /// how much farther out it is: the tail of Pareto's law of index 1.
    fn first_step(&self, kind: Kind, point: &dyn Fn(Option<f64>) -> Option<Point>) -> Option<Rare> {
        let ends = self.past.iter().map(|c| end_of(kind, c.as_ref()?));
        let ends: Vec<Option<f64>> = ends.collect();
        let mut known: Vec<f64> = ends.iter().flatten().copied().collect();
        known.sort_by(f64::total_cmp);
        let usual = known
            .chunk_by(|a, b| a.total_cmp(b).is_eq())
            .map(<[f64]>::len)
            .max()?;
        if usual * 2 < known.len() {
            return None;
        }
        let all: u64 = self.pool.iter().sum();
        let surprise = |cell: &Cell, bound: Option<f64>, others: u64| {
            let (rows, valued) = self.beyond_end(kind, cell, bound?);
            let farther = (point(end_of(kind, cell))?.y - point(bound)?.y).abs();
            let part = valued as f64 / (valued + others).max(1) as f64;
            (rows > 0).then(|| rows as f64 * part.ln() - farther)
        };
        let (last, before) = match kind {
            Kind::High => (known.last(), known.iter().nth_back(1)),
            _ => (known.first(), known.get(1)),
        };
        let past = self.past.iter().map(|cell| {
            let cell = cell.as_ref()?;
            let own: u64 = cell.counts.iter().sum();
            let is_last = end_of(kind, cell) == last.copied();
            surprise(cell, before.copied().filter(|_| is_last), all - own)
        });
        Some(Rare {
            past: past.map(|ln_p| ln_p.unwrap_or(0.0)).collect(),
            now: surprise(&self.now, last.copied(), all).unwrap_or(0.0),
        })
    }

    /// Rows of the night under test beyond an end of all nights before, and its rows.
    pub(super) fn beyond_last(&self, kind: Kind) -> (u64, u64) {
        let past = self.past.iter().flatten().filter_map(|c| end_of(kind, c));
        let high = kind == Kind::High;
        let bound = past.fold(f64::NAN, if high { f64::max } else { f64::min });
        self.beyond_end(kind, &self.now, bound)
    }

    /// Rows of a night beyond a number, and its rows.
    fn beyond_end(&self, kind: Kind, cell: &Cell, bound: f64) -> (u64, u64) {
        let high = kind == Kind::High;
        let outside = |low: f64, most: f64| if high { low > bound } else { most < bound };
        let out = |at: &usize| {
            let bounds = self.frame.bounds(*at);
            bounds.is_some_and(|(low, most)| outside(low, most))
        };
        let counts = &cell.counts;
        let rows: u64 = (0..counts.len()).filter(out).map(|at| counts[at]).sum();
        // Of a bin that the end lies in, the furthest row at least.
        let furthest = end_of(kind, cell).is_some_and(|end| outside(end, end));
        (rows.max(u64::from(furthest)), counts.iter().sum())
    }
}

/// The end of a night's numbers that a kind is of.
fn end_of(kind: Kind, cell: &Cell) -> Option<f64> {
    if kind == Kind::High {
        cell.greatest
    } else {
        cell.least
    }
}
