//! The folder of a history: one append-only file of JSON lines per dataset.
//!
//! A file is read as a whole and strictly: a line that cannot be understood is an error that names it, never left out.
//! A line is written by one write at the end of the file while the file is locked, so that runs at the same time keep
//! each other's lines whole. Files of two branches merge by keeping the lines of both (`merge=union` in git): the order
//! of lines does not matter.

use super::line::{Line, parse};
use super::series::Series;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Ends the name of every file.
const SUFFIX: &str = ".jsonl";

/// A folder with a file per dataset; it need not be there before something is appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    folder: PathBuf,
}

impl History {
    /// The history in a folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a dataset. Small letters, digits, `_`, `-` and inner dots of its name stay; any other byte is `%`
    /// and two hexadecimal digits, so that systems that do not tell case apart keep files apart.
    #[must_use]
    pub fn file(&self, dataset: &str) -> PathBuf {
        self.folder.join(format!("{}{SUFFIX}", safe(dataset)))
    }

    /// Datasets that have a file, in the order of their names.
    ///
    /// Errors: [`Error::Data`] when the folder cannot be read.
    pub fn datasets(&self) -> Result<Vec<String>> {
        let fail = |e| Error::data("read", self.folder.display().to_string(), e);
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fail(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(fail)?.file_name();
            let stem = name.to_str().and_then(|n| n.strip_suffix(SUFFIX));
            names.extend(stem.and_then(unsafe_name));
        }
        names.sort();
        Ok(names)
    }

    /// What is known of a dataset; nothing when it has no file.
    ///
    /// Errors: [`Error::Data`] with the file and the line that cannot be understood, and the way out.
    pub fn read(&self, dataset: &str) -> Result<Series> {
        let path = self.file(dataset);
        let fail = |reason: String| Error::data("read", path.display().to_string(), reason);
        let (places, lines): (Vec<usize>, Vec<Line>) = self.parsed(dataset)?.into_iter().unzip();
        Series::of(lines).map_err(|(place, reason)| fail(broken(places[place], &reason)))
    }

    /// The lines of a dataset in the order of the file: of batches that ran several times, each run; none when it has no
    /// file.
    ///
    /// Errors: [`Error::Data`] with the file and the line that cannot be understood.
    pub fn lines(&self, dataset: &str) -> Result<Vec<Line>> {
        let lines = self.parsed(dataset)?.into_iter();
        Ok(lines.map(|(_, line)| line).collect())
    }

    /// The lines with their numbers in the file.
    fn parsed(&self, dataset: &str) -> Result<Vec<(usize, Line)>> {
        let path = self.file(dataset);
        let fail = |reason: String| Error::data("read", path.display().to_string(), reason);
        let lines = self.texts(dataset)?.into_iter();
        let lines = lines.map(|(number, text)| match parse(&text) {
            Ok(line) => Ok((number, line)),
            Err(_) if is_cut(&text) => Err(fail(cut(number))),
            Err(reason) => Err(fail(broken(number, &reason))),
        });
        lines.collect()
    }

