//! Counting of distinct values against a list that is walked.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use arrow::array::{BooleanArray, Float64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use std::sync::Arc;
use tollgate::engine::embedded::kernel::values::Denominator;
use tollgate::engine::embedded::kernel::{Considered, MostCommon, ValueSet};
use tollgate::scalar::Scalar;

fn batch(values: &[Option<f64>]) -> RecordBatch {
    let array = Arc::new(values.iter().copied().collect::<Float64Array>());
    RecordBatch::try_from_iter_with_nullable([("x", array as _, true)]).unwrap()
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        Just(Some(f64::NAN)),
        Just(Some(-f64::NAN)),
        Just(Some(-0.0)),
        (0..5i32).prop_map(|v| Some(f64::from(v))),
    ]
}

/// One name per value: NaN is one, and so is zero.
fn name(v: f64) -> String {
    if v.is_nan() {
        "NaN".into()
    } else {
        (v + 0.0).to_string()
    }
}

proptest! {
    #[test]
    fn the_most_common_value_is_what_counting_says(
        batches in prop::collection::vec(prop::collection::vec((value(), prop::option::of(any::<bool>())), 0..20), 0..5),
    ) {
        let mut kernel = MostCommon::new("x", Denominator::NonNull);
        let mut set = ValueSet::new("x", vec![Scalar::Float(0.0), Scalar::Float(3.0), Scalar::Float(9.0)]);
        let mut names: Vec<String> = Vec::new();
        for rows in &batches {
            let values: Vec<_> = rows.iter().map(|r| r.0).collect();
            let keep: BooleanArray = rows.iter().map(|r| r.1).collect();
            let batch = batch(&values);
            let kept = Considered::new(&batch, Some(&keep)).unwrap();
            kernel.first_pass(&batch, kept).unwrap();
            set.first_pass(&batch, kept).unwrap();
            let kept = rows.iter().filter(|r| r.1 == Some(true));
            names.extend(kept.filter_map(|r| r.0).map(name));
        }
        let count = |n: &String| names.iter().filter(|m| *m == n).count();
        let top = names.iter().map(count).max();
        prop_assert_eq!(kernel.ratio(), top.map(|t| t as f64 / names.len() as f64));
        let mut distinct = names.clone();
        distinct.sort();
        distinct.dedup();
        let expected = |n: &String| ["0", "3", "9"].contains(&n.as_str());
        let unexpected = distinct.iter().filter(|n| !expected(n)).count();
        prop_assert_eq!(set.unexpected(), unexpected as u64);
        prop_assert_eq!(set.named().len(), unexpected);
        let missing = ["0", "3", "9"].iter().filter(|n| !distinct.iter().any(|d| d == *n)).count();
        prop_assert_eq!(set.missing().len(), missing);
    }
}

#[test]
fn values_of_a_set_are_those_of_the_column_s_own_kind() {
    let text = Arc::new(StringArray::from(vec![
        Some("b"),
        Some("a"),
        None,
        Some("a"),
    ]));
    let batch = RecordBatch::try_from_iter_with_nullable([("t", text as _, true)]).unwrap();
    let mut set = ValueSet::new(
        "t",
        vec![Scalar::Text("a".into()), Scalar::Text("a".into())],
    );
    let all = Considered::new(&batch, None).unwrap();
    set.first_pass(&batch, all).unwrap();
    assert_eq!(set.named(), [Scalar::Text("b".into())]);
    assert!(set.missing().is_empty());
}
