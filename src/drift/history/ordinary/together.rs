//! Which values of a column come with which of another, row by row: what a stuck value, a wrong join, a recoding or a
//! shift of one column alone breaks, however far days differ in what all columns do together.

use super::feature::{Feature, Kind, Test, Way, share};
use super::predict::{FEWEST, Point};
use super::rare::Rare;
use crate::history::Night;
use crate::history::joint::{Joint, Table, WIDTH};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are spread over all combinations of classes beforehand, as chance would.
const BEFORE: f64 = 2.0;

/// What a column has to tell of another at least, so that the two are looked at. Unit: nats a row.
const TELLS: f64 = 0.02;

/// Other columns that a column is held against at most: those that tell most of it.
const PARTNERS: usize = 3;

/// Least variance of what a row shows: columns that always go together differ by the rows that do not.
const LEAST: f64 = 0.01;

/// Pairs of columns, and rows that are there twice: of each night before, and of the one under test.
///
/// Shape: a test per pair of which one column has the other among its [`PARTNERS`], of the column `column` of the
/// night under test and with the position of the other as its part. Nights that sorted a column into other classes
/// are left out for its pairs.
pub(super) fn tests(past: &[&Night], now: &Night) -> Vec<Test> {
    let mut tests: Vec<Test> = repeated(past, now).into_iter().collect();
    let Some(joint) = &now.joint else {
        return tests;
    };
    let nights: Vec<Vec<Option<Cow<Table>>>> = past.iter().map(|p| aligned(joint, p)).collect();
    let pools: Vec<Pool> = (0..joint.tables.len())
        .map(|pair| Pool::of(nights.iter().filter_map(|tables| tables[pair].as_deref())))
        .collect();
    let places: Vec<Option<usize>> = joint
        .columns
        .iter()
        .map(|c| now.columns.iter().position(|n| n.name == c.name))
        .collect();
    let mut asked = BTreeSet::new();
    for (at, column) in places.iter().enumerate() {
        for other in partners(joint, &pools, &places, at) {
            let pair = joint.pair(at.min(other), at.max(other));
            if !asked.insert(pair) {
                continue;
            }
            let before = nights
                .iter()
                .map(|t| pools[pair].strangeness(t[pair].as_deref()?, Own::Within));
            let feature = |now| Feature {
                part: places[other].unwrap_or_default(),
                past: before.collect(),
                now,
            };
            let now = pools[pair].strangeness(&joint.tables[pair], Own::Beside);
            tests.push(Test::new(
                *column,
                Kind::Together,
                Way::Up,
                now.map(feature).into_iter().collect(),
            ));
        }
    }
    tests.extend(missing(joint, &nights, &places));
    tests.retain(|t| !t.features.is_empty());
    tests
}

/// Which columns have no value in the same rows: of each column that lacks values on some nights the one whose missing
/// values tell most of its own.
fn missing(
    joint: &Joint,
    nights: &[Vec<Option<Cow<Table>>>],
    places: &[Option<usize>],
) -> Vec<Test> {
    let plain: Vec<Vec<Option<Table>>> = nights
        .iter()
        .map(|tables| tables.iter().map(|t| t.as_deref().map(present)).collect())
        .collect();
    let pools: Vec<Pool> = (0..joint.tables.len())
        .map(|pair| Pool::of(plain.iter().filter_map(|tables| tables[pair].as_ref())))
        .collect();
    let mut asked = BTreeSet::new();
    let mut tests = Vec::new();
    for (at, column) in places.iter().enumerate().filter(|(_, c)| c.is_some()) {
        let pair = |other: usize| joint.pair(at.min(other), at.max(other));
        let tells = |other: usize| pools[pair(other)].tells;
        let others = (0..places.len()).filter(|o| *o != at && places[*o].is_some());
        let best = others.max_by(|a, b| tells(*a).total_cmp(&tells(*b)).then(b.cmp(a)));
        let Some(other) = best.filter(|o| tells(*o) > TELLS / 10.0 && asked.insert(pair(*o)))
        else {
            continue;
        };
        let pool = &pools[pair(other)];
        let Some(now) = pool.strangeness(&present(&joint.tables[pair(other)]), Own::Beside) else {
            continue;
        };
        let before = plain
            .iter()
            .map(|t| pool.strangeness(t[pair(other)].as_ref()?, Own::Within));
        tests.push(Test::new(
            *column,
            Kind::Together,
            Way::Up,
            vec![Feature {
                part: places[other].unwrap_or_default(),
                past: before.collect(),
                now,
            }],
        ));
    }
    tests
}

/// Whether there are values alone: the first class and that of rows without one.
fn present(table: &Table) -> Table {
    let class = |class: usize| if class + 1 == WIDTH { class } else { 0 };
    let mut cells = BTreeMap::new();
    for (cell, rows) in &table.0 {
        let cell = class(cell / WIDTH) * WIDTH + class(cell % WIDTH);
        *cells.entry(cell).or_insert(0) += rows;
    }
    Table(cells.into_iter().collect())
}

/// The columns that tell most of one, most first, without those that are not compared.
fn partners(joint: &Joint, pools: &[Pool], places: &[Option<usize>], at: usize) -> Vec<usize> {
    if places[at].is_none() {
        return Vec::new();
    }
    let tells = |other: usize| pools[joint.pair(at.min(other), at.max(other))].tells;
    let mut others: Vec<usize> = (0..joint.columns.len())
        .filter(|o| *o != at && places[*o].is_some() && tells(*o) > TELLS)
        .collect();
    others.sort_by(|a, b| tells(*b).total_cmp(&tells(*a)));
    others.truncate(PARTNERS);
    others
}

