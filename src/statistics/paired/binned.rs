//! Draws of groups of rows for statistics that are nearly functions of few sums: of each some draws are asked of every row,
//! which tells how far off the sums are.

use super::bootstrap::{Drawn, Plan, Statistic, usable};
use super::drawn::Units;
use super::random::{Stream, spread};
use super::{Alpha, NoInterval};

/// A statistic of sums; `None` where they do not tell.
pub type OfSums = dyn Fn(&[f64]) -> Option<f64> + Sync;

/// What a statistic is nearly a function of.
pub struct OfGroups {
    /// By group: equally many numbers, of which a draw has the sums.
    pub sums: Vec<f64>,
    /// The statistic of the sums.
    pub value: Box<OfSums>,
}

/// The sums of a statistic from so many bins; `None` where it has none.
pub type Coarsely<'a> = &'a (dyn Fn(usize) -> Option<OfGroups> + Sync);

/// A statistic of rows, and its sums.
pub struct Both<'a> {
    /// Over how often each row is drawn.
    pub rows: Statistic<'a>,
    /// Over groups.
    pub groups: Coarsely<'a>,
}

/// What an interval is wanted of: a statistic, or how far it is above another one; by their places.
pub type Wanted = (usize, Option<usize>);

/// Groups of many rows: the variance is then known from 1,023 degrees of freedom, to 4.4 %, as 1,000 draws know it.
pub const GROUPS: usize = 1_024;

/// Draws that are asked of every row.
const CHECKED: usize = 12;

/// How far sums may be off from draw to draw, in standard deviations of what is wanted as its shorter end tells them.
const TOLERATED: f64 = 0.4;

/// How many times as far as its shorter end tells the draws of what is wanted may deviate: 1 where they are normal.
const UNLIKE: f64 = 2.0;

/// Bins, and what is tried where these are too few.
const BINS: [usize; 3] = [32, 128, 512];

/// As [`super::bootstrap::drawn`] for groups of rows, where most draws are asked of sums.
///
/// Shape: one group per row, below `count`. The first 12 draws are asked of every row, and of the sums: the mean difference
/// is added to what the sums say of the others. Where the difference varies by more than 0.4 standard deviations of
/// anything that is wanted, finer bins are taken, and after these the rows. The standard deviation is that of normal draws
/// whose middle is as far from the nearer of their ends: where few draws lie far off, as those of a median beside a gap, the
/// deviation of all is theirs, and an end among the many moves by many times its own width. So few are not seen among 12
/// draws: where all deviate by more than twice that, the rows are asked, but for sums that are exact in each of the 12.
/// A draw of which the sums have no value is asked of the rows. Deterministic as [`super::bootstrap::bootstrap`]; the random numbers are those of a draw of clusters.
/// Errors: as [`super::bootstrap::drawn`].
/// Source: the regression estimate of survey sampling with a slope of one (Cochran, *Sampling Techniques*, 1977; from memory);
/// what it costs is measured in docs/model-benchmark.md.
pub fn drawn_by_group(
    (of, count): (&[u32], u32),
    statistics: &[Both],
    wanted: &[Wanted],
    plan: &Plan,
) -> Result<Drawn, NoInterval> {
    let units = Units::Clusters { of, count };
    usable(&units)?;
    let replicates = plan.replicates as usize;
    let checked = CHECKED.min(replicates);
    let every: Vec<bool> = vec![true; statistics.len()];
    let draws = Draws {
        units,
        statistics,
        plan,
    };
    let exact = draws.exact(0..checked, &|_| every.clone());
    let mut found: Vec<Option<Vec<Option<f64>>>> = vec![None; statistics.len()];
    let times = times(count as usize, plan);
    for bins in BINS {
        for (at, both) in statistics.iter().enumerate() {
            if found[at].is_none() {
                let sums = (both.groups)(bins);
                found[at] = sums.map(|sums| times.values(&sums, plan));
            }
        }
        let open = untrusted(&found, &exact, wanted);
        for at in open {
            found[at] = None;
        }
    }
    while let Some(at) = alone(&found, wanted) {
        found[at] = None;
    }
    for (at, values) in found.iter_mut().enumerate() {
        if let Some(values) = values {
            let by = off(values, &exact, at).mean;
            move_by(values, by);
        }
    }
    let known = |at: usize, replicate: usize| found[at].as_ref().and_then(|v| v[replicate]);
    let open = |replicate: usize| -> Vec<bool> {
        (0..statistics.len())
            .map(|at| known(at, replicate).is_none())
            .collect()
    };
    let mut all = exact;
    let rest = draws.exact(checked..replicates, &open);
    for (replicate, values) in (checked..).zip(rest) {
        let each = values.into_iter().enumerate();
        all.push(
            each.map(|(at, value)| known(at, replicate).or(value))
                .collect(),
        );
    }
    let ones = vec![1; of.len()];
    let values = statistics.iter().map(|both| (both.rows)(&ones)).collect();
    Ok(Drawn::of(values, all, plan))
}

