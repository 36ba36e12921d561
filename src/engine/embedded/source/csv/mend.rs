//! Records of CSV text that are not well formed: counted, and left out where the reader is asked to. Pure.
//!
//! Source: RFC 4180, section 2: as many fields in each line; a field with quotes in it is quoted as a whole, its quotes
//! doubled. What a record is, is what [`super::index`] takes for one.

use super::index::Dialect;
use crate::diagnostic::plural;

/// What is wrong with a record; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It opens a quote that is never closed: everything behind it is this record.
    Unclosed,
    /// It has fewer fields than the header: so many.
    Few(usize),
    /// It has more fields than the header: so many.
    Many(usize),
    /// A quote stands within a field that does not begin with one, or text behind a quote that closes.
    Quotes,
}

/// One record of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind its line end.
    pub(super) end: usize,
    /// What is wrong with it.
    pub(super) flaw: Option<Flaw>,
}

impl Record {
    /// Whether rows can be made of it.
    fn is_readable(&self) -> bool {
        matches!(self.flaw, None | Some(Flaw::Quotes))
    }
}

/// What a line of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A record.
    Record(Record),
    /// A line without a character.
    Blank,
}

/// Calls `each` with every record and blank line of text that begins with a record and ends behind one.
pub(super) fn pieces(bytes: &[u8], dialect: Dialect, width: usize, each: &mut dyn FnMut(Piece)) {
    let mut at = 0;
    while at < bytes.len() {
        let is_end = |b: u8| b == b'\n' || b == b'\r';
        if is_end(bytes[at]) {
            // The second byte of a line end is no line.
            if !(bytes[at] == b'\n' && at > 0 && bytes[at - 1] == b'\r') {
                each(Piece::Blank);
            }
            at += 1;
            continue;
        }
        let record = record(&bytes[at..], dialect, width);
        each(Piece::Record(Record {
            start: at,
            end: at + record.end,
            ..record
        }));
        at += record.end;
    }
}

/// Where a field stands towards quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Plain,
    Open,
    Closed,
}

/// The record that a text begins with.
fn record(bytes: &[u8], dialect: Dialect, width: usize) -> Record {
    let (mut state, mut fields, mut stray, mut at) = (State::Begin, 1, false, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        match state {
            State::Open if byte == dialect.quote && bytes.get(at + 1) == Some(&byte) => at += 1,
            State::Open if byte == dialect.quote => state = State::Closed,
            State::Open => {}
            State::Begin if byte == dialect.quote => state = State::Open,
            _ if byte == b'\n' || byte == b'\r' => break,
            _ if byte == dialect.delimiter => (state, fields) = (State::Begin, fields + 1),
            _ => {
                stray |= state == State::Closed || byte == dialect.quote;
                state = State::Plain;
            }
        }
        at += 1;
    }
    let flaw = if state == State::Open {
        Some(Flaw::Unclosed)
    } else if fields < width {
        Some(Flaw::Few(fields))
    } else if fields > width {
        Some(Flaw::Many(fields))
    } else {
        stray.then_some(Flaw::Quotes)
    };
    Record {
        start: 0,
        end: (at + 1).min(bytes.len()),
        flaw,
    }
}

/// Moves the records of which rows can be made to the front of the text, and gives its new length.
pub(super) fn mend(bytes: &mut [u8], dialect: Dialect, width: usize) -> usize {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    pieces(bytes, dialect, width, &mut |piece| {
        if let Piece::Record(record) = piece
            && record.is_readable()
        {
            match kept.last_mut() {
                Some((_, end)) if *end == record.start => *end = record.end,
                _ => kept.push((record.start, record.end)),
            }
        }
    });
    let mut length = 0;
    for (start, end) in kept {
        bytes.copy_within(start..end, length);
        length += end - start;
    }
    length
}

/// Flaws that are named; the others are counted.
const NAMED: usize = 5;

/// What is wrong with the records of a dataset. Unit: records, blank lines apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Records behind the header.
    pub rows: u64,
    /// Those with fewer fields than the header.
    pub few: u64,
    /// Those with more.
    pub many: u64,
    /// Those with a quote where none may be.
    pub quotes: u64,
    /// Those with a quote that is never closed.
    pub unclosed: u64,
    /// Blank lines, which are no records.
    pub blank: u64,
    /// The first ones: file, line and what is wrong.
    named: Vec<(String, u64, String)>,
}

