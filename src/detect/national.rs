//! Numbers of persons, by country, with the check digits that the country defines.

use super::personal::{bare, is_apart, is_decimal, pattern};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// One country: its code, and what is taken for a number of a person.
pub type Country = (&'static str, &'static str);

/// Countries whose numbers are known, in the order of help texts.
pub const COUNTRIES: &[Country] = &[
    (
        "us",
        "social security number with hyphens: area not 000, 666 or 900 and above, group not 00, serial not 0000",
    ),
    (
        "gb",
        "national insurance number: two letters, six digits, A to D",
    ),
    (
        "es",
        "DNI and NIE: 8 digits, or X, Y or Z and 7, and the letter of mod 23",
    ),
    (
        "fr",
        "NIR: 13 digits (2A and 2B for Corsica) and the key 97 - n mod 97",
    ),
    ("it", "codice fiscale: 16 characters with its check letter"),
    (
        "de",
        "tax identification number: 11 digits, ISO 7064 mod 11,10",
    ),
    ("nl", "burgerservicenummer: 9 digits, the eleven test"),
    (
        "be",
        "national register number: 11 digits, the key 97 - n mod 97, for both centuries",
    ),
    (
        "pl",
        "PESEL: 11 digits with a date of birth and the weighted check digit",
    ),
    (
        "br",
        "CPF: 11 digits, not all equal, with two check digits mod 11",
    ),
    (
        "se",
        "personnummer: 6 or 8 digits of a date, hyphen or plus, 4 digits, Luhn over the last ten",
    ),
    (
        "fi",
        "henkilötunnus: a date, a century sign, 3 digits and the character of mod 31",
    ),
];

/// Countries whose numbers hardly any other number looks like: letters or signs at fixed places, or two check digits.
const DISTINCT: &[&str] = &["us", "gb", "es", "fr", "it", "se", "fi"];

/// Their codes.
pub(super) fn distinct() -> Vec<String> {
    DISTINCT.iter().map(|c| (*c).to_owned()).collect()
}

static US: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{3}-[0-9]{2}-[0-9]{4}"));
static GB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]")
});
static ES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[0-9]|[XYZ])[0-9]{7}-?[A-HJ-NP-TV-Z]"));
static FR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}")
});
static IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[A-Z]{6}[0-9L-NP-V]{2}[ABCDEHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]")
});
static ELEVEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{11}"));
static NINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{9}"));
static BE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}[.-]?[0-9]{2}"));
static BR: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"));
static SE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}"));
static FI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]"));

/// Where a number of a person of one of the countries stands.
pub(super) fn any(text: &str, countries: &[String]) -> Option<Range<usize>> {
    countries.iter().find_map(|country| {
        let (found, holds): (&Regex, fn(&str) -> bool) = match country.as_str() {
            "us" => (&US, us),
            "gb" => (&GB, gb),
            "es" => (&ES, es),
            "fr" => (&FR, fr),
            "it" => (&IT, it),
            "de" => (&ELEVEN, de),
            "nl" => (&NINE, nl),
            "be" => (&BE, be),
            "pl" => (&ELEVEN, pl),
            "br" => (&BR, br),
            "se" => (&SE, se),
            "fi" => (&FI, fi),
            _ => return None,
        };
        let mut all = found.find_iter(text);
        all.find(|m| is_apart(text, m) && !is_decimal(text, m) && holds(m.as_str()))
            .map(|m| m.range())
    })
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn number(text: &str) -> Option<u64> {
    text.chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()
}

/// Source: Social Security Administration, number structure.
fn us(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    !matches!(parts[..], ["000" | "666", ..] | [_, "00", _] | [.., "0000"])
        && !text.starts_with('9')
}

/// Source: HM Revenue and Customs, NIM39110: prefixes that are never given.
fn gb(text: &str) -> bool {
    !["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"].contains(&&text[..2])
}

/// Source: Ministerio del Interior, the control letter is number mod 23.
fn es(text: &str) -> bool {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let text = bare(text)
        .replace('X', "0")
        .replace('Y', "1")
        .replace('Z', "2");
    let (own, letter) = (bare(&text), text.chars().next_back());
    // The letters X, Y and Z are replaced at the end as well, so the last one is compared after the same replacing.
    let Some(value) = number(&own[..8.min(own.len())]) else {
        return false;
    };
    let wanted = char::from(LETTERS[usize::try_from(value % 23).unwrap_or(0)]);
    let wanted = match wanted {
        'X' => '0',
        'Y' => '1',
        'Z' => '2',
        c => c,
    };
    letter == Some(wanted)
}

/// Source: INSEE, key of the NIR: 97 - n mod 97; Corsica 2A counts as 19, 2B as 18.
fn fr(text: &str) -> bool {
    let own = bare(text);
    let (body, key) = own.split_at(own.len() - 2);
    let month = body
        .get(3..5)
        .and_then(|m| m.parse::<u32>().ok())
        .unwrap_or(0);
    let body = match body.get(5..7) {
        Some("2A") => format!("{}19{}", &body[..5], &body[7..]),
        Some("2B") => format!("{}18{}", &body[..5], &body[7..]),
        _ => body.to_owned(),
    };
    let held = body.parse::<u64>().ok().zip(key.parse::<u64>().ok());
    (1..=12).contains(&month) && held.is_some_and(|(n, key)| 97 - n % 97 == key)
}

/// Source: decreto ministeriale 23 December 1976, art. 12: values of odd and even places, sum mod 26.
fn it(text: &str) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let place = |c: char| {
        c.to_digit(10)
            .unwrap_or_else(|| u32::from(c) - u32::from('A'))
    };
    let value = |(i, c): (usize, char)| {
        let at = place(c);
        if i % 2 == 0 {
            ODD[at as usize % 26]
        } else {
            at
        }
    };
    let sum: u32 = text.chars().take(15).enumerate().map(value).sum();
    text.chars().next_back().map(u32::from) == Some(u32::from('A') + sum % 26)
}

