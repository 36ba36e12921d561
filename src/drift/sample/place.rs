//! Where in the file the rows of a change lie: a burst, a block that is there twice, or everywhere.
//!
//! Nothing here decides whether something changed: places are looked for after the verdict, of changes that it found.
//! They are the only part of a drift that the order of the rows can change.

use super::compare::Compared;
use super::kinds::{Change, Drift, Label};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Rows of one kind from which a place is looked for.
const FEWEST: usize = 10;

/// Share of the rows in excess that a block has to hold to be where they lie.
const MOST: f64 = 0.8;

/// Share of a block's rows that have to be copies.
const COPIED: f64 = 0.9;

/// How surprising a block has to be beyond the number of blocks that there are: one in ten thousand, in nats.
const SURPRISE: f64 = 9.2;

/// Shares of hits that blocks are searched for, densest first.
const DENSITIES: [f64; 7] = [0.9, 0.7, 0.5, 0.3, 0.15, 0.07, 0.03];

/// Rows `from` to `to` of the file, both counted from 1 and both among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first row.
    pub from: u64,
    /// The last row.
    pub to: u64,
}

/// Where the rows of a change lie in the file of the current data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// Most of them in one block of consecutive rows.
    Burst {
        /// The block.
        block: Block,
        /// Rows of the change in it.
        inside: u64,
        /// All rows of the change.
        all: u64,
    },
    /// Spread over the whole file, in at most half of the rows.
    Everywhere,
    /// A block of consecutive rows that an earlier block of the file holds as well, in the same order.
    Copy {
        /// The earlier block.
        first: Block,
        /// The later one.
        again: Block,
    },
}

impl Compared {
    /// Where the rows of a change lie; `None` where it has no rows, or they lie in no way worth a word.
    pub(super) fn place(&self, drift: &Drift) -> Option<Place> {
        let column = drift
            .origin
            .and_then(|origin| self.origins.iter().position(|o| *o == origin));
        match (&drift.change, column) {
            (Change::Missing(before, now), Some(column)) => {
                let codes = &self.coded(column).codes;
                let hits = self.current(|row| codes[row] == super::codes::MISSING);
                place_of(&hits, before.value() * now.rows as f64)
            }
            (Change::Value { label, shares, .. }, Some(column)) => {
                let values = self.values(column).numbers()?;
                let Label::Number(value) = label else {
                    return None;
                };
                let hits = self.current(|row| values[row].total_cmp(value).is_eq());
                place_of(&hits, shares.0.value() * shares.1.rows as f64)
            }
            (Change::Repeated(before, now), _) => {
                let excess = now.hits as f64 - before.value() * now.rows as f64;
                self.copied(excess)
            }
            _ => None,
        }
    }

    /// Rows of the current data in the order of the file: their number, and whether something holds.
    fn current(&self, holds: impl Fn(usize) -> bool) -> Vec<(u64, bool)> {
        let now = (0..self.labels_first.len()).filter(|row| !self.labels_first[*row]);
        let mut list: Vec<(u64, bool)> = now.map(|row| (self.positions[row], holds(row))).collect();
        list.sort_unstable();
        list
    }

    /// A block of rows that is there twice, where it holds most of the repeats in excess.
    fn copied(&self, excess: f64) -> Option<Place> {
        let mut group = vec![u32::MAX; self.labels_first.len()];
        let mut offsets: HashMap<u64, usize, FixedState> = HashMap::default();
        let mut pairs = 0.0;
        for (rows, name) in self.table.repeated.groups.iter().zip(0u32..) {
            let mut places: Vec<u64> = Vec::new();
            for row in rows.iter().map(|row| *row as usize) {
                group[row] = name;
                if !self.labels_first[row] {
                    places.push(self.positions[row]);
                }
            }
            places.sort_unstable();
            for pair in places.windows(2) {
                *offsets.entry(pair[1] - pair[0]).or_default() += 1;
            }
            pairs += places.len() as f64 * (places.len() as f64 - 1.0);
        }
        let (offset, count) = offsets
            .into_iter()
            .max_by_key(|(offset, count)| (*count, std::cmp::Reverse(*offset)))?;
        let now = self.labels_first.iter().filter(|f| !**f).count() as f64;
        // Where most rows are alike anyway, equal rows say nothing of a copy.
        if count < FEWEST || pairs / (now * now) > 0.2 {
            return None;
        }
        let rows = (0..group.len()).filter(|row| !self.labels_first[*row]);
        let by_place: HashMap<u64, u32, FixedState> =
            rows.map(|row| (self.positions[row], group[row])).collect();
        let trial = |(place, name): (&u64, &u32)| {
            let earlier = by_place.get(&place.checked_sub(offset)?)?;
            Some((*place, *name != u32::MAX && name == earlier))
        };
        let mut trials: Vec<(u64, bool)> = by_place.iter().filter_map(trial).collect();
        trials.sort_unstable();
        let (from, to) = densest(&trials, 0.5)?;
        let hits = trials[from..=to].iter().filter(|(_, hit)| *hit).count();
        let dense = hits as f64 >= COPIED * (to - from + 1) as f64;
        let again = Block {
            from: trials[from].0 + 1,
            to: trials[to].0 + 1,
        };
        let first = Block {
            from: again.from - offset,
            to: again.to - offset,
        };
        (dense && hits >= FEWEST && hits as f64 >= excess / 2.0)
            .then_some(Place::Copy { first, again })
    }
}

