//! What a cell adds to the hash of its row: its value as it is.

use super::value::scalar_at;
use crate::drift::sample::hash;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Int64Type, UInt64Type};

/// Decimals below it are told apart by the 64-bit floats next to them: 15 digits.
const DIGITS: u128 = 1_000_000_000_000_000;

/// Powers of ten up to this one are 64-bit floats without loss.
const EXACT_POWER: i8 = 22;

/// Stands for a number that is not there.
const NONE: u64 = 1;

/// The code of each number of an array, of which `floats` are the values as 64-bit floats; NaN are nulls.
///
/// Shape: a code per row. Numbers that are equal have the same code in every type, both zeros too; a whole number or a
/// decimal that no 64-bit float tells apart from others has one of its own.
pub(super) fn numbers(array: &ArrayRef, floats: &[f64]) -> Vec<u64> {
    let each = |code: &dyn Fn(usize) -> u64| {
        let rows = floats.iter().enumerate();
        let coded = |(row, v): (usize, &f64)| if v.is_nan() { NONE } else { code(row) };
        rows.map(coded).collect()
    };
    match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            each(&|row| whole(values.value(row).into()))
        }
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            each(&|row| whole(values.value(row).into()))
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            each(&|row| decimal(values.value(row), *scale))
        }
        DataType::Decimal256(_, scale) => {
            let values = array.as_primitive::<Decimal256Type>();
            each(&|row| match values.value(row).to_i128() {
                Some(unscaled) => decimal(unscaled, *scale),
                None => value(array, row),
            })
        }
        _ => floats.iter().map(|v| float(*v)).collect(),
    }
}

fn float(value: f64) -> u64 {
    if value.is_nan() {
        NONE
    } else {
        (value + 0.0).to_bits()
    }
}

fn whole(value: i128) -> u64 {
    let near = value as f64;
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
    let back = near as i128;
    if back == value {
        float(near)
    } else {
        own(value, 0)
    }
}

fn decimal(unscaled: i128, scale: i8) -> u64 {
    let (mut value, mut scale) = (unscaled, scale);
    while scale > 0 && value % 10 == 0 {
        (value, scale) = (value / 10, scale - 1);
    }
    while scale < 0 {
        match value.checked_mul(10) {
            Some(more) => (value, scale) = (more, scale + 1),
            None => return own(value, scale),
        }
    }
    match scale {
        0 => whole(value),
        1..=EXACT_POWER if value.unsigned_abs() < DIGITS => {
            let power = (0..scale).fold(1.0, |power, _| power * 10.0);
            float(value as f64 / power)
        }
        _ => own(value, scale),
    }
}

/// The code of a number that is no 64-bit float.
fn own(value: i128, scale: i8) -> u64 {
    let bytes = value.to_le_bytes();
    let (low, high) = bytes.split_at(8);
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |word, b| (word << 8) | u64::from(*b))
    };
    let code = hash::with(
        hash::with(word(low), word(high)),
        scale.cast_unsigned().into(),
    );
    hash::finished(code)
}

/// The code of any value, nested ones by all that is in them; 0 for a null.
pub(super) fn value(array: &dyn Array, row: usize) -> u64 {
    if *array.data_type() == DataType::Null || array.is_null(row) {
        return 0;
    }
    match array.data_type() {
        DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row).as_ref()),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row).as_ref()),
        DataType::Map(..) => list(&array.as_map().value(row)),
        DataType::Struct(_) => {
            let fields = array.as_struct().columns().iter();
            hash::finished(fields.fold(1, |code, field| hash::with(code, value(field, row))))
        }
        _ => scalar_at(array, row).map_or(0, |v| hash::text(&v.to_string())),
    }
}

fn list(values: &dyn Array) -> u64 {
    let length = hash::with(2, values.len() as u64);
    let rows = 0..values.len();
    hash::finished(rows.fold(length, |code, row| hash::with(code, value(values, row))))
}

