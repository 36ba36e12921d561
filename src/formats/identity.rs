//! Numbers of people, devices and vehicles.

use super::digits::{all_digits, digits, luhn, mod_11_2, verhoeff, weighted};

/// Aadhaar (UIDAI): twelve digits, the first 2 to 9, the last by Verhoeff, and not the same read backwards.
pub(super) fn aadhaar(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else {
        return false;
    };
    d[0] >= 2 && verhoeff(&d) && !d.iter().eq(d.iter().rev())
}

/// Social Security number of the USA (SSA, randomised since 2011): `AAA-GG-SSSS` or nine digits; the area is not 000,
/// 666 or 900 and up, the group not 00, the serial not 0000. It has no check digit.
pub(super) fn us_ssn(text: &str) -> bool {
    let b = text.as_bytes();
    let plain = match b.len() {
        11 if b[3] == b'-' && b[6] == b'-' => text.replace('-', ""),
        9 => text.to_owned(),
        _ => return false,
    };
    let Some(d) = digits::<9>(&plain) else {
        return false;
    };
    let area = d[0] * 100 + d[1] * 10 + d[2];
    !matches!(area, 0 | 666 | 900..) && d[3] + d[4] > 0 && d[5..].iter().sum::<u32>() > 0
}

/// National Insurance number of the United Kingdom (HMRC NIM39110): two letters, six digits, a letter A to D. Neither
/// of the first letters is D, F, I, Q, U or V, the second not O; BG, GB, KN, NK, NT, TN and ZZ are never used.
pub(super) fn uk_nino(text: &str) -> bool {
    let b = text.as_bytes();
    let letter = |c: &u8| c.is_ascii_uppercase() && !b"DFIQUV".contains(c);
    b.len() == 9
        && b[..2].iter().all(letter)
        && b[1] != b'O'
        && ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&[b[0], b[1]])
        && b[2..8].iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(&b[8])
}

/// Permanent Account Number of India (Income Tax Department): three letters, the holder's kind, a letter, four digits
/// that are not 0000, a letter. How its last letter is made is not published.
pub(super) fn india_pan(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 10
        && b[..5].iter().all(u8::is_ascii_uppercase)
        && b"ABCFGHJLPT".contains(&b[3])
        && b[5..9].iter().all(u8::is_ascii_digit)
        && b[5..9] != *b"0000"
        && b[9].is_ascii_uppercase()
}

/// IMEI (3GPP TS 23.003, section 6.2.1): fifteen digits, the last by Luhn.
pub(super) fn imei(text: &str) -> bool {
    text.len() == 15 && luhn(text)
}

/// IMSI (3GPP TS 23.003, section 2.2; ITU-T E.212): a mobile country code that starts with 2 to 7 or 9, then the
/// network and the subscriber; fourteen or fifteen digits.
pub(super) fn imsi(text: &str) -> bool {
    matches!(text.len(), 14 | 15)
        && all_digits(text)
        && matches!(text.as_bytes()[0], b'2'..=b'7' | b'9')
}

/// ISO 3779: seventeen digits and letters without I, O and Q.
pub(super) fn vin_form(text: &str) -> bool {
    text.len() == 17
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"IOQ".contains(&b)))
}

/// A [`vin_form`] whose ninth place is the check digit of 49 CFR 565.15: letters as digits, weights, the sum by 11,
/// ten as `X`. It is law in North America and China; elsewhere the place may hold anything.
pub(super) fn vin(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if !vin_form(text) {
        return false;
    }
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'H' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        _ => u32::from(b - b'S') + 2,
    };
    let values: Vec<u32> = text.bytes().map(value).collect();
    let check = match weighted(&values, &WEIGHTS) % 11 {
        10 => b'X',
        check => b'0' + u8::try_from(check).unwrap_or(0),
    };
    text.as_bytes()[8] == check
}

/// ORCID iD: four groups of four joined by hyphens, in the block of ISNI that ORCID has, check digit MOD 11-2 of
/// ISO/IEC 7064; the bare form without `https://orcid.org/`.
pub(super) fn orcid(text: &str) -> bool {
    let b = text.as_bytes();
    let grouped = b.len() == 19 && [4, 9, 14].iter().all(|i| b[*i] == b'-');
    if !grouped {
        return false;
    }
    let plain = text.replace('-', "");
    // ORCID: identifiers lie in 0000-0001-5000-0007 to 0000-0003-5000-0001 and 0009-0000-0000-0000 to
    // 0009-0010-0000-0000; these are their first fifteen digits.
    let known = plain
        .get(..15)
        .and_then(|t| t.parse::<u64>().ok())
        .is_some_and(|n| matches!(n, 15_000_000..=35_000_000 | 900_000_000_000..=900_100_000_000));
    plain.len() == 16 && known && mod_11_2(&plain)
}
