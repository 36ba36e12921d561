//! `JUnit` XML: one suite per dataset, one case per outcome.
//!
//! Source: there is no standard; these are the elements and attributes that GitLab, Jenkins and Azure read. Times are 0,
//! so that the same inputs give the same bytes.

use super::ranking::is_noted;
use super::text::{clip, xml};
use super::words::{allowed, found, place, since};
use crate::record::{Outcome, Run, Status};
use std::fmt::Write as _;

/// Characters of a message.
const MESSAGE: usize = 2_000;

const INFALLIBLE: &str = "writing to a String cannot fail";

/// Renders `JUnit` XML. Warnings pass and say so in their output; failing rows stay in the other reports.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Outcome> = run.outcomes.iter().collect();
    writeln!(out, "<testsuites name=\"tollgate\" {}>", counts(&all)).expect(INFALLIBLE);
    for name in suites(run) {
        suite(&mut out, run, name);
    }
    out.push_str("</testsuites>\n");
    out
}

/// Datasets in their order, then whatever else outcomes name, so that none is lost.
fn suites(run: &Run) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let datasets = run.datasets.iter().map(|d| d.name.as_str());
    for name in datasets.chain(run.outcomes.iter().map(|o| o.dataset.as_str())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn suite(out: &mut String, run: &Run, name: &str) {
    let cases: Vec<&Outcome> = run.outcomes.iter().filter(|o| o.dataset == name).collect();
    writeln!(
        out,
        "  <testsuite name=\"{}\" {}>\n    <properties>",
        xml(name),
        counts(&cases)
    )
    .expect(INFALLIBLE);
    let mut property = |name: &str, value: &str| {
        let value = xml(&clip(value, 400));
        writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>").expect(INFALLIBLE);
    };
    for dataset in run.datasets.iter().filter(|d| d.name == name) {
        property("path", &dataset.path);
        if run.is_read(name) {
            property("rows", &dataset.rows.to_string());
        }
        if let Some(reference) = &dataset.compared_with() {
            property("reference", reference);
        }
    }
    property("configuration", &run.provenance.config);
    property("tollgate", &run.provenance.tollgate);
    if let Some(commit) = &run.provenance.commit {
        property("commit", commit);
    }
    out.push_str("    </properties>\n");
    for outcome in cases {
        case(out, outcome);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, outcome: &Outcome) {
    let at = outcome.location.as_ref().map_or_else(String::new, |l| {
        format!(" file=\"{}\" line=\"{}\"", xml(&l.file), l.line)
    });
    let message = xml(&clip(&outcome.message, MESSAGE));
    let kind = xml(&outcome.check);
    let facts = facts(outcome);
    let since = since(outcome).map_or_else(String::new, |s| format!(" ({})", xml(&s)));
    let inner = match outcome.status {
        Status::Pass if is_noted(outcome) => {
            format!("<system-out>info: {message}\n{facts}</system-out>")
        }
        Status::Pass => String::new(),
        Status::Warn => format!("<system-out>warn: {message}\n{facts}</system-out>"),
        Status::Waived => format!("<skipped message=\"waived: {message}{since}\"/>"),
        Status::Skipped => format!("<skipped message=\"{message}{since}\"/>"),
        Status::Fail => {
            format!("<failure type=\"{kind}\" message=\"{message}\">{facts}</failure>")
        }
        Status::Error | Status::Inconclusive => format!(
            "<error type=\"{}\" message=\"{message}\">{facts}</error>",
            outcome.status.word()
        ),
    };
    writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\"{at} time=\"0\">{inner}</testcase>",
        xml(&outcome.dataset),
        xml(&outcome.id)
    )
    .expect(INFALLIBLE);
}

/// What was found, what is allowed, where it is written, since when it is so, who owns it; one line each.
fn facts(outcome: &Outcome) -> String {
    let facts = [
        ("measured", Some(found(outcome))),
        ("allowed", Some(allowed(outcome))),
        ("promise", Some(clip(&outcome.summary, MESSAGE))),
        ("written in", place(outcome)),
        ("since", since(outcome)),
        ("owner", outcome.owner.clone()),
    ];
    let shown = facts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.filter(|t| !t.is_empty())?)));
    let lines: Vec<String> = shown
        .map(|(name, text)| format!("{name}: {}", xml(&text)))
        .collect();
    lines.join("\n")
}

fn counts(cases: &[&Outcome]) -> String {
    let count = |s: &[Status]| cases.iter().filter(|o| s.contains(&o.status)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\"",
        cases.len(),
        count(&[Status::Fail]),
        count(&[Status::Error, Status::Inconclusive]),
        count(&[Status::Skipped, Status::Waived])
    )
}
