//! Where batches of the past are found: saved profiles, the folder of a history, the folder of `--state`.

use super::Batch;
use crate::error::{Error, Result};
use crate::history::{History, Series};
use crate::measure::evidence::Evidence;
use crate::measure::{Profile, saved};
use chrono::SecondsFormat;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Beginnings of the names of entries of `--state` that hold a profile.
const KINDS: &[&str] = &["profile-", "csv-", "ndjson-"];

/// The batches at the given paths, the last `last` of each history and of all profiles together, oldest first; profiles
/// come before runs, in the order of their names.
///
/// A file is a saved profile; a folder holds a history (`*.jsonl`), of which `dataset` names the dataset, else `likely` where
/// there are several; saved profiles; or the entries of `--state`, each the profile of a file.
/// Errors: [`Error::Data`] for what cannot be read or is none of them; [`Error::Usage`] where the dataset is not told.
pub fn batches(
    paths: &[PathBuf],
    (dataset, likely): (Option<&str>, Option<&str>),
    last: usize,
) -> Result<Vec<Batch>> {
    let mut profiles = Vec::new();
    let mut runs = Vec::new();
    for path in paths {
        let before = profiles.len() + runs.len();
        if path.is_dir() {
            runs.extend(history(path, (dataset, likely), last)?);
            for file in files(path)? {
                profiles.extend(profile(&file)?);
            }
        } else {
            let one = profile(path)?;
            profiles.extend(one);
        }
        if profiles.len() + runs.len() == before {
            let reason = "it is no saved profile and holds none, nor runs of a history";
            return Err(Error::data("replay", path.display().to_string(), reason));
        }
    }
    profiles.sort_by(|a: &Batch, b| a.name.cmp(&b.name));
    profiles.dedup();
    let first = profiles.len().saturating_sub(last);
    profiles.drain(..first);
    profiles.extend(runs);
    Ok(profiles)
}

/// Files of a folder that may be profiles, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |e: std::io::Error| Error::data("read", folder.display().to_string(), e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let named = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        let state = is_entry(&path) && KINDS.iter().any(|k| named.starts_with(k));
        if path.is_file() && (state || saved::is_saved(&path)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is an entry of `--state`, by its ending.
fn is_entry(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "entry")
}

/// The profile in an entry of `--state`, by itself or among what opening a text file found; none where it has none, or is
/// not what was written.
fn entry(text: &str) -> Option<std::result::Result<Profile, String>> {
    let (head, body) = text.split_once('\n')?;
    let digest = crate::report::text::hex(&Sha256::digest(body));
    if head.split(' ').next_back() != Some(&digest) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    match value.get("profile").map(serde_json::Value::as_str) {
        Some(inner) => Some(saved::from_json(inner?)),
        None => Some(saved::from_json(body)),
    }
}

/// A saved profile; none where the file is another.
fn profile(path: &Path) -> Result<Option<Batch>> {
    let shown = path.display().to_string();
    let name = path
        .file_name()
        .map_or_else(|| shown.clone(), |n| n.to_string_lossy().into_owned());
    let profile = if is_entry(path) {
        let text = std::fs::read_to_string(path).map_err(|e| Error::data("read", &shown, e))?;
        match entry(&text) {
            Some(kept) => kept.map_err(|reason| Error::data("read", &shown, reason))?,
            None => return Ok(None),
        }
    } else {
        if path.exists() && !saved::is_saved(path) {
            return Ok(None);
        }
        saved::read(path)?
    };
    Ok(Some(Batch {
        name,
        at: None,
        evidence: Evidence::of(&profile),
    }))
}

/// The last runs of a dataset in the folder of a history; none where there is no history.
fn history(
    folder: &Path,
    (dataset, likely): (Option<&str>, Option<&str>),
    last: usize,
) -> Result<Vec<Batch>> {
    let history = History::at(folder);
    let names = history.datasets()?;
    let likely = likely.filter(|l| names.len() > 1 && names.iter().any(|n| n == l));
    let name = match (dataset.or(likely), &names[..]) {
        (_, []) => return Ok(Vec::new()),
        (Some(name), _) if names.iter().any(|n| n == name) => name,
        (None, [one]) => one,
        _ => {
            let wanted = dataset.map_or_else(String::new, |d| format!("none is called `{d}`; "));
            return Err(Error::Usage(format!(
                "{} holds the runs of {}; {wanted}name one with --dataset",
                folder.display(),
                names.join(", ")
            )));
        }
    };
    let Series { runs, .. } = history.read(name)?;
    let first = runs.len().saturating_sub(last);
    let batch = |run: &crate::history::PastRun| Batch {
        name: run.night.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        at: Some(run.night.at),
        evidence: run.night.evidence(),
    };
    Ok(runs[first..].iter().map(batch).collect())
}
