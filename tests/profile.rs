//! Profiles: every number against a naive computation, and merged profiles against the profile of the union.

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tollgate::engine::embedded::profile::ProfileBuilder;
use tollgate::measure::{ColumnProfile, DistinctCount, Profile, saved};
use tollgate::scalar::Scalar;
use tollgate::types::{Field, LogicalType};

/// One row of the random dataset.
type Row = (
    Option<i64>,
    Option<f64>,
    Option<String>,
    Option<bool>,
    Option<i32>,
    Option<i64>,
);

fn batch(rows: &[Row]) -> RecordBatch {
    let decimals: Decimal128Array = rows.iter().map(|r| r.4.map(i128::from)).collect();
    let moments: TimestampMicrosecondArray = rows.iter().map(|r| r.5).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i",
            Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()),
        ),
        (
            "f",
            Arc::new(rows.iter().map(|r| r.1).collect::<Float64Array>()),
        ),
        (
            "t",
            Arc::new(rows.iter().map(|r| r.2.clone()).collect::<StringArray>()),
        ),
        (
            "b",
            Arc::new(rows.iter().map(|r| r.3).collect::<BooleanArray>()),
        ),
        (
            "d",
            Arc::new(decimals.with_precision_and_scale(12, 2).unwrap()),
        ),
        ("m", Arc::new(moments.with_timezone("UTC"))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

fn fields() -> Vec<Field> {
    let types = [
        ("i", LogicalType::Int(64)),
        ("f", LogicalType::Float(64)),
        ("t", LogicalType::String),
        ("b", LogicalType::Boolean),
        ("d", LogicalType::Decimal(12, 2)),
        ("m", LogicalType::Timestamp { utc: true }),
    ];
    let field = |(name, dtype): (&str, LogicalType)| Field {
        name: name.to_owned(),
        dtype,
        nullable: true,
    };
    types.into_iter().map(field).collect()
}

fn profile(parts: &[&[Row]]) -> Profile {
    let mut builder = ProfileBuilder::new(&fields());
    parts.iter().for_each(|rows| builder.update(&batch(rows)));
    builder.finish()
}

fn row() -> impl Strategy<Value = Row> {
    let float = prop_oneof![
        8 => -1e6f64..1e6,
        2 => proptest::num::f64::NORMAL,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-0.0),
        1 => Just(0.0),
    ];
    let int = prop_oneof![4 => -50i64..50, 1 => any::<i64>()];
    let text = prop_oneof![3 => "[ab]{0,2}", 1 => "\\PC{0,12}", 1 => Just("  ".to_owned())];
    (
        proptest::option::of(int),
        proptest::option::of(float),
        proptest::option::of(text),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<i32>()),
        proptest::option::of(any::<i64>().prop_map(|v| v / 1000)),
    )
}

