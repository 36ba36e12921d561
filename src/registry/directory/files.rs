//! Files of a folder that several processes write at once: whole or not there.

use crate::model::source::TrackedMetric;
use crate::registry::{Answer, Attached, Move, Trouble, Version, Written};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// What is known of a version.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::registry) struct Known {
    pub(in crate::registry) version: String,
    /// SHA-256 digests of the files that it is made of or was judged by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::registry) digests: Vec<String>,
    /// What the run measured that it was promoted by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::registry) metrics: Vec<TrackedMetric>,
    /// Path of the predictions that it was judged by, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::registry) judged: Option<String>,
    /// Time of the first move that set out to promote it, RFC 3339; whether that one was made, the moves tell.
    pub(in crate::registry) since: String,
}

impl Known {
    /// What is known when a version is promoted.
    pub(in crate::registry) fn of(change: &Move, attached: Option<&Attached>) -> Self {
        Self {
            version: change.to.clone(),
            digests: attached.map_or_else(Vec::new, |a| a.digests.to_vec()),
            metrics: attached.map_or_else(Vec::new, |a| a.metrics.to_vec()),
            judged: attached.and_then(|a| a.judged).map(str::to_owned),
            since: change.at.clone(),
        }
    }

    /// What is known once a version is promoted again: what this promotion rests on, and when the first one began. `None` where
    /// nothing is attached, or nothing changes.
    pub(in crate::registry) fn again(
        &self,
        change: &Move,
        attached: Option<&Attached>,
    ) -> Option<Self> {
        let anew = Self {
            since: self.since.clone(),
            ..Self::of(change, Some(attached?))
        };
        (anew.text() != self.text()).then_some(anew)
    }

    /// As registries tell it.
    pub(in crate::registry) fn told(self) -> Version {
        Version {
            digests: self.digests,
            run_id: None,
            metrics: self.metrics,
            judged: self.judged,
        }
    }

    pub(in crate::registry) fn text(&self) -> String {
        serde_json::to_string(self).expect("texts are JSON")
    }

    pub(in crate::registry) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| format!("it does not describe a version: {e}"))
    }
}

/// A name as a file's name: what is not a letter, a digit, `-`, `_` or `.` becomes `%` and its bytes in hexadecimal, and so
/// does a point in front and a capital letter, because some file systems do not tell it from a small one.
pub(in crate::registry) fn name_of(name: &str) -> String {
    let mut text = String::new();
    for (place, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if plain || (byte == b'.' && place > 0) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02x}");
        }
    }
    text
}

/// The name of the file of a move.
pub(in crate::registry) fn numbered(number: u64) -> String {
    format!("{number:06}.json")
}

/// The numbers of the moves in a folder, in order; none where there is no folder.
pub(super) fn numbers(folder: &Path) -> Answer<Vec<u64>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(trouble("read", folder, &e)),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| trouble("read", folder, &e))?;
        let name = entry.file_name();
        let digits = name.to_str().and_then(|n| n.strip_suffix(".json"));
        numbers.extend(
            digits
                .filter(|d| d.len() >= 6)
                .and_then(|d| d.parse::<u64>().ok()),
        );
    }
    numbers.sort_unstable();
    for (place, number) in numbers.iter().enumerate() {
        if *number != place as u64 + 1 {
            return Err(Trouble::Broken(format!(
                "{} has no {}, but {}: a move was removed; bring the file back",
                folder.display(),
                numbered(place as u64 + 1),
                numbered(*number)
            )));
        }
    }
    Ok(numbers)
}

/// Whether a file is there.
pub(super) fn is_there(path: &Path) -> Answer<bool> {
    path.try_exists().map_err(|e| trouble("read", path, &e))
}

pub(super) fn read(path: &Path) -> Answer<String> {
    std::fs::read_to_string(path).map_err(|e| trouble("read", path, &e))
}

/// Writes a file that is not there yet, whole and lasting; [`Written::Lost`] where it is there.
pub(super) fn create(path: &Path, text: &str) -> Answer<Written> {
    let file = temporary(path, text)?;
    match file.persist_noclobber(path) {
        Ok(_) => synced(path).map(|()| Written::Done),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(Written::Lost),
        Err(e) => Err(trouble("write", path, &e.error)),
    }
}

/// Writes a file in place of the one that is there.
pub(super) fn replace(path: &Path, text: &str) -> Answer<()> {
    let file = temporary(path, text)?;
    file.persist(path)
        .map_err(|e| trouble("write", path, &e.error))?;
    synced(path)
}

fn temporary(path: &Path, text: &str) -> Answer<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| trouble("make", folder, &e))?;
    let fail = |e: std::io::Error| trouble("write", path, &e);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".move-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    Ok(file)
}

/// The name lasts as well as the file.
fn synced(path: &Path) -> Answer<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = std::fs::File::open(folder).and_then(|f| f.sync_all());
    folder.map_err(|e| {
        Trouble::Unknown(format!(
            "{} was written, and may not last: {e}",
            path.display()
        ))
    })
}

fn trouble(operation: &str, path: &Path, error: &std::io::Error) -> Trouble {
    let text = format!("cannot {operation} {}: {error}", path.display());
    match error.kind() {
        ErrorKind::PermissionDenied => Trouble::Refused(format!("{text}; {}", right(path))),
        ErrorKind::ReadOnlyFilesystem => Trouble::Refused(format!(
            "{text}; mount it so that the job which promotes can write there; the job of the gate only reads"
        )),
        _ => Trouble::Broken(text),
    }
}

/// Whose the nearest folder is that is there, and who must be able to do what in it.
fn right(path: &Path) -> String {
    let there = path.ancestors().find(|p| p.symlink_metadata().is_ok());
    let whose = there.map_or_else(String::new, |p| format!("{}{}; ", p.display(), owned(p)));
    format!(
        "{whose}the user of the job that promotes must be able to write in the folder of the registry and in all below it, \
         that of the gate to read them: run the job as its owner, or have the owner allow it (chgrp, chmod)"
    )
}

/// Owner and mode of what is at a path, where the system tells.
#[cfg(unix)]
fn owned(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().map_or_else(
        |_| String::new(),
        |m| {
            let (user, group, mode) = (m.uid(), m.gid(), m.mode() & 0o7777);
            format!(" belongs to user {user} and group {group}, mode {mode:04o}")
        },
    )
}

#[cfg(not(unix))]
fn owned(_path: &Path) -> String {
    " is there".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_meet_and_do_not_leave_the_folder() {
        for (name, file) in [
            ("late", "late"),
            ("Late", "%4cate"),
            ("../etc", "%2e.%2fetc"),
            ("a.b", "a.b"),
            ("ä", "%c3%a4"),
            ("%4c", "%254c"),
        ] {
            assert_eq!(name_of(name), file);
        }
    }

    #[test]
    fn a_file_that_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/000001.json");
        assert_eq!(create(&path, "one").unwrap(), Written::Done);
        assert_eq!(create(&path, "two").unwrap(), Written::Lost);
        assert_eq!(read(&path).unwrap(), "one");
        assert_eq!(numbers(&folder.path().join("a")).unwrap(), [1]);
        let left: Vec<_> = std::fs::read_dir(folder.path().join("a"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_move_that_was_removed_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        for number in [1, 3] {
            create(&folder.path().join(numbered(number)), "").unwrap();
        }
        let told = numbers(folder.path()).unwrap_err().to_string();
        assert!(told.contains("has no 000002.json"), "{told}");
    }
}
