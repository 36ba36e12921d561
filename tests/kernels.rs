//! Row tests against a naive oracle: batches cut anywhere, nulls, filters.
use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, NullArray,
    RecordBatch, StringArray, TimestampMillisecondArray, TimestampSecondArray,
};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use tollgate::engine::embedded::kernel::rows::{REDACTED, Shown};
use tollgate::engine::embedded::kernel::{
    Count, Direction, ForeignKey, Gauge, Kernel, KernelCounts, KeyNulls, KeySet, Order, Parse,
    Quantile, Strictness, TextTest, Unique, row_text,
};
use tollgate::formats::Kind;
use tollgate::scalar::Scalar;
use tollgate::statistics::rank;

type Row = (Option<i32>, Option<String>, Option<bool>);

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| (*c).to_owned()).collect()
}

/// Batches of the rows, cut at the given places, with the filter's part of each.
fn cut(rows: &[Row], places: &[usize]) -> Vec<(RecordBatch, BooleanArray)> {
    let whole = batch(vec![
        (
            "n",
            Arc::new(rows.iter().map(|r| r.0).collect::<Int32Array>()),
        ),
        (
            "t",
            Arc::new(rows.iter().map(|r| r.1.clone()).collect::<StringArray>()),
        ),
    ]);
    let filter: BooleanArray = rows.iter().map(|r| r.2).collect();
    let mut at: Vec<usize> = places.iter().map(|p| p % (rows.len() + 1)).collect();
    at.extend([0, rows.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|w| {
            (
                whole.slice(w[0], w[1] - w[0]),
                filter.slice(w[0], w[1] - w[0]),
            )
        })
        .collect()
}

/// Runs both passes: the counts, and one flag per row.
fn run(kernel: &mut Kernel, batches: &[(RecordBatch, BooleanArray)]) -> (KernelCounts, Vec<bool>) {
    for (b, f) in batches {
        kernel.first_pass(b, Some(f)).unwrap();
    }
    let counts = kernel.finish();
    let mut flags = Vec::new();
    for (b, f) in batches {
        flags.extend(
            kernel
                .second_pass(b, Some(f))
                .unwrap()
                .iter()
                .map(|v| v.unwrap()),
        );
    }
    (counts, flags)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let text = prop_oneof![
        Just(None),
        Just(Some(String::new())),
        "[ab]{1,2}".prop_map(Some)
    ];
    let keep = prop_oneof![4 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    proptest::collection::vec((proptest::option::of(0..4i32), text, keep), 0..40)
}

fn places() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..40usize, 0..5)
}

fn kept(row: &Row) -> bool {
    row.2 == Some(true)
}

fn unique_oracle(rows: &[Row], nulls: KeyNulls, count: Count) -> (u64, Vec<bool>) {
    let takes_part =
        |r: &Row| kept(r) && (nulls == KeyNulls::Equal || (r.0.is_some() && r.1.is_some()));
    let mut sizes: HashMap<_, u64> = HashMap::new();
    for r in rows.iter().filter(|r| takes_part(r)) {
        *sizes.entry((r.0, r.1.clone())).or_default() += 1;
    }
    let mut seen = Vec::new();
    let mut null_keys = 0;
    let mut flags = Vec::new();
    for r in rows {
        let key = (r.0, r.1.clone());
        let mut fails = false;
        if takes_part(r) {
            fails = sizes[&key] > 1 && (count != Count::ExtraRows || seen.contains(&key));
            seen.push(key);
        } else if kept(r) && nulls == KeyNulls::Fail {
            null_keys += 1;
            fails = true;
        }
        flags.push(fails);
    }
    let repeated = sizes.values().filter(|n| **n > 1);
    let failing = match count {
        Count::ExtraRows => repeated.map(|n| n - 1).sum(),
        Count::RowsInGroups => repeated.sum(),
        Count::Groups => repeated.count() as u64,
    };
    (failing + null_keys, flags)
}

