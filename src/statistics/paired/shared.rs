//! Many metrics on many slices from the same rows drawn anew.
//!
//! The gate draws so for every metric that is a function of sums of row terms and has no interval of its own: of cells where
//! rows have weights, share clusters or follow each other, and of RMSE, WAPE, R² and explained variance.

use super::NoInterval;
use super::bootstrap::{Bootstrapped, Kind, Plan, Units};
use super::drawn::folded;
use super::quantiles::{interval, lean};
use super::random::{Stream, spread};

/// Row terms whose sums are all that the metrics need: hits and losses of both models, weights, counts of cells.
#[derive(Debug, Clone, Copy)]
pub struct Sums<'a> {
    /// What is drawn as one. [`Units::Blocks`] are drawn as fixed runs of rows here.
    pub units: Units<'a>,
    /// One slice of numbers per term, each as long as there are rows.
    pub terms: &'a [&'a [f64]],
    /// Columns that part the rows; each row is in one part of each, or in none.
    pub slices: &'a [Parted<'a>],
}

/// A column of slices.
#[derive(Debug, Clone, Copy)]
pub struct Parted<'a> {
    /// Part of each row; a code that is not below the count is in no part.
    pub of: &'a [u32],
    /// Parts.
    pub count: u32,
}

/// A metric's difference from sums of terms, in their order; `None` where it has no value.
pub type OfSums<'a> = &'a (dyn Fn(&[f64]) -> Option<f64> + Sync);

/// Results by slice and metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// All rows: one result per metric.
    pub whole: Vec<Result<Bootstrapped, NoInterval>>,
    /// By column, by part, by metric.
    pub parts: Vec<Vec<Vec<Result<Bootstrapped, NoInterval>>>>,
    /// Units that were drawn: rows, clusters or runs, or groups of them where there are more than [`GROUPS`].
    pub drawn: usize,
}

/// Most units that are drawn one by one.
///
/// More rows than that are put into so many groups by chance, and groups are drawn. The variance is then known from
/// 2,047 degrees of freedom, to 3 %, as much as 1,000 replicates know it; a part of fewer rows than groups is drawn row
/// by row in effect, since few groups hold two of its rows.
pub const GROUPS: usize = 2_048;

/// Replicates that are summed in one pass over the groups.
const TOGETHER: usize = 8;

/// Intervals of every metric on all rows and on every part of every column.
///
/// Shape: see [`Sums`]; `statistics` get the sums of the terms over the rows drawn. Unit: that of each statistic.
/// Nulls: left out by the caller; a NaN in a term makes the statistics of its slices undefined. Deterministic: as
/// [`super::bootstrap::bootstrap`]. A part without rows is [`NoInterval::NoRows`].
/// Time: `rows * terms * columns` once, then `replicates * groups * terms * parts`.
/// Errors: as [`super::bootstrap::bootstrap`]; [`NoInterval::Lengths`] for columns of other lengths.
/// Source: the bootstrap over clusters (Field and Welsh, *Bootstrapping clustered data*, 2007; from memory) with random
/// clusters; the argument for their number is above and its check in `benches/model`.
pub fn shared(sums: &Sums, statistics: &[OfSums], plan: &Plan) -> Result<Shared, NoInterval> {
    let rows = check(sums)?;
    let groups = Groups::of(&sums.units, GROUPS);
    let times: Vec<f64> = spread(
        plan.replicates as usize,
        plan.threads,
        || (),
        |replicate, ()| groups.draw(&mut Stream::new(plan.seed, replicate as u64)),
    )
    .into_iter()
    .flatten()
    .collect();
    let all = vec![0; rows];
    let whole = Parted { of: &all, count: 1 };
    let columns: Vec<Parted> = std::iter::once(whole)
        .chain(sums.slices.iter().copied())
        .collect();
    let mut found = spread(
        columns.len(),
        plan.threads,
        || (),
        |column, ()| {
            let table = Table::of(&columns[column], sums.terms, &groups);
            table.judge(statistics, &times, plan)
        },
    );
    let whole = found.remove(0).remove(0);
    Ok(Shared {
        whole,
        parts: found,
        drawn: groups.count,
    })
}

fn check(sums: &Sums) -> Result<usize, NoInterval> {
    super::bootstrap::usable(&sums.units)?;
    let rows = sums.units.rows();
    let terms = sums.terms.iter().map(|t| t.len());
    let lengths = terms.chain(sums.slices.iter().map(|s| s.of.len()));
    match lengths.into_iter().find(|found| *found != rows) {
        Some(found) => Err(NoInterval::Lengths { rows, found }),
        None => Ok(rows),
    }
}