fn number(column: &ColumnProfile, name: &str) -> Option<f64> {
    column.measure(name).and_then(|v| v.number())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merged_profiles_are_the_profile_of_the_union(
        rows in proptest::collection::vec(row(), 0..80),
        cuts in proptest::collection::vec(0usize..80, 2),
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(rows.len())).collect();
        cuts.sort_unstable();
        let parts = [&rows[..cuts[0]], &rows[cuts[0]..cuts[1]], &rows[cuts[1]..]];
        let whole = saved::to_json(&profile(&[&rows])).unwrap();
        prop_assert_eq!(&saved::to_json(&profile(&parts)).unwrap(), &whole, "batches");
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut merged = profile(&[parts[order[0]]]);
            for i in &order[1..] {
                merged.merge(&profile(&[parts[*i]])).unwrap();
            }
            prop_assert_eq!(&saved::to_json(&merged).unwrap(), &whole, "order {:?}", order);
        }
    }

    #[test]
    fn every_number_is_the_naive_one(rows in proptest::collection::vec(row(), 1..60)) {
        let whole = profile(&[&rows]);
        let (i, f, t) = (&whole.columns[0], &whole.columns[1], &whole.columns[2]);
        let ints: Vec<i64> = rows.iter().filter_map(|r| r.0).collect();
        let sum: i128 = ints.iter().map(|v| i128::from(*v)).sum();
        let wanted = (!ints.is_empty()).then_some(Scalar::Int(tollgate::scalar::Integer(sum)));
        prop_assert_eq!(i.measure("sum"), wanted);
        prop_assert_eq!(i.counters.nulls as usize, rows.len() - ints.len());
        prop_assert_eq!(number(i, "min"), ints.iter().min().map(|v| *v as f64));
        prop_assert_eq!(number(i, "max"), ints.iter().max().map(|v| *v as f64));
        let floats: Vec<f64> = rows.iter().filter_map(|r| r.1).collect();
        prop_assert_eq!(f.counters.nan as usize, floats.iter().filter(|v| v.is_nan()).count());
        let mut valued: Vec<f64> = floats.iter().copied().filter(|v| !v.is_nan()).map(|v| v + 0.0).collect();
        valued.sort_by(f64::total_cmp);
        prop_assert_eq!(f.counters.zeros as usize, valued.iter().filter(|v| **v == 0.0).count());
        for q in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let rank = tollgate::statistics::rank(q, valued.len() as u64).max(1) as usize;
            let found = f.quantile(q);
            let range = valued.get(rank - 1).map(|v| (v.to_bits(), v.to_bits()));
            prop_assert_eq!(found.map(|b| (b.low.to_bits(), b.high.to_bits())), range, "{}", q);
        }
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        rows.iter().filter_map(|r| r.2.as_deref()).for_each(|v| *counts.entry(v).or_default() += 1);
        prop_assert_eq!(t.distinct(), DistinctCount::Exact(counts.len() as u64));
        let listed: Vec<(String, u64)> = counts.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect();
        prop_assert_eq!(t.values_seen(), Some(listed));
        let blank = rows.iter().filter_map(|r| r.2.as_deref()).filter(|v| v.trim().is_empty()).count();
        prop_assert_eq!(t.counters.blank as usize, blank);
        prop_assert_eq!(t.lengths.map(|(_, most)| most), counts.keys().map(|v| v.chars().count() as u64).max());
    }

    #[test]
    fn saved_profiles_read_back(rows in proptest::collection::vec(row(), 0..60)) {
        let whole = profile(&[&rows]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        std::fs::write(&path, saved::to_json(&whole).unwrap()).unwrap();
        prop_assert!(saved::is_saved(&path));
        let back = saved::read(&path).unwrap();
        prop_assert_eq!(saved::to_json(&back).unwrap(), saved::to_json(&whole).unwrap());
        prop_assert_eq!(back, whole);
    }
}

/// Rows with more distinct values than are counted one by one.
fn many(from: i64, to: i64) -> Vec<Row> {
    let row = |i: i64| {
        let mixed = i.wrapping_mul(6_364_136_223_846_793_005).rotate_left(23);
        let float = (mixed % 1_000_003) as f64 / 7.0;
        (
            Some(mixed),
            Some(float),
            Some(format!("v{i}")),
            None,
            Some(i as i32),
            Some(i * 1_000_000),
        )
    };
    (from..to).map(row).collect()
}

#[test]
fn beyond_the_cap_merging_is_still_exact() {
    let rows = many(0, 24_000);
    let whole = saved::to_json(&profile(&[&rows])).unwrap();
    for cuts in [[10, 9_000], [9_999, 10_001], [12_000, 12_000]] {
        let parts = [&rows[..cuts[0]], &rows[cuts[0]..cuts[1]], &rows[cuts[1]..]];
        let mut merged = profile(&[parts[2]]);
        merged.merge(&profile(&[parts[0]])).unwrap();
        merged.merge(&profile(&[parts[1]])).unwrap();
        assert!(saved::to_json(&merged).unwrap() == whole, "{cuts:?}");
    }
}

