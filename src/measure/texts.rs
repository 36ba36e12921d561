//! Texts and byte strings into the profile of a column.

use super::column::ColumnProfile;
use super::form::Key;
use super::text_table::Added;

/// Texts that are looked at together.
const TEXTS: usize = 512;

/// Lengths in bytes that are told apart when texts are put in order.
const LENGTHS: usize = 64;

impl ColumnProfile {
    /// Adds a text `count` times, at least once.
    pub fn add_text(&mut self, value: &str, count: u64) {
        self.count_text(value, count);
        self.keep_text(value, count);
    }

    /// Adds many texts. Nulls: kept out by the caller.
    pub fn add_texts<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        let mut values = values.into_iter();
        if self.wants.values {
            // Where values are listed, those seen before take the shorter way of one text after another.
            while self.values.spilled().is_none() {
                let Some(value) = values.next() else { return };
                self.add_text(value, 1);
            }
        }
        let (mut block, mut ordered) = ([""; TEXTS], [""; TEXTS]);
        let mut length = TEXTS;
        while length == TEXTS {
            length = 0;
            for value in values.by_ref().take(TEXTS) {
                self.count_text(value, 1);
                block[length] = value;
                length += 1;
            }
            by_length(&block[..length], &mut ordered);
            self.keep_texts(&ordered[..length]);
        }
    }

    fn count_text(&mut self, value: &str, count: u64) {
        if self.wants.counters {
            self.counters.empty += count * u64::from(value.is_empty());
            self.counters.blank += count * u64::from(is_blank(value));
        }
    }

    fn keep_texts(&mut self, block: &[&str]) {
        if self.wants.values && !self.values.add_text_block(block) {
            for value in block {
                self.keep_text(value, 1);
            }
            return;
        }
        for value in block {
            self.keep_bounds(value);
        }
    }

    fn keep_text(&mut self, value: &str, count: u64) {
        let wants = self.wants;
        if wants.values && self.values.add_bytes(value.as_bytes(), count) == Added::Again {
            return;
        }
        self.keep_bounds(value);
    }

    /// Its length, and whether it is the least or the greatest.
    fn keep_bounds(&mut self, value: &str) {
        if self.wants.lengths {
            self.add_length(characters(value.as_bytes()));
        }
        if self.wants.extremes {
            let text = |_: &[u8]| Key::Text(value.to_owned());
            self.extend_bytes(value.as_bytes(), text);
        }
    }

    /// Adds a byte string `count` times, at least once.
    pub fn add_bytes(&mut self, value: &[u8], count: u64) {
        let wants = self.wants;
        if wants.counters {
            self.counters.empty += count * u64::from(value.is_empty());
        }
        if wants.values && self.values.add_bytes(value, count) == Added::Again {
            return;
        }
        if wants.lengths {
            self.add_length(value.len() as u64);
        }
        if wants.extremes {
            self.extend_bytes(value, |v| Key::Bytes(v.to_owned()));
        }
    }

    pub(super) fn add_length(&mut self, length: u64) {
        let (shortest, longest) = self.lengths.unwrap_or((length, length));
        self.lengths = Some((shortest.min(length), longest.max(length)));
    }

    /// Widens the extremes so that they hold a value, of which `key` makes a key.
    fn extend_bytes(&mut self, value: &[u8], key: impl Fn(&[u8]) -> Key) {
        let start = first_eight(value);
        let is_less = |k: &Key| {
            let least = first_eight(k.bytes());
            start < least || (start == least && value < k.bytes())
        };
        if self.least.as_ref().is_none_or(is_less) {
            self.least = Some(key(value));
        }
        let is_more = |k: &Key| {
            let greatest = first_eight(k.bytes());
            start > greatest || (start == greatest && value > k.bytes())
        };
        if self.greatest.as_ref().is_none_or(is_more) {
            self.greatest = Some(key(value));
        }
    }
}

/// Puts texts of one length side by side: the processor foresees the steps of one that is as long as the one before.
fn by_length<'a>(block: &[&'a str], ordered: &mut [&'a str; TEXTS]) {
    let class = |text: &str| text.len().min(LENGTHS - 1);
    let mut places = [0u16; LENGTHS];
    for text in block {
        places[class(text)] += 1;
    }
    let mut before = 0;
    for place in &mut places {
        before += std::mem::replace(place, before);
    }
    for text in block {
        let place = &mut places[class(text)];
        ordered[usize::from(*place)] = text;
        *place += 1;
    }
}

/// Whether a text is white space only, as [`str::trim`] sees it. Most texts are told by their first and last byte.
fn is_blank(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return true;
    };
    // White space beyond ASCII begins with one of these bytes and ends with one that is not ASCII.
    let may_begin = matches!(first, b'\t'..=b'\r' | b' ' | 0xc2 | 0xe1..=0xe3);
    may_begin && matches!(last, b'\t'..=b'\r' | b' ' | 0x80..) && value.trim().is_empty()
}

/// The first eight bytes, zeros after the end of shorter values: a number in the order of the values, equal where more
/// has to be looked at.
fn first_eight(value: &[u8]) -> u64 {
    let eight = value.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..value.len()].copy_from_slice(value);
        eight
    });
    u64::from_be_bytes(eight)
}

/// Code points of UTF-8 text: its bytes without those that continue one.
fn characters(text: &[u8]) -> u64 {
    const LAST_BITS: u64 = 0x0101_0101_0101_0101;
    const FIRST_BITS: u64 = 0x8080_8080_8080_8080;
    let (eights, rest) = text.as_chunks::<8>();
    let ascii = |bytes: u64| bytes & FIRST_BITS == 0;
    let words = || eights.iter().map(|e| u64::from_le_bytes(*e));
    if ascii(words().fold(0, |a, b| a | b)) && rest.is_ascii() {
        return text.len() as u64;
    }
    // A byte that continues a code point begins with the bits 10.
    let continued = |bytes: u64| (bytes >> 7) & !(bytes >> 6) & LAST_BITS;
    let more: u64 = words()
        .map(|w| continued(w).wrapping_mul(LAST_BITS) >> 56)
        .sum();
    let last = rest
        .iter()
        .map(|b| u64::from(*b & 0xc0 == 0x80))
        .sum::<u64>();
    text.len() as u64 - more - last
}
