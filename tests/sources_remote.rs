//! Parquet behind an address, read in parts: what is asked for, what is counted, and what a server may not do.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::range_server::{Request, Server, answer, header, part};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;
use tollgate::engine::embedded::profile::whole;
use tollgate::engine::embedded::source::{Dataset, SourceOptions};
use tollgate::measure::saved;

/// Columns `a` to `d` of distinct numbers, plain and not compressed: a chunk is 8 bytes a row.
pub(crate) fn file(rows: i64) -> Vec<u8> {
    let column = |add: i64| -> ArrayRef {
        Arc::new(
            (0..rows)
                .map(|i| (i * 7919 + add) % 1_000_003)
                .collect::<Int64Array>(),
        )
    };
    let columns = ["a", "b", "c", "d"]
        .into_iter()
        .zip(0..)
        .map(|(n, i)| (n, column(i)));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(50_000))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// How a server answers for a file.
type Answer = fn(&[u8], &Request) -> Vec<u8>;

/// Sum of all values of a column; the error's text otherwise.
fn scan(dataset: &Dataset, columns: &[&str]) -> Result<i64, String> {
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    let mut sum = 0;
    let each = &mut |batch: &RecordBatch| {
        for column in batch.columns() {
            let column = column.as_any().downcast_ref::<Int64Array>().unwrap();
            sum += column.values().iter().sum::<i64>();
        }
        Ok(())
    };
    dataset
        .scan(&columns, each)
        .map(|()| sum)
        .map_err(|e| e.to_string())
}

#[test]
fn only_the_footer_and_then_the_asked_columns_are_fetched_each_once() {
    let bytes = file(150_000);
    let length = bytes.len() as u64;
    let server = Server::of(bytes);
    let dataset = server.open("/d.parquet?signature=secret").unwrap();
    assert_eq!(
        server.ranges(),
        Vec::from_iter(Some(length - 65_536..length))
    );
    assert_eq!(dataset.fetched(), Some(65_536));
    assert_eq!(dataset.footer().unwrap().rows, 150_000);
    let expected = (0..150_000).map(|i: i64| (i * 7919 + 1) % 1_000_003).sum();
    for _ in 0..2 {
        assert_eq!(scan(&dataset, &["b"]), Ok(expected));
    }
    let ranges = server.ranges();
    assert_eq!(
        ranges.len(),
        4,
        "one for the footer, one for each row group: {ranges:?}"
    );
    let chunks = dataset.bytes(&["b".to_owned()]);
    assert!(chunks > 1_200_000, "{chunks}");
    assert_eq!(server.bytes(), 65_536 + chunks);
    assert_eq!(dataset.fetched(), Some(65_536 + chunks));
    for request in &server.asked.lock().unwrap()[1..] {
        assert_eq!(
            header(&request.head, "if-match"),
            Some("\"v1\""),
            "{}",
            request.head
        );
    }
    // the rest: no byte twice
    scan(&dataset, &["a", "b", "c", "d"]).unwrap();
    assert!(server.bytes() <= length, "{} of {length}", server.bytes());
    let mut ranges = server.ranges();
    ranges.sort_by_key(|r| r.start);
    assert!(
        ranges.windows(2).all(|w| w[0].end <= w[1].start),
        "{ranges:?}"
    );
}

#[test]
fn scans_at_the_same_time_fetch_each_byte_once() {
    let server = Server::of(file(150_000));
    let dataset = server.open("/d.parquet").unwrap();
    let alone = scan(&dataset, &["a"]);
    let columns: [&[&str]; 6] = [
        &["b"],
        &["c", "b"],
        &["a"],
        &["d", "c"],
        &["a", "d"],
        &["b"],
    ];
    std::thread::scope(|scope| {
        let scans = columns.map(|columns| scope.spawn(|| scan(&dataset, columns)));
        let sums: Vec<_> = scans.into_iter().map(|s| s.join().unwrap()).collect();
        assert_eq!((&sums[2], &sums[0]), (&alone, &sums[5]));
    });
    let mut ranges = server.ranges();
    ranges.sort_by_key(|r| r.start);
    assert!(
        ranges.windows(2).all(|w| w[0].end <= w[1].start),
        "{ranges:?}"
    );
    let mut told = 0;
    assert_eq!(dataset.missing(&["a".to_owned(), "d".to_owned()]), told);
    let again = server.open("/d.parquet").unwrap();
    let counted = std::sync::atomic::AtomicU64::new(0);
    let add = |bytes| {
        counted.fetch_add(bytes, std::sync::atomic::Ordering::SeqCst);
    };
    told = again.missing(&["a".to_owned()]);
    again.fetch(&["a".to_owned()], &add).unwrap();
    assert_eq!(
        (told, again.bytes(&["a".to_owned()])),
        (counted.into_inner(), told)
    );
}

