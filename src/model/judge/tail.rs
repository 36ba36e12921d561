//! What few rows of a slice cannot show: how far off a row can be.

use super::found::Found;
use crate::model::metric::Metric;
use crate::statistics::paired::{Alpha, Paired};

/// Makes the differences of a slice as wary of rare harm as those of all rows are.
///
/// Where no bound is known of what one row could change, the largest change seen stands for it, and a slice of few rows has
/// often not seen it. All rows have, so theirs counts: errors of numbers, log loss, R² and others whose range is not finite.
/// Average precision has no such bound either, and hardly a largest row: a slice without the few rows that cost most looks
/// surer than it is, and takes the variance per row of all rows where its own is smaller.
pub(super) fn as_wary(metrics: &[Metric], found: &mut [Found], whole: &[Found], alpha: Alpha) {
    for (found, whole) in found.iter_mut().zip(whole) {
        let Some(lend) = lent(&metrics[found.metric]) else {
            continue;
        };
        for (own, of_all) in [
            (&mut found.baseline, &whole.baseline),
            (&mut found.anchor, &whole.anchor),
        ] {
            if let (Some(Ok(own)), Some(Ok(of_all))) = (own, of_all)
                && let (Ok(paired), Ok(of_all)) = (&mut own.paired, &of_all.paired)
            {
                *paired = lend(*paired, of_all, alpha);
            }
        }
    }
}

/// What a slice takes of all rows; `None` where what one row can change is known.
fn lent(metric: &Metric) -> Option<fn(Paired, &Paired, Alpha) -> Paired> {
    let (least, most) = metric.range();
    if metric.name() == "average_precision" {
        Some(Paired::as_spread_as)
    } else if (most - least).is_finite() {
        None
    } else {
        Some(Paired::as_wary_as)
    }
}
