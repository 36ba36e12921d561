//! What is looked at of a column on every night, as numbers that spread alike at any number of rows.

use super::cell::{Cell, Frame, holders, summed};
use super::predict::{Calendar, Point};
use super::ranked::{RANGES, Ranked};
use super::rare::Rare;

/// Share of the nights before from which a text is looked at by itself.
const FREQUENT: f64 = 0.005;

/// Texts of a column looked at by themselves at most; ties at the end are all left out.
const TEXTS: usize = 60;

/// Share of one night from which a single value of numbers is looked at by itself.
const SPIKE: f64 = 0.005;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Number of rows.
    Rows,
    /// Age of the latest date or time.
    Fresh,
    /// Share of rows without a value.
    Missing,
    /// Where numbers lie.
    Location,
    /// How far they spread.
    Scale,
    /// Share of a range of numbers.
    Shape,
    /// Share of one number.
    Value,
    /// Share of one text.
    Mix,
    /// Share of values that no other night has.
    Unseen,
    /// The least number.
    Low,
    /// The greatest number.
    High,
    /// Share of values that occur more than once; of the dataset, of rows.
    Repeated,
    /// How far the values of two columns go together, row by row.
    Together,
}

impl Kind {
    /// The word in the ids of outcomes and in the lines of a history.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Fresh => "fresh",
            Self::Missing => "missing",
            Self::Location => "location",
            Self::Scale => "scale",
            Self::Shape => "shape",
            Self::Value => "value",
            Self::Mix => "mix",
            Self::Unseen => "unseen",
            Self::Low => "low",
            Self::High => "high",
            Self::Repeated => "repeated",
            Self::Together => "together",
        }
    }
}

/// Which way a feature can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Both,
    Up,
    Down,
}

impl Way {
    /// How far off something is in the way that counts.
    pub(super) fn far(self, t: f64) -> f64 {
        match self {
            Self::Both => t.abs(),
            Self::Up => t,
            Self::Down => -t,
        }
    }
}

/// One number per night.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    /// Bin, range or value that it is of; 0 where there is only one.
    pub part: usize,
    pub past: Vec<Option<Point>>,
    pub now: Point,
}

/// Features that count as one test: the most surprising of them is what matters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    /// Position of the column under test; absent for the dataset.
    pub column: Option<usize>,
    pub kind: Kind,
    pub way: Way,
    /// What hardly any row has, judged by its counts as well.
    pub rare: Option<Rare>,
    /// What it is no more surprising than.
    pub at_most: Option<Rare>,
    pub features: Vec<Feature>,
}

impl Test {
    /// One that its features say everything of.
    pub(super) fn new(column: Option<usize>, kind: Kind, way: Way, features: Vec<Feature>) -> Self {
        Self {
            column,
            kind,
            way,
            rare: None,
            at_most: None,
            features,
        }
    }

    /// A tail by its features, with what the counts of a night say. Unit: logarithm of a probability.
    pub(super) fn limited(&self, ln_p: f64, of: impl Fn(&Rare) -> f64) -> f64 {
        let ln_p = ln_p.min(self.rare.as_ref().map_or(0.0, &of));
        self.at_most
            .as_ref()
            .map_or(ln_p, |most| ln_p.max(of(most)))
    }
}

/// A column of all nights in view.
#[derive(Debug, Clone)]
pub(super) struct Nights {
    pub frame: Frame,
    pub past: Vec<Option<Cell>>,
    pub now: Cell,
    /// Counts of all nights before.
    pub pool: Vec<u64>,
}

/// Hits among rows on the scale of double arcsines.
///
/// Unit: radians, 0 to pi; variance `1 / (rows + 1/2)`.
/// Source: Freeman and Tukey, *Transformations Related to the Angular and the Square Root* (1950).
pub(super) fn share(hits: u64, rows: u64) -> Option<Point> {
    if rows == 0 {
        return None;
    }
    Some(double_arcsine(hits.min(rows) as f64, rows as f64))
}

