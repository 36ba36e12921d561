//! Columns of every type, with values that look random and are the same in every run.

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BinaryViewArray, BooleanArray, Date32Array,
    Date64Array, Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array,
    DurationMicrosecondArray, DurationMillisecondArray, DurationNanosecondArray,
    DurationSecondArray, FixedSizeBinaryArray, FixedSizeListArray, Float16Array, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray,
    LargeBinaryArray, LargeListArray, LargeStringArray, ListArray, MapArray, NullArray,
    StringArray, StringViewArray, StructArray, Time32MillisecondArray, Time32SecondArray,
    Time64MicrosecondArray, Time64NanosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Field, Float16Type, TimeUnit, i256};
use std::sync::Arc;

/// A generator of numbers (xorshift64*, Marsaglia 2003, Vigna 2016).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }
}

/// Whole numbers that repeat, come in runs, climb, or are anything; the extremes are among them.
pub(super) fn numbers(dice: &mut Dice, rows: usize) -> Vec<i64> {
    const EDGES: [i64; 7] = [0, -1, 1, i64::MIN, i64::MAX, 1 << 31, -(1 << 31) - 1];
    let shape = dice.below(5);
    let mut now = dice.next().cast_signed();
    let mut next = |i: usize| match shape {
        0 => EDGES[dice.below(EDGES.len())],
        1 => {
            if dice.below(20) == 0 {
                now = dice.next().cast_signed();
            }
            now
        }
        2 => {
            now = now.wrapping_add((dice.next() % 1000).cast_signed());
            now
        }
        3 => (dice.next() % 300).cast_signed() - 100,
        _ if i % 40 == 7 => EDGES[dice.below(EDGES.len())],
        _ => dice.next().cast_signed() >> dice.below(64),
    };
    (0..rows).map(&mut next).collect()
}

fn floats(dice: &mut Dice, rows: usize) -> Vec<f64> {
    const EDGES: [f64; 9] = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1.5,
        -2.25,
        f64::MIN_POSITIVE,
        f64::MAX,
    ];
    let shape = dice.below(3);
    let mut next = |_| match shape {
        0 => EDGES[dice.below(EDGES.len())],
        1 => dice.below(50) as f64 / 4.0,
        _ if dice.below(30) == 0 => EDGES[dice.below(5)],
        _ => (dice.next().cast_signed() >> dice.below(60)) as f64 / 1024.0,
    };
    (0..rows).map(&mut next).collect()
}

/// Byte strings that repeat, or begin like the one before; some are empty, some longer than a page.
fn strings(dice: &mut Dice, rows: usize) -> Vec<Vec<u8>> {
    const WORDS: [&str; 8] = [
        "",
        " ",
        "a",
        "axis",
        "axle",
        "\u{e9}\u{4e2d}",
        "babyhood",
        "\t \n",
    ];
    let shape = dice.below(3);
    let mut next = |i: usize| match shape {
        0 => WORDS[dice.below(WORDS.len())].as_bytes().to_vec(),
        1 => format!("customer#{:09}", i / 2 + dice.below(3)).into_bytes(),
        _ if dice.below(60) == 0 => vec![b'x'; 500],
        _ => format!(
            "{}{:x}",
            WORDS[dice.below(8)],
            dice.next() >> dice.below(64)
        )
        .into_bytes(),
    };
    (0..rows).map(&mut next).collect()
}

fn texts(dice: &mut Dice, rows: usize) -> Vec<String> {
    let strings = strings(dice, rows).into_iter();
    strings.map(|s| String::from_utf8(s).unwrap()).collect()
}

