//! Every row check against a loop over the rows, written from what the check's semantics say.
//!
//! Random rows hold nulls, NaN, infinities, both zeros, the ends of integers, empty and Unicode texts, and days far
//! from today. One run judges all expectations of a frame; each count of failing rows must be the loop's.

#![expect(
    clippy::float_cmp,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::ref_option,
    reason = "the loops say what the semantics say: exact comparisons, of columns as they are"
)]

mod loops;

use crate::harness::Gate;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use loops::{COMPLETE, Case, DAYS, TEXTS, VALUES};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;

#[derive(Debug, Clone)]
struct Row {
    i: Option<i64>,
    j: Option<i64>,
    f: Option<f64>,
    g: Option<f64>,
    s: Option<String>,
    u: Option<String>,
    d: Option<i32>,
    e: Option<i32>,
    b: Option<bool>,
}

/// Days of 2024-01-01 and 2024-12-31.
const FIRST: i32 = 19_723;
const LAST: i32 = 20_088;

fn whole() -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(
        0.85,
        prop_oneof![6 => -3..7i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX), 1 => any::<i64>()],
    )
}

fn float() -> impl Strategy<Value = Option<f64>> {
    let rare = vec![
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        0.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        0.1,
        0.300_000_000_000_000_04,
        1e22,
        1.25,
        999.99,
        -1000.5,
    ];
    prop::option::weighted(
        0.85,
        prop_oneof![
            3 => prop::sample::select(rare),
            3 => (-6..12i32).prop_map(|v| f64::from(v) / 2.0),
            1 => any::<f64>(),
        ],
    )
}

fn text() -> impl Strategy<Value = Option<String>> {
    let words = vec![
        "",
        " ",
        "\t",
        "a",
        "A",
        "ab",
        "abc",
        "ABC",
        "Abc def",
        "xabc",
        "a_b",
        "10%",
        "a\nb",
        "ä",
        "Äö",
        "ß",
        "日本",
        "e\u{301}",
        "\u{a0}",
        "0ff",
        "12",
        "-3",
        "+7",
        "1.50",
        "true",
        "a.b",
        "N/A",
        "{\"a\": 1}",
        "{\"a\":1,\"b\":null}",
        "[1]",
        "\u{1c5}",
        "a b",
        "\0",
        "\u{feff}a",
    ];
    prop::option::weighted(
        0.85,
        prop_oneof![4 => prop::sample::select(words).prop_map(str::to_owned), 1 => ".{0,5}"],
    )
}

fn day() -> impl Strategy<Value = Option<i32>> {
    let far = vec![-719_162, -800_000, 2_932_896, 3_000_000, 0, -1, FIRST, LAST];
    prop::option::weighted(
        0.85,
        prop_oneof![3 => FIRST - 5..LAST + 5, 1 => prop::sample::select(far)],
    )
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        (whole(), whole()),
        (float(), float()),
        (text(), text()),
        (day(), day()),
        prop::option::weighted(0.8, any::<bool>()),
    );
    let row = row.prop_map(|((i, j), (f, g), (s, u), (d, e), b)| Row {
        i,
        j,
        f,
        g,
        s,
        u,
        d,
        e,
        b,
    });
    prop::collection::vec(row, 1..60)
}

fn parquet(rows: &[Row]) -> Vec<u8> {
    let texts = |of: fn(&Row) -> &Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|r| of(r).clone()).collect::<StringArray>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i",
            Arc::new(rows.iter().map(|r| r.i).collect::<Int64Array>()),
        ),
        (
            "j",
            Arc::new(rows.iter().map(|r| r.j).collect::<Int64Array>()),
        ),
        (
            "f",
            Arc::new(rows.iter().map(|r| r.f).collect::<Float64Array>()),
        ),
        (
            "g",
            Arc::new(rows.iter().map(|r| r.g).collect::<Float64Array>()),
        ),
        ("s", texts(|r| &r.s)),
        ("u", texts(|r| &r.u)),
        (
            "d",
            Arc::new(rows.iter().map(|r| r.d).collect::<Date32Array>()),
        ),
        (
            "e",
            Arc::new(rows.iter().map(|r| r.e).collect::<Date32Array>()),
        ),
        (
            "b",
            Arc::new(rows.iter().map(|r| r.b).collect::<BooleanArray>()),
        ),
    ];
    let columns = columns.into_iter().map(|(n, a)| (n, a, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("memory");
    writer.close().expect("memory");
    bytes
}

fn all() -> impl Iterator<Item = &'static Case> {
    [COMPLETE, VALUES, TEXTS, DAYS].into_iter().flatten()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_row_check_counts_what_a_loop_counts(rows in rows()) {
        let mut config = "version: 1\ndatasets:\n  d:\n    path: d.parquet\n    profile: false\n    expect:\n".to_owned();
        for (expectation, _) in all() {
            writeln!(config, "      - {{{expectation}}}").expect("a String");
        }
        let gate = Gate::run(&[("d.parquet", &parquet(&rows)), ("tollgate.yaml", config.as_bytes())], &[]);
        let run = gate.record();
        let judged: Vec<_> = run.outcomes.iter().filter(|o| o.check != "row_count").collect();
        prop_assert_eq!(judged.len(), all().count());
        for ((expectation, fails), outcome) in all().zip(judged) {
            let check = expectation.split(':').next().unwrap_or_default();
            prop_assert_eq!(&outcome.check, check);
            let expected = rows.iter().filter(|r| fails(r)).count() as u64;
            prop_assert_eq!(outcome.failing, Some(expected), "{}: {}", expectation, outcome.message);
        }
    }
}

/// A row predicate that nobody compared is a gap: every check with one is above, or named here with the reason.
#[test]
fn every_row_check_is_compared() {
    let without = [
        "expression",       // its meaning is the user's
        "no_personal_data", // patterns and check digits, held value by value in src/detect
        "no_secrets",       // the same
    ];
    let catalogue = tollgate::catalogue::load::load(&[]).expect("it is whole");
    for check in &catalogue.checks {
        let one = |s: &tollgate::catalogue::Statistic| s.is_spelling();
        let by_row = match &check.measure {
            tollgate::catalogue::Measure::Rows(_) => true,
            tollgate::catalogue::Measure::Statistic(s) => one(s),
            _ => false,
        };
        let compared = all().any(|(e, _)| e.split(':').next() == Some(check.id.as_str()));
        assert!(
            !by_row || compared || without.contains(&check.id.as_str()),
            "{}",
            check.id
        );
    }
}
