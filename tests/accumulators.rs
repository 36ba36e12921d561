//! Many values at a time give the profile that the same values give one by one, and parts that nobody asks for are
//! absent.

use proptest::prelude::*;
use std::collections::BTreeSet;
use tollgate::measure::{ColumnProfile, Profile, Wants, bins, saved};
use tollgate::types::LogicalType;

/// Numbers that look random, always the same for a seed.
///
/// Source: `SplitMix64`, as Steele, Lea and Flood give it (2014).
fn random(seed: u64, length: usize) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    })
    .take(length)
}

fn column(dtype: &LogicalType) -> ColumnProfile {
    ColumnProfile::new("c", dtype)
}

/// The profile of the parts, each filled by `add` and merged in turn from the left and from the right.
fn merged<T>(
    dtype: &LogicalType,
    values: &[T],
    part: usize,
    add: impl Fn(&mut ColumnProfile, &[T]),
) -> ColumnProfile {
    let mut whole = column(dtype);
    for (number, part) in values.chunks(part).enumerate() {
        let mut next = column(dtype);
        next.add_rows(part.len() as u64, 0);
        add(&mut next, part);
        if number % 2 == 0 {
            whole.merge(&next).unwrap();
        } else {
            next.merge(&whole).unwrap();
            whole = next;
        }
    }
    whole
}

fn json(column: &ColumnProfile) -> String {
    let profile = Profile {
        rows: column.counters.rows,
        columns: vec![column.clone()],
    };
    saved::to_json(&profile).unwrap()
}

/// Few values, more than a block, more than are listed one by one.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![0usize..40, 1_000usize..3_000, 11_000usize..16_000]
}

fn whole_types() -> impl Strategy<Value = LogicalType> {
    prop_oneof![
        Just(LogicalType::Int(64)),
        Just(LogicalType::Decimal(18, 2)),
        Just(LogicalType::Decimal(9, -3)),
        Just(LogicalType::Date),
        Just(LogicalType::Timestamp { utc: true }),
    ]
}

/// Floats of a kind: money, whole numbers, around 0, of every size, and those that are no numbers.
fn float(kind: u8, word: u64) -> f64 {
    match kind {
        0 => (word % 10_000_000) as f64 / 100.0,
        1 => (word >> 20) as f64,
        2 => (word as f64 / 2f64.powi(64)).ln(),
        3 => f64::from_bits(word),
        _ => [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            0.0,
            f64::MAX,
            5e-324,
            -1e300,
            1.5,
        ][(word % 9) as usize],
    }
}

