//! How many rows a comparison needs, told before a row is read.

use crate::config::models::{Amount, MetricConfig, ModelConfig};
use crate::model::metric::Metric;
use crate::report::words::grouped;
use crate::statistics::paired::Alpha;
use crate::statistics::paired::decide::{Power, rows_for_share, rows_without_difference};
use serde::Serialize;

/// Share of rows in which two models are taken to differ for the second number.
const DIFFERING: f64 = 0.05;

/// Rows that proving "no worse by the margin" needs.
#[derive(Serialize)]
pub(super) struct Needed {
    /// Rows of the candidate, as its metadata say.
    rows: u64,
    /// Which rows count: `rows`, `rows of the class` or `rows of the rarer class`.
    of: &'static str,
    /// The least that can prove it, however alike the models are.
    at_least: u64,
    /// What proves it in nine of ten cases where the models are equally good and differ in 5 % of the rows; absent of
    /// metrics that are no share of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    where_5_percent_differ: Option<u64>,
}

/// What a metric needs, where its margin is a number and its interval says so before the rows are known.
pub(super) fn needed(
    model: &ModelConfig,
    config: &MetricConfig,
    metric: &Metric,
    rows: Option<u64>,
) -> Option<Needed> {
    let rows = rows?;
    let Some((Amount::Absolute(margin), _)) = config.rules.no_worse_by else {
        return None;
    };
    let alpha = Alpha::new(model.alpha)?;
    let (of, is_share) = match metric.name().as_str() {
        "accuracy" | "interval_coverage" => ("rows", true),
        "recall" | "specificity" | "false_positive_rate" if of_two(metric) => {
            ("rows of the class", true)
        }
        "brier" => ("rows", false),
        "roc_auc" if of_two(metric) => ("rows of the rarer class", false),
        _ => return None,
    };
    let share = || rows_for_share(margin, DIFFERING, alpha, Power::NINETY_PERCENT);
    Some(Needed {
        rows,
        of,
        at_least: rows_without_difference(margin, alpha)?,
        where_5_percent_differ: is_share.then(share).flatten(),
    })
}

/// Whether it is of one class against the other, and no mean over classes.
fn of_two(metric: &Metric) -> bool {
    let definition = metric.definition();
    definition.contains("average=binary") || !definition.contains("average")
}

impl Needed {
    /// One line.
    pub(super) fn text(&self) -> String {
        let differing = self
            .where_5_percent_differ
            .map_or_else(String::new, |rows| {
                format!(
                    ", about {} where equally good models differ in 5 % of them",
                    grouped(rows)
                )
            });
        let too_few = if self.rows < self.at_least {
            ": too few, however alike the models are"
        } else {
            ""
        };
        format!(
            "needs at least {} {}{differing}; the candidate has {} in all{too_few}",
            grouped(self.at_least),
            self.of,
            grouped(self.rows)
        )
    }
}
