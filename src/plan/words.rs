//! A plan in words: what is measured for each expectation, what decides it, and what it holds in memory.

use super::reading::{held, one_column};
use super::{DatasetPlan, Measured, Planned};
use crate::catalogue::{Measure, Statistic};
use crate::measure::State;

/// What decides an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// Names, types or files.
    Schema,
    /// Parquet footers.
    Footer,
    /// The distinct values of one column, counted by the profile, while they are few enough to be listed; else the scan.
    Values(String),
    /// The measuring scan, in constant memory per column.
    Scan,
    /// An exact kernel of its own in the measuring scan; what it holds, in words.
    Kernel(String),
    /// SQL over columns that the measuring scan holds; which ones.
    Held(Vec<String>),
    /// Nothing: it cannot be measured, for this reason.
    Nothing(String),
}

impl Decider {
    /// The word in the JSON plan.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Footer => "footer",
            Self::Values(_) => "values",
            Self::Scan => "scan",
            Self::Kernel(_) => "kernel",
            Self::Held(_) => "sql",
            Self::Nothing(_) => "nothing",
        }
    }

    /// What it holds in memory, in words; `None` where that is constant.
    #[must_use]
    pub fn memory(&self) -> Option<String> {
        match self {
            Self::Kernel(memory) => Some(memory.clone()),
            Self::Held(columns) if columns.is_empty() => Some("row counts only".to_owned()),
            Self::Held(columns) => Some(format!("all rows of {}", columns.join(", "))),
            _ => None,
        }
    }
}

/// The decider as people read it.
impl std::fmt::Display for Decider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Schema => f.write_str("decided by the schema"),
            Self::Footer => f.write_str("decided by the footer"),
            Self::Values(column) => write!(
                f,
                "decided by the values of `{column}` that the profile counts; beyond {} distinct ones, one scan",
                crate::measure::COUNT_CAP
            ),
            Self::Scan => f.write_str("one scan"),
            Self::Kernel(memory) => write!(f, "one scan, exact kernel, memory: {memory}"),
            Self::Held(_) => write!(
                f,
                "one scan, SQL, memory: {}",
                self.memory().unwrap_or_default()
            ),
            Self::Nothing(reason) => write!(f, "cannot be measured: {reason}"),
        }
    }
}

/// What decides one expectation; `decided` is what the footer gave for it, `counts` tells the columns whose values are
/// counted before rows are looked at.
#[must_use]
pub fn decider(
    planned: &Planned,
    plan: &DatasetPlan,
    decided: Option<&State>,
    counts: &dyn Fn(&str) -> bool,
) -> Decider {
    let counted = one_column(planned, plan).filter(|c| counts(c));
    match &planned.measure {
        Measured::Impossible(reason) => Decider::Nothing(reason.clone()),
        Measured::Metadata => Decider::Schema,
        _ if decided.is_some() => Decider::Footer,
        Measured::Rows(_) | Measured::Kernel if counted.is_some() => {
            Decider::Values(counted.unwrap_or_default())
        }
        Measured::Rows(_) | Measured::Profile { .. } => Decider::Scan,
        Measured::Value(_) | Measured::Groups(_) => Decider::Held(held(planned, plan)),
        Measured::Kernel => memory(planned).map_or(Decider::Scan, Decider::Kernel),
    }
}

/// What a kernel holds; `None` where it is constant.
fn memory(planned: &Planned) -> Option<String> {
    let other = planned.args.text("dataset").unwrap_or_default();
    Some(match &planned.check.measure {
        Measure::Profile { .. } | Measure::Statistic(Statistic::DistinctCount) => {
            "38 to 76 bytes per distinct value".to_owned()
        }
        Measure::Statistic(Statistic::Unique | Statistic::DuplicateRows) => {
            "38 to 76 bytes per distinct key".to_owned()
        }
        Measure::Statistic(Statistic::DistinctValues) => {
            "20 to 39 bytes per distinct value".to_owned()
        }
        Measure::Statistic(Statistic::Order | Statistic::Change) => {
            "one value per group".to_owned()
        }
        Measure::Statistic(statistic) if statistic.holds_values() => "8 bytes per value".to_owned(),
        Measure::Statistic(statistic) if statistic.holds_counts() => {
            "38 to 76 bytes per distinct value".to_owned()
        }
        Measure::Statistic(Statistic::Correlation | Statistic::RatioOfSums) => {
            "16 bytes per pair".to_owned()
        }
        Measure::Statistic(Statistic::Correlations) => "16 bytes per number".to_owned(),
        Measure::Statistic(Statistic::Association) => {
            "60 to 120 bytes per distinct pair".to_owned()
        }
        Measure::Statistic(Statistic::Sequence) => "16 bytes per value".to_owned(),
        Measure::Statistic(Statistic::Periods) => "50 bytes per group and period".to_owned(),
        Measure::Statistic(Statistic::ForeignKey) => {
            format!("20 to 39 bytes per distinct key of {other}, which is read once")
        }
        _ => return None,
    })
}