/// Groups by chance of units, and how many there are: at most so many, for drawing many rows by group.
///
/// [`Units::Blocks`] are fixed runs of rows here.
#[must_use]
pub fn grouped(units: &Units, most: usize) -> (Vec<u32>, u32) {
    let groups = Groups::of(units, most);
    (groups.of, u32::try_from(groups.count).unwrap_or(u32::MAX))
}

/// Which group each row is in.
struct Groups {
    of: Vec<u32>,
    count: usize,
}

impl Groups {
    fn of(units: &Units, most: usize) -> Self {
        let (all, rows) = (units.count(), units.rows());
        let count = all.min(most);
        let unit = |row: usize| match units {
            Units::Rows(_) => row,
            Units::Clusters { of, .. } => of[row] as usize,
            Units::Blocks { length, .. } => row / (*length).max(1),
        };
        let of = (0..rows)
            .map(|row| u32::try_from(folded(unit(row), all, count)).unwrap_or(u32::MAX))
            .collect();
        Self { of, count }
    }

    /// How often each group is drawn.
    fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        let mut times = vec![0.0; self.count];
        (0..self.count).for_each(|_| times[stream.below(self.count)] += 1.0);
        times
    }
}

/// Sums of the terms by group and part.
struct Table {
    /// Groups, each with the terms of each part.
    sums: Vec<f64>,
    terms: usize,
    /// Rows of each part.
    rows: Vec<u64>,
    groups: usize,
}

impl Table {
    fn of(column: &Parted, terms: &[&[f64]], groups: &Groups) -> Self {
        let (parts, width) = (column.count as usize, terms.len());
        let mut sums = vec![0.0; groups.count * parts * width];
        let mut rows = vec![0; parts];
        for (row, (part, group)) in column.of.iter().zip(&groups.of).enumerate() {
            let part = *part as usize;
            if part >= parts {
                continue;
            }
            rows[part] += 1;
            let from = (*group as usize * parts + part) * width;
            for (sum, term) in sums[from..from + width].iter_mut().zip(terms) {
                *sum += term[row];
            }
        }
        Self {
            sums,
            terms: width,
            rows,
            groups: groups.count,
        }
    }

    /// All results of a column: by part, by metric.
    fn judge(
        &self,
        statistics: &[OfSums],
        times: &[f64],
        plan: &Plan,
    ) -> Vec<Vec<Result<Bootstrapped, NoInterval>>> {
        let width = self.rows.len() * self.terms;
        let drawn = self.replicates(times, width);
        let whole = self.weighted(&[&vec![1.0; self.groups]], width).remove(0);
        (0..self.rows.len())
            .map(|part| {
                if self.rows[part] == 0 {
                    return vec![Err(NoInterval::NoRows); statistics.len()];
                }
                let own = part * self.terms..(part + 1) * self.terms;
                statistics
                    .iter()
                    .map(|statistic| {
                        let replicates: Vec<_> = drawn
                            .iter()
                            .map(|sums| statistic(&sums[own.clone()]))
                            .collect();
                        let total = &whole[own.clone()];
                        let lean = (plan.kind == Kind::Bca)
                            .then(|| lean(&self.without(part, total, *statistic)));
                        interval(statistic(total), &replicates, lean, plan.alpha)
                    })
                    .collect()
            })
            .collect()
    }

    /// Sums of every replicate.
    fn replicates(&self, times: &[f64], width: usize) -> Vec<Vec<f64>> {
        let replicates: Vec<&[f64]> = times.chunks(self.groups).collect();
        replicates
            .chunks(TOGETHER)
            .flat_map(|some| self.weighted(some, width))
            .collect()
    }

    /// Sums over the groups, each as often as `times` says, for some replicates in one pass.
    fn weighted(&self, times: &[&[f64]], width: usize) -> Vec<Vec<f64>> {
        let mut totals = vec![vec![0.0; width]; times.len()];
        for (group, sums) in self.sums.chunks(width.max(1)).enumerate() {
            for (total, times) in totals.iter_mut().zip(times) {
                let times = times[group];
                if times != 0.0 {
                    total
                        .iter_mut()
                        .zip(sums)
                        .for_each(|(t, s)| *t += times * s);
                }
            }
        }
        totals
    }

    /// The statistic of a part without each group that has rows of it.
    fn without(&self, part: usize, total: &[f64], statistic: OfSums) -> Vec<(Option<f64>, u64)> {
        let width = self.rows.len() * self.terms;
        let mut left = vec![0.0; self.terms];
        let mut values = Vec::new();
        for sums in self.sums.chunks(width.max(1)) {
            let own = &sums[part * self.terms..(part + 1) * self.terms];
            if own.iter().all(|s| *s == 0.0) {
                continue;
            }
            for ((left, total), own) in left.iter_mut().zip(total).zip(own) {
                *left = total - own;
            }
            values.push((statistic(&left), 1));
        }
        values
    }
}
