//! Where reports go: never onto a file that the run reads, never two of them onto one path.

use super::output::Outputs;
use crate::ci::{System, extra};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::history::History;
use crate::record::Run;
use crate::report::Format;
use std::path::{Path, PathBuf};

/// One report to write.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// In which format.
    pub(super) format: Format,
    /// Where to.
    pub(super) path: PathBuf,
}

/// Every report of a run: those in the output folder, then those that the configuration and the command line name, then
/// those that the CI system picks up, where nothing else is written there.
///
/// Errors: [`Error::Usage`] when one would replace data, a contract or the configuration, or another report.
pub(super) fn targets(
    config: &Config,
    run: &Run,
    outputs: &Outputs,
    system: Option<System>,
) -> Result<Vec<Target>> {
    let all = places(Some(config), outputs, system);
    let read = inputs(config, Some(run));
    for (i, target) in all.iter().enumerate() {
        let refuse = |what: String| {
            let (name, path) = (target.format.name(), target.path.display());
            let way_out = "nothing was written; give the report another path";
            Err(Error::Usage(format!(
                "the {name} report at {path} would replace {what}; {way_out}"
            )))
        };
        if let Some(input) = read.iter().find(|p| is_same(p, &target.path)) {
            return refuse(format!("{}, which the run reads", input.display()));
        }
        let other = all[..i].iter().find(|o| is_one_path(o, target));
        if let Some(other) = other.filter(|o| o.format != target.format) {
            return refuse(format!("the {} report", other.format.name()));
        }
    }
    Ok(all)
}

/// Removes the reports that an earlier run left where one that could not be evaluated would have written its own, the
/// signature beside them, and what became of its promotions: a reader of the folder must not take them for what this run says. Returns how many there were.
///
/// Only files are removed that hold what a report of that format holds, and none that the configuration reads; links are
/// left alone. `config`: absent where it cannot be read, and then only the places of the command line are known.
pub(super) fn remove_earlier(
    config: Option<&Config>,
    outputs: &Outputs,
    system: Option<System>,
) -> usize {
    let read = config.map_or_else(Vec::new, |c| inputs(c, None));
    let mut all = places(config, outputs, system);
    all.push(signature(&outputs.folder));
    let mut removed = 0;
    for target in &all {
        let is_input = read.iter().any(|p| is_same(p, &target.path));
        if !is_input && is_report(target) && std::fs::remove_file(&target.path).is_ok() {
            removed += 1;
        }
    }
    let is_input = |path: &Path| read.iter().any(|p| is_same(p, path));
    removed + super::stale::remove(&outputs.folder, None, &is_input)
}

/// Removes what became of the promotions of earlier runs beside the record of this one, whose digest is `run_sha256`; none
/// of the reports of this one.
pub(super) fn remove_promotions(
    config: &Config,
    (run, targets): (&Run, &[Target]),
    folder: &Path,
    run_sha256: &str,
) {
    let read = inputs(config, Some(run));
    let keep = |path: &Path| {
        let mut kept = read.iter().chain(targets.iter().map(|t| &t.path));
        kept.any(|p| is_same(p, path))
    };
    super::stale::remove(folder, Some(run_sha256), &keep);
}

/// Removes the signature of an earlier run beside the record of one that is not signed: it would be refused as one that
/// does not hold.
pub(super) fn remove_signature(folder: &Path) {
    let envelope = signature(folder);
    if is_report(&envelope) {
        // Where it stays, it is refused.
        drop(std::fs::remove_file(&envelope.path));
    }
}

fn signature(folder: &Path) -> Target {
    Target {
        format: Format::Json,
        path: super::sign::envelope(folder),
    }
}

