//! How many rows have which classes of two columns, and that as text.

use super::joint::WIDTH;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Digits of a table as text: the lower five bits of each are of a number, the sixth says that it goes on.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Rows by the classes of two columns.
///
/// Shape: class of the first times [`WIDTH`] plus class of the second, and rows; ascending, none of zero. As text the
/// cells that are left out before each, and its rows, both in variable length as in source maps: a low part of five
/// bits first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table(pub Vec<(usize, u32)>);

impl Table {
    pub(super) fn of(a: &[u8], b: &[u8]) -> Self {
        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
        for (a, b) in a.iter().zip(b) {
            let cell = usize::from(*a) * WIDTH + usize::from(*b);
            *counts.entry(cell).or_insert(0) += 1;
        }
        Self(counts.into_iter().collect())
    }

    /// The same rows by the classes of the second column and of the first.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let turned = |(cell, rows): &(usize, u32)| (cell % WIDTH * WIDTH + cell / WIDTH, *rows);
        let mut cells: Vec<(usize, u32)> = self.0.iter().map(turned).collect();
        cells.sort_unstable();
        Self(cells)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut next = 0;
        for (cell, rows) in &self.0 {
            digits(&mut text, cell - next);
            digits(&mut text, *rows as usize);
            next = cell + 1;
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut digits = text.bytes();
        let (mut cells, mut next) = (Vec::new(), 0usize);
        while digits.len() > 0 {
            let cell = next.checked_add(read(&mut digits)?)?;
            let rows = u32::try_from(read(&mut digits)?).ok()?;
            if cell >= WIDTH * WIDTH || rows == 0 {
                return None;
            }
            cells.push((cell, rows));
            next = cell + 1;
        }
        Some(Self(cells))
    }
}

fn digits(text: &mut String, mut number: usize) {
    loop {
        let more = usize::from(number > 31);
        text.push(char::from(DIGITS[(number & 31) | (more << 5)]));
        number >>= 5;
        if more == 0 {
            return;
        }
    }
}

fn read(digits: &mut std::str::Bytes) -> Option<usize> {
    let mut number = 0;
    for place in 0..7 {
        let digit = digits.next()?;
        let digit = DIGITS.iter().position(|d| *d == digit)?;
        number |= (digit & 31) << (5 * place);
        if digit < 32 {
            return Some(number);
        }
    }
    None
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no table of rows by classes"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, WIDTH};

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let last = WIDTH * WIDTH - 1;
        for cells in [
            vec![],
            vec![(0, 1)],
            vec![(0, 31), (1, 32), (77, u32::MAX), (last, 5)],
        ] {
            let table = Table(cells);
            assert_eq!(Table::parse(&table.text()).as_ref(), Some(&table));
        }
        for text in ["A", "AA", "g", "A!", "//////////", "BAé", "AB ", "hJB"] {
            assert_eq!(Table::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_table_the_other_way_round_has_the_same_rows() {
        let table = Table(vec![(1, 7), (WIDTH, 3), (2 * WIDTH + 16, 1)]);
        let turned = Table(vec![(1, 3), (WIDTH, 7), (16 * WIDTH + 2, 1)]);
        assert_eq!(table.transposed(), turned);
        assert_eq!(turned.transposed(), table);
    }
}
