//! The example data: what the script promises of the flight batches holds in the committed files.

use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::HashMap;
use std::fs::File;

type Row = HashMap<String, String>;

fn rows(name: &str) -> Vec<Row> {
    let path = format!(
        "{}/examples/flights/data/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let reader = SerializedFileReader::new(File::open(path).expect("committed")).expect("readable");
    let text = |row: parquet::record::Row| {
        row.get_column_iter()
            .map(|(n, v)| (n.clone(), v.to_string()))
            .collect()
    };
    reader
        .get_row_iter(None)
        .expect("rows")
        .map(|row| text(row.expect("decodes")))
        .collect()
}

fn count(rows: &[Row], column: &str, wanted: &str) -> usize {
    rows.iter().filter(|row| row[column] == wanted).count()
}

#[test]
fn months_hold_the_published_row_counts() {
    for (month, expected) in [(1, 27_004), (2, 24_951), (3, 28_834)] {
        let rows = rows(&format!("flights-2013-{month:02}.parquet"));
        assert_eq!(rows.len(), expected);
        assert_eq!(count(&rows, "month", &month.to_string()), expected);
    }
}

#[test]
fn february_is_clean_where_the_dirty_batch_is_not() {
    let clean = rows("flights-2013-02.parquet");
    assert_eq!(count(&clean, "origin", "null"), 0);
    assert_eq!(count(&clean, "carrier", "\"ZZ\""), 0);
    assert_eq!(count(&clean, "sched_dep_time", "2575"), 0);
    assert!(clean[0].contains_key("tailnum"));
}

#[test]
fn the_dirty_batch_holds_every_planted_fault() {
    let (clean, dirty) = (
        rows("flights-2013-02.parquet"),
        rows("flights-2013-02-dirty.parquet"),
    );
    assert_eq!(dirty.len(), clean.len() + 40, "duplicated rows");
    assert_eq!(dirty[..40], dirty[clean.len()..], "duplicated rows");
    assert_eq!(
        count(&dirty[..clean.len()], "carrier", "\"ZZ\""),
        25,
        "new carrier code"
    );
    assert_eq!(
        count(&dirty[..clean.len()], "origin", "null"),
        50,
        "nulls in origin"
    );
    assert_eq!(
        count(&dirty[..clean.len()], "sched_dep_time", "2575"),
        13,
        "times out of range"
    );
    assert_eq!(
        count(&dirty[..clean.len()], "month", "3"),
        9,
        "dates of the wrong month"
    );
    assert!(!dirty[0].contains_key("tailnum"), "dropped column");
    assert!(
        dirty.iter().any(|row| row["air_time"].starts_with('"')),
        "column turned to text"
    );
    for (before, after) in clean
        .iter()
        .zip(&dirty)
        .filter(|(before, _)| before["carrier"] == "\"B6\"")
    {
        let miles: f64 = before["distance"].parse().expect("a number");
        let kilometres: f64 = after["distance"].parse().expect("a number");
        assert!(
            (kilometres - miles * 1.609_344).abs() <= 0.5,
            "unit change: {miles} became {kilometres}"
        );
    }
}
