//! What Parquet footers say is what the rows say, or nothing.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{int, open, rows};
use proptest::prelude::*;
use std::sync::Arc;
use tollgate::engine::embedded::source::{Dataset, FooterColumn, SourceOptions};
use tollgate::scalar::{Integer, Scalar};

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int8Array, Int64Array, ListArray,
    NullArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    TimestampSecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

fn parquet(batch: &RecordBatch, group_rows: usize, statistics: EnabledStatistics) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_statistics_enabled(statistics)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn dataset(files: &[(&str, &[u8])], path: &str) -> (Dataset, tempfile::TempDir) {
    let (dataset, folder) = open(files, path, &SourceOptions::default());
    (dataset.unwrap(), folder)
}

fn every_type() -> RecordBatch {
    let inner: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, None]));
    let field = Arc::new(Field::new("x", DataType::Int64, true));
    let lists = [Some(vec![Some(1)]), None, Some(vec![])];
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i8",
            Arc::new(Int8Array::from(vec![Some(-3), None, Some(5)])),
        ),
        ("u32", Arc::new(UInt32Array::from(vec![1, u32::MAX, 7]))),
        ("u64", Arc::new(UInt64Array::from(vec![1, u64::MAX, 7]))),
        (
            "b",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        ("day", Arc::new(Date32Array::from(vec![-1, 16_101, 5]))),
        (
            "us",
            Arc::new(TimestampMicrosecondArray::from(vec![1, 2, -3]).with_timezone("UTC")),
        ),
        ("s", Arc::new(TimestampSecondArray::from(vec![1, 2, 3]))),
        (
            "f",
            Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::NAN), None])),
        ),
        (
            "t",
            Arc::new(StringArray::from(vec![Some("a"), None, Some("c")])),
        ),
        ("none", Arc::new(NullArray::new(3))),
        ("nulls", Arc::new(Int64Array::from(vec![None, None, None]))),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
        ),
        ("o", Arc::new(StructArray::from(vec![(field, inner)]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

#[test]
fn exact_statistics_are_told_and_no_others() {
    let bytes = parquet(&every_type(), 2, EnabledStatistics::Chunk);
    let (dataset, _folder) = dataset(&[("d.parquet", &bytes)], "d.parquet");
    let footer = dataset.footer().unwrap();
    assert_eq!(footer.rows, 3);
    let found =
        |name: &str| -> &FooterColumn { footer.columns.iter().find(|c| c.name == name).unwrap() };
    let whole = |v: i128| Some(Scalar::Int(Integer(v)));
    let micros = |v: i128, utc| {
        let nanos = Integer(v * 1000);
        Some(Scalar::Timestamp { nanos, utc })
    };
    for (name, nulls, min, max) in [
        ("i8", Some(1), int(-3), int(5)),
        ("u32", Some(0), int(1), int(i64::from(u32::MAX))),
        ("u64", Some(0), int(1), whole(i128::from(u64::MAX))),
        (
            "b",
            Some(1),
            Some(Scalar::Bool(false)),
            Some(Scalar::Bool(true)),
        ),
        (
            "day",
            Some(0),
            Some(Scalar::Date(-1)),
            Some(Scalar::Date(16_101)),
        ),
        ("us", Some(0), micros(-3, true), micros(2, true)),
        ("f", Some(1), None, None),
        ("t", Some(1), None, None),
        ("nulls", Some(3), None, None),
        ("list", None, None, None),
        ("o.x", None, None, None),
    ] {
        let column = found(name);
        assert_eq!(
            (column.nulls, &column.min, &column.max),
            (nulls, &min, &max),
            "{name}"
        );
    }
    assert_eq!(footer.columns.len(), dataset.columns().len());
}

#[test]
fn without_statistics_nothing_is_told_but_rows() {
    let bytes = parquet(&every_type(), 2, EnabledStatistics::None);
    let (dataset, _folder) = dataset(&[("d.parquet", &bytes)], "d.parquet");
    let footer = dataset.footer().unwrap();
    assert_eq!(footer.rows, 3);
    for column in footer.columns {
        assert_eq!(
            (column.nulls, column.min, column.max),
            (None, None, None),
            "{}",
            column.name
        );
    }
}

#[test]
fn one_row_group_without_statistics_silences_the_column() {
    let batch = RecordBatch::try_from_iter_with_nullable([(
        "n",
        Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef,
        true,
    )])
    .unwrap();
    let told = parquet(&batch, 10, EnabledStatistics::Chunk);
    let silent = parquet(&batch, 10, EnabledStatistics::None);
    let (both, _folder) = dataset(&[("d/1.parquet", &told), ("d/2.parquet", &silent)], "d");
    let column = &both.footer().unwrap().columns[0];
    assert_eq!((column.nulls, &column.min), (None, &None));
    let (twice, _folder) = dataset(
        &[("d/k=1/1.parquet", &told), ("d/k=2/2.parquet", &told)],
        "d",
    );
    let footer = twice.footer().unwrap();
    assert_eq!((footer.rows, footer.columns[0].nulls), (4, Some(2)));
    let key = &footer.columns[1];
    assert_eq!((key.nulls, &key.min, &key.max), (Some(0), &int(1), &int(2)));
}

#[test]
fn bytes_are_those_of_the_asked_chunks() {
    let batch = every_type();
    let bytes = parquet(&batch, 2, EnabledStatistics::Chunk);
    let (dataset, _folder) = dataset(&[("d.parquet", &bytes)], "d.parquet");
    let of =
        |names: &[&str]| dataset.bytes(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&["i8", "t", "i8"]), of(&["i8"]) + of(&["t"]));
    assert_eq!(of(&["o.x"]), of(&["o"]));
    assert!(
        of(&["i8"]) > 0
            && of(&crate::sources::names(&dataset)
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>())
                < bytes.len() as u64
    );
}

#[test]
fn rows_are_counted_without_opening_a_page() {
    let batch = every_type();
    let mut bytes = parquet(&batch, 2, EnabledStatistics::Chunk);
    let footer_length =
        u32::from_le_bytes(*bytes[..bytes.len() - 4].last_chunk().unwrap()) as usize;
    let pages = bytes.len() - 8 - footer_length;
    bytes[4..pages].fill(0xff);
    let (dataset, _folder) = dataset(&[("d.parquet", &bytes)], "d.parquet");
    assert_eq!(crate::sources::counted(&dataset), 3);
    assert_eq!(dataset.footer().unwrap().rows, 3);
    let all = crate::sources::names(&dataset);
    let reason = dataset.scan(&all, &mut |_| Ok(())).unwrap_err().to_string();
    assert!(reason.contains("cannot decode d.parquet"), "{reason}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn footers_say_what_the_rows_say(
        values in proptest::collection::vec(proptest::option::of(any::<i64>()), 1..40),
        group in 1..10_usize,
    ) {
        let array = Arc::new(Int64Array::from(values.clone())) as ArrayRef;
        let batch = RecordBatch::try_from_iter_with_nullable([("n", array, true)]).unwrap();
        let bytes = parquet(&batch, group, EnabledStatistics::Chunk);
        let (dataset, _folder) = dataset(&[("d.parquet", &bytes)], "d.parquet");
        let footer = dataset.footer().unwrap();
        prop_assert_eq!(footer.rows, rows(&dataset).len() as u64);
        let column = &footer.columns[0];
        let known = values.iter().flatten();
        prop_assert_eq!(column.nulls, Some((values.len() - known.clone().count()) as u64));
        prop_assert_eq!(&column.min, &known.clone().min().and_then(|v| int(*v)));
        prop_assert_eq!(&column.max, &known.max().and_then(|v| int(*v)));
        prop_assert_eq!(batch.column(0).as_primitive::<Int64Type>().len(), values.len());
    }
}
