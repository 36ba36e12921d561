//! Expectations on one column whose distinct values the profile lists: each value is looked at once and counts as often
//! as it occurs.

use super::super::kernel::query;
use super::super::relational::Predicates;
use super::super::source::Dataset;
use super::super::value::nanos_per;
use super::test::{Test, Tests, kept};
use crate::error::{Error, Result};
use crate::measure::values::Key;
use crate::measure::{ColumnProfile, Profile, State};
use crate::plan::{DatasetPlan, Measured, Planned, reading};
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, Float32Array, Float64Array,
    NullArray, PrimitiveArray, RecordBatch, StringArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Field, Int8Type, Int16Type, Int32Type, Int64Type,
    Schema, Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Decides what the listed values of single columns decide, with the same states as looking at every row would give.
///
/// A condition that cannot be evaluated on one of the values, or that tells -0.0 from 0.0, is left to the rows.
/// Errors: those that are not about a condition.
pub(super) fn decide(
    tests: &mut Tests,
    plan: &DatasetPlan,
    dataset: &Dataset,
    profile: &Profile,
    decided: &mut [Option<State>],
) -> Result<()> {
    let mut columns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, planned) in plan.expectations.iter().enumerate() {
        let column = reading::one_column(planned, plan).filter(|_| decided[i].is_none());
        columns
            .entry(column.unwrap_or_default())
            .or_default()
            .push(i);
    }
    for (name, expectations) in columns {
        let column = profile.column(&name).zip(dataset.canonical_type(&name));
        let Some(listed) = column.and_then(|(column, dtype)| Listed::of(column, &dtype)) else {
            continue;
        };
        for i in expectations {
            decided[i] = listed.decided(&mut tests.list[i], &plan.expectations[i])?;
        }
    }
    Ok(())
}

/// The distinct values of a column as rows, one each, and how often they occur.
pub(super) struct Listed {
    /// One column: the values, a null and a NaN where there are any, and -0.0 at the end beside 0.0.
    batch: RecordBatch,
    counts: Vec<u64>,
    /// Rows of 0.0 and of -0.0.
    zeros: Option<(usize, usize)>,
}

impl Listed {
    /// `None` where the values are not listed, or not told by [`Key`] alone.
    fn of(column: &ColumnProfile, dtype: &DataType) -> Option<Self> {
        if column.not_profiled.is_some() || !column.wants.values {
            return None;
        }
        let (nulls, nan) = (column.counters.nulls, column.counters.nan);
        Self::new(&column.name, column.values.listed()?, (nulls, nan), dtype)
    }

    /// The values of a column with their rows, and its nulls and NaN; `None` for types whose values keys do not tell.
    pub(super) fn new(
        name: &str,
        listed: Vec<(Key, u64)>,
        (nulls, nan): (u64, u64),
        dtype: &DataType,
    ) -> Option<Self> {
        let (keys, mut counts): (Vec<Key>, Vec<u64>) = listed.into_iter().unzip();
        let mut keys: Vec<Option<Key>> = keys.into_iter().map(Some).collect();
        let mut add = |key: Option<Key>, count: u64| {
            keys.push(key);
            counts.push(count);
        };
        if nulls > 0 {
            add(None, nulls);
        }
        if nan > 0 {
            add(Some(Key::Float(f64::NAN)), nan);
        }
        let zero = keys
            .iter()
            .position(|k| matches!(k, Some(Key::Float(v)) if *v == 0.0));
        if zero.is_some() {
            keys.push(Some(Key::Float(-0.0)));
            counts.push(0);
        }
        let zeros = zero.map(|zero| (zero, keys.len() - 1));
        let array = array(&keys, dtype)?;
        let field = Field::new(name, array.data_type().clone(), true);
        let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).ok()?;
        Some(Self {
            batch,
            counts,
            zeros,
        })
    }

    /// The state of one expectation; `None` where single values do not decide it, or its condition cannot be evaluated
    /// on one of them.
    ///
    /// Errors: those that are not about the condition.
    pub(super) fn decided(&self, test: &mut Test, planned: &Planned) -> Result<Option<State>> {
        match self.state(test, planned) {
            Err(Error::Query { .. }) => Ok(None),
            other => other,
        }
    }

    /// The rows of which a condition is true, of each value that was given; `None` where it cannot be evaluated.
    pub(super) fn each(&self, sql: &str) -> Option<Vec<(bool, u64)>> {
        let mask = self.mask(sql).ok()?;
        let rows = mask.iter().zip(&self.counts);
        Some(rows.map(|(is, n)| (is == Some(true), *n)).collect())
    }

    /// The state of one expectation; `None` where single values do not decide it.
    ///
    /// Errors: those of its condition.
    fn state(&self, test: &mut Test, planned: &Planned) -> Result<Option<State>> {
        let filter = planned.common.filter.as_ref();
        let filter = filter.map(|(sql, _)| self.mask(sql)).transpose()?;
        let filter = filter.as_ref();
        if filter.is_some_and(|f| !self.same_for_zeros(f)) {
            return Ok(None);
        }
        let mut state = State {
            rows: self.weight(filter),
            ..State::default()
        };
        match (test, &planned.measure) {
            (Test::Mask(_), Measured::Rows(sql)) => {
                let rows = kept(&self.mask(sql)?, filter)?;
                if !self.same_for_zeros(&rows) {
                    return Ok(None);
                }
                state.failing = Some(self.weight(Some(&rows)));
            }
            (Test::Kernel(kernel), _) if kernel.looks_at_values() => {
                let rows = kernel.second_pass(&self.batch, filter)?;
                state.failing = Some(self.weight(Some(&rows)));
            }
            (Test::Gauge(gauge), _) if gauge.looks_at_distinct_values() => {
                gauge.first_pass(&self.batch, filter)?;
                let found = gauge.finish();
                state.values = vec![(found.name.to_owned(), found.value)];
                state.detail = found.detail;
            }
            // Nothing but the rows that the filter keeps.
            (Test::None, Measured::Profile { column: None, .. }) => {}
            _ => return Ok(None),
        }
        Ok(Some(state))
    }

    fn mask(&self, sql: &str) -> Result<BooleanArray> {
        let masks = Predicates::new(&[sql.to_owned()])?.masks(&self.batch)?;
        masks
            .into_iter()
            .next()
            .ok_or_else(|| query(format!("`{sql}`"), "it has no answer"))
    }

    /// Rows of the data that the mask is true of; all of them without one.
    fn weight(&self, mask: Option<&BooleanArray>) -> u64 {
        match mask {
            None => self.counts.iter().sum(),
            Some(mask) => {
                let rows = mask.iter().zip(&self.counts);
                rows.filter(|(is, _)| *is == Some(true))
                    .map(|(_, n)| n)
                    .sum()
            }
        }
    }

    fn same_for_zeros(&self, mask: &BooleanArray) -> bool {
        self.zeros
            .is_none_or(|(zero, negative)| mask.value(zero) == mask.value(negative))
    }
}

