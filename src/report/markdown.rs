//! For pull requests and step summaries.

use super::ranking::{Ranking, flat};
use super::text::{clip, code, markdown as safe};
use super::words::{allowed, counted, found, moment, place};
use crate::record::{Comparison, Outcome, Run, Status};
use std::fmt::Write as _;

/// Lines of the first table; further findings are folded.
const FIRST: usize = 20;
/// Lines of each folded table.
const FOLDED: usize = 100;
/// Bytes of the whole text: a comment on GitHub holds 65,536 characters.
const SIZE: usize = 60_000;

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
    let (first, more) = findings.split_at(findings.len().min(FIRST));
    let skipped = flat(&ranking.skipped);
    let mut out = head(run);
    if !first.is_empty() {
        out.push('\n');
        out.push_str(&table(first));
    }
    let foot = foot(run);
    let mut dropped = Vec::new();
    for (list, noun) in [
        (more, "more finding"),
        (&skipped, "skipped promise"),
        (&ranking.kept, "kept promise"),
    ] {
        if list.is_empty() {
            continue;
        }
        let title = counted(list.len() as u64, noun);
        let section = folded(&title, list);
        if out.len() + section.len() + foot.len() + 200 <= SIZE {
            out.push_str(&section);
        } else {
            dropped.push(title);
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
            .reference
            .as_ref()
            .map_or_else(String::new, |r| format!(", compared with {}", code(r)));
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
    out
}

fn foot(run: &Run) -> String {
    format!(
        "\n<sub>Checked {} by tollgate {} with {}. Failing rows and charts are in report.html.</sub>\n",
        safe(&moment(&run.provenance.now)),
        safe(&run.provenance.tollgate),
        code(&run.provenance.config)
    )
}

fn folded(title: &str, outcomes: &[&Outcome]) -> String {
    let mut out = format!("\n<details><summary>{title}</summary>\n\n");
    out.push_str(&table(&outcomes[..outcomes.len().min(FOLDED)]));
    if outcomes.len() > FOLDED {
        let more = outcomes.len() - FOLDED;
        write!(out, "\nand {more} more in run.json\n").expect(INFALLIBLE);
    }
    out.push_str("\n</details>\n");
    out
}

fn table(outcomes: &[&Outcome]) -> String {
    let mut out = String::from(
        "| Status | Check | What was found | Measured | Limit | Written in |\n|---|---|---|---|---|---|\n",
    );
    for outcome in outcomes {
        let spark = outcome.comparison.as_ref().map_or_else(String::new, shares);
        let waived = match &outcome.waiver {
            Some(waiver) if !waiver.expired => {
                format!(" (accepted until {})", safe(&waiver.until))
            }
            Some(waiver) => format!(" (exception ended on {})", safe(&waiver.until)),
            None => String::new(),
        };
        writeln!(
            out,
            "| {} {} | {} | {}{waived} | {}{spark} | {} | {} |",
            emoji(outcome.status),
            outcome.status.word(),
            code(&outcome.id),
            sentence(&outcome.message),
            safe(&found(outcome)),
            safe(&allowed(outcome)),
            place(outcome).map_or_else(String::new, |p| code(&p)),
        )
        .expect(INFALLIBLE);
    }
    out
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
        Status::Skipped => "⏭️",
        Status::Inconclusive => "❓",
        Status::Fail => "❌",
        Status::Error => "🚫",
    }
}
