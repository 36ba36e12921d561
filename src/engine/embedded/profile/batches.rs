//! Profiles from Arrow batches.

use super::super::value::{nanos_per, scalar_at};
use super::Wanted;
use crate::measure::{ColumnProfile, Profile, Wants};
use crate::scalar::Scalar;
use crate::types::Field;
use arrow::array::{Array, ArrowNumericType, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use std::sync::Mutex;
use std::thread::available_parallelism;

/// Cells of a batch from which further threads are worth their start.
const WORTH_THREADS: usize = 1 << 16;

/// Values that are handed over at a time.
const BLOCK: usize = 1 << 10;

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
            let values = array.as_boolean();
            let (yes, no) = (values.true_count(), values.false_count());
            for (value, count) in [(0, no as u64), (1, yes as u64)] {
                if count > 0 {
                    column.add_int(value, count);
                }
            }
        }
        DataType::Int8 => ints::<Int8Type>(column, array, 1),
        DataType::Int16 => ints::<Int16Type>(column, array, 1),
        DataType::Int32 => ints::<Int32Type>(column, array, 1),
        DataType::Int64 => ints::<Int64Type>(column, array, 1),
        DataType::UInt8 => ints::<UInt8Type>(column, array, 1),
        DataType::UInt16 => ints::<UInt16Type>(column, array, 1),
        DataType::UInt32 => ints::<UInt32Type>(column, array, 1),
        DataType::UInt64 => {
            blocks::<UInt64Type, i128>(array, i128::from, |b| column.add_wide_ints(b));
        }
        DataType::Decimal128(..) => {
            blocks::<Decimal128Type, i128>(array, |v| v, |b| column.add_wide_ints(b));
        }
        DataType::Date32 => ints::<Date32Type>(column, array, 1),
        DataType::Time64(TimeUnit::Nanosecond) => ints::<Time64NanosecondType>(column, array, 1),
        DataType::Timestamp(unit, _) => {
            let factor = i64::try_from(nanos_per(*unit)).expect("at most 10^9");
            match unit {
                TimeUnit::Second => ints::<TimestampSecondType>(column, array, factor),
                TimeUnit::Millisecond => ints::<TimestampMillisecondType>(column, array, factor),
                TimeUnit::Microsecond => ints::<TimestampMicrosecondType>(column, array, factor),
                TimeUnit::Nanosecond => ints::<TimestampNanosecondType>(column, array, factor),
            }
        }
        DataType::Float32 => {
            blocks::<Float32Type, f64>(array, f64::from, |b| column.add_floats(b));
        }
        DataType::Float64 => {
            blocks::<Float64Type, f64>(array, |v| v, |b| column.add_floats(b));
        }
        DataType::Utf8 => column.add_texts(array.as_string::<i32>().iter().flatten()),
        DataType::Binary => {
            let values = array.as_binary::<i32>().iter().flatten();
            values.for_each(|v| column.add_bytes(v, 1));
        }
        _ => other(column, array),
    }
}

/// Whole units.
fn ints<T: ArrowNumericType>(column: &mut ColumnProfile, array: &dyn Array, factor: i64)
where
    T::Native: Into<i64>,
{
    blocks::<T, i64>(array, Into::into, |block| column.add_ints(block, factor));
}

/// The values of an array that are not null, many at a time in a type of their own.
fn blocks<T: ArrowNumericType, V: Copy + Default>(
    array: &dyn Array,
    convert: impl Fn(T::Native) -> V,
    mut add: impl FnMut(&[V]),
) {
    let array = array.as_primitive::<T>();
    let mut buffer = [V::default(); BLOCK];
    let nulls = array.nulls().filter(|n| n.null_count() > 0);
    for (number, values) in array.values().chunks(BLOCK).enumerate() {
        let mut length = 0;
        for (row, value) in (number * BLOCK..).zip(values) {
            buffer[length] = convert(*value);
            length += usize::from(nulls.is_none_or(|n| n.is_valid(row)));
        }
        add(&buffer[..length]);
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
                    "`{name}` has values of {dtype} beyond what is profiled: 38 digits"
                ));
                return;
            }
        }
    }
}
