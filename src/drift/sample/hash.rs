//! Hashes that stand for texts and rows: the same in every run, on every machine.

use twox_hash::XxHash64;

/// Bits of a text's code that hold its length.
pub(in crate::drift) const LENGTH_BITS: u64 = 0xff;

/// The code of a text as [`super::Values::Texts`] holds it: its hash, the lowest eight bits replaced by its length.
///
/// Unit: characters, 255 for longer texts. Edge: never 0, which means a missing value.
/// Source: XXH64 with seed 0.
#[must_use]
pub fn text(text: &str) -> u64 {
    let length = text.chars().take(255).count() as u64;
    let code = (XxHash64::oneshot(0, text.as_bytes()) & !LENGTH_BITS) | length;
    if code == 0 { LENGTH_BITS + 1 } else { code }
}

/// Adds a value to the hash of its row; the order of the columns matters.
#[must_use]
pub fn with(row: u64, value: u64) -> u64 {
    (row ^ value)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
}

/// The finished hash of a row, every bit of which depends on every value.
///
/// Source: the last steps of `SplitMix64` (Steele, Lea and Flood 2014).
#[must_use]
pub fn finished(row: u64) -> u64 {
    let z = (row ^ (row >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
