//! Whether a model was trained on the dataset that passed the gate, by the digest that was logged with it.

use crate::model::source::DatasetInput;
use crate::record::FileDigest;
use serde::Serialize;
use std::fmt;

/// Fewest digits of a SHA-256 that tell a file: 64 bits. A whole one does not fit where `MLflow` keeps it (36 letters).
const FEWEST: usize = 16;

/// What a logged digest says about the files of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "trained_on", rename_all = "snake_case")]
pub enum Trained {
    /// One of the digests is that of a file.
    Same {
        /// The file.
        path: String,
    },
    /// Digests that could be compared are those of other files.
    Other {
        /// The digests.
        logged: Vec<String>,
    },
    /// Digests were logged, and none is a whole SHA-256: those that `MLflow` makes of frames cannot be made again from
    /// a file.
    NotComparable {
        /// The digests.
        logged: Vec<String>,
    },
    /// No digest of a training dataset was logged.
    NotLogged,
    /// The files of the dataset were not read as a whole: their digests are not known.
    NotRead,
}

impl fmt::Display for Trained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same { path } => write!(f, "it was trained on {path}, which is what passed"),
            Self::Other { logged } => {
                write!(
                    f,
                    "it was trained on other data: {} is none of the dataset's files",
                    logged.join(", ")
                )
            }
            Self::NotComparable { logged } => write!(
                f,
                "what it was trained on is not known: {} is no SHA-256 of a file; log the dataset with one, or its \
                 first 32 digits",
                logged.join(", ")
            ),
            Self::NotLogged => f.write_str(
                "what it was trained on is not known: no dataset was logged for training",
            ),
            Self::NotRead => f.write_str(
                "what it was trained on is not compared: the dataset was not read as a whole",
            ),
        }
    }
}

/// Holds the digests that were logged with a model against the files of a dataset.
///
/// Only inputs for training count, and those that do not say what they were for. A digest is a SHA-256 in hexadecimal,
/// whole or at least its first 16 digits, with or without `sha256:`. Only whole ones can say that it was other data.
#[must_use]
pub fn trained_on(inputs: &[DatasetInput], files: &[FileDigest]) -> Trained {
    let for_training = |i: &&DatasetInput| {
        i.context
            .as_deref()
            .is_none_or(|c| c.to_lowercase().starts_with("train"))
    };
    let logged: Vec<&str> = inputs
        .iter()
        .filter(for_training)
        .map(|i| i.digest.as_str())
        .collect();
    if logged.is_empty() {
        return Trained::NotLogged;
    }
    let all = |digests: &[&str]| digests.iter().map(ToString::to_string).collect();
    let known: Vec<String> = logged.iter().filter_map(|d| sha256(d)).collect();
    if known.is_empty() {
        return Trained::NotComparable {
            logged: all(&logged),
        };
    }
    let read: Vec<(&str, &str)> = files
        .iter()
        .filter_map(|f| Some((f.path.as_str(), f.sha256.as_deref()?)))
        .collect();
    let same = read
        .iter()
        .find(|(_, digest)| known.iter().any(|k| digest.starts_with(k.as_str())));
    match same {
        Some((path, _)) => Trained::Same {
            path: (*path).to_owned(),
        },
        None if read.is_empty() => Trained::NotRead,
        // A shorter one may be the first digits of another kind of digest: it can only ever say yes.
        None if known.iter().all(|k| k.len() == 64) => Trained::Other {
            logged: all(&logged),
        },
        None => Trained::NotComparable {
            logged: all(&logged),
        },
    }
}

/// The digits of a SHA-256, in lower case.
fn sha256(digest: &str) -> Option<String> {
    let digits = digest.trim().to_ascii_lowercase();
    let digits = digits.strip_prefix("sha256:").unwrap_or(&digits);
    let fits =
        (FEWEST..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| digits.to_owned())
}