/// Every type that a Parquet file can hold and that arrow-rs can write, nested ones too.
pub(super) fn types() -> Vec<DataType> {
    use DataType as D;
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let item = |dtype| Arc::new(Field::new_list_field(dtype, true));
    let mut all = vec![
        D::Null,
        D::Boolean,
        D::Int8,
        D::Int16,
        D::Int32,
        D::Int64,
        D::UInt8,
        D::UInt16,
        D::UInt32,
        D::UInt64,
        D::Float16,
        D::Float32,
        D::Float64,
        D::Date32,
        D::Date64,
        D::Time32(Second),
        D::Time32(Millisecond),
        D::Time64(Microsecond),
        D::Time64(Nanosecond),
        D::Decimal32(1, 0),
        D::Decimal32(9, 2),
        D::Decimal64(10, 3),
        D::Decimal64(18, 2),
        D::Decimal128(1, 1),
        D::Decimal128(9, 4),
        D::Decimal128(10, 0),
        D::Decimal128(18, 18),
        D::Decimal256(5, 2),
        D::Decimal256(30, 2),
        D::Decimal256(76, 10),
        D::Utf8,
        D::LargeUtf8,
        D::Utf8View,
        D::Binary,
        D::LargeBinary,
        D::BinaryView,
        D::FixedSizeBinary(1),
        D::FixedSizeBinary(3),
        D::FixedSizeBinary(8),
        D::FixedSizeBinary(16),
        D::Interval(arrow::datatypes::IntervalUnit::YearMonth),
        D::Dictionary(D::Int32.into(), D::Utf8.into()),
        D::Dictionary(D::Int8.into(), D::Int64.into()),
        D::List(item(D::Int32)),
        D::LargeList(item(D::Utf8)),
        D::FixedSizeList(item(D::Int16), 2),
        D::List(item(D::List(item(D::Float64)))),
        D::List(item(D::Struct(
            vec![Field::new("a", D::Int32, true)].into(),
        ))),
        D::Map(Arc::new(entries()), false),
        structure(),
    ];
    all.extend((19..=38).step_by(3).map(|p| D::Decimal128(p, 5)));
    for unit in [Second, Millisecond, Microsecond, Nanosecond] {
        all.push(D::Duration(unit));
        for zone in [None, Some("UTC"), Some("+02:00"), Some("Europe/Berlin")] {
            all.push(D::Timestamp(unit, zone.map(Into::into)));
        }
    }
    all
}

fn entries() -> Field {
    let key = Field::new("keys", DataType::Utf8, false);
    let value = Field::new("values", DataType::Int64, true);
    Field::new("entries", DataType::Struct(vec![key, value].into()), false)
}

/// A struct with what is nested in a struct: another struct, and a list.
fn structure() -> DataType {
    let list = DataType::List(Arc::new(Field::new_list_field(DataType::Int32, true)));
    let inner = vec![
        Field::new("c", DataType::Utf8, true),
        Field::new("d", DataType::Float64, false),
    ];
    let fields = vec![
        Field::new("a", DataType::Int32, true),
        Field::new("b", DataType::Struct(inner.into()), true),
        Field::new("l", list, true),
    ];
    DataType::Struct(fields.into())
}

/// Which rows of a column are null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Nulls {
    /// None, and the column says so.
    Required,
    None,
    All,
    First,
    Last,
    Alternating,
    Runs,
    Random,
}

impl Nulls {
    pub(super) const EVERY: [Self; 8] = [
        Self::Required,
        Self::None,
        Self::All,
        Self::First,
        Self::Last,
        Self::Alternating,
        Self::Runs,
        Self::Random,
    ];

    fn mask(self, dice: &mut Dice, rows: usize) -> Vec<bool> {
        let null = |i: usize| match self {
            Self::Required | Self::None => false,
            Self::All => true,
            Self::First => i == 0,
            Self::Last => i + 1 == rows,
            Self::Alternating => i % 2 == 1,
            Self::Runs => i / 37 % 2 == 1,
            Self::Random => dice.below(3) == 0,
        };
        (0..rows).map(null).collect()
    }
}

/// A column; nested ones have nulls inside too.
pub(super) fn column(dtype: &DataType, nulls: Nulls, dice: &mut Dice, rows: usize) -> ArrayRef {
    let values = values(dtype, nulls, dice, rows);
    let mask = nulls.mask(dice, rows);
    if *dtype == DataType::Null || mask.iter().all(|null| !null) {
        return values;
    }
    nullif(&values, &BooleanArray::from(mask)).unwrap()
}

/// Arrays of numbers that are cut to the width of their type.
macro_rules! whole {
    ($array:ty, $native:ty, $numbers:expr) => {
        Arc::new(<$array>::from_iter_values(
            $numbers.into_iter().map(|v| v as $native),
        ))
    };
}

