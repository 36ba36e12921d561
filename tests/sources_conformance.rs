//! Files that others made: every good one is read, every bad one is refused with its name and the reason.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it cannot go on, and says what it skips"
)]

use crate::sources::{names, open};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tollgate::config::CsvConfig;
use tollgate::engine::embedded::source::{Dataset, SourceOptions};
use tollgate::scalar::Scalar;
use tollgate::types::TypePattern;

use arrow::array::{Array, RecordBatch};
use tollgate::engine::embedded::value::scalar_at;

pub(crate) fn shared(folder: &str) -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance");
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
        eprintln!("skipped: no conformance files beside the checkout");
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    Some(files)
}

pub(crate) fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Rows and cells that are not null, or the reason why the file is refused.
fn scanned(path: &Path) -> Result<(u64, usize), String> {
    let said = |e: tollgate::error::Error| e.to_string();
    let options = SourceOptions {
        format: Some("parquet".to_owned()),
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(name(path), path.parent().unwrap(), &options).map_err(said)?;
    for field in &dataset.schema().fields {
        let inside = format!("{}.", field.name);
        let mut columns = dataset.columns().iter();
        let kept = columns.any(|c| c.name == field.name || c.name.starts_with(&inside));
        assert!(kept, "{} of {}", field.name, path.display());
    }
    let (mut rows, mut cells) = (0, 0);
    let each = &mut |batch: &RecordBatch| {
        rows += batch.num_rows() as u64;
        for column in batch.columns() {
            cells += (0..column.len())
                .filter(|r| scalar_at(column.as_ref(), *r).is_some())
                .count();
        }
        Ok(())
    };
    dataset.scan(&names(&dataset), each).map_err(said)?;
    assert_eq!(rows, dataset.footer().unwrap().rows, "{}", path.display());
    Ok((rows, cells))
}

/// Files of parquet-testing/data that are rightly refused, and what the refusal says.
const REFUSED: &[(&str, &str)] = &[
    // parquet-mr before 1.2.9 left the dictionary's page header out of the chunk's length (PARQUET-816)
    ("nation.dict-malformed.parquet", "EOF"),
    // there is no key for it
    ("uniform_encryption.parquet.encrypted", "encrypt"),
    // their page checksums say that the bytes are not those that were written
    (
        "datapage_v1-corrupt-checksum.parquet",
        "CRC checksum mismatch",
    ),
    (
        "rle-dict-uncompressed-corrupt-checksum.parquet",
        "CRC checksum mismatch",
    ),
];

#[test]
fn every_good_parquet_file_is_read() {
    let Some(files) = shared("parquet-testing/data") else {
        return;
    };
    assert!(files.len() > 20);
    for path in files {
        let refused = REFUSED.iter().find(|(n, _)| *n == name(&path));
        match (scanned(&path), refused) {
            (Ok((rows, cells)), None) => {
                let null = name(&path) == "single_nan.parquet";
                assert!(rows > 0 && (cells == 0) == null, "{}", path.display());
            }
            (Err(reason), Some((_, part))) => assert!(reason.contains(part), "{reason}"),
            (found, _) => panic!("{}: {found:?}", path.display()),
        }
    }
}

#[test]
fn every_bad_parquet_file_is_refused() {
    let Some(files) = shared("parquet-testing/bad_data") else {
        return;
    };
    let parquet = files
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "parquet"));
    let mut seen = 0;
    for path in parquet {
        let reason = scanned(path).expect_err(name(path));
        assert!(reason.contains(name(path)), "{reason}");
        if name(path).contains("43605") {
            assert!(
                reason.contains("21186 dictionary indices of zero bits"),
                "{reason}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 8);
}

#[test]
fn nested_columns_are_by_path_or_by_name_and_none_is_lost() {
    for (file, expected) in [
        (
            "nested_lists.snappy.parquet",
            vec![("a", "list<list<list<string>>>"), ("b", "int32")],
        ),
        (
            "list_columns.parquet",
            vec![("int64_list", "list<int64>"), ("utf8_list", "list<string>")],
        ),
    ] {
        let Some(files) = shared("parquet-testing/data") else {
            return;
        };
        let path = files.iter().find(|p| name(p) == file).unwrap();
        let dataset =
            Dataset::open(file, path.parent().unwrap(), &SourceOptions::default()).unwrap();
        let columns = dataset.columns().iter();
        let found: Vec<_> = columns
            .map(|f| (f.name.as_str(), f.dtype.to_string()))
            .collect();
        let found: Vec<_> = found.iter().map(|(n, t)| (*n, t.as_str())).collect();
        assert_eq!(found, expected, "{file}");
    }
}

fn csv_cells(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = TypePattern::parse("string").unwrap();
    let mut content = std::fs::read(path).unwrap();
    if name(path).ends_with("_crlf.csv") && !content.contains(&b'\r') {
        // the checkout may have lost the carriage returns that the name promises
        content = String::from_utf8(content)
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes();
    }
    let first = String::from_utf8_lossy(&content);
    let header = first.lines().next().unwrap();
    let options = SourceOptions {
        csv: CsvConfig {
            nulls: Some(Vec::new()),
            ..CsvConfig::default()
        },
        types: header
            .split(',')
            .map(|n| (n.trim_matches('"').to_owned(), text.clone()))
            .collect(),
        ..SourceOptions::default()
    };
    let (dataset, _folder) = open(&[("d.csv", &content)], "d.csv", &options);
    let dataset = dataset.unwrap();
    let columns = names(&dataset);
    let cell = |v: Option<Scalar>| match v {
        Some(Scalar::Text(t)) => t,
        other => panic!("{}: {other:?}", path.display()),
    };
    let rows = crate::sources::rows(&dataset).into_iter();
    rows.map(|row| {
        columns
            .iter()
            .cloned()
            .zip(row.into_iter().map(cell))
            .collect()
    })
    .collect()
}

#[test]
fn csv_spectrum_means_what_its_json_says() {
    let Some(files) = shared("csv-spectrum/csvs") else {
        return;
    };
    assert!(files.len() >= 12);
    for path in files {
        if name(&path) == "location_coordinates.csv" {
            // its JSON is of another file; the CSV holds U+FFFD where degree signs were
            let cells = csv_cells(&path);
            let expected = "37\u{fffd}36'37.8\"N 121\u{fffd}2'17.9\"W";
            assert_eq!(cells[0]["Location Coordinates"], expected);
            continue;
        }
        let json = path
            .parent()
            .unwrap()
            .with_file_name("json")
            .join(name(&path))
            .with_extension("json");
        let expected: Vec<BTreeMap<String, String>> =
            serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
        assert_eq!(csv_cells(&path), expected, "{}", path.display());
    }
}
