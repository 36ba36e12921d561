//! E-mail, phone, bank account, card, host address.

use crate::formats::Kind as Format;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A pattern that is known to be one.
pub(super) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is tested")
}

/// Whether a match stands between characters that are neither letters nor digits.
pub(super) fn is_apart(text: &str, found: &regex::Match) -> bool {
    let before = text[..found.start()].chars().next_back();
    let after = text[found.end()..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// Whether a match is the whole part or the fraction of a decimal number: digits alone, after a point that follows a digit,
/// a sign or nothing, or before a point and a fraction that is not 0.
///
/// `4111111111111111.0` is a number of a card that was read as a float, and no decimal here.
pub(super) fn is_decimal(text: &str, found: &regex::Match) -> bool {
    if !found.as_str().bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let begins = |whole: &str| {
        let last = whole.chars().next_back();
        last.is_none_or(|c| c.is_ascii_digit() || c.is_whitespace() || "+-".contains(c))
    };
    let before = text[..found.start()].strip_suffix('.').is_some_and(begins);
    let fraction = text[found.end()..].strip_prefix('.').unwrap_or_default();
    let mut digits = fraction.chars().take_while(char::is_ascii_digit);
    before || digits.any(|c| c != '0')
}

/// The match without blanks and hyphens.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| !" -".contains(*c)).collect()
}

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}"));
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,4}\)?){2,7}"));
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"));
static CARD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9](?:[ -]?[0-9]){12,18}"));
static IPV4: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3})+"));
static IPV6: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"));

/// Where an address stands. Source: RFC 5322 by the format `email`.
pub(super) fn email(text: &str) -> Option<Range<usize>> {
    const APART: [char; 7] = ['.', '-', '\'', '`', '/', '*', '='];
    if !text.contains('@') {
        return None;
    }
    let bare = |m: regex::Match| {
        let end = m.start() + m.as_str().trim_end_matches(APART).len();
        let start = m.end() - m.as_str().trim_start_matches(APART).len();
        start..end.max(start)
    };
    let mut all = EMAIL.find_iter(text).map(bare);
    all.find(|at| Format::Email.accepts(&text[at.clone()]))
}

/// Source: ITU-T E.164: a country code, 15 digits at most.
pub(super) fn phone(text: &str) -> Option<Range<usize>> {
    if !text.contains('+') {
        return None;
    }
    let whole = |m: &regex::Match| {
        let digits = m.as_str().bytes().filter(u8::is_ascii_digit).count();
        (8..=15).contains(&digits) && is_apart(text, m)
    };
    PHONE.find_iter(text).find(whole).map(|m| m.range())
}

/// Source: ISO 13616 by the format `iban`.
pub(super) fn iban(text: &str) -> Option<Range<usize>> {
    let whole = |m: &regex::Match| is_apart(text, m) && Format::Iban.accepts(&bare(m.as_str()));
    IBAN.find_iter(text).find(whole).map(|m| m.range())
}

/// Source: ISO/IEC 7812-1 for the check digit; prefixes and lengths as the networks publish them.
pub(super) fn card(text: &str) -> Option<Range<usize>> {
    let whole = |m: &regex::Match| {
        let digits = bare(m.as_str());
        is_apart(text, m)
            && !is_decimal(text, m)
            && is_issued(&digits)
            && Format::Luhn.accepts(&digits)
    };
    CARD.find_iter(text).find(whole).map(|m| m.range())
}

fn is_issued(digits: &str) -> bool {
    let begin = |n: usize| {
        digits
            .get(..n)
            .and_then(|d| d.parse::<u32>().ok())
            .unwrap_or(0)
    };
    matches!(
        (digits.len(), begin(1), begin(2), begin(4)),
        (13 | 16 | 19, 4, ..)
            | (15, _, 34 | 37, _)
            | (16, _, 51..=55, _)
            | (16, .., 2221..=2720)
            | (16..=19, _, 35 | 62 | 64 | 65, _)
            | (16..=19, .., 6011)
            | (14, _, 36 | 38 | 39, _)
            | (14, .., 3000..=3059)
    )
}

/// Source: RFC 6943 and RFC 4291 by the formats `ipv4` and `ipv6`; addresses of no host in particular are left.
pub(super) fn ip(text: &str) -> Option<Range<usize>> {
    let own = ["0.0.0.0", "127.0.0.1", "::", "::1"];
    let is = |m: &regex::Match, format: Format| {
        let address = m.as_str();
        is_apart(text, m) && !own.contains(&address) && format.accepts(address)
    };
    let found = |mark: char, pattern: &Regex, format: Format| {
        let mut all = text.contains(mark).then(|| pattern.find_iter(text))?;
        all.find(|m| is(m, format)).map(|m| m.range())
    };
    found('.', &IPV4, Format::Ipv4).or_else(|| found(':', &IPV6, Format::Ipv6))
}
