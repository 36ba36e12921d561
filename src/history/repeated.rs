//! How many rows of a batch repeat another one, where only a part of many rows is looked at.
//!
//! Rows that are drawn one by one seldom bring their twins along: of pairs there are as few as rows are drawn of all.
//! So contents are drawn, with every row that has them. A content of very many rows would be in or out as a whole by
//! chance; it shows among rows drawn one by one, and counts by its share of these.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Other rows among those drawn one by one, from which on a row counts by the share of such rows.
const FREQUENT: u64 = 3;

/// How rows that repeat another were counted. Nights that were counted in different ways are not held against each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Among rows drawn one by one, large whole numbers rounded and nested values by being there: lines that do not say
    /// how.
    #[default]
    ByRow,
    /// By content, every value as it is.
    ByContent,
}

impl Counted {
    /// Whether it is the way of lines that do not say how.
    #[must_use]
    pub fn is_by_row(&self) -> bool {
        *self == Self::ByRow
    }
}

/// Rows of a batch by their content, of all contents or of a random part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Rows of the batch.
    pub rows: u64,
    /// Rows of each content that was drawn, by its hash: all that the batch has of it.
    pub drawn: BTreeMap<u64, u64>,
}

/// Rows that are the same as one before, of as many as there are hashes.
///
/// Shape: hashes of all rows without `contents`, of rows drawn one by one with them. Exact where all rows are there, or
/// all contents, but for being scaled to the number of hashes. Else a row counts as one of a frequent content where
/// `FREQUENT` other rows of its content were drawn one by one: whether it was drawn itself does not matter, so that the
/// rows drawn tell the share of such rows, and the contents drawn, of which every row is known, what the others repeat.
#[must_use]
pub fn repeated(hashes: &[u64], contents: Option<&Contents>) -> u64 {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for hash in hashes {
        *counts.entry(*hash).or_insert(0) += 1;
    }
    let seen = hashes.len() as u64;
    let Some(contents) = contents.filter(|c| c.rows > 0) else {
        return seen - counts.len() as u64;
    };
    let whole = contents.drawn.values().sum::<u64>() == contents.rows;
    counts.retain(|_, count| !whole && *count >= FREQUENT);
    let part = seen as f64 / contents.rows as f64;
    let (mut frequent, mut first) = (0.0, 0.0);
    for count in counts.values() {
        // Of a content that was drawn just often enough the rows that were drawn have one other less.
        let all = *count > FREQUENT;
        frequent += if all { *count as f64 } else { 0.0 };
        // The first row of each repeats none.
        first += if all { 1.0 } else { 1.0 - part };
    }
    let frequent = frequent / seen.max(1) as f64;
    let (mut rows, mut repeats) = (0.0, 0.0);
    for (hash, all) in &contents.drawn {
        let others = match counts.get(hash) {
            None => *all,
            Some(count) if *count == FREQUENT => *count,
            Some(_) => 0,
        };
        rows += others as f64;
        repeats += others as f64 * (1.0 - 1.0 / *all as f64);
    }
    let rest = repeats / f64::max(rows, 1.0);
    let share = frequent - first / contents.rows as f64 + (1.0 - frequent) * rest;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to the number of hashes"
    )]
    let scaled = (share.clamp(0.0, 1.0) * seen as f64).round() as u64;
    scaled
}

#[cfg(test)]
mod tests {
    use super::{Contents, Counted, repeated};
    use crate::drift::sample::hash;

    /// What is drawn of a batch: a row in `one_in` one by one, and as many contents.
    fn drawn(rows: &[u64], one_in: u64) -> (Vec<u64>, Contents) {
        let of = |content: u64| hash::finished(hash::with(7, content));
        let by_row =
            |(number, _): &(u64, &u64)| hash::finished(hash::with(3, *number)) < u64::MAX / one_in;
        let hashes = (0..)
            .zip(rows)
            .filter(by_row)
            .map(|(_, content)| of(*content));
        let mut contents = Contents {
            rows: rows.len() as u64,
            ..Contents::default()
        };
        for hash in rows
            .iter()
            .map(|c| of(*c))
            .filter(|h| *h < u64::MAX / one_in)
        {
            *contents.drawn.entry(hash).or_insert(0) += 1;
        }
        (hashes.collect(), contents)
    }

    fn share(rows: &[u64], one_in: u64) -> f64 {
        let (hashes, contents) = drawn(rows, one_in);
        repeated(&hashes, Some(&contents)) as f64 / hashes.len() as f64
    }

    #[test]
    fn twins_are_as_frequent_among_many_rows_as_they_are() {
        let n = 200_000;
        let copied = |every: u64| -> Vec<u64> { (0..n).map(|i| i % (n - n / every)).collect() };
        for (every, true_share) in [(20, 0.05), (2, 0.5), (n, 0.0)] {
            let found = share(&copied(every), 10);
            assert!((found - true_share).abs() < 0.01, "{found} {true_share}");
        }
        let triples: Vec<u64> = (0..n).map(|i| i % (n / 3)).collect();
        assert!((share(&triples, 10) - 2.0 / 3.0).abs() < 0.01);
    }

    #[test]
    fn contents_of_a_middle_number_of_rows_are_not_counted_twice() {
        // Half of the rows are alone, half share a content with so many others.
        let n = 240_000;
        for (one_in, alike) in [(10, 10), (10, 30), (10, 100), (2, 6), (2, 12)] {
            let off = |round: u64| {
                let first = round * 10 * n;
                let content = |i: u64| {
                    first
                        + if i < n / 2 {
                            i
                        } else {
                            n + i % (n / 2 / alike)
                        }
                };
                let rows: Vec<u64> = (0..n).map(content).collect();
                share(&rows, one_in) - (0.5 - 0.5 / alike as f64)
            };
            let mean = (0..6).map(off).sum::<f64>() / 6.0;
            assert!(mean.abs() < 0.012, "{one_in} {alike}: {mean}");
        }
    }

    #[test]
    fn one_row_that_is_there_very_often_counts_by_its_share() {
        // Whichever content it is, drawn as one of a tenth of all or not.
        for stuck in 1_000_000..1_000_020 {
            let rows: Vec<u64> = (0..100_000u64)
                .map(|i| if i % 5 == 0 { stuck } else { i })
                .collect();
            let found = share(&rows, 10);
            assert!((found - 0.2).abs() < 0.02, "{stuck}: {found}");
        }
    }

    #[test]
    fn all_rows_or_all_contents_are_counted_exactly() {
        assert_eq!(repeated(&[1, 2, 1, 1], None), 2);
        assert_eq!(repeated(&[], None), 0);
        let rows: Vec<u64> = (0..1_000).map(|i| i % 900).collect();
        let (hashes, mut contents) = drawn(&rows, 1);
        assert_eq!(repeated(&hashes, Some(&contents)), 100);
        let tenth = &hashes[..100];
        assert_eq!(repeated(tenth, Some(&contents)), 10);
        contents.rows = 0;
        assert_eq!(repeated(tenth, Some(&contents)), 0);
    }

    #[test]
    fn a_line_that_does_not_say_how_was_counted_by_row() {
        let said = serde_json::to_string(&Counted::ByContent).unwrap();
        assert_eq!(said, "\"by_content\"");
        assert!(Counted::default().is_by_row() && !Counted::ByContent.is_by_row());
    }
}
