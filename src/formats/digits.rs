//! Arithmetic of check digits, shared by the formats that have one.

/// Whether the text is not empty and all ASCII digits.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The digits of a text of exactly `N` ASCII digits.
pub(super) fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| bytes.map(|b| u32::from(b - b'0')))
}

/// Sum of the products of digits and weights, place by place.
pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// ISO/IEC 7812-1, annex B: from the right, every second digit doubled and its digits added, the sum divides by 10.
pub(super) fn luhn(text: &str) -> bool {
    let sum = text.bytes().rev().enumerate().fold(0u32, |sum, (i, b)| {
        let d = u32::from(b.wrapping_sub(b'0'));
        let d = if i % 2 == 1 { d * 2 } else { d };
        (sum + if d > 9 { d - 9 } else { d }) % 10
    });
    text.len() >= 2 && all_digits(text) && sum == 0
}

/// MOD 97-10 of ISO/IEC 7064: the remainder by 97 of the number that the text is with letters as 10 to 35.
///
/// `None` for a character that is neither a digit nor an upper-case letter.
pub(super) fn remainder_97<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> Option<u32> {
    bytes.into_iter().try_fold(0u32, |n, c| match c {
        b'0'..=b'9' => Some((n * 10 + u32::from(c - b'0')) % 97),
        b'A'..=b'Z' => Some((n * 100 + u32::from(c - b'A') + 10) % 97),
        _ => None,
    })
}

/// MOD 11-2 of ISO/IEC 7064: digits, the last perhaps `X` for ten; the sum of digits and powers of two is 1 by 11.
pub(super) fn mod_11_2(text: &str) -> bool {
    let b = text.as_bytes();
    let sum = b.iter().enumerate().try_fold(0u32, |n, (i, c)| match c {
        b'0'..=b'9' => Some((n * 2 + u32::from(c - b'0')) % 11),
        b'X' if i + 1 == b.len() => Some((n * 2 + 10) % 11),
        _ => None,
    });
    sum == Some(1)
}

/// MOD 11-10 of ISO/IEC 7064: the hybrid system whose last step leaves 1.
pub(super) fn mod_11_10(digits: &[u32]) -> bool {
    let Some((check, rest)) = digits.split_last() else {
        return false;
    };
    let product = rest.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + check) % 10 == 1
}

/// Verhoeff's check digit over the dihedral group of order ten.
///
/// Source: J. Verhoeff, Error Detecting Decimal Codes, 1969: multiplication of the group, and the permutation
/// `(0 1 5 8 9 4 2 7)(3 6)` applied once more for every place from the right.
pub(super) fn verhoeff(digits: &[u32]) -> bool {
    const PERMUTED: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: usize, b: usize| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, digit)| {
            let mut digit = *digit as usize;
            for _ in 0..place % 8 {
                digit = PERMUTED[digit];
            }
            product(sum, digit)
        });
    sum == 0
}
