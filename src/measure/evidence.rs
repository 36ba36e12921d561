//! What is known of a batch without its rows: counts, extremes and listed values, each exact or not known at all.

use super::values::Key;
use super::{ColumnProfile, Profile};
use crate::scalar::Scalar;
use crate::types::{LogicalType, TypePattern};

/// Measures that a profile answers by name.
const MEASURES: &[&str] = &[
    "rows",
    "nulls",
    "nan",
    "infinite",
    "zeros",
    "negative",
    "empty",
    "blank",
    "true",
    "null_ratio",
    "min",
    "max",
    "sum",
    "mean",
    "variance",
    "stddev",
    "length_min",
    "length_max",
    "distinct",
    "most_common_ratio",
];

/// Measures that need every value to be listed.
const OF_LISTED: &[&str] = &["distinct", "most_common_ratio"];

/// Measures of a column whose values are not looked into.
const OF_ROWS: &[&str] = &["rows", "nulls", "null_ratio"];

/// What is known of one batch. Nothing in it is an estimate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// Rows.
    pub rows: u64,
    /// Columns: top-level ones, and struct leaves by path.
    pub columns: Vec<Known>,
}

/// What is known of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Name or path.
    pub name: String,
    /// Type; of lists and maps only which of them it is.
    pub dtype: LogicalType,
    /// Nulls and NaN; absent where they are not told apart.
    pub missing: Option<(u64, u64)>,
    /// Every distinct value but null and NaN with its rows, in the order of the values; absent where some are not listed.
    pub listed: Option<Vec<(Key, u64)>>,
    /// Least and greatest value but null and NaN; absent without values, or where they are not known.
    pub extremes: Option<(Key, Key)>,
    /// Fewest and most characters of a text; absent without one, or where they are not known.
    pub lengths: Option<(u64, u64)>,
    /// Measures by name as [`ColumnProfile::measure`] gives them; those that are not known are left out.
    pub measures: Vec<(String, Option<Scalar>)>,
}

impl Evidence {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Known> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// What a profile tells.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            rows: profile.rows,
            columns: profile.columns.iter().map(Known::of).collect(),
        }
    }
}

impl Known {
    fn of(column: &ColumnProfile) -> Self {
        let whole = column.not_profiled.is_none();
        let listed = column.values.listed().filter(|_| whole);
        let known = |name: &&&str| {
            let open = listed.is_some() || !OF_LISTED.contains(*name);
            if whole { open } else { OF_ROWS.contains(*name) }
        };
        let measure = |name: &&str| ((*name).to_owned(), column.measure(name));
        let pair = column.least.clone().zip(column.greatest.clone());
        Self {
            name: column.name.clone(),
            dtype: type_of(&column.dtype),
            missing: Some((column.counters.nulls, column.counters.nan)),
            measures: MEASURES.iter().filter(known).map(measure).collect(),
            extremes: pair.filter(|_| whole),
            lengths: column.lengths.filter(|_| whole),
            listed,
        }
    }

    /// A measure by name; the outer absence says that it is not known, the inner that there is no value.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<Option<Scalar>> {
        let mut all = self.measures.iter();
        all.find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }
}

/// The type that a profile names; of lists and maps the values stay unknown.
#[must_use]
pub fn type_of(text: &str) -> LogicalType {
    let nested = |start: &str| text.starts_with(start);
    match TypePattern::parse(text) {
        Some(TypePattern::Exact(dtype)) => dtype,
        _ if text == "null" => LogicalType::Null,
        _ if nested("list<") => LogicalType::List(Box::new(LogicalType::Null)),
        _ if nested("map<") => {
            LogicalType::Map(Box::new(LogicalType::Null), Box::new(LogicalType::Null))
        }
        _ => LogicalType::Other(text.to_owned()),
    }
}
