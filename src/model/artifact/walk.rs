//! The files of a model, by name and size.

use super::look::Looker;
use super::part::Part;
use super::{Allow, Artifact, Asked, Fault, File};
use crate::context::check_interrupt;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files of one model.
const MOST_FILES: usize = 100_000;

/// Looks at a file or at all files of a folder; nothing is opened as a model, and nothing is run.
///
/// Findings are in the order of paths. A link is followed where it leads to a file of the same folder, and refused
/// elsewhere.
/// Errors: [`Error::Data`] naming the file that cannot be read, or where nothing is at `path`.
pub fn inspect(path: &Path, asked: &Asked) -> Result<Artifact> {
    let mut looker = Looker::new(asked);
    let files = files(path, &mut looker)?;
    let mut whole = Sha256::new();
    for (name, place) in &files {
        let cannot = |e: std::io::Error| Error::data("read", place.display().to_string(), e);
        let part = Part::open(place).map_err(cannot)?;
        let sha256 = digest_of(&part).map_err(cannot)?;
        let kind = looker.look(&part, name, 0).map_err(cannot)?;
        add(&mut whole, name, &sha256);
        looker.found.bytes += part.len();
        looker.found.files.push(File {
            path: name.clone(),
            bytes: part.len(),
            sha256,
            kind,
        });
    }
    whole_folder(&files, asked, &mut looker);
    let mut found = looker.found;
    found.digest = hex(&whole.finalize());
    Ok(found)
}

/// The digest of [`inspect`] alone: nothing is looked into.
///
/// Errors: [`Error::Data`] as there.
pub fn digest(path: &Path) -> Result<String> {
    let asked = Asked {
        allow: Allow::usual_and([]).expect("the usual names are dotted names"),
        max_bytes: None,
        files: Vec::new(),
        max_unpacked: 0,
    };
    let mut whole = Sha256::new();
    for (name, place) in files(path, &mut Looker::new(&asked))? {
        check_interrupt()?;
        let cannot = |e: std::io::Error| Error::data("read", place.display().to_string(), e);
        let part = Part::open(&place).map_err(cannot)?;
        add(&mut whole, &name, &digest_of(&part).map_err(cannot)?);
    }
    Ok(hex(&whole.finalize()))
}

/// A file of the whole.
fn add(whole: &mut Sha256, name: &str, sha256: &str) {
    whole.update((name.len() as u64).to_le_bytes());
    whole.update(name.as_bytes());
    whole.update(sha256.as_bytes());
}

/// Budget, and files that must be there.
fn whole_folder(files: &[(String, PathBuf)], asked: &Asked, looker: &mut Looker) {
    let bytes = looker.found.bytes;
    if let Some(limit) = asked.max_bytes.filter(|limit| bytes > *limit) {
        looker.fault("all files", None, Fault::TooLarge { bytes, limit });
    }
    if files.is_empty() {
        looker.fault("the model's folder", None, Fault::Empty);
    }
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    for pattern in &asked.files {
        if !files
            .iter()
            .any(|(name, _)| pattern.matches_with(name, options))
        {
            let pattern = pattern.as_str().to_owned();
            looker.fault("the model's folder", None, Fault::Missing { pattern });
        }
    }
}

/// Names relative to the folder with the files they name, by name.
fn files(path: &Path, looker: &mut Looker) -> Result<Vec<(String, PathBuf)>> {
    let cannot = |e: std::io::Error| Error::data("read", path.display().to_string(), e);
    let root = fs::canonicalize(path).map_err(cannot)?;
    if !root.is_dir() {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        return Ok(vec![(name, path.to_owned())]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), path.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        let cannot = |e: std::io::Error| Error::data("read", folder.display().to_string(), e);
        for entry in fs::read_dir(&folder).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(cannot)?;
            if kind.is_dir() {
                folders.push((format!("{name}/"), entry.path()));
            } else if kind.is_file() || kind.is_symlink() && inside(&entry.path(), &root) {
                found.push((name, entry.path()));
            } else {
                let to = fs::read_link(entry.path()).unwrap_or_default();
                let to = to.display().to_string();
                looker.fault(&name, None, Fault::Link { to });
            }
            if found.len() > MOST_FILES {
                let what = format!("it has more than {MOST_FILES} files");
                return Err(Error::data("read", path.display().to_string(), what));
            }
        }
    }
    found.sort();
    looker.found.findings.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(found)
}

/// Whether a link leads to a file of the folder.
fn inside(link: &Path, root: &Path) -> bool {
    fs::canonicalize(link).is_ok_and(|to| to.starts_with(root) && to.is_file())
}

fn digest_of(part: &Part) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut cursor = part.cursor();
    let mut block = vec![0; 1 << 16];
    loop {
        match cursor.read(&mut block)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&block[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, b| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{b:02x}");
        text
    })
}
