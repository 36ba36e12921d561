//! Profile of one column: counters, extremes, exact sums and value counts that merge without loss.

use super::exact_sum::ExactSum;
use super::values::{Form, Key, Values};
use super::wants::Wants;
use crate::types::LogicalType;
use std::cmp::Ordering;

/// Profile of one column. It depends on the values alone: not on their order, nor on how they were split and merged.
///
/// NaN is counted and enters nothing else; infinities enter everything (a sum with one is infinite, with both NaN).
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnProfile {
    /// Name or path.
    pub name: String,
    /// Logical type as text.
    pub dtype: String,
    /// How values are kept.
    pub form: Form,
    /// Which parts are computed; the others stay as they are without rows.
    pub wants: Wants,
    /// Exact counters.
    pub counters: Counters,
    /// Least value; absent without one. Infinities count, nulls and NaN do not; text by bytes.
    pub least: Option<Key>,
    /// Greatest value, likewise.
    pub greatest: Option<Key>,
    /// Shortest and longest text in characters (code points), or bytes of binary values; absent without values.
    pub lengths: Option<(u64, u64)>,
    /// Sum of the finite values (of the unscaled digits, for decimals); 0 for what are no numbers.
    pub sum: ExactSum,
    /// Sum of their squares.
    pub squares: ExactSum,
    /// The values.
    pub values: Values,
    /// Why the column was not profiled; absent when it was.
    pub not_profiled: Option<String>,
}

/// Exact counters of a column. Unit: rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Rows.
    pub rows: u64,
    /// Nulls.
    pub nulls: u64,
    /// NaN values.
    pub nan: u64,
    /// Values that are positive infinity.
    pub infinite: u64,
    /// Values that are negative infinity.
    pub negative_infinite: u64,
    /// Numbers equal to 0.
    pub zeros: u64,
    /// Numbers below 0, negative infinity among them.
    pub negative: u64,
    /// Empty texts and byte strings.
    pub empty: u64,
    /// Texts of Unicode white space only, the empty ones among them.
    pub blank: u64,
    /// Booleans that are true.
    pub trues: u64,
}

impl ColumnProfile {
    /// A column without rows.
    #[must_use]
    pub fn new(name: &str, dtype: &LogicalType) -> Self {
        let form = Form::of(dtype);
        let known = form != Form::None || *dtype == LogicalType::Null;
        Self {
            name: name.to_owned(),
            dtype: dtype.to_string(),
            form,
            wants: Wants::ALL,
            counters: Counters::default(),
            least: None,
            greatest: None,
            lengths: None,
            sum: ExactSum::default(),
            squares: ExactSum::default(),
            values: Values::new(form),
            not_profiled: (!known).then(|| format!("values of a {dtype} are not looked into")),
        }
    }

    /// The same column, of which only these parts are wanted.
    #[must_use]
    pub fn wanting(mut self, wants: Wants) -> Self {
        self.wants = wants;
        if !wants.values {
            self.values = Values::unwanted(self.form);
        }
        self
    }

    /// Adds rows, some of them null; their other values are added one by one.
    pub fn add_rows(&mut self, rows: u64, nulls: u64) {
        self.counters.rows += rows;
        self.counters.nulls += nulls;
    }

    /// Adds another profile of the same column. A column of nulls only fits every type.
    ///
    /// Errors: what differs, in words, when the types do not fit.
    pub fn merge(&mut self, other: &Self) -> Result<(), String> {
        if self.wants != other.wants {
            return Err(format!(
                "column `{}` was asked for other parts of its profile in one than in another",
                self.name
            ));
        }
        if self.dtype != other.dtype {
            let null = LogicalType::Null.to_string();
            if other.dtype == null {
                self.counters.add(&other.counters);
                return Ok(());
            }
            if self.dtype != null {
                return Err(format!(
                    "column `{}` is {} in one and {} in another",
                    self.name, self.dtype, other.dtype
                ));
            }
            let counters = self.counters;
            *self = other.clone();
            self.counters.add(&counters);
            return Ok(());
        }
        self.counters.add(&other.counters);
        merge_bound(&mut self.least, other.least.as_ref(), Ordering::Less);
        merge_bound(
            &mut self.greatest,
            other.greatest.as_ref(),
            Ordering::Greater,
        );
        for length in other.lengths.iter().flat_map(|(a, b)| [*a, *b]) {
            self.add_length(length);
        }
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.values.merge(&other.values);
        Ok(())
    }
}

fn merge_bound(mine: &mut Option<Key>, theirs: Option<&Key>, wanted: Ordering) {
    let Some(theirs) = theirs else { return };
    if mine.as_ref().is_none_or(|m| theirs.order(m) == wanted) {
        *mine = Some(theirs.clone());
    }
}

impl Counters {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.nan += other.nan;
        self.infinite += other.infinite;
        self.negative_infinite += other.negative_infinite;
        self.zeros += other.zeros;
        self.negative += other.negative;
        self.empty += other.empty;
        self.blank += other.blank;
        self.trues += other.trues;
    }
}
