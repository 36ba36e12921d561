//! Differences between integers that follow each other, and byte arrays whose lengths or common beginnings are such.
//!
//! Source: Apache Parquet format, Encodings.md, "Delta Encoding", "Delta-length byte array" and "Delta Strings".

use super::bits::{unpack, wide};
use super::{Broken, Result, varint};

/// Numbers that are unpacked together at most; a miniblock may claim any number.
const PIECE: usize = 256;

/// Appends 32-bit integers and gives the bytes behind them. Sums wrap around, as the format says.
///
/// Errors: the page does not hold this number of values, or its bytes end before.
pub fn i32s<'a>(bytes: &'a [u8], values: usize, out: &mut Vec<i32>) -> Result<&'a [u8]> {
    decode(bytes, values, 32, |pieces| {
        out.extend(pieces.iter().map(|v| low(*v)));
    })
}

/// Appends 32-bit integers as 64-bit ones, and gives the bytes behind them.
///
/// Errors: as for [`i32s`].
pub fn i32s_wide<'a>(bytes: &'a [u8], values: usize, out: &mut Vec<i64>) -> Result<&'a [u8]> {
    decode(bytes, values, 32, |pieces| {
        out.extend(pieces.iter().map(|v| i64::from(low(*v))));
    })
}

/// Appends 64-bit integers and gives the bytes behind them. Sums wrap around, as the format says.
///
/// Errors: as for [`i32s`].
pub fn i64s<'a>(bytes: &'a [u8], values: usize, out: &mut Vec<i64>) -> Result<&'a [u8]> {
    decode(bytes, values, 64, |pieces| out.extend_from_slice(pieces))
}

/// The lower half, in which sums of 32-bit integers wrap around.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the upper half is dropped on purpose"
)]
fn low(value: i64) -> i32 {
    value as i32
}

/// What stands before the blocks.
struct Header {
    miniblocks: usize,
    /// Values of a miniblock, a multiple of 32.
    size: usize,
    total: u64,
    first: i64,
}

/// Errors: sizes that the format does not allow.
fn header(bytes: &[u8]) -> Result<(Header, &[u8])> {
    const SIZES: Broken =
        Broken("a block of differences has a size that the format does not allow");
    let (block, bytes) = varint(bytes)?;
    let (miniblocks, bytes) = varint(bytes)?;
    let (total, bytes) = varint(bytes)?;
    let (first, bytes) = zigzag(bytes)?;
    let size = block.checked_div(miniblocks).ok_or(SIZES)?;
    let whole = block % miniblocks == 0 && block % 128 == 0 && size % 32 == 0;
    let (Ok(size @ 1..), Ok(miniblocks), true) = (size.try_into(), miniblocks.try_into(), whole)
    else {
        return Err(SIZES);
    };
    let header = Header {
        miniblocks,
        size,
        total,
        first,
    };
    Ok((header, bytes))
}

/// A signed number whose sign is its lowest bit.
fn zigzag(bytes: &[u8]) -> Result<(i64, &[u8])> {
    let (number, bytes) = varint(bytes)?;
    let half = (number >> 1).cast_signed();
    Ok((if number & 1 == 0 { half } else { !half }, bytes))
}

/// Hands out the values in pieces, and gives the bytes behind them.
fn decode(bytes: &[u8], values: usize, bits: u8, mut take: impl FnMut(&[i64])) -> Result<&[u8]> {
    let (header, mut bytes) = header(bytes)?;
    if header.total != values as u64 {
        return Err(Broken(
            "the page holds another number of values than it says",
        ));
    }
    if values == 0 {
        return Ok(bytes);
    }
    if bits == 32 && i32::try_from(header.first).is_err() {
        return Err(Broken("the first value has more bits than the others"));
    }
    take(&[header.first]);
    let mut sums = Sums {
        sum: header.first,
        differences: [0; PIECE],
        values: [0; PIECE],
    };
    let mut left = values - 1;
    while left > 0 {
        let (base, behind) = zigzag(bytes)?;
        let (widths, behind) = behind
            .split_at_checked(header.miniblocks)
            .ok_or(Broken("the page ends inside a block of differences"))?;
        bytes = behind;
        // Behind the last value there are widths, which mean nothing, but no differences.
        for width in widths {
            if left == 0 {
                break;
            }
            if *width > bits {
                return Err(Broken("differences are wider than the values"));
            }
            let count = left.min(header.size);
            let (packed, behind) = miniblock(bytes, *width, header.size, count)?;
            sums.add_up((packed, *width), count, base, &mut take);
            bytes = behind;
            left -= count;
        }
    }
    Ok(bytes)
}

