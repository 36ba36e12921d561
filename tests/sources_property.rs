//! What is written is read back, whatever the format, as far as the format can say it.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{open, rows};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;
use tollgate::engine::embedded::source::SourceOptions;
use tollgate::scalar::{Integer, Scalar};
use tollgate::types::TypePattern;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};

#[derive(Debug, Clone)]
struct Row {
    int: Option<i64>,
    float: Option<f64>,
    text: Option<String>,
    day: Option<i32>,
}

fn row() -> impl Strategy<Value = Row> {
    let float = prop_oneof![
        any::<i32>().prop_map(f64::from),
        -1e300..1e300,
        Just(f64::NAN),
        Just(f64::INFINITY),
    ];
    let text = "[a-c\"',;\r\n\t \u{e9}\u{4e2d}\u{1f600}0-1|\\\\]{1,12}";
    (
        proptest::option::of(any::<i64>()),
        proptest::option::of(float),
        proptest::option::of(text),
        proptest::option::of(-30_000..60_000_i32),
    )
        .prop_map(|(int, float, text, day)| Row {
            int,
            float,
            text,
            day,
        })
}

const NAMES: [&str; 4] = ["int", "float", "text", "day"];

fn expected(rows: &[Row]) -> Vec<Vec<Option<Scalar>>> {
    let row = |r: &Row| {
        vec![
            r.int.map(|v| Scalar::Int(Integer(i128::from(v)))),
            r.float.map(Scalar::Float),
            r.text.clone().map(Scalar::Text),
            r.day.map(|d| Scalar::Date(i64::from(d))),
        ]
    };
    rows.iter().map(row).collect()
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: [ArrayRef; 4] = [
        Arc::new(rows.iter().map(|r| r.int).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|r| r.float).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|r| r.text.clone()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|r| r.day).collect::<Date32Array>()),
    ];
    let columns = NAMES.into_iter().zip(columns).map(|(n, a)| (n, a, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn date(day: i32) -> String {
    let text = Scalar::Date(i64::from(day)).to_string();
    assert_eq!(text.len(), 10);
    text
}

fn csv(rows: &[Row], end: &str) -> Vec<u8> {
    let mut text = NAMES.join(",") + end;
    for r in rows {
        let int = r.int.map(|v| v.to_string()).unwrap_or_default();
        let float = r.float.map(|v| format!("{v:?}")).unwrap_or_default();
        let words = r
            .text
            .clone()
            .map(|t| format!("\"{}\"", t.replace('"', "\"\"")))
            .unwrap_or_default();
        let day = r.day.map(date).unwrap_or_default();
        write!(text, "{int},{float},{words},{day}{end}").unwrap();
    }
    text.into_bytes()
}

fn ndjson(rows: &[Row]) -> Vec<u8> {
    let mut text = String::new();
    for r in rows {
        let line = serde_json::json!({"int": r.int, "float": r.float, "text": r.text, "day": r.day.map(date)});
        text += &(line.to_string() + "\n");
    }
    text.into_bytes()
}

fn same(a: &[Vec<Option<Scalar>>], b: &[Vec<Option<Scalar>>]) -> bool {
    // NaN is not equal to itself, its text is
    format!("{a:?}") == format!("{b:?}")
}

fn declared() -> SourceOptions {
    let types = [
        ("int", "int64"),
        ("float", "float64"),
        ("text", "string"),
        ("day", "date"),
    ];
    let of = |(n, t): (&str, &str)| (n.to_owned(), TypePattern::parse(t).unwrap());
    SourceOptions {
        types: types.map(of).to_vec(),
        ..SourceOptions::default()
    }
}

fn read(name: &str, content: &[u8]) -> Vec<Vec<Option<Scalar>>> {
    let (dataset, _folder) = open(&[(name, content)], name, &declared());
    let dataset = dataset.unwrap();
    let ordered = NAMES.map(|n| dataset.columns().iter().position(|f| f.name == n).unwrap());
    let rows = rows(&dataset).into_iter();
    rows.map(|r| ordered.iter().map(|i| r[*i].clone()).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_gives_back_what_was_written(table in proptest::collection::vec(row(), 1..40)) {
        let batch = batch(&table);
        let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        let parquet = writer.into_inner().unwrap();
        let mut writer = arrow::ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let arrow = writer.into_inner().unwrap();
        let wanted = expected(&table);
        prop_assert!(same(&read("d.parquet", &parquet), &wanted));
        prop_assert!(same(&read("d.arrow", &arrow), &wanted));
        for end in ["\n", "\r\n", "\r"] {
            let content = csv(&table, end);
            prop_assert!(same(&read("d.csv", &content), &wanted), "{}", String::from_utf8_lossy(&content));
        }
        // JSON has no NaN and no infinity: they are written as null
        let finite = |r: &Row| Row { float: r.float.filter(|v| v.is_finite()), ..r.clone() };
        let finite: Vec<Row> = table.iter().map(finite).collect();
        prop_assert!(same(&read("d.ndjson", &ndjson(&table)), &expected(&finite)));
    }
}
