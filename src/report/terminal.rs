//! One screen for the person at the terminal.

use super::ranking::{Cause, Ranking};
use super::text::{MARKS, safe_block, value};
use super::words::{allowed, counted, found, place, rows_of, sign, since};
use crate::record::{Counts, FailingRow, ModelRecord, Outcome, Run, Status};
use anstyle::{AnsiColor, Style};

/// Entries shown of each kind; the rest is counted and stands in the report.
const BROKEN: usize = 8;
/// As [`BROKEN`].
const CAUSES: usize = 4;
/// As [`BROKEN`].
const SKIPPED: usize = 2;
/// As [`BROKEN`].
const WARNINGS: usize = 4;
/// As [`BROKEN`].
const DATASETS: usize = 6;
/// Failing rows shown of each broken promise.
const ROWS: usize = 2;
/// Characters of a message, and of one cell.
const MESSAGE: usize = 160;
/// As [`MESSAGE`].
const CELL: usize = 32;

/// Colours, each begun by a mark of its own (see [`MARKS`]) and ended by the last of them.
const STYLES: [(char, Style); 5] = [
    ('\u{fdd0}', AnsiColor::Red.on_default().bold()),
    ('\u{fdd1}', AnsiColor::Yellow.on_default().bold()),
    ('\u{fdd2}', AnsiColor::Green.on_default().bold()),
    ('\u{fdd3}', Style::new().bold()),
    ('\u{fdd4}', Style::new().dimmed()),
];
const BOLD: char = '\u{fdd3}';
const DIM: char = '\u{fdd4}';
const END: char = '\u{fdd7}';

/// Renders the screen as plain text; `report` is the page to open for more.
#[must_use]
pub(super) fn render(run: &Run, report: Option<&str>) -> String {
    safe_block(&marked(run, report).replace(|c| MARKS.contains(&c), ""))
}

/// Renders the screen with ANSI colours; the only escape sequences are those of [`STYLES`].
#[must_use]
pub(super) fn coloured(run: &Run, report: Option<&str>) -> String {
    let mut text = safe_block(&marked(run, report));
    for (mark, style) in STYLES {
        text = text.replace(mark, &style.render().to_string());
    }
    text.replace(END, &anstyle::Reset.render().to_string())
}

/// Verdict, datasets, what broke, what could not be told, warnings, counts, report, and the last line `verdict: …`.
fn marked(run: &Run, report: Option<&str>) -> String {
    let status = run.verdict.status;
    let ranking = Ranking::of(run);
    let mut lines = vec![format!(
        "{}  {}",
        paint(
            colour(status),
            &format!("{} {}", sign(status), status.word().to_uppercase())
        ),
        paint(BOLD, &value(&run.verdict.sentence, 400))
    )];
    lines.extend(datasets(run));
    lines.extend(models(run));
    section(
        &mut lines,
        "Broken, worst first",
        &ranking.broken,
        BROKEN,
        |o| broken(o),
    );
    section(
        &mut lines,
        "Could not be evaluated",
        &ranking.unable,
        CAUSES,
        cause,
    );
    section(&mut lines, "Undecided", &ranking.undecided, CAUSES, cause);
    // Where something is broken, that comes first, and all of it stays on one screen.
    let warnings = if ranking.broken.is_empty() {
        WARNINGS
    } else {
        WARNINGS / 2
    };
    section(&mut lines, "Warnings", &ranking.warned, warnings, |o| {
        vec![warning(o)]
    });
    section(&mut lines, "Waived", &ranking.waived, warnings, |o| {
        vec![warning(o)]
    });
    section(&mut lines, "Skipped", &ranking.skipped, SKIPPED, cause);
    lines.push(String::new());
    lines.push(counts(&run.verdict.counts, ranking.noted.len()));
    if let Some(report) = report {
        lines.push(format!("report: {}", value(report, 400)));
    }
    lines.push(format!("verdict: {}", paint(colour(status), status.word())));
    lines.join("\n") + "\n"
}

fn datasets(run: &Run) -> Vec<String> {
    let shown = &run.datasets[..run.datasets.len().min(DATASETS)];
    let names = shown.iter().map(|d| value(&d.name, 40));
    let rows = shown.iter().map(|d| rows_of(run, d));
    let (names, rows): (Vec<String>, Vec<String>) = (names.collect(), rows.collect());
    let width = |list: &[String]| list.iter().map(|t| t.chars().count()).max().unwrap_or(0);
    let (name, row) = (width(&names), width(&rows));
    let lines = run
        .datasets
        .iter()
        .zip(names.iter().zip(&rows))
        .map(|(d, (n, r))| {
            let against = d.compared_with().map_or_else(String::new, |r| {
                format!(", compared with {}", value(&r, 80))
            });
            let path = format!("{}{against}", value(&d.path, 80));
            format!("  {n:<name$}  {r:>row$}  {}", paint(DIM, &path))
        });
    let more = match run.datasets.len() - shown.len() {
        0 => None,
        1 => Some("  and 1 more dataset".to_owned()),
        n => Some(format!("  and {n} more datasets")),
    };
    lines.chain(more).collect()
}

