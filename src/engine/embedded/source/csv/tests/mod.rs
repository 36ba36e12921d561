//! Tables against the `csv` crate and naive typing: the same names, types, batches and profiles, however they are cut.

mod files;

use super::index::{Dialect, Index, Problem, cut, meaning};
use super::{Pace, Table};
use crate::config::CsvConfig;
use crate::engine::embedded::profile::ProfileBuilder;
use crate::engine::embedded::schema::logical_schema;
use crate::engine::embedded::source::{DataFile, ProfileAt, SourceOptions};
use crate::measure::saved;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, NullArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::*;
use std::sync::Arc;

type Rows = Vec<Vec<String>>;

fn parsed(bytes: &[u8], dialect: Dialect) -> Rows {
    let reader = csv::ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let rows = reader.into_records();
    let row =
        |r: csv::Result<csv::StringRecord>| r.expect("text").iter().map(str::to_owned).collect();
    rows.map(row).collect()
}

fn indexed(text: &str, dialect: Dialect, width: usize) -> (Rows, Option<Problem>) {
    let quoted = text.as_bytes().contains(&dialect.quote);
    let mut index = Index::default();
    index.fill(text.as_bytes(), dialect, quoted, width);
    let mut room = String::new();
    let mut rows = vec![Vec::new(); index.rows()];
    for position in 0..width {
        for (row, span) in rows.iter_mut().zip(index.column(position)) {
            let cell = &text[span.start()..span.end()];
            if span.is_written() {
                meaning(cell, dialect.quote, &mut room);
                row.push(room.clone());
            } else {
                row.push(cell.to_owned());
            }
        }
    }
    (rows, index.problem())
}

/// Compares the index with the crate: rows, and the first that has another width or an open quote.
fn compare(text: &str, dialect: Dialect) {
    let rows = parsed(text.as_bytes(), dialect);
    let width = rows.first().map_or(1, Vec::len);
    let mark = "\u{1}\u{1}";
    let marked = parsed(format!("{text}\r{mark}\r").as_bytes(), dialect);
    let open = marked.last().is_none_or(|r| r != &[mark]);
    let whole = rows.len() - usize::from(open && !rows.is_empty());
    let same = rows[..whole]
        .iter()
        .take_while(|r| r.len() == width)
        .count();
    let (found, problem) = indexed(text, dialect, width);
    assert_eq!(found, rows[..same], "{text:?}");
    match problem {
        Some(Problem::Width { cells, .. }) => assert_eq!(cells, rows[same].len(), "{text:?}"),
        Some(Problem::Unclosed { .. }) => assert!(open && same == whole, "{text:?}"),
        None => assert!(!open && same == rows.len(), "{text:?}"),
    }
}

#[test]
fn odd_quotes_are_read_as_the_crate_reads_them() {
    let dialect = Dialect {
        delimiter: b',',
        quote: b'"',
    };
    for text in [
        "",
        "\n",
        "a",
        "a,",
        ",",
        "\"\"",
        "\"\"\n\"\"",
        "\"",
        "\"\"\"",
        "\"\"\"\"",
        "a\"b,c\"d\n1,2",
        "\"a\"b\"c,d\n",
        "\"a\nb\",c\r\n\r\n1,2",
        "\"a,b\nc",
        "x\r\ry\r\n\nz",
        "\"a\"\"b\",\"c\"\n1,2,3\n",
        "\"\",\n\"\"\"\",\"a\"\n",
        " \"a\",b\n",
    ] {
        compare(text, dialect);
    }
}

fn soup() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a,\"\n\r]{0,40}",
        "[a-c\u{e9},;\" \n]{0,200}",
        "([a-z]{0,30}[,\"\n]{0,3}){0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_text_has_the_cells_of_the_crate(text in soup(), delimiter in "[,;\n\"]", quote in "[\"a\n,]") {
        compare(&text, Dialect { delimiter: b',', quote: b'"' });
        compare(&text, Dialect { delimiter: delimiter.as_bytes()[0], quote: quote.as_bytes()[0] });
    }

    #[test]
    fn a_cut_parts_no_record(text in soup(), delimiter in "[,;\n\"]", at in 0usize..200) {
        let dialect = Dialect { delimiter: delimiter.as_bytes()[0], quote: b'"' };
        let bytes = text.as_bytes();
        let part = &bytes[..text.floor_char_boundary(at)];
        let found = cut(part, dialect);
        let mut both = parsed(&bytes[..found.end], dialect);
        both.extend(parsed(&bytes[found.end..], dialect));
        prop_assert_eq!(&both, &parsed(bytes, dialect));
        // what is left holds no whole record
        let rest = parsed(&part[found.end..], dialect);
        prop_assert!(rest.len() <= 1, "{:?} of {:?}", rest, part);
        prop_assert_eq!(found.quoted, part.contains(&b'"'));
    }
}

