//! Models: metrics of both sides, the difference as an interval beside its margin, slices worst first.

use super::super::strip::strip;
use super::super::svg::{curve, forest};
use super::super::text::{clip, line};
use super::super::words::{counted, grouped, metric_value};
use super::card::Ids;
use crate::record::{CurveKind, MetricRecord, ModelRecord, Run, SliceRecord};
use serde::Serialize;

/// Models drawn in full.
const MODELS: usize = 8;
/// Slices drawn per metric, worst first.
const SLICES: usize = 8;
/// Slices named as too small.
const SMALL: usize = 12;

/// One model of the page.
#[derive(Serialize)]
pub(super) struct Model {
    name: String,
    sides: String,
    noise: String,
    metrics: Vec<Metric>,
    slices: Vec<Metric>,
    left_out: usize,
    small: String,
    curves: Vec<Curve>,
    /// Times of requests to the candidate's endpoint; empty without one.
    times_svg: String,
}

/// A picture with its name.
#[derive(Serialize)]
struct Curve {
    name: &'static str,
    svg: String,
}

/// One line: a metric over all rows or over a slice.
#[derive(Serialize)]
struct Metric {
    name: String,
    slice: String,
    rows: String,
    candidate: String,
    baseline: String,
    gain: String,
    forest_svg: String,
    note: String,
}

/// Models that are shown, and how many are left out.
pub(super) fn of(run: &Run, ids: &mut Ids) -> (Vec<Model>, usize) {
    let shown = run.models.iter().take(MODELS).map(|m| model(run, m, ids));
    let left = run.models.len().saturating_sub(MODELS);
    (shown.collect(), left)
}

fn model(run: &Run, record: &ModelRecord, ids: &mut Ids) -> Model {
    let whole = record.metrics.iter().filter(|m| m.slice.is_none());
    let mut left_out = 0;
    let mut slices = Vec::new();
    for metric in record.metrics.iter().filter(|m| m.slice.is_none()) {
        let of = |m: &&MetricRecord| m.slice.is_some() && m.name == metric.name;
        let all: Vec<&MetricRecord> = record.metrics.iter().filter(of).collect();
        left_out += all.len().saturating_sub(SLICES);
        slices.extend(all.into_iter().take(SLICES).map(|m| self::metric(m, ids)));
    }
    Model {
        name: clip(&line(&record.name), 80),
        sides: sides(record),
        noise: noise(record),
        metrics: whole.map(|m| self::metric(m, ids)).collect(),
        slices,
        left_out,
        small: small(record),
        curves: record
            .curves
            .iter()
            .map(|c| Curve {
                name: match c.kind {
                    CurveKind::Roc => "ROC",
                    CurveKind::PrecisionRecall => "Precision over recall",
                    CurveKind::Calibration => "Calibration",
                },
                svg: curve(c, ids.next()),
            })
            .collect(),
        times_svg: times(run, record, ids),
    }
}

/// The picture of an endpoint's times; a model without one takes no number of a picture.
fn times(run: &Run, record: &ModelRecord, ids: &mut Ids) -> String {
    match record.latency {
        None => String::new(),
        Some(_) => strip(run, record, ids.next()).unwrap_or_default(),
    }
}

/// `predictions.parquet (version 7) against champion.parquet`.
pub(super) fn sides(record: &ModelRecord) -> String {
    let side = |side: &crate::record::SideRecord| {
        // What a registry led to is named with its version already.
        let version = side.version.as_ref().filter(|_| side.registry.is_none());
        let version = version.map_or_else(String::new, |v| {
            format!(" (version {})", clip(&line(v), 20))
        });
        format!("{}{version}", clip(&line(&side.from), 120))
    };
    let against = match &record.baseline {
        Some(baseline) => format!(" against {}", side(baseline)),
        None => ", compared with nothing".to_owned(),
    };
    format!("{}{against}", side(&record.candidate))
}

fn noise(record: &ModelRecord) -> String {
    let rows = record.rows.map_or_else(
        || "Rows are not known".to_owned(),
        |rows| {
            let how = if record.paired {
                "each judged by both models"
            } else {
                "of the candidate alone"
            };
            format!("{}, {how}", counted(rows, "row"))
        },
    );
    if record.metrics.is_empty() {
        return format!("{rows}.");
    }
    let attempt = match record.attempt {
        0 | 1 => String::new(),
        n => format!(
            " This is candidate {n} on the same rows, so each answer may be wrong in {} of cases only.",
            super::super::words::percent(record.spent)
        ),
    };
    format!(
        "{rows}. Bars show where the difference is on other rows like these: each end is wrong in {} of cases.{attempt}",
        super::super::words::percent(record.spent)
    )
}

fn small(record: &ModelRecord) -> String {
    let named: Vec<String> = record
        .small_slices
        .iter()
        .take(SMALL)
        .map(|slice| format!("{} ({})", slice_name(slice), grouped(slice.rows)))
        .collect();
    let all = record.small_slices.len() as u64 + record.more_small_slices;
    let more = match all.saturating_sub(named.len() as u64) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    if named.is_empty() {
        return String::new();
    }
    format!("Too few rows to be judged: {}{more}.", named.join(", "))
}

fn slice_name(slice: &SliceRecord) -> String {
    let cells: Vec<String> = slice
        .of
        .iter()
        .map(|cell| {
            let value = cell.value.as_deref().unwrap_or("null");
            format!(
                "{} = {}",
                clip(&line(&cell.column), 40),
                clip(&line(value), 40)
            )
        })
        .collect();
    cells.join(", ")
}

fn metric(record: &MetricRecord, ids: &mut Ids) -> Metric {
    let gain = record.gain.map_or_else(String::new, |gain| {
        let bounds = match (gain.low, gain.high) {
            (Some(low), Some(high)) => {
                format!(" ({} to {})", signed(low), signed(high))
            }
            _ => String::new(),
        };
        format!("{}{bounds}", signed(gain.value))
    });
    let mut notes = Vec::new();
    if let Some(problem) = &record.problem {
        notes.push(clip(&line(problem), 200));
    }
    if let Some(rows) = record.rows_needed {
        notes.push(format!("about {} rows would tell", grouped(rows)));
    }
    if let (Some(detectable), None) = (record.detectable, &record.slice) {
        notes.push(format!(
            "a loss of {} is seen in 9 of 10 cases",
            metric_value(detectable)
        ));
    }
    if let (Some(method), None) = (&record.method, &record.slice) {
        notes.push(line(method));
    }
    Metric {
        name: clip(&line(&record.name), 60),
        slice: record.slice.as_ref().map_or_else(String::new, slice_name),
        rows: record
            .slice
            .as_ref()
            .map_or_else(String::new, |slice| grouped(slice.rows)),
        candidate: record
            .candidate
            .map_or_else(|| "none".to_owned(), |c| metric_value(c.value)),
        baseline: record.baseline.map_or_else(String::new, metric_value),
        gain,
        forest_svg: forest(record, ids.next()).unwrap_or_default(),
        note: notes.join("; "),
    }
}

fn signed(gain: f64) -> String {
    match gain {
        0.0 => "0".to_owned(),
        gain if gain > 0.0 => format!("+{}", metric_value(gain)),
        gain => format!("\u{2212}{}", metric_value(-gain)),
    }
}
