//! Decoders of Parquet's encodings: pure functions from the bytes of a page to numbers, counts and slices.
//!
//! Each takes the number of values that the page has to hold, and appends to buffers that the caller uses again.
//! Nothing here panics, whatever the bytes say, and nothing is allocated by a length that only the bytes claim: memory
//! follows the number of values asked for and the bytes that are there. The code names no type of the rest of the
//! program, so that it can be compiled alone for fuzzing.
//!
//! Source: Apache Parquet format, Encodings.md.

mod bits;
pub mod delta;
pub mod hybrid;
pub mod plain;
pub mod split;
#[cfg(test)]
mod tests;

use std::fmt;

/// Bytes that are not what their encoding allows, in words for the reader of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(pub &'static str);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Broken {}

/// What a decoder returns.
pub type Result<T> = std::result::Result<T, Broken>;

/// An unsigned number in base 128, least significant group first, and the bytes behind it.
///
/// Errors: the number does not end, or is wider than 64 bits.
fn varint(bytes: &[u8]) -> Result<(u64, &[u8])> {
    let mut value = 0_u64;
    for (i, byte) in bytes.iter().enumerate() {
        let group = u64::from(byte & 0x7f);
        if i == 9 && group > 1 {
            break;
        }
        value |= group << (7 * i);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[i + 1..]));
        }
        if i == 9 {
            return Err(Broken("a number has more than 64 bits"));
        }
    }
    match bytes.len() {
        0..10 => Err(Broken("the page ends inside a number")),
        _ => Err(Broken("a number has more than 64 bits")),
    }
}
