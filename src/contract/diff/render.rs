//! A comparison for people and machines: terminal, JSON, Markdown, GitHub annotations.

use super::{Audience, Change, Impact, record};
use crate::diagnostic::Location;
use crate::error::{EXIT_FAIL, EXIT_PASS};
use crate::record::Status;
use crate::replay::Replay;
use crate::report::text::{line, markdown, safe_block};
use crate::report::{self, Format};
use serde::Serialize;
use std::fmt::Write as _;

/// Version of the JSON form; readers refuse other majors.
pub const DIFF_SCHEMA_VERSION: &str = "1.1";

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
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, for CI systems that show tests.
    Junit,
}

/// Two sides compared.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Comparison {
    /// See [`DIFF_SCHEMA_VERSION`].
    pub schema_version: &'static str,
    /// Name of the old side.
    pub old: String,
    /// Name of the new side.
    pub new: String,
    /// Whose side is asked about.
    #[serde(rename = "fail_on")]
    pub audience: Audience,
    /// Changes that break that side.
    pub breaking: usize,
    /// Changes that fail: breaking ones that no policy lets pass, and others that a policy refuses.
    pub failing: usize,
    /// Changes that are accepted until a day.
    pub accepted: usize,
    /// Changes left out by `--ignore`.
    pub ignored: usize,
    /// What differs.
    pub changes: Vec<Change>,
    /// Exceptions that have ended, or that no change needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// What past batches say of both contracts, where they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// The texts compared, as a unified diff; empty when they are the same.
    pub text: String,
}

/// What is compared: a name and its text.
pub type Named<'a> = (String, &'a str);

impl Comparison {
    /// Puts judged changes and a unified diff of two texts together.
    #[must_use]
    pub fn new(
        (old, old_text): Named,
        (new, new_text): Named,
        changes: Vec<Change>,
        audience: Audience,
        ignored: usize,
    ) -> Self {
        let text = similar::TextDiff::from_lines(old_text, new_text)
            .unified_diff()
            .header(&line(&old), &line(&new))
            .to_string();
        let accepted = |c: &&Change| c.waiver.as_ref().is_some_and(|w| !w.expired);
        Self {
            schema_version: DIFF_SCHEMA_VERSION,
            breaking: changes.iter().filter(|c| c.breaks(audience)).count(),
            failing: changes.iter().filter(|c| c.status == Status::Fail).count(),
            accepted: changes.iter().filter(accepted).count(),
            old,
            new,
            audience,
            ignored,
            changes,
            stale: Vec::new(),
            replay: None,
            text,
        }
    }

    /// What the command exits with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.failing > 0 {
            EXIT_FAIL
        } else {
            EXIT_PASS
        }
    }

    /// The last word: `breaking` where it fails, `accepted` where a policy lets breaking changes pass, else `compatible`.
    fn verdict(&self) -> &'static str {
        match (self.failing, self.breaking) {
            (0, 0) => "compatible",
            (0, _) => "accepted",
            _ => "breaking",
        }
    }

    /// The verdict in one line.
    pub(super) fn sentence(&self) -> String {
        let whom = match self.audience {
            Audience::Consumer => "consumers",
            Audience::Producer => "producers",
            Audience::Any | Audience::None => "consumers or producers",
        };
        let changes = crate::diagnostic::plural(self.changes.len() as u64, "change");
        let ignored = match self.ignored {
            0 => String::new(),
            more => format!(" ({more} more ignored)"),
        };
        let accepted = match self.accepted {
            0 => String::new(),
            some => format!(", {some} accepted until a day"),
        };
        let differs = self.failing != self.breaking;
        let failing = match self.failing {
            0 if differs => ", none fails".to_owned(),
            1 if differs => ", 1 fails".to_owned(),
            some if differs => format!(", {some} fail"),
            _ => String::new(),
        };
        format!(
            "{changes}{ignored}, {} breaking for {whom}{accepted}{failing}",
            self.breaking
        )
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
        DiffFormat::Sarif => report::render(&record::run(comparison), Format::Sarif),
        DiffFormat::Junit => report::render(&record::run(comparison), Format::Junit),
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

/// What a policy makes of it, where that is not what whom it breaks says already: ` (accepted until 2027-01-31: why)`.
fn policy(change: &Change, audience: Audience) -> String {
    match &change.waiver {
        Some(w) if w.expired => format!(" (the exception ended on {})", w.until),
        Some(w) => format!(" (accepted until {}: {})", w.until, w.reason),
        None if change.breaks(audience) && change.status != Status::Fail => {
            format!(" (counts as {})", change.status.word())
        }
        None if !change.breaks(audience) && change.status != Status::Pass => {
            format!(" (counts as {})", change.status.word())
        }
        None => String::new(),
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
            "{:<16}  {:<21}  {}: {}; {}{}",
            whom(change),
            change.rule.id(),
            line(&subject(change)),
            line(&change.message),
            change.reason,
            line(&policy(change, comparison.audience)),
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
    if let Some(replay) = &comparison.replay {
        text.push_str(&replayed(replay));
    }
    for stale in &comparison.stale {
        writeln!(text, "note: {}", line(stale)).expect("writing to a String cannot fail");
    }
    let verdict = comparison.verdict();
    let sentence = comparison.sentence();
    writeln!(text, "{sentence}\ndiff: {verdict}").expect("writing to a String cannot fail");
    safe_block(&text)
}

/// A line per promise that differs, and the whole.
fn replayed(replay: &Replay) -> String {
    let mut text = String::new();
    for promise in &replay.promises {
        writeln!(
            text,
            "replay: {}: {}",
            line(&promise.id),
            line(&promise.sentence())
        )
        .expect("writing to a String cannot fail");
    }
    text + &replay.sentence() + "\n"
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
            "| {} | {} | {}: {} | {}{} | {} |",
            whom(change),
            change.rule.id(),
            markdown(&subject(change)),
            markdown(&change.message),
            change.reason,
            markdown(&policy(change, comparison.audience)),
            markdown(&places(change)),
        )
        .expect("writing to a String cannot fail");
    }
    if let Some(replay) = &comparison.replay {
        write!(text, "\n**{}**\n", markdown(&replay.sentence()))
            .expect("writing to a String cannot fail");
        for promise in &replay.promises {
            let (id, said) = (markdown(&promise.id), markdown(&promise.sentence()));
            write!(text, "\n- {id}: {said}").expect("writing to a String cannot fail");
        }
        text.push('\n');
    }
    for stale in &comparison.stale {
        write!(text, "\n{}\n", markdown(stale)).expect("writing to a String cannot fail");
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

/// As the report of a run does it, with the verdict below.
fn annotations(comparison: &Comparison) -> String {
    let mut text = report::render(&record::run(comparison), Format::Github);
    writeln!(text, "{}", comparison.sentence()).expect("writing to a String cannot fail");
    text
}