#[cfg(test)]
mod tests {
    use super::{numbers, value};
    use arrow::array::{
        Array, ArrayRef, Decimal128Array, Decimal256Array, Float64Array, Int32Array, Int64Array,
        ListArray, MapBuilder, StringArray, StringBuilder, StructArray, UInt64Array,
    };
    use arrow::compute::cast;
    use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, i256};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn codes(array: ArrayRef) -> Vec<u64> {
        let floats = cast(&array, &DataType::Float64).unwrap();
        let floats = arrow::array::AsArray::as_primitive::<Float64Type>(&floats);
        let floats: Vec<f64> = floats.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
        numbers(&array, &floats)
    }

    fn different(codes: &[u64]) -> usize {
        codes.iter().collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn numbers_that_differ_have_codes_that_do() {
        let near = 1_700_000_000_000_000_000;
        let ids: Vec<i64> = (0..500).map(|i| near + i).collect();
        let large: Vec<u64> = (0..500).map(|i| u64::MAX - i).collect();
        let wide: Vec<i128> = (0..500).map(|i| 10i128.pow(37) + i).collect();
        assert_eq!(different(&codes(Arc::new(Int64Array::from(ids)))), 500);
        assert_eq!(different(&codes(Arc::new(UInt64Array::from(large)))), 500);
        for scale in [-1, 0, 5, 30] {
            let array = Decimal128Array::from(wide.clone());
            let array = array.with_precision_and_scale(38, scale).unwrap();
            assert_eq!(different(&codes(Arc::new(array))), 500, "{scale}");
        }
        let wider: Vec<i256> = (0..500).map(|i| i256::MAX - i256::from(i)).collect();
        assert_eq!(
            different(&codes(Arc::new(Decimal256Array::from(wider)))),
            500
        );
    }

    #[test]
    fn equal_numbers_have_one_code_in_every_type() {
        let floats = codes(Arc::new(Float64Array::from(vec![
            Some(1.1),
            Some(-0.0),
            Some(3.0),
            None,
            Some(1e15),
        ])));
        let of = |unscaled: [i128; 4], scale: i8| {
            let list: Vec<Option<i128>> = unscaled[..3]
                .iter()
                .map(|v| Some(*v))
                .chain([None, Some(unscaled[3])])
                .collect();
            let array = Decimal128Array::from(list);
            codes(Arc::new(array.with_precision_and_scale(38, scale).unwrap()))
        };
        let thousand = 1_000_000_000_000_000;
        assert_eq!(of([11, 0, 30, thousand * 10], 1), floats);
        assert_eq!(of([110, 0, 300, thousand * 100], 2), floats);
        let whole = codes(Arc::new(Int64Array::from(vec![
            0,
            3,
            1_000_000_000_000_000,
            1 << 60,
        ])));
        assert_eq!(whole[..3], [floats[1], floats[2], floats[4]]);
        let small = codes(Arc::new(Int32Array::from(vec![0, 3])));
        assert_eq!(small, whole[..2]);
        let far = codes(Arc::new(Float64Array::from(vec![2f64.powi(60)])));
        assert_eq!(whole[3], far[0]);
    }

    #[test]
    fn nested_values_differ_by_what_is_in_them() {
        let lists: Vec<Option<Vec<Option<i32>>>> = vec![
            None,
            Some(vec![]),
            Some(vec![None]),
            Some(vec![Some(1), Some(2)]),
            Some(vec![Some(2), Some(1)]),
            Some(vec![Some(1), Some(2)]),
        ];
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>(lists);
        let codes: Vec<u64> = (0..list.len()).map(|row| value(&list, row)).collect();
        assert_eq!((codes[0], codes[3]), (0, codes[5]));
        assert_eq!(different(&codes), 5);
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a, b", "a", "a"]));
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![None, Some(1), Some(2)]));
        let field = |name: &str, array: &ArrayRef| {
            Arc::new(Field::new(name, array.data_type().clone(), true))
        };
        let rows = StructArray::from(vec![
            (field("t", &texts), texts.clone()),
            (field("n", &numbers), numbers.clone()),
        ]);
        let codes: Vec<u64> = (0..3).map(|row| value(&rows, row)).collect();
        assert_eq!(different(&codes), 3);
        let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for (key, text) in [("a", "b"), ("b", "a"), ("a", "b")] {
            maps.keys().append_value(key);
            maps.values().append_value(text);
            maps.append(true).unwrap();
        }
        let maps = maps.finish();
        let codes: Vec<u64> = (0..3).map(|row| value(&maps, row)).collect();
        assert_eq!((different(&codes), codes[0]), (2, codes[2]));
    }
}
