//! A forest of intervals as text: the difference of each metric with its bounds, in a fixed number of letters.

use crate::record::MetricRecord;

/// Letters of a bar: an odd number, so that no difference has one of its own.
const WIDE: usize = 21;

/// What the letters of a bar are.
pub(super) const LEGEND: &str = "In each bar worse is left and better right: `│` no difference, `░` from the allowed loss on, `━` the interval, `◆` the difference.";

/// The gain of a metric with its bounds on an axis of its own, which ends at the furthest bound or at twice the allowed
/// loss, whichever is more; worse is left.
///
/// Shape: 21 letters; none where no difference is known or one of its numbers is none.
pub(super) fn bar(record: &MetricRecord) -> Option<String> {
    let gain = record.gain?;
    let low = gain.low.unwrap_or(gain.value);
    let high = gain.high.unwrap_or(gain.value);
    let margin = record.margin.unwrap_or(0.0);
    if [gain.value, low, high, margin]
        .iter()
        .any(|v| !v.is_finite())
    {
        return None;
    }
    let reach = [low.abs(), high.abs(), gain.value.abs(), 2.0 * margin];
    let reach = reach.into_iter().fold(f64::MIN_POSITIVE, f64::max);
    let place = |value: f64| place(value / reach);
    let mut letters: Vec<char> = vec!['·'; WIDE];
    letters[place(-margin)..].fill('░');
    letters[WIDE / 2] = '│';
    if gain.low.is_some() || gain.high.is_some() {
        let interval = place(low.min(high))..=place(high.max(low));
        letters[interval.clone()].fill('━');
        if interval.contains(&(WIDE / 2)) {
            letters[WIDE / 2] = '┿';
        }
    }
    letters[place(gain.value)] = '◆';
    Some(letters.into_iter().collect())
}

/// The letter of a place on the axis from -1 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the bar"
)]
fn place(at: f64) -> usize {
    let last = (WIDE - 1) as f64;
    (f64::midpoint(at.clamp(-1.0, 1.0), 1.0) * last).round() as usize
}

#[cfg(test)]
mod tests {
    use super::bar;
    use crate::record::{Estimate, MetricRecord};

    fn record(value: f64, bounds: Option<(f64, f64)>, margin: Option<f64>) -> MetricRecord {
        MetricRecord {
            name: "auc".to_owned(),
            definition: "auc".to_owned(),
            higher_is_better: true,
            unit: String::new(),
            slice: None,
            rows: None,
            candidate: None,
            baseline: None,
            gain: Some(Estimate {
                value,
                low: bounds.map(|b| b.0),
                high: bounds.map(|b| b.1),
            }),
            margin,
            method: None,
            rows_needed: None,
            detectable: None,
            problem: None,
        }
    }

    #[test]
    fn an_interval_lies_beside_no_difference_and_the_allowed_loss() {
        let kept = record(0.2, Some((-0.1, 0.5)), Some(0.5));
        assert_eq!(bar(&kept).as_deref(), Some("·····░░░░━┿━◆━━━░░░░░"));
        let worse = record(-0.8, Some((-1.0, -0.6)), Some(0.1));
        assert_eq!(bar(&worse).as_deref(), Some("━━◆━━····░│░░░░░░░░░░"));
        let bare = record(1.0, None, None);
        assert_eq!(bar(&bare).as_deref(), Some("··········│░░░░░░░░░◆"));
        let none = record(0.0, Some((0.0, 0.0)), None);
        assert_eq!(bar(&none).as_deref(), Some("··········◆░░░░░░░░░░"));
    }

    #[test]
    fn numbers_that_are_none_have_no_bar() {
        for value in [f64::NAN, f64::INFINITY] {
            assert_eq!(bar(&record(value, None, None)), None);
            assert_eq!(bar(&record(0.0, Some((value, 1.0)), None)), None);
        }
        let mut without = record(0.0, None, None);
        without.gain = None;
        assert_eq!(bar(&without), None);
    }
}
