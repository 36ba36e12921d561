//! The bytes of values in streams: first all first bytes, then all second bytes, and so on.
//!
//! Source: Apache Parquet format, Encodings.md, "Byte Stream Split".

use super::{Broken, Result};

const SHORT: Broken = Broken("the page ends before its last value");

/// Values that are put together at a time, so that what is read and written stays in the nearest cache.
const BLOCK: usize = 512;

/// Hands out the values of `N` bytes that a page holds; it has no byte besides them.
fn streams<const N: usize>(
    bytes: &[u8],
    values: usize,
    mut take: impl FnMut(&[[u8; N]]),
) -> Result<()> {
    let length = check(bytes, N, values)?;
    let mut block = [[0; N]; BLOCK];
    for from in (0..length).step_by(BLOCK) {
        let block = &mut block[..BLOCK.min(length - from)];
        for (i, stream) in bytes.chunks_exact(length).enumerate().take(N) {
            let stream = &stream[from..from + block.len()];
            for (value, byte) in block.iter_mut().zip(stream) {
                value[i] = *byte;
            }
        }
        take(block);
    }
    Ok(())
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
    streams(bytes, values, |block| {
        out.extend(block.iter().map(|b| i32::from_le_bytes(*b)));
    })
}

/// Appends 32-bit integers as 64-bit ones.
///
/// Errors: as for [`i32s`].
pub fn i32s_wide(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    streams(bytes, values, |block| {
        out.extend(block.iter().map(|b| i64::from(i32::from_le_bytes(*b))));
    })
}

/// Appends 64-bit integers.
///
/// Errors: as for [`i32s`].
pub fn i64s(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    streams(bytes, values, |block| {
        out.extend(block.iter().map(|b| i64::from_le_bytes(*b)));
    })
}

/// Appends 32-bit floats as 64-bit ones, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f32s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    streams(bytes, values, |block| {
        out.extend(block.iter().map(|b| f64::from(f32::from_le_bytes(*b))));
    })
}

/// Appends 64-bit floats, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f64s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    streams(bytes, values, |block| {
        out.extend(block.iter().map(|b| f64::from_le_bytes(*b)));
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
