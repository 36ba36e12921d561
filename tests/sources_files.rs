//! Which files a path names: folders, globs, hive partitions, standard input.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{counted, int, names, open, rows, text, types};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tollgate::engine::embedded::source::{Dataset, SourceOptions};
use tollgate::scalar::Scalar;
use tollgate::types::TypePattern;

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;

fn parquet(columns: &[(&str, ArrayRef)]) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.iter().map(|(n, a)| (*n, a.clone(), true)),
    )
    .unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn ints(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn dataset(files: &[(&str, &[u8])], path: &str) -> (Result<Dataset, String>, tempfile::TempDir) {
    open(files, path, &SourceOptions::default())
}

#[test]
fn folders_of_a_partition_are_columns() {
    let (one, two) = (
        parquet(&[("n", ints(&[1, 2]))]),
        parquet(&[("n", ints(&[3]))]),
    );
    let files: [(&str, &[u8]); 5] = [
        ("d/year=2014/day=2014-01-31/place=a%2Fb%20c/2.parquet", &two),
        (
            "d/year=2013/day=__HIVE_DEFAULT_PARTITION__/place=JFK/1.parquet",
            &one,
        ),
        ("d/year=2013/_SUCCESS", b""),
        ("d/year=2013/.1.parquet.crc", b"crc"),
        ("d/_temporary/0.parquet", b"half"),
    ];
    for path in ["d", "d/", "d/*/*/*/*.parquet", "d/**/*.parquet"] {
        let files = if path.contains("**") {
            &files[..4]
        } else {
            &files[..]
        };
        let (dataset, _folder) = dataset(files, path);
        let dataset = dataset.unwrap();
        assert_eq!(names(&dataset), ["n", "year", "day", "place"], "{path}");
        assert_eq!(types(&dataset), ["int64", "int64", "date", "string"]);
        let jan_31 = Some(Scalar::Date(16_101));
        let expected = [
            [int(1), int(2013), None, text("JFK")],
            [int(2), int(2013), None, text("JFK")],
            [int(3), int(2014), jan_31, text("a/b c")],
        ];
        assert_eq!(rows(&dataset), expected, "{path}");
        assert_eq!(counted(&dataset), 3);
        let mut years = Vec::new();
        let only = ["year".to_owned()];
        let each = &mut |batch: &RecordBatch| {
            years.push((batch.num_rows(), batch.num_columns()));
            Ok(())
        };
        dataset.scan(&only, each).unwrap();
        assert_eq!(years, [(2, 1), (1, 1)]);
        assert_eq!(dataset.bytes(&only), 0);
    }
}

#[test]
fn partitions_are_typed_like_cells_and_by_the_contract() {
    let one = parquet(&[("n", ints(&[1]))]);
    let files: [(&str, &[u8]); 2] = [
        ("d/month=01/x=1/1.parquet", &one),
        ("d/month=12/x=a/1.parquet", &one),
    ];
    let (found, folder) = dataset(&files, "d");
    assert_eq!(types(&found.unwrap()), ["int64", "string", "string"]);
    let options = SourceOptions {
        types: vec![("month".to_owned(), TypePattern::parse("int8").unwrap())],
        ..SourceOptions::default()
    };
    let found = Dataset::open("d", folder.path(), &options).unwrap();
    assert_eq!(types(&found), ["int64", "int8", "string"]);
    assert_eq!(rows(&found)[0], [int(1), int(1), text("1")]);
}

#[test]
fn partitions_work_for_text_formats() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"n\n6\n").unwrap();
    let packed = packed.finish().unwrap();
    let files: [(&str, &[u8]); 2] = [("d/k=1/a.csv", b"n\n5\n"), ("d/k=2/b.csv.gz", &packed)];
    let (found, _folder) = dataset(&files, "d");
    assert_eq!(rows(&found.unwrap()), [[int(5), int(1)], [int(6), int(2)]]);
}

