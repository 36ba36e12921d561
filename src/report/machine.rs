//! JUnit XML and GitHub annotations.

use super::text::{annotation_data, annotation_property, xml};
use crate::record::{Outcome, Run, Status};
use std::fmt::Write as _;

/// GitHub shows at most this many annotations of a kind per step.
const ANNOTATIONS: usize = 10;

/// Renders JUnit XML: one suite per dataset, one case per outcome.
#[must_use]
pub fn junit(run: &Run) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tollgate\">\n",
    );
    for dataset in &run.datasets {
        let cases: Vec<&Outcome> = run
            .outcomes
            .iter()
            .filter(|o| o.dataset == dataset.name)
            .collect();
        let count = |s: &[Status]| cases.iter().filter(|o| s.contains(&o.status)).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            xml(&dataset.name),
            cases.len(),
            count(&[Status::Fail]),
            count(&[Status::Error, Status::Inconclusive]),
            count(&[Status::Skipped])
        )
        .expect("writing to a String cannot fail");
        for case in cases {
            let message = xml(&case.message);
            let inner = match case.status {
                Status::Pass => String::new(),
                Status::Warn => format!("<system-out>warn: {message}</system-out>"),
                Status::Skipped => format!("<skipped message=\"{message}\"/>"),
                Status::Fail => format!("<failure message=\"{message}\"/>"),
                Status::Error | Status::Inconclusive => format!("<error message=\"{message}\"/>"),
            };
            writeln!(
                out,
                "    <testcase classname=\"{}\" name=\"{}\">{inner}</testcase>",
                xml(&dataset.name),
                xml(&case.id)
            )
            .expect("writing to a String cannot fail");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Renders workflow commands of GitHub Actions, at most ten of a kind.
#[must_use]
pub fn github(run: &Run) -> String {
    let mut out = String::new();
    for (command, statuses) in [
        (
            "error",
            &[Status::Fail, Status::Error, Status::Inconclusive][..],
        ),
        ("warning", &[Status::Warn, Status::Skipped][..]),
    ] {
        let list: Vec<&Outcome> = run
            .outcomes
            .iter()
            .filter(|o| statuses.contains(&o.status))
            .collect();
        for outcome in list.iter().take(ANNOTATIONS) {
            let place = outcome.location.as_ref().map_or_else(String::new, |l| {
                format!(
                    "file={},line={},col={},",
                    annotation_property(&l.file),
                    l.line,
                    l.column
                )
            });
            writeln!(
                out,
                "::{command} {place}title={}::{}",
                annotation_property(&outcome.id),
                annotation_data(&outcome.message)
            )
            .expect("writing to a String cannot fail");
        }
        if list.len() > ANNOTATIONS {
            writeln!(
                out,
                "::notice title=tollgate::{} more of this kind are in the report",
                list.len() - ANNOTATIONS
            )
            .expect("writing to a String cannot fail");
        }
    }
    out
}
