//! Text formats and Arrow IPC: what is read, what is refused, and how types follow the values of all rows.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use tollgate::config::CsvConfig;
use tollgate::engine::embedded::source::{BATCH_ROWS, Dataset, SourceOptions};
use tollgate::engine::embedded::value::scalar_at;
use tollgate::scalar::{Integer, Scalar};
use tollgate::types::TypePattern;

use arrow::array::RecordBatch;

/// Rows of a dataset, columns in the order of `columns()`.
pub(crate) fn rows(dataset: &Dataset) -> Vec<Vec<Option<Scalar>>> {
    let columns = names(dataset);
    let mut rows = Vec::new();
    let each = &mut |batch: &RecordBatch| {
        assert!(batch.num_rows() <= BATCH_ROWS);
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter();
            rows.push(cells.map(|c| scalar_at(c.as_ref(), row)).collect());
        }
        Ok(())
    };
    dataset.scan(&columns, each).unwrap();
    rows
}

/// Names of everything that a scan can give.
pub(crate) fn names(dataset: &Dataset) -> Vec<String> {
    dataset.columns().iter().map(|f| f.name.clone()).collect()
}

/// Rows that a scan of no column counts.
pub(crate) fn counted(dataset: &Dataset) -> usize {
    let mut rows = 0;
    let each = &mut |batch: &RecordBatch| {
        rows += batch.num_rows();
        Ok(())
    };
    dataset.scan(&[], each).unwrap();
    rows
}

/// Types of all columns as a contract writes them.
pub(crate) fn types(dataset: &Dataset) -> Vec<String> {
    let columns = dataset.columns().iter();
    columns.map(|f| f.dtype.to_string()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "cells are optional")]
pub(crate) fn int(v: i64) -> Option<Scalar> {
    Some(Scalar::Int(Integer(i128::from(v))))
}

#[expect(clippy::unnecessary_wraps, reason = "cells are optional")]
pub(crate) fn text(v: &str) -> Option<Scalar> {
    Some(Scalar::Text(v.to_owned()))
}

/// Writes files into a folder of their own and opens `path` in it.
pub(crate) fn open(
    files: &[(&str, &[u8])],
    path: &str,
    options: &SourceOptions,
) -> (Result<Dataset, String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }
    let dataset = Dataset::open(path, folder.path(), options).map_err(|e| e.to_string());
    (dataset, folder)
}

fn csv(content: &[u8]) -> Dataset {
    let (dataset, folder) = open(&[("d.csv", content)], "d.csv", &SourceOptions::default());
    std::mem::forget(folder);
    dataset.unwrap()
}

pub(crate) fn refused(name: &str, content: &[u8]) -> String {
    let (dataset, _folder) = open(&[(name, content)], name, &SourceOptions::default());
    let reason = dataset.err().unwrap();
    assert!(reason.contains(name), "{reason}");
    reason
}

fn declared(types: &[(&str, &str)]) -> SourceOptions {
    let of = |(n, t): &(&str, &str)| ((*n).to_owned(), TypePattern::parse(t).unwrap());
    SourceOptions {
        types: types.iter().map(of).collect(),
        ..SourceOptions::default()
    }
}

#[test]
fn types_follow_all_cells_of_a_csv_column() {
    for (cells, dtype) in [
        (&["true", "", "false"][..], "boolean"),
        (&["1", "-2", ""], "int64"),
        (&["1", "2.5"], "float64"),
        (&["1", "NaN", "-inf"], "float64"),
        (&["9223372036854775808", "1"], "float64"),
        (&["1e400"], "string"),
        (&["007", "8"], "string"),
        (&["2013-02-28"], "date"),
        (&["2013-02-30"], "string"),
        (&["2013-02-28T10:00:00Z"], "timestamp(utc)"),
        (&["2013-02-28 10:00:00"], "timestamp(local)"),
        (&["2013-02-28", "2013-02-28 10:00:00"], "string"),
        (&["1", "true"], "string"),
        (&["", ""], "null"),
    ] {
        let dataset = csv(format!("v,x\n{},0\n", cells.join(",0\n")).as_bytes());
        assert_eq!(types(&dataset)[0], dtype, "{cells:?}");
        assert_eq!(counted(&dataset), cells.len(), "{cells:?}");
        assert_eq!(rows(&dataset).len(), cells.len());
    }
}

