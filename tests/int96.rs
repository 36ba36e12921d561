//! Moments in 96 bits: what Spark writes is read whole, and what nanoseconds do not hold is never another day.

use crate::harness::Gate;
use parquet::data_type::{Int96, Int96Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;
use tollgate::record::Status;

/// The Julian day of 1970-01-01.
const EPOCH: u32 = 2_440_588;

/// A file of one column of such moments: days since 1970 and nanoseconds.
fn file(moments: &[(u32, u64)], spark: bool, dictionary: bool) -> Vec<u8> {
    let schema = Arc::new(parse_message_type("message m { required int96 at; }").unwrap());
    let said = spark.then(|| {
        vec![KeyValue::new(
            "org.apache.spark.version".to_owned(),
            "3.4.1".to_owned(),
        )]
    });
    let properties = WriterProperties::builder()
        .set_key_value_metadata(said)
        .set_dictionary_enabled(dictionary);
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties.build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let stored = moments.iter().map(|(day, nanos)| {
        let mut value = Int96::new();
        value.set_data(*nanos as u32, (nanos >> 32) as u32, day.wrapping_add(EPOCH));
        value
    });
    let stored: Vec<Int96> = stored.collect();
    column
        .typed::<Int96Type>()
        .write_batch(&stored, None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

fn gate(bytes: &[u8], expect: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.parquet\n    expect:\n      - {expect}\n"
    );
    Gate::run(
        &[("d.parquet", bytes), ("tollgate.yaml", config.as_bytes())],
        &[],
    )
}

/// 2013-02-01, and 9999-12-31.
const DAYS: [(u32, u64); 2] = [(15_737, 3_600_000_001_000), (2_932_896, 0)];

#[test]
fn what_spark_wrote_is_read_in_microseconds() {
    for dictionary in [true, false] {
        let bytes = file(&DAYS, true, dictionary);
        // By the profile, and by a check of rows.
        let profiled = gate(
            &bytes,
            "date_between: {column: at, min: 2013-02-01, max: 9999-12-31}",
        );
        assert_eq!(profiled.code, 0, "{}{}", profiled.stdout, profiled.stderr);
        let rows = gate(
            &bytes,
            "expression: {expr: \"at < TIMESTAMP '9999-12-31 00:00:00'\"}",
        );
        let outcome = rows.outcome("d.expression");
        assert_eq!((outcome.status, outcome.failing), (Status::Fail, Some(1)));
        let exact = gate(
            &bytes,
            "expression: {expr: \"at <> TIMESTAMP '2013-02-01 01:00:00.000001'\"}",
        );
        assert_eq!(exact.outcome("d.expression").failing, Some(1));
    }
}

#[test]
fn beyond_nanoseconds_is_an_error_and_never_another_day() {
    for dictionary in [true, false] {
        let bytes = file(&DAYS, false, dictionary);
        for expect in [
            "not_null: {column: at}",
            "date_between: {column: at, max: 2100-01-01}",
            "expression: {expr: \"at < TIMESTAMP '2100-01-01 00:00:00'\"}",
        ] {
            let gate = gate(&bytes, expect);
            assert_eq!(gate.code, 3, "{expect}: {}{}", gate.stdout, gate.stderr);
            assert!(gate.stderr.contains("1677 to 2262"), "{}", gate.stderr);
            assert!(gate.stderr.contains("d.parquet"), "{}", gate.stderr);
        }
        // Those that fit are read to the nanosecond.
        let fits = file(&[(15_737, 1)], false, dictionary);
        let gate = gate(
            &fits,
            "expression: {expr: \"at > TIMESTAMP '2013-02-01 00:00:00'\"}",
        );
        assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    }
}

/// The gate over a file that Spark wrote and one that something else did.
fn of_both(spark: &[(u32, u64)], other: &[(u32, u64)], expect: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: \"d-*.parquet\"\n    expect:\n      - {expect}\n"
    );
    Gate::run(
        &[
            ("d-1.parquet", &file(spark, true, false)),
            ("d-2.parquet", &file(other, false, true)),
            ("tollgate.yaml", config.as_bytes()),
        ],
        &[],
    )
}

#[test]
fn files_of_spark_and_of_others_are_one_dataset() {
    // Whole microseconds: nothing is lost, and the year 9999 is read.
    let exact = "expression: {expr: \"at = TIMESTAMP '2013-02-01 01:00:00.000001' OR at = TIMESTAMP '9999-12-31 00:00:00'\"}";
    for (spark, other) in [(&DAYS[..], &DAYS[..1]), (&DAYS[1..], &DAYS[..1])] {
        let gate = of_both(spark, other, exact);
        assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    }
    let between = "date_between: {column: at, min: 2013-02-01, max: 9999-12-31}";
    assert_eq!(of_both(&DAYS, &DAYS[..1], between).code, 0);
    let wrong = "expression: {expr: \"at < TIMESTAMP '2013-02-01 01:00:00.000001'\"}";
    let gate = of_both(&DAYS[..1], &DAYS[..1], wrong);
    assert_eq!(gate.outcome("d.expression").failing, Some(2));
    // A nanosecond is read as one, and then the year 9999 is none that is read wrong.
    let after = "expression: {expr: \"at > TIMESTAMP '2013-02-01 00:00:00'\"}";
    let nano = [(15_737, 1)];
    let gate = of_both(&DAYS[..1], &nano, after);
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let gate = of_both(&DAYS, &nano, after);
    assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
    assert!(gate.stderr.contains("1677 to 2262"), "{}", gate.stderr);
}

/// So many days of microseconds are three times what 64 bits hold: they would be a moment of 1969 again.
#[test]
fn beyond_microseconds_is_an_error_and_never_another_day() {
    let far = [(640_511_947, 0)];
    let expect = "date_between: {column: at, min: 1969-01-01, max: 2013-12-31}";
    let rows = "expression: {expr: \"at < TIMESTAMP '2013-12-31 00:00:00'\"}";
    for (gate, unit) in [
        (gate(&file(&far, true, false), expect), "microseconds"),
        (gate(&file(&far, true, true), rows), "microseconds"),
        (of_both(&DAYS[..1], &far, expect), "nanoseconds"),
    ] {
        assert_eq!(gate.code, 3, "{}{}", gate.stdout, gate.stderr);
        let told = format!("beyond what 64 bits of {unit} hold");
        assert!(gate.stderr.contains(&told), "{}", gate.stderr);
    }
}

/// Decimals of more than 38 digits are not looked into: a sum of 0 would keep promises that nobody judged.
#[test]
fn decimals_that_are_not_looked_into_keep_no_promise() {
    use arrow::array::{ArrayRef, Decimal256Array, RecordBatch};
    use arrow::datatypes::i256;
    let wide = i256::from_string(&"1".repeat(45)).unwrap();
    let column = Decimal256Array::from(vec![Some(wide), None]);
    let column = column.with_precision_and_scale(50, 0).unwrap();
    let batch = RecordBatch::try_from_iter([("d", Arc::new(column) as ArrayRef)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    // Whether two are equal is known of every value.
    let distinct = gate(&bytes, "distinct_count: {column: d, min: 1, max: 1}");
    assert_eq!(distinct.code, 0, "{}{}", distinct.stdout, distinct.stderr);
    for check in ["sum_between", "mean_between", "zero_count"] {
        let gate = gate(&bytes, &format!("{check}: {{column: d, max: 5}}"));
        let outcome = gate.outcome(&format!("d.{check}(d)"));
        assert_eq!(
            outcome.status,
            Status::Error,
            "{check}: {}",
            outcome.message
        );
        assert!(outcome.message.contains("38 digits"), "{}", outcome.message);
    }
}
