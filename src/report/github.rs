//! Workflow commands of GitHub Actions: each finding at its line in the contract.

use super::ranking::findings;
use super::text::{annotation_data, annotation_property, clip};
use super::words::{allowed, found, place, since};
use crate::record::{Outcome, Run};
use std::fmt::Write as _;

/// GitHub shows ten annotations of a level per step and drops the rest silently; the tenth says how many are left.
pub(crate) const SHOWN: usize = 9;

/// Renders the annotations: broken and not evaluated as errors, warnings as warnings, what is waived as
/// notices, at most nine of each.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let [errors, warnings, waived] = findings(run);
    let mut out = String::new();
    for (command, list, noun) in [
        ("error", &errors, "broken or not evaluated"),
        ("warning", &warnings, "warnings"),
        ("notice", &waived, "waived"),
    ] {
        for outcome in list.iter().take(SHOWN) {
            annotation(&mut out, command, outcome);
        }
        if list.len() > SHOWN {
            let more = list.len() - SHOWN;
            writeln!(
                out,
                "::{command} title=tollgate::{more} more ({noun}) are in the report"
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
    let message = told(outcome);
    writeln!(
        out,
        "::{command} {properties}title={}::{}",
        annotation_property(&clip(&outcome.id, 200)),
        annotation_data(&message)
    )
    .expect("writing to a String cannot fail");
}

/// What an annotation says of an outcome: its message, the numbers, where it is written and since when it is so.
pub(crate) fn told(outcome: &Outcome) -> String {
    let numbers = match (found(outcome), allowed(outcome)) {
        (found, allowed) if found.is_empty() || allowed.is_empty() => String::new(),
        (found, allowed) => format!(" Measured: {found}; allowed: {allowed}."),
    };
    let behind: Vec<String> = place(outcome).into_iter().chain(since(outcome)).collect();
    let behind = match behind.join("; ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    };
    format!("{}{numbers}{behind}", clip(&outcome.message, 1_000))
}