fn text(kind: u8, word: u64) -> String {
    let length = (word >> 32) as usize % 50;
    match kind {
        0 => format!("customer {}", word % 30_000),
        1 => "é\u{3000}x€𝄞".chars().cycle().take(length).collect(),
        2 => [
            " ",
            "\t\u{a0}",
            "\u{2003}",
            "",
            " a",
            "\u{1680} ",
            "a ",
            "\u{85}\u{200b}",
        ][word as usize % 8]
            .to_owned(),
        _ => "y".repeat(length * 4) + &(word % 20_000).to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn many_whole_numbers_are_as_many_single_ones(
        dtype in whole_types(),
        (seed, length, bits) in (any::<u64>(), lengths(), 0u32..64),
        base in prop_oneof![Just(0i64), any::<i64>()],
        factor in prop_oneof![Just(1i64), Just(1_000), Just(1_000_000_000)],
        (sort, part) in (any::<bool>(), prop_oneof![Just(4_000usize), Just(100_000)]),
    ) {
        let near = |word: u64| base.wrapping_add(word.cast_signed() >> bits);
        let mut values: Vec<i64> = random(seed, length).map(near).collect();
        if sort {
            values.sort_unstable();
        }
        let whole = |v: &i64| i128::from(*v) * i128::from(factor);
        let one_by_one = merged(&dtype, &values, length.max(1), |c, part| {
            part.iter().for_each(|v| c.add_int(whole(v), 1));
        });
        let many = merged(&dtype, &values, part, |c, part| c.add_ints(part, factor));
        let wide = merged(&dtype, &values, part, |c, part| {
            c.add_wide_ints(&part.iter().map(whole).collect::<Vec<_>>());
        });
        prop_assert!(many == one_by_one && wide == one_by_one);
        prop_assert_eq!(json(&many), json(&one_by_one));
    }

    #[test]
    fn many_floats_are_as_many_single_ones(
        (seed, length, kind, odd) in (any::<u64>(), lengths(), 0u8..5, any::<bool>()),
        part in prop_oneof![Just(4_000usize), Just(100_000)],
    ) {
        let one = |word: u64| float(if odd && word % 50 == 7 { 9 } else { kind }, word >> 3);
        let values: Vec<f64> = random(seed, length).map(one).collect();
        let one_by_one = merged(&LogicalType::Float(64), &values, length.max(1), |c, part| {
            part.iter().for_each(|v| c.add_float(*v, 1));
        });
        let many = merged(&LogicalType::Float(64), &values, part, ColumnProfile::add_floats);
        prop_assert!(many == one_by_one);
        prop_assert_eq!(json(&many), json(&one_by_one));
    }

    #[test]
    fn many_texts_are_as_many_single_ones(
        (seed, length, kind) in (any::<u64>(), lengths(), 0u8..4),
        part in prop_oneof![Just(4_000usize), Just(100_000)],
    ) {
        let values: Vec<String> = random(seed, length).map(|word| text(kind, word)).collect();
        let one_by_one = merged(&LogicalType::String, &values, length.max(1), |c, part| {
            part.iter().for_each(|v| c.add_text(v, 1));
        });
        let many = merged(&LogicalType::String, &values, part, |c, part| {
            c.add_texts(part.iter().map(String::as_str));
        });
        prop_assert!(many == one_by_one);
        prop_assert_eq!(json(&many), json(&one_by_one));
        let blank = values.iter().filter(|v| v.trim().is_empty()).count() as u64;
        prop_assert_eq!(many.counters.blank, blank);
        let lengths = values.iter().map(|v| v.chars().count() as u64);
        prop_assert_eq!(many.lengths, lengths.clone().min().zip(lengths.max()));
        prop_assert_eq!(many.measure("min").map(|v| v.to_string()), values.iter().min().cloned());
        prop_assert_eq!(many.measure("max").map(|v| v.to_string()), values.iter().max().cloned());
    }

    #[test]
    fn bins_are_the_finest_that_the_cap_allows(
        (seed, kind) in (any::<u64>(), 0u8..4),
        part in prop_oneof![Just(3_000usize), Just(100_000)],
    ) {
        let values: Vec<f64> = random(seed, 15_000).map(|w| float(kind, w)).filter(|v| !v.is_nan()).collect();
        let column = merged(&LogicalType::Float(64), &values, part, ColumnProfile::add_floats);
        let found = column.bins();
        let at = |shift: u32| values.iter().map(|v| bins::key(*v) >> shift).collect::<BTreeSet<_>>();
        prop_assert!(at(found.shift()).len() <= bins::BIN_CAP);
        prop_assert!(found.shift() == 0 || at(found.shift() - 1).len() > bins::BIN_CAP);
        let entries = found.entries();
        prop_assert!(entries.iter().map(|(bin, _)| *bin).eq(at(found.shift())));
        prop_assert_eq!(entries.iter().map(|(_, n)| n).sum::<u64>(), values.len() as u64);
    }
}

const MEASURES: [&str; 21] = [
    "rows",
    "nulls",
    "nan",
    "infinite",
    "zeros",
    "negative",
    "empty",
    "blank",
    "true",
    "null_ratio",
    "min",
    "max",
    "sum",
    "mean",
    "stddev",
    "variance",
    "length_min",
    "length_max",
    "distinct",
    "most_common_ratio",
    "nonsense",
];

/// One column of each kind, of which these parts are wanted, filled in every way there is.
fn filled(wants: Wants) -> Vec<ColumnProfile> {
    let new = |dtype: LogicalType| column(&dtype).wanting(wants);
    let mut whole = new(LogicalType::Int(64));
    whole.add_ints(&[3, 0, -7, 3], 1);
    whole.add_wide_ints(&[i128::MAX, 5]);
    whole.add_int(-2, 3);
    let mut decimal = new(LogicalType::Decimal(9, 2));
    decimal.add_ints(&[150, -25, 0], 1);
    let mut yes = new(LogicalType::Boolean);
    yes.add_ints(&[1, 0, 1], 1);
    yes.add_int(1, 2);
    let mut floats = new(LogicalType::Float(64));
    floats.add_floats(&[1.5, f64::NAN, -0.0, f64::NEG_INFINITY]);
    floats.add_float(f64::NAN, 2);
    floats.add_float(-3.25, 2);
    let mut finite = new(LogicalType::Float(32));
    finite.add_floats(&[1.5, 2.5, -0.25]);
    let mut texts = new(LogicalType::String);
    texts.add_texts(["b", "", " \u{2003}", "éa"]);
    texts.add_text("b", 3);
    let mut bytes = new(LogicalType::Binary);
    bytes.add_bytes(b"", 2);
    bytes.add_bytes(b"xyz", 1);
    let mut columns = vec![whole, decimal, yes, floats, finite, texts, bytes];
    columns.iter_mut().for_each(|c| c.add_rows(12, 1));
    columns
}

#[test]
fn a_measure_that_is_asked_for_is_that_of_the_whole_profile() {
    let whole = filled(Wants::ALL);
    for name in MEASURES {
        for (part, whole) in filled(Wants::of(name)).iter().zip(&whole) {
            let (found, expected) = (part.measure(name), whole.measure(name));
            assert_eq!(
                format!("{found:?}"),
                format!("{expected:?}"),
                "{name} of {}",
                whole.dtype
            );
            for other in MEASURES {
                let given = part.measure(other);
                let asked = Wants::of(name).cover(Wants::of(other));
                assert!(
                    asked || given.is_none(),
                    "{other} where {name} was asked for"
                );
            }
        }
    }
    let seen = MEASURES.map(|name| whole.iter().filter_map(|c| c.measure(name)).count());
    assert!(seen[..20].iter().all(|n| *n > 0), "{seen:?}");
}

#[test]
fn what_nobody_asks_for_is_not_computed() {
    for column in filled(Wants::COUNTS) {
        let counters = column.counters;
        let nan = if column.dtype == LogicalType::Float(64).to_string() {
            3
        } else {
            0
        };
        assert_eq!((counters.rows, counters.nulls, counters.nan), (12, 1, nan));
        let mut empty = ColumnProfile::new("c", &LogicalType::Int(64)).wanting(Wants::COUNTS);
        empty.dtype.clone_from(&column.dtype);
        empty.form = column.form;
        assert_eq!(
            column.values.listed(),
            None,
            "an empty list would say that there are no values"
        );
        assert_eq!(column.values_seen(), None);
        assert_eq!(
            (&column.least, &column.greatest, column.lengths),
            (&None, &None, None)
        );
        assert_eq!(
            (column.sum.to_string(), column.squares.to_string()),
            ("0@0".into(), "0@0".into())
        );
        let others = [
            counters.zeros,
            counters.negative,
            counters.empty,
            counters.blank,
            counters.trues,
        ];
        assert_eq!(
            (others, counters.infinite, counters.negative_infinite),
            ([0; 5], 0, 0)
        );
    }
    let sums = Wants {
        sums: true,
        ..Wants::COUNTS
    };
    assert_eq!(
        filled(sums)[3].counters.negative_infinite,
        1,
        "the sums leave it out"
    );
}

#[test]
fn parts_are_neither_saved_nor_merged_with_others() {
    for name in ["rows", "zeros", "min", "length_min", "sum", "distinct"] {
        let columns = filled(Wants::of(name));
        let mut whole = filled(Wants::ALL)[0].clone();
        let error = whole.merge(&columns[0]).unwrap_err();
        assert!(
            error.contains("`c`") && error.contains("other parts"),
            "{error}"
        );
        let mut twice = columns[0].clone();
        twice.merge(&columns[0]).unwrap();
        assert_eq!(twice.counters.rows, 24);
        let error = saved::to_json(&Profile { rows: 12, columns }).unwrap_err();
        assert!(
            error.contains("`c`") && error.contains("in part only"),
            "{error}"
        );
    }
}
