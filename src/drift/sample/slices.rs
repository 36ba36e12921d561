//! Parts of the rows compared each on their own, at one level for all of them together.
//!
//! Labels are drawn anew within each slice, so that a slice that became larger or smaller is no change of its rows; the
//! smallest surprise over all slices, columns and kinds is ranked among that of the other labellings, as for rows as a
//! whole.

use super::compare::{Compared, LEVEL_ROWS, Scored, Side};
use super::level::{Level, Table};

/// Rows of both sides of one slice above which the level comes from a random part of them, at least; of few slices
/// it is their share of [`LEVEL_ROWS`].
const LEVEL_ROWS_OF_SLICE: usize = 2_000;

/// Slices of both sides compared.
#[derive(Debug)]
pub struct Sliced {
    /// Probability that slices of an unchanged dataset look at least this surprising, all together.
    pub p: f64,
    /// Labellings that it was ranked among.
    pub labellings: usize,
    /// Each slice, in the order given; its `p` is the probability that any slice surprises as much as this one.
    pub slices: Vec<Compared>,
}

impl Sliced {
    /// Compares the rows of each slice, at least one row a side, in the columns named by position.
    ///
    /// Shape: at least one slice; no row is in two of them. The same rows in another order give the same answer, and
    /// so does any number of threads.
    /// Source: Westfall and Young, *Resampling-Based Multiple Testing* (1993), with labels drawn within slices.
    #[must_use]
    pub fn new(sides: &[(Side, Side)], columns: &[usize], false_alarm: f64, seed: u64) -> Self {
        let most = LEVEL_ROWS_OF_SLICE.max(LEVEL_ROWS / sides.len().max(1));
        let scored = sides.iter().map(|(a, b)| Scored::new((a, b), columns));
        let scored: Vec<Scored> = scored.collect();
        let parts = scored.iter().zip(0u64..);
        let parts: Vec<Option<Table>> = parts.map(|(s, i)| s.part(most, seed ^ i)).collect();
        let pairs = scored.iter().zip(&parts);
        let tables: Vec<&Table> = pairs.map(|(s, p)| p.as_ref().unwrap_or(&s.table)).collect();
        let observed = scored.iter().map(Scored::least).fold(0.0, f64::min);
        let level = Level::of_all(&tables, observed, false_alarm, seed);
        let rank = |scored: Scored| {
            let least = scored.least();
            let p = if least <= observed {
                level.p
            } else {
                level.adjusted(least)
            };
            let rows = scored.hashes.len().min(most);
            scored.ranked(&level, p, rows)
        };
        drop(parts);
        Self {
            p: level.p,
            labellings: level.labellings(),
            slices: scored.into_iter().map(rank).collect(),
        }
    }
}

impl Side {
    /// The rows named, of as many as there are rows of the whole; without a sum of the rows left out.
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Self {
        Self {
            rows: rows.len() as u64,
            columns: self.columns.iter().map(|c| c.rows(rows)).collect(),
            hashes: rows.iter().map(|row| self.hashes[*row as usize]).collect(),
            positions: rows
                .iter()
                .map(|row| {
                    let at = self.positions.get(*row as usize);
                    at.copied().unwrap_or(u64::from(*row))
                })
                .collect(),
            digest: 0,
        }
    }
}
