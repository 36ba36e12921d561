//! Moments in 96 bits, the old way of Hive, Impala and Spark: in which unit they are read, and that none is read wrong.
//!
//! The type reaches further than 64 bits of nanoseconds, which arrow's reader makes of it without a look at what is left
//! out. Spark's moments are microseconds in 64 bits, and what it writes is read as such: nothing is lost, and the year 9999
//! is still the year 9999. Others write nanoseconds, and a moment before 1677-09-21 or after 2262-04-11 is an error. Where
//! files of both are one dataset, all are read in microseconds as long as that loses nothing, and else in nanoseconds.
//!
//! Source: parquet-format, "INT96 timestamps", which are deprecated; `int96_from_spark.parquet` of parquet-testing.

use super::DataFile;
use super::guard::guarded;
use crate::error::Result;
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type as Physical;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{Int96, Int96Type};
use parquet::errors::ParquetError;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::Type;
use std::sync::Arc;

/// What the keys of a footer begin with that Spark writes.
const SPARK: &str = "org.apache.spark.";

/// Records that are looked at together.
const TOGETHER: usize = 8192;

const EPOCH: i64 = 2_440_588;
const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// The footer with moments of 96 bits as microseconds where Spark wrote them, else as it is.
pub(super) fn in_its_unit(footer: ArrowReaderMetadata) -> ArrowReaderMetadata {
    if is_of_spark(&footer) && is_there(&footer) {
        read_in_micros(footer)
    } else {
        footer
    }
}

/// The footers of the files of a dataset, some of which Spark wrote and some not, with one unit in all of them:
/// microseconds where the others hold whole ones alone, or else nanoseconds.
///
/// Columns of 96 bits of the others are decoded once for it, where both are there.
///
/// Errors: `Error::Data` when they cannot be decoded.
pub(super) fn in_one_unit(
    files: &[DataFile],
    footers: Vec<ArrowReaderMetadata>,
) -> Result<Vec<ArrowReaderMetadata>> {
    let with = |spark: bool| {
        let mut all = footers.iter().filter(|f| is_there(f));
        all.any(|f| is_of_spark(f) == spark)
    };
    if !(with(true) && with(false)) {
        return Ok(footers);
    }
    for (file, footer) in files.iter().zip(&footers) {
        if is_there(footer) && !is_of_spark(footer) && !is_of_micros(file, footer)? {
            return Ok(footers.into_iter().map(read_in_nanos).collect());
        }
    }
    let one = |f: ArrowReaderMetadata| if is_there(&f) { read_in_micros(f) } else { f };
    Ok(footers.into_iter().map(one).collect())
}

fn is_of_spark(footer: &ArrowReaderMetadata) -> bool {
    let said = footer.metadata().file_metadata().key_value_metadata();
    said.is_some_and(|all| all.iter().any(|kv| kv.key.starts_with(SPARK)))
}

/// Whether a column has moments of 96 bits.
fn is_there(footer: &ArrowReaderMetadata) -> bool {
    let mut leaves = footer.parquet_schema().columns().iter();
    leaves.any(|l| l.physical_type() == Physical::INT96)
}

/// Whether every moment of 96 bits is a whole number of microseconds.
fn is_of_micros(file: &DataFile, footer: &ArrowReaderMetadata) -> Result<bool> {
    let leaves = footer.parquet_schema().columns().iter();
    let of_96 = leaves.filter(|l| l.physical_type() == Physical::INT96);
    let roots: Vec<String> = of_96
        .filter_map(|l| l.path().parts().first().cloned())
        .collect();
    file.need(&super::parquet::chunks(footer, &roots))?;
    let source = Arc::new(file.open()?);
    for group in footer.metadata().row_groups() {
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let chunks = group.columns().iter();
        for chunk in chunks.filter(|c| c.column_type() == Physical::INT96) {
            let odd = guarded(file, || {
                let pages = SerializedPageReader::new(Arc::clone(&source), chunk, rows, None)?;
                match get_column_reader(chunk.column_descr_ptr(), Box::new(pages)) {
                    ColumnReader::Int96ColumnReader(values) => first(values, is_micros),
                    _ => Ok(None),
                }
            })?;
            if odd.is_some() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn read_in_nanos(footer: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let plain = ArrowReaderOptions::new();
    ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), plain).unwrap_or(footer)
}

fn read_in_micros(footer: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let schema = footer.schema();
    let fields = micros(
        footer.parquet_schema().root_schema().get_fields(),
        schema.fields(),
    );
    let wanted = Schema::new_with_metadata(fields, schema.metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(wanted));
    // Where arrow does not take the types, nanoseconds stay, and what they cannot hold is refused.
    ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options).unwrap_or(footer)
}