/// The same of a part of the rows that need not be whole.
fn double_arcsine(k: f64, n: f64) -> Point {
    let k = k.clamp(0.0, n);
    let y = (k / (n + 1.0)).sqrt().asin() + ((k + 1.0) / (n + 1.0)).sqrt().asin();
    Point {
        y,
        variance: 1.0 / (n + 0.5),
    }
}

/// The share at a place of that scale: hits of so many rows, 0 to 1.
pub(super) fn back(y: f64, rows: u64) -> f64 {
    let n = rows.max(1) as f64;
    let none = (1.0 / (n + 1.0)).sqrt().asin();
    let all = std::f64::consts::PI - none;
    if y <= none {
        return 0.0;
    }
    if y >= all {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, n);
    for _ in 0..60 {
        let k = f64::midpoint(low, high);
        let at = (k / (n + 1.0)).sqrt().asin() + ((k + 1.0) / (n + 1.0)).sqrt().min(1.0).asin();
        if at < y {
            low = k;
        } else {
            high = k;
        }
    }
    low / n
}

impl Nights {
    pub(super) fn new(frame: Frame, past: Vec<Option<Cell>>, now: Cell) -> Self {
        let pool = summed(past.iter().flatten(), now.counts.len());
        Self {
            frame,
            past,
            now,
            pool,
        }
    }

    /// All that is looked at; of several nights what adds up.
    pub(super) fn tests(&self, column: usize, calendar: &Calendar) -> Vec<Test> {
        let mut tests = vec![self.shares(column, Kind::Missing, &|c| (c.missing, c.rows))];
        match &self.frame {
            Frame::Numbers { .. } if self.is_stamp() => {}
            Frame::Numbers { .. } => {
                tests.extend(self.ranks(column));
                if calendar.window == 1 {
                    tests.extend([self.spikes(column), self.beyond(column)]);
                    tests.extend(self.edges(column));
                    tests.extend(self.ends(column));
                }
            }
            Frame::Texts(_) => {
                tests.extend(self.mix(column));
                tests.push(self.unseen(column));
            }
            Frame::Times if calendar.window == 1 => tests.extend(self.fresh(column, calendar)),
            Frame::Times | Frame::Presence => {}
        }
        if calendar.window == 1 {
            tests.extend(self.repeated(column));
        }
        tests.retain(|t| !t.features.is_empty());
        tests
    }

    /// A test of one share of rows.
    fn shares(&self, column: usize, kind: Kind, of: &dyn Fn(&Cell) -> (u64, u64)) -> Test {
        let point = |c: &Cell| {
            let (hits, rows) = of(c);
            share(hits, rows)
        };
        let rest = |c: &Cell| {
            let (hits, rows) = of(c);
            (rows - hits.min(rows), rows)
        };
        let rare = |of: &dyn Fn(&Cell) -> (u64, u64)| {
            let past: Vec<_> = self.past.iter().map(|c| c.as_ref().map(of)).collect();
            Rare::of(&past, of(&self.now))
        };
        Test {
            rare: rare(of).or_else(|| rare(&rest)),
            ..self.single(column, kind, Way::Both, &point)
        }
    }

    pub(super) fn single(
        &self,
        column: usize,
        kind: Kind,
        way: Way,
        point: &dyn Fn(&Cell) -> Option<Point>,
    ) -> Test {
        let features = self.feature(0, point).into_iter().collect();
        Test::new(Some(column), kind, way, features)
    }

    fn feature(&self, part: usize, point: &dyn Fn(&Cell) -> Option<Point>) -> Option<Feature> {
        let before = self
            .past
            .iter()
            .map(|c| c.as_ref().and_then(point))
            .collect();
        Some(Feature {
            part,
            past: before,
            now: point(&self.now)?,
        })
    }

