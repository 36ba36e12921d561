//! The column profile: one line per column, with a small histogram.

use super::super::svg::spark;
use super::super::text::{clip, line};
use super::super::words::{grouped, number, percent};
use crate::record::{ColumnSummary, Run};
use serde::Serialize;

/// Columns shown over all datasets together, which keeps the page small enough to open anywhere.
const COLUMNS: usize = 60;
/// Characters of a value.
const VALUE: usize = 40;

/// The profile of one dataset.
#[derive(Serialize)]
pub(super) struct Profile {
    dataset: String,
    total: usize,
    columns: Vec<Column>,
    left_out: usize,
}

#[derive(Serialize)]
struct Column {
    name: String,
    dtype: String,
    nulls: String,
    distinct: String,
    range: String,
    centre: String,
    spark_svg: String,
    top: String,
    details: String,
}

/// The profiles of all datasets that have one, as far as there is room, and how many datasets are left out.
pub(super) fn of(run: &Run) -> (Vec<Profile>, usize) {
    let mut room = COLUMNS;
    let profiled: Vec<_> = run
        .datasets
        .iter()
        .filter(|d| !d.profile.is_empty())
        .collect();
    let mut shown = Vec::new();
    for dataset in &profiled {
        if room == 0 {
            break;
        }
        let columns: Vec<Column> = dataset.profile.iter().take(room).map(column).collect();
        room -= columns.len();
        shown.push(Profile {
            dataset: clip(&line(&dataset.name), 80),
            total: dataset.profile.len(),
            left_out: dataset.profile.len() - columns.len(),
            columns,
        });
    }
    let left_out = profiled.len() - shown.len();
    (shown, left_out)
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn column(column: &ColumnSummary) -> Column {
    let short = |text: &str| clip(&line(text), VALUE);
    let range = match (&column.min, &column.max) {
        (Some(min), Some(max)) => format!("{} to {}", short(min), short(max)),
        (Some(one), None) | (None, Some(one)) => short(one),
        (None, None) => String::new(),
    };
    let centre = [("mean", &column.mean), ("median", &column.median)];
    let centre = centre
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", short(value.as_ref()?))));
    let top = column.top.iter().take(5);
    let details = column.details.iter().take(16).map(|m| {
        format!(
            "{} {}",
            line(&m.name).replace('_', " "),
            number(&m.text, m.number, "")
        )
    });
    Column {
        name: clip(&line(&column.name), 80),
        dtype: clip(&line(&column.dtype), 24),
        nulls: match (column.nulls, column.rows) {
            (0, _) | (_, 0) => "none".to_owned(),
            (n, rows) => format!("{} ({})", grouped(n), percent(n as f64 / rows as f64)),
        },
        distinct: short(&column.distinct),
        range,
        centre: centre.collect::<Vec<_>>().join(", "),
        spark_svg: spark(&column.histogram, &column.name),
        top: top
            .map(|t| format!("{} ({})", short(&t.value), grouped(t.count)))
            .collect::<Vec<_>>()
            .join(", "),
        details: match (&column.not_profiled, &column.withheld) {
            (Some(reason), _) => format!("not profiled: {}", clip(&line(reason), 160)),
            (None, Some(reason)) => {
                let hidden = format!("values not shown: {}", clip(&line(reason), 160));
                details.chain([hidden]).collect::<Vec<_>>().join(", ")
            }
            (None, None) => details.collect::<Vec<_>>().join(", "),
        },
    }
}
