//! What Parquet footers decide, and what the plan says of it.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use crate::harness::{Gate, scans};
use std::path::Path;
use std::process::Command;
use tollgate::record::Status;

/// A Parquet file of 1,000 rows: `id` 0 to 999, `n` null in every tenth row, `day` of two days, `f` floats.
///
/// Gives back where the bytes of each column begin and end.
fn parquet(path: &Path) -> Vec<std::ops::Range<usize>> {
    use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch};
    use std::sync::Arc;
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from_iter_values(0..1000))),
        (
            "n",
            Arc::new(
                (0..1000)
                    .map(|i| (i % 10 > 0).then_some(i))
                    .collect::<Int64Array>(),
            ),
        ),
        (
            "day",
            Arc::new(Date32Array::from_iter_values(
                (0..1000).map(|i| 15_737 + i % 2),
            )),
        ),
        (
            "f",
            Arc::new(Float64Array::from_iter_values((0..1000).map(f64::from))),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let metadata = writer.close().unwrap();
    let chunks = metadata.row_group(0).columns().iter();
    let at = |v: u64| usize::try_from(v).unwrap();
    chunks
        .map(|c| at(c.byte_range().0)..at(c.byte_range().0 + c.byte_range().1))
        .collect()
}

const FOOTER_ONLY: &str = "    path: d.parquet
    profile: false
    expect:
      - row_count: {min: 1000, max: 1000}
      - not_null: {column: id}
      - not_null: {column: n, max_failing: 100, samples: 0}
      - null_ratio: {column: n, max: 0.1}
      - min_between: {column: id, min: 0, max: 0}
      - max_between: {column: id, min: 999, max: 999}
      - columns_match: {columns: [id, n, day, f]}
      - column_type: {column: day, type: date}
      - data_fresh: {column: day, max_age: 27d}
";

/// A run over the file with the data pages of its first columns overwritten, with more said of the dataset.
fn over_garbage(columns: usize, more: &str) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.parquet");
    let chunks = parquet(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    for chunk in &chunks[..columns] {
        bytes[chunk.clone()].fill(0xA5);
    }
    std::fs::write(&path, bytes).unwrap();
    let config = format!("version: 1\ndatasets:\n  d:\n{FOOTER_ONLY}{more}");
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    Gate::again(folder, &["--now", "2013-03-01T00:00:00Z"])
}

#[test]
fn what_footers_decide_opens_no_data_page() {
    let gate = over_garbage(4, "");
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let run = gate.record();
    assert_eq!(run.datasets[0].rows, 1000);
    for outcome in run.outcomes {
        assert_eq!(
            outcome.status,
            Status::Pass,
            "{}: {}",
            outcome.id,
            outcome.message
        );
    }
    assert_eq!(gate.outcome("d.not_null(n)").failing, Some(100));
    for more in [
        "      - not_null: {column: n}\n",
        "      - min_between: {column: f, min: 0}\n",
        "      - mean_between: {column: id, min: 0}\n",
        "      - not_null: {column: id, where: id > 5}\n",
        "    reference: ./d.parquet\n",
    ] {
        let gate = over_garbage(4, more);
        assert_eq!(gate.code, 3, "{more}: {}{}", gate.stdout, gate.stderr);
        assert!(gate.stderr.contains("d.parquet"), "{more}: {}", gate.stderr);
    }
}

#[test]
fn only_columns_that_footers_leave_open_are_read() {
    let quantile = "      - quantile_between: {column: f, q: 0.5, min: 499, max: 499}\n";
    let gate = over_garbage(3, quantile);
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    assert_eq!(over_garbage(4, quantile).code, 3);
}