    /// Where numbers lie, how far they spread, and their shares in ranges: of each night among all others.
    fn ranks(&self, column: usize) -> Vec<Test> {
        let own = |c: &Cell| {
            let others = self.pool.iter().zip(&c.counts).map(|(all, own)| all - own);
            Ranked::new(&c.counts, others)
        };
        let past: Vec<Option<Ranked>> = self.past.iter().map(|c| own(c.as_ref()?)).collect();
        let Some(now) = Ranked::new(&self.now.counts, self.pool.iter().copied()) else {
            return Vec::new();
        };
        let test = |kind: Kind, part: usize, of: &dyn Fn(&Ranked) -> Point| {
            let feature = Feature {
                part,
                past: past.iter().map(|r| r.as_ref().map(of)).collect(),
                now: of(&now),
            };
            Test::new(Some(column), kind, Way::Both, vec![feature])
        };
        let mut tests = vec![
            test(Kind::Location, 0, &|r| r.location),
            test(Kind::Scale, 0, &|r| r.scale),
        ];
        tests.extend((0..RANGES).map(|at| {
            test(Kind::Shape, at, &|r| {
                double_arcsine(r.ranges[at], r.rows as f64)
            })
        }));
        tests
    }

    /// Single values, or bins, that are worth a look of their own: together one test.
    fn spikes(&self, column: usize) -> Test {
        let often = |c: &Cell, at: usize| {
            c.counts[at] as f64 >= SPIKE * c.valued as f64 && c.counts[at] > 1
        };
        let looked =
            |at: &usize| often(&self.now, *at) || self.past.iter().flatten().any(|c| often(c, *at));
        let parts = (0..self.pool.len()).filter(looked);
        let features = parts.filter_map(|at| self.feature(at, &|c| share(c.counts[at], c.valued)));
        Test::new(Some(column), Kind::Value, Way::Up, features.collect())
    }

    /// Frequent texts one by one, and the rest.
    fn mix(&self, column: usize) -> Vec<Test> {
        let total: u64 = self.past.iter().flatten().map(|c| c.valued).sum();
        let mut frequent: Vec<usize> = (0..self.pool.len())
            .filter(|at| self.pool[*at] as f64 >= FREQUENT * total as f64)
            .collect();
        if frequent.len() > TEXTS {
            let mut counts: Vec<u64> = frequent.iter().map(|at| self.pool[*at]).collect();
            counts.sort_unstable_by(|a, b| b.cmp(a));
            frequent.retain(|at| self.pool[*at] > counts[TEXTS]);
        }
        let count = |c: &Cell, at: usize| {
            if c.counts[at] == 0 {
                c.unlisted
            } else {
                c.counts[at]
            }
        };
        let one = |at: &usize| {
            let test = self.shares(column, Kind::Mix, &|c| (count(c, *at), c.valued));
            of_part(Test { rare: None, ..test }, *at) // many texts: one is often frequent for once
        };
        let mut tests: Vec<Test> = match frequent.len() {
            2 if self.pool.len() == 2 => frequent.iter().take(1).map(one).collect(),
            _ => frequent.iter().map(one).collect(),
        };
        let rest = |c: &Cell| {
            let listed: u64 = frequent.iter().map(|at| c.counts[*at]).sum();
            (c.valued - listed, c.valued)
        };
        if frequent.len() < self.pool.len() || self.past.iter().flatten().any(|c| c.others > 0) {
            tests.push(of_part(self.shares(column, Kind::Mix, &rest), usize::MAX));
        }
        let rare = (0..self.pool.len()).filter(|at| !frequent.contains(at));
        let up = |at: usize| self.feature(at, &|c| share(count(c, at), c.valued));
        let looked = |at: &usize| {
            let often =
                |c: &Cell| c.counts[*at] as f64 >= SPIKE * c.valued as f64 && c.counts[*at] > 1;
            self.pool[*at] > 0 && (often(&self.now) || self.past.iter().flatten().any(often))
        };
        let features: Vec<Feature> = rare.filter(looked).filter_map(up).collect();
        tests.push(Test::new(Some(column), Kind::Mix, Way::Up, features));
        tests
    }

