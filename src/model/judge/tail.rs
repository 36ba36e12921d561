//! What few rows of a slice cannot show: how far off a row can be.

use super::found::Found;
use crate::model::metric::Metric;
use crate::statistics::paired::Alpha;

/// Makes the differences of a slice as wary of rows that were not drawn as those of all rows are.
///
/// Where no bound is known of what one row could change, the largest change seen stands for it, and a slice of few rows has
/// often not seen it. All rows have: a row that does so much among them could be in the slice. Counts for metrics without a
/// bound (their range is not finite: errors of numbers, log loss, R²), and for average precision, of which a single row at the
/// top can cost more than its part of its class.
pub(super) fn as_wary(metrics: &[Metric], found: &mut [Found], whole: &[Found], alpha: Alpha) {
    for (found, whole) in found.iter_mut().zip(whole) {
        if !open_ended(&metrics[found.metric]) {
            continue;
        }
        for (own, of_all) in [
            (&mut found.baseline, &whole.baseline),
            (&mut found.anchor, &whole.anchor),
        ] {
            if let (Some(Ok(own)), Some(Ok(of_all))) = (own, of_all)
                && let (Ok(paired), Ok(of_all)) = (&mut own.paired, &of_all.paired)
            {
                *paired = paired.as_wary_as(of_all, alpha);
            }
        }
    }
}

fn open_ended(metric: &Metric) -> bool {
    let (least, most) = metric.range();
    !(most - least).is_finite() || metric.name() == "average_precision"
}

