//! Where the cells of CSV text are: an index over its bytes, made without looking at what the cells hold. Pure.
//!
//! Blocks of 64 bytes become one bit per byte that may end or quote a cell, and only these bytes are looked at.
//!
//! Source: RFC 4180, read as the `csv` crate reads it: any line ending, blank lines left out, a quote counts only
//! where a cell begins, and what follows a closed quote belongs to the cell. The bits follow Langdale and Lemire,
//! *Parsing Gigabytes of JSON per Second* (2019), section 3.1.

use memchr::{memchr, memchr_iter, memrchr2};

/// The two bytes that a file may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Ends a cell.
    pub delimiter: u8,
    /// Begins and ends a quoted cell.
    pub quote: u8,
}

impl Dialect {
    /// Whether one byte has two meanings: such text is walked byte by byte.
    fn is_odd(self) -> bool {
        let ends = |b| b == b'\n' || b == b'\r';
        self.delimiter == self.quote || ends(self.delimiter) || ends(self.quote)
    }
}

/// The bytes of one cell.
///
/// Unit: bytes from the start of the text. Quotes around the cell are left out, unless it [`Self::is_written`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

/// Bit of `Span::end`: the text of the cell is not what it means.
const WRITTEN: u32 = 1 << 31;

impl Span {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`Index::fill` takes no text beyond 31 bits"
    )]
    #[inline]
    fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// First byte.
    #[must_use]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Byte behind the last one.
    #[must_use]
    pub(super) fn end(self) -> usize {
        (self.end & !WRITTEN) as usize
    }

    /// Whether the span holds the quotes too, with doubled ones or text behind them: see [`meaning`].
    #[must_use]
    pub(super) fn is_written(self) -> bool {
        self.end & WRITTEN != 0
    }
}

/// What is wrong with a record; the index ends before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// It has another number of cells.
    Width {
        /// Byte at which the record begins.
        start: usize,
        /// Cells that it has.
        cells: usize,
    },
    /// It opens a quote that is never closed.
    Unclosed {
        /// Byte at which the record begins.
        start: usize,
    },
}

/// The cells of a text, record after record.
#[derive(Debug, Default)]
pub(super) struct Index {
    width: usize,
    spans: Vec<Span>,
    problem: Option<Problem>,
}

impl Index {
    /// Looks at text that begins with a record and ends behind one; `width` cells are in each.
    ///
    /// Shape: text below 2 GiB. `quoted` tells whether there is any quote in it.
    pub(super) fn fill(&mut self, bytes: &[u8], dialect: Dialect, quoted: bool, width: usize) {
        assert!(bytes.len() < WRITTEN as usize, "a chunk is short");
        self.width = width;
        self.spans.clear();
        self.problem = None;
        let mut walk = Walk {
            bytes,
            dialect,
            width,
            spans: &mut self.spans,
            base: 0,
            record: 0,
            start: 0,
            quote: Quote::None,
            doubled: false,
        };
        self.problem = if quoted || dialect.is_odd() {
            walk.quoted()
        } else {
            walk.plain()
        };
    }

    /// Whole records before a problem.
    #[must_use]
    pub(super) fn rows(&self) -> usize {
        self.spans.len() / self.width.max(1)
    }

    /// What is wrong with the record behind the last one; absent when nothing is.
    #[must_use]
    pub(super) fn problem(&self) -> Option<Problem> {
        self.problem
    }

    /// The cells at one position of every record.
    pub(super) fn column(&self, position: usize) -> impl Iterator<Item = Span> + '_ {
        let from = self.spans.get(position..).unwrap_or_default();
        from.iter().step_by(self.width.max(1)).copied()
    }

    /// The first cell of a record.
    #[must_use]
    pub(super) fn first(&self, row: usize) -> Option<Span> {
        self.spans.get(row * self.width).copied()
    }
}

/// Where the walk stands towards quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    /// The cell has none.
    None,
    /// Inside.
    Open,
    /// Closed; the byte behind the closing one.
    Closed(usize),
}

