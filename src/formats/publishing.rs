//! Numbers of books, journals, articles and trade items.

use super::digits::{all_digits, digits, weighted};

/// GS1 General Specifications: from the right, weights 1 and 3 in turn, the sum divides by 10. Leading zeros count.
fn gs1(text: &str) -> bool {
    let sum = text.bytes().rev().enumerate().fold(0u32, |sum, (i, b)| {
        let d = u32::from(b.wrapping_sub(b'0'));
        (sum + if i % 2 == 1 { d * 3 } else { d }) % 10
    });
    all_digits(text) && sum == 0
}

/// GTIN-8, 12, 13 or 14 by its check digit.
pub(super) fn ean(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && gs1(text)
}

/// GTIN-13 by its check digit.
pub(super) fn ean13(text: &str) -> bool {
    text.len() == 13 && gs1(text)
}

/// GTIN-12, the UPC-A of North America, by its check digit.
pub(super) fn upc(text: &str) -> bool {
    text.len() == 12 && gs1(text)
}

/// Without hyphens, where single ones stand inside; `None` for any other use of them.
fn hyphens_out(text: &str, most: usize) -> Option<String> {
    let wrong =
        text.len() > most || text.starts_with('-') || text.ends_with('-') || text.contains("--");
    (!wrong).then(|| text.replace('-', ""))
}

/// ISO 2108: ten digits by weights 10 to 1, the last perhaps `X` for ten, the sum divides by 11. Where hyphens stand
/// is not checked: groups and publishers differ in width.
pub(super) fn isbn10(text: &str) -> bool {
    let Some(plain) = hyphens_out(text, 13).filter(|p| p.len() == 10) else {
        return false;
    };
    let sum = plain
        .bytes()
        .enumerate()
        .try_fold(0u32, |sum, (i, c)| match c {
            b'0'..=b'9' => Some(sum + u32::from(c - b'0') * (10 - u32::try_from(i).ok()?)),
            b'X' if i == 9 => Some(sum + 10),
            _ => None,
        });
    sum.is_some_and(|s| s % 11 == 0)
}

/// ISO 2108: an EAN-13 under prefix 978 or 979; hyphens as in [`isbn10`].
pub(super) fn isbn13(text: &str) -> bool {
    hyphens_out(text, 17)
        .is_some_and(|p| ean13(&p) && (p.starts_with("978") || p.starts_with("979")))
}

/// Either of the two forms of ISO 2108.
pub(super) fn isbn(text: &str) -> bool {
    isbn10(text) || isbn13(text)
}

/// ISO 3297: `NNNN-NNNC`; seven digits by weights 8 to 2, the check digit perhaps `X` for ten, the sum divides by 11.
pub(super) fn issn(text: &str) -> bool {
    let b = text.as_bytes();
    if b.len() != 9 || b[4] != b'-' || !text.is_ascii() {
        return false;
    }
    let check = match b[8] {
        b'X' => 10,
        c if c.is_ascii_digit() => u32::from(c - b'0'),
        _ => return false,
    };
    let Some(d) = digits::<7>(&format!("{}{}", &text[..4], &text[5..8])) else {
        return false;
    };
    (weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) + check).is_multiple_of(11)
}

/// ISO 26324 as DOI Handbook 2.2 writes it: `10.`, four to nine digits of the registrant with further numbers after
/// points, a slash, and a suffix of printable characters without blanks. The bare form, without `https://doi.org/` or
/// `doi:`.
pub(super) fn doi(text: &str) -> bool {
    text.strip_prefix("10.")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(registrant, suffix)| {
            let mut parts = registrant.split('.');
            let first = parts.next().unwrap_or_default();
            (4..=9).contains(&first.len())
                && all_digits(first)
                && parts.all(all_digits)
                && !suffix.is_empty()
                && !suffix.chars().any(|c| c.is_whitespace() || c.is_control())
        })
}

/// arXiv identifiers (the archive's page on identifiers): `YYMM.NNNN` to 1412, `YYMM.NNNNN` from 1501 on, or before
/// April 2007 `archive(.XX)/YYMMNNN`; optionally a version `vN`. Without `arXiv:`.
pub(super) fn arxiv(text: &str) -> bool {
    let (bare, version) = match text.rsplit_once('v') {
        Some((bare, v)) if all_digits(v) => (bare, Some(v)),
        _ => (text, None),
    };
    let month = |yymm: &str| {
        (yymm.len() == 4 && all_digits(yymm) && (1..=12).contains(&yymm[2..].parse().unwrap_or(0)))
            .then(|| yymm.parse::<u32>().unwrap_or(0))
    };
    let new = bare.split_once('.').is_some_and(|(yymm, number)| {
        let width = |m: u32| if m < 1501 { 4 } else { 5 };
        let fits = |m| (704..9101).contains(&m) && number.len() == width(m);
        all_digits(number) && month(yymm).is_some_and(fits)
    });
    let old = bare.split_once('/').is_some_and(|(archive, number)| {
        let (name, class) = archive.split_once('.').unwrap_or((archive, "XX"));
        let lower = |c: u8| c.is_ascii_lowercase() || c == b'-';
        !name.is_empty()
            && name.bytes().all(lower)
            && !name.starts_with('-')
            && !name.ends_with('-')
            && class.len() == 2
            && class.bytes().all(|c| c.is_ascii_uppercase())
            && number.len() == 7
            && all_digits(number)
            && month(&number[..4]).is_some_and(|m| m <= 703 || m >= 9101)
    });
    (new || old) && version.is_none_or(|v| !v.starts_with('0'))
}
