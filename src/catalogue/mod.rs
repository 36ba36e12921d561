//! The catalogue: every check is one YAML file, built-in and users' own alike.

pub mod argument;
mod consistency;
mod functions;
pub mod known_as;
pub mod load;
pub mod parameter;
mod semantics;
mod statistic;
pub mod template;

pub use known_as::KnownAs;
pub use parameter::{ColumnClass, Param, ParamKind};
pub use semantics::{Choice, Semantics};
pub use statistic::Statistic;

use crate::config::tree::Node;
use crate::diagnostic::{Place, SourceFile};
use crate::record::Status;
use std::sync::Arc;

/// All checks, ordered by id.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Checks ordered by id.
    pub checks: Vec<Arc<Check>>,
    /// SHA-256 over all check files in order, lower-case hexadecimal.
    pub sha256: String,
}

impl Catalogue {
    /// The check called `id`.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Arc<Check>> {
        self.checks.iter().find(|c| c.id == id)
    }

    /// Ids in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().map(|c| c.id.as_str())
    }
}

/// One kind of promise: what is measured, when it holds, how it reads.
#[derive(Debug, Clone)]
pub struct Check {
    /// Snake-case id; equals the file's stem.
    pub id: String,
    /// What it promises, one sentence.
    pub summary: String,
    /// Program version that first had it.
    pub since: String,
    /// What it looks at.
    pub scope: Scope,
    /// Parameters in file order.
    pub params: Vec<Param>,
    /// What is measured.
    pub measure: Measure,
    /// When the promise holds: every clause whose parameter was given.
    pub pass: Vec<Clause>,
    /// Template of the sentence in reports.
    pub message: String,
    /// What the summary leaves open.
    pub doc: String,
    /// What its numbers are, in words.
    pub semantics: Semantics,
    /// How many of its optional parameters must be given.
    pub choice: Option<Choice>,
    /// What other tools call it.
    pub known_as: KnownAs,
    /// Tests and documentation in one.
    pub examples: Vec<Example>,
    /// The file it came from.
    pub file: Arc<SourceFile>,
    /// Where its id stands.
    pub place: Place,
}

impl Check {
    /// The parameter called `name`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name)
    }

    /// Whether the place of an expectation gives this parameter: the column that it is listed under.
    #[must_use]
    pub fn is_given(&self, param: &Param, listed: Listed) -> bool {
        listed == Listed::UnderColumn
            && param.presence == parameter::Presence::Required
            && matches!(param.kind, ParamKind::Column(_) | ParamKind::Columns)
    }

    /// The parameter of a value that stands alone, as in `- not_null: origin`: the first one that its place does not
    /// give, or the first one where it gives all.
    #[must_use]
    pub fn alone(&self, listed: Listed) -> Option<&Param> {
        let open = |p: &&Param| !self.is_given(p, listed);
        self.params.iter().find(open).or(self.params.first())
    }

    /// Whether rows are looked at; schema and files decide the others, which `where` and `slices` cannot narrow.
    #[must_use]
    pub fn looks_at_rows(&self) -> bool {
        !matches!(self.measure, Measure::Statistic(statistic) if statistic.is_metadata())
    }

    /// Whether its number is that of the rows, so that no row at all is a number like any other.
    fn counts_all_rows(&self) -> bool {
        match &self.measure {
            Measure::Profile { measure, .. } => measure == "rows",
            Measure::Statistic(statistic) => *statistic == Statistic::RowCountMatch,
            _ => false,
        }
    }

    /// Whether an argument that expectations share has an effect on this check.
    #[must_use]
    pub fn takes(&self, argument: &str) -> bool {
        let tolerance = |c: &Clause| c.bound == Bound::Param("max_failing".to_owned());
        match argument {
            "max_failing" | "max_failing_ratio" => self.pass.iter().any(tolerance),
            "warn_at" | "warn_at_ratio" => self.counts_rows(),
            "where" | "slices" => self.looks_at_rows(),
            "on_empty" => self.looks_at_rows() && !self.counts_all_rows(),
            _ => true,
        }
    }

    /// Whether it counts failing rows, so that `max_failing`, `samples` and `--quarantine` apply.
    #[must_use]
    pub fn counts_rows(&self) -> bool {
        match &self.measure {
            Measure::Rows(_) | Measure::Groups(_) => true,
            Measure::Profile { rows, .. } => rows.is_some(),
            Measure::Value(_) => false,
            Measure::Statistic(s) => s.counts_rows(),
        }
    }
}

