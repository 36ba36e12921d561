//! The bootstrap of a function of few counts: how many rows there are of each joint kind.

use super::NoInterval;
use super::bootstrap::{Bootstrapped, Kind, Plan};
use super::quantiles::{interval, lean};
use super::random::{Stream, multinomial, spread};
use crate::statistics::draws::Hypergeometric;

/// Interval of a statistic that depends on the rows only by the counts of few distinct cells, such as truth x class of
/// the candidate x class of the baseline: 8 cells of two classes.
///
/// Shape: `statistic` gets counts in the order of `counts`. The time depends on the cells and not on the rows: drawing
/// rows with replacement is a multinomial draw of counts. Exact jackknife for BCa: all rows of a cell are alike.
/// The ends allow for harm in rows that were not drawn ([`Bootstrapped::allowing`]), by the most that one more row of
/// any cell changes the statistic: name cells that cannot be as no cells. Without a disagreement the interval has a
/// width.
/// Unit: that of the statistic. Edge and errors: as for [`super::bootstrap::bootstrap`], whose distribution this has.
/// Source: as there; the draw by conditional binomials.
pub fn cells(
    counts: &[u64],
    statistic: &(dyn Fn(&[u64]) -> Option<f64> + Sync),
    plan: &Plan,
) -> Result<Bootstrapped, NoInterval> {
    let rows: u64 = counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count));
    match rows {
        0 => return Err(NoInterval::NoRows),
        1 => {
            return Err(NoInterval::TooFew {
                units: 1,
                needed: 2,
            });
        }
        _ => {}
    }
    let law = Hypergeometric::new();
    let replicates = spread(
        plan.replicates as usize,
        plan.threads,
        || vec![0; counts.len()],
        |replicate, drawn| {
            let mut stream = Stream::new(plan.seed, replicate as u64);
            multinomial(&law, counts, &mut stream, drawn);
            statistic(drawn)
        },
    );
    let lean = (plan.kind == Kind::Bca).then(|| {
        let without: Vec<(Option<f64>, u64)> = (0..counts.len())
            .filter(|cell| counts[*cell] > 0)
            .map(|cell| {
                let mut fewer = counts.to_vec();
                fewer[cell] -= 1;
                (statistic(&fewer), counts[cell])
            })
            .collect();
        lean(&without)
    });
    let found = interval(statistic(counts), &replicates, lean, plan.alpha)?;
    Ok(found.allowing(worst(counts, statistic, found.value), plan.alpha))
}

/// The most that one more row changes the statistic, of a cell with rows or without.
fn worst(counts: &[u64], statistic: &(dyn Fn(&[u64]) -> Option<f64> + Sync), value: f64) -> f64 {
    let mut more = counts.to_vec();
    largest_change(counts.len(), value, |cell| {
        more[cell] += 1;
        let changed = statistic(&more);
        more[cell] -= 1;
        changed
    })
}

/// The most that one more row of this weight changes a statistic of weighted cells: for [`Bootstrapped::allowing`] where
/// rows have weights, share clusters or follow each other.
///
/// Shape: `sums` are the weights of the rows by cell; `value` is the statistic of them. Unit: that of the statistic. A cell
/// of which one more row leaves no value is left out.
#[must_use]
pub fn worst_row(
    sums: &[f64],
    statistic: &dyn Fn(&[f64]) -> Option<f64>,
    value: f64,
    weight: f64,
) -> f64 {
    let mut more = sums.to_vec();
    largest_change(sums.len(), value, |cell| {
        let before = std::mem::replace(&mut more[cell], sums[cell] + weight);
        let changed = statistic(&more);
        more[cell] = before;
        changed
    })
}

fn largest_change(
    cells: usize,
    value: f64,
    mut with_one_more: impl FnMut(usize) -> Option<f64>,
) -> f64 {
    (0..cells)
        .filter_map(|cell| with_one_more(cell).map(|changed| (changed - value).abs()))
        .fold(0.0, f64::max)
}
