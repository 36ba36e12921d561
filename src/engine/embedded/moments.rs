//! Dates and times of a canonical array as plain numbers.

use super::value::nanos_per;
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

/// Microseconds since 1970-01-01 of dates and timestamps, in UTC where they have a zone.
///
/// Nulls: `None`. Edge: finer parts are cut off downwards; what does not fit 64 bits is held at their end.
/// Errors: [`Error::Data`] for a column of another type.
pub(super) fn micros(array: &ArrayRef) -> Result<Vec<Option<i64>>> {
    let nanos = match array.data_type() {
        DataType::Date32 => 86_400_000_000_000,
        DataType::Timestamp(unit, _) => nanos_per(*unit),
        other => {
            let kind = format!("{other} is no date or timestamp");
            return Err(Error::data("read", "a column", kind));
        }
    };
    let in_micros = |ticks: i64| {
        let micros = (i128::from(ticks) * nanos).div_euclid(1_000);
        let most = i128::from(i64::MAX);
        i64::try_from(micros.clamp(1 - most, most)).unwrap_or(i64::MAX)
    };
    Ok(ticks(array)?
        .into_iter()
        .map(|t| t.map(in_micros))
        .collect())
}

/// Seconds of times of day and durations; `None` for columns of other types.
///
/// Nulls: NaN.
/// Errors: [`Error::Data`] when the column cannot be read as whole numbers.
pub(super) fn seconds(array: &ArrayRef) -> Result<Option<Vec<f64>>> {
    let (DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit)) =
        array.data_type()
    else {
        return Ok(None);
    };
    #[expect(clippy::cast_precision_loss, reason = "at most a thousand million")]
    let scale = nanos_per(*unit) as f64 / 1e9;
    let value = |t: Option<i64>| t.map_or(f64::NAN, |t| t as f64 * scale);
    Ok(Some(ticks(array)?.into_iter().map(value).collect()))
}

fn ticks(array: &ArrayRef) -> Result<Vec<Option<i64>>> {
    let failed = |e| Error::data("read", "a column", e);
    // Days are 32 bits wide, and arrow turns them into nothing else.
    let narrow = if *array.data_type() == DataType::Date32 {
        &cast(array, &DataType::Int32).map_err(failed)?
    } else {
        array
    };
    let whole = cast(narrow, &DataType::Int64).map_err(failed)?;
    Ok(whole.as_primitive::<Int64Type>().iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{micros, seconds};
    use arrow::array::{
        ArrayRef, Date32Array, DurationSecondArray, Int64Array, Time64NanosecondArray,
        TimestampMillisecondArray, TimestampNanosecondArray,
    };
    use std::sync::Arc;

    #[test]
    fn moments_are_microseconds_and_spans_seconds() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(1), None, Some(-1)]));
        let day = 86_400_000_000;
        assert_eq!(micros(&days).unwrap(), [Some(day), None, Some(-day)]);
        let millis: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(1_500), None]));
        assert_eq!(micros(&millis).unwrap(), [Some(1_500_000), None]);
        let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![-1, i64::MIN]));
        assert_eq!(micros(&nanos).unwrap()[0], Some(-1));
        let far: ArrayRef = Arc::new(Date32Array::from(vec![i32::MAX, i32::MIN]));
        assert_eq!(micros(&far).unwrap(), [Some(i64::MAX), Some(1 - i64::MAX)]);
        let times: ArrayRef =
            Arc::new(Time64NanosecondArray::from(vec![Some(2_500_000_000), None]));
        let found = seconds(&times).unwrap().unwrap();
        assert!((found[0] - 2.5).abs() < 1e-12 && found[1].is_nan());
        let spans: ArrayRef = Arc::new(DurationSecondArray::from(vec![90]));
        assert_eq!(seconds(&spans).unwrap(), Some(vec![90.0]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert_eq!(seconds(&numbers).unwrap(), None);
        assert!(micros(&numbers).is_err());
    }
}
