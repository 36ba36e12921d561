//! Hashes of the distinct sketch: XXH64 of a value's bytes, and the register of the sketch that it belongs to.

/// Seed of XXH64, as Spark's `xxhash64` has it.
const SEED: u64 = 42;

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;
const P4: u64 = 0x85eb_ca77_c2b2_ae63;
const P5: u64 = 0x27d4_eb2f_1656_67c5;

/// XXH64 with seed 42.
///
/// Source: the xxHash specification 0.1.1, section "XXH64".
#[must_use]
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let (stripes, bytes_left) = bytes.as_chunks::<32>();
    let start = if stripes.is_empty() {
        SEED.wrapping_add(P5)
    } else {
        of_stripes(stripes)
    };
    let mut hash = start.wrapping_add(bytes.len() as u64);
    let (words, rest) = bytes_left.as_chunks::<8>();
    for word in words {
        hash = eight(hash, u64::from_le_bytes(*word));
    }
    let (halves, rest) = rest.as_chunks::<4>();
    for half in halves {
        let lane = u64::from(u32::from_le_bytes(*half));
        hash = (hash ^ lane.wrapping_mul(P1)).rotate_left(23);
        hash = hash.wrapping_mul(P2).wrapping_add(P3);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11);
        hash = hash.wrapping_mul(P1);
    }
    avalanche(hash)
}

/// What four lanes make of stripes of 32 bytes.
fn of_stripes(stripes: &[[u8; 32]]) -> u64 {
    let mut lanes = [
        SEED.wrapping_add(P1).wrapping_add(P2),
        SEED.wrapping_add(P2),
        SEED,
        SEED.wrapping_sub(P1),
    ];
    for stripe in stripes {
        for (lane, word) in lanes.iter_mut().zip(stripe.as_chunks::<8>().0) {
            *lane = round(*lane, u64::from_le_bytes(*word));
        }
    }
    let turned = lanes.iter().zip([1, 7, 12, 18]);
    let start = turned.fold(0u64, |sum, (lane, by)| {
        sum.wrapping_add(lane.rotate_left(by))
    });
    lanes.iter().fold(start, |hash, lane| {
        (hash ^ round(0, *lane)).wrapping_mul(P1).wrapping_add(P4)
    })
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2))
        .rotate_left(31)
        .wrapping_mul(P1)
}

/// XXH64 with seed 42 of eight bytes in little-endian order.
#[must_use]
#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
pub(super) fn of_word(word: u64) -> u64 {
    avalanche(eight(SEED.wrapping_add(P5).wrapping_add(8), word))
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn eight(hash: u64, word: u64) -> u64 {
    (hash ^ round(0, word))
        .rotate_left(27)
        .wrapping_mul(P1)
        .wrapping_add(P4)
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn avalanche(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(P2);
    hash = (hash ^ (hash >> 29)).wrapping_mul(P3);
    hash ^ (hash >> 32)
}

/// Seed with which a sketch of Apache DataSketches hashes what it is updated with.
const UPDATE_SEED: u64 = 9001;

/// The two words that a sketch of Apache DataSketches makes of a 64-bit value: the lowest bits of the first choose the
/// register, the leading zeros of the second are its rank.
///
/// Source: `MurmurHash3_x64_128` of eight bytes with seed 9001, as `HllSketch::update` of the `datasketches` crate does
/// for an `i64`.
#[must_use]
#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
pub(super) fn coupon(value: u64) -> (u64, u64) {
    let lane = value
        .wrapping_mul(0x87c3_7b91_1142_53d5)
        .rotate_left(31)
        .wrapping_mul(0x4cf5_ad43_2745_937f);
    let mut first = (UPDATE_SEED ^ lane) ^ 8;
    let mut second = UPDATE_SEED ^ 8;
    first = first.wrapping_add(second);
    second = second.wrapping_add(first);
    first = finish(first);
    second = finish(second);
    first = first.wrapping_add(second);
    second = second.wrapping_add(first);
    (first, second)
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn finish(mut word: u64) -> u64 {
    word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

#[cfg(test)]
mod tests {
    use super::{of_bytes, of_word};

    #[test]
    fn hashes_are_those_of_the_crate_at_every_length() {
        let bytes: Vec<u8> = (0..200u8).map(|i| i.wrapping_mul(151)).collect();
        for length in 0..bytes.len() {
            let part = &bytes[length / 3..length];
            assert_eq!(
                of_bytes(part),
                twox_hash::XxHash64::oneshot(42, part),
                "{length}"
            );
        }
        for word in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
            assert_eq!(
                of_word(word),
                twox_hash::XxHash64::oneshot(42, &word.to_le_bytes())
            );
        }
    }
}