#[test]
fn a_file_read_in_parts_is_known_by_its_version_and_a_whole_one_by_its_bytes() {
    let server = Server::of(file(50_000));
    let dataset = server.open("/d.parquet").unwrap();
    let digest = dataset.digests().unwrap().remove(0);
    assert_eq!(
        (digest.sha256, digest.etag.as_deref()),
        (None, Some("\"v1\""))
    );
    assert_eq!(
        digest.last_modified.as_deref(),
        Some("Wed, 21 Oct 2015 07:28:00 GMT")
    );
    assert_eq!(
        dataset.files()[0].modified,
        Some("2015-10-21T07:28:00Z".parse().unwrap())
    );
    assert_eq!(server.ranges().len(), 1, "a digest fetches nothing");

    let small = Server::of(file(100));
    let dataset = small.open("/d.parquet").unwrap();
    assert!(dataset.digests().unwrap()[0].sha256.is_some());
    scan(&dataset, &["a"]).unwrap();
    assert_eq!(small.asked.lock().unwrap().len(), 1);
    assert_eq!(
        dataset.files()[0].modified,
        Some("2015-10-21T07:28:00Z".parse().unwrap())
    );
}

#[test]
fn a_long_footer_and_a_name_that_tells_nothing_are_read_in_parts_too() {
    let names: Vec<String> = (0..600).map(|i| format!("{i:0>200}")).collect();
    let column = |i: i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values((0..500).map(|r| r * 7919 + i)))
    };
    let columns = names.iter().zip(0..).map(|(n, i)| (n, column(i)));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    let length = bytes.len() as u64;
    let server = Server::of(bytes);
    let dataset = server.open("/export").unwrap();
    assert!(dataset.fetched().unwrap() > 65_536 && dataset.fetched().unwrap() < length / 2);
    assert_eq!(
        scan(&dataset, &[&names[3]]),
        Ok((0..500).map(|r: i64| r * 7919 + 3).sum())
    );
    assert!(server.bytes() < length / 2);
}

#[test]
fn servers_without_ranges_or_versions_are_read_whole() {
    let bytes = file(50_000);
    let local = tempfile::tempdir().unwrap();
    std::fs::write(local.path().join("d.parquet"), &bytes).unwrap();
    let open = |path: &str| Dataset::open(path, local.path(), &SourceOptions::default()).unwrap();
    let expected = saved::to_json(&whole(&open("d.parquet"), None).unwrap());
    let manners: [Answer; 4] = [
        |file, _| answer("200 OK", "ETag: \"v1\"\r\n", file),
        |file, request| match request.range {
            Some(_) => answer("416 Range Not Satisfiable", "", b""),
            None => answer("200 OK", "", file),
        },
        // a weak tag alone does not promise that bytes stay
        |file, request| {
            let text = part(file, request, "W/\"v1\"");
            let line = b"Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
            let at = text.windows(line.len()).position(|w| w == line).unwrap();
            [&text[..at], &text[at + line.len()..]].concat()
        },
        |file, request| match request.range {
            Some(_) => answer(
                "206 Partial Content",
                "ETag: \"v1\"\r\nContent-Range: bytes */9\r\n",
                b"",
            ),
            None => answer("200 OK", "", file),
        },
    ];
    for (i, manner) in manners.into_iter().enumerate() {
        let file = bytes.clone();
        let server = Server::new(bytes.len(), move |_, request| manner(&file, request));
        let dataset = server.open("/d.parquet").unwrap();
        assert_eq!(
            saved::to_json(&whole(&dataset, None).unwrap()),
            expected,
            "{i}"
        );
        assert!(dataset.digests().unwrap()[0].sha256.is_some(), "{i}");
        assert!(server.asked.lock().unwrap().len() <= 2, "{i}");
    }
    let server = Server::of(bytes);
    let dataset = server.open("/d.parquet").unwrap();
    assert_eq!(saved::to_json(&whole(&dataset, None).unwrap()), expected);
    assert!(dataset.digests().unwrap()[0].sha256.is_none());
}

#[test]
fn a_file_that_changes_meanwhile_is_an_error_and_never_a_mix() {
    let bytes = file(50_000);
    let manners: [(Answer, &str); 7] = [
        (
            |file, request| part(file, request, "\"v2\""),
            "it changed while",
        ),
        // one that takes no notice of the condition
        (
            |file, request| {
                part(
                    file,
                    &Request {
                        head: String::new(),
                        ..request.clone()
                    },
                    "\"v2\"",
                )
            },
            "it changed while",
        ),
        (
            |file, request| {
                let content = format!(
                    "ETag: \"v1\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Range: bytes {}-{}/{}\r\n",
                    request.range.as_ref().unwrap().start,
                    request.range.as_ref().unwrap().end - 1,
                    file.len() + 1
                );
                let range = request.range.as_ref().unwrap();
                answer(
                    "206 Partial Content",
                    &content,
                    &file[range.start as usize..range.end as usize],
                )
            },
            "it changed while",
        ),
        (
            |_, _| answer("416 Range Not Satisfiable", "", b""),
            "it changed while",
        ),
        (
            |file, _| answer("200 OK", "ETag: \"v2\"\r\n", file),
            "it changed while",
        ),
        (
            |file, _| {
                answer(
                    "200 OK",
                    "ETag: \"v1\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
                    file,
                )
            },
            "the whole file when asked for the next",
        ),
        (
            |_, _| answer("404 Not Found", "", b""),
            "the server answers 404",
        ),
    ];
    for (i, (manner, expected)) in manners.into_iter().enumerate() {
        let file = bytes.clone();
        let server = Server::new(bytes.len(), move |number, request| match number {
            1 => part(&file, request, "\"v1\""),
            _ => manner(&file, request),
        });
        let dataset = server.open("/d.parquet?signature=secret").unwrap();
        let reason = scan(&dataset, &["a"]).unwrap_err();
        assert!(
            reason.contains(expected) && reason.contains("/d.parquet"),
            "{i}: {reason}"
        );
        assert!(!reason.contains("secret"), "{i}: {reason}");
    }
}

