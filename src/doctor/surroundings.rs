//! The program, the CI system, git, and where reports go.

use super::{Asked, Line};
use crate::ci::System;
use crate::evidence::{PrivateKey, PublicKey};
use std::path::Path;
use std::process::Command;

pub(super) fn lines(asked: &Asked) -> Vec<Line> {
    let mut lines = vec![program()];
    lines.extend(system(asked));
    lines.push(git());
    lines.push(writable("reports", asked.output));
    lines.extend(keys(asked));
    lines
}

fn program() -> Line {
    let (version, arch, os) = (
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS,
    );
    let files = if crate::model::source::onnx::BUILT {
        "; runs ONNX files"
    } else {
        "; does not run ONNX files (built without the feature `onnx`)"
    };
    Line::good(
        "program",
        format!("tollgate {version} on {arch} {os}{files}"),
    )
}

/// The CI system, and what it needs to be told how a run ended.
fn system(asked: &Asked) -> Vec<Line> {
    let Some(system) = System::detect(asked.variables) else {
        return vec![Line::good(
            "CI system",
            "none: the report of the terminal is all that is told",
        )];
    };
    let mut lines = vec![Line::good("CI system", system.name())];
    let file = |name: &'static str, what: &str| match asked.variables.get(name) {
        Some(path) if Path::new(path).is_file() => None,
        Some(_) => Some(Line::lacking(
            name,
            "names a file that is not there",
            format!("{what} will not be told; let the step have the file that the runner made"),
        )),
        None => Some(Line::lacking(
            name,
            "is not set",
            format!("{what} will not be told; in a container, hand the variable and its file on"),
        )),
    };
    match system {
        System::Github => {
            lines.extend(file("GITHUB_STEP_SUMMARY", "the step summary"));
            lines.extend(file("GITHUB_OUTPUT", "the outputs of the step"));
            if asked.variables.get("GITHUB_TOKEN").is_none() {
                let fix = "set GITHUB_TOKEN: ${{ github.token }} for the step where --comment sticky is wanted";
                lines.push(Line::lacking("GITHUB_TOKEN", "is not set", fix));
            }
        }
        System::Buildkite => {
            if run("buildkite-agent", "--version").is_none() {
                let fix = "no annotation will be written; put it on the PATH of the job, or mount it into the container";
                lines.push(Line::lacking("buildkite-agent", "does not start", fix));
            }
        }
        System::Gitlab | System::Azure | System::Jenkins | System::Bitbucket | System::Circleci => {
        }
    }
    lines
}

fn git() -> Line {
    match run("git", "--version") {
        Some(said) => Line::good("git", said),
        None => Line::lacking(
            "git",
            "does not start",
            "install it where --changed-since is used; everything else works without",
        ),
    }
}

/// The first line that a program prints; absent where it does not start or fails.
fn run(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let first = said.lines().next().unwrap_or_default().to_owned();
    output.status.success().then_some(first)
}

/// Whether a folder, or the nearest one above it that is there, can be written.
pub(super) fn writable(subject: &str, folder: &Path) -> Line {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = whole.ancestors().find(|f| f.exists());
    let shown = folder.display().to_string();
    let Some(there) = there else {
        return Line::bad(
            subject,
            format!("{shown}: no folder above it is there"),
            "name another one",
        );
    };
    match tempfile::NamedTempFile::new_in(there) {
        Ok(_) => Line::good(subject, format!("{shown} can be written")),
        Err(error) => Line::bad(
            subject,
            format!("{shown} cannot be written: {error}"),
            "let the user of the job write there, or name another folder",
        ),
    }
}

/// Keys in variables: whether they are any; never what they are.
fn keys(asked: &Asked) -> Vec<Line> {
    let wrong = |name: &str, what: &str| {
        Line::bad(
            name,
            format!("is set, and is not {what}"),
            "put the whole text of the file there, with its line breaks; `tollgate key new` makes a pair",
        )
    };
    let mut lines = Vec::new();
    if let Some(text) = asked.variables.get("TOLLGATE_SIGNING_KEY") {
        lines.push(match PrivateKey::from_pem(text) {
            Ok(_) => Line::good("TOLLGATE_SIGNING_KEY", "is set, and is a key"),
            Err(_) => wrong("TOLLGATE_SIGNING_KEY", "a private key in PEM"),
        });
    }
    if let Some(text) = asked.variables.get("TOLLGATE_PUBLIC_KEY") {
        lines.push(match PublicKey::from_pem(text) {
            Ok(_) => Line::good("TOLLGATE_PUBLIC_KEY", "is set, and is a key"),
            Err(_) => wrong("TOLLGATE_PUBLIC_KEY", "a public key in PEM"),
        });
    }
    lines
}
