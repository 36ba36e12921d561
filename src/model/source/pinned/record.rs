//! A baseline of what a run's record says of a model.

use super::{Accepted, Evaluation, Pinned};
use crate::model::source::{Origin, OriginKind, Tracked, TrackedMetric};
use crate::record::{Estimate, MetricRecord, ModelRecord, SideRecord};
use crate::statistics::intervals::Interval;
use statrs::distribution::{ContinuousCDF as _, Normal};

/// The candidate of a run as a baseline: its metrics that have a value, over all rows and over slices of one column.
///
/// The standard error is the distance of the further confidence bound over the normal quantile of the chance that the run
/// spent, where both bounds are known, to six digits: exact for bounds that are made so, near it for others.
/// Errors: in words, when no metric has a value.
pub fn of_run(model: &ModelRecord, accepted: Accepted) -> Result<Pinned, String> {
    let metrics = measured(model);
    if metrics.is_empty() {
        return Err(format!(
            "no metric of `{}` has a value in this run",
            model.name
        ));
    }
    let tracked = Tracked {
        metrics,
        origin: origin(&model.candidate),
        datasets: Vec::new(),
        others: Vec::new(),
    };
    let mut pinned = Pinned::of(&model.name, accepted, &tracked);
    pinned.evaluation = model
        .rows
        .zip(model.rows_sha256.as_ref())
        .map(|(rows, digest)| Evaluation {
            rows,
            digest: format!("sha256:{digest}"),
        });
    Ok(pinned)
}

/// The candidate's metrics that have a value, over all rows and over slices of one column, with their standard errors as in
/// [`of_run`]; empty where none has.
#[must_use]
pub fn measured(model: &ModelRecord) -> Vec<TrackedMetric> {
    let metrics = model.metrics.iter();
    metrics.filter_map(|m| metric(m, model)).collect()
}

fn metric(metric: &MetricRecord, model: &ModelRecord) -> Option<TrackedMetric> {
    let slice = match &metric.slice {
        None => None,
        Some(slice) => match slice.of.as_slice() {
            // A number in the place of a value that is not shown names another slice in the next run.
            [cell] => Some((
                cell.column.clone(),
                cell.value.clone().filter(|v| !is_hidden(v))?,
            )),
            _ => return None,
        },
    };
    let estimate = metric.candidate.filter(|e| e.value.is_finite())?;
    Some(TrackedMetric {
        name: metric.name.clone(),
        value: estimate.value,
        standard_error: standard_error(&estimate, model.spent),
        rows: rows(metric, model),
        slice,
        definition: Some(metric.definition.clone()),
    })
}

/// Rows of a slice, of a metric that a file says them of, or of the model; absent where nobody said, which a slice writes as 0.
fn rows(metric: &MetricRecord, model: &ModelRecord) -> Option<u64> {
    let slice = metric.slice.as_ref();
    slice.map_or(metric.rows.or(model.rows), |s| {
        Some(s.rows).filter(|rows| *rows > 0)
    })
}

fn is_hidden(value: &str) -> bool {
    value.starts_with(crate::detect::HIDDEN)
}

fn standard_error(estimate: &Estimate, spent: f64) -> Option<f64> {
    let (low, high) = estimate.low.zip(estimate.high)?;
    let quantile = Normal::standard().inverse_cdf(1.0 - spent);
    let error = Interval { low, high }.standard_error(estimate.value, quantile);
    // six digits: what is beyond them is noise in a file that people read
    let error: f64 = format!("{error:.5e}").parse().ok()?;
    (spent > 0.0 && spent < 0.5 && error.is_finite() && error >= 0.0).then_some(error)
}

fn origin(side: &SideRecord) -> Origin {
    let kind = match side.kind.as_str() {
        "metrics" => OriginKind::MetricsFile,
        "pinned" => OriginKind::Pinned,
        "mlflow_run" => OriginKind::MlflowRun,
        "mlflow_model" => OriginKind::MlflowModel,
        "mlflow_version" | "mlflow" => OriginKind::MlflowVersion,
        "command" => OriginKind::Command,
        "endpoint" => OriginKind::Endpoint,
        "onnx" => OriginKind::Onnx,
        _ => OriginKind::Predictions,
    };
    let mut origin = Origin::of(kind, &side.from);
    origin.version.clone_from(&side.version);
    origin.run_id.clone_from(&side.run_id);
    let own: Vec<&str> = side.own().collect();
    origin.digest = match own.as_slice() {
        [digest] => Some(format!("sha256:{digest}")),
        _ => None,
    };
    origin
}