/// Where an expectation is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Among those of the dataset.
    UnderDataset,
    /// Under a column, which is then the column that it looks at.
    UnderColumn,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One column.
    Column,
    /// Several columns of one dataset.
    Columns,
    /// The whole dataset.
    Dataset,
    /// Two datasets.
    Relation,
    /// A model.
    Model,
}

impl Scope {
    /// Every scope with its word in check files.
    pub const WORDS: &[&str] = &["column", "columns", "dataset", "relation", "model"];

    /// Reads the word of a check file.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Column,
            Self::Columns,
            Self::Dataset,
            Self::Relation,
            Self::Model,
        ]
        .into_iter()
        .find(|s| s.word() == word)
    }

    /// The word in check files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Columns => "columns",
            Self::Dataset => "dataset",
            Self::Relation => "relation",
            Self::Model => "model",
        }
    }
}

/// What a check measures. Templates are rendered with typed parameters that quote themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// A named measure of the one-pass profile; with `rows`, it is a count of failing rows and `rows` finds them.
    Profile {
        /// One of [`PROFILE_MEASURES`].
        measure: String,
        /// Row predicate that is true exactly for the counted rows.
        rows: Option<String>,
    },
    /// SQL predicate, true for a failing row; null does not fail.
    Rows(String),
    /// SQL query over `data`; one row per failing group.
    Groups(String),
    /// SQL aggregate expression over `data`.
    Value(String),
    /// A named function in Rust.
    Statistic(Statistic),
}

/// Exact measures of the one-pass profile that a check may name; `rows` is the dataset's row count.
pub const PROFILE_MEASURES: &[&str] = &[
    "rows",
    "nulls",
    "nan",
    "empty",
    "blank",
    "null_ratio",
    "non_null_ratio",
    "zeros",
    "negative",
    "infinite",
    "min",
    "max",
    "sum",
    "mean",
    "stddev",
    "variance",
    "length_min",
    "length_max",
    "distinct",
    "most_common_ratio",
];

/// Comparison operator of a [`Clause`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Less or equal.
    Le,
    /// Less.
    Lt,
    /// Greater or equal.
    Ge,
    /// Greater.
    Gt,
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
}

impl Op {
    /// Reads `<=`, `<`, `>=`, `>`, `==` or `!=`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Le, Self::Lt, Self::Ge, Self::Gt, Self::Eq, Self::Ne]
            .into_iter()
            .find(|op| op.symbol() == text)
    }

    /// The symbol in check files and records.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Le => "<=",
            Self::Lt => "<",
            Self::Ge => ">=",
            Self::Gt => ">",
            Self::Eq => "==",
            Self::Ne => "!=",
        }
    }

    /// Whether an ordering of measured against bound keeps the clause.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Le => order.is_le(),
            Self::Lt => order.is_lt(),
            Self::Ge => order.is_ge(),
            Self::Gt => order.is_gt(),
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
        }
    }
}

/// One condition of `pass`: `name op bound`.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// A measured name.
    pub name: String,
    /// The operator.
    pub op: Op,
    /// What it is held against.
    pub bound: Bound,
}

/// The right-hand side of a [`Clause`].
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A parameter; the clause does not apply when it was not given.
    Param(String),
    /// A number.
    Number(f64),
}

/// One worked example: a small dataset, arguments, and what must come out.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Columns with their values, all of the same length.
    pub data: Node,
    /// Type of columns whose values do not tell it, by name.
    pub types: Vec<(String, String)>,
    /// Arguments of the expectation.
    pub with: Option<Node>,
    /// Other datasets by name, in the form of `data`.
    pub datasets: Vec<(String, Node)>,
    /// Contents of the files that the data stands for; one file without bytes when not given.
    pub files: Vec<String>,
    /// Files that arguments name, such as one of values: name and content.
    pub texts: Vec<(String, String)>,
    /// What the followed number was in the ordinary runs before, ascending by time.
    pub past: Vec<f64>,
    /// Clock of the example, RFC 3339.
    pub now: Option<String>,
    /// Expected status.
    pub status: Status,
    /// Expected failing rows.
    pub failing: Option<u64>,
    /// Text that the message must contain.
    pub message: Option<String>,
}

impl Example {
    /// Statuses that an example may expect; no check is ever inconclusive, which only statistics are.
    pub const STATUSES: [Status; 5] = [
        Status::Pass,
        Status::Warn,
        Status::Fail,
        Status::Skipped,
        Status::Error,
    ];
}
