//! Azure Pipelines: issues, the summary of the run, variables for later steps.

use super::{Ending, Telling, Told, unable, variable};
use crate::record::Outcome;
use crate::report::text::{azure_data, azure_property};
use crate::report::{ANNOTATIONS, Format, findings, told, write};
use std::fmt::Write as _;

const INFALLIBLE: &str = "writing to a String cannot fail";

/// Name of the summary in the folder of the reports.
const SUMMARY: &str = "summary.md";

pub(super) fn tell(telling: &Telling) -> Told {
    let mut result = Told {
        before: match telling.ending {
            Ending::Judged { run, .. } => {
                let [errors, warnings, _] = findings(run);
                issues("error", &errors) + &issues("warning", &warnings)
            }
            Ending::Unable(_) => problems(telling),
        },
        ..Told::default()
    };
    let file = telling.started.join(telling.folder).join(SUMMARY);
    match write(&file, &telling.markdown(Format::MarkdownSummary)) {
        Ok(()) => {
            let path = azure_data(&file.display().to_string());
            writeln!(result.before, "##vso[task.uploadsummary]{path}").expect(INFALLIBLE);
        }
        Err(error) => result.notes.push(format!("no summary: {error}")),
    }
    for (name, value) in telling.outputs() {
        result.before.push_str(&output(name, &value));
    }
    result
}

/// A variable for later steps, by the name of the output.
pub(super) fn output(name: &str, value: &str) -> String {
    let (name, value) = (azure_property(&variable(name)), azure_data(value));
    format!("##vso[task.setvariable variable={name};isOutput=true]{value}\n")
}

/// The first outcomes of a kind at their lines, and how many more there are.
fn issues(kind: &str, outcomes: &[&Outcome]) -> String {
    let mut out = String::new();
    for outcome in outcomes.iter().take(ANNOTATIONS) {
        let at = outcome.location.as_ref();
        let at = at.map_or_else(String::new, |l| place(&l.file, l.line, l.column));
        let code = azure_property(&outcome.check);
        let text = azure_data(&format!("{}: {}", outcome.id, told(outcome)));
        writeln!(
            out,
            "##vso[task.logissue type={kind};{at}code={code}]{text}"
        )
        .expect(INFALLIBLE);
    }
    if outcomes.len() > ANNOTATIONS {
        let more = outcomes.len() - ANNOTATIONS;
        writeln!(
            out,
            "##vso[task.logissue type={kind}]{more} more are in the report"
        )
        .expect(INFALLIBLE);
    }
    out
}

fn place(file: &str, line: usize, column: usize) -> String {
    let file = azure_property(file);
    format!("sourcepath={file};linenumber={line};columnnumber={column};")
}

fn problems(telling: &Telling) -> String {
    let Ending::Unable(error) = telling.ending else {
        return String::new();
    };
    let all = unable::problems(error);
    let mut out = String::new();
    for problem in all.iter().take(ANNOTATIONS) {
        let at = problem.diagnostic.and_then(|d| d.place.as_ref());
        let at = at.map_or_else(String::new, |p| {
            place(&telling.beside(&p.file.path), p.line, p.column)
        });
        let code = problem.diagnostic.map_or("not-evaluated", |d| d.code);
        let (code, text) = (azure_property(code), azure_data(&problem.message));
        writeln!(out, "##vso[task.logissue type=error;{at}code={code}]{text}").expect(INFALLIBLE);
    }
    if all.len() > ANNOTATIONS {
        let more = all.len() - ANNOTATIONS;
        writeln!(
            out,
            "##vso[task.logissue type=error]{more} more are in the log"
        )
        .expect(INFALLIBLE);
    }
    out
}