fn values(dtype: &DataType, nulls: Nulls, dice: &mut Dice, rows: usize) -> ArrayRef {
    use DataType as D;
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let within =
        |most: i64, numbers: Vec<i64>| numbers.into_iter().map(move |v| v.rem_euclid(most));
    match dtype {
        D::Null => Arc::new(NullArray::new(rows)),
        D::Boolean => {
            let truths = numbers(dice, rows).into_iter().map(|v| v % 3 == 0);
            Arc::new(BooleanArray::from(truths.collect::<Vec<_>>()))
        }
        D::Int8 => whole!(Int8Array, i8, numbers(dice, rows)),
        D::Int16 => whole!(Int16Array, i16, numbers(dice, rows)),
        D::Int32 => whole!(Int32Array, i32, numbers(dice, rows)),
        D::Int64 => whole!(Int64Array, i64, numbers(dice, rows)),
        D::UInt8 => whole!(UInt8Array, u8, numbers(dice, rows)),
        D::UInt16 => whole!(UInt16Array, u16, numbers(dice, rows)),
        D::UInt32 => whole!(UInt32Array, u32, numbers(dice, rows)),
        D::UInt64 => whole!(UInt64Array, u64, numbers(dice, rows)),
        D::Float16 => {
            let half = |v: i64| <Float16Type as ArrowPrimitiveType>::Native::from_bits(v as u16);
            Arc::new(Float16Array::from_iter_values(
                numbers(dice, rows).into_iter().map(half),
            ))
        }
        D::Float32 => whole!(Float32Array, f32, floats(dice, rows)),
        D::Float64 => whole!(Float64Array, f64, floats(dice, rows)),
        D::Date32 => whole!(Date32Array, i32, numbers(dice, rows)),
        D::Date64 => whole!(Date64Array, i64, numbers(dice, rows).iter().map(|v| v >> 9)),
        D::Time32(Second) => whole!(Time32SecondArray, i32, within(86_400, numbers(dice, rows))),
        D::Time32(_) => whole!(
            Time32MillisecondArray,
            i32,
            within(86_400_000, numbers(dice, rows))
        ),
        D::Time64(Microsecond) => whole!(
            Time64MicrosecondArray,
            i64,
            within(86_400_000_000, numbers(dice, rows))
        ),
        D::Time64(_) => whole!(
            Time64NanosecondArray,
            i64,
            within(86_400_000_000_000, numbers(dice, rows))
        ),
        D::Duration(Second) => whole!(DurationSecondArray, i64, numbers(dice, rows)),
        D::Duration(Millisecond) => whole!(DurationMillisecondArray, i64, numbers(dice, rows)),
        D::Duration(Microsecond) => whole!(DurationMicrosecondArray, i64, numbers(dice, rows)),
        D::Duration(Nanosecond) => whole!(DurationNanosecondArray, i64, numbers(dice, rows)),
        D::Timestamp(unit, zone) => {
            let local = numbers(dice, rows).into_iter();
            let zone = zone.clone();
            match unit {
                Second => {
                    Arc::new(TimestampSecondArray::from_iter_values(local).with_timezone_opt(zone))
                }
                Millisecond => Arc::new(
                    TimestampMillisecondArray::from_iter_values(local).with_timezone_opt(zone),
                ),
                Microsecond => Arc::new(
                    TimestampMicrosecondArray::from_iter_values(local).with_timezone_opt(zone),
                ),
                Nanosecond => Arc::new(
                    TimestampNanosecondArray::from_iter_values(local).with_timezone_opt(zone),
                ),
            }
        }
        D::Decimal32(p, s) => {
            let digits = numbers(dice, rows)
                .into_iter()
                .map(|v| (v % 10_i64.pow(u32::from(*p))) as i32);
            Arc::new(
                Decimal32Array::from_iter_values(digits)
                    .with_precision_and_scale(*p, *s)
                    .unwrap(),
            )
        }
        D::Decimal64(p, s) => {
            let digits = numbers(dice, rows)
                .into_iter()
                .map(|v| v % 10_i64.pow(u32::from(*p)));
            Arc::new(
                Decimal64Array::from_iter_values(digits)
                    .with_precision_and_scale(*p, *s)
                    .unwrap(),
            )
        }
        D::Decimal128(p, s) => {
            let high = numbers(dice, rows);
            let both = high.into_iter().zip(numbers(dice, rows));
            let digits = both
                .map(|(a, b)| (i128::from(a) << 64 | i128::from(b)) % 10_i128.pow(u32::from(*p)));
            Arc::new(
                Decimal128Array::from_iter_values(digits)
                    .with_precision_and_scale(*p, *s)
                    .unwrap(),
            )
        }
        D::Decimal256(p, s) => {
            let digits = numbers(dice, rows)
                .into_iter()
                .map(|v| i256::from_i128(i128::from(v % 100_000)));
            Arc::new(
                Decimal256Array::from_iter_values(digits)
                    .with_precision_and_scale(*p, *s)
                    .unwrap(),
            )
        }
        D::Utf8 => Arc::new(StringArray::from_iter_values(texts(dice, rows))),
        D::LargeUtf8 => Arc::new(LargeStringArray::from_iter_values(texts(dice, rows))),
        D::Utf8View => Arc::new(StringViewArray::from_iter_values(texts(dice, rows))),
        D::Binary => Arc::new(BinaryArray::from_iter_values(strings(dice, rows))),
        D::LargeBinary => Arc::new(LargeBinaryArray::from_iter_values(strings(dice, rows))),
        D::BinaryView => Arc::new(BinaryViewArray::from_iter_values(strings(dice, rows))),
        D::FixedSizeBinary(n) => {
            let width = usize::try_from(*n).unwrap();
            let bytes = numbers(dice, rows)
                .into_iter()
                .map(|v| v.to_be_bytes().repeat(2)[16 - width..].to_vec());
            Arc::new(FixedSizeBinaryArray::try_from_iter(bytes).unwrap())
        }
        D::Interval(_) => whole!(IntervalYearMonthArray, i32, numbers(dice, rows)),
        D::Dictionary(_, inner) if **inner == D::Utf8 => {
            cast(&StringArray::from_iter_values(texts(dice, rows)), dtype).unwrap()
        }
        D::Dictionary(..) => {
            let few = numbers(dice, rows).into_iter().map(|v| v % 60);
            cast(&Int64Array::from_iter_values(few), dtype).unwrap()
        }
        nested => self::nested(nested, nulls, dice, rows),
    }
}