#[test]
fn files_that_do_not_fit_together_are_named() {
    let n = parquet(&[("n", ints(&[1]))]);
    let narrow = parquet(&[("n", Arc::new(Int32Array::from(vec![1])) as ArrayRef)]);
    let more = parquet(&[("n", ints(&[1])), ("m", ints(&[1]))]);
    for (files, path, reasons) in [
        (
            vec![("d/n=1/a.parquet", &n[..])],
            "d",
            vec!["`n` is a column of the file and a partition"],
        ),
        (
            vec![("d/a.parquet", &n[..]), ("d/b.parquet", &narrow)],
            "d",
            vec![
                "d/b.parquet",
                "column `n` is int32, but int64 in d/a.parquet",
            ],
        ),
        (
            vec![("d/a.parquet", &n[..]), ("d/b.parquet", &more)],
            "d/*.parquet",
            vec![
                "d/b.parquet",
                "differ from those of d/a.parquet: it has `m`",
            ],
        ),
        (
            vec![("d/a.parquet", &more[..]), ("d/b.parquet", &n)],
            "d",
            vec!["d/b.parquet", "it lacks `m`"],
        ),
        (
            vec![("d/k=1/a.parquet", &n[..]), ("d/b.parquet", &n)],
            "d",
            vec!["partitions k", "no partitions"],
        ),
        (
            vec![("d/a.parquet", &n[..]), ("d/b.csv", b"n\n1\n")],
            "d",
            vec!["d/b.csv", "it is CSV, but d/a.parquet is Parquet"],
        ),
        (
            vec![("d/_SUCCESS", &b"x"[..])],
            "d",
            vec!["cannot find d: no file matches"],
        ),
        (
            vec![("d/x.parquet", &n[..])],
            "d/*.csv",
            vec!["cannot find d/*.csv: no file matches"],
        ),
        (
            vec![("d/README.md", &b"x"[..])],
            "d",
            vec!["d/README.md", "format `md` is not read"],
        ),
        (
            vec![("t/_delta_log/0.json", &b"{}"[..]), ("t/a.parquet", &n)],
            "t",
            vec!["Delta table"],
        ),
        (
            vec![("d/x", &b"x"[..])],
            "gs://bucket/x.parquet",
            vec!["`gs` addresses are not read"],
        ),
    ] {
        let (found, _folder) = dataset(&files, path);
        let reason = found.err().unwrap_or_else(|| panic!("{path} {files:?}"));
        for part in reasons {
            assert!(reason.contains(part), "{reason}");
        }
    }
}

#[test]
fn parquet_files_are_read_by_name() {
    let ab = parquet(&[("a", ints(&[1])), ("b", ints(&[2]))]);
    let ba = parquet(&[("b", ints(&[4])), ("a", ints(&[3]))]);
    let (found, _folder) = dataset(&[("d/1.parquet", &ab), ("d/2.parquet", &ba)], "d");
    let found = found.unwrap();
    assert_eq!(rows(&found), [[int(1), int(2)], [int(3), int(4)]]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let (found, folder) = dataset(&[("d/a.csv", b"n\n1\n"), ("e/b.csv", b"n\n2\n")], "d");
    assert_eq!(rows(&found.unwrap()).len(), 1);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(folder.path().join(to), folder.path().join(name)).unwrap();
    };
    let open = || Dataset::open("d", folder.path(), &SourceOptions::default());
    link("e", "d/e");
    assert_eq!(rows(&open().unwrap()), [[int(1)], [int(2)]]);
    link("d", "d/again");
    let reason = open().err().unwrap().to_string();
    assert!(
        reason.contains("links to a folder above itself"),
        "{reason}"
    );
}

fn piped(config: &str, input: &[u8]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("run")
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // the program may stop before it has read everything
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

#[test]
fn standard_input_is_read_by_its_first_bytes() {
    let batch = RecordBatch::try_from_iter([("n", ints(&[1, 2]))]).unwrap();
    let mut stream =
        arrow::ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let stream = stream.into_inner().unwrap();
    let mut file = arrow::ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    let file = file.into_inner().unwrap();
    let config = "version: 1\ndatasets:\n  d:\n    path: '-'\n    expect: [{row_count: {min: 2, max: 2}}, {between: {column: n, min: 1, max: 2}}]\n";
    let inputs: [&[u8]; 5] = [
        &parquet(&[("n", ints(&[1, 2]))]),
        b"n\n1\n2\n",
        b"\n {\"n\": 1}\n{\"n\": 2}\n",
        &stream,
        &file,
    ];
    for input in inputs {
        let (code, said) = piped(config, input);
        assert_eq!(code, 0, "{said}");
    }
    let (code, said) = piped(config, b"");
    assert!(
        code == 3 && said.contains("cannot read -: the file is empty"),
        "{said}"
    );
    let (code, said) = piped(
        &config.replace("expect:", "format: parquet\n    expect:"),
        b"n\n1\n",
    );
    assert!(code == 3 && said.contains("cannot decode -"), "{said}");
}

#[test]
fn two_datasets_cannot_share_standard_input() {
    let config = "version: 1\ndatasets:\n  a: {path: '-'}\n  b: {path: '-'}\n";
    let (code, said) = piped(config, b"n\n1\n");
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("standard input is another dataset's already"),
        "{said}"
    );
}

#[test]
fn a_folder_may_be_called_like_a_pattern() {
    let (_, folder) = dataset(&[("[x]*/d/k=1/a.csv", b"n\n1\n")], "none");
    let base = folder.path().join("[x]*");
    for path in ["d/k=*/*.csv", "d", "./d/**/a.csv"] {
        let found = Dataset::open(path, &base, &SourceOptions::default()).unwrap();
        assert_eq!(rows(&found), [[int(1), int(1)]], "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_by_name_is_sent_to_standard_input() {
    let reason = Dataset::open(
        "/dev/null",
        std::path::Path::new(""),
        &SourceOptions::default(),
    );
    let reason = reason.err().unwrap().to_string();
    assert!(
        reason.contains("/dev/null: it is not a regular file"),
        "{reason}"
    );
}
