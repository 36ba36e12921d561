//! Row tests of numbers by their decimal spelling: places after the point, digits in all, multiples.

use super::{Considered, KernelCounts, NullKey, column, query};
use crate::error::Result;
use crate::formats::Plain;
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::{self as t, DataType};

/// What the decimal spelling of every number must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spelling {
    /// Digits after the point, both limits allowed.
    Places {
        /// Fewest.
        min: Option<u64>,
        /// Most.
        max: Option<u64>,
    },
    /// Digits before the point and after it, as a decimal type has them.
    Digits {
        /// Most of both together.
        total: u64,
        /// Most after the point; then at most the rest may stand before it.
        places: Option<u64>,
    },
    /// A whole multiple of a number other than zero.
    MultipleOf(Plain),
}

/// Numbers that are not spelled as wanted fail; so do NaN and infinity, which have no decimal spelling, and text that
/// is no number.
#[derive(Debug)]
pub struct NumberTest {
    pub(super) column: String,
    wanted: Spelling,
    nulls: NullKey,
    counts: KernelCounts,
}

impl NumberTest {
    /// A test of one column of numbers or text; nulls never fail.
    pub fn new(column: impl Into<String>, wanted: Spelling) -> Self {
        Self {
            column: column.into(),
            wanted,
            nulls: NullKey::Ignored,
            counts: KernelCounts::default(),
        }
    }

    /// The same test, with what a null does.
    #[must_use]
    pub fn nulls(mut self, nulls: NullKey) -> Self {
        self.nulls = nulls;
        self
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = column(batch, &self.column)?;
        let failing = self.failing(array)?;
        for (row, fails) in failing
            .into_iter()
            .enumerate()
            .filter(|(r, _)| kept.row(*r))
        {
            self.counts.rows += 1;
            self.counts.non_null += u64::from(array.is_valid(row));
            self.counts.failing += u64::from(fails);
        }
        Ok(())
    }

    pub(super) fn counts(&self) -> KernelCounts {
        self.counts.clone()
    }

    pub(super) fn second_pass(
        &self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let failing = self.failing(column(batch, &self.column)?)?;
        let flags = failing.into_iter().enumerate();
        Ok(flags.map(|(r, fails)| Some(kept.row(r) && fails)).collect())
    }

    /// Per row whether it fails.
    fn failing(&self, array: &dyn Array) -> Result<Vec<bool>> {
        let on_null = self.nulls == NullKey::Fails;
        macro_rules! each {
            ($kind:ty, $plain:expr) => {{
                let array = array.as_primitive::<$kind>();
                let plain = $plain;
                array
                    .iter()
                    .map(|v| v.map_or(on_null, |v| self.fails(plain(v))))
                    .collect()
            }};
        }
        let whole = |v: i128| Some(Plain::new(v, 0));
        Ok(match array.data_type() {
            DataType::Null => vec![on_null; array.len()],
            DataType::Int8 => each!(t::Int8Type, |v: i8| whole(v.into())),
            DataType::Int16 => each!(t::Int16Type, |v: i16| whole(v.into())),
            DataType::Int32 => each!(t::Int32Type, |v: i32| whole(v.into())),
            DataType::Int64 => each!(t::Int64Type, |v: i64| whole(v.into())),
            DataType::UInt8 => each!(t::UInt8Type, |v: u8| whole(v.into())),
            DataType::UInt16 => each!(t::UInt16Type, |v: u16| whole(v.into())),
            DataType::UInt32 => each!(t::UInt32Type, |v: u32| whole(v.into())),
            DataType::UInt64 => each!(t::UInt64Type, |v: u64| whole(v.into())),
            DataType::Float32 => each!(t::Float32Type, Plain::of_f32),
            DataType::Float64 => each!(t::Float64Type, Plain::of_f64),
            DataType::Decimal128(_, scale) => {
                let scale = i32::from(*scale);
                each!(t::Decimal128Type, |v: i128| Some(Plain::new(v, scale)))
            }
            DataType::Utf8 => {
                let texts = array.as_string::<i32>().iter();
                texts
                    .map(|v| v.map_or(on_null, |v| self.fails(Plain::of_text(v))))
                    .collect()
            }
            other => {
                return Err(query(
                    format!("column `{}`", self.column),
                    format!(
                        "it is {}, whose digits cannot be counted",
                        crate::engine::embedded::schema::logical(other)
                    ),
                ));
            }
        })
    }

    /// Whether a value fails; `None` is one without a decimal spelling.
    fn fails(&self, value: Option<Plain>) -> bool {
        value.is_none_or(|value| !self.wanted.fits(&value))
    }
}

impl Spelling {
    fn fits(&self, value: &Plain) -> bool {
        match self {
            Self::Places { min, max } => {
                let places = value.places();
                min.is_none_or(|m| places >= m) && max.is_none_or(|m| places <= m)
            }
            Self::Digits { total, places } => {
                let (before, after) = (value.digits_before(), value.places());
                let whole = places.map_or(*total, |p| total.saturating_sub(p));
                before + after <= *total && before <= whole && places.is_none_or(|p| after <= p)
            }
            Self::MultipleOf(of) => value.is_multiple_of(of),
        }
    }
}
