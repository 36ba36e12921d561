//! Parquet profiled page by page: the same bytes as with rows made of it, from the same files; errors likewise.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::open;
use crate::sources_conformance::{name, shared};
use arrow::array::{
    Array, ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal32Array,
    Decimal64Array, Decimal128Array, Decimal256Array, DurationMillisecondArray,
    FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, IntervalDayTimeArray, LargeStringArray, ListArray, NullArray,
    RecordBatch, StringArray, StringViewArray, StructArray, Time32MillisecondArray,
    Time32SecondArray, Time64MicrosecondArray, Time64NanosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, IntervalDayTimeType};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterVersion};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tollgate::engine::embedded::encoded;
use tollgate::engine::embedded::profile::{Wanted, profile_by_batches};
use tollgate::engine::embedded::source::{Dataset, SourceOptions};
use tollgate::measure::{ColumnProfile, Wants, saved};

type Half = <arrow::datatypes::Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native;

const ROWS: i64 = 3_000;

fn wanted(dataset: &Dataset, wants: Wants) -> Vec<Wanted> {
    let columns = dataset.columns().iter();
    columns.map(|f| (f.clone(), wants)).collect()
}

/// The profile as it is saved and the columns that rows were made for, or the error.
fn by_pages(dataset: &Dataset) -> Result<(String, Vec<String>), String> {
    let read = AtomicU64::new(0);
    let count = |rows| {
        read.fetch_add(rows, Ordering::Relaxed);
    };
    let all = wanted(dataset, Wants::ALL);
    let (profile, others) = encoded::profile(dataset, &all, &count)
        .map_err(|e| e.to_string())?
        .unwrap();
    if others.is_empty() {
        assert_eq!(read.into_inner(), profile.rows, "progress");
    }
    let others = looked_into(dataset, others);
    Ok((saved::to_json(&profile).unwrap(), others))
}

/// The named columns but those that nobody looks into: they are left to arrow's reader, which refuses broken ones.
pub(crate) fn looked_into(dataset: &Dataset, mut names: Vec<String>) -> Vec<String> {
    let profiled = |name: &String| {
        let field = dataset.columns().iter().find(|f| f.name == *name).unwrap();
        let column = ColumnProfile::new(name, &field.dtype);
        column.not_profiled.is_none()
    };
    names.retain(profiled);
    names
}

fn by_rows(dataset: &Dataset) -> Result<String, String> {
    let all = wanted(dataset, Wants::ALL);
    let profile = profile_by_batches(dataset, &all, &|_| ());
    profile
        .map(|p| saved::to_json(&p).unwrap())
        .map_err(|e| e.to_string())
}

/// Columns that rows were made for, when both ways agree.
fn agree(dataset: &Dataset, what: &str) -> Vec<String> {
    match (by_pages(dataset), by_rows(dataset)) {
        (Ok((pages, others)), Ok(rows)) => {
            let different = pages.lines().zip(rows.lines()).find(|(a, b)| a != b);
            assert!(pages == rows, "{what}: {different:?}");
            others
        }
        (Err(pages), Err(rows)) => {
            assert_eq!(pages, rows, "{what}");
            Vec::new()
        }
        (pages, rows) => panic!(
            "{what}: {:?} by pages, {:?} by rows",
            pages.err(),
            rows.err()
        ),
    }
}

#[test]
fn every_file_of_others_gives_the_same_bytes() {
    let Some(files) = shared("parquet-testing/data") else {
        eprintln!("skipped: profiles of files that others made are not compared");
        return;
    };
    let mut others = BTreeMap::new();
    for path in files {
        let options = SourceOptions {
            format: Some("parquet".to_owned()),
            ..SourceOptions::default()
        };
        let folder = path.parent().unwrap();
        let Ok(dataset) = Dataset::open(name(&path), folder, &options) else {
            continue;
        };
        let made = agree(&dataset, name(&path));
        if !made.is_empty() {
            others.insert(name(&path).to_owned(), made);
        }
    }
    assert_eq!(others, BTreeMap::new());
}

/// A number that looks random, the same in every run.
fn mixed(i: i64) -> i64 {
    let x = i.wrapping_mul(6_364_136_223_846_793_005).rotate_left(23);
    (x ^ (x >> 31)).wrapping_mul(-7_046_029_254_386_353_131)
}

/// Every third value is absent; a third of the others repeats.
fn some<T>(value: impl Fn(i64) -> T) -> Vec<Option<T>> {
    let each = |i: i64| match i % 3 {
        0 => None,
        1 => Some(value(mixed(i % 30))),
        _ => Some(value(mixed(i))),
    };
    (0..ROWS).map(each).collect()
}

