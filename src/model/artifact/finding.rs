//! What is wrong with the files of a model, each with its place and a sentence.

use serde::Serialize;
use std::fmt;

/// Letters of a name that are shown.
const SHOWN: usize = 200;

/// Something that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, relative to the model's folder; members of archives and layers of compression follow, each after a
    /// `!`.
    pub place: String,
    /// Bytes from the start of the innermost file, where that says something.
    pub offset: Option<u64>,
    /// What it is.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What is refused. Names come from the file: hostile text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// A pickle imports a name that the allow-list does not have.
    Global {
        /// Module of Python.
        module: String,
        /// Name in it, dotted where Python follows attributes.
        name: String,
    },
    /// A pickle imports a name that only running it would tell.
    Unresolved,
    /// A pickle imports by a number of `copyreg`'s registry, which only the program that runs it has.
    Extension {
        /// The number.
        code: i64,
    },
    /// A pickle calls a value that is not an imported name.
    Call,
    /// A pickle sets attributes of what it imports, or the class of an object.
    Changes,
    /// A pickle hands on what describes the arrays of joblib, so that it cannot be told where their bytes stand.
    Description,
    /// A pickle asks for an encoding that would have to be imported.
    Encoding,
    /// Bytes follow the end.
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// The file is not what its first bytes or its name say.
    Broken {
        /// What it should be.
        kind: String,
        /// What is wrong.
        why: String,
    },
    /// It is packed in a way that is not looked into, or encrypted.
    Sealed {
        /// The way.
        by: String,
    },
    /// Unpacked it is larger than the limit.
    Bomb {
        /// The limit, in bytes.
        limit: u64,
    },
    /// Archives are nested deeper than the limit, or have more members.
    Nested,
    /// Two places of an archive disagree about a member, or members overlap.
    Ambiguous {
        /// What disagrees.
        why: String,
    },
    /// A path leads out of the model's folder.
    Escapes {
        /// The path.
        path: String,
    },
    /// It is a link and no file.
    Link {
        /// What it links to.
        to: String,
    },
    /// All files together are larger than the budget.
    TooLarge {
        /// Bytes of all files.
        bytes: u64,
        /// The budget, in bytes.
        limit: u64,
    },
    /// A file that must be there is not.
    Missing {
        /// The pattern.
        pattern: String,
    },
    /// There is no file at all.
    Empty,
}

impl Fault {
    /// Whether it is about what a pickle would run, of names that Python can have.
    pub(super) fn acts(&self) -> bool {
        match self {
            Self::Global { module, name } => is_path(module) && is_path(name),
            Self::Unresolved | Self::Extension { .. } | Self::Call => true,
            _ => false,
        }
    }
}

/// Whether it can be a module or a name of Python.
fn is_path(text: &str) -> bool {
    let word = |w: &str| {
        let mut letters = w.chars();
        letters
            .next()
            .is_some_and(|c| c == '_' || c.is_alphabetic())
            && letters.all(|c| c == '_' || c.is_alphanumeric())
    };
    text.split('.').all(word)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global { module, name } => {
                write!(
                    f,
                    "imports `{}.{}`, which is not allowed",
                    short(module),
                    short(name)
                )
            }
            Self::Unresolved => f.write_str("imports a name that only running it would tell"),
            Self::Extension { code } => {
                write!(
                    f,
                    "imports extension {code} of copyreg, whose name the file does not say"
                )
            }
            Self::Call => f.write_str("calls a value that is not an imported name"),
            Self::Changes => f.write_str("changes a class or module instead of an object"),
            Self::Description => f.write_str("hands on what describes the arrays of joblib"),
            Self::Encoding => f.write_str(
                "asks `_codecs.encode` for an encoding other than latin1, UTF-8 or ASCII",
            ),
            Self::Trailing { bytes } => write!(f, "{bytes} bytes follow the end"),
            Self::Broken { kind, why } => write!(f, "is no readable {kind}: {}", short(why)),
            Self::Sealed { by } => write!(f, "is {by}, which is not looked into"),
            Self::Bomb { limit } => write!(f, "is larger than {limit} bytes when unpacked"),
            Self::Nested => f.write_str("is nested too deeply, or has too many members"),
            Self::Ambiguous { why } => write!(f, "can be read in two ways: {}", short(why)),
            Self::Escapes { path } => write!(
                f,
                "names `{}`, which is outside the model's folder",
                short(path)
            ),
            Self::Link { to } => write!(f, "is a link to `{}`, which is not followed", short(to)),
            Self::TooLarge { bytes, limit } => {
                write!(f, "{bytes} bytes, and at most {limit} are allowed")
            }
            Self::Missing { pattern } => write!(f, "no file fits `{}`", short(pattern)),
            Self::Empty => f.write_str("there is no file"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(at) => write!(f, "{} at byte {at}: {}", self.place, self.fault),
            None => write!(f, "{}: {}", self.place, self.fault),
        }
    }
}

/// The text, cut where it is long.
fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