/// What is measured for one expectation.
#[must_use]
pub fn measured(planned: &Planned) -> String {
    let what = match &planned.measure {
        Measured::Rows(sql) => format!("rows where {sql}"),
        Measured::Value(sql) => format!("the value of {sql}"),
        Measured::Groups(sql) => format!("rows of the answer to {sql}"),
        Measured::Profile { column: None, .. } => "number of rows".to_owned(),
        Measured::Profile {
            column: Some(column),
            measure,
        } => format!("{measure} of `{column}`"),
        Measured::Kernel | Measured::Metadata | Measured::Impossible(_) => function(planned),
    };
    match &planned.common.filter {
        Some((sql, _)) => format!("{what}, among rows where {sql}"),
        None => what,
    }
}

fn function(planned: &Planned) -> String {
    let args = &planned.args;
    let column = args.column("column").unwrap_or_default();
    let columns = args.columns("columns").join(", ");
    let word = |name: &str| args.get(name).map(ToString::to_string).unwrap_or_default();
    let Measure::Statistic(statistic) = &planned.check.measure else {
        let measure = match &planned.check.measure {
            Measure::Profile { measure, .. } => measure.as_str(),
            _ => planned.check.id.as_str(),
        };
        return format!("{measure} of `{}`", args.all_columns().join(", "));
    };
    match statistic {
        Statistic::ColumnType => format!("type of `{column}`"),
        Statistic::ColumnExists => "which columns there are".to_owned(),
        Statistic::ColumnCount => "number of columns".to_owned(),
        Statistic::ColumnsMatch | Statistic::ColumnNamesMatch => "names of the columns".to_owned(),
        Statistic::Nullability => format!("whether `{column}` may hold nulls"),
        Statistic::FileCount => "number of files".to_owned(),
        Statistic::FileSize => "size of the files".to_owned(),
        Statistic::FileMatches => "content of the files".to_owned(),
        Statistic::FileUnique => "files of the same content".to_owned(),
        Statistic::SchemaMatch => format!("columns against those of {}", word("dataset")),
        Statistic::SchemaStable => "columns against the accepted contract".to_owned(),
        Statistic::FileFresh => "age of the newest file".to_owned(),
        Statistic::DataFresh => format!("age of the greatest value of `{column}`"),
        Statistic::Unique => format!("repeated keys ({columns})"),
        Statistic::DuplicateRows => "rows equal in every column".to_owned(),
        Statistic::DistinctCount => format!("distinct values of `{column}`"),
        Statistic::DistinctValues => format!("the set of values of `{column}`"),
        Statistic::Quantile => format!("the {} quantile of `{column}`", word("q")),
        Statistic::Order => format!("order of `{column}`"),
        Statistic::Format => format!("texts of `{column}` that are no {}", word("kind")),
        Statistic::PersonalData => format!("texts of `{column}` that hold personal data"),
        Statistic::Secrets => format!("texts of `{column}` that hold secrets"),
        Statistic::ParsesAs => {
            format!("texts of `{column}` that do not read as {}", word("kind"))
        }
        Statistic::DecimalPlaces => format!("digits after the point of `{column}`"),
        Statistic::Precision => format!("digits of `{column}`"),
        Statistic::MultipleOf => format!("multiples of {} in `{column}`", word("of")),
        Statistic::JsonKeys => format!("keys of JSON objects in `{column}`"),
        Statistic::JsonSchema => format!("JSON in `{column}` against a schema"),
        Statistic::ForeignKey => format!("keys ({columns}) that {} lacks", word("dataset")),
        Statistic::RowCountMatch => format!("number of rows against {}", word("dataset")),
        other => format!("{} of `{}`", other.name(), args.all_columns().join(", ")),
    }
}
