//! Gauges and row tests over whole columns against naive loops: batches cut anywhere, rows in any order, nulls, NaN, filters.

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tollgate::contract::Privacy;
use tollgate::engine::embedded::kernel::at::SameColumns;
use tollgate::engine::embedded::kernel::change::{Change, Step};
use tollgate::engine::embedded::kernel::counts::{Asked as OfCounts, Of, ValueCounts};
use tollgate::engine::embedded::kernel::fences::{Allowed, Fences, Score};
use tollgate::engine::embedded::kernel::numbers::{Asked, Numbers};
use tollgate::engine::embedded::kernel::pairs::{NumberPairs, OfNumbers};
use tollgate::engine::embedded::kernel::periods::{Next, Period, Periods, Sequence};
use tollgate::engine::embedded::kernel::{Gauge, Gauged, Kernel};
use tollgate::statistics::sample::{Estimator, QuantileMethod};

/// A number, a text, a day, and whether the filter keeps the row.
type Row = (Option<f64>, Option<u8>, Option<i32>, bool);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = prop_oneof![
        4 => (-40i32..40).prop_map(|v| Some(f64::from(v) / 4.0)),
        1 => Just(Some(-0.0)),
        1 => Just(Some(f64::NAN)),
        1 => Just(None),
    ];
    let text = prop_oneof![4 => (0u8..4).prop_map(Some), 1 => Just(None)];
    let day = prop_oneof![4 => (15_000i32..15_030).prop_map(Some), 1 => Just(None)];
    let row = (number, text, day, prop::bool::weighted(0.8));
    prop::collection::vec(row, 0..60)
}

