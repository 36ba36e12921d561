//! Two sides' rows against each other: what is surprising, and how surprising it is for the dataset as a whole.

use super::codes::Values;
use super::level::{Labels, Level, Random, Table, Test, least};
use super::moments::{self, Span};
use super::score::{Drawn, Kind};
use std::collections::BTreeMap;

/// Rows of both sides above which the level comes from a random part of them.
///
/// Unit: rows. The tails that are ranked mean the same at every size from here on; measured in docs/drift.md.
pub const LEVEL_ROWS: usize = 20_000;

/// Rows of one side, or a random part of them.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// Rows that there are.
    pub rows: u64,
    /// Values by column; both sides have the same columns in the same order.
    pub columns: Vec<Values>,
    /// A hash of each row's values.
    pub hashes: Vec<u64>,
    /// Number of each row in the order of the files, from 0; empty where they are all rows in that order.
    pub positions: Vec<u64>,
    /// Sum of the hashes of all rows, those left out among them: equal for the same rows in any order.
    pub digest: u128,
}

/// A column that is scored: one of the data's, or the lengths of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The values of a column.
    Values(usize),
    /// The lengths of its texts, where most of them are too rare to be compared one by one.
    Lengths(usize),
    /// Dates that stand for none, of a column of moments: values are codes, see [`super::default_date`].
    Defaults(usize),
    /// How fine moments are given: 0 days, 1 hours, 2 minutes, 3 seconds, 4 parts of them.
    Precision(usize),
    /// The time of day in seconds, of whole days, and of rows that do not belong together by their day.
    TimeOfDay(usize),
    /// The time from the moment in the first column to that in the second, in this unit.
    Gap(usize, usize, Span),
}

