//! `tollgate baseline show`: the metrics of a baseline.

use super::read;
use crate::cli::print;
use crate::error::{EXIT_PASS, Result};
use crate::model::source::pinned::Pinned;
use crate::report::text::{line, safe_block};
use clap::ValueEnum;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The baseline's file.
    baseline: PathBuf,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Aligned text for people.
    Text,
    /// One JSON document.
    Json,
}

impl Args {
    pub(super) fn execute(self) -> Result<u8> {
        let pinned = read(&self.baseline)?;
        let text = match self.format {
            Format::Text => safe_block(&text(&pinned)),
            Format::Json => pinned.json() + "\n",
        };
        print(&text).map(|()| EXIT_PASS)
    }
}

fn text(pinned: &Pinned) -> String {
    let accepted = &pinned.accepted;
    let by = accepted
        .by
        .as_ref()
        .map_or_else(String::new, |b| format!(" by {}", line(b)));
    let mut text = format!(
        "{}, accepted at {}{by}\n",
        line(&pinned.model),
        line(&accepted.at)
    );
    if let Some(reason) = &accepted.reason {
        let _ = writeln!(text, "reason: {}", line(reason));
    }
    let _ = writeln!(text, "from {}", line(&pinned.origin.address));
    if let Some(rows) = &pinned.evaluation {
        let _ = writeln!(text, "on {} rows, {}", rows.rows, line(&rows.digest));
    }
    let number = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| v.to_string());
    let mut lines = vec![
        [
            "metric",
            "slice",
            "value",
            "standard error",
            "rows",
            "anchor",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for one in &pinned.metrics {
        let metric = &one.metric;
        let slice = metric
            .slice
            .as_ref()
            .map_or_else(|| "-".to_owned(), |(c, v)| format!("{c}={v}"));
        lines.push(vec![
            line(&metric.name),
            line(&slice),
            metric.value.to_string(),
            number(metric.standard_error),
            metric
                .rows
                .map_or_else(|| "-".to_owned(), |r| r.to_string()),
            number(one.anchor.as_ref().map(|a| a.value)),
        ]);
    }
    text + "\n" + &crate::cli::history::aligned(&lines)
}
