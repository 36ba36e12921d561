//! GitHub Actions: annotations on stdout, the step summary, outputs of the step.

use super::{Ending, Telling, Told, Variables, unable};
use crate::report::text::{annotation_data, annotation_property, hex};
use crate::report::{ANNOTATIONS, Format, render};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const SUMMARY: &str = "the step summary";
const OUTPUTS: &str = "the outputs of the step";
const INFALLIBLE: &str = "writing to a String cannot fail";

pub(super) fn tell(telling: &Telling) -> Told {
    let mut told = Told {
        before: match telling.ending {
            Ending::Judged { run, .. } => render(run, Format::Github),
            Ending::Unable(_) => annotations(telling),
        },
        ..Told::default()
    };
    if let Some(file) = telling.variables.get("GITHUB_STEP_SUMMARY") {
        let written = summary(telling, file);
        told.notes
            .extend(written.and_then(|p| append(file, &p, SUMMARY)).err());
    }
    if let Some(file) = telling.variables.get("GITHUB_OUTPUT") {
        let text: String = telling
            .outputs()
            .iter()
            .map(|(n, v)| output(n, v))
            .collect();
        told.notes.extend(append(file, &text, OUTPUTS).err());
    }
    told
}

/// The page for the summary of a step, of which GitHub drops everything when it is above 1 MiB: where the step wrote much
/// already, the shorter page.
fn summary(telling: &Telling, file: &str) -> Result<String, String> {
    const MOST: u64 = 1 << 20;
    let there = std::fs::metadata(file).map_or(0, |m| m.len());
    let pages = [Format::MarkdownSummary, Format::MarkdownComment];
    let mut pages = pages.into_iter().map(|f| telling.markdown(f) + "\n");
    let fits = pages.find(|page| there + page.len() as u64 <= MOST);
    fits.ok_or_else(|| {
        format!("{SUMMARY} has no room left: the step wrote {there} bytes to it, and GitHub takes {MOST}")
    })
}

fn append(file: &str, text: &str, what: &str) -> Result<(), String> {
    let open = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(Path::new(file));
    let written = open.and_then(|mut f| f.write_all(text.as_bytes()));
    written.map_err(|error| format!("cannot write {what} to {file}: {error}"))
}

/// Adds one output of the step.
pub(super) fn add_output(variables: &Variables, name: &str, value: &str) -> Result<(), String> {
    match variables.get("GITHUB_OUTPUT") {
        Some(file) => append(file, &output(name, value), OUTPUTS),
        None => Ok(()),
    }
}

/// An output of the step: `name=value`, or between delimiters that nobody can guess where the value has several lines.
///
/// Source: "Workflow commands" of GitHub Actions; `SetOutputFileCommand` of the runner reads a line up to `\n`.
pub(super) fn output(name: &str, value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}\n");
    }
    let delimiter = loop {
        let candidate = format!("tollgate-{}", hex(&random()));
        if !value.contains(&candidate) {
            break candidate;
        }
    };
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

fn random() -> [u8; 16] {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; 16];
    let filled = ring::rand::SystemRandom::new().fill(&mut bytes);
    filled.expect("the operating system has random bytes");
    bytes
}

/// What could not be evaluated, at its places: nine annotations, and how many more there are.
fn annotations(telling: &Telling) -> String {
    let Ending::Unable(error) = telling.ending else {
        return String::new();
    };
    let all = unable::problems(error);
    let mut out = String::new();
    for problem in all.iter().take(ANNOTATIONS) {
        let mut properties = String::new();
        if let Some(place) = problem.diagnostic.and_then(|d| d.place.as_ref()) {
            let at = place.location();
            let file = annotation_property(&telling.beside(&at.file));
            write!(
                properties,
                "file={file},line={},col={},",
                at.line, at.column
            )
            .expect(INFALLIBLE);
        }
        let title = problem.diagnostic.map_or("not evaluated", |d| d.code);
        let title = annotation_property(title);
        let message = annotation_data(&problem.message);
        writeln!(out, "::error {properties}title=tollgate {title}::{message}").expect(INFALLIBLE);
    }
    if all.len() > ANNOTATIONS {
        let more = all.len() - ANNOTATIONS;
        writeln!(out, "::error title=tollgate::{more} more are in the log").expect(INFALLIBLE);
    }
    out
}

/// A notice of the system.
pub(super) fn notice(text: &str) -> String {
    format!("::notice title=tollgate::{}\n", annotation_data(text))
}
