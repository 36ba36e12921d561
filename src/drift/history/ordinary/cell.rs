//! One column of one or several nights, counted over what all nights in view have in common.

use crate::history::{NightColumn, NightValues, Numbers};
use crate::measure::bins::number;
use std::collections::BTreeMap;

/// What the counts of a column are of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// Occupied bins in ascending order, all of the widest shift among the nights.
    Numbers {
        shift: u32,
        bins: Vec<u64>,
    },
    /// Values in the order of their text.
    Texts(Vec<String>),
    Times,
    Presence,
}

/// Counts of a column over a frame; of several nights their sum.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cell {
    pub rows: u64,
    pub missing: u64,
    /// Different values; of one night alone.
    pub distinct: Option<u64>,
    /// By bin or value of the frame.
    pub counts: Vec<u64>,
    /// Rows with a value that is counted.
    pub valued: u64,
    /// Rows with a text that is not listed.
    pub others: u64,
    /// The most rows that a text which is not listed can have had.
    pub unlisted: u64,
    pub least: Option<f64>,
    pub greatest: Option<f64>,
}

impl Frame {
    /// The frame of nights' columns of one form; `None` where there is none, or they are of several forms.
    pub(super) fn of<'a>(columns: impl Iterator<Item = &'a NightColumn> + Clone) -> Option<Self> {
        let mut forms = columns.clone().map(|c| form(&c.values));
        let first = forms.next()?;
        if forms.any(|f| f != first) {
            return None;
        }
        let values = columns.map(|c| &c.values);
        match first {
            Form::Numbers => {
                let numbers = values.filter_map(numbers);
                let shift = numbers.clone().map(|n| n.shift).max().unwrap_or(0).min(63);
                let at =
                    |n: &'a Numbers| n.bins.iter().map(move |(b, _)| wider(*b, n.shift, shift));
                let mut bins: Vec<u64> = numbers.flat_map(at).collect();
                bins.sort_unstable();
                bins.dedup();
                Some(Self::Numbers { shift, bins })
            }
            Form::Texts => {
                let listed = values.filter_map(texts).flat_map(|(counts, _)| counts);
                let mut names: Vec<&String> = listed.map(|(text, _)| text).collect();
                names.sort_unstable();
                names.dedup();
                Some(Self::Texts(names.into_iter().cloned().collect()))
            }
            Form::Times => Some(Self::Times),
            Form::Presence => Some(Self::Presence),
        }
    }

    /// Sums columns of nights, each with its night's rows, over this frame, which has all their bins and values.
    pub(super) fn cell<'a>(&self, nights: impl Iterator<Item = (&'a NightColumn, u64)>) -> Cell {
        let mut cell = Cell {
            counts: vec![0; self.len()],
            ..Cell::default()
        };
        for (i, (column, rows)) in nights.enumerate() {
            cell.rows += rows;
            cell.missing += column.missing.min(rows);
            cell.distinct = column.distinct.filter(|_| i == 0);
            self.add(&mut cell, column);
        }
        cell.valued = cell.counts.iter().sum::<u64>() + cell.others;
        cell
    }

    fn add(&self, cell: &mut Cell, column: &NightColumn) {
        let (least, greatest) = ends(&column.values);
        cell.least = fold(cell.least, least, f64::min);
        cell.greatest = fold(cell.greatest, greatest, f64::max);
        match (self, &column.values) {
            (Self::Numbers { shift, bins }, NightValues::Numbers(numbers)) => {
                for (bin, count) in &numbers.bins {
                    if let Ok(at) = bins.binary_search(&wider(*bin, numbers.shift, *shift)) {
                        cell.counts[at] += count;
                    }
                }
            }
            (Self::Texts(names), NightValues::Texts { counts, others }) => {
                for (text, count) in counts {
                    if let Ok(at) = names.binary_search(text) {
                        cell.counts[at] += count;
                    }
                }
                let least = counts.iter().map(|(_, count)| *count).min();
                cell.unlisted += least.unwrap_or(*others).min(*others);
                cell.others += others;
            }
            _ => {}
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers { bins, .. } => bins.len(),
            Self::Texts(names) => names.len(),
            Self::Times | Self::Presence => 0,
        }
    }

    /// Least and greatest number of a bin.
    pub(super) fn bounds(&self, bin: usize) -> Option<(f64, f64)> {
        let Self::Numbers { shift, bins } = self else {
            return None;
        };
        let low = bins.get(bin)? << shift;
        Some((number(low), number(low | ((1 << shift) - 1))))
    }
}

#[derive(PartialEq)]
enum Form {
    Numbers,
    Texts,
    Times,
    Presence,
}

fn form(values: &NightValues) -> Form {
    match values {
        NightValues::Numbers(_) => Form::Numbers,
        NightValues::Texts { .. } => Form::Texts,
        NightValues::Times { .. } => Form::Times,
        NightValues::Presence => Form::Presence,
    }
}

fn numbers(values: &NightValues) -> Option<&Numbers> {
    match values {
        NightValues::Numbers(numbers) => Some(numbers),
        _ => None,
    }
}

fn texts(values: &NightValues) -> Option<(&Vec<(String, u64)>, u64)> {
    match values {
        NightValues::Texts { counts, others } => Some((counts, *others)),
        _ => None,
    }
}

fn ends(values: &NightValues) -> (Option<f64>, Option<f64>) {
    match values {
        NightValues::Numbers(n) => (n.least, n.greatest),
        NightValues::Times { least, greatest } => (*least, *greatest),
        _ => (None, None),
    }
}

fn fold(a: Option<f64>, b: Option<f64>, join: fn(f64, f64) -> f64) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (one, other) => one.or(other),
    }
}

/// The bin of a wider shift that holds a bin.
fn wider(bin: u64, from: u32, to: u32) -> u64 {
    bin >> (to - from.min(to))
}

/// Counts by text of several cells of one frame.
pub(super) fn summed<'a>(cells: impl Iterator<Item = &'a Cell>, len: usize) -> Vec<u64> {
    let mut sum = vec![0u64; len];
    for cell in cells {
        for (total, count) in sum.iter_mut().zip(&cell.counts) {
            *total += count;
        }
    }
    sum
}

/// Nights that have each bin or value.
pub(super) fn holders<'a>(
    cells: impl Iterator<Item = &'a Cell>,
    len: usize,
) -> BTreeMap<usize, usize> {
    let mut nights = BTreeMap::new();
    for cell in cells {
        for at in (0..len).filter(|at| cell.counts[*at] > 0) {
            *nights.entry(at).or_insert(0) += 1;
        }
    }
    nights
}