proptest! {
    #[test]
    fn unique_is_what_a_map_says(rows in rows(), places in places()) {
        for nulls in [KeyNulls::Ignore, KeyNulls::Equal, KeyNulls::Fail] {
            for count in [Count::ExtraRows, Count::RowsInGroups, Count::Groups] {
                let mut kernel = Kernel::Unique(Unique::new(names(&["n", "t"]), nulls, count));
                let (counts, flags) = run(&mut kernel, &cut(&rows, &places));
                let (failing, expected) = unique_oracle(&rows, nulls, count);
                prop_assert_eq!(counts.failing, failing);
                prop_assert_eq!(flags, expected);
                prop_assert_eq!(counts.rows, rows.iter().filter(|r| kept(r)).count() as u64);
            }
        }
    }

    #[test]
    fn order_is_what_a_walk_says(rows in rows(), places in places(), grouped: bool, down: bool, strict: bool) {
        let direction = if down { Direction::Decreasing } else { Direction::Increasing };
        let strictness = if strict { Strictness::Strict } else { Strictness::Weak };
        let by = if grouped { names(&["t"]) } else { Vec::new() };
        let mut kernel = Kernel::Order(Order::new("n", direction, strictness, by));
        let (counts, flags) = run(&mut kernel, &cut(&rows, &places));
        let mut last: HashMap<Option<String>, i32> = HashMap::new();
        let expected: Vec<bool> = rows.iter().map(|r| {
            let (true, Some(n)) = (kept(r), r.0) else { return false };
            let group = if grouped { r.1.clone() } else { None };
            last.insert(group, n).is_some_and(|l| (strict && n == l) || if down { n > l } else { n < l })
        }).collect();
        prop_assert_eq!(counts.failing, expected.iter().filter(|f| **f).count() as u64);
        prop_assert_eq!(flags, expected);
    }

    #[test]
    fn foreign_key_is_what_a_list_says(rows in rows(), allowed in rows(), places in places()) {
        let other = cut(&allowed, &places).into_iter().map(|(b, _)| Ok(b));
        let set = KeySet::build(other, &names(&["n", "t"])).unwrap();
        let mut kernel = Kernel::ForeignKey(ForeignKey::new(names(&["n", "t"]), set).unwrap());
        let (counts, flags) = run(&mut kernel, &cut(&rows, &places));
        let expected: Vec<bool> = rows.iter().map(|r| kept(r) && r.0.is_some() && r.1.is_some()
            && !allowed.iter().any(|a| (a.0, &a.1) == (r.0, &r.1))).collect();
        prop_assert_eq!(counts.failing, expected.iter().filter(|f| **f).count() as u64);
        prop_assert_eq!(flags, expected);
        let whole = rows.iter().filter(|r| kept(r) && r.0.is_some() && r.1.is_some()).count();
        prop_assert_eq!(counts.non_null, whole as u64);
    }

    #[test]
    fn quantile_is_the_smallest_value_with_enough_below(values in proptest::collection::vec(-5..5i32, 1..50), percent in 0..=100u32) {
        let q = f64::from(percent) / 100.0;
        let b = batch(vec![("n", Arc::new(Int32Array::from(values.clone())))]);
        let mut quantile = Gauge::Quantile(Quantile::new("n", q).unwrap());
        quantile.first_pass(&b, None).unwrap();
        let got = quantile.finish().value;
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let enough = |x: i32| 100 * values.iter().filter(|v| **v <= x).count() >= percent as usize * values.len();
        let expected = sorted.into_iter().find(|x| enough(*x)).unwrap();
        prop_assert_eq!(got, Some(Scalar::Float(f64::from(expected))));
    }
}

#[test]
fn the_four_answers_to_how_many_duplicates() {
    let b = batch(vec![(
        "c",
        texts(&[Some("a"), Some("a"), Some("a"), Some("b"), None, None]),
    )]);
    for (nulls, count, failing) in [
        (KeyNulls::Ignore, Count::Groups, 1),
        (KeyNulls::Ignore, Count::ExtraRows, 2),
        (KeyNulls::Ignore, Count::RowsInGroups, 3),
        (KeyNulls::Equal, Count::RowsInGroups, 5),
        (KeyNulls::Fail, Count::ExtraRows, 4),
    ] {
        let mut kernel = Kernel::Unique(Unique::new(names(&["c"]), nulls, count));
        kernel.first_pass(&b, None).unwrap();
        let counts = kernel.finish();
        assert_eq!(
            (counts.failing, counts.rows, counts.non_null),
            (failing, 6, 4)
        );
    }
}

