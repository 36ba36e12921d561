//! What a profile has to say, by one loop over the values as they were before they were written.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, UInt64Type,
};
use num_bigint::BigInt;
use std::collections::BTreeMap;
use tollgate::measure::ColumnProfile;
use tollgate::scalar::{Integer, Scalar};

/// A value that can be compared; floats by their order-preserving bits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Int(i128),
    Float(i64),
    Bytes(Vec<u8>),
}

/// The bits of a float in the order of floats, and back.
fn ordered(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

impl Value {
    /// As a profile's key is shown.
    fn shown(&self, text: bool) -> String {
        match self {
            Self::Int(v) => format!("Int({v})"),
            Self::Float(v) => format!("Float({:?})", f64::from_bits(ordered(*v).cast_unsigned())),
            Self::Bytes(v) if text => format!("Text({:?})", std::str::from_utf8(v).unwrap()),
            Self::Bytes(v) => format!("Bytes({v:?})"),
        }
    }
}

/// The values of a column in the profile's unit, NaN as `None` within; `None` where values are not looked into.
fn values(array: &dyn Array) -> Option<Vec<Option<Value>>> {
    use DataType as D;
    let dtype = array.data_type();
    let factor = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1_000_000_000_i128,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    let ints = |array: &dyn Array, factor: i128| {
        let long = cast(array, &D::Int64).unwrap();
        let values = long.as_primitive::<Int64Type>().iter();
        values
            .map(|v| v.map(|v| Value::Int(i128::from(v) * factor)))
            .collect()
    };
    Some(match dtype {
        D::Boolean => array
            .as_boolean()
            .iter()
            .map(|v| v.map(|v| Value::Int(v.into())))
            .collect(),
        D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 | D::Date32 => {
            ints(array, 1)
        }
        D::UInt64 => {
            let values = array.as_primitive::<UInt64Type>().iter();
            values.map(|v| v.map(|v| Value::Int(v.into()))).collect()
        }
        D::Date64 => {
            let days = cast(array, &D::Date32).unwrap();
            let values = days.as_primitive::<Date32Type>().iter();
            values.map(|v| v.map(|v| Value::Int(v.into()))).collect()
        }
        D::Time32(unit) | D::Time64(unit) | D::Timestamp(unit, _) | D::Duration(unit) => ints(
            &cast(
                array,
                &match dtype {
                    D::Time32(_) => D::Int32,
                    _ => D::Int64,
                },
            )
            .unwrap(),
            factor(unit),
        ),
        D::Float16 | D::Float32 | D::Float64 => {
            let wide = cast(array, &D::Float64).unwrap();
            let bits = |v: f64| (v + 0.0).to_bits().cast_signed();
            let values = wide.as_primitive::<Float64Type>().iter();
            values
                .map(|v| {
                    v.filter(|v| !v.is_nan())
                        .map(|v| Value::Float(ordered(bits(v))))
                })
                .collect()
        }
        D::Decimal32(p, s) | D::Decimal64(p, s) | D::Decimal128(p, s) => {
            let wide = cast(array, &D::Decimal128(*p, *s)).unwrap();
            let values = wide.as_primitive::<Decimal128Type>().iter();
            values.map(|v| v.map(Value::Int)).collect()
        }
        D::Utf8
        | D::LargeUtf8
        | D::Utf8View
        | D::Binary
        | D::LargeBinary
        | D::BinaryView
        | D::FixedSizeBinary(_) => {
            let bytes = cast(array, &D::Binary).unwrap();
            bytes
                .as_binary::<i32>()
                .iter()
                .map(|v| v.map(|v| Value::Bytes(v.to_vec())))
                .collect()
        }
        D::Dictionary(_, inner) => return values(&cast(array, inner).unwrap()),
        _ => return None,
    })
}

/// Compares a profile with what the loop finds.
pub(super) fn check(array: &dyn Array, profile: &ColumnProfile, what: &str) {
    let count = |v: usize| Some(Scalar::Int(Integer(v as i128)));
    let nulls = array.logical_null_count();
    assert_eq!(
        profile.measure("rows"),
        count(array.len()),
        "rows of {what}"
    );
    assert_eq!(profile.measure("nulls"), count(nulls), "nulls of {what}");
    let Some(values) = values(array) else {
        return;
    };
    let mut counts: BTreeMap<Value, u64> = BTreeMap::new();
    values
        .into_iter()
        .flatten()
        .for_each(|v| *counts.entry(v).or_default() += 1);
    let with_value: u64 = counts.values().sum();
    let nan = (array.len() - nulls) as u64 - with_value;
    assert_eq!(profile.measure("nan"), count(nan as usize), "NaN of {what}");
    assert_eq!(
        profile.measure("distinct"),
        count(counts.len()),
        "distinct of {what}"
    );
    let text = profile.measure("blank").is_some();
    let shown = |(value, count): (&Value, &u64)| (value.shown(text), *count);
    let expected: Vec<(String, u64)> = counts.iter().map(shown).collect();
    let listed = profile.values.listed().unwrap().into_iter();
    let seen: Vec<(String, u64)> = listed.map(|(key, n)| (format!("{key:?}"), n)).collect();
    assert_eq!(seen, expected, "values of {what}");
    let whole = counts.iter().filter_map(|(v, n)| match v {
        Value::Int(v) => Some(BigInt::from(*v) * *n),
        _ => None,
    });
    if let Some(
        Scalar::Int(Integer(v))
        | Scalar::Decimal {
            unscaled: Integer(v),
            ..
        },
    ) = profile.measure("sum")
    {
        assert_eq!(BigInt::from(v), whole.sum::<BigInt>(), "sum of {what}");
    }
    let lengths = counts.keys().filter_map(|v| match v {
        Value::Bytes(b) if text => Some(std::str::from_utf8(b).unwrap().chars().count()),
        Value::Bytes(b) => Some(b.len()),
        _ => None,
    });
    assert_eq!(
        profile.measure("length_min"),
        lengths.clone().min().and_then(count),
        "shortest of {what}"
    );
    assert_eq!(
        profile.measure("length_max"),
        lengths.max().and_then(count),
        "longest of {what}"
    );
}
