//! What an earlier run left of its promotions, where another run writes its reports: a reader of the folder must not take
//! them for what became of this one. The registry keeps every move, whatever is removed here.

use crate::evidence::dsse::Envelope;
use crate::evidence::{Predicate, Statement};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The record of promotions beside the record of their run.
const RECORD: &str = "promotion.json";

/// Removes `promotion.json`, `promotion.intoto.json` and `promotion.MODEL.intoto.json` from a folder, where they are of a run
/// whose record has another digest than `run_sha256`; of any run where that is absent. Returns how many there were.
///
/// Only files are removed that hold what tollgate writes, and that name their run: links stay, and so does what `keep` says.
pub(super) fn remove(
    folder: &Path,
    run_sha256: Option<&str>,
    keep: &dyn Fn(&Path) -> bool,
) -> usize {
    let mut removed = 0;
    for path in candidates(folder) {
        let stale = of_run(&path).is_some_and(|of| Some(of.as_str()) != run_sha256);
        if stale && !keep(&path) && std::fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    removed
}

/// Files of a folder that are named so.
fn candidates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return false;
        };
        name == RECORD || (name.starts_with("promotion.") && name.ends_with(".intoto.json"))
    });
    let files = named.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).collect()
}

/// The digest of the run that a file is about; `None` where it is none of these files, or says nothing of a run.
fn of_run(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    if path.file_name().is_some_and(|name| name == RECORD) {
        let record: Value = serde_json::from_slice(&bytes).ok()?;
        record.get("promotions")?.as_array()?;
        return record.get("run_sha256")?.as_str().map(str::to_owned);
    }
    let envelope = Envelope::parse(&bytes).ok()?;
    match Statement::parse(&envelope.payload).ok()?.predicate {
        Predicate::Verification(said) => said.tollgate?.run_sha256,
        Predicate::TestResult(_) => None,
    }
}
