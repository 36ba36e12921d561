//! For pull requests and step summaries.

use super::text::markdown as safe;
use crate::record::{Outcome, Run, Status};
use std::fmt::Write as _;

/// Renders the verdict sentence, tables of what broke and warned, and the kept promises folded.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut out = format!(
        "## tollgate: {}\n\n{}\n",
        run.verdict.status.word(),
        safe(&run.verdict.sentence)
    );
    for (title, statuses) in [
        ("Broken", &[Status::Fail][..]),
        (
            "Could not be evaluated",
            &[Status::Error, Status::Inconclusive][..],
        ),
        ("Warnings", &[Status::Warn][..]),
        ("Skipped", &[Status::Skipped][..]),
    ] {
        table(
            &mut out,
            title,
            run.outcomes.iter().filter(|o| statuses.contains(&o.status)),
        );
    }
    out.push_str("\n<details><summary>Kept promises</summary>\n");
    table(
        &mut out,
        "Kept",
        run.outcomes.iter().filter(|o| o.status == Status::Pass),
    );
    out.push_str("\n</details>\n");
    out
}

fn table<'a>(out: &mut String, title: &str, outcomes: impl Iterator<Item = &'a Outcome>) {
    let mut outcomes = outcomes.peekable();
    if outcomes.peek().is_none() {
        return;
    }
    write!(
        out,
        "\n### {title}\n\n| Promise | What was found | Limit | Written in |\n|---|---|---|---|\n"
    )
    .expect("writing to a String cannot fail");
    for outcome in outcomes {
        let limits: Vec<String> = outcome
            .limits
            .iter()
            .map(|l| format!("{} {} {}", l.name, l.op, l.text))
            .collect();
        let place = outcome
            .location
            .as_ref()
            .map_or_else(String::new, |l| format!("{}:{}", l.file, l.line));
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            safe(&outcome.id),
            safe(&outcome.message),
            safe(&limits.join(", ")),
            safe(&place)
        )
        .expect("writing to a String cannot fail");
    }
}