struct Walk<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    width: usize,
    spans: &'a mut Vec<Span>,
    /// Spans before this record.
    base: usize,
    /// Where this record begins.
    record: usize,
    /// Where this cell begins.
    start: usize,
    quote: Quote,
    /// Whether a doubled quote is in the cell.
    doubled: bool,
}

impl Walk<'_> {
    /// Text without any quote.
    fn plain(&mut self) -> Option<Problem> {
        let delimiter = self.dialect.delimiter;
        let mut blocks = Blocks::new(self.bytes, [delimiter, b'\n', b'\r', b'\n']);
        while let Some((base, mut bits)) = blocks.next() {
            while bits != 0 {
                let at = base + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if self.bytes[at] == delimiter {
                    self.spans.push(Span::new(self.start, at));
                    self.start = at + 1;
                } else if let Some(problem) = self.end_record(at) {
                    return Some(problem);
                }
            }
        }
        self.end_text()
    }

    /// Any text. The order of the questions is that of the `csv` crate.
    fn quoted(&mut self) -> Option<Problem> {
        let Dialect { delimiter, quote } = self.dialect;
        let mut second = usize::MAX;
        let mut blocks = Blocks::new(self.bytes, [delimiter, b'\n', b'\r', quote]);
        while let Some((base, mut bits)) = blocks.next() {
            while bits != 0 {
                let at = base + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let byte = self.bytes[at];
                let ends = byte == b'\n' || byte == b'\r';
                if self.quote == Quote::Open {
                    if byte == quote && at != second {
                        if self.bytes.get(at + 1) == Some(&quote) {
                            self.doubled = true;
                            second = at + 1;
                        } else {
                            self.quote = Quote::Closed(at + 1);
                        }
                    }
                } else if ends && at == self.record {
                    (self.record, self.start) = (at + 1, at + 1);
                } else if byte == quote && at == self.start {
                    self.quote = Quote::Open;
                } else if byte == delimiter {
                    self.end_cell(at);
                } else if ends && let Some(problem) = self.end_record(at) {
                    return Some(problem);
                }
            }
        }
        if self.quote == Quote::Open {
            self.spans.truncate(self.base);
            return Some(Problem::Unclosed { start: self.record });
        }
        self.end_text()
    }

    fn end_cell(&mut self, at: usize) {
        let span = match self.quote {
            Quote::Closed(behind) if behind == at && !self.doubled => {
                Span::new(self.start + 1, at - 1)
            }
            Quote::Closed(_) => Span {
                end: Span::new(0, at).end | WRITTEN,
                ..Span::new(self.start, at)
            },
            _ => Span::new(self.start, at),
        };
        self.spans.push(span);
        self.start = at + 1;
        self.quote = Quote::None;
        self.doubled = false;
    }

    fn end_record(&mut self, at: usize) -> Option<Problem> {
        if at == self.record {
            (self.record, self.start) = (at + 1, at + 1);
            return None;
        }
        self.end_cell(at);
        let cells = self.spans.len() - self.base;
        if cells != self.width {
            self.spans.truncate(self.base);
            return Some(Problem::Width {
                start: self.record,
                cells,
            });
        }
        self.base = self.spans.len();
        self.record = at + 1;
        None
    }

    /// The last record may end without a line ending.
    fn end_text(&mut self) -> Option<Problem> {
        let end = self.bytes.len();
        (self.record < end).then(|| self.end_record(end)).flatten()
    }
}

/// Blocks of 64 bytes: where each begins, and a bit per byte that is one of four.
struct Blocks<'a> {
    bytes: &'a [u8],
    wanted: [u8; 4],
    at: usize,
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8], wanted: [u8; 4]) -> Self {
        Self {
            bytes,
            wanted,
            at: 0,
        }
    }

    #[inline]
    fn next(&mut self) -> Option<(usize, u64)> {
        let base = self.at;
        let rest = self.bytes.get(base..).filter(|r| !r.is_empty())?;
        self.at += 64;
        if let Some(block) = rest.first_chunk::<64>() {
            return Some((base, bits(block, self.wanted)));
        }
        let mut block = [0; 64];
        block[..rest.len()].copy_from_slice(rest);
        Some((base, bits(&block, self.wanted) & ((1 << rest.len()) - 1)))
    }
}