impl Survey {
    /// Adds the records of a part of a file; `line` is the number of its first line, and becomes that of the line behind.
    pub(super) fn add(
        &mut self,
        bytes: &[u8],
        (dialect, width): (Dialect, usize),
        (file, line): (&str, &mut u64),
    ) {
        let mut seen = 0;
        pieces(bytes, dialect, width, &mut |piece| {
            let Piece::Record(record) = piece else {
                self.blank += 1;
                return;
            };
            self.rows += 1;
            let Some(flaw) = record.flaw else { return };
            let (count, what) = match flaw {
                Flaw::Unclosed => (
                    &mut self.unclosed,
                    "opens a quote that is never closed".to_owned(),
                ),
                Flaw::Few(n) => (&mut self.few, has(n, width)),
                Flaw::Many(n) => (&mut self.many, has(n, width)),
                Flaw::Quotes => (&mut self.quotes, "has a quote within a field".to_owned()),
            };
            *count += 1;
            if self.named.len() < NAMED {
                *line += lines(&bytes[seen..record.start]);
                seen = record.start;
                self.named.push((file.to_owned(), *line, what));
            }
        });
        *line += lines(&bytes[seen..]);
    }

    /// Records with a flaw; quotes within fields count where `quotes` says so.
    #[must_use]
    pub fn malformed(&self, quotes: Quotes) -> u64 {
        let stray = match quotes {
            Quotes::Strict => self.quotes,
            Quotes::Lenient => 0,
        };
        self.few + self.many + self.unclosed + stray
    }

    /// What is wrong, in words, with the first lines; no value is named. `one` leaves out the file's name.
    #[must_use]
    pub fn words(&self) -> String {
        let kinds = [
            (self.few, "with too few fields"),
            (self.many, "with too many fields"),
            (self.quotes, "with a quote within a field"),
            (self.unclosed, "with a quote that is never closed"),
        ];
        let kinds = kinds.iter().filter(|(n, _)| *n > 0);
        let mut words: Vec<String> = kinds
            .map(|(n, what)| format!("{} {what}", plural(*n, "row")))
            .collect();
        if self.blank > 0 {
            words.push(plural(self.blank, "blank line"));
        }
        let one = self.named.iter().all(|(file, ..)| *file == self.named[0].0);
        let places = self.named.iter().map(|(file, line, what)| {
            let of = if one {
                String::new()
            } else {
                format!("{file} ")
            };
            format!("{of}line {line} {what}")
        });
        words.extend(places);
        if words.is_empty() {
            "every row is well formed".to_owned()
        } else {
            words.join("; ")
        }
    }
}

/// Whether a quote within a field is a flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// It is, as RFC 4180 says.
    Strict,
    /// It is not: it is read as it stands.
    Lenient,
}

fn has(fields: usize, width: usize) -> String {
    format!("has {} instead of {width}", plural(fields as u64, "field"))
}

/// Line ends of every kind in a text.
fn lines(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\r' => true,
        b'\n' => *at == 0 || bytes[at - 1] != b'\r',
        _ => false,
    });
    ends.count() as u64
}

#[cfg(test)]
mod tests {
    use super::super::index::{Dialect, Index};
    use super::{Quotes, Survey, mend};
    use proptest::prelude::*;

    const PLAIN: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
    };

    fn survey(text: &str, width: usize) -> Survey {
        let mut survey = Survey::default();
        survey.add(text.as_bytes(), (PLAIN, width), ("f", &mut 2));
        survey
    }

    #[test]
    fn flaws_are_counted_and_named_by_line() {
        let found = survey("1,2\n\n3\r\n4,5,6\r\"a\"\"b\",7\n8\"9,0\n\"x\"y,1\n", 2);
        assert_eq!((found.rows, found.few, found.many), (6, 1, 1));
        assert_eq!((found.quotes, found.unclosed, found.blank), (2, 0, 1));
        assert_eq!(found.malformed(Quotes::Strict), 4);
        assert_eq!(found.malformed(Quotes::Lenient), 2);
        assert_eq!(
            found.words(),
            "1 row with too few fields; 1 row with too many fields; 2 rows with a quote within a field; \
             1 blank line; line 4 has 1 field instead of 2; line 5 has 3 fields instead of 2; \
             line 7 has a quote within a field; line 8 has a quote within a field"
        );
        let open = survey("1,2\n\"3,4\n5,6\n", 2);
        assert_eq!((open.rows, open.unclosed), (2, 1));
        assert_eq!(survey("1,2\n", 2).words(), "every row is well formed");
        assert_eq!(survey("", 2), Survey::default());
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_the_reader_takes(text in "[a,\"\\n\\r]{0,60}", width in 1..4usize) {
            let mut bytes = text.clone().into_bytes();
            let length = mend(&mut bytes, PLAIN, width);
            let left = &bytes[..length];
            let mut index = Index::default();
            index.fill(left, PLAIN, left.contains(&b'"'), width);
            prop_assert_eq!(index.problem(), None);
            let found = survey(&text, width);
            prop_assert_eq!(index.rows() as u64, found.rows - found.malformed(Quotes::Lenient));
        }
    }
}
