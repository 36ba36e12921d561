//! `tollgate profile`: what is in a dataset, column by column.

use super::{Global, print};
use crate::detect::{self, Detector};
use crate::diagnostic::plural;
use crate::engine::embedded::profile::whole;
use crate::engine::embedded::source::{Dataset, ProfileAt, SourceOptions};
use crate::engine::embedded::store::Store;
use crate::error::{EXIT_PASS, Error, Result};
use crate::measure::{DistinctCount, Profile, distinct_error, saved};
use crate::record::ColumnSummary;
use crate::report::text::{line, safe_block};
use clap::ValueEnum;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// File, glob or folder; several are one dataset.
    #[arg(required = true)]
    data: Vec<String>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Save the profile, for `tollgate merge` and as `reference:` of a dataset. It holds values, but of columns that
    /// hold personal data or secrets: keep it where the data may be kept.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Folder that keeps the profile of every file by its content; an unchanged file is not read again.
    ///
    /// It holds values: keep it where the data may be kept. What nothing asked for in 90 days is removed.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// How a profile is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// The form in which profiles are saved.
    Json,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        if let Some(output) = &self.output {
            keep_data(output, &self.data)?;
        }
        let store = self.state.as_deref().map(Store::open).transpose()?;
        let store = store.map(Arc::new);
        let read = |path: &String| Ok((path.clone(), of(path, store.as_ref())?));
        let whole = Profile::union(self.data.iter().map(read))?;
        if let Some(store) = &store {
            store.prune();
        }
        show(
            whole.unwrap_or_default(),
            self.format,
            self.output.as_deref(),
            global,
        )
    }
}

/// A profile never replaces the data it was taken of.
fn keep_data(output: &Path, data: &[String]) -> Result<()> {
    let Ok(output) = output.canonicalize() else {
        return Ok(());
    };
    let whole = |path: &String| Path::new(path).canonicalize().ok();
    match data
        .iter()
        .find(|d| whole(d).is_some_and(|d| output.starts_with(d)))
    {
        Some(path) => Err(Error::Usage(format!(
            "--output {} would replace data of {path}; nothing was written, give another file",
            output.display()
        ))),
        None => Ok(()),
    }
}

fn of(path: &str, store: Option<&Arc<Store>>) -> Result<Profile> {
    let options = SourceOptions {
        profile: ProfileAt::Open,
        store: store.cloned(),
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(path, Path::new(""), &options)?;
    whole(&dataset, store.map(AsRef::as_ref))
}

/// Saves where a file is given, prints otherwise or beside it.
///
/// Of columns that hold personal data or secrets no value is saved or printed.
pub(crate) fn show(
    profile: Profile,
    format: Format,
    output: Option<&Path>,
    global: Global,
) -> Result<u8> {
    let profile = &detect::without_values(profile, &Detector::of_reports());
    let json =
        || saved::to_json(profile).map_err(|reason| Error::data("save", "the profile", reason));
    if let Some(path) = output {
        crate::report::write(path, &json()?)?;
    }
    match format {
        _ if global.quiet && output.is_some() => {}
        Format::Json => print(&json()?)?,
        Format::Table => print(&safe_block(&table(profile)))?,
    }
    Ok(EXIT_PASS)
}

fn table(profile: &Profile) -> String {
    let mut rows = vec![
        [
            "column",
            "type",
            "nulls",
            "distinct",
            "min",
            "median",
            "mean",
            "max",
            "most common",
        ]
        .map(str::to_owned),
    ];
    let mut notes = Vec::new();
    for column in &profile.columns {
        let summary = column.summary(crate::contract::Privacy::Open);
        if matches!(column.distinct(), DistinctCount::About(_)) && notes.is_empty() {
            notes.push(format!(
                "~ distinct values are estimated beyond {}, standard error {}; ~ medians lie within a bin.",
                crate::measure::COUNT_CAP,
                distinct_error()
            ));
        }
        rows.push(cells(&summary));
        let details: Vec<String> = summary
            .details
            .iter()
            .map(|d| format!("{} {}", d.name, line(&d.text)))
            .collect();
        if !details.is_empty() {
            notes.push(format!("{}: {}", line(&summary.name), details.join(", ")));
        }
    }
    let mut widths = [0; 9];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = format!(
        "{}, {}\n\n",
        plural(profile.rows, "row"),
        plural(profile.columns.len() as u64, "column")
    );
    for row in &rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        let text = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", text.trim_end()).expect("writing to a String cannot fail");
    }
    if !notes.is_empty() {
        write!(out, "\n{}\n", notes.join("\n")).expect("writing to a String cannot fail");
    }
    out
}

fn cells(summary: &ColumnSummary) -> [String; 9] {
    let text = |value: &Option<String>| value.as_deref().map_or_else(String::new, short);
    let top = summary.top.first().filter(|t| t.count > 1);
    let common = match (&summary.not_profiled, &summary.withheld, top) {
        (Some(why), _, _) => format!("not profiled: {why}"),
        (None, Some(why), _) => format!("not shown: {why}"),
        (None, None, Some(top)) => format!("{} ({})", short(&top.value), top.count),
        (None, None, None) => String::new(),
    };
    [
        short(&summary.name),
        summary.dtype.clone(),
        summary.nulls.to_string(),
        summary.distinct.clone(),
        text(&summary.min),
        text(&summary.median),
        text(&summary.mean),
        text(&summary.max),
        common,
    ]
}

/// At most 24 characters, on one line.
fn short(text: &str) -> String {
    let text = line(text);
    if text.chars().count() > 24 {
        text.chars().take(23).chain(['…']).collect()
    } else {
        text
    }
}