/// The bytes of a miniblock, of which the first `count` values are needed; only what fills it up may be missing.
fn miniblock(bytes: &[u8], width: u8, size: usize, count: usize) -> Result<(&[u8], &[u8])> {
    let width = usize::from(width);
    let length = (size / 8).saturating_mul(width).min(bytes.len());
    if length < count.saturating_mul(width).div_ceil(8) {
        return Err(Broken("the page ends inside a block of differences"));
    }
    Ok(bytes.split_at(length))
}

/// Sums of differences on their way out, and the buffers for them.
struct Sums {
    sum: i64,
    differences: [u32; PIECE],
    values: [i64; PIECE],
}

impl Sums {
    /// Turns the packed differences of a miniblock into values, piece by piece; `base` is added to each difference.
    fn add_up(
        &mut self,
        (packed, width): (&[u8], u8),
        count: usize,
        base: i64,
        take: &mut impl FnMut(&[i64]),
    ) {
        for from in (0..count).step_by(PIECE) {
            let length = PIECE.min(count - from);
            let values = &mut self.values[..length];
            let behind = packed
                .get(from / 8 * usize::from(width)..)
                .unwrap_or_default();
            if width <= 32 {
                let differences = &mut self.differences[..length];
                unpack(behind, width, differences);
                for (value, difference) in values.iter_mut().zip(differences) {
                    *value = base.wrapping_add(i64::from(*difference));
                }
            } else {
                for (i, value) in values.iter_mut().enumerate() {
                    let difference = wide(behind, i * usize::from(width), width);
                    *value = base.wrapping_add(difference.cast_signed());
                }
            }
            for value in values.iter_mut() {
                self.sum = self.sum.wrapping_add(*value);
                *value = self.sum;
            }
            take(values);
        }
    }
}

/// The byte arrays of a page that has their lengths before all of them.
#[derive(Debug, Clone)]
pub struct Lengths<'a, 'b> {
    bytes: &'a [u8],
    lengths: std::slice::Iter<'b, i32>,
}

/// Reads `values` byte arrays; `lengths` is a buffer for what its name says.
///
/// Errors: as for [`i32s`]; a length is negative, or the bytes are fewer than all lengths together.
pub fn length_byte_arrays<'a, 'b>(
    bytes: &'a [u8],
    values: usize,
    lengths: &'b mut Vec<i32>,
) -> Result<Lengths<'a, 'b>> {
    lengths.clear();
    let bytes = i32s(bytes, values, lengths)?;
    let mut all = 0_u64;
    for length in lengths.iter() {
        all += u64::try_from(*length).map_err(|_| Broken("a value has a negative length"))?;
    }
    if all > bytes.len() as u64 {
        return Err(Broken("the page ends before its last value"));
    }
    let lengths = lengths.iter();
    Ok(Lengths { bytes, lengths })
}

impl<'a> Iterator for Lengths<'a, '_> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(*self.lengths.next()?).ok()?;
        let (value, behind) = self.bytes.split_at_checked(length)?;
        self.bytes = behind;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lengths.size_hint()
    }
}

/// Buffers of byte arrays that begin like those before them.
#[derive(Debug, Default)]
pub struct Prefixes {
    shared: Vec<i32>,
    lengths: Vec<i32>,
    value: Vec<u8>,
}

/// Hands out `values` byte arrays that begin like those before them, of any or of one length.
///
/// One value at a time is put together, so a page that repeats a long value does not take more memory than itself.
///
/// Errors: as for [`length_byte_arrays`]; a value has more in common with the one before than that is long; what
/// `take` returns.
pub fn byte_arrays<E: From<Broken>>(
    bytes: &[u8],
    values: usize,
    buffers: &mut Prefixes,
    mut take: impl FnMut(&[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let Prefixes {
        shared,
        lengths,
        value,
    } = buffers;
    shared.clear();
    value.clear();
    let suffixes = i32s(bytes, values, shared)?;
    let suffixes = length_byte_arrays(suffixes, values, lengths)?;
    for (prefix, suffix) in shared.iter().zip(suffixes) {
        let prefix = usize::try_from(*prefix).ok().filter(|p| *p <= value.len());
        value.truncate(prefix.ok_or(Broken(
            "a value shares more with the one before than that has",
        ))?);
        value.extend_from_slice(suffix);
        take(value)?;
    }
    Ok(())
}