#[test]
fn beyond_the_cap_estimates_hold_their_bounds() {
    let rows = many(0, 24_000);
    let profile = profile(&[&rows]);
    for column in ["i", "f", "t", "d", "m"] {
        let DistinctCount::About(estimate) = profile.column(column).unwrap().distinct() else {
            panic!("{column} is counted");
        };
        let wanted = if column == "f" {
            let mut floats: Vec<u64> = rows.iter().filter_map(|r| r.1).map(f64::to_bits).collect();
            floats.sort_unstable();
            floats.dedup();
            floats.len() as f64
        } else {
            24_000.0
        };
        assert!(
            (estimate / wanted - 1.0).abs() < 0.065,
            "{column}: {estimate}, not {wanted}"
        );
    }
    let mut floats: Vec<f64> = rows.iter().filter_map(|r| r.1).collect();
    floats.sort_by(f64::total_cmp);
    for q in [0.01, 0.25, 0.5, 0.75, 0.99] {
        let wanted = floats[tollgate::statistics::rank(q, 24_000) as usize - 1];
        let found = profile.column("f").unwrap().quantile(q).unwrap();
        assert!(
            found.low <= wanted && wanted <= found.high,
            "{q}: {found:?}, not {wanted}"
        );
        assert!(
            (found.high - found.low) <= wanted.abs() * 0.01 + 1e-9,
            "{q}: {found:?} is wide"
        );
    }
}

#[test]
fn profiles_that_do_not_fit_are_refused() {
    let ints = ProfileBuilder::new(&fields()[..1]).finish();
    let mut floats = ProfileBuilder::new(&[Field {
        name: "i".to_owned(),
        ..fields()[1].clone()
    }])
    .finish();
    assert_eq!(
        floats.merge(&ints),
        Err("column `i` is float64 in one and int64 in another".to_owned())
    );
    let mut other = ProfileBuilder::new(&fields()[1..2]).finish();
    assert!(other.merge(&ints).unwrap_err().contains("column `i`"));
}

#[test]
fn a_column_of_nulls_fits_every_type() {
    let null = Field {
        name: "i".to_owned(),
        dtype: LogicalType::Null,
        nullable: true,
    };
    let mut nulls = ProfileBuilder::new(&[null]).finish();
    let ints = profile(&[&many(0, 3)]);
    let ints = Profile {
        rows: 3,
        columns: vec![ints.columns[0].clone()],
    };
    let mut merged = ints.clone();
    merged.merge(&nulls).unwrap();
    nulls.merge(&ints).unwrap();
    assert_eq!(merged, nulls);
    assert_eq!(merged, ints);
}

#[test]
fn a_column_that_is_not_profiled_claims_no_distinct_values() {
    let list = LogicalType::List(Box::new(LogicalType::Int(64)));
    let fields = [Field {
        name: "l".to_owned(),
        dtype: list,
        nullable: true,
    }];
    let rows = [Some(vec![Some(1), Some(2)]), None];
    let array = ListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>(rows);
    let batch = RecordBatch::try_from_iter([("l", Arc::new(array) as ArrayRef)]).unwrap();
    let mut builder = ProfileBuilder::new(&fields);
    builder.update(&batch);
    let profile = builder.finish();
    let summary = profile.columns[0].summary(tollgate::contract::Privacy::Open);
    assert!(summary.not_profiled.is_some(), "{summary:?}");
    assert_eq!((summary.distinct.as_str(), summary.nulls), ("", 1));
}

#[test]
fn a_file_that_is_no_profile_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    for (text, reason) in [
        ("{}", "it is not a profile"),
        ("{", "it is not JSON"),
        (
            r#"{"kind": "tollgate-profile", "schema_version": "9.0"}"#,
            "its version is 9.0",
        ),
        (
            r#"{"kind": "tollgate-profile", "schema_version": "1.0", "rows": 1, "columns": [{"name": "a", "type": "int64", "form": "integer", "counters": {"rows": 1, "nulls": 2, "nan": 0, "infinite": 0, "negative_infinite": 0, "zeros": 0, "negative": 0, "empty": 0, "blank": 0, "trues": 0}, "counts": []}]}"#,
            "more nulls than rows",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = saved::read(&path).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(error.exit_code(), 3);
    }
}