#[test]
fn floats_have_one_zero_and_one_nan() {
    let values = vec![0.0, -0.0, f64::NAN, -f64::NAN];
    let b = batch(vec![("x", Arc::new(Float64Array::from(values)))]);
    let mut unique = Kernel::Unique(Unique::new(Vec::new(), KeyNulls::Equal, Count::ExtraRows));
    unique.first_pass(&b, None).unwrap();
    let counts = unique.finish();
    assert_eq!(counts.failing, 2);
    assert_eq!(
        counts.extra,
        vec![
            ("groups", 2),
            ("rows_in_groups", 4),
            ("extra_rows", 2),
            ("distinct", 2)
        ]
    );
    let narrow = Float32Array::from(vec![0.0, -0.0, f32::NAN, -f32::NAN]);
    let mut unique = Kernel::Unique(Unique::new(Vec::new(), KeyNulls::Equal, Count::Groups));
    unique
        .first_pass(&batch(vec![("x", Arc::new(narrow))]), None)
        .unwrap();
    assert_eq!(unique.finish().failing, 2);
    let mut order = Kernel::Order(Order::new(
        "x",
        Direction::Increasing,
        Strictness::Weak,
        Vec::new(),
    ));
    order.first_pass(&b, None).unwrap();
    assert_eq!(order.finish().failing, 0);
}

#[test]
fn formats_count_nulls_and_filter() {
    let b = batch(vec![(
        "c",
        texts(&[Some("DE"), Some("de"), None, Some(""), Some("??")]),
    )]);
    let filter = BooleanArray::from(vec![Some(true), Some(true), Some(true), None, Some(false)]);
    let mut kernel = Kernel::Text(TextTest::format("c", Kind::IsoCountry));
    let (counts, flags) = run(&mut kernel, &[(b.clone(), filter)]);
    assert_eq!((counts.failing, counts.rows, counts.non_null), (1, 3, 2));
    assert_eq!(flags, [false, true, false, false, false]);
    assert!(
        kernel
            .first_pass(&b, Some(&BooleanArray::from(vec![true])))
            .is_err()
    );
}

#[test]
fn parsing_follows_the_stated_grammar() {
    let pattern = |p: &str| Parse::Pattern(p.to_owned());
    let cases: Vec<(Parse, &[&str], &[&str])> = vec![
        (
            Parse::Integer,
            &["0", "-12", "+7", "99999999999999999999999"],
            &["", "+", "1.0", " 1", "1e3", "١"],
        ),
        (
            Parse::Number,
            &["1", "-1.", ".5", "1e-9", "+2.5E+3"],
            &[
                "", ".", "-", "1e", "NaN", "inf", "1,5", "1.2.3", "e5", "1 ", "1.+5",
            ],
        ),
        (Parse::Boolean, &["true", "FALSE"], &["", "1", "yes", "t"]),
        (Parse::Date, &["2013-02-28"], &["2013-02-29", "02/28/2013"]),
        (
            Parse::Timestamp,
            &[
                "2013-02-28T10:00:00",
                "2013-02-28 10:00:00.5",
                "2013-02-28T10:00:00Z",
                "2016-12-31T23:59:60",
            ],
            &[
                "2013-02-28",
                "2013-02-28T25:00:00",
                "2013-02-28T10:00:60",
                "",
                "2013-02-28T10:00:00 ",
            ],
        ),
        (
            pattern("%d.%m.%Y"),
            &["28.02.2013"],
            &["29.02.2013", "2013-02-28", "28.02.2013x", ""],
        ),
        (pattern("%H:%M"), &["23:59"], &["24:00", "23"]),
        (
            pattern("%a %Y-%m-%d"),
            &["Thu 2013-02-28"],
            &["Fri 2013-02-28"],
        ),
    ];
    for (kind, good, bad) in cases {
        for (v, fails) in good
            .iter()
            .map(|v| (v, 0))
            .chain(bad.iter().map(|v| (v, 1)))
        {
            let mut kernel = Kernel::Text(TextTest::parses_as("c", kind.clone()).unwrap());
            kernel
                .first_pass(&batch(vec![("c", texts(&[Some(v), None]))]), None)
                .unwrap();
            assert_eq!(kernel.finish().failing, fails, "{kind:?} {v:?}");
        }
    }
    assert!(TextTest::parses_as("c", pattern("%Q")).is_err());
}