fn text(i: i64) -> String {
    format!(
        "{}é{i}",
        ["", " ", "long text that is no more than text "][i.rem_euclid(3) as usize]
    )
}

/// Columns of every type that is profiled, with nulls.
fn columns() -> Vec<(&'static str, ArrayRef)> {
    let (decimal, day) = (|i: i64| i128::from(i) << 40, 86_400);
    let fixed = some(i64::to_be_bytes).into_iter();
    let float = |i: i64| match i % 50 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => -0.0,
        i => i as f64 / 7.0,
    };
    let half = some(|i| Half::from_f64(float(i)));
    vec![
        ("bool", Arc::new(BooleanArray::from(some(|i| i % 5 == 0)))),
        ("i8", Arc::new(Int8Array::from(some(|i| i as i8)))),
        ("i16", Arc::new(Int16Array::from(some(|i| i as i16)))),
        ("i32", Arc::new(Int32Array::from(some(|i| i as i32)))),
        ("i64", Arc::new(Int64Array::from(some(|i| i)))),
        ("u8", Arc::new(UInt8Array::from(some(|i| i as u8)))),
        ("u16", Arc::new(UInt16Array::from(some(|i| i as u16)))),
        ("u32", Arc::new(UInt32Array::from(some(|i| i as u32)))),
        ("u64", Arc::new(UInt64Array::from(some(|i| i as u64)))),
        ("f16", Arc::new(Float16Array::from(half))),
        (
            "f32",
            Arc::new(Float32Array::from(some(|i| float(i) as f32))),
        ),
        ("f64", Arc::new(Float64Array::from(some(float)))),
        (
            "d32",
            Arc::new(Decimal32Array::from(some(|i| (i % 1000) as i32))),
        ),
        ("d64", Arc::new(Decimal64Array::from(some(|i| i % 1000)))),
        ("d128", Arc::new(Decimal128Array::from(some(decimal)))),
        (
            "d7",
            Arc::new(
                Decimal128Array::from(some(|i| i128::from(i % 10_000)))
                    .with_precision_and_scale(5, 2)
                    .unwrap(),
            ),
        ),
        (
            "date",
            Arc::new(Date32Array::from(some(|i| (i % 40_000) as i32))),
        ),
        (
            "date64",
            Arc::new(Date64Array::from(some(|i| i % 40_000 * 86_400_000))),
        ),
        (
            "time_s",
            Arc::new(Time32SecondArray::from(some(|i| (i % day) as i32))),
        ),
        (
            "time_ms",
            Arc::new(Time32MillisecondArray::from(some(|i| (i % day) as i32))),
        ),
        (
            "time_us",
            Arc::new(Time64MicrosecondArray::from(some(|i| i % day))),
        ),
        (
            "time_ns",
            Arc::new(Time64NanosecondArray::from(some(|i| i % day))),
        ),
        (
            "at_s",
            Arc::new(TimestampSecondArray::from(some(|i| i % (1 << 40)))),
        ),
        (
            "at_ms",
            Arc::new(TimestampMillisecondArray::from(some(|i| i)).with_timezone("UTC")),
        ),
        (
            "at_us",
            Arc::new(TimestampMicrosecondArray::from(some(|i| i))),
        ),
        (
            "at_ns",
            Arc::new(TimestampNanosecondArray::from(some(|i| i)).with_timezone("+02:00")),
        ),
        (
            "span",
            Arc::new(DurationMillisecondArray::from(some(|i| i))),
        ),
        ("text", Arc::new(StringArray::from(some(text)))),
        ("large", Arc::new(LargeStringArray::from(some(text)))),
        ("view", Arc::new(StringViewArray::from_iter(some(text)))),
        (
            "bytes",
            Arc::new(BinaryViewArray::from_iter(some(i64::to_le_bytes))),
        ),
        (
            "fixed",
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(fixed, 8).unwrap()),
        ),
        (
            "interval",
            Arc::new(IntervalDayTimeArray::from(some(|i| {
                IntervalDayTimeType::make_value(i as i32, 3)
            }))),
        ),
        ("none", Arc::new(NullArray::new(ROWS as usize))),
    ]
}

