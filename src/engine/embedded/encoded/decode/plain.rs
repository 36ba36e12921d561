//! Values one after the other, as they are.
//!
//! Source: Apache Parquet format, Encodings.md, "Plain"; LogicalTypes.md for decimals and float16.

use super::{Broken, Result};

const SHORT: Broken = Broken("the page ends before its last value");

/// The values of a fixed number of bytes.
fn fixed<const N: usize>(bytes: &[u8], values: usize) -> Result<&[[u8; N]]> {
    bytes.as_chunks().0.get(..values).ok_or(SHORT)
}

/// Appends 32-bit integers.
///
/// Errors: fewer bytes than the values need.
pub fn i32s(bytes: &[u8], values: usize, out: &mut Vec<i32>) -> Result<()> {
    out.extend(fixed(bytes, values)?.iter().map(|b| i32::from_le_bytes(*b)));
    Ok(())
}

/// Appends 64-bit integers.
///
/// Errors: as for [`i32s`].
pub fn i64s(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    out.extend(fixed(bytes, values)?.iter().map(|b| i64::from_le_bytes(*b)));
    Ok(())
}

/// Appends 32-bit integers as 64-bit ones.
///
/// Errors: as for [`i32s`].
pub fn i32s_wide(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    let values = fixed(bytes, values)?.iter();
    out.extend(values.map(|b| i64::from(i32::from_le_bytes(*b))));
    Ok(())
}

/// Appends 32-bit floats as 64-bit ones, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f32s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    let values = fixed(bytes, values)?.iter();
    out.extend(values.map(|b| f64::from(f32::from_le_bytes(*b))));
    Ok(())
}

/// Appends 64-bit floats, NaN among them.
///
/// Errors: as for [`i32s`].
pub fn f64s(bytes: &[u8], values: usize, out: &mut Vec<f64>) -> Result<()> {
    out.extend(fixed(bytes, values)?.iter().map(|b| f64::from_le_bytes(*b)));
    Ok(())
}

/// Appends 96-bit timestamps as nanoseconds since 1970-01-01.
///
/// Errors: as for [`i32s`]; one before 1677-09-21 or after 2262-04-11, which 64 bits do not hold.
pub fn int96s(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    for value in fixed(bytes, values)? {
        out.push(int96(value).ok_or(BEYOND)?);
    }
    Ok(())
}

/// Appends 96-bit timestamps that Spark wrote, as microseconds since 1970-01-01.
///
/// Errors: as for [`i32s`]; one that is no moment of Spark's, see [`int96_of_spark`].
pub fn int96s_of_spark(bytes: &[u8], values: usize, out: &mut Vec<i64>) -> Result<()> {
    for value in fixed(bytes, values)? {
        out.push(int96_of_spark(value).ok_or(BEYOND_SPARK)?);
    }
    Ok(())
}

/// Why a 96-bit timestamp is not read.
const BEYOND: Broken = Broken(
    "a moment in 96 bits is beyond what 64 bits of nanoseconds hold (1677 to 2262); write the column as a timestamp of \
     microseconds",
);

/// Why one that Spark should have written is not read.
const BEYOND_SPARK: Broken = Broken(
    "a moment in 96 bits is beyond what 64 bits of microseconds hold (292,000 years around 1970): Spark did not write it",
);

/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// Nanoseconds since 1970-01-01 of eight bytes of nanoseconds in the day and four of the Julian day; `None` beyond what 64
/// bits hold.
#[must_use]
pub fn int96(bytes: &[u8; 12]) -> Option<i64> {
    const DAY: i64 = 86_400_000_000_000;
    let (nanos, day) = day_and_nanos(bytes);
    (day - EPOCH).checked_mul(DAY)?.checked_add(nanos)
}

/// Microseconds since 1970-01-01 of the same bytes, cut to whole ones; `None` where 64 bits do not hold those since the first
/// Julian day.
///
/// Edge: wraps around when it counts from 1970. Spark's moments are microseconds in 64 bits, and those since the first Julian
/// day that it makes of one far in the future wrap around as well, so that wrapping gives back what was written.
#[must_use]
pub fn int96_of_spark(bytes: &[u8; 12]) -> Option<i64> {
    const DAY: i64 = 86_400_000_000;
    let (nanos, day) = day_and_nanos(bytes);
    let julian = day.checked_mul(DAY)?.checked_add(nanos / 1000)?;
    Some(julian.wrapping_sub(EPOCH * DAY))
}

