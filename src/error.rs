//! Exit codes and the errors that mean "could not tell".

use crate::diagnostic::Diagnostic;
use std::path::PathBuf;

/// The gate passed, possibly with warnings.
pub const EXIT_PASS: u8 = 0;
/// The gate failed: the data or the model broke a promise.
pub const EXIT_FAIL: u8 = 1;
/// The command line, `tollgate.yaml`, a contract or a check file is wrong.
pub const EXIT_USAGE: u8 = 2;
/// The gate could not be evaluated: data, metric or network unreadable.
pub const EXIT_UNREADABLE: u8 = 3;
/// Nothing was evaluated, so nothing can have passed.
pub const EXIT_NOTHING: u8 = 4;
/// A promotion was refused or in conflict.
pub const EXIT_REFUSED: u8 = 5;
/// The evidence is not enough to decide.
pub const EXIT_INCONCLUSIVE: u8 = 6;
/// Interrupted by Ctrl-C.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Why a command could not do its work. Bad data is never an `Error`: it is an outcome of the run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the user wrote is wrong; every problem found, with its place.
    #[error("{}", problems(.0))]
    Config(Vec<Diagnostic>),
    /// The command line does not fit together.
    #[error("{0}")]
    Usage(String),
    /// Data could not be read or understood.
    #[error("cannot {operation} {path}: {reason}")]
    Data {
        /// What was tried, as a verb phrase: `read`, `decode`.
        operation: &'static str,
        /// File or address, as the user wrote it.
        path: String,
        /// Why it failed, in one line.
        reason: String,
    },
    /// A file could not be written or read by the program itself (reports, saved profiles).
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase: `write`, `read`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A query over the data failed after it had been accepted by the plan.
    #[error("cannot evaluate {what}: {reason}")]
    Query {
        /// The expectation or query.
        what: String,
        /// Why it failed, in one line.
        reason: String,
    },
    /// Parts of a run could not be read or understood: the name of each, and why.
    #[error("{}", parts(.0))]
    Parts(Vec<(String, Error)>),
    /// Who holds it does not let us, and would not if we asked again.
    #[error("refused: {0}")]
    Refused(String),
    /// The user pressed Ctrl-C.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl Error {
    /// Builds an [`Error::Data`].
    pub fn data(
        operation: &'static str,
        path: impl Into<String>,
        reason: impl std::fmt::Display,
    ) -> Self {
        Self::Data {
            operation,
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// Builds an [`Error::Io`].
    pub fn io(operation: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            operation,
            path: path.into(),
            source,
        }
    }

    /// The process exit code this error stands for.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Usage(_) => EXIT_USAGE,
            Self::Data { .. } | Self::Io { .. } | Self::Query { .. } | Self::Parts(_) => {
                EXIT_UNREADABLE
            }
            Self::Refused(_) => EXIT_REFUSED,
            Self::Interrupted => EXIT_INTERRUPTED,
        }
    }

    /// Whether it says that something could not be read or evaluated, and nothing of what the user wrote.
    #[must_use]
    pub fn is_of_data(&self) -> bool {
        self.exit_code() == EXIT_UNREADABLE
    }

    /// What it means for a run, in a few words without any value.
    #[must_use]
    pub fn headline(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Usage(_) => "what is written is wrong, so nothing was checked",
            Self::Refused(_) => "refused",
            Self::Interrupted => "the run was interrupted, so nothing was decided",
            Self::Data { .. } | Self::Io { .. } | Self::Query { .. } | Self::Parts(_) => {
                "the run could not be evaluated, so nothing was decided"
            }
        }
    }
}

/// A result whose failure means "could not tell".
pub type Result<T> = std::result::Result<T, Error>;

fn parts(list: &[(String, Error)]) -> String {
    let all: Vec<String> = list.iter().map(|(_, error)| error.to_string()).collect();
    all.join("\nerror: ")
}

fn problems(list: &[Diagnostic]) -> String {
    list.iter()
        .map(|d| format!("{}: {}", d.code, d.message))
        .collect::<Vec<_>>()
        .join("; ")
}
