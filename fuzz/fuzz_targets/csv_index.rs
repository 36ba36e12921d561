//! CSV: the index finds the cells that the `csv` crate finds, a cut parts no record, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[expect(dead_code, reason = "the program uses more of it")]
#[path = "../../src/engine/embedded/source/csv/index.rs"]
mod index;

use index::{Dialect, Index, Problem, cut, meaning};

const DIALECT: Dialect = Dialect { delimiter: b',', quote: b'"' };

fn parsed(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).from_reader(text.as_bytes());
    let rows = reader.into_records().map(|r| r.expect("text"));
    rows.map(|r| r.iter().map(str::to_owned).collect()).collect()
}

fuzz_target!(|input: (u8, &str)| {
    let (part, text) = input;
    // the crate leaves out a mark of its own at the very beginning
    if text.starts_with('\u{feff}') {
        return;
    }
    let rows = parsed(text);
    let width = rows.first().map_or(1, Vec::len);
    let marked = parsed(&format!("{text}\r\u{1}\u{1}\r"));
    let open = marked.last().is_none_or(|r| r != &["\u{1}\u{1}"]);
    let whole = rows.len() - usize::from(open && !rows.is_empty());
    let same = rows[..whole].iter().take_while(|r| r.len() == width).count();
    let mut index = Index::default();
    index.fill(text.as_bytes(), DIALECT, text.contains('"'), width);
    assert_eq!(index.rows(), same);
    let mut room = String::new();
    for position in 0..width {
        for (row, span) in rows.iter().zip(index.column(position)) {
            let mut cell = &text[span.start()..span.end()];
            if span.is_written() {
                meaning(cell, b'"', &mut room);
                cell = &room;
            }
            assert_eq!(cell, row[position]);
        }
    }
    match index.problem() {
        Some(Problem::Width { cells, .. }) => assert_eq!(cells, rows[same].len()),
        Some(Problem::Unclosed { .. }) => assert!(open && same == whole),
        None => assert!(!open && same == rows.len()),
    }
    let part = text.floor_char_boundary(usize::from(part));
    let end = cut(text[..part].as_bytes(), DIALECT).end;
    let (first, second) = text.split_at(end);
    if !second.starts_with('\u{feff}') {
        assert_eq!([parsed(first), parsed(second)].concat(), rows);
    }
});
