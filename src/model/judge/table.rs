//! What was found as the table of a record.

use super::Everything;
use super::asked::Asked;
use super::found::{Found, Slice};
use super::words::unit;
use crate::config::models::ModelConfig;
use crate::model::metric::{Direction, Metric};
use crate::record::{Cell, Estimate, MetricRecord, SliceRecord};
use crate::statistics::paired::Alpha;
use crate::statistics::paired::decide::{Decision, Power, Question, decide, detectable};

pub(super) fn records(
    model: &ModelConfig,
    metrics: &[Metric],
    found: &Everything,
    alpha: Alpha,
) -> Vec<MetricRecord> {
    let mut records = Vec::new();
    for (place, asked) in super::each(model, metrics, found, alpha).enumerate() {
        let of = |f: &&Found| f.metric == place;
        records.extend(found.whole.iter().filter(of).map(|f| record(&asked, f)));
        let mut parts: Vec<&Found> = found.slices.iter().filter(of).collect();
        parts.sort_by(|a, b| poorness(a).total_cmp(&poorness(b)));
        records.extend(parts.into_iter().map(|f| record(&asked, f)));
    }
    records
}

/// What slices are sorted by: the upper bound of the gain, then those without one.
fn poorness(found: &Found) -> f64 {
    match &found.baseline {
        Some(Ok(compared)) => compared
            .paired
            .as_ref()
            .map_or(compared.gain, |paired| paired.interval.high),
        _ => f64::INFINITY,
    }
}

pub(super) fn slice_record(slice: &Slice, rows: u64) -> SliceRecord {
    SliceRecord {
        of: vec![Cell {
            column: slice.column.clone(),
            value: Some(slice.value.clone()),
        }],
        rows,
    }
}

fn record(asked: &Asked, found: &Found) -> MetricRecord {
    let finite = |v: f64| Some(v).filter(|v| v.is_finite());
    let compared = found.baseline.as_ref().and_then(|b| b.as_ref().ok());
    let paired = compared.and_then(|c| c.paired.as_ref().ok());
    let margin = match &found.slice {
        None => compared
            .filter(|_| asked.compares())
            .map(|c| asked.margin(c.value)),
        Some(_) => compared
            .filter(|_| asked.compares_slices())
            .map(|c| asked.margin_of_slice(c.value)),
    };
    let decision = paired.zip(margin).map(|(paired, margin)| {
        decide(
            paired,
            Question::NoWorse { margin },
            asked.alpha,
            Power::NINETY_PERCENT,
        )
    });
    let problem = match (&found.candidate, &found.baseline) {
        (Err(problem), _) | (Ok(_), Some(Err(problem))) => Some(problem.clone()),
        (Ok(_), Some(Ok(compared))) => compared.paired.as_ref().err().map(ToString::to_string),
        (Ok(value), None) => value.interval.as_ref().err().map(ToString::to_string),
    };
    MetricRecord {
        name: asked.config.name.clone(),
        definition: asked.metric.definition(),
        higher_is_better: asked.metric.direction() != Direction::LowerIsBetter,
        unit: unit(asked.metric.unit()).to_owned(),
        slice: found
            .slice
            .as_ref()
            .map(|slice| slice_record(slice, found.rows.unwrap_or(0))),
        rows: None,
        candidate: found.candidate.as_ref().ok().map(|value| Estimate {
            value: value.value,
            low: value.interval.as_ref().ok().and_then(|i| finite(i.low)),
            high: value.interval.as_ref().ok().and_then(|i| finite(i.high)),
        }),
        baseline: compared.map(|c| c.value),
        gain: compared.map(|compared| Estimate {
            value: compared.gain,
            low: paired.and_then(|p| finite(p.interval.low)),
            high: paired.and_then(|p| finite(p.interval.high)),
        }),
        margin,
        method: paired.map(|p| p.method.text()),
        rows_needed: match decision {
            Some(Decision::Inconclusive { rows }) => rows,
            _ => None,
        },
        detectable: paired
            .filter(|p| p.rows > 0)
            .map(|p| detectable(p.rows, p, asked.alpha, Power::NINETY_PERCENT))
            .and_then(finite),
        problem,
    }
}