fn models(run: &Run) -> Vec<String> {
    let line = |m: &ModelRecord| {
        let rows = m
            .rows
            .map_or_else(String::new, |r| format!("{}  ", counted(r, "row")));
        let against = m
            .baseline
            .as_ref()
            .map_or_else(String::new, |b| format!(" against {}", value(&b.from, 80)));
        let from = format!("{}{against}", value(&m.candidate.from, 80));
        format!("  {}  {rows}{}", value(&m.name, 40), paint(DIM, &from))
    };
    let shown = run.models.iter().take(DATASETS).map(line);
    let more = match run.models.len().saturating_sub(DATASETS) {
        0 => None,
        n => Some(format!("  and {n} more models")),
    };
    shown.chain(more).collect()
}

/// Adds a titled list and says how many entries it leaves out; nothing for an empty one.
fn section<T>(
    lines: &mut Vec<String>,
    title: &str,
    entries: &[T],
    most: usize,
    shown: impl Fn(&T) -> Vec<String>,
) {
    if entries.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(paint(BOLD, title));
    lines.extend(entries.iter().take(most).flat_map(shown));
    if entries.len() > most {
        let more = entries.len() - most;
        lines.push(format!("  … and {more} more in the report"));
    }
}

fn broken(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![
        format!(
            "  {} {}  {}",
            mark(outcome),
            id(outcome),
            paint(DIM, &measured(outcome))
        ),
        format!("      {}", value(&outcome.message, MESSAGE)),
    ];
    let rows: Vec<String> = outcome.samples.iter().take(ROWS).map(row).collect();
    if !rows.is_empty() {
        lines.push(format!("      {}", rows.join(" | ")));
    }
    lines
}

/// `580 of 24,951 rows (2.3 %), allowed none  contracts/flights.yaml:14`; what is unknown is left out.
fn measured(outcome: &Outcome) -> String {
    let limit = allowed(outcome);
    let limit = if limit.is_empty() {
        limit
    } else {
        format!("allowed {limit}")
    };
    let place = place(outcome).map_or_else(String::new, |p| value(&p, 80));
    let numbers = [found(outcome), limit, since(outcome).unwrap_or_default()]
        .into_iter()
        .filter(|t| !t.is_empty());
    let numbers = numbers.collect::<Vec<_>>().join(", ");
    [numbers, place].join("  ").trim().to_owned()
}

fn row(row: &FailingRow) -> String {
    let cells = row.cells.iter().take(4).map(|c| {
        let shown = c
            .value
            .as_deref()
            .map_or_else(|| "null".to_owned(), |v| value(v, CELL));
        format!("{}={shown}", value(&c.column, CELL))
    });
    let cells = cells.collect::<Vec<_>>().join(" ");
    if cells.is_empty() {
        return format!("row {}", row.row);
    }
    format!("row {}: {cells}", row.row)
}

fn cause(cause: &Cause<'_>) -> Vec<String> {
    let first = cause.outcomes[0];
    let ids: Vec<String> = cause.outcomes.iter().take(3).map(|o| id(o)).collect();
    let more = cause.outcomes.len() - ids.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    vec![
        format!("  {} {}{more}", mark(first), ids.join(", ")),
        format!("      {}", value(cause.message, MESSAGE)),
    ]
}

fn warning(outcome: &Outcome) -> String {
    let since = since(outcome).map_or_else(String::new, |s| format!(" ({s})"));
    format!(
        "  {} {}{since}",
        mark(outcome),
        value(&outcome.message, MESSAGE)
    )
}

/// How many ended in which way; `noted` of the passing ones are outside limits that only inform.
fn counts(counts: &Counts, noted: usize) -> String {
    let parts = [
        (counts.fail, "broken"),
        (counts.error, "not evaluated"),
        (counts.inconclusive, "inconclusive"),
        (
            counts.warn,
            if counts.warn == 1 {
                "warning"
            } else {
                "warnings"
            },
        ),
        (counts.waived, "waived"),
        (counts.skipped, "skipped"),
        (noted, "for information"),
        (counts.pass.saturating_sub(noted), "kept"),
    ];
    let shown = parts.iter().filter(|(n, word)| *n > 0 || *word == "kept");
    let shown: Vec<String> = shown.map(|(n, word)| format!("{n} {word}")).collect();
    shown.join(", ")
}

fn id(outcome: &Outcome) -> String {
    value(&outcome.id, 80)
}

fn mark(outcome: &Outcome) -> String {
    paint(
        colour(outcome.status),
        &format!("{:<5}", outcome.status.word()),
    )
}

fn colour(status: Status) -> char {
    STYLES[match status {
        Status::Fail | Status::Error => 0,
        Status::Warn | Status::Waived | Status::Skipped | Status::Inconclusive => 1,
        Status::Pass => 2,
    }]
    .0
}

fn paint(mark: char, text: &str) -> String {
    format!("{mark}{text}{END}")
}
