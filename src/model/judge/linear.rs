//! Intervals of smooth metrics from what each row adds to them, without rows drawn anew.

use super::compare::codes;
use super::found::Care;
use crate::model::evaluation::Evaluation;
use crate::model::metric::{Prepared, Rarer};
use crate::statistics::paired::mean::{Influences, influences};
use crate::statistics::paired::series::in_time;
use crate::statistics::paired::{NoInterval, Paired};

/// The candidate's value, or its difference to another model's, with an interval; `None` of metrics that are no smooth
/// function of rows, and of those whose units are not rows.
///
/// An area is as sure as the rows, or clusters, of the rarer class tell: Student's quantile is theirs, and a row of that class
/// that was not drawn could cost its whole part of the class, as in DeLong's interval.
pub(super) fn linear(
    candidate: &Prepared,
    other: Option<&Prepared>,
    rows: &Evaluation,
    care: Care,
) -> Option<Result<Paired, NoInterval>> {
    let count = rows.candidate.rows();
    let own = |prepared: &Prepared| {
        let fits = prepared.unit_of_row().is_none() && prepared.rows() == count;
        Some((prepared.value(None)?, prepared.influence()?)).filter(|_| fits)
    };
    let (mut estimate, mut influence) = own(candidate)?;
    if let Some(other) = other {
        let (value, of_other) = own(other)?;
        estimate -= value;
        for (own, other) in influence.iter_mut().zip(of_other) {
            *own -= other;
        }
    }
    let clusters = codes(rows);
    let rarer = |prepared: &Prepared| match prepared {
        Prepared::Ranked(ranked) => ranked.rarer(clusters),
        _ => None,
    };
    let (now, before) = (rarer(candidate), other.and_then(rarer));
    let worst = |rarer: Rarer| before.map_or(rarer.worst, |other| rarer.worst.max(other.worst));
    let of = Influences {
        estimate,
        rows: &influence,
        clusters,
        worst: now.map(worst),
        scarce: now.map(|rarer| rarer.units),
    };
    Some(if rows.timed {
        in_time(&of, care.alpha)
    } else {
        influences(&of, care.alpha)
    })
}

/// Two intervals of one difference as one: at each end the one that is further out.
///
/// A draw of rows knows how a metric bends, but its quantiles are normal ones: they do not know how little a few dozen units
/// or runs of rows tell of their own spread, and runs lose what rows share beyond their ends. What rows add is judged
/// by Student's quantiles, and in time order by a variance that holds its level (docs/model-benchmark.md has both).
/// Source: Lahiri, *Resampling Methods for Dependent Data* (2003), on studentised against plain block bootstraps; Lazarus,
/// Lewis, Stock and Watson (2018), on the level of long-run variances; both from memory.
pub(super) fn wider(
    drawn: Result<Paired, NoInterval>,
    linear: Option<Result<Paired, NoInterval>>,
) -> Result<Paired, NoInterval> {
    let Some(linear) = linear else {
        return drawn;
    };
    Ok(drawn?.further(&linear?))
}