/// Where hits lie among rows in the order of the file; `ordinary` of them would be there anyway.
fn place_of(rows: &[(u64, bool)], ordinary: f64) -> Option<Place> {
    let all = rows.iter().filter(|(_, hit)| *hit).count();
    let n = rows.len() as f64;
    if all < FEWEST || all as f64 <= ordinary {
        return None;
    }
    let share = all as f64 / n;
    let candidates = DENSITIES.iter().filter(|c| **c > share * 1.5);
    let counted = |(from, to): (usize, usize)| {
        let inside = rows[from..=to].iter().filter(|(_, hit)| *hit).count();
        let width = (to - from + 1) as f64;
        (
            from,
            to,
            inside,
            contrast((inside as f64, width), (all as f64, n)),
        )
    };
    let best = candidates
        .filter_map(|c| densest(rows, *c).map(counted))
        .max_by(|a, b| a.3.total_cmp(&b.3));
    if let Some((from, to, inside, contrast)) = best {
        let width = (to - from + 1) as f64;
        let holds = inside as f64 - ordinary * width / n >= MOST * (all as f64 - ordinary);
        if holds && width * 2.0 <= n && contrast >= 2.0 * n.ln() + SURPRISE {
            return Some(Place::Burst {
                block: Block {
                    from: rows[from].0 + 1,
                    to: rows[to].0 + 1,
                },
                inside: inside as u64,
                all: all as u64,
            });
        }
    }
    (all * 2 <= rows.len() && is_even(rows, all)).then_some(Place::Everywhere)
}

/// Whether the hits' places look drawn from all rows alike: a Kolmogorov distance that nine of ten such draws stay below.
fn is_even(rows: &[(u64, bool)], all: usize) -> bool {
    let (mut seen, mut furthest) = (0.0, 0.0f64);
    for (i, (_, hit)) in rows.iter().enumerate() {
        seen += f64::from(u8::from(*hit));
        let off = seen / all as f64 - (i + 1) as f64 / rows.len() as f64;
        furthest = furthest.max(off.abs());
    }
    all >= 2 * FEWEST && furthest * (all as f64).sqrt() <= 1.224
}

/// The run of rows with the most hits beyond a share of its length; both ends are hits.
fn densest(rows: &[(u64, bool)], share: f64) -> Option<(usize, usize)> {
    let (mut sum, mut start, mut best) = (0.0, 0, (0.0, None));
    for (i, (_, hit)) in rows.iter().enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, i);
        }
        sum += if *hit { 1.0 - share } else { -share };
        if sum > best.0 {
            best = (sum, Some((start, i)));
        }
    }
    best.1
}

/// How much better two shares of hits explain the rows than one does, in nats; 0 where the block has no more than
/// the others.
///
/// Source: Kulldorff, *A Spatial Scan Statistic* (1997), of Bernoulli counts.
fn contrast((inside, width): (f64, f64), (all, n): (f64, f64)) -> f64 {
    let likelihood = |hits: f64, rows: f64| {
        let part = |count: f64| {
            if count > 0.0 {
                count * (count / rows).ln()
            } else {
                0.0
            }
        };
        part(hits) + part(rows - hits)
    };
    if width >= n || inside * (n - width) <= (all - inside) * width {
        return 0.0;
    }
    likelihood(inside, width) + likelihood(all - inside, n - width) - likelihood(all, n)
}

#[cfg(test)]
mod tests {
    use super::{Place, place_of};
    use crate::drift::sample::Random;

    fn rows(hit: impl Fn(u64) -> bool) -> Vec<(u64, bool)> {
        (0..10_000).map(|row| (row, hit(row))).collect()
    }

    #[test]
    fn a_burst_is_found_to_the_row() {
        let place = place_of(&rows(|r| (4_000..5_204).contains(&r)), 0.0);
        let Some(Place::Burst { block, inside, all }) = place else {
            panic!("{place:?}")
        };
        assert_eq!(
            (block.from, block.to, inside, all),
            (4_001, 5_204, 1_204, 1_204)
        );
    }

    #[test]
    fn a_burst_is_found_among_ordinary_hits_and_where_it_is_thin() {
        let thin =
            |r: u64| r.is_multiple_of(50) || ((2_000..4_000).contains(&r) && r.is_multiple_of(3));
        let place = place_of(&rows(thin), 200.0);
        let Some(Place::Burst { block, inside, all }) = place else {
            panic!("{place:?}")
        };
        assert!(
            block.from.abs_diff(2_001) < 30 && block.to.abs_diff(4_000) < 30,
            "{block:?}"
        );
        assert!(inside < all);
    }

    #[test]
    fn hits_everywhere_are_no_burst() {
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let drawn: Vec<bool> = (0..10_000).map(|_| random.below(20) == 0).collect();
            let place = place_of(&(0u64..).zip(drawn).collect::<Vec<_>>(), 0.0);
            assert!(
                !matches!(place, Some(Place::Burst { .. })),
                "{seed}: {place:?}"
            );
        }
        assert_eq!(
            place_of(&rows(|r| r.is_multiple_of(20)), 0.0),
            Some(Place::Everywhere)
        );
    }

    #[test]
    fn two_halves_and_a_few_hits_have_no_place() {
        assert_eq!(place_of(&rows(|r| r % 5_000 < 200), 0.0), None);
        assert_eq!(place_of(&rows(|r| r < 6_000), 0.0), None);
        assert_eq!(place_of(&rows(|r| r < 9), 0.0), None);
        assert_eq!(place_of(&rows(|r| r < 100), 100.0), None);
    }
}