#[test]
fn the_last_row_decides_the_type() {
    let mut content = "v\n".to_owned();
    content.push_str(&"1\n".repeat(BATCH_ROWS + 10));
    assert_eq!(types(&csv(content.as_bytes())), ["int64"]);
    content.push_str("x\n");
    let dataset = csv(content.as_bytes());
    assert_eq!(types(&dataset), ["string"]);
    let rows = rows(&dataset);
    assert_eq!(rows.len(), BATCH_ROWS + 11);
    assert_eq!(
        (rows[0][0].clone(), rows[BATCH_ROWS + 10][0].clone()),
        (text("1"), text("x"))
    );
}

#[test]
fn a_declared_type_wins_where_every_cell_reads_so() {
    for (cells, wanted, dtype) in [
        (&["1", "127"][..], "int8", "int8"),
        (&["1", "128"], "int8", "int64"),
        (&["1.0", "2"], "int64", "int64"),
        (&["1.5", "2"], "int64", "float64"),
        (&["18446744073709551615"], "uint64", "uint64"),
        (&["007"], "string", "string"),
        (&["1", "2"], "float", "float64"),
        (&["1.25", "-3"], "decimal(5,2)", "decimal(5,2)"),
        (&["1.255"], "decimal(5,2)", "float64"),
        (&["1234.5"], "decimal(5,2)", "float64"),
        (&["10:30:00"], "time", "time"),
        (
            &["2013-02-28", "2013-02-28 10:00:00"],
            "timestamp(local)",
            "timestamp(local)",
        ),
        (&["True", "0"], "boolean", "boolean"),
        (&["", ""], "date", "date"),
    ] {
        let content = format!("v,x\n{},0\n", cells.join(",0\n"));
        let options = declared(&[("v", wanted)]);
        let (dataset, _folder) = open(&[("d.csv", content.as_bytes())], "d.csv", &options);
        let dataset = dataset.unwrap();
        assert_eq!(types(&dataset)[0], dtype, "{cells:?} as {wanted}");
        assert_eq!(rows(&dataset).len(), cells.len());
    }
    let (dataset, _folder) = open(
        &[("d.csv", b"v\n-0.05\n12.3\n")],
        "d.csv",
        &declared(&[("v", "decimal(4,2)")]),
    );
    let values = rows(&dataset.unwrap());
    let decimal = |unscaled| {
        Some(Scalar::Decimal {
            unscaled: Integer(unscaled),
            scale: 2,
        })
    };
    assert_eq!(values, [[decimal(-5)], [decimal(1230)]]);
}

#[test]
fn every_line_end_and_quoted_breaks_are_read() {
    let expected = [
        [int(1), text("a\"b")],
        [int(2), text("c\nd")],
        [int(3), text("e,f")],
    ];
    for end in ["\n", "\r\n", "\r"] {
        let lines = ["n,t", "1,\"a\"\"b\"", "2,\"c\nd\"", "3,\"e,f\""];
        for last in ["", end] {
            let content = lines.join(end) + last;
            assert_eq!(rows(&csv(content.as_bytes())), expected, "{end:?}");
        }
    }
    let long = "x\n\u{e9}\r\n".repeat(60_000);
    let content = format!("n,t\n1,\"{long}\"\n2,y\n");
    let found = rows(&csv(content.as_bytes()));
    assert_eq!(found, [[int(1), text(&long)], [int(2), text("y")]]);
}