/// How far sums are off, over the draws that were asked of the rows.
struct Off {
    mean: f64,
    deviation: f64,
}

fn off(values: &[Option<f64>], exact: &[Vec<Option<f64>>], at: usize) -> Off {
    let pairs = values.iter().zip(exact);
    spread_of(pairs.filter_map(|(value, exact)| Some(exact[at]? - (*value)?)))
}

fn spread_of(values: impl Iterator<Item = f64>) -> Off {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Off {
        mean,
        deviation: (squares / (count - 1.0).max(1.0)).sqrt(),
    }
}

/// Statistics of which the sums are too far off for something that is wanted of them.
fn untrusted(
    found: &[Option<Vec<Option<f64>>>],
    exact: &[Vec<Option<f64>>],
    wanted: &[Wanted],
) -> Vec<usize> {
    let mut open = Vec::new();
    for (now, other) in wanted {
        let of = |values: &dyn Fn(usize) -> Option<f64>| {
            let other = other.map_or(Some(0.0), values);
            Some(values(*now)? - other?)
        };
        let sides = || [Some(*now), *other].into_iter().flatten();
        if sides().any(|side| found[side].is_none()) {
            continue;
        }
        let value = |replicate: usize, side: usize| found[side].as_ref()?[replicate];
        let replicates = found[*now].as_ref().map_or(0, Vec::len);
        let all = (0..replicates).filter_map(|r| of(&|side| value(r, side)));
        let differences = exact
            .iter()
            .enumerate()
            .filter_map(|(r, exact)| Some(of(&|side| exact[side])? - of(&|side| value(r, side))?));
        let all: Vec<f64> = all.collect();
        let (off, scale) = (spread_of(differences).deviation, scale(&all));
        let unlike = spread_of(all.into_iter()).deviation > UNLIKE * scale;
        if off > 0.0 && (unlike || off > TOLERATED * scale) {
            open.extend(sides());
        }
    }
    open
}

/// A statistic that is asked of sums, and beside which another one is wanted that is asked of the rows: what sums are off by
/// was judged where both are, and partly goes off in their difference.
fn alone(found: &[Option<Vec<Option<f64>>>], wanted: &[Wanted]) -> Option<usize> {
    let mut pairs = wanted
        .iter()
        .filter_map(|(now, other)| Some((*now, (*other)?)));
    pairs.find_map(|(a, b)| match (&found[a], &found[b]) {
        (Some(_), None) => Some(a),
        (None, Some(_)) => Some(b),
        _ => None,
    })
}

/// The standard deviation of normal draws of which the nearer end of 90 % is as far from the middle as of these.
fn scale(draws: &[f64]) -> f64 {
    let mut draws = draws.to_vec();
    draws.sort_by(f64::total_cmp);
    let at = |share: usize| draws.get(draws.len().saturating_sub(1) * share / 100);
    let (Some(low), Some(middle), Some(high)) = (at(5), at(50), at(95)) else {
        return 0.0;
    };
    (middle - low).min(high - middle) / Alpha::FIVE_PERCENT.z()
}

fn move_by(values: &mut [Option<f64>], by: f64) {
    for value in values.iter_mut().flatten() {
        *value += by;
    }
}