#[test]
fn an_answer_that_lies_about_its_part_is_an_error() {
    let bytes = file(50_000);
    let lie = |shift: u64, cut: usize| {
        move |file: &[u8], request: &Request| {
            let range = request.range.clone().unwrap();
            let headers = format!(
                "ETag: \"v1\"\r\nContent-Range: bytes {}-{}/{}\r\n",
                range.start - shift,
                range.end - 1 - shift,
                file.len()
            );
            answer(
                "206 Partial Content",
                &headers,
                &file[range.start as usize..range.end as usize - cut],
            )
        }
    };
    let (shifted, short) = (lie(1, 0), lie(0, 9));
    let file = bytes.clone();
    let first = Server::new(bytes.len(), move |_, request| shifted(&file, request));
    let reason = first.open("/d.parquet").err().unwrap();
    assert!(
        reason.contains("where the last 65536 were asked for"),
        "{reason}"
    );
    for (i, expected) in ["were asked for", "bytes, "].into_iter().enumerate() {
        let file = bytes.clone();
        let server = Server::new(bytes.len(), move |number, request| match (number, i) {
            (1, _) => lie(0, 0)(&file, request),
            (_, 0) => shifted(&file, request),
            _ => short(&file, request),
        });
        let reason = scan(&server.open("/d.parquet").unwrap(), &["a"]).unwrap_err();
        assert!(
            reason.contains(expected) && reason.contains("the server answers with"),
            "{reason}"
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again_from_there() {
    let bytes = file(50_000);
    let cut = |answer: Vec<u8>| answer[..answer.len() - 1000].to_vec();
    let file = bytes.clone();
    // every other answer breaks off, the first one too
    let server = Server::new(bytes.len(), move |number, request| {
        let answer = part(&file, request, "\"v1\"");
        if number % 2 == 1 { cut(answer) } else { answer }
    });
    let dataset = server.open("/d.parquet").unwrap();
    let expected = (0..50_000).map(|i: i64| (i * 7919) % 1_000_003).sum();
    assert_eq!(scan(&dataset, &["a"]), Ok(expected));
    let ranges = server.ranges();
    assert_eq!(ranges[1].end - ranges[1].start, 1000, "{ranges:?}");

    let file = bytes.clone();
    let server = Server::new(bytes.len(), move |number, request| {
        let answer = part(&file, request, "\"v1\"");
        if number > 1 {
            answer[..200].to_vec()
        } else {
            answer
        }
    });
    let reason = scan(&server.open("/d.parquet").unwrap(), &["a"]).unwrap_err();
    assert!(reason.contains("cannot fetch http://127.0.0.1"), "{reason}");
}

#[test]
fn a_broken_file_is_broken_wherever_it_is() {
    let whole = file(50_000);
    let mut footer = whole.clone();
    let end = footer.len();
    footer[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let cut = whole[..end - 1000].to_vec();
    for bytes in [footer, cut] {
        let local = tempfile::tempdir().unwrap();
        std::fs::write(local.path().join("d.parquet"), &bytes).unwrap();
        let path = local.path().join("d.parquet").display().to_string();
        let expected = Dataset::open(&path, Path::new("/"), &SourceOptions::default());
        let expected = expected.err().unwrap().to_string();
        let (_, reason) = expected.split_once(".parquet").unwrap();
        let server = Server::of(bytes);
        let found = server.open("/d.parquet").err().unwrap();
        assert!(found.ends_with(reason), "{found}\n{expected}");
    }
}

#[test]
fn redirections_are_followed_for_parts_too() {
    let bytes = file(50_000);
    let target = Server::of(bytes.clone());
    let location = format!("Location: {}/real.parquet\r\n", target.address);
    let server = Server::new(bytes.len(), move |_, _| answer("302 Found", &location, b""));
    let dataset = server.open("/d.parquet?signature=secret").unwrap();
    scan(&dataset, &["a"]).unwrap();
    assert!(target.bytes() < bytes.len() as u64 / 2);
    assert!(dataset.files()[0].path.ends_with("/d.parquet"));

    let end = Server::new(9, |_, _| {
        answer("302 Found", "Location: /d.parquet\r\n", b"")
    });
    let reason = end.open("/d.parquet").err().unwrap();
    assert!(reason.contains("without end"), "{reason}");
}
