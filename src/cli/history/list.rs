//! `tollgate history list`: the runs of every dataset.

use super::{Format, aligned, csv, datasets, series};
use crate::cli::print;
use crate::config::Config;
use crate::diagnostic::plural;
use crate::error::{EXIT_PASS, Result};
use crate::history::series::ordinary;
use crate::history::{History, PastRun, Series};
use crate::report::text::{line, safe_block};
use chrono::SecondsFormat;
use serde::Serialize;

#[derive(clap::Args)]
pub(super) struct Args {
    /// One dataset; all without it.
    dataset: Option<String>,
    /// How the runs are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// One run as it is listed.
#[derive(Serialize)]
struct Listed<'a> {
    dataset: &'a str,
    run: &'a str,
    at: String,
    rows: u64,
    status: &'static str,
    standing: &'static str,
    reason: Option<&'a str>,
    by: Option<&'a str>,
    repeats: usize,
}

impl<'a> Listed<'a> {
    fn of(dataset: &'a str, run: &'a PastRun) -> Self {
        Self {
            dataset,
            run: &run.run,
            at: run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            rows: run.night.rows,
            status: run.status.word(),
            standing: run.night.standing.word(),
            reason: run.mark.as_ref().map(|m| m.reason.as_str()),
            by: run.mark.as_ref().and_then(|m| m.by.as_deref()),
            repeats: run.earlier.len(),
        }
    }

    fn cells(&self) -> Vec<String> {
        let text = |value: Option<&str>| value.map_or_else(String::new, str::to_owned);
        vec![
            self.dataset.to_owned(),
            self.run.to_owned(),
            self.at.clone(),
            self.rows.to_string(),
            self.status.to_owned(),
            self.standing.to_owned(),
            text(self.reason),
            text(self.by),
            self.repeats.to_string(),
        ]
    }

    /// The same for people, without the dataset.
    fn shown(&self) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(self.reason.map(|r| format!("marked: {}", line(r))));
        notes.extend(self.by.map(|by| format!("by {}", line(by))));
        if self.repeats > 0 {
            notes.push(format!("run {} more", plural(self.repeats as u64, "time")));
        }
        vec![
            format!("  {}", line(self.run)),
            self.at.clone(),
            format!("{:>12}", plural(self.rows, "row")),
            self.status.to_owned(),
            self.standing.to_owned(),
            notes.join(", "),
        ]
    }
}

const HEADER: [&str; 9] = [
    "dataset", "run", "at", "rows", "status", "standing", "reason", "by", "repeats",
];

impl Args {
    pub(super) fn execute(&self, config: &Config, history: &History) -> Result<u8> {
        let names = match &self.dataset {
            Some(name) => vec![name.clone()],
            None => datasets(config, history)?,
        };
        let read = |name: &String| Ok((name.clone(), series(config, history, name)?));
        let all: Vec<(String, Series)> = names.iter().map(read).collect::<Result<_>>()?;
        let listed = all
            .iter()
            .flat_map(|(name, s)| s.runs.iter().map(|r| Listed::of(name, r)));
        let listed: Vec<Listed> = listed.collect();
        let text = match self.format {
            Format::Json => {
                serde_json::to_string_pretty(&listed).expect("texts and numbers") + "\n"
            }
            Format::Csv => {
                let header = HEADER.map(str::to_owned).to_vec();
                let lines = std::iter::once(header).chain(listed.iter().map(Listed::cells));
                csv(&lines.collect::<Vec<_>>())?
            }
            Format::Text => safe_block(&text(config, &all)),
        };
        print(&text).map(|()| EXIT_PASS)
    }
}

fn text(config: &Config, all: &[(String, Series)]) -> String {
    let one = |(name, series): &(String, Series)| {
        let runs = series.runs.len();
        let known = ordinary(series.runs.iter().map(|r| &r.night));
        let named = config.datasets.iter().any(|d| d.name == *name);
        let other = if named {
            ""
        } else {
            "; the configuration names no such dataset: after renaming one, rename its file"
        };
        let head = match runs {
            0 => format!("{}: no run yet\n", line(name)),
            n => format!(
                "{}: {}, {known} ordinary{other}\n",
                line(name),
                plural(n as u64, "run")
            ),
        };
        let lines = series.runs.iter().map(|r| Listed::of(name, r).shown());
        head + &aligned(&lines.collect::<Vec<_>>())
    };
    let blocks: Vec<String> = all.iter().map(one).collect();
    blocks.join("\n")
}
