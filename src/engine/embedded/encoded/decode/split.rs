//! The bytes of values in streams: first all first bytes, then all second bytes, and so on.
//!
//! Source: Apache Parquet format, Encodings.md, "Byte Stream Split".

use super::{Broken, Result};

const SHORT: Broken = Broken("the page ends before its last value");

/// Values that are put together at a time, so that what is read and written stays in the nearest cache.
const BLOCK: usize = 256;

/// Hands out the 32-bit values that a page holds; it has no byte besides them.
fn streams4(bytes: &[u8], values: usize, mut take: impl FnMut(&[u32])) -> Result<()> {
    let length = check(bytes, 4, values)?;
    let mut block = [0; BLOCK];
    for from in (0..length).step_by(BLOCK) {
        let block = &mut block[..BLOCK.min(length - from)];
        join4(bytes, length, from, block);
        take(block);
    }
    Ok(())
}

/// Hands out the 64-bit values that a page holds; it has no byte besides them.
fn streams8(bytes: &[u8], values: usize, mut take: impl FnMut(&[u64])) -> Result<()> {
    let length = check(bytes, 8, values)?;
    let (mut low, mut high, mut block) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
    for from in (0..length).step_by(BLOCK) {
        let now = BLOCK.min(length - from);
        let (low, high, block) = (&mut low[..now], &mut high[..now], &mut block[..now]);
        join4(bytes, length, from, low);
        join4(&bytes[4 * length..], length, from, high);
        for ((value, low), high) in block.iter_mut().zip(low).zip(high) {
            *value = u64::from(*low) | u64::from(*high) << 32;
        }
        take(block);
    }
    Ok(())
}

/// Puts the values together that start at `from` in the first four streams of `length` bytes each.
///
/// First pairs, then pairs of pairs: loops that become vector instructions.
fn join4(bytes: &[u8], length: usize, from: usize, out: &mut [u32]) {
    let stream = |i: usize| &bytes[i * length + from..][..out.len()];
    let mut pairs = [[0_u16; BLOCK]; 2];
    for (i, pairs) in pairs.iter_mut().enumerate() {
        let bytes = stream(2 * i).iter().zip(stream(2 * i + 1));
        for (pair, (low, high)) in pairs.iter_mut().zip(bytes) {
            *pair = u16::from(*low) | u16::from(*high) << 8;
        }
    }
    let [low, high] = &pairs;
    for ((value, low), high) in out.iter_mut().zip(low).zip(high) {
        *value = u32::from(*low) | u32::from(*high) << 16;
    }
}

/// The length of a stream: the page is as long as its values, so the streams are told apart by it.
fn check(bytes: &[u8], width: usize, values: usize) -> Result<usize> {
    if values.checked_mul(width) != Some(bytes.len()) {
        return Err(SHORT);
    }
    Ok(values)
}

/// Appends 32-bit integers.
///
/// Errors: more or fewer bytes than the values have.
pub fn i32s(bytes: &[u8], values: usize, out: &mut Vec<i32>) -> Result<()> {
    streams4(bytes, values, |block| {
        out.extend(block.iter().map(|b| b.cast_signed()));
    })
}

/// Appends 32-bit integers as 64-bit ones.
///
/// Errors: as for [`i32s`].
pub fn i32s_wide(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    streams4(bytes, values, |block| {
        out.extend(block.iter().map(|b| i64::from(b.cast_signed())));
    })
}

/// Appends 64-bit integers.
///
/// Errors: as for [`i32s`].
pub fn i64s(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    streams8(bytes, values, |block| {
        out.extend(block.iter().map(|b| b.cast_signed()));
    })
}

/// Appends 32-bit floats as 64-bit ones, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f32s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    streams4(bytes, values, |block| {
        out.extend(block.iter().map(|b| f64::from(f32::from_bits(*b))));
    })
}

/// Appends 64-bit floats, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f64s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    streams8(bytes, values, |block| {
        out.extend(block.iter().map(|b| f64::from_bits(*b)));
    })
}

/// Appends the bytes of values of `width` bytes each, one value after the other.
///
/// Errors: as for [`i32s`], or the width is 0.
pub fn fixed_arrays(bytes: &[u8], width: usize, values: usize, out: &mut Vec<u8>) -> Result<()> {
    if width == 0 {
        return Err(Broken("values of no bytes"));
    }
    let length = check(bytes, width, values)?;
    let at = out.len();
    out.resize(at + bytes.len(), 0);
    let out = &mut out[at..];
    if length == 0 {
        return Ok(());
    }
    for (i, stream) in bytes.chunks_exact(length).enumerate() {
        for (value, byte) in out.chunks_exact_mut(width).zip(stream) {
            value[i] = *byte;
        }
    }
    Ok(())
}
