//! Which format a file has: told by `format:`, by its name, or, where it has no name that tells, by its first bytes.

use super::{DataFile, SourceOptions, compressed};
use crate::error::{Error, Result};
use std::io::Read;
use std::slice::from_ref;

/// The formats that are read. Arrow IPC comes as a file or as a stream; the reader looks which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Csv,
    Ndjson,
    Arrow,
}

/// Bytes at the start of a file that tell its format.
const HEAD: u64 = 1024;

/// Whether a file called so could be Parquet: it is said to be, or nothing says that it is another format.
pub(super) fn may_be_parquet(name: &str, options: &SourceOptions) -> bool {
    Format::named(&word(name, options)).is_none_or(|f| f == Format::Parquet)
}

/// The word that names a file's format: of the options, or the end of its name.
fn word(name: &str, options: &SourceOptions) -> String {
    let plain = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name);
    let extension = plain.rsplit_once('.').map_or("", |(_, e)| e);
    match &options.format {
        Some(word) => word.clone(),
        None => extension.to_lowercase(),
    }
}

impl Format {
    fn named(word: &str) -> Option<Self> {
        match word {
            "parquet" | "pq" => Some(Self::Parquet),
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" | "json" => Some(Self::Ndjson),
            "arrow" | "arrows" | "feather" | "ipc" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// Name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Arrow => "Arrow IPC",
        }
    }

    /// The one format of all files.
    ///
    /// Errors: [`Error::Data`] when a name does not tell, or files have different formats.
    pub(super) fn of_all(files: &[DataFile], options: &SourceOptions) -> Result<Self> {
        let first = Self::of(&files[0], options)?;
        for file in &files[1..] {
            let other = Self::of(file, options)?;
            if other != first {
                let reason = format!(
                    "it is {}, but {} is {}; a dataset has one format",
                    other.name(),
                    files[0].path,
                    first.name()
                );
                return Err(Error::data("read", &file.path, reason));
            }
        }
        Ok(first)
    }

    fn of(file: &DataFile, options: &SourceOptions) -> Result<Self> {
        let name = file
            .location
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        let word = word(name, options);
        if let Some(format) = Self::named(&word) {
            return Ok(format);
        }
        let once = file.path == super::stdin::PATH || super::remote::is_address(&file.path);
        if options.format.is_none() && once {
            return Self::of_content(file);
        }
        let reason = format!(
            "format `{word}` is not read; Parquet, CSV, NDJSON and Arrow IPC are (say `format:` where the name does \
             not tell)"
        );
        Err(Error::data("read", &file.path, reason))
    }

    fn of_content(file: &DataFile) -> Result<Self> {
        file.need(from_ref(&(0..HEAD)))?;
        let mut head = Vec::new();
        compressed::reader(file)?
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|e| Error::data("read", &file.path, e))?;
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        let first = text.iter().find(|b| !b.is_ascii_whitespace());
        Ok(match (head.as_slice(), first) {
            ([b'P', b'A', b'R', b'1', ..], _) => Self::Parquet,
            ([b'A', b'R', b'R', b'O', b'W', b'1', ..] | [0xff, 0xff, 0xff, 0xff, ..], _) => {
                Self::Arrow
            }
            (_, Some(b'{')) => Self::Ndjson,
            _ => Self::Csv,
        })
    }
}