/// The fields with microseconds for 96 bits, also inside structs.
fn micros(stored: &[Arc<Type>], fields: &Fields) -> Fields {
    let one = |(field, stored): (&Arc<Field>, &Arc<Type>)| {
        let dtype = match field.data_type() {
            DataType::Timestamp(TimeUnit::Nanosecond, zone)
                if stored.is_primitive() && stored.get_physical_type() == Physical::INT96 =>
            {
                DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
            }
            DataType::Struct(inner) if stored.is_group() => {
                DataType::Struct(micros(stored.get_fields(), inner))
            }
            _ => return Arc::clone(field),
        };
        Arc::new(field.as_ref().clone().with_data_type(dtype))
    };
    if stored.len() != fields.len() {
        return fields.clone();
    }
    fields.iter().zip(stored).map(one).collect()
}

/// Fails when a moment of the asked columns is beyond what 64 bits hold of the unit that it is read in.
///
/// Such columns are decoded once more for it.
///
/// Errors: `Error::Data` naming the column and the day.
pub(super) fn refuse(
    file: &DataFile,
    footer: &ArrowReaderMetadata,
    mask: &ProjectionMask,
) -> Result<()> {
    let mut reader = None;
    for group in footer.metadata().row_groups() {
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if chunk.column_type() != Physical::INT96 || !mask.leaf_included(leaf) {
                continue;
            }
            let source = match &reader {
                None => reader.insert(Arc::new(file.open()?)),
                Some(open) => open,
            };
            let column = chunk.column_descr_ptr();
            let unit = if in_micros(footer.schema().fields(), column.path().parts()) {
                &MICROS
            } else {
                &NANOS
            };
            let day = guarded(file, || {
                let pages = SerializedPageReader::new(Arc::clone(source), chunk, rows, None)?;
                match get_column_reader(column, Box::new(pages)) {
                    ColumnReader::Int96ColumnReader(values) => first(values, unit.fits),
                    _ => Ok(None),
                }
            })?;
            if let Some(day) = day.as_ref().map(said) {
                return Err(file.broken(format!(
                    "column `{}` holds a moment {day}, beyond what {}",
                    chunk.column_path().string(),
                    unit.beyond,
                )));
            }
        }
    }
    Ok(())
}

/// A unit that moments are read in.
struct Unit {
    fits: fn(&Int96) -> bool,
    /// What 64 bits of it hold, and the way out.
    beyond: &'static str,
}

const NANOS: Unit = Unit {
    fits: fits_nanos,
    beyond: "64 bits of nanoseconds hold (1677 to 2262); write the column as a timestamp of microseconds",
};

const MICROS: Unit = Unit {
    // Spark's wrap around where it counts from the first Julian day, and are read in the same way.
    fits: |value| micros_since(value, 0).is_some(),
    beyond: "64 bits of microseconds hold (292,000 years around 1970): Spark did not write it",
};

/// Whether the leaf at a path is read in microseconds.
fn in_micros(fields: &Fields, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    match fields.find(first).map(|(_, f)| f.data_type()) {
        Some(DataType::Timestamp(TimeUnit::Microsecond, _)) => true,
        Some(DataType::Struct(inner)) => in_micros(inner, rest),
        _ => false,
    }
}

/// The first value that is not as it should be.
fn first(
    mut values: ColumnReaderImpl<Int96Type>,
    is_good: fn(&Int96) -> bool,
) -> std::result::Result<Option<Int96>, ParquetError> {
    let (mut defined, mut repeated, mut found) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        defined.clear();
        repeated.clear();
        found.clear();
        let (records, _, levels) = values.read_records(
            TOGETHER,
            Some(&mut defined),
            Some(&mut repeated),
            &mut found,
        )?;
        if let Some(value) = found.iter().find(|v| !is_good(v)) {
            return Ok(Some(*value));
        }
        if records == 0 && levels == 0 {
            return Ok(None);
        }
    }
}

fn parts(value: &Int96) -> (i64, i64) {
    let [low, high, day] = value.data() else {
        return (0, 0);
    };
    let inside = u64::from(*high) << 32 | u64::from(*low);
    (i64::from(day.cast_signed()), inside.cast_signed())
}

fn fits_nanos(value: &Int96) -> bool {
    let (day, inside) = parts(value);
    let start = (day - EPOCH).checked_mul(NANOS_PER_DAY);
    start.and_then(|s| s.checked_add(inside)).is_some()
}

/// Microseconds since a Julian day, cut to whole ones; `None` beyond what 64 bits hold.
fn micros_since(value: &Int96, first: i64) -> Option<i64> {
    let (day, inside) = parts(value);
    let start = (day - first).checked_mul(NANOS_PER_DAY / 1000)?;
    start.checked_add(inside / 1000)
}

/// Whether it is a whole number of microseconds, of those that 64 bits hold.
fn is_micros(value: &Int96) -> bool {
    parts(value).1 % 1000 == 0 && micros_since(value, EPOCH).is_some()
}

/// `on 9999-12-31`, or the Julian day where no calendar here reaches it.
fn said(value: &Int96) -> String {
    let (day, _) = parts(value);
    let date = i32::try_from(day - EPOCH)
        .ok()
        .and_then(chrono::NaiveDate::from_epoch_days);
    date.map_or_else(
        || format!("on Julian day {day}"),
        |d| format!("on {}", d.format("%Y-%m-%d")),
    )
}
