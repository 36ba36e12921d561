//! Numbers of a few bits each, packed without gaps from the least significant bit of each byte on.
//!
//! Source: Apache Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid": bit `i * width` of the
//! little-endian bytes is the lowest bit of value `i`.

/// Values that are unpacked together: the fewest that end on a whole word whatever the width.
pub(super) const BLOCK: usize = 32;

/// Calls a function that is generic over a width of 1 to 32 bits; `else` says what comes out of other widths.
macro_rules! with_width {
    ($width:expr, $function:ident $arguments:tt, else $other:expr) => {
        with_width!(@ $width, $function, $arguments, $other,
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
    };
    (@ $width:expr, $function:ident, $arguments:tt, $other:expr, $($w:literal)*) => {
        match $width {
            $($w => with_width!(@call $function, $w, $arguments),)*
            _ => $other,
        }
    };
    (@call $function:ident, $w:literal, ($($argument:expr),*)) => { $function::<$w>($($argument),*) };
}
pub(super) use with_width;

/// Repeats a statement with the numbers 0 to 31, so that every shift is a constant.
macro_rules! for_block {
    ($i:ident => $body:block) => {
        for_block!(@ $i, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
    };
    (@ $i:ident, $body:block, $($n:literal)*) => { $({ const $i: usize = $n; $body })* };
}

/// Fills `out` with numbers of `width` bits; of no bits gives zeros.
///
/// Shape: `bytes` has the bits of all of `out`; what is missing counts as zero bits. A width is at most 32.
pub(super) fn unpack(bytes: &[u8], width: u8, out: &mut [u32]) {
    with_width!(width, unpack_all(bytes, out), else out.fill(0));
}

/// Fills `out` with numbers of `W` bits, 1 to 32; what is missing counts as zero bits.
pub(super) fn unpack_all<const W: usize>(mut bytes: &[u8], out: &mut [u32]) {
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for block in blocks {
        if let Some((whole, behind)) = bytes.split_at_checked(4 * W) {
            unpack_block::<W>(whole, block);
            bytes = behind;
        } else {
            unpack_block::<W>(&padded(bytes)[..4 * W], block);
            bytes = &[];
        }
    }
    if !rest.is_empty() {
        let mut block = [0; BLOCK];
        unpack_block::<W>(&padded(bytes)[..4 * W], &mut block);
        rest.copy_from_slice(&block[..rest.len()]);
    }
}

/// The first bytes, with zeros behind them.
pub(super) fn padded(bytes: &[u8]) -> [u8; 4 * BLOCK] {
    let mut whole = [0; 4 * BLOCK];
    let length = bytes.len().min(whole.len());
    whole[..length].copy_from_slice(&bytes[..length]);
    whole
}

/// A block of numbers of `W` bits, 1 to 32, from its `4 * W` bytes.
#[inline]
pub(super) fn unpack_block<const W: usize>(bytes: &[u8], out: &mut [u32; BLOCK]) {
    let mut words = [0_u32; W];
    for (word, four) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u32::from_le_bytes(*four);
    }
    let mask = u32::MAX >> (32 - W);
    for_block!(I => {
        let (at, shift) = (I * W / 32, I * W % 32);
        let low = words[at] >> shift;
        let high = if shift + W > 32 { words[at + 1] << (32 - shift) } else { 0 };
        out[I] = (low | high) & mask;
    });
}

/// The number of `width` bits, at most 64, that starts at a bit; bits beyond the bytes are zeros.
pub(super) fn wide(bytes: &[u8], bit: usize, width: u8) -> u64 {
    let from = bytes.get(bit / 8..).unwrap_or_default();
    let sixteen = from.first_chunk().copied().unwrap_or_else(|| {
        let mut sixteen = [0; 16];
        let length = from.len().min(16);
        sixteen[..length].copy_from_slice(&from[..length]);
        sixteen
    });
    let number = u128::from_le_bytes(sixteen) >> (bit % 8);
    let mask = u64::MAX.checked_shr(64 - u32::from(width)).unwrap_or(0);
    let low = number & u128::from(u64::MAX);
    u64::try_from(low).unwrap_or(0) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_format() {
        // Encodings.md: the numbers 0 to 7 in three bits each.
        let bytes = [0b1000_1000, 0b1100_0110, 0b1111_1010];
        let mut out = [9; 8];
        unpack(&bytes, 3, &mut out);
        assert_eq!(out, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn every_width_and_length_is_what_bit_by_bit_reading_gives() {
        let bytes: Vec<u8> = (0..400_u32)
            .map(|i| (i * i * 31 + i * 7).to_le_bytes()[0])
            .collect();
        for width in 0..=32_u8 {
            for length in [0, 1, 8, 33, 95] {
                let mut out = vec![7; length];
                unpack(&bytes, width, &mut out);
                for (i, value) in out.iter().enumerate() {
                    let bit = |b: usize| u64::from(bytes[b / 8] >> (b % 8) & 1);
                    let at = i * usize::from(width);
                    let expected = (0..usize::from(width))
                        .map(|b| bit(at + b) << b)
                        .sum::<u64>();
                    assert_eq!(u64::from(*value), expected, "width {width}, place {i}");
                    assert_eq!(wide(&bytes, at, width), expected);
                }
            }
        }
    }

    #[test]
    fn missing_bytes_are_zeros() {
        let mut out = [9; 40];
        unpack(&[0xff], 4, &mut out);
        assert_eq!(out[..3], [15, 15, 0]);
        assert_eq!(out[39], 0);
        assert_eq!(wide(&[0xff], 4, 64), 15);
        assert_eq!(wide(&[0xff], 400, 64), 0);
        assert_eq!(wide(&[0xff; 20], 3, 64), u64::MAX);
        assert_eq!(wide(&[0xff; 20], 3, 0), 0);
    }
}