/// A struct with nulls of its own, a list in it, and a list of structs.
fn nested() -> Vec<(&'static str, ArrayRef)> {
    let rows = ROWS as usize;
    let numbers: ArrayRef = Arc::new(Int32Array::from(some(|i| i as i32)));
    let items =
        |i: i64| (i % 4 != 0).then(move || (0..i % 5).map(move |j| (j > 0).then_some(i as i32)));
    let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(
        (0..ROWS).map(items),
    ));
    let field = |name: &str, array: &ArrayRef| Field::new(name, array.data_type().clone(), true);
    let nulls: Vec<bool> = (0..rows).map(|i| i % 7 != 0).collect();
    let group = StructArray::new(
        vec![field("number", &numbers), field("list", &list)].into(),
        vec![numbers, list.clone()],
        Some(nulls.into()),
    );
    let strings: ArrayRef = Arc::new(StringArray::from(some(text)));
    let inner = StructArray::from(vec![(Arc::new(field("text", &strings)), strings)]);
    let offsets = (0..=ROWS as i32).map(|i| i - i % 2).collect::<Vec<_>>();
    let inner_field = Arc::new(Field::new("item", inner.data_type().clone(), true));
    let structs = ListArray::new(
        inner_field,
        arrow::buffer::OffsetBuffer::new(offsets.into()),
        Arc::new(inner),
        None,
    );
    let deep = Arc::new(group) as ArrayRef;
    let deeper = StructArray::from(vec![(Arc::new(field("group", &deep)), deep.clone())]);
    vec![
        ("group", deep),
        ("list", list),
        ("structs", Arc::new(structs)),
        ("deeper", Arc::new(deeper)),
    ]
}

fn written(columns: &[(&str, ArrayRef)], properties: WriterProperties) -> Vec<u8> {
    let columns = columns.iter().map(|(n, a)| (*n, a.clone(), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Ways to write: dictionaries, dictionaries that are given up, none; small pages; both page versions.
fn ways() -> Vec<(&'static str, WriterProperties)> {
    let small = |version| {
        WriterProperties::builder()
            .set_writer_version(version)
            .set_write_batch_size(64)
            .set_data_page_row_count_limit(200)
            .set_max_row_group_row_count(Some(1_300))
    };
    let (one, two) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    let given_up = |version| small(version).set_dictionary_page_size_limit(300);
    let none = |version| small(version).set_dictionary_enabled(false);
    vec![
        ("dictionary 1", small(one).build()),
        ("dictionary 2", small(two).build()),
        ("given up 1", given_up(one).build()),
        ("given up 2", given_up(two).build()),
        ("plain 1", none(one).build()),
        ("delta 2", none(two).build()),
    ]
}

fn opened(content: &[u8]) -> (Dataset, tempfile::TempDir) {
    let (dataset, folder) = open(
        &[("d.parquet", content)],
        "d.parquet",
        &SourceOptions::default(),
    );
    (dataset.unwrap(), folder)
}

#[test]
fn every_type_gives_the_same_bytes_without_a_row_made() {
    let mut all = columns();
    all.extend(nested());
    for (way, properties) in ways() {
        let (dataset, _folder) = opened(&written(&all, properties));
        assert_eq!(agree(&dataset, way), Vec::<String>::new(), "{way}");
    }
}

#[test]
fn decimals_of_256_bits_are_left_to_rows() {
    let wide = some(|i| arrow::datatypes::i256::from_i128(i128::from(i)));
    let wide: ArrayRef = Arc::new(Decimal256Array::from(wide));
    let both = [("wide", wide), columns().swap_remove(4)];
    let (dataset, _folder) = opened(&written(&both, WriterProperties::default()));
    assert_eq!(agree(&dataset, "256 bits"), ["wide"]);
}

#[test]
fn many_values_on_several_threads_give_the_same_bytes() {
    let count = 120_000;
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0..count).map(mixed)));
    let texts = (0..count).map(|i| text(mixed(i)));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
    let few: ArrayRef = Arc::new(Int32Array::from_iter_values(
        (0..count).map(|i| (i % 9) as i32),
    ));
    let columns = [("numbers", numbers), ("texts", texts), ("few", few)];
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(9_000));
    let (dataset, _folder) = opened(&written(&columns, properties.build()));
    assert_eq!(agree(&dataset, "threads"), Vec::<String>::new());
}