fn day_and_nanos(bytes: &[u8; 12]) -> (i64, i64) {
    let [n0, n1, n2, n3, n4, n5, n6, n7, d0, d1, d2, d3] = *bytes;
    let nanos = i64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]);
    (nanos, i64::from(i32::from_le_bytes([d0, d1, d2, d3])))
}

/// How many of the values, one bit each, are true.
///
/// Errors: as for [`i32s`].
pub fn count_true(bytes: &[u8], values: usize) -> Result<usize> {
    let bytes = bytes.get(..values.div_ceil(8)).ok_or(SHORT)?;
    Ok(super::hybrid::ones(bytes, values))
}

/// Appends booleans, one bit each.
///
/// Errors: as for [`i32s`].
pub fn booleans(bytes: &[u8], values: usize, out: &mut Vec<bool>) -> Result<()> {
    let bytes = bytes.get(..values.div_ceil(8)).ok_or(SHORT)?;
    out.extend((0..values).map(|i| bytes[i / 8] >> (i % 8) & 1 == 1));
    Ok(())
}

/// The byte arrays of a page; after an error there are no more.
#[derive(Debug, Clone)]
pub struct ByteArrays<'a> {
    bytes: &'a [u8],
    left: usize,
}

/// Reads `values` byte arrays, each with its length before it as four bytes.
#[must_use]
pub fn byte_arrays(bytes: &[u8], values: usize) -> ByteArrays<'_> {
    ByteArrays {
        bytes,
        left: values,
    }
}

impl<'a> Iterator for ByteArrays<'a> {
    type Item = Result<&'a [u8]>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let value = self
            .bytes
            .split_first_chunk::<4>()
            .and_then(|(length, rest)| {
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                rest.split_at_checked(length)
            });
        let Some((value, behind)) = value else {
            self.left = 0;
            return Some(Err(SHORT));
        };
        self.bytes = behind;
        Some(Ok(value))
    }
}

/// Byte arrays of one length, at least 1.
///
/// Errors: as for [`i32s`], or the length is 0.
pub fn fixed_arrays(
    bytes: &[u8],
    length: usize,
    values: usize,
) -> Result<std::slice::ChunksExact<'_, u8>> {
    if length == 0 {
        return Err(Broken("values of no bytes"));
    }
    let all = values.checked_mul(length).and_then(|all| bytes.get(..all));
    Ok(all.ok_or(SHORT)?.chunks_exact(length))
}

/// The whole number of 1 to 16 big-endian bytes in two's complement.
///
/// Errors: another number of bytes.
#[inline]
pub fn big_endian(bytes: &[u8]) -> Result<i128> {
    let (Some(first), Some(free)) = (bytes.first(), 16_usize.checked_sub(bytes.len())) else {
        return Err(Broken("a decimal does not have 1 to 16 bytes"));
    };
    let mut sixteen = [if first & 0x80 == 0 { 0 } else { 0xff }; 16];
    sixteen[free..].copy_from_slice(bytes);
    Ok(i128::from_be_bytes(sixteen))
}

/// A float of 16 bits as one of 64, exactly; NaN stays NaN, without its payload.
///
/// Source: IEEE 754-2019, binary16.
#[must_use]
pub fn float16(bytes: [u8; 2]) -> f64 {
    /// 2 to the power of -24, the unit of the numbers nearest to 0.
    const UNIT: f64 = f64::from_bits((1023 - 24) << 52);
    let bits = u16::from_le_bytes(bytes);
    let fraction = bits & 0x3ff;
    let magnitude = match bits >> 10 & 0x1f {
        0 => f64::from(fraction) * UNIT,
        31 if fraction == 0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => {
            let exponent = u64::from(exponent) + 1023 - 15;
            f64::from_bits(exponent << 52 | u64::from(fraction) << 42)
        }
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}
