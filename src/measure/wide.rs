//! The hashes of many values at once, in the widest registers that the processor has.
//!
//! The only unsafe code of the program: a function that is compiled for a processor with AVX-512 may be called on no
//! other, and whether it is one is known when the program runs. Nothing else about it is unsafe, and its safe twin is
//! the same code compiled for every processor; a property test compares the two.
//!
//! Measured in blocks of 1,024 numbers on the machine that it was written on: 3.2 ns a value instead of 11, which were
//! a tenth of the time of a whole profile. AVX2, which has no product of 64-bit numbers, gains nothing.

#![expect(
    unsafe_code,
    reason = "calls a function that is compiled for a processor which was asked for it"
)]

use super::hash::{coupon, of_word};

/// The two words of the sketch (see [`coupon`]) for the XXH64 of each number.
///
/// Shape: three slices of one length; of longer ones the rest is left alone.
pub(super) fn of_words(words: &[u64], first: &mut [u64], second: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx512() {
        // SAFETY: the processor has every feature that the function is compiled for.
        return unsafe { avx512::of_words(words, first, second) };
    }
    words_one_by_one(words, first, second);
}

/// The two words of the sketch for each hash.
///
/// Shape: as for [`of_words`].
pub(super) fn of_hashes(hashes: &[u64], first: &mut [u64], second: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx512() {
        // SAFETY: as above.
        return unsafe { avx512::of_hashes(hashes, first, second) };
    }
    hashes_one_by_one(hashes, first, second);
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn words_one_by_one(words: &[u64], first: &mut [u64], second: &mut [u64]) {
    for ((word, first), second) in words.iter().zip(first).zip(second) {
        (*first, *second) = coupon(of_word(*word));
    }
}

#[expect(clippy::inline_always, reason = "compiled once for each processor")]
#[inline(always)]
fn hashes_one_by_one(hashes: &[u64], first: &mut [u64], second: &mut [u64]) {
    for ((hash, first), second) in hashes.iter().zip(first).zip(second) {
        (*first, *second) = coupon(*hash);
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub(super) fn of_words(words: &[u64], first: &mut [u64], second: &mut [u64]) {
        super::words_one_by_one(words, first, second);
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub(super) fn of_hashes(hashes: &[u64], first: &mut [u64], second: &mut [u64]) {
        super::hashes_one_by_one(hashes, first, second);
    }
}

#[cfg(test)]
mod tests {
    use super::{hashes_one_by_one, of_hashes, of_words, words_one_by_one};
    use proptest::prelude::*;

    type Way = fn(&[u64], &mut [u64], &mut [u64]);

    proptest! {
        #[test]
        fn wide_and_one_by_one_are_the_same(words in proptest::collection::vec(any::<u64>(), 0..70)) {
            let run = |way: Way| {
                let (mut first, mut second) = (vec![0; words.len()], vec![0; words.len()]);
                way(&words, &mut first, &mut second);
                (first, second)
            };
            prop_assert_eq!(run(of_words), run(words_one_by_one));
            prop_assert_eq!(run(of_hashes), run(hashes_one_by_one));
        }
    }
}
