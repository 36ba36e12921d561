//! Counts of both sides from two profiles of a column: over single values where both list them, else over the ranges
//! that both know.

use super::cells::{Cell, Counted, reach};
use crate::drift::sample::hash;
use crate::drift::sample::{Label, Origin, Shape};
use crate::measure::ColumnProfile;
use crate::measure::bins::number;
use crate::measure::values::{Form, Key};
use std::collections::BTreeMap;

/// Values of a column from which it may be taken for a count of the rows.
const COUNTING: u64 = 20;

/// What two profiles of a column give.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Counts that can be compared.
    Counted(Counted),
    /// Whole numbers, every one once and close together: they count rows.
    CountsRows,
}

/// Counts of the column at a position, looked at in one way, on both sides.
///
/// Shape: numbers by value where both profiles list them, else over the bins of both together; a bin that can hold
/// one value only, or zeros only, is that value. Of texts that are not listed, whether they are empty. Additive:
/// merged shards have the counts of the whole. NaN counts as missing; infinities are numbers.
#[must_use]
pub fn read(position: usize, shape: Shape, before: &ColumnProfile, now: &ColumnProfile) -> Read {
    let sides = [before, now];
    if shape == Shape::Numbers && sides.iter().all(|c| counts_rows(c)) {
        return Read::CountsRows;
    }
    let lacking = |c: &ColumnProfile| c.counters.nulls + c.counters.nan;
    let cells = match shape {
        Shape::Numbers => numbers(sides),
        Shape::Texts => texts(sides),
        Shape::Moments | Shape::Presence => vec![Cell {
            label: Label::Number(1.0),
            rows: sides.map(|c| c.counters.rows - lacking(c)),
        }],
    };
    let bound = |c: &ColumnProfile, key: &Option<Key>| key.as_ref().map(|k| c.form.number(k));
    let exact = |side: usize| {
        let column = sides[side];
        let known = reach(&cells, side);
        let least = bound(column, &column.least).unwrap_or(known[0]);
        [least, bound(column, &column.greatest).unwrap_or(known[1])]
    };
    Read::Counted(Counted {
        origin: Origin::Values(position),
        shape,
        missing: sides.map(lacking),
        reach: if shape == Shape::Numbers {
            [exact(0), exact(1)]
        } else {
            [[f64::NAN; 2]; 2]
        },
        cells,
    })
}

fn numbers(sides: [&ColumnProfile; 2]) -> Vec<Cell> {
    let listed = sides.map(|c| c.values.listed());
    if let [Some(before), Some(now)] = &listed {
        let mut counts: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
        for (side, (column, list)) in sides.iter().zip([before, now]).enumerate() {
            for (key, count) in list {
                let place = crate::measure::bins::key(column.form.number(key));
                counts.entry(place).or_default()[side] += count;
            }
        }
        let cell = |(place, rows): (u64, [u64; 2])| Cell {
            label: Label::Number(number(place)),
            rows,
        };
        return counts.into_iter().map(cell).collect();
    }
    let bins = sides.map(ColumnProfile::bins);
    // The ranges of both together, whichever side a row is on.
    let mut union = bins[0].clone();
    union.merge(&bins[1]);
    let shift = union.shift();
    let mut counts: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
    for (side, bins) in bins.into_iter().enumerate() {
        for (bin, count) in bins.at_shift(shift).entries() {
            counts.entry(bin).or_default()[side] += count;
        }
    }
    let per_unit = per_unit(sides);
    let zeros = sides.map(|c| c.counters.zeros);
    let cell = |(bin, rows): (u64, [u64; 2])| {
        let (low, high) = (bin << shift, (bin << shift) | ((1 << shift) - 1));
        let label = only_value(number(low), number(high), per_unit)
            .or_else(|| {
                let zero = crate::measure::bins::key(0.0);
                ((low..=high).contains(&zero) && rows == zeros).then_some(0.0)
            })
            .map_or_else(|| between(number(low), number(high)), Label::Number);
        Cell { label, rows }
    };
    counts.into_iter().map(cell).collect()
}

/// A range; what lies beyond all numbers ends at the infinities.
fn between(low: f64, high: f64) -> Label {
    let low = if low.is_nan() { f64::NEG_INFINITY } else { low };
    let high = if high.is_nan() { f64::INFINITY } else { high };
    Label::Between(low, high)
}

/// How many values of both columns there are in one unit, where they are whole or decimal numbers.
fn per_unit(sides: [&ColumnProfile; 2]) -> Option<f64> {
    let scale = |c: &ColumnProfile| match c.form {
        Form::Integer => Some(0),
        Form::Decimal(scale) => Some(i32::from(scale)),
        _ => None,
    };
    let [before, now] = sides.map(scale);
    Some(10f64.powi(before?.max(now?)))
}

/// The one value that a range can hold.
fn only_value(low: f64, high: f64, per_unit: Option<f64>) -> Option<f64> {
    if low.to_bits() == high.to_bits() {
        return Some(low);
    }
    let per_unit = per_unit?;
    let first = (low * per_unit).ceil();
    // A range of more than half a step may hold a second value that rounding hides.
    let alone = (high - low) * per_unit < 0.5 || (high * per_unit).floor() <= first;
    (alone && (high - low) * per_unit < 1.0).then_some(first / per_unit)
}

fn texts(sides: [&ColumnProfile; 2]) -> Vec<Cell> {
    let listed = sides.map(ColumnProfile::values_seen);
    if let [Some(before), Some(now)] = listed {
        let mut counts: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
        for (side, list) in [before, now].into_iter().enumerate() {
            for (text, count) in list {
                counts.entry(hash::text(&text)).or_default()[side] += count;
            }
        }
        let cell = |(code, rows)| Cell {
            label: Label::Text(code),
            rows,
        };
        return counts.into_iter().map(cell).collect();
    }
    let empty = sides.map(|c| c.counters.empty);
    let others = sides.map(|c| c.valued() - c.counters.empty.min(c.valued()));
    let cells = [
        Cell {
            label: Label::Text(hash::text("")),
            rows: empty,
        },
        Cell {
            label: Label::Unlisted,
            rows: others,
        },
    ];
    cells.into_iter().filter(|c| c.rows != [0, 0]).collect()
}

/// Whether a column holds whole numbers, every one once and close together, as a count of the rows does.
///
/// Numbers drawn at random from a range as narrow would repeat. Where there are too many to list, each range has to
/// hold as many rows as whole numbers.
fn counts_rows(column: &ColumnProfile) -> bool {
    let valued = column.valued();
    let (Form::Integer, Some(Key::Int(least)), Some(Key::Int(greatest))) =
        (column.form, &column.least, &column.greatest)
    else {
        return false;
    };
    let (least, greatest) = (*least, *greatest);
    let wide = (greatest - least + 1) as f64;
    if valued < COUNTING || wide > 10.0 * valued as f64 {
        return false;
    }
    if let Some(distinct) = column.values.distinct() {
        return distinct == valued;
    }
    let whole = |low: f64, high: f64| {
        let (low, high) = (low.max(least as f64), high.min(greatest as f64));
        high.floor() - low.ceil() + 1.0
    };
    let bins = column.bins();
    let sorted = bins.sorted();
    sorted
        .iter()
        .all(|b| (whole(b.low, b.high) - b.count as f64).abs() < 0.5)
}