fn plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !zero && digits.starts_with(|c: char| c.is_ascii_digit())
}

fn int(text: &str) -> Option<i64> {
    plain(text).then(|| text.parse().ok())?
}

fn float(text: &str) -> Option<f64> {
    let named = ["NaN", "nan", "inf", "-inf", "Infinity", "-Infinity"].contains(&text);
    let value: f64 = (named || plain(text)).then(|| text.parse().ok())??;
    (named || value.is_finite()).then_some(value)
}

fn day(text: &str) -> Option<i32> {
    let day: chrono::NaiveDate = (text.len() == 10).then(|| text.parse().ok())??;
    i32::try_from((day - chrono::NaiveDate::default()).num_days()).ok()
}

fn zoned(text: &str) -> Option<i64> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_micros())
}

fn local(text: &str) -> Option<i64> {
    let time: chrono::NaiveDateTime = text.replacen(' ', "T", 1).parse().ok()?;
    let digit = text.starts_with(|c: char| c.is_ascii_digit());
    digit.then(|| time.and_utc().timestamp_micros())
}

/// The column of these cells, by trying one type after another on all of them.
fn naive(cells: &[Option<&str>]) -> ArrayRef {
    fn all<T>(cells: &[Option<&str>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        let cell = |c: Option<&str>| c.map_or(Some(None), |text| read(text).map(Some));
        cells.iter().copied().map(cell).collect()
    }
    let boolean = |t: &str| ["true", "false"].contains(&t).then_some(t == "true");
    if cells.iter().all(Option::is_none) {
        Arc::new(NullArray::new(cells.len()))
    } else if let Some(values) = all(cells, boolean) {
        Arc::new(BooleanArray::from(values))
    } else if let Some(values) = all(cells, int) {
        Arc::new(Int64Array::from(values))
    } else if let Some(values) = all(cells, float) {
        Arc::new(Float64Array::from(values))
    } else if let Some(values) = all(cells, day) {
        Arc::new(Date32Array::from(values))
    } else if let Some(values) = all(cells, zoned) {
        Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
    } else if let Some(values) = all(cells, local) {
        Arc::new(TimestampMicrosecondArray::from(values))
    } else {
        Arc::new(StringArray::from(cells.to_vec()))
    }
}

const DIALECT: Dialect = Dialect {
    delimiter: b',',
    quote: b'"',
};

fn expected(content: &str, nulls: &[&str]) -> RecordBatch {
    let mut rows = parsed(content.as_bytes(), DIALECT);
    let header = rows.remove(0);
    let columns = header.iter().enumerate().map(|(i, name)| {
        let cell = |r: &Vec<String>| Some(r[i].clone()).filter(|c| !nulls.contains(&c.as_str()));
        let cells: Vec<Option<String>> = rows.iter().map(cell).collect();
        let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        let array = naive(&cells);
        (Field::new(name, array.data_type().clone(), true), array)
    });
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length")
}

fn paces() -> Vec<Pace> {
    let pace = |threads, chunk, scan, sample| Pace {
        threads,
        chunk,
        scan,
        sample,
    };
    vec![
        pace(1, 1 << 20, 1 << 20, 1 << 18),
        pace(1, 64, 64, 20),
        pace(2, 300, 200, 64),
        pace(5, 64, 64, 1 << 18),
        pace(3, 4096, 1024, 16),
    ]
}

fn check(content: &str, nulls: &[&str]) {
    let expected = expected(content, nulls);
    let fields = logical_schema(&expected.schema()).fields;
    let mut builder = ProfileBuilder::new(&fields);
    builder.update(&expected);
    let profile = saved::to_json(&builder.finish());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d.csv");
    std::fs::write(&path, content).expect("a file");
    let file = DataFile::at(path, "d.csv".to_owned()).expect("a file");
    for at in [ProfileAt::Open, ProfileAt::Scan] {
        let options = SourceOptions {
            csv: CsvConfig {
                delimiter: Some(b','),
                nulls: Some(nulls.iter().map(|n| (*n).to_owned()).collect()),
                ..CsvConfig::default()
            },
            profile: at,
            ..SourceOptions::default()
        };
        for pace in paces() {
            let files = std::slice::from_ref(&file);
            let table = Table::open_at(files, &options, pace).expect("a table");
            assert_eq!(table.schema(), expected.schema(), "{pace:?}\n{content}");
            let names: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
            let mut batches = Vec::new();
            let each = &mut |batch: &RecordBatch| {
                batches.push(batch.clone());
                Ok(())
            };
            table
                .scan((0, &file), &options, &names, each)
                .expect("batches");
            let whole = concat_batches(&expected.schema(), &batches).expect("one schema");
            // NaN is not equal to itself, its text is
            assert!(
                whole == expected || format!("{whole:?}") == format!("{expected:?}"),
                "{pace:?}\n{content}"
            );
            let made = table.profile().map(saved::to_json);
            assert_eq!(
                made,
                (at == ProfileAt::Open).then(|| profile.clone()),
                "{pace:?}\n{content}"
            );
        }
    }
}

/// Cells of one kind; what is quoted stays text, whatever it looks like.
fn cells(rows: usize) -> impl Strategy<Value = Vec<String>> {
    let kind = prop_oneof![
        Just("-?[1-9][0-9]{0,20}"),
        Just("[0-9]"),
        Just("-?[1-9]?[0-9][.][0-9]{1,3}"),
        Just("-?[1-9][.][0-9]{1,20}(e-?[0-9]{1,3})?"),
        Just("(NaN|-inf|0|-0|0[.]5)"),
        Just("(true|false)"),
        Just("(True|true|0)"),
        Just("20[0-9]{2}-0[1-9]-[0-2][1-8]"),
        Just("19[0-9]{2}-1[0-2]-[12][0-9][T ]0[0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,7})?"),
        Just("20[0-9]{2}-0[1-9]-[0-2][1-8]T1[0-9]:00:5[0-9]([.]5)?(Z|[+]01:30)"),
        Just("[a-c\u{e9}\u{a0}, ]{0,30}"),
        Just("(AIR|MAIL|DELIVER IN PERSON AND BY HAND)"),
        Just("[0-9]{3,4}"),
        Just(""),
        Just("(NA|1)"),
    ];
    let cell = (
        0..12u8,
        kind.prop_flat_map(move |kind| proptest::collection::vec(kind, rows..=rows)),
    );
    // most columns are of one kind; some get another one late
    (
        cell,
        any::<proptest::sample::Index>(),
        proptest::option::weighted(0.3, "([0-9]|1[.]5|x\"y|\n|NA)"),
    )
        .prop_map(move |((holes, mut cells), at, late)| {
            let step = usize::from(holes).max(2);
            cells.iter_mut().step_by(step).for_each(String::clear);
            if let (Some(late), true) = (late, rows > 0) {
                let at = rows - 1 - at.index(rows.min(5));
                cells[at] = late;
            }
            cells
        })
}

fn written(columns: &[Vec<String>], end: &str, quoting: usize) -> String {
    let names: Vec<String> = (0..columns.len()).map(|i| format!("c{i}")).collect();
    let mut text = names.join(",") + end;
    for row in 0..columns.first().map_or(0, Vec::len) {
        let cell = |(i, column): (usize, &Vec<String>)| {
            let cell = &column[row];
            let must = cell.contains(['"', ',', '\n', '\r']);
            if must || (columns.len() == 1 && cell.is_empty()) || (row + i) % 5 < quoting {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let cells: Vec<String> = columns.iter().enumerate().map(cell).collect();
        text += &(cells.join(",") + end);
        if row % 11 == 7 {
            text += end;
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn tables_are_those_of_naive_reading(
        columns in (0usize..60).prop_flat_map(|rows| proptest::collection::vec(cells(rows), 1..6)),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        quoting in 0usize..4,
        last in any::<bool>(),
    ) {
        let mut content = written(&columns, end, quoting);
        if last {
            content.truncate(content.trim_end_matches(['\r', '\n']).len());
        }
        check(&content, &[""]);
        check(&content, &["NA", "1"]);
    }
}

#[test]
fn types_that_change_late_are_found() {
    let row = |i: usize| {
        let late = |now: &str, then: &str| {
            if i < 10_000 {
                now.to_owned()
            } else {
                then.to_owned()
            }
        };
        let day = format!("2013-02-{:02}", 1 + i % 28);
        [
            late(&i.to_string(), "x"),
            late(&(i * 7).to_string(), "0.25"),
            late("", &i.to_string()),
            late("true", "True"),
            late(&day, "2013-02-30"),
            late(&format!("{day}T10:00:00Z"), &day),
            format!("{}.{:02}", i % 3, i % 40),
            ["AIR", "MAIL", "RAIL"][i % 3].to_owned(),
        ]
        .join(",")
    };
    let rows: Vec<String> = (0..10_020).map(row).collect();
    let content = format!("a,b,c,d,e,f,g,h\n{}\n", rows.join("\n"));
    let batch = expected(&content, &[""]);
    let types: Vec<DataType> = batch
        .columns()
        .iter()
        .map(|c| c.data_type().clone())
        .collect();
    let utf8 = DataType::Utf8;
    let wanted = [
        &utf8,
        &DataType::Float64,
        &DataType::Int64,
        &utf8,
        &utf8,
        &utf8,
        &DataType::Float64,
        &utf8,
    ];
    assert_eq!(types.iter().collect::<Vec<_>>(), wanted);
    check(&content, &[""]);
}
