//! Workflow commands of GitHub Actions: each finding at its line in the contract.

use super::ranking::{Ranking, flat};
use super::text::{annotation_data, annotation_property, clip};
use super::words::{allowed, found, place};
use crate::record::{Outcome, Run};
use std::fmt::Write as _;

/// GitHub shows ten annotations of a level per step and drops the rest silently; the tenth says how many are left.
const SHOWN: usize = 9;

/// Renders the annotations: broken and not evaluated as errors, warnings as warnings, what is waived as
/// notices, at most nine of each.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let ranking = Ranking::of(run);
    let mut errors = ranking.broken.clone();
    errors.extend(flat(&ranking.unable));
    let mut out = String::new();
    for (command, list, noun) in [
        ("error", &errors, "broken or not evaluated"),
        ("warning", &ranking.warned, "warnings"),
        ("notice", &ranking.waived, "waived"),
    ] {
        for outcome in list.iter().take(SHOWN) {
            annotation(&mut out, command, outcome);
        }
        if list.len() > SHOWN {
            let more = list.len() - SHOWN;
            writeln!(
                out,
                "::notice title=tollgate::{more} more ({noun}) are in the report"
            )
            .expect("writing to a String cannot fail");
        }
    }
    out
}

fn annotation(out: &mut String, command: &str, outcome: &Outcome) {
    let mut properties = String::new();
    if let Some(at) = &outcome.location {
        let file = annotation_property(&at.file);
        write!(
            properties,
            "file={file},line={},col={},",
            at.line, at.column
        )
        .expect("writing to a String cannot fail");
        if let Some(end) = at.end_column {
            write!(properties, "endColumn={end},").expect("writing to a String cannot fail");
        }
    }
    let numbers = match (found(outcome), allowed(outcome)) {
        (found, allowed) if found.is_empty() || allowed.is_empty() => String::new(),
        (found, allowed) => format!(" Measured: {found}; allowed: {allowed}."),
    };
    let place = place(outcome).map_or_else(String::new, |p| format!(" ({p})"));
    let message = format!("{}{numbers}{place}", clip(&outcome.message, 1_000));
    writeln!(
        out,
        "::{command} {properties}title={}::{}",
        annotation_property(&clip(&outcome.id, 200)),
        annotation_data(&message)
    )
    .expect("writing to a String cannot fail");
}