/// Whether a file is there that begins as a report of that format does, and holds what one holds.
fn is_report(target: &Target) -> bool {
    let is_file = std::fs::symlink_metadata(&target.path).is_ok_and(|m| m.is_file());
    let Some(bytes) = is_file.then(|| std::fs::read(&target.path).ok()).flatten() else {
        return false;
    };
    let holds = |word: &str| bytes.windows(word.len()).any(|w| w == word.as_bytes());
    let begins = |word: &str| bytes.starts_with(word.as_bytes());
    match target.format {
        Format::Github => bytes.is_empty() || bytes.starts_with(b"::"),
        Format::Gitlab => {
            let nothing = bytes.trim_ascii() == b"[]";
            nothing || (holds("\"fingerprint\"") && holds("\"check_name\""))
        }
        Format::Json => {
            let record = holds("\"schema_version\"") && holds("\"provenance\"");
            record || holds("application/vnd.in-toto+json")
        }
        Format::Html => begins("<!DOCTYPE html>") && holds("tollgate"),
        Format::Markdown | Format::MarkdownSummary | Format::MarkdownComment => {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]);
            let first = text.lines().next().unwrap_or_default();
            let verdict = first.rsplit(" tollgate: ").next().unwrap_or_default();
            let heading = begins("## ") && first.contains(" tollgate: ") && is_verdict(verdict);
            heading || (begins("<!--") && first.contains("tollgate"))
        }
        Format::Junit => begins("<?xml") && holds("<testsuites name=\"tollgate\""),
        Format::Sarif => begins("{") && holds("sarif") && holds("tollgate"),
        Format::Ctrf => begins("{") && holds("\"generatedBy\": \"tollgate"),
        Format::Openlineage => begins("{\"eventTime\"") && holds("tollgate"),
        Format::Openmetrics => begins("# HELP tollgate_"),
        Format::Jsonl => begins("{\"id\":\""),
        Format::Terminal => false,
    }
}

fn is_verdict(word: &str) -> bool {
    let words = ["pass", "warn", "fail", "inconclusive", "skipped", "error"];
    words.contains(&word.trim())
}

/// Where reports belong: in the output folder, where configuration and command line name a path, and what the CI system
/// picks up.
fn places(config: Option<&Config>, outputs: &Outputs, system: Option<System>) -> Vec<Target> {
    let fixed = [
        ("report.html", Format::Html),
        ("report.md", Format::Markdown),
        ("run.json", Format::Json),
    ];
    let fixed = fixed.map(|(name, format)| Target {
        format,
        path: outputs.folder.join(name),
    });
    let target = |(format, path)| Target { format, path };
    let written = config.map_or(&[][..], |c| &c.reports);
    let named = written.iter().chain(&outputs.named).cloned();
    let mut all: Vec<Target> = fixed.into_iter().chain(named.map(target)).collect();
    let formats: Vec<Format> = all.iter().map(|t| t.format).collect();
    let extra = system.map(|s| extra(s, &outputs.folder, &formats));
    for target in extra.into_iter().flatten().map(target) {
        if !all.iter().any(|other| is_one_path(other, &target)) {
            all.push(target);
        }
    }
    all
}

/// The report that goes to a path, if one does.
pub(super) fn at<'a>(targets: &'a [Target], path: &Path) -> Option<&'a Target> {
    targets.iter().find(|t| is_one(&t.path, path))
}

/// Refuses to write into a folder whose files the next run would read as data; `option` names the folder's option.
///
/// Errors: [`Error::Usage`] with the folder and the dataset.
pub(super) fn is_apart(config: &Config, option: &str, folder: &Path) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for dataset in &config.datasets {
        let written = config.base.join(&dataset.path.path);
        let text = dataset.path.path.as_str();
        let data = match text.find("**") {
            Some(at) => config.base.join(&text[..at]),
            None if written.is_dir() => written,
            None => continue,
        };
        if whole(folder).starts_with(whole(&data)) {
            return Err(Error::Usage(format!(
                "{option} {} is inside the data of `{}` ({text}): the next run would read it; take another folder",
                folder.display(),
                dataset.name
            )));
        }
    }
    Ok(())
}

/// Files that the run read.
fn inputs(config: &Config, run: Option<&Run>) -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(&config.file.path)];
    files.extend(config.checks.iter().cloned());
    for dataset in &config.datasets {
        let references = dataset.references.named.iter().map(|r| &r.path);
        let paths = [Some(&dataset.path.path), dataset.contract_path.as_ref()];
        let paths = paths.into_iter().flatten().chain(references);
        files.extend(paths.map(|p| config.base.join(p)));
        let of_drift = dataset.drift.files();
        files.extend(of_drift.map(|f| PathBuf::from(&f.path)));
    }
    if let Some(history) = &config.history {
        let history = History::at(&config.base.join(&history.folder.path));
        files.extend(config.datasets.iter().map(|d| history.file(&d.name)));
    }
    let data = run.into_iter().flat_map(|r| &r.datasets);
    let data = data.flat_map(|d| &d.files);
    files.extend(data.map(|f| config.base.join(&f.path)));
    files
}

/// Whether both are one file that is there, by whatever links.
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn is_one_path(a: &Target, b: &Target) -> bool {
    is_one(&a.path, &b.path)
}

fn is_one(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    is_same(a, b) || whole(a) == whole(b)
}