#[test]
fn what_cannot_be_judged_is_an_error_that_names_it() {
    let b = batch(vec![("n", Arc::new(Int64Array::from(vec![1])))]);
    let says = |r: tollgate::error::Result<()>, words: &[&str]| {
        let text = r.unwrap_err().to_string();
        assert!(words.iter().all(|w| text.contains(w)), "{text}");
    };
    says(
        Kernel::Text(TextTest::format("n", Kind::Uuid)).first_pass(&b, None),
        &["`n`", "not text"],
    );
    says(
        Kernel::Text(TextTest::format("zz", Kind::Uuid)).first_pass(&b, None),
        &["`zz`"],
    );
    let set = KeySet::build(
        [Ok(batch(vec![("k", texts(&[Some("1")]))]))],
        &names(&["k"]),
    )
    .unwrap();
    let mut key = Kernel::ForeignKey(ForeignKey::new(names(&["n"]), set).unwrap());
    says(key.first_pass(&b, None), &["`n`", "cannot be compared"]);
    let set = KeySet::build([], &names(&["a", "b"])).unwrap();
    assert!(ForeignKey::new(names(&["n"]), set).is_err());
    assert!(KeySet::build([], &[]).is_err());
    assert!(Quantile::new("n", f64::NAN).is_err());
}

#[test]
fn no_batches_no_failures() {
    let set = KeySet::build([], &names(&["c"])).unwrap();
    for mut kernel in [
        Kernel::Text(TextTest::format("c", Kind::Email)),
        Kernel::Text(TextTest::parses_as("c", Parse::Integer).unwrap()),
        Kernel::Unique(Unique::new(names(&["c"]), KeyNulls::Fail, Count::ExtraRows)),
        Kernel::Order(Order::new(
            "c",
            Direction::Increasing,
            Strictness::Strict,
            Vec::new(),
        )),
        Kernel::ForeignKey(ForeignKey::new(names(&["c"]), set).unwrap()),
    ] {
        let counts = kernel.finish();
        assert_eq!((counts.failing, counts.rows, counts.non_null), (0, 0, 0));
        assert_eq!(kernel.columns(), names(&["c"]));
    }
    assert_eq!(Quantile::new("c", 0.5).unwrap().finish(), None);
}

#[test]
fn keys_of_one_family_compare() {
    let allowed = batch(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("at", Arc::new(TimestampSecondArray::from(vec![5, 6]))),
    ]);
    let set = KeySet::build([Ok(allowed)], &names(&["id", "at"])).unwrap();
    let b = batch(vec![
        ("n", Arc::new(Int32Array::from(vec![1, 2, 1]))),
        (
            "when",
            Arc::new(TimestampMillisecondArray::from(vec![5000, 6000, 5001])),
        ),
    ]);
    let mut kernel = Kernel::ForeignKey(ForeignKey::new(names(&["n", "when"]), set).unwrap());
    kernel.first_pass(&b, None).unwrap();
    assert_eq!(kernel.finish().failing, 1);
}

#[test]
fn a_column_that_is_all_null_breaks_nothing() {
    let b = batch(vec![("c", Arc::new(NullArray::new(3)))]);
    let set = KeySet::build(
        [Ok(batch(vec![("c", texts(&[Some("a")]))]))],
        &names(&["c"]),
    )
    .unwrap();
    for mut kernel in [
        Kernel::Text(TextTest::format("c", Kind::Email)),
        Kernel::Unique(Unique::new(
            names(&["c"]),
            KeyNulls::Ignore,
            Count::ExtraRows,
        )),
        Kernel::Order(Order::new(
            "c",
            Direction::Increasing,
            Strictness::Strict,
            Vec::new(),
        )),
        Kernel::ForeignKey(ForeignKey::new(names(&["c"]), set).unwrap()),
    ] {
        kernel.first_pass(&b, None).unwrap();
        let counts = kernel.finish();
        assert_eq!((counts.failing, counts.rows, counts.non_null), (0, 3, 0));
    }
}

#[test]
fn ranks_are_not_lifted_by_rounding() {
    assert_eq!(
        (
            rank(0.07, 100),
            rank(0.99, 100),
            rank(0.99, 101),
            rank(0.0, 5),
            rank(1.0, 7)
        ),
        (7, 99, 100, 0, 7)
    );
}

#[test]
fn samples_are_redacted_by_column() {
    let b = batch(vec![
        ("a", texts(&[Some("x"), None])),
        ("p", texts(&[Some("secret"), None])),
    ]);
    let columns = [
        ("a".to_owned(), Shown::Value),
        ("p".to_owned(), Shown::Redacted),
    ];
    let cells = row_text(&b, 0, &columns).unwrap();
    assert_eq!(cells[0].value.as_deref(), Some("x"));
    assert_eq!(cells[1].value.as_deref(), Some(REDACTED));
    assert_eq!(row_text(&b, 1, &columns).unwrap()[1].value, None);
    assert!(row_text(&b, 2, &columns).is_err());
}
