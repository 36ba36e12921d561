//! The paired bootstrap of any statistic over rows, clusters, or blocks of time.

use super::NoInterval;
use super::quantiles::{interval, lean};
use super::random::{Stream, spread};

pub use super::drawn::{Units, block_length};
pub use super::quantiles::{Bootstrapped, Kind, Plan};

/// A statistic over how often each row was drawn: candidate minus baseline, or the other way round where less is
/// better. `None` where it has no value on such rows.
pub type Statistic<'a> = &'a (dyn Fn(&[u32]) -> Option<f64> + Sync);

/// Interval of one statistic over rows drawn anew with replacement.
///
/// Shape: `statistic` gets one number per row, how often it was drawn, also for clusters and blocks. Unit: that of the
/// statistic. Undefined replicates are left out and counted. Deterministic: replicate `i` takes its numbers from the
/// seed and `i`, so threads do not matter.
/// For [`Kind::Bca`] the statistic is also asked without each unit, or without each of 1,000 groups of units where
/// there are more; the method says how many.
/// Edge: an interval without width where all replicates are equal. Few rows that differ make few distinct replicates.
/// Errors: [`NoInterval::NoRows`], [`NoInterval::TooFew`] below 2 units, [`NoInterval::Lengths`] for a code that is not
/// below the count, [`NoInterval::Undefined`] where the statistic has no value on the rows themselves,
/// [`NoInterval::Replicates`] where it has none in more than 5 % of the replicates.
/// Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 13 and 14; from memory.
pub fn bootstrap(
    units: &Units,
    statistic: Statistic,
    plan: &Plan,
) -> Result<Bootstrapped, NoInterval> {
    together(units, &[statistic], plan)?.remove(0)
}

/// Intervals of many statistics over the same rows drawn anew: one draw serves them all.
///
/// Shape: one result per statistic, in their order. The same numbers as [`bootstrap`] gives for each alone.
/// Errors: as for [`bootstrap`]; those of one statistic are in its place.
pub fn together(
    units: &Units,
    statistics: &[Statistic],
    plan: &Plan,
) -> Result<Vec<Result<Bootstrapped, NoInterval>>, NoInterval> {
    let drawn = drawn(units, statistics, plan)?;
    Ok((0..statistics.len())
        .map(|s| drawn.interval(&|values| values[s]))
        .collect())
}

/// Values of some statistics on the rows themselves and on rows drawn anew.
#[derive(Debug, Clone)]
pub struct Drawn {
    values: Vec<Option<f64>>,
    replicates: Vec<Vec<Option<f64>>>,
    without: Vec<Vec<Option<f64>>>,
    plan: Plan,
}

/// Asks every statistic on every draw, for intervals of whatever is a function of them: the value of each model and their
/// difference ask each model once.
///
/// Errors: [`NoInterval::NoRows`], [`NoInterval::TooFew`], [`NoInterval::Lengths`], as for [`bootstrap`].
pub fn drawn(units: &Units, statistics: &[Statistic], plan: &Plan) -> Result<Drawn, NoInterval> {
    usable(units)?;
    let ask = |times: &[u32]| -> Vec<Option<f64>> { statistics.iter().map(|s| s(times)).collect() };
    let values = ask(&vec![1; units.rows()]);
    let replicates = spread(
        plan.replicates as usize,
        plan.threads,
        || units.scratch(),
        |replicate, scratch| {
            units.draw(&mut Stream::new(plan.seed, replicate as u64), scratch);
            ask(&scratch.times)
        },
    );
    let groups = match plan.kind {
        Kind::Percentile => 0,
        Kind::Bca => units.groups(),
    };
    let without = spread(
        groups,
        plan.threads,
        || units.scratch(),
        |group, scratch| {
            units.leave(group, scratch);
            ask(&scratch.times)
        },
    );
    Ok(Drawn {
        values,
        replicates,
        without,
        plan: *plan,
    })
}

impl Drawn {
    /// Values on the rows themselves and on rows drawn anew, for percentiles.
    pub(super) fn of(
        values: Vec<Option<f64>>,
        replicates: Vec<Vec<Option<f64>>>,
        plan: &Plan,
    ) -> Self {
        Self {
            values,
            replicates,
            without: Vec::new(),
            plan: Plan {
                kind: Kind::Percentile,
                ..*plan
            },
        }
    }

    /// Interval of a function of the statistics; it gets their values in their order.
    ///
    /// Errors: [`NoInterval::Undefined`], [`NoInterval::Replicates`], as for [`bootstrap`].
    pub fn interval(
        &self,
        of: &dyn Fn(&[Option<f64>]) -> Option<f64>,
    ) -> Result<Bootstrapped, NoInterval> {
        let replicates: Vec<Option<f64>> = self.replicates.iter().map(|r| of(r)).collect();
        let without: Vec<_> = self.without.iter().map(|w| (of(w), 1)).collect();
        let lean = (self.plan.kind == Kind::Bca).then(|| lean(&without));
        interval(of(&self.values), &replicates, lean, self.plan.alpha)
    }
}

/// Whether units can be drawn.
pub(crate) fn usable(units: &Units) -> Result<(), NoInterval> {
    let (rows, count) = (units.rows(), units.count());
    if rows == 0 {
        return Err(NoInterval::NoRows);
    }
    if let Units::Clusters { of, count } = units
        && let Some(code) = of.iter().find(|code| **code >= *count)
    {
        return Err(NoInterval::Lengths {
            rows: *count as usize,
            found: *code as usize,
        });
    }
    if count < 2 {
        return Err(NoInterval::TooFew {
            units: count as u64,
            needed: 2,
        });
    }
    Ok(())
}
