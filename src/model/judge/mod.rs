//! The model gate: what was found of a candidate against what is asked of it. Pure.
//!
//! [`found`] measures every metric over all rows and every slice, [`rules`] turns that into outcomes, [`table`] into the
//! record that reports draw.

pub mod asked;
pub mod compare;
pub mod found;
mod gap;
mod joint;
mod limits;
mod linear;
pub mod pictures;
mod resample;
pub mod rules;
pub mod searched;
mod slice_limits;
mod slices;
mod table;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_binned;
#[cfg(test)]
mod tests_intervals;
#[cfg(test)]
mod tests_order;
#[cfg(test)]
mod tests_tail;
mod words;

use crate::config::models::ModelConfig;
use crate::model::evaluation::Slicing;
use crate::model::metric::Metric;
use crate::record::{MetricRecord, Outcome, SliceRecord};
use crate::statistics::paired::Alpha;
use asked::Asked;
pub(super) use asked::measurement;
use found::{Found, Slice};

/// Slices that are listed as too small, at most.
const MOST_SMALL: usize = 50;

/// What was found of one model.
#[derive(Debug, Clone, Default)]
pub struct Everything {
    /// Each metric over all rows, in configuration order.
    pub whole: Vec<Found>,
    /// Each metric over each slice that is large enough.
    pub slices: Vec<Found>,
    /// Slices that are too small, largest first, with their rows.
    pub small: Vec<(Slice, u64)>,
    /// What a search found, by metric; without those that cannot be searched.
    pub searched: Vec<(usize, searched::Result)>,
    /// Columns that were searched.
    pub slicings: Vec<Slicing>,
}

/// Outcomes in configuration order.
#[must_use]
pub fn outcomes(
    model: &ModelConfig,
    metrics: &[Metric],
    found: &Everything,
    alpha: Alpha,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (place, asked) in each(model, metrics, found, alpha).enumerate() {
        let Some(whole) = found.whole.iter().find(|f| f.metric == place) else {
            continue;
        };
        let parts: Vec<&Found> = found.slices.iter().filter(|f| f.metric == place).collect();
        outcomes.extend(rules::outcomes(&asked, whole, &parts));
        let searched = found.searched.iter().filter(|(metric, _)| *metric == place);
        outcomes.extend(searched.map(|(_, f)| searched::outcome(&asked, f, &found.slicings)));
    }
    if model.search && found.searched.is_empty() {
        outcomes.push(searched::nothing(model, found));
    }
    outcomes
}

/// What is asked of each metric, in configuration order.
fn each<'a>(
    model: &'a ModelConfig,
    metrics: &'a [Metric],
    found: &Everything,
    alpha: Alpha,
) -> impl Iterator<Item = Asked<'a>> {
    let family = found.slices.len();
    let all = model.metrics.iter().zip(metrics);
    all.map(move |(config, metric)| Asked {
        model,
        config,
        metric,
        alpha,
        family,
    })
}

/// The table of metrics, slices worst first within a metric.
#[must_use]
pub fn table(
    model: &ModelConfig,
    metrics: &[Metric],
    found: &Everything,
    alpha: Alpha,
) -> Vec<MetricRecord> {
    table::records(model, metrics, found, alpha)
}

/// Slices that are too small to be judged, bounded, and how many more there are.
#[must_use]
pub fn small(found: &Everything) -> (Vec<SliceRecord>, u64) {
    let shown = found.small.iter().take(MOST_SMALL);
    let listed = shown.map(|(slice, rows)| table::slice_record(slice, *rows));
    let more = found.small.len().saturating_sub(MOST_SMALL) as u64;
    (listed.collect(), more)
}
