//! Buildkite: an annotation of the build, and a group of the job's log.

use super::{Ending, Telling, Told};
use crate::record::Status;
use crate::report::Format;
use crate::report::text::{clip, line};
use std::io::Write as _;
use std::process::{Command, Stdio};

const AGENT: &str = "buildkite-agent";

/// Source: "Annotations" and "Managing log output" of Buildkite's documentation.
pub(super) fn tell(telling: &Telling) -> Told {
    let style = match telling.ending {
        Ending::Judged { run, .. } if run.verdict.exit_code == 0 => match run.verdict.status {
            Status::Pass => "success",
            _ => "warning",
        },
        Ending::Judged { .. } | Ending::Unable(_) => "error",
    };
    // A group that begins with `+++` is open, one with `---` is folded.
    let group = match style {
        "success" => "--- tollgate\n",
        _ => "+++ tollgate\n",
    };
    let notes = match annotate(telling, style) {
        Ok(()) => Vec::new(),
        Err(reason) => vec![format!("no annotation: {reason}")],
    };
    Told {
        before: group.to_owned(),
        notes,
        ..Told::default()
    }
}

/// Hands the page to the agent on its standard input, which no limit of a command line cuts.
fn annotate(telling: &Telling, style: &str) -> Result<(), String> {
    let context = format!("tollgate-{}", telling.id());
    let started = Command::new(AGENT)
        .args(["annotate", "--style", style, "--context", &context])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut agent = started.map_err(|e| format!("`{AGENT}` does not start: {e}"))?;
    let page = telling.markdown(Format::MarkdownSummary);
    let mut input = agent.stdin.take().expect("it is piped");
    let sent = input.write_all(page.as_bytes());
    drop(input);
    let ended = agent.wait_with_output();
    let ended = ended.map_err(|e| format!("`{AGENT}` does not end: {e}"))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        let said = clip(&line(said.trim()), 200);
        return Err(format!("`{AGENT}` ends with {}: {said}", ended.status));
    }
    sent.map_err(|e| format!("`{AGENT}` does not read the page: {e}"))
}