fn nested(dtype: &DataType, nulls: Nulls, dice: &mut Dice, rows: usize) -> ArrayRef {
    use DataType as D;
    let inside = |dtype: &DataType, dice: &mut Dice, rows: usize| column(dtype, nulls, dice, rows);
    let lengths: Vec<usize> = (0..rows).map(|_| [0, 0, 1, 2, 5][dice.below(5)]).collect();
    let all = lengths.iter().sum();
    match dtype {
        D::Struct(fields) => {
            let arrays = fields.iter().map(|f| {
                if f.is_nullable() {
                    inside(f.data_type(), dice, rows)
                } else {
                    column(f.data_type(), Nulls::Required, dice, rows)
                }
            });
            Arc::new(StructArray::new(fields.clone(), arrays.collect(), None))
        }
        D::List(item) => {
            let offsets = OffsetBuffer::from_lengths(lengths);
            let values = inside(item.data_type(), dice, all);
            Arc::new(ListArray::new(item.clone(), offsets, values, None))
        }
        D::LargeList(item) => {
            let offsets = OffsetBuffer::from_lengths(lengths);
            let values = inside(item.data_type(), dice, all);
            Arc::new(LargeListArray::new(item.clone(), offsets, values, None))
        }
        D::FixedSizeList(item, size) => {
            let values = inside(
                item.data_type(),
                dice,
                rows * usize::try_from(*size).unwrap(),
            );
            Arc::new(FixedSizeListArray::new(item.clone(), *size, values, None))
        }
        D::Map(entries, _) => {
            let keys = column(&D::Utf8, Nulls::Required, dice, all);
            let values = inside(&D::Int64, dice, all);
            let D::Struct(fields) = entries.data_type() else {
                unreachable!("entries of a map are a struct")
            };
            let pairs = StructArray::new(fields.clone(), vec![keys, values], None);
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(MapArray::new(
                entries.clone(),
                offsets,
                pairs,
                None::<NullBuffer>,
                false,
            ))
        }
        other => panic!("no values of {other}"),
    }
}
