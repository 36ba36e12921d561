//! Code quality report of GitLab: each finding at its line in the contract, beside the changes of a merge request.

use super::ranking::{Ranking, flat};
use super::text::{clip, hex, line};
use super::words::{allowed, found, since};
use crate::record::{Outcome, Run, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Characters of a description; the widget shows one line.
const DESCRIPTION: usize = 1_000;

/// Renders the findings, worst first; what is kept, waived or skipped is none.
///
/// A fingerprint is made of the outcome's id alone, which names dataset, check and arguments: it stays when the data's
/// values or the contract's lines change, and no two findings share one, or the widget would show only the first.
///
/// Source: "Code Quality report format" of GitLab's documentation (from memory): description, check name, fingerprint,
/// severity, and a relative path with the first line.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let ranking = Ranking::of(run);
    let mut shown = ranking.broken.clone();
    shown.extend(flat(&ranking.unable));
    shown.extend(flat(&ranking.undecided));
    shown.extend(&ranking.warned);
    shown.extend(&ranking.noted);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let findings: Vec<Value> = shown
        .iter()
        .map(|outcome| {
            let times = seen.entry(outcome.id.as_str()).or_default();
            *times += 1;
            finding(run, outcome, *times)
        })
        .collect();
    super::pretty(&findings)
}

fn finding(run: &Run, outcome: &Outcome, times: usize) -> Value {
    let severity = match outcome.status {
        Status::Fail => "critical",
        Status::Error | Status::Inconclusive => "major",
        Status::Warn => "minor",
        Status::Pass | Status::Waived | Status::Skipped => "info",
    };
    let (path, begin) = outcome.location.as_ref().map_or_else(
        || (run.provenance.config.as_str(), 1),
        |at| (at.file.as_str(), at.line.max(1)),
    );
    let print = match times {
        1 => outcome.id.clone(),
        n => format!("{}\n{n}", outcome.id),
    };
    json!({
        "description": description(outcome),
        "check_name": line(&outcome.check),
        "fingerprint": hex(&Sha256::digest(print.as_bytes())),
        "severity": severity,
        "location": { "path": relative(path), "lines": { "begin": begin } },
    })
}

fn description(outcome: &Outcome) -> String {
    let numbers = match (found(outcome), allowed(outcome)) {
        (found, allowed) if found.is_empty() || allowed.is_empty() => String::new(),
        (found, allowed) => format!(" Measured: {found}; allowed: {allowed}."),
    };
    let since = since(outcome).map_or_else(String::new, |s| format!(" ({s})"));
    let message = clip(&line(&outcome.message), DESCRIPTION);
    format!("{}: {message}{numbers}{since}", line(&outcome.id))
}

/// A path as GitLab compares it: with `/`, without a leading `./`.
fn relative(path: &str) -> String {
    let mut path = line(path).replace('\\', "/");
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/').to_owned();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_as_gitlab_compares_them() {
        for (path, shown) in [
            ("contracts/a.yaml", "contracts/a.yaml"),
            ("./contracts/a.yaml", "contracts/a.yaml"),
            (".//./a.yaml", "a.yaml"),
            ("a\\b.yaml", "a/b.yaml"),
            ("../a.yaml", "../a.yaml"),
        ] {
            assert_eq!(relative(path), shown, "{path}");
        }
    }
}
