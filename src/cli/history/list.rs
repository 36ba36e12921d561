//! `tollgate history list`: the runs of every dataset.

use super::{Format, aligned, csv, datasets, series};
use crate::cli::print;
use crate::config::Config;
use crate::config::calendar::SpecialDays;
use crate::diagnostic::plural;
use crate::error::{EXIT_PASS, Result};
use crate::history::line::UnableLine;
use crate::history::series::ordinary;
use crate::history::{History, PastRun, Series};
use crate::record::Status;
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
    rows: Option<u64>,
    status: &'static str,
    standing: &'static str,
    reason: Option<&'a str>,
    by: Option<&'a str>,
    repeats: usize,
    special_day: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(dataset: &'a str, run: &'a PastRun, days: Option<&'a SpecialDays>) -> Self {
        Self {
            dataset,
            run: &run.run,
            at: run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            rows: Some(run.night.rows),
            status: run.status.word(),
            standing: run.night.standing.word(),
            reason: run.mark.as_ref().map(|m| m.reason.as_str()),
            by: run.mark.as_ref().and_then(|m| m.by.as_deref()),
            repeats: run.earlier.len(),
            special_day: days.and_then(|days| days.name(run.night.at)),
        }
    }

    /// A night that could not be evaluated; nothing is known of its rows, and no later run learns from it.
    fn unable(dataset: &'a str, night: &'a UnableLine) -> Self {
        Self {
            dataset,
            run: &night.run,
            at: night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            rows: None,
            status: Status::Error.word(),
            standing: "not evaluated",
            reason: None,
            by: None,
            repeats: 0,
            special_day: None,
        }
    }

    /// All nights of a dataset in the order of time.
    fn all(config: &'a Config, dataset: &'a str, series: &'a Series) -> Vec<Self> {
        let mut all = config.datasets.iter();
        let days = all.find(|d| d.name == dataset).map(|d| &d.drift.calendar);
        let runs = series.runs.iter().map(|r| Self::of(dataset, r, days));
        let unable = series.unable.iter().map(|n| Self::unable(dataset, n));
        let mut all: Vec<Self> = runs.chain(unable).collect();
        // Of one form and in one zone, so that their texts are in the order of time.
        all.sort_by(|a, b| (&a.at, a.run).cmp(&(&b.at, b.run)));
        all
    }

    fn cells(&self) -> Vec<String> {
        let text = |value: Option<&str>| value.map_or_else(String::new, str::to_owned);
        vec![
            self.dataset.to_owned(),
            self.run.to_owned(),
            self.at.clone(),
            self.rows.map_or_else(String::new, |n| n.to_string()),
            self.status.to_owned(),
            self.standing.to_owned(),
            text(self.reason),
            text(self.by),
            self.repeats.to_string(),
            text(self.special_day),
        ]
    }

    /// The same for people, without the dataset.
    fn shown(&self) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(
            self.special_day
                .map(|d| format!("special day: {}", line(d))),
        );
        notes.extend(self.reason.map(|r| format!("marked: {}", line(r))));
        notes.extend(self.by.map(|by| format!("by {}", line(by))));
        if self.repeats > 0 {
            notes.push(format!("run {} more", plural(self.repeats as u64, "time")));
        }
        vec![
            format!("  {}", line(self.run)),
            self.at.clone(),
            format!(
                "{:>12}",
                self.rows.map_or_else(String::new, |n| plural(n, "row"))
            ),
            self.status.to_owned(),
            self.standing.to_owned(),
            notes.join(", "),
        ]
    }
}

const HEADER: [&str; 10] = [
    "dataset",
    "run",
    "at",
    "rows",
    "status",
    "standing",
    "reason",
    "by",
    "repeats",
    "special_day",
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
            .flat_map(|(name, s)| Listed::all(config, name, s));
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
        let (runs, unable) = (series.runs.len(), series.unable.len() as u64);
        let known = ordinary(series.runs.iter().map(|r| &r.night));
        let named = config.datasets.iter().any(|d| d.name == *name);
        let other = if named {
            ""
        } else {
            "; the configuration names no such dataset: after renaming one, rename its file"
        };
        let not_evaluated = match unable {
            0 => String::new(),
            n => format!(", {} not evaluated", plural(n, "night")),
        };
        let head = match runs {
            0 => format!("{}: no run yet{not_evaluated}\n", line(name)),
            n => format!(
                "{}: {}, {known} ordinary{not_evaluated}{other}\n",
                line(name),
                plural(n as u64, "run")
            ),
        };
        let lines = Listed::all(config, name, series);
        let lines = lines.iter().map(Listed::shown);
        head + &aligned(&lines.collect::<Vec<_>>())
    };
    let blocks: Vec<String> = all.iter().map(one).collect();
    blocks.join("\n")
}
