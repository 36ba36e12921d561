//! Models in Markdown: a line for both sides and a table of metrics, worst slices last.

use super::forest_text;
use super::text::{code, markdown as safe};
use super::words::{counted, grouped, metric_value};
use crate::record::{MetricRecord, ModelRecord, Run};
use std::fmt::Write as _;

const INFALLIBLE: &str = "writing to a String cannot fail";
/// Models that are shown.
const MODELS: usize = 8;
/// Slices that are shown per metric, worst first.
const SLICES: usize = 3;

/// One bullet per model.
pub(super) fn bullets(run: &Run) -> String {
    let mut out = String::new();
    for model in run.models.iter().take(MODELS) {
        let rows = model.rows.map_or_else(String::new, |rows| {
            format!("{} from ", counted(rows, "row"))
        });
        let against = model
            .baseline
            .as_ref()
            .map_or_else(String::new, |baseline| {
                format!(", against {}", code(&baseline.from))
            });
        writeln!(
            out,
            "- {}: {rows}{}{against}",
            code(&model.name),
            code(&model.candidate.from)
        )
        .expect(INFALLIBLE);
    }
    if run.models.len() > MODELS {
        writeln!(out, "- and {} more models", run.models.len() - MODELS).expect(INFALLIBLE);
    }
    out
}

/// The metrics of each model, where there are any.
pub(super) fn tables(run: &Run) -> impl Iterator<Item = String> {
    let shown = run.models.iter().take(MODELS);
    shown.filter(|m| !m.metrics.is_empty()).map(table)
}

fn table(model: &ModelRecord) -> String {
    let mut out = format!(
        "\n**{}**\n\n| Metric | Slice | Rows | Candidate | Baseline | Better by | Between | Interval |\n|---|---|---|---|---|---|---|---|\n",
        safe(&model.name)
    );
    for metric in model.metrics.iter().filter(|m| m.slice.is_none()) {
        out.push_str(&row(metric, model.rows));
        let of = |m: &&MetricRecord| m.slice.is_some() && m.name == metric.name;
        for slice in model.metrics.iter().filter(of).take(SLICES) {
            out.push_str(&row(slice, None));
        }
    }
    if model.metrics.iter().any(|m| forest_text::bar(m).is_some()) {
        writeln!(out, "\n{}", forest_text::LEGEND).expect(INFALLIBLE);
    }
    let slices = model.metrics.iter().filter(|m| m.slice.is_some()).count();
    if slices > SLICES {
        out.push_str("\nThe worst slices of each metric are shown; all are in run.json.\n");
    }
    out
}

fn row(metric: &MetricRecord, rows: Option<u64>) -> String {
    let number = |v: Option<f64>| v.map_or_else(String::new, metric_value);
    let slice = metric.slice.as_ref().map_or_else(
        || "all".to_owned(),
        |slice| {
            let cells = slice.of.iter().map(|cell| {
                format!(
                    "{} = {}",
                    safe(&cell.column),
                    safe(cell.value.as_deref().unwrap_or("null"))
                )
            });
            cells.collect::<Vec<_>>().join(", ")
        },
    );
    let rows = metric.slice.as_ref().map(|s| s.rows).or(rows);
    let between = match metric.gain.map(|g| (g.low, g.high)) {
        Some((Some(low), Some(high))) => {
            format!("{} and {}", metric_value(low), metric_value(high))
        }
        _ => String::new(),
    };
    format!(
        "| {} | {slice} | {} | {} | {} | {} | {between} | {} |\n",
        code(&metric.name),
        rows.map_or_else(String::new, grouped),
        number(metric.candidate.map(|c| c.value)),
        number(metric.baseline),
        number(metric.gain.map(|g| g.value)),
        forest_text::bar(metric).map_or_else(String::new, |bar| code(&bar)),
    )
}