/// Whether the night that is held against a pool is one of those that it is made of.
#[derive(Clone, Copy, PartialEq)]
enum Own {
    Within,
    Beside,
}

/// Counts of a pair of columns over several nights.
struct Pool {
    cells: Vec<f64>,
    first: [f64; WIDTH],
    second: [f64; WIDTH],
    rows: f64,
    /// What the one column tells of the other; 0 of too few nights. Unit: nats a row.
    tells: f64,
}

impl Pool {
    fn of<'a>(tables: impl Iterator<Item = &'a Table>) -> Self {
        let mut pool = Self {
            cells: vec![0.0; WIDTH * WIDTH],
            first: [0.0; WIDTH],
            second: [0.0; WIDTH],
            rows: 0.0,
            tells: 0.0,
        };
        let mut nights = 0;
        for table in tables {
            nights += 1;
            for (cell, rows) in &table.0 {
                let rows = f64::from(*rows);
                pool.cells[*cell] += rows;
                pool.first[cell / WIDTH] += rows;
                pool.second[cell % WIDTH] += rows;
                pool.rows += rows;
            }
        }
        if nights + 1 >= FEWEST {
            pool.tells = pool.information();
        }
        pool
    }

    /// Mutual information of the two columns, without what chance alone shows. Unit: nats a row.
    ///
    /// Source: Miller, *Note on the bias of information estimates* (1955); from memory.
    fn information(&self) -> f64 {
        let n = self.rows.max(1.0);
        let seen = |v: &[f64]| v.iter().filter(|c| **c > 0.0).count() as f64;
        let free = seen(&self.cells) - seen(&self.first) - seen(&self.second) + 1.0;
        let one = |(cell, c): (usize, &f64)| {
            let by_chance = self.first[cell / WIDTH] * self.second[cell % WIDTH] / n;
            c / n * (c / by_chance).ln()
        };
        let cells = self.cells.iter().enumerate().filter(|(_, c)| **c > 0.0);
        cells.map(one).sum::<f64>() - free.max(0.0) / (2.0 * n)
    }

    /// How little the values of a night's rows go together as those of the other nights do.
    ///
    /// Shape: minus the mean over rows of the logarithm of how much more frequent a combination is than chance would
    /// have it; its variance is that of the rows. A night of the pool is taken out of it before.
    /// Edge: absent without rows on either side.
    fn strangeness(&self, table: &Table, own: Own) -> Option<Point> {
        let (mut first, mut second) = (self.first, self.second);
        let within = f64::from(u8::from(own == Own::Within));
        let mut n = self.rows;
        for (cell, rows) in &table.0 {
            let rows = within * f64::from(*rows);
            first[cell / WIDTH] -= rows;
            second[cell % WIDTH] -= rows;
            n -= rows;
        }
        let (mut sum, mut squares, mut all) = (0.0, 0.0, 0.0);
        for (cell, rows) in &table.0 {
            let rows = f64::from(*rows);
            let share = |of: f64| (of + 0.5) / (n + 1.0);
            let by_chance = share(first[cell / WIDTH]) * share(second[cell % WIDTH]);
            let seen = self.cells[*cell] - within * rows;
            let ratio = ((seen + BEFORE * by_chance) / ((n + BEFORE) * by_chance)).ln();
            sum += rows * ratio;
            squares += rows * ratio * ratio;
            all += rows;
        }
        if all == 0.0 || n <= 0.0 {
            return None;
        }
        let mean = sum / all;
        Some(Point {
            y: -mean,
            variance: ((squares / all - mean * mean).max(0.0) + LEAST) / all,
        })
    }
}

/// The tables of a night before in the order of the pairs of another, whichever column of a pair it has first; absent
/// where it lacks a column, or has it in other classes.
fn aligned<'a>(joint: &Joint, night: &'a Night) -> Vec<Option<Cow<'a, Table>>> {
    let Some(before) = &night.joint else {
        return vec![None; joint.tables.len()];
    };
    let same = |column| before.columns.iter().position(|b| b == column);
    let at: Vec<Option<usize>> = joint.columns.iter().map(same).collect();
    let table = |a: usize, b: usize| match &before.tables[before.pair(a.min(b), a.max(b))] {
        table if a < b => Cow::Borrowed(table),
        table => Cow::Owned(table.transposed()),
    };
    let mut tables = Vec::with_capacity(joint.tables.len());
    for (i, first) in at.iter().enumerate() {
        let both = |second: &Option<usize>| Some(table((*first)?, (*second)?));
        tables.extend(at[i + 1..].iter().map(both));
    }
    tables
}

/// Rows that another row before is equal to in every column, on nights that counted them in the same way.
fn repeated(past: &[&Night], now: &Night) -> Option<Test> {
    let way = now.joint.as_ref()?.counted;
    let counts = |night: &Night| {
        let joint = night.joint.as_ref().filter(|j| j.counted == way)?;
        Some((joint.repeated, joint.rows))
    };
    let point = |night: &Night| counts(night).and_then(|(repeated, rows)| share(repeated, rows));
    let feature = |now| Feature {
        part: 0,
        past: past.iter().map(|n| point(n)).collect(),
        now,
    };
    let before: Vec<_> = past.iter().map(|n| counts(n)).collect();
    let features = vec![feature(point(now)?)];
    Some(Test {
        rare: Rare::of(&before, counts(now)?),
        ..Test::new(None, Kind::Repeated, Way::Both, features)
    })
}
