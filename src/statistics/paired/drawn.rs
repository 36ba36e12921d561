//! Rows drawn anew, alone, by cluster or in blocks, and groups of rows left out.

use super::random::{Stream, mixed};

/// What is drawn as one.
#[derive(Debug, Clone, Copy)]
pub enum Units<'a> {
    /// Every row by itself.
    Rows(usize),
    /// All rows of a cluster together: one code below `count` per row.
    Clusters {
        /// Code of each row.
        of: &'a [u32],
        /// Codes there are; one that no row has is no cluster.
        count: u32,
    },
    /// Rows in time order, in runs of `length` that begin anywhere and go on from the last row to the first (Politis
    /// and Romano's circular blocks). [`block_length`] proposes one.
    Blocks {
        /// All rows.
        rows: usize,
        /// Rows of a run, at least 1.
        length: usize,
    },
}

/// Length of blocks for so many rows in time order: `ceil(1.5 n^(1/3))`.
///
/// Source: the rate is that of Hall, Horowitz and Jing, *On blocking rules for the bootstrap with dependent data*
/// (1995), for a variance; the factor is ours.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive number"
)]
pub fn block_length(rows: usize) -> usize {
    ((1.5 * (rows as f64).cbrt()).ceil() as usize).clamp(1, rows.max(1))
}

/// Groups that are left out one after the other, at most.
const GROUPS: usize = 1_000;

/// What a thread needs to draw.
pub(super) struct Scratch {
    pub(super) times: Vec<u32>,
    clusters: Vec<u32>,
}

impl Units<'_> {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Rows(rows) | Self::Blocks { rows, .. } => *rows,
            Self::Clusters { of, .. } => of.len(),
        }
    }

    /// How many are drawn.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Rows(rows) => *rows,
            Self::Clusters { count, .. } => *count as usize,
            Self::Blocks { rows, length } => rows.div_ceil((*length).max(1)),
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch {
            times: vec![0; self.rows()],
            clusters: match self {
                Self::Clusters { count, .. } => vec![0; *count as usize],
                _ => Vec::new(),
            },
        }
    }

    /// How often each row is drawn in one replicate.
    pub(super) fn draw(&self, stream: &mut Stream, scratch: &mut Scratch) {
        let times = &mut scratch.times;
        match self {
            Self::Rows(rows) => {
                times.fill(0);
                (0..*rows).for_each(|_| times[stream.below(*rows)] += 1);
            }
            Self::Clusters { of, count } => {
                let drawn = &mut scratch.clusters;
                drawn.fill(0);
                (0..*count).for_each(|_| drawn[stream.below(*count as usize)] += 1);
                for (time, code) in times.iter_mut().zip(*of) {
                    *time = drawn[*code as usize];
                }
            }
            Self::Blocks { rows, length } => {
                times.fill(0);
                let mut left = *rows;
                while left > 0 {
                    let from = stream.below(*rows);
                    let run = (*length).clamp(1, left);
                    (from..from + run).for_each(|row| times[row % *rows] += 1);
                    left -= run;
                }
            }
        }
    }

    /// How many groups can be left out: one per unit where that is cheap.
    pub(super) fn groups(&self) -> usize {
        self.count().min(GROUPS)
    }

    /// All rows once, but for those of one group.
    pub(super) fn leave(&self, group: usize, scratch: &mut Scratch) {
        let (count, groups) = (self.count(), self.groups());
        let stays = |unit: usize| u32::from(folded(unit, count, groups) != group);
        match self {
            Self::Clusters { of, .. } => {
                for (time, code) in scratch.times.iter_mut().zip(*of) {
                    *time = stays(*code as usize);
                }
            }
            // Neighbours in time stay together.
            Self::Blocks { rows, .. } => {
                for (row, time) in scratch.times.iter_mut().enumerate() {
                    *time = u32::from(row * groups / rows != group);
                }
            }
            Self::Rows(_) => {
                for (row, time) in scratch.times.iter_mut().enumerate() {
                    *time = stays(row);
                }
            }
        }
    }
}

/// The group that a unit is in: its own where there are as many, else one by chance.
pub(super) fn folded(unit: usize, units: usize, groups: usize) -> usize {
    if units <= groups {
        return unit;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below the groups")]
    let group = ((u128::from(mixed(unit as u64 ^ 0x5bd1_e995)) * groups as u128) >> 64) as usize;
    group
}
