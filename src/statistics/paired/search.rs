//! The worst slice of one or two columns, with a correction for having searched.

use super::mean::{normalised, unskewed};
use super::random::{Stream, spread};
use super::shared::Parted;
use super::shrink::{Estimate, shrink};
use super::{Alpha, NoInterval, mean};
use tables::{Slice, Slices};

mod tables;

/// Where to search.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Differences of row losses, turned so that more is better.
    pub differences: &'a [f64],
    /// What rows share: a code per row.
    pub clusters: Option<&'a [u32]>,
    /// Columns that part the rows.
    pub columns: &'a [Parted<'a>],
    /// Rows that a slice has to have, at least 2; 50 is usual.
    pub least_rows: u64,
    /// Rows of a slice that have to differ; 10 is usual.
    pub least_differing: u64,
    /// Where random signs begin.
    pub seed: u64,
    /// Random signs of all rows, 1,000 or more.
    pub replicates: u32,
    /// Threads, at least 1. The result does not depend on them.
    pub threads: usize,
    /// Chance that any slice which is not worse is called worse.
    pub alpha: Alpha,
}

/// A slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// One or two columns with a part of each, in the order of the columns.
    pub parts: Vec<(usize, u32)>,
    /// Rows.
    pub rows: u64,
    /// Rows with a difference.
    pub differing: u64,
    /// Mean difference.
    pub difference: f64,
    /// Its standard error.
    pub error: f64,
    /// The difference drawn towards that of all slices, for display.
    pub shrunken: f64,
    /// Upper bounds of all slices hold together with the error asked for.
    pub upper: f64,
    /// Chance of a slice as bad as this one, or worse, anywhere among those searched, where none is worse than 0.
    pub p: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// Slices, the worst first: by `p`, then by how many standard errors they are below 0, then by their order.
    pub slices: Vec<Found>,
    /// Slices with rows that are too small or differ in too few rows. They are not judged, and not passed.
    pub too_small: u64,
    /// Slices beyond [`MOST`], the smallest ones.
    pub left_out: u64,
}

/// Most slices that are searched.
pub const MOST: usize = 5_000;

/// Searches all slices of one column and of two columns.
///
/// Shape: one difference per row. Unit: that of the losses. Nulls: a code at or beyond a column's count is in no slice.
/// A slice of two columns with the same rows as one of either column is left away.
/// Each slice has a t statistic of its mean. Its standard error is at least that of as many rows of the whole, since a
/// slice without the few rows that matter looks surer than it is; for the same reason its skewness is at least that of
/// the whole, and the correction of [`mean::skew_t`] is made where it takes away. The reference is the smallest of all
/// slices' statistics when the signs of the differences are drawn by chance, one sign per row (per cluster; per group
/// of rows by chance beyond 2,048) for all slices at once: slices share rows, and so they share signs. `p` is
/// `(1 + as small) / (1 + replicates)`. Exact where candidate and baseline could be swapped row by row without changing
/// anything, such as two seeds of one model; where gains are rare and large and losses small, see
/// docs/model-benchmark.md.
/// Edge: no slice is found without columns. A slice whose rows all have the same difference has an error of 0 and is
/// judged by Student's distribution of nothing: it counts as too small.
/// Errors: as [`mean::skew_t`] for the differences; [`NoInterval::Lengths`] for columns.
/// Source: Westfall and Young, *Resampling-Based Multiple Testing* (1993), the smallest p-value; Chernozhukov,
/// Chetverikov and Kato, *Gaussian approximations and multiplier bootstrap for maxima of sums* (2013); both from
/// memory. The bounds from the whole are ours, their effect on the level measured.
pub fn worst_slices(search: &Search) -> Result<Searched, NoInterval> {
    mean::check(search.differences, None, search.clusters.map(<[u32]>::len))?;
    let rows = search.differences.len();
    if let Some(column) = search.columns.iter().find(|c| c.of.len() != rows) {
        return Err(NoInterval::Lengths {
            rows,
            found: column.of.len(),
        });
    }
    let slices = Slices::of(search);
    let smallest = smallest(search, &slices);
    let estimates: Vec<Estimate> = slices
        .kept
        .iter()
        .map(|s| Estimate {
            value: s.mean,
            error: s.error,
        })
        .collect();
    let shrunken = shrink(&estimates).values;
    let bound = bound(&smallest, search.alpha);
    let mut found: Vec<(f64, Found)> = slices
        .kept
        .iter()
        .zip(shrunken)
        .map(|(slice, shrunken)| judged(slice, shrunken, &smallest, bound))
        .collect();
    found.sort_by(|(a, x), (b, y)| x.p.total_cmp(&y.p).then(a.total_cmp(b)));
    Ok(Searched {
        slices: found.into_iter().map(|(_, found)| found).collect(),
        too_small: slices.too_small,
        left_out: slices.left_out,
    })
}

fn judged(slice: &Slice, shrunken: f64, smallest: &[f64], bound: f64) -> (f64, Found) {
    let raw = slice.mean / slice.scale;
    // The correction only ever takes away: two models that are right and wrong by chance are exact without it.
    let t = raw.max(normalised(raw, slice.skew));
    let as_small = smallest.partition_point(|s| *s <= t);
    let found = Found {
        parts: slice.parts.clone(),
        rows: slice.rows,
        differing: slice.differing,
        difference: slice.mean,
        error: slice.error,
        shrunken,
        upper: slice.mean - slice.scale * bound.min(unskewed(bound, slice.skew)),
        p: (1.0 + as_small as f64) / (1.0 + smallest.len() as f64),
    };
    (t, found)
}

/// The `alpha` quantile of the smallest statistics: below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank within the list"
)]
fn bound(smallest: &[f64], alpha: Alpha) -> f64 {
    let rank = ((smallest.len() as f64 + 1.0) * alpha.value()).floor() as usize;
    match rank {
        0 => f64::NEG_INFINITY,
        rank => smallest[rank - 1],
    }
}

/// The smallest statistic of each replicate, ascending.
fn smallest(search: &Search, slices: &Slices) -> Vec<f64> {
    const TOGETHER: usize = 8;
    let count = slices.kept.len();
    if count == 0 {
        return Vec::new();
    }
    let replicates = search.replicates as usize;
    let blocks = spread(
        replicates.div_ceil(TOGETHER),
        search.threads,
        || vec![0.0; count * TOGETHER],
        |block, sums| {
            let from = block * TOGETHER;
            let some = TOGETHER.min(replicates - from);
            sums.fill(0.0);
            let mut streams: Vec<Stream> = (from..from + some)
                .map(|r| Stream::new(search.seed, r as u64))
                .collect();
            for rows in slices.sums.chunks(count) {
                for (sums, stream) in sums.chunks_mut(count).zip(&mut streams) {
                    let sign = if stream.bits() >> 63 == 0 { 1.0 } else { -1.0 };
                    sums.iter_mut().zip(rows).for_each(|(s, r)| *s += sign * r);
                }
            }
            let replicate = |sums: &[f64]| {
                let each = sums
                    .iter()
                    .zip(&slices.kept)
                    .map(|(sum, slice)| slice.flipped(*sum));
                each.fold(f64::INFINITY, f64::min)
            };
            sums.chunks(count)
                .take(some)
                .map(replicate)
                .collect::<Vec<f64>>()
        },
    );
    let mut all: Vec<f64> = blocks.into_iter().flatten().collect();
    all.sort_unstable_by(f64::total_cmp);
    all
}
