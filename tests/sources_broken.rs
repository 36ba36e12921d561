//! Files that are cut off or changed anywhere: an error or a table, never a crash.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::sources::{names, open};
use proptest::prelude::*;
use std::sync::Arc;
use tollgate::engine::embedded::source::SourceOptions;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type};

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let words = ["x", "y", "z"].repeat(20);
    let lists = (0..60).map(|i| (i % 7 > 0).then(|| vec![Some(i), None]));
    let columns: [(&str, ArrayRef, bool); 4] = [
        (
            "n",
            Arc::new(
                (0..60)
                    .map(|i| (i % 5 > 0).then_some(i))
                    .collect::<Int64Array>(),
            ),
            true,
        ),
        ("t", Arc::new(StringArray::from(words.clone())), false),
        (
            "d",
            Arc::new(words.into_iter().collect::<DictionaryArray<Int32Type>>()),
            true,
        ),
        (
            "l",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
            true,
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut parquet =
        parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    parquet.write(&batch).unwrap();
    let mut file = arrow::ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    let mut stream =
        arrow::ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let csv = b"n,t\n1,\"a\"\"b\"\n2,\"c\nd\"\n".to_vec();
    vec![
        ("d.parquet", parquet.into_inner().unwrap()),
        ("d.arrow", file.into_inner().unwrap()),
        ("d.arrows", stream.into_inner().unwrap()),
        ("d.csv.zst", zstd::encode_all(&csv[..], 1).unwrap()),
        ("d.csv", csv),
        (
            "d.ndjson",
            b"{\"n\": 1, \"o\": {\"l\": [1.5, null]}}\n{\"n\": null}\n".to_vec(),
        ),
    ]
}

fn read(name: &str, content: &[u8]) -> Result<(), String> {
    let (dataset, _folder) = open(&[(name, content)], name, &SourceOptions::default());
    let dataset = dataset?;
    let _ = dataset.footer();
    let scanned = dataset.scan(&names(&dataset), &mut |_| Ok(()));
    scanned.map_err(|e| e.to_string())
}

#[test]
fn a_constant_column_is_not_taken_for_a_broken_one() {
    use parquet::file::properties::{WriterProperties, WriterVersion};
    let rows = 50_000;
    let (one, none): (Vec<_>, Vec<_>) = (0..rows).map(|_| (Some(7), None::<i64>)).unzip();
    let late = (0..rows).map(|i| (i > 40_000).then_some(7));
    let columns: [(&str, ArrayRef, bool); 4] = [
        ("all", Arc::new(Int64Array::from(one)), true),
        ("no", Arc::new(Int64Array::from(none)), true),
        ("late", Arc::new(late.collect::<Int64Array>()), true),
        ("must", Arc::new(Int64Array::from(vec![7; rows])), false),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .build();
        let mut writer =
            parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))
                .unwrap();
        writer.write(&batch).unwrap();
        let content = writer.into_inner().unwrap();
        assert!(content.len() < 4096, "the check looks at small chunks only");
        assert_eq!(read("d.parquet", &content), Ok(()));
    }
}

#[test]
fn whole_files_are_read() {
    for (name, content) in files() {
        assert_eq!(read(name, &content), Ok(()), "{name}");
    }
}

#[test]
fn binary_files_that_are_cut_off_are_refused() {
    for (name, content) in files() {
        // a stream may end after any batch, and text after any line
        if ["d.parquet", "d.arrow", "d.csv.zst"].contains(&name) {
            // the first bytes tell that a file is compressed, so some are kept
            for length in (4..content.len()).step_by(11).chain([content.len() - 1]) {
                let reason =
                    read(name, &content[..length]).expect_err(&format!("{name} of {length}"));
                assert!(reason.contains(name), "{length}: {reason}");
            }
        }
    }
}

#[test]
fn a_decoder_that_gives_up_says_why() {
    let (name, content) = files().remove(1);
    let said = |at: usize| {
        let mut changed = content.clone();
        changed[at] = 0xff;
        let reason = read(name, &changed).err()?;
        let gave_up = reason.contains("the decoder gave up on its content: ");
        gave_up.then_some(reason)
    };
    let found = (0..content.len()).find_map(said).unwrap();
    assert!(!found.ends_with(": "), "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_changed_byte_never_crashes(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        for (name, mut content) in files() {
            let at = at.index(content.len());
            content[at] = byte;
            if let Err(reason) = read(name, &content) {
                prop_assert!(reason.contains(name), "{}", reason);
            }
        }
    }
}