#[test]
fn the_record_names_what_was_read_of_a_file() {
    use sha2::{Digest, Sha256};
    let folder = tempfile::tempdir().unwrap();
    parquet(&folder.path().join("d.parquet"));
    let bytes = std::fs::read(folder.path().join("d.parquet")).unwrap();
    let hex = |bytes: &[u8]| tollgate::report::text::hex(&Sha256::digest(bytes));
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap());
    let footer = hex(&bytes[end - usize::try_from(length).unwrap()..]);
    let digest = |dataset: &str, folder: tempfile::TempDir| {
        let config = format!("version: 1\ndatasets:\n  d:\n{dataset}");
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let gate = Gate::again(folder, &["--now", "2013-03-01T00:00:00Z"]);
        (gate.record().datasets[0].files[0].clone(), gate.folder)
    };
    let (file, folder) = digest(FOOTER_ONLY, folder);
    assert_eq!((file.sha256, file.footer_sha256), (None, Some(footer)));
    let all = FOOTER_ONLY.replace("profile: false", "profile: true");
    let (file, _folder) = digest(&all, folder);
    assert_eq!((file.sha256, file.footer_sha256), (Some(hex(&bytes)), None));
}

#[test]
fn footers_and_rows_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    parquet(&folder.path().join("d.parquet"));
    assert_eq!(scans(folder.path(), FOOTER_ONLY), 0);
    let all = FOOTER_ONLY.replace("profile: false", "profile: true");
    assert_eq!(scans(folder.path(), &all), 1);
    let outcomes = |dataset: &str| {
        let config = format!("version: 1\ndatasets:\n  d:\n{dataset}");
        let other = tempfile::tempdir().unwrap();
        std::fs::copy(
            folder.path().join("d.parquet"),
            other.path().join("d.parquet"),
        )
        .unwrap();
        std::fs::write(other.path().join("tollgate.yaml"), config).unwrap();
        Gate::again(other, &["--now", "2013-03-01T00:00:00Z"])
            .record()
            .outcomes
    };
    assert_eq!(outcomes(FOOTER_ONLY), outcomes(&all));
}

#[test]
fn the_plan_says_what_is_read_and_what_decides() {
    let folder = tempfile::tempdir().unwrap();
    parquet(&folder.path().join("d.parquet"));
    let plan = |more: &str, args: &[&str]| {
        let config = format!("version: 1\ndatasets:\n  d:\n{FOOTER_ONLY}{more}");
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .arg("plan")
            .args(args)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let text = plan("", &[]);
    assert!(text.contains("reads 0 of 4 columns, 0 of "), "{text}");
    assert!(text.contains("no scan"), "{text}");
    for (id, words) in [
        (
            "d.not_null(n)",
            "rows where \"n\" IS NULL; decided by the footer",
        ),
        ("d.column_type(day)", "type of `day`; decided by the schema"),
        ("d.max_between(id)", "max of `id`; decided by the footer"),
        ("d.row_count#2", "number of rows; decided by the footer"),
    ] {
        assert!(
            text.contains(&format!("  {id}\n      {words}\n")),
            "{id}: {text}"
        );
    }
    let more = "      - quantile_between: {column: f, q: 0.9, max: 1000}
      - unique_key: {columns: [id, n]}
      - value_between: {expr: SUM(f) - SUM(id), max: 1}
";
    let text = plan(more, &[]);
    assert!(text.contains("reads 3 of 4 columns"), "{text}");
    assert!(text.contains("1 scan; 1 more"), "{text}");
    assert!(
        text.contains("the 0.9 quantile of `f`; one scan, exact kernel, memory: 8 bytes per value"),
        "{text}"
    );
    assert!(
        text.contains("one scan, SQL, memory: all rows of id, f"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&plan(more, &["--format", "json"])).unwrap();
    let dataset = &json["datasets"][0];
    assert_eq!(dataset["columns"], serde_json::json!(["id", "n", "f"]));
    assert_eq!(dataset["scans"], 1);
    let read = dataset["bytes"].as_u64().unwrap();
    assert!(read > 0 && read < dataset["bytes_total"].as_u64().unwrap());
    let by: Vec<_> = dataset["expectations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["decided_by"].as_str().unwrap())
        .collect();
    assert_eq!(by[by.len() - 3..], ["kernel", "kernel", "sql"]);
}
