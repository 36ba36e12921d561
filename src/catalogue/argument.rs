//! Arguments: what an expectation gives for the parameters of its check.

use crate::contract::accepted::Accepted;
use crate::diagnostic::Place;
use crate::scalar::Scalar;
use crate::types::TypePattern;

/// One argument, checked against its parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// A column's name.
    Column(String),
    /// Column names.
    Columns(Vec<String>),
    /// Text, or a dataset's name.
    Text(String),
    /// A word of an enum.
    Word(String),
    /// Texts.
    Texts(Vec<String>),
    /// Regular expression.
    Regex(String),
    /// A typed value.
    Scalar(Scalar),
    /// Typed values.
    Scalars(Vec<Scalar>),
    /// Typed values of a file.
    File(FileOfValues),
    /// Records: a value for each column, or none for null.
    Records(Vec<Vec<Option<Scalar>>>),
    /// true or false.
    Bool(bool),
    /// A type.
    Type(TypePattern),
    /// Types of which one is wanted.
    TypeList(Vec<TypePattern>),
    /// Types by column name.
    Types(Vec<(String, TypePattern)>),
    /// Accepted columns.
    Accepted(Accepted),
    /// Boolean SQL expression.
    Expression(String),
    /// Boolean SQL expressions.
    Expressions(Vec<String>),
    /// Seconds.
    Seconds(i64),
}

/// Values that were read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileOfValues {
    /// Its path as written.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// The values in their order; at least one.
    pub values: Vec<Scalar>,
}

/// Arguments by parameter name, in parameter order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args(pub Vec<(String, Arg, Option<Place>)>);

impl Args {
    /// The argument for `name`; absent when it was not given and has no default.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arg> {
        self.0
            .iter()
            .find(|(n, ..)| n == name)
            .map(|(_, arg, _)| arg)
    }

    /// Where the argument for `name` stands; absent for defaults.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<&Place> {
        self.0
            .iter()
            .find(|(n, ..)| n == name)
            .and_then(|(_, _, place)| place.as_ref())
    }

    /// The column given for `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Arg::Column(c)) => Some(c),
            _ => None,
        }
    }

    /// The columns given for `name`; one column counts as a list of one.
    #[must_use]
    pub fn columns(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Arg::Columns(c)) => c.clone(),
            Some(Arg::Column(c)) => vec![c.clone()],
            _ => Vec::new(),
        }
    }

    /// The text or word given for `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Arg::Text(t) | Arg::Word(t) | Arg::Regex(t) | Arg::Expression(t)) => Some(t),
            _ => None,
        }
    }

    /// The value given for `name`.
    #[must_use]
    pub fn scalar(&self, name: &str) -> Option<&Scalar> {
        match self.get(name) {
            Some(Arg::Scalar(s)) => Some(s),
            _ => None,
        }
    }

    /// The number given for `name`; seconds for durations.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations stay far below 2^53 seconds"
    )]
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Arg::Scalar(s)) => s.number(),
            Some(Arg::Seconds(s)) => Some(*s as f64),
            _ => None,
        }
    }

    /// The numbers given for `name`; none when it was not given.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        match self.get(name) {
            Some(Arg::Scalars(list)) => list.iter().filter_map(Scalar::number).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether `name` was given as true.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some(&Arg::Bool(true))
    }

    /// Every column that an argument names.
    #[must_use]
    pub fn all_columns(&self) -> Vec<&str> {
        self.0
            .iter()
            .flat_map(|(_, arg, _)| match arg {
                Arg::Column(c) => vec![c.as_str()],
                Arg::Columns(c) => c.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            })
            .collect()
    }
}

/// The argument as people read it in messages.
impl std::fmt::Display for Arg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column(t)
            | Self::Text(t)
            | Self::Word(t)
            | Self::Regex(t)
            | Self::Expression(t) => f.write_str(t),
            Self::Columns(list) | Self::Texts(list) => f.write_str(&list.join(", ")),
            Self::Scalar(s) => write!(f, "{s}"),
            Self::Scalars(list) => f.write_str(&shortened(list, ToString::to_string)),
            Self::File(file) => {
                let values = crate::diagnostic::plural(file.values.len() as u64, "value");
                write!(f, "the {values} of {}", file.path)
            }
            Self::Records(list) => f.write_str(&shortened(list, |record| {
                let value =
                    |v: &Option<Scalar>| v.as_ref().map_or("null".into(), ToString::to_string);
                let values: Vec<String> = record.iter().map(value).collect();
                format!("({})", values.join(", "))
            })),
            Self::Expressions(list) => f.write_str(&list.join("; ")),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Type(t) => write!(f, "{t}"),
            Self::TypeList(list) => {
                let shown: Vec<String> = list.iter().map(ToString::to_string).collect();
                f.write_str(&shown.join(" or "))
            }
            Self::Types(list) => {
                let shown: Vec<String> = list.iter().map(|(n, t)| format!("{n} {t}")).collect();
                f.write_str(&shown.join(", "))
            }
            Self::Accepted(a) => write!(f, "{a}"),
            Self::Seconds(s) => f.write_str(&duration_text(*s)),
        }
    }
}

/// The first twelve items, and how many more there are.
fn shortened<T>(list: &[T], text: impl Fn(&T) -> String) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = list.iter().take(SHOWN).map(text).collect();
    let more = match list.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// Seconds as people say them: `36 h`, `7 d`.
#[must_use]
pub fn duration_text(seconds: i64) -> String {
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("min", 60)] {
        if seconds != 0 && seconds % size == 0 {
            return format!("{} {unit}", seconds / size);
        }
    }
    format!("{seconds} s")
}