/// One bit per byte that is one of four: the comparisons become vector instructions, the bits of eight bytes are
/// gathered by one multiplication.
#[inline]
fn bits(block: &[u8; 64], [a, b, c, d]: [u8; 4]) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut flags = [0u8; 64];
    for (flag, byte) in flags.iter_mut().zip(block) {
        let is = |wanted| u8::from(*byte == wanted);
        *flag = is(a) | is(b) | is(c) | is(d);
    }
    let mut bits = 0;
    for (i, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56;
        bits |= gathered << (8 * i);
    }
    bits
}

/// Where the last whole record of a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// Byte behind its line ending; 0 without a whole record.
    pub end: usize,
    /// Whether there is any quote before.
    pub quoted: bool,
}

/// Finds the end of the last record that is wholly in the text, which begins with a record.
///
/// A line ending inside quotes ends no record, whatever the text holds.
#[must_use]
pub(super) fn cut(bytes: &[u8], dialect: Dialect) -> Cut {
    let none = memchr(dialect.quote, bytes).is_none();
    let end = match () {
        () if dialect.is_odd() => cut_slowly(bytes, dialect),
        () if none => memrchr2(b'\n', b'\r', bytes).map_or(0, |at| at + 1),
        () => cut_quoted(bytes, dialect),
    };
    Cut { end, quoted: !none }
}

fn cut_quoted(bytes: &[u8], dialect: Dialect) -> usize {
    // between quotes: where a stretch outside of them begins and ends
    let mut outside = Vec::new();
    let (mut from, mut open, mut second) = (0, false, usize::MAX);
    for at in memchr_iter(dialect.quote, bytes) {
        if at == second {
            continue;
        }
        if !open {
            let before = at.checked_sub(1).map_or(b'\n', |b| bytes[b]);
            open = [dialect.delimiter, b'\n', b'\r'].contains(&before);
            if open {
                outside.push((from, at));
            }
        } else if bytes.get(at + 1) == Some(&dialect.quote) {
            second = at + 1;
        } else {
            (from, open) = (at + 1, false);
        }
    }
    if !open {
        outside.push((from, bytes.len()));
    }
    let last = |(from, to): &(usize, usize)| {
        let at = memrchr2(b'\n', b'\r', &bytes[*from..*to])?;
        Some(from + at + 1)
    };
    outside.iter().rev().find_map(last).unwrap_or(0)
}

fn cut_slowly(bytes: &[u8], dialect: Dialect) -> usize {
    let (mut end, mut start) = (0, 0);
    let mut quote = Quote::None;
    for (at, byte) in bytes.iter().copied().enumerate() {
        let ends = byte == b'\n' || byte == b'\r';
        match quote {
            Quote::Open if byte == dialect.quote => quote = Quote::Closed(at + 1),
            Quote::Open => {}
            Quote::Closed(behind) if behind == at && byte == dialect.quote => quote = Quote::Open,
            _ if ends && at == end => (end, start) = (at + 1, at + 1),
            _ if byte == dialect.quote && at == start => quote = Quote::Open,
            _ if byte == dialect.delimiter => (start, quote) = (at + 1, Quote::None),
            _ if ends => (end, start, quote) = (at + 1, at + 1, Quote::None),
            _ => {}
        }
    }
    end
}

/// What a written cell means: quotes around it are left out, doubled ones are one.
pub(super) fn meaning(written: &str, quote: u8, meaning: &mut String) {
    meaning.clear();
    let quote = char::from(quote);
    let mut rest = written.strip_prefix(quote).unwrap_or(written);
    while let Some((before, behind)) = rest.split_once(quote) {
        meaning.push_str(before);
        rest = behind;
        match behind.strip_prefix(quote) {
            Some(behind) => {
                meaning.push(quote);
                rest = behind;
            }
            // the quote is closed: whatever follows stands as it is
            None => break,
        }
    }
    meaning.push_str(rest);
}
