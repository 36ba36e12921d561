//! Conditions on one column, answered on the distinct values that the profile lists: the same answers as row by row.

use crate::harness::{Gate, scans};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array,
    RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use std::path::Path;
use std::sync::Arc;

const ROWS: usize = 500;

/// Every row is a row, in columns of few values with nulls, NaN, infinities and both zeros.
fn batch() -> RecordBatch {
    let row = |i: usize| u32::try_from(i).unwrap();
    let every = |n: usize, i: usize| i % n == n - 1;
    let some = |i: usize| !every(7, i);
    let floats = [0.0, -0.0, 1.5, -2.5, f64::NAN, f64::INFINITY, 1e300];
    let words = [
        "",
        " ",
        "a@b.org",
        "x",
        "12",
        "1.5",
        "2013-02-30",
        "Ä\u{301}",
    ];
    let ints = (0..ROWS).map(|i| some(i).then(|| i32::try_from(i % 12).unwrap() - 4));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i", Arc::new(ints.collect::<Int32Array>())),
        (
            "u",
            Arc::new(
                (0..ROWS)
                    .map(|i| u64::MAX - (i as u64 % 5))
                    .collect::<UInt64Array>(),
            ),
        ),
        (
            "f",
            Arc::new(
                (0..ROWS)
                    .map(|i| some(i).then(|| floats[i % 5 + i % 3]))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "h",
            Arc::new(
                (0..ROWS)
                    .map(|i| 0.1 * (i % 4) as f32)
                    .collect::<Float32Array>(),
            ),
        ),
        (
            "t",
            Arc::new(
                (0..ROWS)
                    .map(|i| some(i).then(|| words[i % 8]))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "b",
            Arc::new(
                (0..ROWS)
                    .map(|i| some(i).then_some(i % 3 == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "d",
            Arc::new(
                (0..ROWS)
                    .map(|i| some(i).then(|| i32::try_from(i % 9).unwrap() * 100))
                    .collect::<Date32Array>(),
            ),
        ),
        (
            "m",
            Arc::new(
                (0..ROWS)
                    .map(|i| Some(i64::from(row(i) % 6) * 86_400_500))
                    .collect::<TimestampMillisecondArray>(),
            ),
        ),
        (
            "c",
            Arc::new(
                (0..ROWS)
                    .map(|i| Some(i128::from(row(i) % 11) * 25 - 50))
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(12, 2)
                    .unwrap(),
            ),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

fn write(folder: &Path) {
    let batch = batch();
    let file = std::fs::File::create(folder.join("d.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let file = std::fs::File::create(folder.join("d.arrow")).unwrap();
    let mut writer = arrow::ipc::writer::FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    std::fs::write(folder.join("allowed.csv"), "k\n0\n1\n2\n").unwrap();
}

const EXPECT: &str = r#"      - between: {column: i, min: -2, max: 5}
      - between: {column: i, min: -2, max: 5, where: "i > 0"}
      - between: {column: i, min: -2, max: 5, where: "t = 'x'"}
      - between: {column: u, min: 3, max: 18446744073709551614}
      - between: {column: f, min: 0, max: 2}
      - between: {column: h, min: 0, max: 0.1}
      - between: {column: d, min: 1970-04-01, max: 1971-01-01}
      - between: {column: m, min: "1970-01-02T00:00:00", max: "1970-01-04T00:00:00.500"}
      - between: {column: c, min: -0.25, max: 1.5}
      - in_set: {column: t, values: ["x", "12", ""]}
      - in_set: {column: i, values: [0, 1, 2, 3]}
      - matches: {column: t, pattern: "^[a-z]"}
      - not_null: {column: f}
      - format: {column: t, kind: email}
      - parses_as: {column: t, kind: number}
      - parses_as: {column: t, kind: date, where: "t <> ''"}
      - distinct_count: {column: f, max: 3}
      - distinct_count: {column: t, max: 3, where: "t > 'a'"}
      - distinct_values: {column: i, values: [0, 1, 99], mode: equal}
      - foreign_key: {columns: i, dataset: allowed, their_columns: k}
      - expression: {expr: "1.0 / f > 0"}
      - expression: {expr: "CAST(t AS INTEGER) > 3"}
      - expression: {expr: "b OR b IS NULL"}
      - expression: {expr: "i > u"}
      - row_count: {min: 2, where: "i > 3"}
      - row_count: {min: 2, where: "i > 3 OR t = 'x'"}
      - row_count: {min: 500}
      - quantile_between: {column: i, q: 0.5, min: 9, max: 10}
"#;

/// Outcomes of a run, each as one text, without the place where it is written.
fn outcomes(folder: &Path, file: &str, profile: bool) -> Vec<String> {
    let other = tempfile::tempdir().unwrap();
    for name in ["d.parquet", "d.arrow", "allowed.csv"] {
        std::fs::copy(folder.join(name), other.path().join(name)).unwrap();
    }
    let config = format!(
        "version: 1\ndatasets:\n  allowed:\n    path: allowed.csv\n  d:\n    path: {file}\n    profile: {profile}\n    expect:\n{EXPECT}"
    );
    std::fs::write(other.path().join("tollgate.yaml"), config).unwrap();
    let record = Gate::again(other, &["--now", "2013-03-01T00:00:00Z"]).record();
    assert!(record.outcomes.len() >= 28, "{:?}", record.outcomes.len());
    let text = |outcome: &tollgate::record::Outcome| {
        let mut value = serde_json::to_value(outcome).unwrap();
        value.as_object_mut().unwrap().remove("location");
        value.to_string()
    };
    record.outcomes.iter().map(text).collect()
}

#[test]
fn listed_values_and_rows_give_the_same_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let by_rows = outcomes(folder.path(), "d.arrow", false);
    for (file, profile) in [("d.parquet", true), ("d.parquet", false), ("d.arrow", true)] {
        let other = outcomes(folder.path(), file, profile);
        assert_eq!(other.len(), by_rows.len());
        for (other, by_rows) in other.iter().zip(&by_rows) {
            assert_eq!(other, by_rows, "{file}, profile: {profile}");
        }
    }
}

#[test]
fn rows_are_read_only_for_what_values_leave_open() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    for (expect, wanted) in [
        (
            "[between: {column: i, min: -9, max: 99}, format: {column: t, kind: email, samples: 0}]",
            1,
        ),
        // Failing rows are shown.
        ("[between: {column: i, min: 0, max: 99}]", 2),
        // Two columns.
        ("[expression: {expr: i < 100 OR f > 3, samples: 0}]", 2),
        // -0.0 is told from 0.0.
        ("[expression: {expr: 1.0 / f > 0, samples: 0}]", 2),
    ] {
        let dataset = format!("    path: d.parquet\n    expect: {expect}\n");
        assert_eq!(scans(folder.path(), &dataset), wanted, "{expect}");
    }
}