    /// The lines of the file of that name with their numbers and ends, empty ones left out; none when there is no file.
    ///
    /// Errors: [`Error::Data`] with the file, and the line that is no text or a mark of a merge conflict.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<(usize, String)>> {
        let path = self.file(name);
        let fail = |reason: String| Error::data("read", path.display().to_string(), reason);
        let text = match File::open(&path) {
            Ok(file) => read_shared(file).map_err(|e| fail(e.to_string()))?,
            Err(_) if self.folder.exists() && !self.folder.is_dir() => return self.no_folder(),
            Err(error) if error.kind() == ErrorKind::NotFound => return none(&path),
            Err(error) => return Err(fail(error.to_string())),
        };
        let mut lines = Vec::new();
        for (number, bytes) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let number = number + 1;
            let line =
                std::str::from_utf8(bytes).map_err(|_| fail(broken(number, "it is not UTF-8")))?;
            if line.trim().is_empty() {
                continue;
            }
            if line.starts_with("<<<<<<<")
                || line.starts_with(">>>>>>>")
                || line.starts_with("=======")
            {
                let what = "it is a mark of a merge conflict; keep the lines of both sides, and remove the marks";
                return Err(fail(broken(number, what)));
            }
            lines.push((number, line.to_owned()));
        }
        Ok(lines)
    }

    fn no_folder<T>(&self) -> Result<T> {
        let reason =
            "it is no folder; `history` names a folder, which is made when it is not there";
        let folder = self.folder.display().to_string();
        Err(Error::data("read", folder, reason))
    }

    /// Appends a line to the file of a dataset, which is made with its folder when it is not there.
    ///
    /// The line is there as a whole afterwards, or not at all. Errors: [`Error::Io`] when it cannot be written;
    /// [`Error::Data`] when the last line of the file was cut off.
    pub fn append(&self, dataset: &str, line: &Line) -> Result<()> {
        let text = serde_json::to_string(line).expect("texts, finite numbers and lists");
        self.append_text(dataset, text)
    }

    /// Appends the text of a line, as [`Self::append`].
    pub(super) fn append_text(&self, name: &str, mut text: String) -> Result<()> {
        let path = self.file(name);
        let fail = |e| Error::io("write", &path, e);
        std::fs::create_dir_all(&self.folder).map_err(|e| Error::io("create", &self.folder, e))?;
        text.push('\n');
        let options = File::options()
            .read(true)
            .append(true)
            .create(true)
            .to_owned();
        let mut file = options.open(&path).map_err(fail)?;
        locked(file.lock()).map_err(fail)?;
        let length = file.metadata().map_err(fail)?.len();
        if !ends_whole(&mut file, length).map_err(fail)? {
            let content = whole(&mut file).map_err(fail)?;
            let (last, number) = last_line(&content);
            if is_cut(last) {
                return Err(Error::data(
                    "append to",
                    path.display().to_string(),
                    cut(number),
                ));
            }
            // Whole, but for the end that an editor left out.
            text.insert(0, '\n');
        }
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_data());
        written.map_err(|error| {
            // Half a line would make the file unreadable.
            drop(file.set_len(length));
            fail(error)
        })
    }
}

/// No file: nothing is known, unless a link to nowhere is in its place.
fn none<T: Default>(path: &Path) -> Result<T> {
    if path.symlink_metadata().is_err() {
        return Ok(T::default());
    }
    let reason = "it is a link to a file that is not there";
    Err(Error::data("read", path.display().to_string(), reason))
}

/// A lock that the file system does not have is none: the line is one write at the end of the file all the same.
fn locked(lock: std::io::Result<()>) -> std::io::Result<()> {
    lock.or_else(|error| match error.kind() {
        ErrorKind::Unsupported => Ok(()),
        _ => Err(error),
    })
}

/// Reads a file while nobody writes to it.
fn read_shared(mut file: File) -> std::io::Result<Vec<u8>> {
    locked(file.lock_shared())?;
    whole(&mut file)
}

fn whole(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn ends_whole(file: &mut File, length: u64) -> std::io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The last line and its number; the empty text where it is not UTF-8.
fn last_line(content: &[u8]) -> (&str, usize) {
    let mut lines = content.split(|byte| *byte == b'\n');
    let last = lines.next_back().unwrap_or_default();
    let number = lines.count() + 1;
    (std::str::from_utf8(last).unwrap_or_default(), number)
}

/// Whether a line without an end is no JSON, as one that was cut off.
fn is_cut(line: &str) -> bool {
    !line.ends_with('\n') && serde_json::from_str::<serde::de::IgnoredAny>(line).is_err()
}

fn broken(number: usize, reason: &str) -> String {
    format!("line {number}: {reason}")
}

fn cut(number: usize) -> String {
    format!(
        "line {number} was cut off, as by a crash while it was written; remove that line, which is the last one, \
         and run the gate over that batch again"
    )
}

/// A name of a dataset as a name of a file.
fn safe(name: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for (place, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if plain || (byte == b'.' && place > 0) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02x}").expect("writing to a String cannot fail");
        }
    }
    out
}

/// The inverse of [`safe`]; absent for names of other files.
fn unsafe_name(stem: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = stem.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (safe(&name) == stem).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{safe, unsafe_name};

    #[test]
    fn names_of_files_are_safe_and_read_back() {
        for name in [
            "flights", "a.b-c_1", "../x", ".hidden", "Flights", "zug/ü", "a:b", "", "%41",
        ] {
            let file = safe(name);
            assert!(
                !file.contains(['/', '\\', ':']) && !file.starts_with('.'),
                "{file}"
            );
            assert_eq!(unsafe_name(&file).as_deref(), Some(name));
        }
        // Systems that do not tell case apart keep both.
        assert_ne!(
            safe("Flights").to_lowercase(),
            safe("flights").to_lowercase()
        );
        assert_eq!(unsafe_name("%zz"), None);
        assert_eq!(unsafe_name("Flights"), None);
    }
}