    /// Rows with texts that no other night has, where all texts of the nights are listed.
    fn unseen(&self, column: usize) -> Test {
        let nights = holders(self.past.iter().flatten(), self.pool.len());
        let listed = self.past.iter().flatten().filter(|c| c.others > 0).count() * 10
            <= self.past.iter().flatten().count();
        let count = |c: &Cell, own: usize| -> (u64, u64) {
            let only = |at: &usize| nights.get(at).copied().unwrap_or(0) <= own;
            let at = (0..c.counts.len()).filter(only);
            (at.map(|at| c.counts[at]).sum(), c.valued)
        };
        let alone = |c: &Cell, own: usize| {
            let (hits, rows) = count(c, own);
            share(hits, rows)
        };
        let past = self
            .past
            .iter()
            .map(|c| c.as_ref().and_then(|c| alone(c, 1)))
            .collect();
        let feature =
            alone(&self.now, 0)
                .filter(|_| listed)
                .map(|now| Feature { part: 0, past, now });
        let features = feature.into_iter().collect();
        Test {
            rare: Rare::of(
                &self
                    .past
                    .iter()
                    .map(|c| c.as_ref().map(|c| count(c, 1)))
                    .collect::<Vec<_>>(),
                count(&self.now, 0),
            ),
            ..Test::new(Some(column), Kind::Unseen, Way::Up, features)
        }
    }

    /// Age of the latest date or time at the clock of the run. Unit: days.
    fn fresh(&self, column: usize, calendar: &Calendar) -> Option<Test> {
        let days: Vec<f64> = calendar
            .past
            .iter()
            .map(|m| m.day)
            .chain([calendar.now.day])
            .collect();
        let mut gaps: Vec<f64> = days.windows(2).map(|p| p[1] - p[0]).collect();
        let gap = super::predict::median(&mut gaps);
        if gap <= 0.0 {
            return None;
        }
        let age = |day: f64, cell: &Cell| {
            let y = day - cell.greatest? / 86_400.0;
            // A tenth of the time between runs is no news.
            y.is_finite().then_some(Point {
                y,
                variance: (gap / 10.0).powi(2),
            })
        };
        let past = self.past.iter().zip(&calendar.past);
        let past = past
            .map(|(c, m)| c.as_ref().and_then(|c| age(m.day, c)))
            .collect();
        let now = age(calendar.now.day, &self.now)?;
        let features = vec![Feature { part: 0, past, now }];
        Some(Test::new(Some(column), Kind::Fresh, Way::Both, features))
    }

    /// Rows whose value another row before has.
    fn repeated(&self, column: usize) -> Option<Test> {
        let point = |c: &Cell| {
            let valued = c.rows - c.missing;
            share(valued.saturating_sub(c.distinct?), valued)
        };
        let test = self.single(column, Kind::Repeated, Way::Both, &point);
        (!test.features.is_empty()).then_some(test)
    }
}

/// The number of rows of each night, as logarithms.
pub(super) fn rows(past: &[u64], now: u64, window: usize) -> Option<Test> {
    let point = |rows: u64| {
        let y = (rows as f64 + 0.5).ln();
        Some(Point {
            y,
            variance: 1.0 / (rows as f64 + 1.0),
        })
    };
    (window == 1).then(|| {
        Test::new(
            None,
            Kind::Rows,
            Way::Both,
            point(now)
                .map(|now| Feature {
                    part: 0,
                    past: past.iter().map(|r| point(*r)).collect(),
                    now,
                })
                .into_iter()
                .collect(),
        )
    })
}

/// A test with the part that its features are of.
fn of_part(mut test: Test, part: usize) -> Test {
    for feature in &mut test.features {
        feature.part = part;
    }
    test
}