/// Draws that are asked of the rows.
struct Draws<'a> {
    units: Units<'a>,
    statistics: &'a [Both<'a>],
    plan: &'a Plan,
}

impl Draws<'_> {
    /// What the rows say of some draws, of the statistics that are open there.
    fn exact(
        &self,
        replicates: std::ops::Range<usize>,
        open: &(dyn Fn(usize) -> Vec<bool> + Sync),
    ) -> Vec<Vec<Option<f64>>> {
        spread(
            replicates.len(),
            self.plan.threads,
            || self.units.scratch(),
            |at, scratch| {
                let replicate = replicates.start + at;
                let open = open(replicate);
                if open.contains(&true) {
                    let mut stream = Stream::new(self.plan.seed, replicate as u64);
                    self.units.draw(&mut stream, scratch);
                }
                let each = self.statistics.iter().zip(&open);
                each.map(|(both, open)| open.then(|| (both.rows)(&scratch.times))?)
                    .collect()
            },
        )
    }
}

/// Draws that are multiplied together: so many replicates and sums fit into the registers.
const TOGETHER: usize = 4;
const LANES: usize = 8;

/// How often each group is drawn: by block of replicates, by group, by replicate.
struct Times {
    blocks: Vec<Vec<[f32; TOGETHER]>>,
    groups: usize,
}

fn times(groups: usize, plan: &Plan) -> Times {
    let blocks = (plan.replicates as usize).div_ceil(TOGETHER);
    let block = |block: usize| {
        let mut times = vec![[0.0; TOGETHER]; groups];
        let places = (block * TOGETHER..).zip(0..TOGETHER);
        places.for_each(|(replicate, at)| {
            let mut stream = Stream::new(plan.seed, replicate as u64);
            (0..groups).for_each(|_| times[stream.below(groups)][at] += 1.0);
        });
        times
    };
    Times {
        blocks: spread(blocks, plan.threads, || (), |at, ()| block(at)),
        groups,
    }
}

impl Times {
    /// The statistic of the sums of every draw.
    ///
    /// Sums of counts are exact up to 2^24, those of weights to about 1e-6 of the sum.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "to the nearest number of that size"
    )]
    fn values(&self, of: &OfGroups, plan: &Plan) -> Vec<Option<f64>> {
        let width = of.sums.len() / self.groups.max(1);
        let panels: Vec<Vec<[f32; LANES]>> = (0..width)
            .step_by(LANES)
            .map(|from| {
                let to = (from + LANES).min(width);
                let lanes = of.sums.chunks_exact(width).map(|sums| {
                    let mut lanes = [0.0; LANES];
                    let own = lanes.iter_mut().zip(&sums[from..to]);
                    own.for_each(|(lane, sum)| *lane = *sum as f32);
                    lanes
                });
                lanes.collect()
            })
            .collect();
        let blocks = spread(
            self.blocks.len(),
            plan.threads,
            || vec![0.0; panels.len() * LANES * TOGETHER],
            |block, sums| {
                let stride = panels.len() * LANES;
                for (at, panel) in panels.iter().enumerate() {
                    for (replicate, lanes) in product(&self.blocks[block], panel).iter().enumerate()
                    {
                        let from = replicate * stride + at * LANES;
                        let own = sums[from..from + LANES].iter_mut().zip(lanes);
                        own.for_each(|(sum, lane)| *sum = f64::from(*lane));
                    }
                }
                let each = sums.chunks_exact(stride);
                each.map(|sums| (of.value)(&sums[..width]))
                    .collect::<Vec<_>>()
            },
        );
        let mut values: Vec<Option<f64>> = blocks.into_iter().flatten().collect();
        values.truncate(plan.replicates as usize);
        values
    }
}

/// Sums over the groups of some numbers, each as often as some draws say.
fn product(times: &[[f32; TOGETHER]], panel: &[[f32; LANES]]) -> [[f32; LANES]; TOGETHER] {
    let mut sums = [[0.0; LANES]; TOGETHER];
    for (times, numbers) in times.iter().zip(panel) {
        for (sums, times) in sums.iter_mut().zip(times) {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += times * number;
            }
        }
    }
    sums
}
