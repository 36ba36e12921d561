//! `tollgate history`: what is kept of past runs, and what people say of them.

mod list;
mod mark;
mod promotions;
mod show;

use super::Global;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::history::{History, Series};
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    /// The configuration that names the history.
    #[arg(long, global = true, default_value = "tollgate.yaml")]
    config: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// List the runs of every dataset: when, rows, how they ended, what is thought of them.
    List(list::Args),
    /// Show a number over the runs of a dataset, or which numbers there are.
    Show(show::Args),
    /// List the moves of the aliases of models: which version was champion when, why, and on whose evidence.
    Promotions(promotions::Args),
    /// Say that a run was an incident, or an ordinary one after all.
    Mark(mark::Args),
}

/// How runs are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned text for people.
    Text,
    /// One JSON document.
    Json,
    /// Comma-separated values with a header.
    Csv,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let config = crate::config::load(&self.config)?;
        if let Command::Promotions(args) = self.command {
            return args.execute(&config, global);
        }
        let Some(written) = &config.history else {
            return Err(Error::Usage(format!(
                "{} keeps no history; add `history: DIR` to it, and every run is added to that folder",
                self.config.display()
            )));
        };
        let history = History::at(&config.base.join(&written.folder.path));
        match self.command {
            Command::List(args) => args.execute(&config, &history),
            Command::Show(args) => args.execute(&config, &history),
            Command::Mark(args) => args.execute(&history),
            Command::Promotions(args) => args.execute(&config, global),
        }
    }
}

/// Datasets that the configuration names in its order, then others that the history has.
fn datasets(config: &Config, history: &History) -> Result<Vec<String>> {
    let mut names: Vec<String> = config.datasets.iter().map(|d| d.name.clone()).collect();
    let others = history.datasets()?.into_iter();
    let others: Vec<String> = others.filter(|n| !names.contains(n)).collect();
    names.extend(others);
    Ok(names)
}

/// What is known of a dataset that is known by name.
fn series(config: &Config, history: &History, dataset: &str) -> Result<Series> {
    let names = datasets(config, history)?;
    if !names.iter().any(|n| n == dataset) {
        let names = names.iter().map(String::as_str);
        return Err(Error::Usage(crate::diagnostic::unknown(
            "dataset", dataset, names,
        )));
    }
    history.read(dataset)
}

/// Lines of cells as aligned text: the last column is not padded, numbers are not told apart from text.
pub(super) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Records as comma-separated values.
///
/// Errors: none in practice; those of writing to memory.
fn csv(records: &[Vec<String>]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| Error::data("write", "comma-separated values", e);
    for record in records {
        writer.write_record(record).map_err(fail)?;
    }
    let bytes = writer.into_inner();
    let bytes = bytes.map_err(|e| Error::data("write", "comma-separated values", e))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