#[test]
fn partitions_are_constants() {
    let file = |rows: usize| {
        let columns: Vec<_> = columns()
            .drain(3..5)
            .map(|(n, a)| (n, a.slice(0, rows)))
            .collect();
        written(&columns, WriterProperties::default())
    };
    let (one, two, none) = (file(40), file(7), file(0));
    let files: [(&str, &[u8]); 4] = [
        ("d/day=2013-01-02/place=x/1.parquet", &one),
        ("d/day=__HIVE_DEFAULT_PARTITION__/place=y/2.parquet", &two),
        ("d/day=2013-01-03/place=y/3.parquet", &two),
        ("d/day=2013-01-04/place=z/4.parquet", &none),
    ];
    let (dataset, _folder) = open(&files, "d", &SourceOptions::default());
    assert_eq!(agree(&dataset.unwrap(), "partitions"), Vec::<String>::new());
}

#[test]
fn only_what_is_wanted_is_read() {
    let content = written(&columns()[..9], WriterProperties::default());
    let (dataset, folder) = opened(&content);
    let counts = |dataset: &Dataset| {
        let counts = wanted(dataset, Wants::COUNTS);
        let found = encoded::profile(dataset, &counts, &|_| ()).map_err(|e| e.to_string());
        found.map(|found| {
            let columns = found.unwrap().0.columns.into_iter();
            columns
                .map(|c| (c.counters.rows, c.counters.nulls))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(counts(&dataset), Ok(vec![(3_000, 1_000); 9]));
    // Nothing but the footer is left: nulls are known, values are not.
    let mut broken = content.clone();
    let footer = u32::from_le_bytes(*content[..content.len() - 4].last_chunk().unwrap()) as usize;
    broken[4..content.len() - footer - 8].fill(0xff);
    std::fs::write(folder.path().join("d.parquet"), broken).unwrap();
    let dataset = Dataset::open("d.parquet", folder.path(), &SourceOptions::default()).unwrap();
    assert_eq!(counts(&dataset), Ok(vec![(3_000, 1_000); 9]));
    let error = by_pages(&dataset).unwrap_err();
    assert!(error.starts_with("cannot decode d.parquet: "), "{error}");
}

#[test]
fn nulls_of_lists_and_nan_are_counted_when_counts_are_wanted() {
    let mut all = nested();
    all.extend(columns().drain(9..12));
    for (way, properties) in ways() {
        let (dataset, _folder) = opened(&written(&all, properties));
        let counts = wanted(&dataset, Wants::COUNTS);
        let (pages, _) = encoded::profile(&dataset, &counts, &|_| ())
            .unwrap()
            .unwrap();
        let rows = profile_by_batches(&dataset, &counts, &|_| ()).unwrap();
        for (page, row) in pages.columns.iter().zip(&rows.columns) {
            let of = |c: &tollgate::measure::ColumnProfile| {
                (
                    c.name.clone(),
                    c.counters.rows,
                    c.counters.nulls,
                    c.counters.nan,
                )
            };
            assert_eq!(of(page), of(row), "{way}");
        }
    }
}

#[test]
fn broken_files_say_what_they_say_when_rows_are_made() {
    // What is not looked into is not read either: intervals, and what is inside lists.
    let mut all = columns();
    all.retain(|(name, _)| *name != "interval");
    for (way, properties) in ways() {
        let content = written(&all, properties);
        let footer = u32::from_le_bytes(*content[..content.len() - 4].last_chunk().unwrap());
        let data = i64::try_from(content.len() - footer as usize - 8).unwrap();
        for round in 0..10_i64 {
            let mut broken = content.clone();
            for i in 0..3 {
                let at = mixed(round * 3 + i).rem_euclid(data) as usize;
                broken[at] ^= 1 << (mixed(round + i) & 7);
            }
            let (dataset, _folder) = opened(&broken);
            agree(&dataset, &format!("{way}, {round}"));
        }
    }
}

#[test]
fn a_file_that_changes_is_refused() {
    let content = written(&columns()[..4], WriterProperties::default());
    let (dataset, folder) = opened(&content);
    let path: &Path = &folder.path().join("d.parquet");
    std::fs::write(path, &content[..content.len() - 1]).unwrap();
    let error = by_pages(&dataset).unwrap_err();
    assert!(
        error.contains("it changed while tollgate was reading it"),
        "{error}"
    );
    assert_eq!(error, by_rows(&dataset).unwrap_err());
}

#[test]
fn dictionaries_by_hint_are_the_values() {
    let values: ArrayRef = Arc::new(StringArray::from(some(text)));
    let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let packed = arrow::compute::cast(&values, &kind).unwrap();
    let (dataset, _folder) = opened(&written(&[("t", packed)], WriterProperties::default()));
    assert_eq!(agree(&dataset, "dictionary"), Vec::<String>::new());
}
