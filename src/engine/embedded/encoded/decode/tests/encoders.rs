//! Encoders as simple as they can be: one bit after the other.

use proptest::prelude::*;

/// Values of a block and of a miniblock, and the byte that stands where nothing has a meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    size: usize,
    miniblock: usize,
    junk: u8,
}

impl Block {
    /// The least block in four parts.
    pub(super) const USUAL: Self = Self {
        size: 128,
        miniblock: 32,
        junk: 0,
    };
}

pub(super) fn blocks() -> impl Strategy<Value = Block> {
    let sizes = prop::sample::select(vec![
        (128, 32),
        (128, 128),
        (256, 64),
        (512, 32),
        (1024, 512),
        (384, 96),
    ]);
    (sizes, any::<u8>()).prop_map(|((size, miniblock), junk)| Block {
        size,
        miniblock,
        junk,
    })
}

pub(super) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 127 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn put_zigzag(value: i64, out: &mut Vec<u8>) {
    put_varint((value << 1 ^ value >> 63).cast_unsigned(), out);
}

/// Appends numbers from the lowest bit on.
pub(super) fn pack(values: &[u64], width: u8, out: &mut Vec<u8>) {
    let bit = |i: usize| {
        (values.get(i / usize::from(width))? >> (i % usize::from(width)) & 1 == 1).then_some(())
    };
    let bits = values.len() * usize::from(width);
    for from in (0..bits).step_by(8) {
        out.push((0..8).map(|k| u8::from(bit(from + k).is_some()) << k).sum());
    }
}

/// The deprecated order: from the highest bit on.
pub(super) fn bit_packed(values: &[u32], width: u8) -> Vec<u8> {
    let width = usize::from(width);
    let bit = |i: usize| {
        values
            .get(i / width)
            .is_some_and(|v| v >> (width - 1 - i % width) & 1 == 1)
    };
    let bytes = (0..values.len() * width).step_by(8);
    bytes
        .map(|from| (0..8).map(|k| u8::from(bit(from + k)) << (7 - k)).sum())
        .collect()
}

pub(super) fn delta64(values: &[i64], block: Block) -> Vec<u8> {
    encode(values, block, i64::wrapping_sub, |difference, base| {
        difference.wrapping_sub(base).cast_unsigned()
    })
}

pub(super) fn delta32(values: &[i32], block: Block) -> Vec<u8> {
    let wide: Vec<i64> = values.iter().map(|v| i64::from(*v)).collect();
    let narrow = |v: i64| i32::try_from(v).unwrap();
    let difference = |a, b| i64::from(narrow(a).wrapping_sub(narrow(b)));
    encode(&wide, block, difference, |difference, base| {
        u64::from(
            narrow(difference)
                .wrapping_sub(narrow(base))
                .cast_unsigned(),
        )
    })
}

fn encode(
    values: &[i64],
    block: Block,
    difference: impl Fn(i64, i64) -> i64,
    relative: impl Fn(i64, i64) -> u64,
) -> Vec<u8> {
    let mut out = vec![];
    put_varint(block.size as u64, &mut out);
    put_varint((block.size / block.miniblock) as u64, &mut out);
    put_varint(values.len() as u64, &mut out);
    put_zigzag(values.first().copied().unwrap_or(0), &mut out);
    let differences: Vec<i64> = values.windows(2).map(|w| difference(w[1], w[0])).collect();
    for differences in differences.chunks(block.size) {
        let base = *differences.iter().min().unwrap();
        put_zigzag(base, &mut out);
        let mut widths = vec![block.junk; block.size / block.miniblock];
        let mut bodies = vec![];
        for (miniblock, width) in differences.chunks(block.miniblock).zip(&mut widths) {
            let mut relative: Vec<u64> = miniblock.iter().map(|d| relative(*d, base)).collect();
            let most = relative.iter().max().unwrap();
            *width = u8::try_from(64 - most.leading_zeros()).unwrap();
            relative.resize(block.miniblock, u64::from(block.junk));
            pack(&relative, *width, &mut bodies);
        }
        out.extend(widths);
        out.extend(bodies);
    }
    out
}

/// Byte arrays that share what they can with the one before.
pub(super) fn prefixed(values: &[Vec<u8>], block: Block) -> Vec<u8> {
    let (mut before, mut suffixes): (&[u8], _) = (&[], vec![]);
    let (mut shared, mut lengths) = (vec![], vec![]);
    for value in values {
        let same = before.iter().zip(value).take_while(|(a, b)| a == b).count();
        shared.push(i32::try_from(same).unwrap());
        lengths.push(i32::try_from(value.len() - same).unwrap());
        suffixes.extend(&value[same..]);
        before = value;
    }
    [delta32(&shared, block), delta32(&lengths, block), suffixes].concat()
}
