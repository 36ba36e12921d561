//! For pull requests and step summaries.

use super::ranking::{Ranking, flat, is_noted};
use super::text::{clip, code, markdown as safe};
use super::words::{allowed, counted, found, grouped, moment, place, since};
use crate::record::{Comparison, Outcome, Run, Status};
use std::fmt::Write as _;

/// Lines of the first table; further findings are folded.
const FIRST: usize = 20;
/// Lines of each folded table.
const FOLDED: usize = 100;
/// Bytes of the whole text: a comment on GitHub holds 65,536 characters.
const SIZE: usize = 60_000;
/// Bytes of [`SIZE`] kept for what is said about left-out lists.
const RESERVED: usize = 400;

const INFALLIBLE: &str = "writing to a String cannot fail";

/// Renders verdict, datasets and one table, worst first; what is less urgent is folded, what does not fit is named.
///
/// Failing rows are not shown: pull requests are often public.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let ranking = Ranking::of(run);
    let mut findings = ranking.broken.clone();
    findings.extend(flat(&ranking.unable));
    findings.extend(&ranking.warned);
    findings.extend(&ranking.waived);
    let (first, more) = findings.split_at(findings.len().min(FIRST));
    let skipped = flat(&ranking.skipped);
    let mut out = head(run);
    if !first.is_empty() {
        out.push('\n');
        out.push_str(&table(first));
    }
    out.push_str(&super::markdown_models::tables(run));
    let foot = foot(run);
    let mut dropped = Vec::new();
    for (list, noun) in [
        (more, "more finding"),
        (&skipped, "skipped promise"),
        (&ranking.noted, "note"),
        (&ranking.kept, "kept promise"),
    ] {
        if list.is_empty() {
            continue;
        }
        let title = counted(list.len() as u64, noun);
        let room = SIZE.saturating_sub(out.len() + foot.len() + RESERVED);
        match folded(&title, list, room) {
            Some(section) => out.push_str(&section),
            None => dropped.push(title),
        }
    }
    if !dropped.is_empty() {
        let dropped = dropped.join(", ");
        write!(
            out,
            "\nLeft out to keep this text below 60 kB: {dropped}. They are in run.json.\n"
        )
        .expect(INFALLIBLE);
    }
    out + &foot
}

fn head(run: &Run) -> String {
    let status = run.verdict.status;
    let mut out = format!(
        "## {} tollgate: {}\n\n**{}**\n\n",
        emoji(status),
        status.word(),
        safe(&run.verdict.sentence)
    );
    for dataset in run.datasets.iter().take(FIRST) {
        let against = dataset
            .compared_with()
            .map_or_else(String::new, |r| format!(", compared with {}", code(&r)));
        writeln!(
            out,
            "- {}: {} from {}{against}",
            code(&dataset.name),
            counted(dataset.rows, "row"),
            code(&dataset.path)
        )
        .expect(INFALLIBLE);
    }
    if run.datasets.len() > FIRST {
        writeln!(out, "- and {} more datasets", run.datasets.len() - FIRST).expect(INFALLIBLE);
    }
    out + &super::markdown_models::bullets(run)
}

fn foot(run: &Run) -> String {
    format!(
        "\n<sub>Checked {} by tollgate {} with {}. Failing rows and charts are in report.html.</sub>\n",
        safe(&moment(&run.provenance.now)),
        safe(&run.provenance.tollgate),
        code(&run.provenance.config)
    )
}

/// A folded table of as many outcomes as there is room for, in bytes; absent when not even one fits.
fn folded(title: &str, outcomes: &[&Outcome], room: usize) -> Option<String> {
    let mut out = format!("\n<details><summary>{title}</summary>\n\n{HEADER}");
    let room = room.saturating_sub(out.len());
    let mut rows = String::new();
    let mut shown = 0;
    for outcome in outcomes.iter().take(FOLDED) {
        let row = row(outcome);
        if rows.len() + row.len() > room {
            break;
        }
        rows.push_str(&row);
        shown += 1;
    }
    out.push_str(&rows);
    if outcomes.len() > shown {
        let more = grouped((outcomes.len() - shown) as u64);
        write!(out, "\nand {more} more in run.json\n").expect(INFALLIBLE);
    }
    out.push_str("\n</details>\n");
    (shown > 0).then_some(out)
}

const HEADER: &str = "| Status | Check | What was found | Measured | Limit | Written in |\n|---|---|---|---|---|---|\n";

fn table(outcomes: &[&Outcome]) -> String {
    let rows = outcomes.iter().map(|o| row(o));
    std::iter::once(HEADER.to_owned()).chain(rows).collect()
}

fn row(outcome: &Outcome) -> String {
    let spark = outcome.comparison.as_ref().map_or_else(String::new, shares);
    let since = since(outcome).map_or_else(String::new, |s| format!(" ({})", safe(&s)));
    let (sign, word) = if is_noted(outcome) {
        ("ℹ️", "info")
    } else {
        (emoji(outcome.status), outcome.status.word())
    };
    format!(
        "| {sign} {word} | {} | {}{since} | {}{spark} | {} | {} |\n",
        code(&outcome.id),
        sentence(&outcome.message),
        safe(&found(outcome)),
        safe(&allowed(outcome)),
        place(outcome).map_or_else(String::new, |p| code(&p)),
    )
}

/// A message with its backticks as code spans; a span never touches the one before it, or their fences would join.
fn sentence(message: &str) -> String {
    let message = clip(message, 300);
    let mut out = String::new();
    for (i, part) in message.split('`').enumerate() {
        match (i % 2, part) {
            (_, "") => {}
            (0, part) => out.push_str(&safe(part)),
            (_, part) => {
                if out.ends_with('`') {
                    out.push(' ');
                }
                out.push_str(&code(part));
            }
        }
    }
    out
}

/// Reference and now as rows of blocks: ` (reference ▁▃▇, now ▇▃▁)`.
fn shares(comparison: &Comparison) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bins = comparison.labels.len().min(20);
    let sides = [&comparison.reference, &comparison.current];
    let shown = |side: &[f64]| side.iter().take(bins).copied().collect::<Vec<f64>>();
    let peak = sides.iter().flat_map(|s| shown(s)).fold(1e-9, f64::max);
    let blocks = |side: &[f64]| -> String {
        let block = |share: f64| {
            let level = (share / peak * 7.0).clamp(0.0, 7.0).round();
            let found = (0..7_u8).find(|i| f64::from(*i) >= level);
            BLOCKS[usize::from(found.unwrap_or(7))]
        };
        shown(side).into_iter().map(block).collect()
    };
    let [reference, now] = sides.map(|s| blocks(s));
    format!(" (reference `{reference}`, now `{now}`)")
}

fn emoji(status: Status) -> &'static str {
    match status {
        Status::Pass => "✅",
        Status::Warn => "⚠️",
        Status::Waived => "🕓",
        Status::Skipped => "⏭️",
        Status::Inconclusive => "❓",
        Status::Fail => "❌",
        Status::Error => "🚫",
    }
}
