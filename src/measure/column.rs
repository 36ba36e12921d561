//! Profile of one column: counters, extremes, exact sums and value counts that merge without loss.

use super::exact_sum::ExactSum;
use super::values::{COUNT_BYTES, Form, Key, Values};
use super::wants::Wants;
use crate::types::LogicalType;
use std::cmp::Ordering;

/// Bytes that a column takes at most, without its names and its least and greatest text; most take much less.
///
/// Shape: 2 KiB of sums, and one of: texts, `COUNT_BYTES` and 2^14 slots of 24 bytes, together 1,408 KiB; numbers that
/// are listed, 256 KiB as an array or as 2^14 slots of 16 bytes, and 64 bytes for each of at most `COUNT_CAP` beyond
/// 64 bits; [`Bins`](super::bins::Bins) of 256 KiB and 4 KiB of registers. While two listed columns of numbers are
/// merged, 2^16 slots of 16 bytes for a moment.
pub const COLUMN_BYTES: usize = COUNT_BYTES + (COUNT_BYTES >> 1);

/// Profile of one column. It depends on the values alone: not on their order, nor on how they were split and merged.
///
/// NaN is counted and enters nothing else; infinities enter everything (a sum with one is infinite, with both NaN).
///
/// Memory: at most [`COLUMN_BYTES`], whatever the number of rows, and the least and the greatest text besides.
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
    /// Why no value is kept: the ends are then absent, values are not listed, and bins are wide. Absent otherwise.
    pub withheld: Option<String>,
}

/// Bits of the key below a bin of a column whose values are withheld: bins reach from a number to one a quarter to an
/// eighth greater.
const WITHHELD_SHIFT: u32 = 50;

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
            withheld: None,
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

    /// Forgets every single value, for a reason: what is left are counts, lengths, sums, and how many values differ.
    pub fn withhold(&mut self, why: &str) {
        (self.least, self.greatest) = (None, None);
        self.values.forget(WITHHELD_SHIFT);
        self.withheld = Some(why.to_owned());
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
        if let Some(why) = self.withheld.clone().or_else(|| other.withheld.clone()) {
            self.withhold(&why);
        }
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

#[cfg(test)]
mod tests {
    use super::{COLUMN_BYTES, ColumnProfile};
    use crate::types::LogicalType;

    fn hold(column: &ColumnProfile, most: &mut usize) {
        let taken = column.sum.heap() + column.squares.heap() + column.values.heap();
        assert!(taken <= COLUMN_BYTES, "{taken} bytes of {}", column.dtype);
        *most = taken.max(*most);
    }

    #[test]
    fn no_column_takes_more_memory_than_is_stated() {
        let (mut most, numbers) = (0, 0..40_000i64);
        let numbers: Vec<i64> = numbers.map(|i| i * i * 0x1234_5677 % (1 << 61)).collect();
        let mut ints = ColumnProfile::new("i", &LogicalType::Int(64));
        let mut wide = ColumnProfile::new("w", &LogicalType::Decimal(38, 2));
        let mut floats = ColumnProfile::new("f", &LogicalType::Float(64));
        for part in numbers.chunks(700) {
            ints.add_ints(part, 1);
            wide.add_wide_ints(
                &part
                    .iter()
                    .map(|v| i128::from(*v) << 60)
                    .collect::<Vec<_>>(),
            );
            floats.add_floats(&part.iter().map(|v| *v as f64 - 1e17).collect::<Vec<_>>());
            for column in [&ints, &wide, &floats] {
                hold(column, &mut most);
            }
        }
        for length in [1, 30, 104, 3_000] {
            let mut texts = ColumnProfile::new("t", &LogicalType::String);
            for (number, value) in numbers.iter().enumerate() {
                texts.add_text(&format!("{value:0length$}"), 1);
                if number % 100 == 0 {
                    hold(&texts, &mut most);
                }
            }
        }
        assert!(
            most > COLUMN_BYTES / 2,
            "{most} bytes were the most: too much is stated"
        );
    }
}
