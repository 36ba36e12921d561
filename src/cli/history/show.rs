//! `tollgate history show`: numbers over the runs of a dataset.

use super::{Format, aligned, csv, series};
use crate::cli::print;
use crate::config::Config;
use crate::diagnostic::unknown;
use crate::error::{EXIT_PASS, Error, Result};
use crate::history::metric::{Metric, MetricKind, metrics, sparkline, statuses};
use crate::history::{History, Series};
use crate::record::Status;
use crate::report::text::{line, safe_block};
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The dataset.
    dataset: String,
    /// What is shown: `rows`, `missing(COLUMN)`, `distinct(COLUMN)`, `mean(COLUMN)`, `deviation(COLUMN)`,
    /// `least(COLUMN)`, `greatest(COLUMN)`, or the id of an outcome, with one of its numbers or all of them.
    ///
    /// Without it, every number is listed with its last value.
    #[arg(num_args = 0..=2, value_names = ["METRIC", "NUMBER"])]
    metric: Vec<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Numbers over the runs of a dataset, with how the outcome ended that they belong to.
struct Shown<'a> {
    dataset: &'a str,
    series: &'a Series,
    metrics: Vec<Metric>,
    statuses: Option<Vec<Option<Status>>>,
}

impl Args {
    pub(super) fn execute(&self, config: &Config, history: &History) -> Result<u8> {
        let series = series(config, history, &self.dataset)?;
        if series.runs.is_empty() {
            return Err(Error::Usage(format!(
                "dataset `{}` has no run in {} yet",
                self.dataset,
                history.folder().display()
            )));
        }
        let all = metrics(&series);
        let metrics = if self.metric.is_empty() {
            all
        } else {
            self.chosen(all, &series)?
        };
        let outcome = metrics.first().and_then(|m| m.outcome.clone());
        let outcome = outcome.filter(|_| !self.metric.is_empty());
        let shown = Shown {
            dataset: &self.dataset,
            series: &series,
            statuses: outcome.map(|id| statuses(&series, &id)),
            metrics,
        };
        let text = match self.format {
            Format::Text if self.metric.is_empty() => safe_block(&shown.overview()),
            Format::Text => safe_block(&shown.text()),
            Format::Json => shown.json(),
            Format::Csv => csv(&shown.records())?,
        };
        print(&text).map(|()| EXIT_PASS)
    }

    /// The numbers that are asked for by name.
    fn chosen(&self, all: Vec<Metric>, series: &Series) -> Result<Vec<Metric>> {
        let wanted = self.metric.join(" ");
        let whole = format!("{}.{wanted}", self.dataset);
        let is = |name: &str| name == wanted || name == whole;
        let asked = |m: &&Metric| is(&m.name) || m.outcome.as_deref().is_some_and(is);
        let found: Vec<Metric> = all.iter().filter(asked).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let mut outcomes = series.runs.iter().flat_map(|r| r.outcomes.keys());
        if let Some(id) = outcomes.find(|id| is(id)) {
            // It has no numbers; how it ended is shown all the same.
            return Ok(vec![Metric {
                name: id.clone(),
                outcome: Some(id.clone()),
                values: vec![None; series.runs.len()],
                kind: MetricKind::Number,
            }]);
        }
        let mut names: Vec<&str> = all.iter().map(|m| m.name.as_str()).collect();
        let ids = all.iter().filter_map(|m| m.outcome.as_deref());
        names.extend(ids);
        names.dedup();
        Err(Error::Usage(unknown("metric", &wanted, names)))
    }
}

impl Shown<'_> {
    /// Every number with its last value.
    fn overview(&self) -> String {
        let one = |metric: &Metric| {
            let last = metric.values.iter().rev().flatten().next();
            vec![
                line(&metric.name),
                last.map_or_else(String::new, |v| metric.shown(*v)),
                sparkline(&metric.values),
            ]
        };
        let lines: Vec<Vec<String>> = self.metrics.iter().map(one).collect();
        aligned(&lines)
    }

    fn text(&self) -> String {
        let mut header = vec!["at".to_owned(), "standing".to_owned()];
        if self.statuses.is_some() {
            header.push("status".to_owned());
        }
        header.extend(self.metrics.iter().map(|m| line(&m.name)));
        let mut lines = vec![header];
        for (place, run) in self.series.runs.iter().enumerate() {
            let mut cells = vec![
                run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
                run.night.standing.word().to_owned(),
            ];
            cells.extend(self.statuses.as_ref().map(|s| word(s[place]).to_owned()));
            let values = self.metrics.iter();
            let shown = |m: &Metric| m.values[place].map(|v| m.shown(v));
            cells.extend(values.map(|m| shown(m).unwrap_or_else(|| "-".to_owned())));
            lines.push(cells);
        }
        let mut text = aligned(&lines);
        for metric in &self.metrics {
            let known: Vec<f64> = metric.values.iter().flatten().copied().collect();
            let Some(least) = known.iter().copied().reduce(f64::min) else {
                continue;
            };
            let greatest = known.iter().copied().fold(least, f64::max);
            write!(
                text,
                "\n{}\n{}  {} to {}\n",
                line(&metric.name),
                sparkline(&metric.values),
                metric.shown(least),
                metric.shown(greatest)
            )
            .expect("writing to a String cannot fail");
        }
        text
    }

    fn json(&self) -> String {
        let run = |(place, run): (usize, &crate::history::PastRun)| {
            let values = self.metrics.iter();
            let values: Map<String, Value> = values
                .map(|m| (m.name.clone(), json!(m.values[place])))
                .collect();
            let mut entry = json!({
                "at": run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
                "run": run.run,
                "standing": run.night.standing.word(),
                "values": values,
            });
            if let Some(statuses) = &self.statuses {
                entry["status"] = json!(statuses[place].map(Status::word));
            }
            entry
        };
        let runs: Vec<Value> = self.series.runs.iter().enumerate().map(run).collect();
        let document = json!({"dataset": self.dataset, "runs": runs});
        serde_json::to_string_pretty(&document).expect("a JSON value is JSON") + "\n"
    }

    fn records(&self) -> Vec<Vec<String>> {
        let mut header = vec!["at".to_owned(), "run".to_owned(), "standing".to_owned()];
        header.extend(self.statuses.as_ref().map(|_| "status".to_owned()));
        header.extend(self.metrics.iter().map(|m| m.name.clone()));
        let mut records = vec![header];
        for (place, run) in self.series.runs.iter().enumerate() {
            let mut record = vec![
                run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
                run.run.clone(),
                run.night.standing.word().to_owned(),
            ];
            let status = self.statuses.as_ref();
            record.extend(status.map(|s| s[place].map_or("", Status::word).to_owned()));
            let values = self.metrics.iter().map(|m| m.values[place]);
            record.extend(values.map(|v| v.map_or_else(String::new, crate::scalar::number_text)));
            records.push(record);
        }
        records
    }
}

fn word(status: Option<Status>) -> &'static str {
    status.map_or("-", Status::word)
}