/// The keys as a column of the type; `None` for types whose values keys do not tell.
fn array(keys: &[Option<Key>], dtype: &DataType) -> Option<ArrayRef> {
    let floats = || {
        keys.iter().map(|key| match key {
            Some(Key::Float(v)) => Some(*v),
            _ => None,
        })
    };
    Some(match dtype {
        DataType::Null => Arc::new(NullArray::new(keys.len())),
        DataType::Boolean => {
            let bit = |key: &Option<Key>| match key {
                Some(Key::Int(v)) => Some(*v != 0),
                _ => None,
            };
            Arc::new(keys.iter().map(bit).collect::<BooleanArray>())
        }
        DataType::Float64 => Arc::new(floats().collect::<Float64Array>()),
        #[expect(clippy::cast_possible_truncation, reason = "each was a 32-bit float")]
        DataType::Float32 => Arc::new(
            floats()
                .map(|v| v.map(|v| v as f32))
                .collect::<Float32Array>(),
        ),
        DataType::Utf8 => {
            let text = |key| match key {
                &Some(Key::Text(ref v)) => Some(v.as_str()),
                _ => None,
            };
            Arc::new(keys.iter().map(text).collect::<StringArray>())
        }
        DataType::Binary => {
            let bytes = |key| match key {
                &Some(Key::Bytes(ref v)) => Some(v.as_slice()),
                _ => None,
            };
            Arc::new(keys.iter().map(bytes).collect::<BinaryArray>())
        }
        _ => return whole(keys, dtype),
    })
}

/// Keys in whole units.
fn whole(keys: &[Option<Key>], dtype: &DataType) -> Option<ArrayRef> {
    match dtype {
        DataType::Int8 => ticks::<Int8Type>(keys, 1, dtype),
        DataType::Int16 => ticks::<Int16Type>(keys, 1, dtype),
        DataType::Int32 => ticks::<Int32Type>(keys, 1, dtype),
        DataType::Int64 => ticks::<Int64Type>(keys, 1, dtype),
        DataType::UInt8 => ticks::<UInt8Type>(keys, 1, dtype),
        DataType::UInt16 => ticks::<UInt16Type>(keys, 1, dtype),
        DataType::UInt32 => ticks::<UInt32Type>(keys, 1, dtype),
        DataType::UInt64 => ticks::<UInt64Type>(keys, 1, dtype),
        DataType::Decimal128(..) => ticks::<Decimal128Type>(keys, 1, dtype),
        DataType::Date32 => ticks::<Date32Type>(keys, 1, dtype),
        DataType::Time64(TimeUnit::Nanosecond) => ticks::<Time64NanosecondType>(keys, 1, dtype),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => ticks::<TimestampSecondType>(keys, nanos_per(*unit), dtype),
            TimeUnit::Millisecond => {
                ticks::<TimestampMillisecondType>(keys, nanos_per(*unit), dtype)
            }
            TimeUnit::Microsecond => {
                ticks::<TimestampMicrosecondType>(keys, nanos_per(*unit), dtype)
            }
            TimeUnit::Nanosecond => ticks::<TimestampNanosecondType>(keys, nanos_per(*unit), dtype),
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => ticks::<DurationSecondType>(keys, nanos_per(*unit), dtype),
            TimeUnit::Millisecond => {
                ticks::<DurationMillisecondType>(keys, nanos_per(*unit), dtype)
            }
            TimeUnit::Microsecond => {
                ticks::<DurationMicrosecondType>(keys, nanos_per(*unit), dtype)
            }
            TimeUnit::Nanosecond => ticks::<DurationNanosecondType>(keys, nanos_per(*unit), dtype),
        },
        _ => None,
    }
}

/// Keys of so many units a tick.
fn ticks<T: ArrowPrimitiveType>(
    keys: &[Option<Key>],
    units: i128,
    dtype: &DataType,
) -> Option<ArrayRef>
where
    T::Native: TryFrom<i128>,
{
    let tick = |key: &Option<Key>| match key {
        Some(Key::Int(v)) => T::Native::try_from(*v / units).ok().map(Some),
        _ => Some(None),
    };
    let values: Option<Vec<Option<T::Native>>> = keys.iter().map(tick).collect();
    let array: PrimitiveArray<T> = values?.into_iter().collect();
    Some(Arc::new(array.with_data_type(dtype.clone())))
}
