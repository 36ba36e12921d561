//! Profiles from Arrow batches.

use super::super::value::{nanos_per, scalar_at};
use super::Wanted;
use crate::measure::{ColumnProfile, Profile, Wants};
use crate::scalar::Scalar;
use crate::types::Field;
use arrow::array::{Array, ArrowNumericType, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::Mutex;
use std::thread::available_parallelism;

/// Cells of a batch from which further threads are worth their start.
const WORTH_THREADS: usize = 1 << 16;

/// Ranges of values that are counted in an array, at most.
const NARROW: usize = 1 << 16;

/// Takes batches whose columns are the given fields, in order.
pub struct ProfileBuilder {
    profile: Profile,
}

impl ProfileBuilder {
    /// Starts with no rows; all parts of the profile are wanted.
    #[must_use]
    pub fn new(fields: &[Field]) -> Self {
        let all = fields.iter().map(|f| (f.clone(), Wants::ALL));
        Self::wanting(&all.collect::<Vec<_>>())
    }

    /// Starts with no rows, for the wanted parts of the profile.
    #[must_use]
    pub fn wanting(wanted: &[Wanted]) -> Self {
        let column =
            |(field, wants): &Wanted| ColumnProfile::new(&field.name, &field.dtype).wanting(*wants);
        Self {
            profile: Profile {
                rows: 0,
                columns: wanted.iter().map(column).collect(),
            },
        }
    }

    /// Adds a batch: its columns in the order of the fields, in canonical types.
    pub fn update(&mut self, batch: &RecordBatch) {
        self.profile.rows += batch.num_rows() as u64;
        let columns = self.profile.columns.iter_mut().zip(batch.columns());
        let threads = if batch.num_rows() * columns.len() < WORTH_THREADS {
            1
        } else {
            available_parallelism()
                .map_or(1, usize::from)
                .min(columns.len())
        };
        // A column belongs to one thread at a time, so what comes out does not depend on their number.
        let queue = Mutex::new(columns);
        let work = || {
            let next = || queue.lock().ok()?.next();
            while let Some((column, array)) = next() {
                add_array(column, array.as_ref());
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
    }

    /// The profile of all batches; it does not depend on how the rows were cut into them.
    #[must_use]
    pub fn finish(self) -> Profile {
        self.profile
    }
}

/// Adds the values of an array of canonical type to the profile of its column.
pub(in super::super::super) fn add_array(column: &mut ColumnProfile, array: &dyn Array) {
    column.add_rows(array.len() as u64, array.logical_null_count() as u64);
    if column.not_profiled.is_some() {
        return;
    }
    match array.data_type() {
        DataType::Null => {}
        DataType::Boolean => {
            let values = array.as_boolean().iter().flatten();
            values.for_each(|v| column.add_int(i128::from(v), 1));
        }
        DataType::Int8 => ints::<Int8Type>(column, array, 1),
        DataType::Int16 => ints::<Int16Type>(column, array, 1),
        DataType::Int32 => ints::<Int32Type>(column, array, 1),
        DataType::Int64 => ints::<Int64Type>(column, array, 1),
        DataType::UInt8 => ints::<UInt8Type>(column, array, 1),
        DataType::UInt16 => ints::<UInt16Type>(column, array, 1),
        DataType::UInt32 => ints::<UInt32Type>(column, array, 1),
        DataType::UInt64 => ints::<UInt64Type>(column, array, 1),
        DataType::Decimal128(..) => ints::<Decimal128Type>(column, array, 1),
        DataType::Date32 => ints::<Date32Type>(column, array, 1),
        DataType::Time64(TimeUnit::Nanosecond) => ints::<Time64NanosecondType>(column, array, 1),
        DataType::Timestamp(unit, _) => {
            let factor = nanos_per(*unit);
            match unit {
                TimeUnit::Second => ints::<TimestampSecondType>(column, array, factor),
                TimeUnit::Millisecond => ints::<TimestampMillisecondType>(column, array, factor),
                TimeUnit::Microsecond => ints::<TimestampMicrosecondType>(column, array, factor),
                TimeUnit::Nanosecond => ints::<TimestampNanosecondType>(column, array, factor),
            }
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().iter().flatten();
            values.for_each(|v| column.add_float(f64::from(v), 1));
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().iter().flatten();
            values.for_each(|v| column.add_float(v, 1));
        }
        DataType::Utf8 => {
            texts(column, array.as_string::<i32>());
        }
        DataType::Binary => {
            let values = array.as_binary::<i32>().iter().flatten();
            values.for_each(|v| column.add_bytes(v, 1));
        }
        _ => other(column, array),
    }
}

/// Whole units; values of a narrow range are counted first, so that each is looked at once a batch.
fn ints<T: ArrowNumericType>(column: &mut ColumnProfile, array: &dyn Array, factor: i128)
where
    T::Native: Into<i128>,
{
    let array = array.as_primitive::<T>();
    let bounds = (arrow::compute::min(array), arrow::compute::max(array));
    let (Some(least), Some(most)) = bounds else {
        return;
    };
    let (least, most): (i128, i128) = (least.into(), most.into());
    let width = usize::try_from(most.wrapping_sub(least)).unwrap_or(usize::MAX);
    if width >= NARROW || width > array.len() {
        for value in array.iter().flatten() {
            column.add_int(value.into() * factor, 1);
        }
        return;
    }
    let mut counts = vec![0u64; width + 1];
    for value in array.iter().flatten() {
        let place = usize::try_from(value.into() - least).expect("not below the least value");
        counts[place] += 1;
    }
    for (value, count) in (least..).zip(counts) {
        if count > 0 {
            column.add_int(value * factor, count);
        }
    }
}

/// Texts; where they repeat, each is looked at once a batch.
fn texts(column: &mut ColumnProfile, array: &StringArray) {
    if column.values.spilled().is_some() {
        for value in array.iter().flatten() {
            column.add_text(value, 1);
        }
        return;
    }
    let mut counts: HashMap<&str, u64, FixedState> = HashMap::default();
    for value in array.iter().flatten() {
        *counts.entry(value).or_default() += 1;
    }
    for (value, count) in counts {
        column.add_text(value, count);
    }
}

/// What has no loop of its own: durations, and decimals beyond 128 bits, which are left out and said so.
fn other(column: &mut ColumnProfile, array: &dyn Array) {
    for row in 0..array.len() {
        match scalar_at(array, row) {
            None => {}
            Some(Scalar::Duration(v) | Scalar::Int(v)) => column.add_int(v.0, 1),
            Some(Scalar::Decimal { unscaled, .. }) => column.add_int(unscaled.0, 1),
            Some(_) => {
                let (name, dtype) = (column.name.clone(), array.data_type().to_string());
                column.not_profiled = Some(format!(
                    "`{name}` has values of {dtype} beyond what is profiled"
                ));
                return;
            }
        }
    }
}
