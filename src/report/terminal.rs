//! One screen for the person at the terminal.

use super::text::{line, safe_block};
use crate::record::{Outcome, Run, Status};
use std::fmt::Write as _;

const SHOWN: usize = 20;

/// Renders the verdict, what broke with measured against limit, warnings, and the last line `verdict: ...`.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut out = String::new();
    for dataset in &run.datasets {
        push(
            &mut out,
            &format!("{}  {} rows  {}", dataset.name, dataset.rows, dataset.path),
        );
    }
    for (title, statuses) in [
        ("Broken", &[Status::Fail][..]),
        (
            "Could not be evaluated",
            &[Status::Error, Status::Inconclusive][..],
        ),
        ("Warnings", &[Status::Warn, Status::Skipped][..]),
    ] {
        let list: Vec<&Outcome> = statuses
            .iter()
            .flat_map(|s| run.outcomes.iter().filter(move |o| o.status == *s))
            .collect();
        if list.is_empty() {
            continue;
        }
        push(&mut out, "");
        push(&mut out, &format!("{title} ({})", list.len()));
        for outcome in list.iter().take(SHOWN) {
            one(&mut out, outcome);
        }
        if list.len() > SHOWN {
            push(
                &mut out,
                &format!("  and {} more in the report", list.len() - SHOWN),
            );
        }
    }
    push(&mut out, "");
    push(
        &mut out,
        &format!("{} kept. {}", run.verdict.counts.pass, run.verdict.sentence),
    );
    push(&mut out, &format!("verdict: {}", run.verdict.status.word()));
    safe_block(&out)
}

fn one(out: &mut String, outcome: &Outcome) {
    let place = outcome
        .location
        .as_ref()
        .map_or_else(String::new, |l| format!("  {}:{}", l.file, l.line));
    push(
        out,
        &format!(
            "  {:<5} {}{place}",
            outcome.status.word(),
            line(&outcome.id)
        ),
    );
    push(out, &format!("        {}", line(&outcome.message)));
    for sample in outcome.samples.iter().take(2) {
        let cells: Vec<String> = sample
            .cells
            .iter()
            .map(|c| {
                format!(
                    "{}={}",
                    line(&c.column),
                    c.value.as_deref().map_or("null".to_owned(), line)
                )
            })
            .collect();
        push(
            out,
            &format!("        row {}: {}", sample.row, cells.join(" ")),
        );
    }
}

fn push(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a String cannot fail");
}
