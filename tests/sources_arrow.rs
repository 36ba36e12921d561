//! Arrow IPC by projection, as file and stream; and files that change while they are read.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{counted, int, open, refused, text, types};
use std::sync::Arc;
use tollgate::engine::embedded::source::{BATCH_ROWS, Dataset, SourceOptions};
use tollgate::engine::embedded::value::scalar_at;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

fn table(rows: usize) -> RecordBatch {
    let count = i64::try_from(rows).unwrap();
    let words: DictionaryArray<Int32Type> =
        (0..rows).map(|i| ["x", "y"].get(i % 3).copied()).collect();
    RecordBatch::try_from_iter_with_nullable([
        (
            "n",
            Arc::new(Int64Array::from_iter_values(0..count)) as ArrayRef,
            true,
        ),
        ("w", Arc::new(words), true),
        (
            "t",
            Arc::new(StringArray::from_iter_values(
                (0..rows).map(|i| i.to_string()),
            )),
            true,
        ),
    ])
    .unwrap()
}

fn ipc_options(codec: Option<arrow::ipc::CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default()
        .try_with_compression(codec)
        .unwrap()
}

#[test]
fn arrow_files_and_streams_are_read_by_projection() {
    use arrow::ipc::CompressionType as C;
    let batch = table(BATCH_ROWS + 7);
    for codec in [None, Some(C::LZ4_FRAME), Some(C::ZSTD)] {
        let mut file =
            FileWriter::try_new_with_options(Vec::new(), &batch.schema(), ipc_options(codec))
                .unwrap();
        file.write(&batch).unwrap();
        let file = file.into_inner().unwrap();
        let mut stream =
            StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), ipc_options(codec))
                .unwrap();
        stream.write(&batch).unwrap();
        let stream = stream.into_inner().unwrap();
        for (name, bytes) in [
            ("d.arrow", &file),
            ("d.feather", &file),
            ("d.arrows", &stream),
        ] {
            let (dataset, folder) = open(&[(name, bytes)], name, &SourceOptions::default());
            let dataset = dataset.unwrap();
            assert_eq!(types(&dataset), ["int64", "string", "string"]);
            assert_eq!(counted(&dataset), BATCH_ROWS + 7);
            let mut last = None;
            let asked = ["w".to_owned(), "n".to_owned()];
            let each = &mut |batch: &RecordBatch| {
                let row = batch.num_rows() - 1;
                last = Some(
                    (0..2)
                        .map(|c| scalar_at(batch.column(c).as_ref(), row))
                        .collect(),
                );
                Ok(())
            };
            dataset.scan(&asked, each).unwrap();
            assert_eq!(last, Some(vec![text("y"), int(65_542)]), "{name}");
            std::fs::write(folder.path().join(name), &bytes[..bytes.len() / 2]).unwrap();
            let reason = Dataset::open(name, folder.path(), &SourceOptions::default())
                .and_then(|d| d.scan(&asked, &mut |_| Ok(())));
            let reason = reason.unwrap_err().to_string();
            assert!(reason.contains(name), "{reason}");
        }
    }
    assert!(refused("d.feather", b"FEA1......").contains("Feather version 1"));
    refused("d.arrow", b"ARROW1\0\0 not really");
    refused("d.arrows", b"not a stream");
}

#[test]
fn a_file_that_changes_is_an_error() {
    let batch = table(10);
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    let arrow = file.into_inner().unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let parquet = writer.into_inner().unwrap();
    let files: [(&str, &[u8]); 4] = [
        ("d.parquet", &parquet),
        ("d.csv", b"n\n1\n2\n"),
        ("d.ndjson", b"{\"n\": 1}\n"),
        ("d.arrow", &arrow),
    ];
    for (name, content) in files {
        let (dataset, folder) = open(&[(name, content)], name, &SourceOptions::default());
        let dataset = dataset.unwrap();
        let path = folder.path().join(name);
        let scan = |columns: &[String], during: &dyn Fn()| {
            let result = dataset.scan(columns, &mut |_| {
                during();
                Ok(())
            });
            result.map_err(|e| e.to_string())
        };
        assert_eq!(scan(&["n".to_owned()], &|| ()), Ok(()));
        let grown = [content, b"\n"].concat();
        let reason = scan(&["n".to_owned()], &|| {
            std::fs::write(&path, &grown).unwrap();
        });
        assert!(reason.unwrap_err().contains("changed while"), "{name}");
        for columns in [vec![], vec!["n".to_owned()]] {
            let reason = scan(&columns, &|| ()).unwrap_err();
            assert!(
                reason.contains(name) && reason.contains("changed while"),
                "{reason}"
            );
        }
        assert!(dataset.digests().is_err());
    }
}
