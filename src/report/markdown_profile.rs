//! Columns of a dataset in Markdown: counts, bounds and the histogram as blocks.

use super::markdown::blocks;
use super::text::{clip, code, markdown as safe};
use super::words::{counted, grouped};
use crate::record::{ColumnSummary, DatasetRecord};
use std::fmt::Write as _;

const INFALLIBLE: &str = "writing to a String cannot fail";
const HEADER: &str = "| Column | Type | Nulls | Distinct | Least | Median | Greatest | Histogram |\n|---|---|---|---|---|---|---|---|\n";
/// Bytes of what closes the section.
const CLOSING: usize = 80;
/// Characters of a value.
const VALUE: usize = 40;

/// A folded table of as many columns as there is room for, in bytes; absent when not even one fits.
pub(super) fn table(dataset: &DatasetRecord, room: usize) -> Option<String> {
    let columns = counted(dataset.profile.len() as u64, "column");
    let name = safe(&clip(&dataset.name, VALUE));
    let mut out = format!("\n<details><summary>{columns} of {name}</summary>\n\n{HEADER}");
    let room = room.saturating_sub(CLOSING);
    let mut shown = 0;
    for column in &dataset.profile {
        let row = row(column);
        if out.len() + row.len() > room {
            break;
        }
        out.push_str(&row);
        shown += 1;
    }
    if dataset.profile.len() > shown {
        let more = grouped((dataset.profile.len() - shown) as u64);
        write!(out, "\nand {more} more in run.json\n").expect(INFALLIBLE);
    }
    out.push_str("\n</details>\n");
    (shown > 0).then_some(out)
}

fn row(column: &ColumnSummary) -> String {
    let head = format!("| {} | {} ", code(&column.name), safe(&column.dtype));
    if let Some(reason) = &column.not_profiled {
        return format!("{head}| | | | | | {} |\n", safe(&clip(reason, 200)));
    }
    let value = |text: &Option<String>| {
        let text = text.as_ref();
        text.map_or_else(String::new, |t| safe(&clip(t, VALUE)))
    };
    let last = match &column.withheld {
        Some(reason) => safe(&clip(reason, 200)),
        None => histogram(&column.histogram),
    };
    format!(
        "{head}| {} | {} | {} | {} | {} | {last} |\n",
        grouped(column.nulls),
        safe(&column.distinct),
        value(&column.min),
        value(&column.median),
        value(&column.max),
    )
}

/// `▁▃▇`; empty where there is no histogram.
fn histogram(counts: &[u64]) -> String {
    let Some(peak) = counts.iter().max().filter(|n| **n > 0) else {
        return String::new();
    };
    #[expect(clippy::cast_precision_loss, reason = "one of eight heights")]
    let (counts, peak): (Vec<f64>, f64) =
        (counts.iter().map(|n| *n as f64).collect(), *peak as f64);
    format!("`{}`", blocks(&counts, peak))
}
