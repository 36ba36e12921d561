//! Texts and byte strings into the profile of a column.

use super::column::ColumnProfile;
use super::form::Key;
use super::text_table::Added;

impl ColumnProfile {
    /// Adds a text `count` times, at least once.
    pub fn add_text(&mut self, value: &str, count: u64) {
        let wants = self.wants;
        if wants.counters {
            self.counters.empty += count * u64::from(value.is_empty());
            self.counters.blank += count * u64::from(is_blank(value));
        }
        if wants.values && self.values.add_bytes(value.as_bytes(), count) == Added::Again {
            return;
        }
        if wants.lengths {
            self.add_length(characters(value.as_bytes()));
        }
        if wants.extremes {
            let text = |_: &[u8]| Key::Text(value.to_owned());
            self.extend_bytes(value.as_bytes(), text);
        }
    }

    /// Adds many texts. Nulls: kept out by the caller.
    pub fn add_texts<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        for value in values {
            self.add_text(value, 1);
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

/// Whether a text is white space only, as [`str::trim`] sees it. Most texts are told by their first byte.
fn is_blank(value: &str) -> bool {
    match value.as_bytes().first() {
        // White space beyond ASCII begins with one of these bytes.
        Some(b'\t'..=b'\r' | b' ' | 0xc2 | 0xe1..=0xe3) => value.trim().is_empty(),
        Some(_) => false,
        None => true,
    }
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
