//! A comparison for people and machines: terminal, JSON, Markdown, GitHub annotations.

use super::{Audience, Change, Impact};
use crate::diagnostic::Location;
use crate::report::text::{annotation_data, annotation_property, line, markdown, safe_block};
use serde::Serialize;
use std::fmt::Write as _;

/// Version of the JSON form; readers refuse other majors.
pub const DIFF_SCHEMA_VERSION: &str = "1.0";

/// The outputs of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DiffFormat {
    /// For the person at the terminal.
    Terminal,
    /// For programs.
    Json,
    /// For pull requests and step summaries.
    Markdown,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Two sides compared.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// See [`DIFF_SCHEMA_VERSION`].
    pub schema_version: &'static str,
    /// Name of the old side.
    pub old: String,
    /// Name of the new side.
    pub new: String,
    /// Whose side is asked about.
    #[serde(rename = "for")]
    pub audience: Audience,
    /// Changes that break that side.
    pub breaking: usize,
    /// Changes left out by `--ignore`.
    pub ignored: usize,
    /// What differs.
    pub changes: Vec<Change>,
    /// The texts compared, as a unified diff; empty when they are the same.
    pub text: String,
}

impl Comparison {
    /// Puts the changes and a unified diff of two texts together.
    #[must_use]
    pub fn new(
        (old, old_text): (String, &str),
        (new, new_text): (String, &str),
        changes: Vec<Change>,
        audience: Audience,
        ignored: usize,
    ) -> Self {
        let text = similar::TextDiff::from_lines(old_text, new_text)
            .unified_diff()
            .header(&line(&old), &line(&new))
            .to_string();
        Self {
            schema_version: DIFF_SCHEMA_VERSION,
            breaking: changes.iter().filter(|c| c.breaks(audience)).count(),
            old,
            new,
            audience,
            ignored,
            changes,
            text,
        }
    }

    /// The verdict in one line.
    fn sentence(&self) -> String {
        let whom = match self.audience {
            Audience::Consumer => "consumers",
            Audience::Producer => "producers",
            Audience::Both => "consumers or producers",
        };
        let changes = crate::diagnostic::plural(self.changes.len() as u64, "change");
        let ignored = match self.ignored {
            0 => String::new(),
            more => format!(" ({more} more ignored)"),
        };
        format!("{changes}{ignored}, {} breaking for {whom}", self.breaking)
    }
}

/// Renders a comparison; it ends with a line break.
#[must_use]
pub fn render(comparison: &Comparison, format: DiffFormat) -> String {
    match format {
        DiffFormat::Terminal => terminal(comparison),
        DiffFormat::Json => json(comparison),
        DiffFormat::Markdown => page(comparison),
        DiffFormat::Github => annotations(comparison),
    }
}

fn json(comparison: &Comparison) -> String {
    serde_json::to_string_pretty(comparison)
        .map_or_else(|e| format!("{{\"error\": \"{e}\"}}\n"), |t| t + "\n")
}

/// Whom a change breaks, in a few words.
fn whom(change: &Change) -> &'static str {
    match (change.consumer, change.producer) {
        (Impact::Breaking, Impact::Breaking) => "breaks both",
        (Impact::Breaking, Impact::Compatible) => "breaks consumers",
        (Impact::Compatible, Impact::Breaking) => "breaks producers",
        (Impact::Compatible, Impact::Compatible) => "compatible",
    }
}

fn subject(change: &Change) -> String {
    let column = change.column.as_ref();
    column.map_or_else(|| "dataset".to_owned(), |c| format!("`{c}`"))
}

fn places(change: &Change) -> String {
    let place = |l: &Location| format!("{}:{}:{}", l.file, l.line, l.column);
    let list: Vec<String> = change.old.iter().chain(&change.new).map(place).collect();
    list.join(" -> ")
}

fn terminal(comparison: &Comparison) -> String {
    let mut text = format!("{} -> {}\n\n", line(&comparison.old), line(&comparison.new));
    for change in &comparison.changes {
        writeln!(
            text,
            "{:<16}  {:<21}  {}: {}; {}",
            whom(change),
            change.rule.id(),
            line(&subject(change)),
            line(&change.message),
            change.reason,
        )
        .expect("writing to a String cannot fail");
        let places = places(change);
        if !places.is_empty() {
            writeln!(text, "{:<16}  {:<21}  {}", "", "", line(&places))
                .expect("writing to a String cannot fail");
        }
    }
    if !comparison.changes.is_empty() {
        text.push('\n');
    }
    if !comparison.text.is_empty() {
        text.push_str(&comparison.text);
        text.push('\n');
    }
    let verdict = if comparison.breaking > 0 {
        "breaking"
    } else {
        "compatible"
    };
    let sentence = comparison.sentence();
    writeln!(text, "{sentence}\ndiff: {verdict}").expect("writing to a String cannot fail");
    safe_block(&text)
}

fn page(comparison: &Comparison) -> String {
    let (old, new) = (markdown(&comparison.old), markdown(&comparison.new));
    let mut text = format!("### {old} → {new}\n\n**{}**\n", comparison.sentence());
    if !comparison.changes.is_empty() {
        text.push_str("\n| for whom | rule | what | why | where |\n|---|---|---|---|---|\n");
    }
    for change in &comparison.changes {
        writeln!(
            text,
            "| {} | {} | {}: {} | {} | {} |",
            whom(change),
            change.rule.id(),
            markdown(&subject(change)),
            markdown(&change.message),
            change.reason,
            markdown(&places(change)),
        )
        .expect("writing to a String cannot fail");
    }
    if !comparison.text.is_empty() {
        let fence = fence(&comparison.text);
        let body = safe_block(&comparison.text);
        write!(text, "\n{fence}diff\n{body}{fence}\n").expect("writing to a String cannot fail");
    }
    text
}

/// A fence that no run of backticks in the text closes.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn annotations(comparison: &Comparison) -> String {
    let mut text = String::new();
    for change in &comparison.changes {
        let command = if change.breaks(comparison.audience) {
            "error"
        } else {
            "notice"
        };
        let place = change.new.as_ref().or(change.old.as_ref());
        let at = place.map_or_else(String::new, |l| {
            let file = annotation_property(&l.file);
            format!("file={file},line={},col={},", l.line, l.column)
        });
        writeln!(
            text,
            "::{command} {at}title={}::{}: {}; {} ({})",
            annotation_property(&change.rule.id()),
            annotation_data(&subject(change)),
            annotation_data(&change.message),
            change.reason,
            whom(change),
        )
        .expect("writing to a String cannot fail");
    }
    writeln!(text, "{}", comparison.sentence()).expect("writing to a String cannot fail");
    text
}