#[test]
fn the_delimiter_is_found_outside_quotes() {
    for (content, names_found) in [
        ("\"a,b,c\";d\n1;2\n", vec!["a,b,c", "d"]),
        ("a\tb\n1\t2\n", vec!["a", "b"]),
        ("a|b\n1|2\n", vec!["a", "b"]),
        ("a\n1\n", vec!["a"]),
    ] {
        assert_eq!(names(&csv(content.as_bytes())), names_found);
    }
    let options = SourceOptions {
        csv: CsvConfig {
            delimiter: Some(b'#'),
            quote: Some(b'\''),
            nulls: Some(vec!["NA".to_owned()]),
            header: Some(false),
            ..CsvConfig::default()
        },
        ..SourceOptions::default()
    };
    let (dataset, _folder) = open(&[("d.csv", b"'1#'#NA\n2#\n")], "d.csv", &options);
    let dataset = dataset.unwrap();
    assert_eq!(names(&dataset), ["column_1", "column_2"]);
    assert_eq!(rows(&dataset), [[text("1#"), None], [text("2"), text("")]]);
}

#[test]
fn encodings_are_decoded_as_they_are_read() {
    let content = format!("name\n{}", "\u{e9}t\u{e9}\n".repeat(50_000));
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(content.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin: Vec<u8> = content
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, content.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(content.as_bytes(), 1).unwrap();
    for (name, bytes, encoding) in [
        ("d.csv", &utf16, None),
        ("d.csv", &latin, Some("windows-1252")),
        ("d.csv.gz", &gz, None),
        ("d.csv.zst", &zst, None),
    ] {
        let options = SourceOptions {
            csv: CsvConfig {
                encoding: encoding.map(str::to_owned),
                ..CsvConfig::default()
            },
            ..SourceOptions::default()
        };
        let (dataset, _folder) = open(&[(name, bytes)], name, &options);
        let rows = rows(&dataset.unwrap());
        assert_eq!(rows.len(), 50_000, "{name}");
        assert!(rows.iter().all(|r| r[0] == text("\u{e9}t\u{e9}")), "{name}");
    }
    let reason = refused("d.csv.gz", &gz[..gz.len() / 2]);
    assert!(reason.contains("gzip compression is broken"), "{reason}");
    let reason = refused("d.csv.zst", &zst[..zst.len() / 2]);
    assert!(
        reason.contains("Zstandard compression is broken"),
        "{reason}"
    );
    assert!(refused("d.csv", &latin).contains("line 2, byte 6 is not UTF-8"));
}

#[test]
fn broken_csv_is_refused_with_its_line() {
    for (content, reason) in [
        (&b"\n\n"[..], "there is no header row"),
        (
            b"a,b\n1,2\n\n3\n",
            "line 4 has 1 cells, the first row has 2",
        ),
        (
            b"a,b\r\n1,\"\r\n\"\r\n\r\n3\r\n",
            "line 5 has 1 cells, the first row has 2",
        ),
        (b"a,b\r1,2\r3\r", "line 3 has 1 cells, the first row has 2"),
        (
            b"a,b\n1,\"x\n2,y\n",
            "line 2 opens a quote that is never closed",
        ),
        (b"a,\"b\n", "opens a quote that is never closed"),
        (b"a,\n1,2\n", "column 2 has no name"),
        (b"a\n1\nx\0y\n", "line 3 holds a NUL"),
    ] {
        let found = refused("d.csv", content);
        assert!(found.contains(reason), "{found}");
    }
}

#[test]
fn ten_thousand_columns_are_read() {
    let columns = 10_000;
    let line = |f: &dyn Fn(usize) -> String| (0..columns).map(f).collect::<Vec<_>>().join(",");
    let mut content = line(&|i| format!("c{i}")) + "\n";
    for row in 0..450 {
        content += &(line(&|i| (i * row).to_string()) + "\n");
    }
    let dataset = csv(content.as_bytes());
    assert_eq!(dataset.columns().len(), columns);
    let mut seen = 0;
    let each = &mut |batch: &RecordBatch| {
        assert_eq!(batch.num_columns(), columns);
        let last = batch.column(columns - 1);
        for row in 0..batch.num_rows() {
            assert_eq!(
                scalar_at(last.as_ref(), row),
                int(i64::try_from(9_999 * (seen + row)).unwrap())
            );
        }
        seen += batch.num_rows();
        Ok(())
    };
    dataset.scan(&names(&dataset), each).unwrap();
    assert_eq!(seen, 450);
}

#[test]
fn csv_files_share_their_types_and_are_read_by_name() {
    let options = SourceOptions::default();
    let files: [(&str, &[u8]); 2] = [("d/a.csv", b"x,y\n1,\n"), ("d/b.csv", b"y;x\nz;2.5\n")];
    let (dataset, _folder) = open(&files, "d", &options);
    let dataset = dataset.unwrap();
    assert_eq!(types(&dataset), ["float64", "string"]);
    let float = |v| Some(Scalar::Float(v));
    assert_eq!(
        rows(&dataset),
        [[float(1.0), None], [float(2.5), text("z")]]
    );
    let files: [(&str, &[u8]); 2] = [("d/a.csv", b"x,y\n1,2\n"), ("d/b.csv", b"x,z\n1,2\n")];
    let (dataset, _folder) = open(&files, "d", &options);
    let reason = dataset.err().unwrap();
    assert!(
        reason.contains("d/b.csv") && reason.contains("d/a.csv: it lacks `y` and has `z`"),
        "{reason}"
    );
}

#[test]
fn types_follow_all_values_of_a_json_key() {
    let lines = br#"{"i": 1, "f": 1, "m": 1, "n": null, "l": [1], "o": {"a": 1}, "e": {}}
{"i": null, "f": 2.5, "m": "x", "l": [null, 2.5], "o": {"b": "x"}}

{"m": true, "late": "2013-02-28"}
"#;
    let options = declared(&[("late", "date"), ("i", "int16")]);
    let (dataset, _folder) = open(&[("d.ndjson", lines)], "d.ndjson", &options);
    let dataset = dataset.unwrap();
    assert_eq!(
        names(&dataset),
        ["i", "f", "m", "n", "l", "o.a", "o.b", "e", "late"]
    );
    let expected = [
        "int16",
        "float64",
        "string",
        "null",
        "list<float64>",
        "int64",
        "string",
        "struct<>",
        "date",
    ];
    assert_eq!(types(&dataset), expected);
    let found = rows(&dataset);
    let column = |i: usize| found.iter().map(|r| r[i].clone()).collect::<Vec<_>>();
    assert_eq!(column(0), [int(1), None, None]);
    assert_eq!(column(2), [text("1"), text("x"), text("true")]);
    assert_eq!(column(5), [int(1), None, None]);
    assert_eq!(column(6), [None, text("x"), None]);
    assert_eq!(column(8), [None, None, Some(Scalar::Date(15_764))]);
    assert_eq!(counted(&dataset), 3);
}

#[test]
fn broken_ndjson_is_refused_with_its_line() {
    for (content, reason) in [
        (&b"{\"a\": 1}\n{\"a\": 2"[..], "line 2, byte 7: EOF"),
        (b"{\"a\": 1}\n[1]\n", "line 2, byte"),
        (
            b"{\"a\": 1} {\"a\": 2}\n",
            "line 1, byte 10: trailing characters",
        ),
        (b"{\"a\": 1, \"a\": 2}\n", "the key `a` comes twice"),
        (
            b"{\"a\": 1}\n{\"a\": [1]}\n",
            "line 2, byte 7: `a` is a list where earlier values are a number",
        ),
        (
            b"{\"a\": [{}]}\n{\"a\": [1]}\n",
            "`a` is a number where earlier values are an object",
        ),
        (
            b"[\n{\"a\": 1}]\n",
            "JSON list; NDJSON has one object on every line",
        ),
        (b"\n \n", "there is no line"),
    ] {
        let found = refused("d.ndjson", content);
        assert!(found.contains(reason), "{found}");
    }
}
