//! All files of a run or a model, fetched into a temporary folder.
//!
//! Source: `MLflow` REST API 2.0, `artifacts/list` and the proxy of artifacts, `mlflow-artifacts/artifacts`, as server 3.17.2
//! answers them: the proxy names entries by their last part, the list by their path below the run.

use super::access::{Access, Way};
use super::artifacts::Artifacts;
use super::fail;
use crate::context::check_interrupt;
use crate::error::{Error, Result};
use serde_json::Value;
use std::fs::File;
use tempfile::TempDir;

/// Files and folders of one folder at most, those inside others too.
const MOST_FILES: usize = 10_000;

/// Folders inside folders at most.
const DEEPEST: usize = 32;

/// Whose files are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Those of the run.
    Run,
    /// Those of the model.
    Model,
}

/// What became of the files.
#[derive(Debug)]
pub enum Folder {
    /// They are here, until this is dropped.
    Here(TempDir),
    /// They have more bytes than may be fetched: so many, or more. Nothing is kept.
    TooLarge(u64),
}

/// An entry of a folder.
struct Entry {
    /// Below the root.
    path: String,
    is_folder: bool,
    bytes: u64,
}

impl Access {
    /// Fetches every file below `path` of a run's or a model's folder, all of it for an empty one, as far as they have `most`
    /// bytes together.
    ///
    /// Errors: [`Error::Data`] when there are none, for a name that leaves the folder, more than 10,000 files, folders nested
    /// too deeply, and where the server does not hand them out; [`Error::Io`]; [`Error::Interrupted`].
    pub fn folder(
        &self,
        artifacts: &Artifacts,
        root: Root,
        path: &str,
        most: u64,
    ) -> Result<Folder> {
        let folder = match root {
            Root::Run => artifacts.run.as_deref(),
            Root::Model => artifacts.model.as_deref(),
        };
        let Some(folder) = folder else {
            return Err(fail(self, path, "it left no files"));
        };
        let below = path.trim_matches('/');
        let leaves = |part: &str| part.is_empty() || part == "." || part == "..";
        if !below.is_empty() && below.split('/').any(leaves) {
            return Err(fail(
                self,
                path,
                "the path leaves the folder, or has an empty part",
            ));
        }
        let files = self.listed(artifacts, folder, below)?;
        if files.is_empty() {
            let shown = if below.is_empty() {
                "its folder"
            } else {
                below
            };
            return Err(fail(self, shown, "there are no files"));
        }
        let bytes = files
            .iter()
            .fold(0_u64, |sum, f| sum.saturating_add(f.bytes));
        if bytes > most {
            return Ok(Folder::TooLarge(bytes));
        }
        let into = tempfile::Builder::new().prefix("tollgate-").tempdir();
        let into = into.map_err(|e| Error::io("write", std::env::temp_dir(), e))?;
        let mut left = most;
        for file in &files {
            check_interrupt()?;
            let inside = file.path.strip_prefix(below).unwrap_or(&file.path);
            let inside = inside.trim_start_matches('/');
            // The path names one file.
            let inside = if inside.is_empty() {
                file.path.rsplit('/').next().unwrap_or_default()
            } else {
                inside
            };
            let place = into.path().join(inside);
            if let Some(parent) = place.parent() {
                std::fs::create_dir_all(parent).map_err(|e| Error::io("write", parent, e))?;
            }
            let mut to = File::create_new(&place).map_err(|e| Error::io("write", &place, e))?;
            let way = self.way(artifacts, folder, &file.path)?;
            match self.fetched_within(&way, left, &mut to)? {
                None => return Ok(Folder::TooLarge(most.saturating_add(1))),
                Some(answer) if answer.is_success() => {}
                Some(answer) => return Err(fail(self, &file.path, self.refused(&answer))),
            }
            let long = to.metadata().map_err(|e| Error::io("read", &place, e))?;
            left = left.saturating_sub(long.len());
        }
        Ok(Folder::Here(into))
    }

    /// The files below a path, by name.
    fn listed(&self, artifacts: &Artifacts, folder: &str, below: &str) -> Result<Vec<Entry>> {
        let mut files = Vec::new();
        let mut open = vec![(below.to_owned(), 0)];
        let mut entries = 0;
        while let Some((path, depth)) = open.pop() {
            check_interrupt()?;
            if depth > DEEPEST {
                return Err(fail(self, &path, "folders are nested too deeply"));
            }
            for entry in self.entries(artifacts, folder, &path)? {
                if entry.is_folder {
                    open.push((entry.path, depth + 1));
                } else {
                    files.push(entry);
                }
                entries += 1;
                if entries > MOST_FILES {
                    let what = format!("it has more than {MOST_FILES} files and folders");
                    return Err(fail(self, &path, what));
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        if files.is_empty() && !below.is_empty() {
            // Of a file there is no list.
            files.push(Entry {
                path: below.to_owned(),
                is_folder: false,
                bytes: 0,
            });
        }
        Ok(files)
    }

    /// What is directly in a folder.
    fn entries(&self, artifacts: &Artifacts, folder: &str, path: &str) -> Result<Vec<Entry>> {
        let listed = if let Some(root) = self.proxied(folder)? {
            let whole = if path.is_empty() {
                root
            } else {
                format!("{root}/{path}")
            };
            let way = Way {
                below: &["api", "2.0", "mlflow-artifacts"],
                path: "artifacts".to_owned(),
                query: vec![("path", whole)],
            };
            let mut answer = self.listing(&way)?;
            match answer.get_mut("files").map(Value::take) {
                Some(Value::Array(files)) => files,
                _ => Vec::new(),
            }
        } else {
            let inside = artifacts
                .run
                .as_deref()
                .and_then(|run| folder.strip_prefix(run));
            let Some((run, inside)) = artifacts.run_id.clone().zip(inside) else {
                let reason = format!(
                    "they are in {}, which the server does not hand out; fetch them and give their path",
                    crate::config::shown(folder)
                );
                return Err(fail(self, "files of the model", reason));
            };
            let whole = format!("{inside}/{path}").trim_matches('/').to_owned();
            let mut query = vec![("run_id", run.as_str())];
            if !whole.is_empty() {
                query.push(("path", whole.as_str()));
            }
            self.pages("artifacts/list", &query, "files")?
        };
        listed.iter().map(|entry| self.entry(entry, path)).collect()
    }

    fn entry(&self, entry: &Value, folder: &str) -> Result<Entry> {
        let named = entry
            .get("path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = named
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        if matches!(name, "" | "." | "..") || name.contains(['\\', '\0', ':']) {
            return Err(fail(
                self,
                folder,
                format!("`{named}` is no name of a file"),
            ));
        }
        let path = if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        };
        let size = entry.get("file_size");
        let text = size.and_then(Value::as_str).and_then(|t| t.parse().ok());
        Ok(Entry {
            path,
            is_folder: entry.get("is_dir").and_then(Value::as_bool) == Some(true),
            bytes: size.and_then(Value::as_u64).or(text).unwrap_or(0),
        })
    }
}