impl Origin {
    /// Position of the data's column; of two, the later one.
    #[must_use]
    pub fn column(self) -> usize {
        match self {
            Self::Values(c)
            | Self::Lengths(c)
            | Self::Defaults(c)
            | Self::Precision(c)
            | Self::TimeOfDay(c)
            | Self::Gap(_, c, _) => c,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The scored column; absent for whole rows.
    pub column: Option<usize>,
    /// What can have changed.
    pub kind: Kind,
    /// Logarithm of the tail probability of this test alone.
    pub surprise: f64,
    /// Probability that anything in an unchanged dataset surprises as much as this.
    pub adjusted: f64,
}

/// Two sides compared.
#[derive(Debug)]
pub struct Compared {
    pub(super) table: Table,
    pub(super) labels_first: Vec<bool>,
    /// The scored columns.
    pub origins: Vec<Origin>,
    /// Values of the scored columns, in the order of `labels_first`.
    pub(super) values: Vec<Values>,
    /// Number of each row in the files of its side, from 0, in the order of `labels_first`.
    pub(super) positions: Vec<u64>,
    /// Probability that an unchanged dataset looks at least this surprising.
    pub p: f64,
    /// Labellings that it was ranked among.
    pub labellings: usize,
    /// Rows of both sides that those labellings were of.
    pub level_rows: usize,
    /// Everything that was looked at.
    pub findings: Vec<Finding>,
    /// For codes of texts, a number that those have in common which differ in spelling alone; where it is known.
    pub spelled: BTreeMap<u64, u64>,
    /// Columns of moments whose times of day could not be compared: a side has too few whole days.
    pub untimed: Vec<usize>,
}

impl Compared {
    /// Columns of the data that are compared.
    #[must_use]
    pub fn columns(&self) -> usize {
        let own = |o: &&Origin| matches!(o, Origin::Values(_));
        self.origins.iter().filter(own).count()
    }

    /// Values of a scored column over both sides.
    #[must_use]
    pub fn values(&self, column: usize) -> &Values {
        &self.values[column]
    }

    /// Compares two sides with the same columns, at least one row each.
    ///
    /// The same rows in another order give the same answer, and so does any number of threads: rows are put in the
    /// order of their hashes before a label is drawn.
    #[must_use]
    pub fn new(first: &Side, second: &Side, false_alarm: f64, seed: u64) -> Self {
        let all: Vec<usize> = (0..first.columns.len()).collect();
        Self::of_columns((first, second), &all, false_alarm, seed)
    }

    /// [`Self::new`] of some of the columns, by position; origins keep their positions among all.
    #[must_use]
    pub fn of_columns(
        sides: (&Side, &Side),
        columns: &[usize],
        false_alarm: f64,
        seed: u64,
    ) -> Self {
        let scored = Scored::new(sides, columns);
        let (level, level_rows) = match scored.part(LEVEL_ROWS, seed) {
            Some(part) => (
                Level::of(&part, scored.least(), false_alarm, seed),
                LEVEL_ROWS,
            ),
            None => (
                Level::of(&scored.table, scored.least(), false_alarm, seed),
                scored.hashes.len(),
            ),
        };
        scored.ranked(&level, level.p, level_rows)
    }
}

/// Two sides' rows coded and scored, not yet ranked among other labellings.
pub(super) struct Scored {
    pub(super) table: Table,
    pub(super) hashes: Vec<u64>,
    labels_first: Vec<bool>,
    origins: Vec<Origin>,
    values: Vec<Values>,
    positions: Vec<u64>,
    untimed: Vec<usize>,
    surprises: Vec<f64>,
}

impl Scored {
    /// Scores some of the columns, by position; origins keep their positions among all.
    pub(super) fn new((first, second): (&Side, &Side), columns: &[usize]) -> Self {
        let (order, hashes) = ordered(first, second);
        let split = u32::try_from(first.hashes.len()).unwrap_or(u32::MAX);
        let labels_first: Vec<bool> = order.iter().map(|i| *i < split).collect();
        let (mut values, mut origins) = (Vec::new(), Vec::new());
        let (mut moments, mut untimed) = (Vec::new(), Vec::new());
        for i in columns {
            let pooled = Values::pooled(&first.columns[*i], &second.columns[*i], &order);
            if let Values::Moments(list) = &pooled {
                moments.push((*i, list.clone()));
            }
            let lengths = pooled.lengths();
            values.push(pooled);
            origins.push(Origin::Values(*i));
            if let Some(lengths) = lengths {
                values.push(lengths);
                origins.push(Origin::Lengths(*i));
            }
        }
        for (origin, derived) in of_moments(&moments, &labels_first, &mut untimed) {
            values.push(derived);
            origins.push(origin);
        }
        let (drawn, labels) = smaller(&labels_first);
        let table = Table::new(&values, &hashes, drawn);
        let surprises = table.surprises(&labels);
        Self {
            table,
            hashes,
            labels_first,
            origins,
            values,
            positions: positions(&order, first, second),
            untimed,
            surprises,
        }
    }

    /// The smallest surprise of all.
    pub(super) fn least(&self) -> f64 {
        least(&self.surprises)
    }

    /// A random part of the rows, of which other labellings are drawn; `None` where there are no more than `most`.
    pub(super) fn part(&self, most: usize, seed: u64) -> Option<Table> {
        let rows = self.hashes.len();
        if rows <= most {
            return None;
        }
        let mut part = Random::new(seed).choose(most, rows);
        part.sort_unstable();
        let values: Vec<Values> = self.values.iter().map(|v| v.rows(&part)).collect();
        let hashes: Vec<u64> = part.iter().map(|row| self.hashes[*row as usize]).collect();
        Some(Table::new(
            &values,
            &hashes,
            part_of(self.table.drawn, most),
        ))
    }

    /// What was found, each with its probability by the level; `p` is that of the whole.
    pub(super) fn ranked(self, level: &Level, p: f64, level_rows: usize) -> Compared {
        let found = |(test, surprise): (&Test, &f64)| Finding {
            column: test.column,
            kind: test.kind,
            surprise: *surprise,
            adjusted: level.adjusted(*surprise),
        };
        let tests = self.table.tests();
        Compared {
            findings: tests.iter().zip(&self.surprises).map(found).collect(),
            p,
            labellings: level.labellings(),
            level_rows,
            origins: self.origins,
            values: self.values,
            labels_first: self.labels_first,
            positions: self.positions,
            spelled: BTreeMap::new(),
            untimed: self.untimed,
            table: self.table,
        }
    }
}

/// What should stay of moments, as columns to score; `untimed` are those whose times of day cannot be compared.
fn of_moments(
    columns: &[(usize, Vec<i64>)],
    is_first: &[bool],
    untimed: &mut Vec<usize>,
) -> Vec<(Origin, Values)> {
    let mut list = Vec::new();
    for (i, moments) in columns {
        list.push((Origin::Defaults(*i), moments::default_dates(moments)));
        if moments::are_dates(moments) {
            continue;
        }
        list.push((Origin::Precision(*i), moments::precision(moments, is_first)));
        match moments::times_of_day(moments, is_first) {
            Some(times) => list.push((Origin::TimeOfDay(*i), times)),
            None => untimed.push(*i),
        }
    }
    list.extend(moments::gaps(columns, is_first));
    list
}

/// The number of each row in the files of its side.
fn positions(order: &[u32], first: &Side, second: &Side) -> Vec<u64> {
    let split = first.hashes.len();
    let number = |side: &Side, i: usize| side.positions.get(i).copied().unwrap_or(i as u64);
    let of = |i: usize| match i.checked_sub(split) {
        None => number(first, i),
        Some(i) => number(second, i),
    };
    order.iter().map(|i| of(*i as usize)).collect()
}

/// Rows of both sides in the order of their hashes, which no side and no file order can change; and those hashes.
fn ordered(first: &Side, second: &Side) -> (Vec<u32>, Vec<u64>) {
    let mut rows: Vec<(u64, u32)> = first
        .hashes
        .iter()
        .chain(&second.hashes)
        .copied()
        .zip(0u32..)
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(hash, row)| (row, hash)).unzip()
}

/// The side with fewer rows, which is cheaper to count.
fn smaller(is_first: &[bool]) -> (Drawn, Labels) {
    let count = is_first.iter().filter(|f| **f).count();
    let side = count * 2 <= is_first.len();
    let rows: Vec<u32> = (0u32..)
        .zip(is_first)
        .filter(|(_, f)| **f == side)
        .map(|(row, _)| row)
        .collect();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let drawn = Drawn {
        rows: number(rows.len()),
        total: number(is_first.len()),
    };
    (drawn, Labels::new(&rows, is_first.len()))
}

/// How many of so many rows are drawn: the same share, but of a small side all its rows up to a tenth.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the total"
)]
fn part_of(drawn: Drawn, rows: usize) -> Drawn {
    let total = u32::try_from(rows).unwrap_or(u32::MAX);
    let share = (f64::from(total) * drawn.share()).round() as u32;
    Drawn {
        rows: share.max(drawn.rows.min(total / 10)),
        total,
    }
}
