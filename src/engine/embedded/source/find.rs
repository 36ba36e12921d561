//! The files that a path names: one file, a glob, a folder with everything below it, an address, or standard input.

use super::file::shown;
use super::partition::{Keys, keys};
use super::{DataFile, SourceOptions, remote, stdin};
use crate::error::{Error, Result};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tempfile::TempPath;

/// Files in sorted order, the partition keys on the way to each, and what must live as long as they are read.
pub(super) struct Found {
    pub(super) files: Vec<DataFile>,
    pub(super) keys: Vec<Keys>,
    pub(super) spool: Vec<Arc<TempPath>>,
}

impl Found {
    /// One file without partition keys.
    pub(super) fn once((file, spool): (DataFile, impl Into<Arc<TempPath>>)) -> Self {
        Self {
            files: vec![file],
            keys: vec![Vec::new()],
            spool: vec![spool.into()],
        }
    }
}

/// What `path` names, relative to `base`.
///
/// Errors: [`Error::Data`] when nothing is there or it cannot be read; [`Error::Io`] when what is fetched cannot be kept.
pub(super) fn find(path: &str, base: &Path, options: &SourceOptions) -> Result<Found> {
    if path == stdin::PATH {
        return Ok(Found::once(stdin::read()?));
    }
    if remote::is_address(path) {
        return remote::find(path, options);
    }
    if let Some((scheme, _)) = path.split_once("://") {
        let reason = format!("`{scheme}` addresses are not read; fetch the file first");
        return Err(Error::data("read", path, reason));
    }
    let full = base.join(path);
    let (root, mut found) = if full.is_dir() {
        let mut found = Vec::new();
        walk(&full, &mut Vec::new(), &mut found, path)?;
        (full, found)
    } else if full.exists() || !path.contains(SPECIAL) {
        let parent = full.parent().map_or_else(PathBuf::new, Path::to_owned);
        (parent, vec![full])
    } else {
        (base.join(fixed(Path::new(path))), matching(path, base)?)
    };
    if found.is_empty() {
        return Err(nothing(path));
    }
    found.sort();
    let mut files = Vec::with_capacity(found.len());
    let mut all = Vec::with_capacity(found.len());
    for location in found {
        let name = shown(&location, base);
        let way = location.strip_prefix(&root).unwrap_or(Path::new(""));
        let folders = way.parent().unwrap_or(Path::new(""));
        all.push(keys(folders).map_err(|e| Error::data("read", &name, e))?);
        files.push(DataFile::at(location, name)?);
    }
    Ok(Found {
        files,
        keys: all,
        spool: Vec::new(),
    })
}

/// Characters that make a path a pattern.
pub(super) const SPECIAL: [char; 3] = ['*', '?', '['];

/// The error that `path` names no file.
pub(super) fn nothing(path: &str) -> Error {
    let reason = "no file matches; names that start with `.` or `_` are not looked at";
    Error::data("find", path, reason)
}

/// The error that `folder`, a part of what `written` names, is another tool's table.
pub(super) fn delta_table(folder: &str, written: &str) -> Error {
    let reason = format!(
        "{folder} is a Delta table: its files also hold rows that are deleted; export what is to be checked"
    );
    Error::data("read", written, reason)
}

/// The folder in which a Delta table keeps what is true of its files.
pub(super) const DELTA_LOG: &str = "_delta_log";

/// The part of a pattern before its first component with a wildcard.
pub(super) fn fixed(pattern: &Path) -> PathBuf {
    let plain = |c: &Component| !c.as_os_str().to_string_lossy().contains(SPECIAL);
    pattern.components().take_while(plain).collect()
}

/// The files that match; only what is written in `path` is a pattern, not what the folder `base` is called.
fn matching(path: &str, base: &Path) -> Result<Vec<PathBuf>> {
    let fail = |e: &dyn std::fmt::Display| Error::data("find", path, e.to_string());
    let hidden_asked = hidden(Path::new(path));
    let folder = glob::Pattern::escape(&base.display().to_string());
    let pattern = Path::new(&folder).join(path);
    let mut found = Vec::new();
    for path in glob::glob(&pattern.display().to_string()).map_err(|e| fail(&e))? {
        let path = path.map_err(|e| fail(&e))?;
        if path.is_file() && (hidden_asked || !hidden(&path)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Every file below a folder; links to folders are followed, but not in circles.
fn walk(
    folder: &Path,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<PathBuf>,
    written: &str,
) -> Result<()> {
    let fail = |e: std::io::Error| Error::data("read", folder.display().to_string(), e);
    let real = folder.canonicalize().map_err(fail)?;
    if above.contains(&real) {
        let reason = format!("{} links to a folder above itself", folder.display());
        return Err(Error::data("read", written, reason));
    }
    above.push(real);
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n == DELTA_LOG) {
                return Err(delta_table(&folder.display().to_string(), written));
            }
            if !hidden(&path) || is_partition(&path) {
                walk(&path, above, found, written)?;
            }
        } else if !hidden(&path) {
            found.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// Marker and temporary files of other tools, such as `_SUCCESS` and `.part-0.crc`.
pub(super) fn hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|n| n.to_string_lossy().starts_with(['.', '_']))
}

/// A partition's folder, even when its key starts with `_`.
pub(super) fn is_partition(path: &Path) -> bool {
    path.file_name().is_some_and(|n| {
        let name = n.to_string_lossy();
        name.starts_with('_') && name.contains('=')
    })
}
