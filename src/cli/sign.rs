//! `tollgate sign`: a run record becomes evidence. What `tollgate run --sign` shares with it.

use super::{print, tell};
use crate::error::{EXIT_PASS, EXIT_REFUSED, Error, Result};
use crate::evidence::run::From;
use crate::evidence::{Described, PrivateKey, Written, named, run_statement, sign, signed};
use crate::record::Run;
use crate::report::text::{hex, line};
use crate::report::{self, Format};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run.json that is signed, with the report.html and report.md beside it.
    run: PathBuf,
    /// File of the key that signs; `TOLLGATE_SIGNING_KEY` holds its text where nothing is said.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The file that is written; run.intoto.json beside the run where nothing is said.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The page of the run in the CI; told by the variables of GitHub, GitLab and Jenkins where nothing is said.
    #[arg(long)]
    url: Option<String>,
    /// Clock of the signing, RFC 3339.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let key = signing_key(self.key.as_deref())?;
        let (run, bytes) = signed::record(&self.run)?;
        let Some(reports) = reports(&run, &self.run, &bytes)? else {
            return Ok(EXIT_REFUSED);
        };
        let file = self.run.file_name().unwrap_or_default();
        let file = file.to_string_lossy();
        let url = self.url.or_else(run_url);
        let statement = run_statement(&Described {
            run: &run,
            bytes: &bytes,
            file: &file,
            reports: &reports,
            url: url.as_deref(),
            at: self.now.unwrap_or_else(Utc::now),
        });
        let output = self.output.unwrap_or_else(|| signed::beside(&self.run));
        if same(&output, &self.run) {
            let what = "--output would replace the run.json that is signed; name another file";
            return Err(Error::Usage(what.to_owned()));
        }
        report::write(&output, &sign(&statement, &key))?;
        let said = said(&output, &key);
        print(&format!("{said}\n")).map(|()| EXIT_PASS)
    }
}

/// Whether both paths are one file, there or not yet.
fn same(a: &Path, b: &Path) -> bool {
    let whole = |p: &Path| p.canonicalize().or_else(|_| std::path::absolute(p));
    matches!((whole(a), whole(b)), (Ok(a), Ok(b)) if a == b)
}

/// The reports beside a run record; `None`, and the reason is told, where one is not what the record renders.
fn reports(run: &Run, path: &Path, record: &[u8]) -> Result<Option<Vec<Written>>> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let after = super::after::beside(path, record);
    let mut found = Vec::new();
    for (name, format) in [
        ("report.html", Format::Html),
        ("report.md", Format::Markdown),
    ] {
        let path = folder.join(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(Error::io("read", path, e)),
        };
        let fits = |after| bytes == report::render_after(run, after, format).as_bytes();
        if !fits(None) && !after.as_ref().is_some_and(|a| fits(Some(a))) {
            tell(&format!(
                "refused: {} is not the report of this run: it is of another run or another tollgate, or was edited; write \
                 it again with `tollgate report RUN.json --format {}`, or take it away",
                line(&path.display().to_string()),
                format.name()
            ));
            return Ok(None);
        }
        found.push(Written {
            path: name.to_owned(),
            from: From::Run,
            sha256: hex(&Sha256::digest(&bytes)),
        });
    }
    Ok(Some(found))
}

fn said(path: &Path, key: &PrivateKey) -> String {
    let path = line(&path.display().to_string());
    format!("signed: {path} by key {}", key.public().id())
}

/// The key that signs, of a file or of the variable.
///
/// Errors: those of [`named::signing_key`].
pub(crate) fn signing_key(file: Option<&Path>) -> Result<PrivateKey> {
    named::signing_key(file, variable(named::SIGNING_VARIABLE).as_deref())
}

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.trim().is_empty())
}

/// The page of this run in the CI.
///
/// Source: the variables that GitHub Actions, GitLab CI, Jenkins, Buildkite and `CircleCI` document.
pub(super) fn run_url() -> Option<String> {
    let github = || {
        let (server, repository) = (
            variable("GITHUB_SERVER_URL")?,
            variable("GITHUB_REPOSITORY")?,
        );
        let run = variable("GITHUB_RUN_ID")?;
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    };
    github()
        .or_else(|| variable("CI_JOB_URL"))
        .or_else(|| variable("BUILD_URL"))
        .or_else(|| variable("BUILDKITE_BUILD_URL"))
        .or_else(|| variable("CIRCLE_BUILD_URL"))
}

/// What `tollgate run` is asked about its signature.
#[derive(clap::Args)]
pub(super) struct Signing {
    /// Sign the run: run.intoto.json beside run.json binds it, its reports, the data and the models.
    #[arg(long)]
    sign: bool,
    /// File of the key that signs; `TOLLGATE_SIGNING_KEY` holds its text where nothing is said.
    #[arg(long, value_name = "FILE", requires = "sign")]
    key: Option<PathBuf>,
}

/// A report as it was written.
pub(super) struct Rendered {
    /// Its file.
    pub(super) path: PathBuf,
    /// Its text.
    pub(super) text: String,
}

/// Where the files of a run lie, and when it is signed.
pub(super) struct Around<'a> {
    /// The folder of run.json.
    pub(super) output: &'a Path,
    /// The folder of the configuration.
    pub(super) base: &'a Path,
    /// Clock of the run.
    pub(super) now: DateTime<Utc>,
}

impl Signing {
    /// The key, before anything is measured; `None` where nothing is to be signed.
    ///
    /// Errors: those of [`signing_key`].
    pub(super) fn key(&self) -> Result<Option<PrivateKey>> {
        let wanted = self.sign.then(|| signing_key(self.key.as_deref()));
        wanted.transpose()
    }
}

/// The file that `tollgate run --sign` writes.
pub(super) fn envelope(output: &Path) -> PathBuf {
    signed::beside(&output.join("run.json"))
}

/// Where a report's path starts: beside run.json, else at the configuration, else where the run was started.
fn starts<'a>(path: &'a Path, around: &Around) -> (From, &'a Path) {
    if let Ok(path) = path.strip_prefix(around.output) {
        return (From::Run, path);
    }
    match path.strip_prefix(around.base) {
        Ok(path) => (From::Configuration, path),
        Err(_) => (From::Start, path),
    }
}

/// Signs a run that was just written; returns what is said of it.
///
/// Errors: [`Error::Io`].
pub(super) fn sign_run(
    run: &Run,
    written: &[Rendered],
    around: &Around,
    key: &PrivateKey,
) -> Result<String> {
    let record = around.output.join("run.json");
    let (records, reports): (Vec<&Rendered>, Vec<&Rendered>) =
        written.iter().partition(|r| r.path == record);
    let bytes = records.first().map_or("", |r| r.text.as_str());
    let reports: Vec<Written> = reports
        .iter()
        .map(|r| {
            let (from, path) = starts(&r.path, around);
            Written {
                path: path.display().to_string(),
                from,
                sha256: hex(&Sha256::digest(r.text.as_bytes())),
            }
        })
        .collect();
    let statement = run_statement(&Described {
        run,
        bytes: bytes.as_bytes(),
        file: "run.json",
        reports: &reports,
        url: run_url().as_deref(),
        at: around.now,
    });
    let path = envelope(around.output);
    report::write(&path, &sign(&statement, key))?;
    Ok(said(&path, key))
}