/// Source: Bundeszentralamt für Steuern; ISO 7064 mod 11,10; the first digit is not 0.
fn de(text: &str) -> bool {
    let digits = digits(text);
    let product = digits[..10].iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    digits[0] != 0 && (11 - product) % 10 == digits[10]
}

/// Source: Rijksdienst voor Identiteitsgegevens, the eleven test with the weight -1 for the last digit.
fn nl(text: &str) -> bool {
    let digits = digits(text);
    let sum: u32 = digits[..8]
        .iter()
        .zip((2..=9).rev())
        .map(|(d, w)| d * w)
        .sum();
    sum > 0 && (i64::from(sum) - i64::from(digits[8])) % 11 == 0
}

/// Source: Belgian royal decree of 3 April 1984: 97 - n mod 97, with 2 before n for births from 2000 on.
fn be(text: &str) -> bool {
    let own: String = text.chars().filter(char::is_ascii_digit).collect();
    let (body, key) = own.split_at(9);
    let key = key.parse::<u64>().unwrap_or(0);
    let holds = |n: Option<u64>| n.is_some_and(|n| 97 - n % 97 == key);
    let date = body[2..4].parse().unwrap_or(99) <= 12 && body[4..6].parse().unwrap_or(99) <= 31;
    date && (holds(body.parse().ok()) || holds(format!("2{body}").parse().ok()))
}

/// Source: Polish act on population registration: weights 1 3 7 9, month with the century in it.
fn pl(text: &str) -> bool {
    let d = digits(text);
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    let sum: u32 = d[..10].iter().zip(weights).map(|(d, w)| d * w).sum();
    let (month, day) = ((d[2] * 10 + d[3]) % 20, d[4] * 10 + d[5]);
    (10 - sum % 10) % 10 == d[10] && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Source: Receita Federal: two digits mod 11 with weights from 2 up from the right.
fn br(text: &str) -> bool {
    let d = digits(text);
    let check = |n: usize| {
        let sum: u32 = d[..n].iter().rev().zip(2..).map(|(d, w)| d * w).sum();
        (sum * 10) % 11 % 10
    };
    d.iter().any(|x| *x != d[0]) && check(9) == d[9] && check(10) == d[10]
}

/// Source: Skatteverket SKV 704: Luhn over ten digits.
fn se(text: &str) -> bool {
    let d = digits(text);
    let ten: String = d[d.len() - 10..].iter().map(ToString::to_string).collect();
    let (month, day) = (
        ten[2..4].parse().unwrap_or(0),
        ten[4..6].parse().unwrap_or(0),
    );
    // Coordination numbers have 60 added to the day.
    (1..=12).contains(&month)
        && ((1..=31).contains(&day) || (61..=91).contains(&day))
        && crate::formats::Kind::Luhn.accepts(&ten)
}

/// Source: Digital and Population Data Services Agency: the nine digits mod 31.
fn fi(text: &str) -> bool {
    const SIGNS: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let own: String = text.chars().filter(char::is_ascii_digit).collect();
    let body = own.get(..9).and_then(|n| n.parse::<usize>().ok());
    let (day, month) = (
        text[..2].parse().unwrap_or(0),
        text[2..4].parse().unwrap_or(0),
    );
    let last = text.bytes().next_back();
    (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && body.is_some_and(|n| Some(SIGNS[n % 31]) == last)
}

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, any};

    #[test]
    fn numbers_that_authorities_publish_as_examples_hold_and_neighbours_do_not() {
        for (country, good, bad) in [
            ("us", "219-09-9999", "219-00-9999"),
            ("gb", "AB 12 34 56 C", "GB 12 34 56 C"),
            ("es", "12345678Z", "12345678T"),
            ("es", "X1234567L", "X1234567A"),
            ("es", "Y1234567X", "Y1234567L"),
            ("fr", "255081416802538", "255081416802539"),
            ("it", "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
            ("de", "86095742719", "86095742718"),
            ("nl", "111222333", "111222334"),
            ("be", "85.07.30-033.28", "85.07.30-033.29"),
            ("pl", "44051401359", "44051401358"),
            ("br", "529.982.247-25", "529.982.247-26"),
            ("se", "811228-9874", "811228-9873"),
            ("fi", "131052-308T", "131052-308U"),
        ] {
            let only = [country.to_owned()];
            assert!(
                any(&format!("id {good}."), &only).is_some(),
                "{country} {good}"
            );
            assert!(any(bad, &only).is_none(), "{country} {bad}");
            assert!(
                any(&format!("{good}0"), &only).is_none(),
                "{country} within a longer number"
            );
        }
        assert!(COUNTRIES.iter().all(|(code, _)| code.len() == 2));
    }
}