fn batches(rows: &[Row], size: usize) -> Vec<(RecordBatch, BooleanArray)> {
    let one = |rows: &[Row]| {
        let columns: Vec<(&str, ArrayRef, bool)> = vec![
            (
                "x",
                Arc::new(rows.iter().map(|r| r.0).collect::<Float64Array>()),
                true,
            ),
            (
                "t",
                Arc::new(
                    rows.iter()
                        .map(|r| r.1.map(|t| t.to_string()))
                        .collect::<StringArray>(),
                ),
                true,
            ),
            (
                "d",
                Arc::new(rows.iter().map(|r| r.2).collect::<Date32Array>()),
                true,
            ),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        (batch, rows.iter().map(|r| Some(r.3)).collect())
    };
    if rows.is_empty() {
        return vec![one(rows)];
    }
    rows.chunks(size).map(one).collect()
}

fn gauged(mut gauge: Gauge, rows: &[Row], size: usize) -> Gauged {
    for (batch, filter) in batches(rows, size) {
        gauge.first_pass(&batch, Some(&filter)).unwrap();
    }
    gauge.finish()
}

/// Failing rows of the first pass, and one flag per row of the second.
fn tested(mut kernel: Kernel, rows: &[Row], size: usize) -> (u64, Vec<bool>) {
    let all = batches(rows, size);
    for (batch, filter) in &all {
        kernel.first_pass(batch, Some(filter)).unwrap();
    }
    let failing = kernel.finish().failing;
    let flags = all.iter().flat_map(|(batch, filter)| {
        let flags = kernel.second_pass(batch, Some(filter)).unwrap();
        flags.iter().map(Option::unwrap).collect::<Vec<_>>()
    });
    (failing, flags.collect())
}

fn every_gauge() -> Vec<Gauge> {
    let x = |asked| Gauge::Numbers(Numbers::new("x", asked));
    let t = |asked| Gauge::Counts(ValueCounts::new(vec!["t".to_owned()], asked, Of::Valued));
    let by = vec!["t".to_owned()];
    vec![
        x(Asked::Skewness(Estimator::Sample)),
        x(Asked::Kurtosis(Estimator::Population)),
        x(Asked::Variation(1.0)),
        x(Asked::SumAbs),
        x(Asked::Mad(1.0)),
        x(Asked::Iqr(QuantileMethod::Linear)),
        x(Asked::Benford),
        x(Asked::Quantile(0.3, QuantileMethod::Hazen)),
        t(OfCounts::Entropy(2.0)),
        t(OfCounts::Uniqueness),
        t(OfCounts::Balance),
        t(OfCounts::Top(2)),
        Gauge::Pairs(NumberPairs::new(
            ["x".to_owned(), "d".to_owned()],
            OfNumbers::Spearman,
        )),
        Gauge::Periods(
            Periods::new("d", Period::Week, 1, [None, None], by.clone()),
            Privacy::Open,
        ),
        Gauge::Sequence(Sequence::new("d", Next::Periods(1, Period::Day), by)),
    ]
}

proptest! {
    #[test]
    fn no_gauge_depends_on_batches_or_on_the_order_of_rows(
        rows in rows(), sizes in (1usize..30, 1usize..30), seed in any::<u64>()
    ) {
        let mut other = rows.clone();
        other.sort_by_key(|r| seed.wrapping_mul(r.2.unwrap_or(7) as u64 | 1) ^ r.0.unwrap_or(0.0).to_bits());
        for (one, two) in every_gauge().into_iter().zip(every_gauge()) {
            let (a, b) = (gauged(one, &rows, sizes.0), gauged(two, &other, sizes.1));
            prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }

    #[test]
    fn outliers_are_those_of_a_loop(rows in rows(), size in 1usize..30, limit in 0.0f64..3.0) {
        let kept: Vec<f64> = rows.iter().filter(|r| r.3).filter_map(|r| r.0).filter(|v| !v.is_nan()).collect();
        let n = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / n;
        let deviation = (kept.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let score = |v: f64| ((v - mean) / deviation).abs();
        // A score at the limit may be rounded to either side of it.
        prop_assume!(kept.iter().all(|v| (score(*v) - limit).abs() > 1e-9) || n < 2.0 || deviation == 0.0);
        let allowed = Allowed { min: Some(-limit), max: Some(limit), with_min: true, with_max: true };
        let (failing, flags) = tested(Kernel::Fences(Fences::new("x", Score::Z(1.0), allowed)), &rows, size);
        for (row, flag) in rows.iter().zip(&flags) {
            let far = row.3 && row.0.is_some_and(|v| n > 1.0 && deviation > 0.0 && score(v) > limit);
            prop_assert_eq!(far, *flag, "{:?}", row);
        }
        prop_assert_eq!(failing, flags.iter().filter(|f| **f).count() as u64);
    }

    #[test]
    fn changes_are_those_of_a_loop(rows in rows(), size in 1usize..30, min in -9.0f64..0.0, max in 0.0f64..9.0) {
        let by = vec!["t".to_owned()];
        let kernel = Kernel::Change(Change::new("x", Step::Difference, [Some(min), Some(max)], by));
        let (failing, flags) = tested(kernel, &rows, size);
        let mut last: BTreeMap<Option<u8>, f64> = BTreeMap::new();
        for (row, flag) in rows.iter().zip(&flags) {
            let value = row.0.filter(|_| row.3);
            let before = value.and_then(|v| last.insert(row.1, v));
            let change = value.zip(before).map(|(v, b)| v - b);
            let fails = change.is_some_and(|c| c.is_nan() || c < min || c > max);
            prop_assert_eq!(fails, *flag, "{:?}", row);
        }
        prop_assert_eq!(failing, flags.iter().filter(|f| **f).count() as u64);
    }

    #[test]
    fn missing_days_are_those_of_a_loop(rows in rows(), size in 1usize..30, least in 1u64..3) {
        let found = gauged(Gauge::Periods(Periods::new("d", Period::Day, least, [None, None], Vec::new()), Privacy::Open), &rows, size);
        let days: Vec<i32> = rows.iter().filter(|r| r.3).filter_map(|r| r.2).collect();
        let missing = days.iter().min().zip(days.iter().max()).map(|(first, last)| {
            let few = |day: &i32| (days.iter().filter(|d| *d == day).count() as u64) < least;
            (*first..=*last).filter(few).count() as f64
        });
        prop_assert_eq!(found.value.and_then(|v| v.number()), missing);
    }

    #[test]
    fn same_columns_are_found_whatever_the_batches(values in prop::collection::vec(any::<Option<i64>>(), 1..40), size in 1usize..9, at in any::<prop::sample::Index>()) {
        let mut other = values.clone();
        let changed = at.index(other.len());
        other[changed] = Some(other[changed].map_or(0, |v| v.wrapping_add(1)));
        let mut same = SameColumns::default();
        for start in (0..values.len()).step_by(size) {
            let part = |v: &[Option<i64>]| -> ArrayRef {
                Arc::new(v[start..(start + size).min(v.len())].iter().copied().collect::<Int64Array>())
            };
            let columns = vec![("a", part(&values), true), ("b", part(&other), true), ("c", part(&values), true)];
            let mut gauge = Gauge::Same(std::mem::take(&mut same));
            gauge.first_pass(&RecordBatch::try_from_iter_with_nullable(columns).unwrap(), None).unwrap();
            let Gauge::Same(back) = gauge else { unreachable!() };
            same = back;
        }
        prop_assert_eq!(same.finish(), [("c".to_owned(), "a".to_owned())]);
    }
}

#[test]
fn quantiles_are_those_of_their_definitions() {
    use tollgate::statistics::sample::quantile;
    // Values of numpy.quantile([1, 2, 4, 8, 16], q, method=..), NumPy 2.4.6.
    let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
    for (method, q, wanted) in [
        ("linear", 0.3, 2.4),
        ("hazen", 0.3, 2.0),
        ("weibull", 0.3, 1.8),
        ("midpoint", 0.3, 3.0),
        ("nearest", 0.3, 2.0),
        ("higher", 0.3, 4.0),
        ("lower", 0.3, 2.0),
        ("inverted_cdf", 0.4, 2.0),
        ("averaged_inverted_cdf", 0.4, 3.0),
        ("closest_observation", 0.3, 2.0),
        ("closest_observation", 0.5, 2.0),
        ("interpolated_inverted_cdf", 0.3, 1.5),
        ("median_unbiased", 0.3, 1.933_333_333_333_333_3),
        ("normal_unbiased", 0.3, 1.95),
    ] {
        let found = quantile(&sorted, q, QuantileMethod::parse(method).unwrap()).unwrap();
        assert!((found - wanted).abs() < 1e-12, "{method} {q}: {found}");
    }
}
