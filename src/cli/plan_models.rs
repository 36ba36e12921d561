//! Models in `tollgate plan`: what would be read and asked, without reading a row.

use super::plan_power::{Needed, needed};
use crate::config::models::{Amount, Maker, Origin};
use crate::engine::embedded::predictions;
use crate::error::Result;
use crate::plan::models::{ModelPlan, kind};
use crate::report::text::line;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// What a run would judge of one model.
#[derive(Serialize)]
pub(super) struct Judging {
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    candidate: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Side>,
    slices: Vec<String>,
    metrics: Vec<Asked>,
}

#[derive(Serialize)]
struct Side {
    kind: &'static str,
    from: String,
}

#[derive(Serialize)]
struct Asked {
    name: String,
    definition: String,
    asks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Needed>,
}

/// What a run would judge; the rows of a candidate in Parquet are known from its footer.
///
/// Errors: [`crate::error::Error::Data`] for a candidate that is there and is no Parquet file.
pub(super) fn judging(plan: &ModelPlan, base: &Path) -> Result<Judging> {
    let config = &plan.config;
    let rows = match &config.candidate {
        Origin::Predictions(rows) if matches!(rows.made_by, Maker::Nobody) => {
            predictions::rows(rows, base)?
        }
        _ => None,
    };
    let metrics = config.metrics.iter().zip(&plan.metrics);
    Ok(Judging {
        model: config.name.clone(),
        task: plan.task.map(|task| task.word().to_owned()),
        candidate: side(&config.candidate),
        baseline: config.baseline.as_ref().map(side),
        slices: config.slices.iter().map(|(name, _)| name.clone()).collect(),
        metrics: metrics
            .map(|(config, metric)| Asked {
                name: config.name.clone(),
                definition: metric.definition(),
                asks: asks(plan, config),
                needs: needed(&plan.config, config, metric, rows),
            })
            .collect(),
    })
}

fn side(origin: &Origin) -> Side {
    Side {
        kind: kind(origin),
        from: match origin {
            Origin::Predictions(rows) => match &rows.made_by {
                Maker::Endpoint(endpoint) => format!(
                    "{} of {}",
                    rows.path.shown(),
                    crate::config::shown(&endpoint.url)
                ),
                Maker::Onnx(onnx) => format!("{} of {}", rows.path.shown(), onnx.path.shown()),
                _ => rows.path.shown(),
            },
            Origin::Metrics(path) | Origin::Pinned(path) => path.shown(),
            Origin::Mlflow(mlflow) => mlflow.written.clone(),
            Origin::Registry(champion) => {
                format!("`{}` of registry {}", champion.alias, champion.registry)
            }
        },
    }
}

/// What is asked of a metric, in words.
fn asks(plan: &ModelPlan, config: &crate::config::models::MetricConfig) -> Vec<String> {
    let rules = &config.rules;
    let amount = |amount: &Amount| match amount {
        Amount::Absolute(v) => v.to_string(),
        Amount::Relative(share) => format!("{} % of the baseline", share * 100.0),
    };
    let mut asks = Vec::new();
    if let Some((limit, _)) = &rules.at_least {
        asks.push(format!("at least {limit}"));
    }
    if let Some((limit, _)) = &rules.at_most {
        asks.push(format!("at most {limit}"));
    }
    match (&rules.no_worse_by, &rules.better_by) {
        (Some((by, _)), _) => asks.push(format!("no worse by {}", amount(by))),
        (None, Some((by, _))) => asks.push(format!("better by {}", amount(by))),
        (None, None) if plan.config.baseline.is_some() => {
            asks.push("no worse by 1 % of what is missing from perfect".to_owned());
        }
        (None, None) => {}
    }
    if !plan.config.slices.is_empty() && plan.config.baseline.is_some() {
        asks.push("no slice worse".to_owned());
    }
    if let Some(spread) = &rules.spread {
        asks.push(format!("slices at most {} apart", spread.at_most));
    }
    asks
}

pub(super) fn text(judging: &Judging) -> String {
    let mut out = String::new();
    let against = judging.baseline.as_ref().map_or_else(
        || ", compared with nothing".to_owned(),
        |side| format!(" against {} {}", side.kind, line(&side.from)),
    );
    let task = judging
        .task
        .as_ref()
        .map_or_else(String::new, |task| format!(" ({task})"));
    writeln!(
        out,
        "model {}{task}: {} {}{against}",
        line(&judging.model),
        judging.candidate.kind,
        line(&judging.candidate.from)
    )
    .expect(INFALLIBLE);
    if !judging.slices.is_empty() {
        writeln!(out, "  slices: {}", line(&judging.slices.join(", "))).expect(INFALLIBLE);
    }
    for metric in &judging.metrics {
        let asks = if metric.asks.is_empty() {
            "told".to_owned()
        } else {
            metric.asks.join(", ")
        };
        let definition = if metric.definition == metric.name {
            String::new()
        } else {
            format!(" = {}", metric.definition)
        };
        writeln!(out, "  {}{definition}: {asks}", line(&metric.name)).expect(INFALLIBLE);
        if let Some(needs) = &metric.needs {
            writeln!(out, "    {}", needs.text()).expect(INFALLIBLE);
        }
    }
    out
}

const INFALLIBLE: &str = "writing to a String cannot fail";
