//! Numbers of accounts, banks, cards, securities and legal entities.

use super::codes;
use super::digits::{digits, luhn, remainder_97, weighted};

/// Country and total length, IBAN registry (SWIFT, ISO 13616-2).
const IBAN_LENGTH: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// ISO 13616: registered country and length; the remainder by 97 of the text, with its first four characters last and
/// letters as 10 to 35, is 1 (MOD 97-10 of ISO/IEC 7064).
pub(super) fn iban(text: &str) -> bool {
    let b = text.as_bytes();
    if b.len() < 5 || b.len() > 34 || !b[2..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let registered = IBAN_LENGTH
        .split(' ')
        .any(|entry| entry.as_bytes()[..2] == b[..2] && entry[2..].parse() == Ok(b.len()));
    // Check digits 00, 01 and 99 also satisfy mod 97 for some accounts, but ISO 7064 never produces them.
    let produced = !matches!(&b[2..4], b"00" | b"01" | b"99");
    registered && produced && remainder_97(b[4..].iter().chain(&b[..4])) == Some(1)
}

/// ISO 9362: party prefix, country, party suffix, and optionally a branch. Nothing is looked up in a directory.
pub(super) fn bic(text: &str) -> bool {
    let upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    matches!(text.len(), 8 | 11)
        && text.as_bytes().iter().all(upper)
        && (&text[4..6] == "XK" || codes::listed(codes::COUNTRY, 2, &text[4..6]))
}

/// ISO/IEC 7812: an account number of a payment network by its first digits and length, with its Luhn digit.
///
/// Networks, by the issuers' published ranges: Visa (4), Mastercard (51 to 55, 2221 to 2720), American Express (34,
/// 37), Discover (6011, 644 to 649, 65), Diners Club (300 to 305, 3095, 36, 38, 39), JCB (3528 to 3589), `UnionPay`
/// (62), Maestro (50, 56 to 58, 6).
pub(super) fn credit_card(text: &str) -> bool {
    if !(12..=19).contains(&text.len()) || !luhn(text) {
        return false;
    }
    let first = |n: usize| text[..n].parse::<u32>().unwrap_or(0);
    let length = text.len();
    match first(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length),
        3528..=3589 => (16..=19).contains(&length),
        5000..=5099 | 5600..=5899 | 6000..=6999 => true,
        _ => false,
    }
}

/// ABA routing number (American Bankers Association): nine digits by weights 3, 7 and 1, the sum divides by 10; the
/// first two are those of a Federal Reserve district, a thrift, an electronic one or a traveller's cheque.
pub(super) fn aba_routing(text: &str) -> bool {
    digits::<9>(text).is_some_and(|d| {
        let prefix = d[0] * 10 + d[1];
        matches!(prefix, 1..=12 | 21..=32 | 61..=72 | 80)
            && weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// ISO 6166: an ISO 3166-1 country or a prefix of the standard for other issuers, nine digits or letters, and a check
/// digit: Luhn over the digits that letters stand for (A is 10, Z is 35).
pub(super) fn isin(text: &str) -> bool {
    const OTHER: [&str; 12] = [
        "EU", "EZ", "XA", "XB", "XC", "XD", "XF", "XK", "XS", "QS", "QT", "QW",
    ];
    let b = text.as_bytes();
    let upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if b.len() != 12 || !b.iter().all(upper) || !b[11].is_ascii_digit() {
        return false;
    }
    let country = &text[..2];
    let expanded: String = text
        .chars()
        .filter_map(|c| c.to_digit(36))
        .map(|d| d.to_string())
        .collect();
    (codes::listed(codes::COUNTRY, 2, country) || OTHER.contains(&country)) && luhn(&expanded)
}

/// ISO 17442: eighteen upper-case letters or digits and two digits; MOD 97-10 of ISO/IEC 7064 leaves 1.
pub(super) fn lei(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 20 && b[18..].iter().all(u8::is_ascii_digit) && remainder_97(b) == Some(1)
}
