//! What the texts of one column look like: which published formats all of them have, and whether some look personal.

use crate::detect::{self, Detector};
use crate::formats::Kind;
use std::sync::LazyLock;

/// Formats that are guessed, the narrower ones first. Those that ordinary words often have by chance are left out.
const GUESSED: &[Kind] = &[
    Kind::Email,
    Kind::Url,
    Kind::Uuid,
    Kind::Ipv4,
    Kind::Ipv6,
    Kind::Mac,
    Kind::IsoDatetime,
    Kind::IsoDate,
    Kind::Iban,
    Kind::Isbn,
    Kind::Ean,
    Kind::Luhn,
    Kind::Semver,
    Kind::IsoCurrency,
    Kind::IsoCountry,
];

/// Texts that a format needs.
const ENOUGH: u64 = 20;

/// Different texts that a format needs: a check digit is right by chance once in ten, two of them once in 97; of two capital
/// letters 249 of 676 are a country, of three letters 180 of 17,576 a currency; words are no address or number by chance.
fn different(kind: Kind) -> u64 {
    match kind {
        Kind::Luhn | Kind::Ean | Kind::Isbn => 7,
        Kind::IsoCountry => 14,
        Kind::Iban | Kind::IsoCurrency => 4,
        _ => 2,
    }
}

/// Counts over the non-null texts of one column. Merging is adding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    values: u64,
    /// Texts that have each of [`GUESSED`]; counting ends with the first text that has it not.
    has: [u64; GUESSED.len()],
    /// Texts that are an address, an account or a number of a person.
    personal: u64,
    /// Texts, the first of each part of the column, that were looked at for secrets, and those that hold one.
    looked: u64,
    secrets: u64,
}

/// Texts of a part of a column that are looked at for secrets, which takes longer than all else.
const LOOKED: u64 = 10_000;

static SECRETS: LazyLock<Detector> = LazyLock::new(|| {
    let secrets = detect::SECRETS.iter().map(|(_, kind, _)| *kind);
    let by_form = secrets.filter(|k| *k != detect::Kind::Entropy);
    Detector::new(by_form.collect(), Vec::new())
});

impl Texts {
    /// Counts one text.
    pub fn add(&mut self, text: &str) {
        for (kind, has) in GUESSED.iter().zip(&mut self.has) {
            if *has == self.values && kind.accepts(text) {
                *has += 1;
            }
        }
        self.values += 1;
        self.personal += u64::from(looks_personal(text));
        if self.looked < LOOKED {
            self.looked += 1;
            self.secrets += u64::from(SECRETS.find(text).is_some());
        }
    }

    /// Counts all texts of another part of the column.
    pub fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.personal += other.personal;
        self.looked += other.looked;
        self.secrets += other.secrets;
        for (mine, theirs) in self.has.iter_mut().zip(other.has) {
            *mine += theirs;
        }
    }

    /// The narrowest format that every text has; none without enough texts.
    ///
    /// Enough are `ENOUGH` texts, and as many different ones as make it less likely than one in a million that texts
    /// which only look alike (digits, capital letters) all have the format by chance: `different`.
    #[must_use]
    pub fn format(&self, distinct: u64) -> Option<Kind> {
        let all =
            |(kind, has): &(&Kind, &u64)| **has == self.values && distinct >= different(**kind);
        let mut both = GUESSED.iter().zip(&self.has);
        let (kind, _) = both.find(all).filter(|_| self.values >= ENOUGH)?;
        Some(*kind)
    }

    /// Whether at least one text in ten looks personal, or holds a secret.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        let tenth = |found: u64, of: u64| found > 0 && found.saturating_mul(10) >= of;
        tenth(self.personal, self.values) || tenth(self.secrets, self.looked)
    }
}

/// An e-mail address, an IP address, an IBAN, a payment card number, a US social security number, or a telephone number
/// in international form.
fn looks_personal(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let card = (13..=19).contains(&digits) && digits == text.len() && Kind::Luhn.accepts(text);
    let bytes = text.as_bytes();
    let social = bytes.len() == 11 && bytes[3] == b'-' && bytes[6] == b'-' && digits == 9;
    let phone = text.strip_prefix('+').is_some_and(|rest| {
        (7..=15).contains(&digits)
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || b" -()./".contains(&b))
    });
    card || social
        || phone
        || (text.contains('@') && Kind::Email.accepts(text))
        || Kind::Iban.accepts(text)
        || Kind::Ipv4.accepts(text)
        || Kind::Ipv6.accepts(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[&str]) -> Texts {
        let mut texts = Texts::default();
        for text in list {
            texts.add(text);
        }
        texts
    }

    #[test]
    fn a_format_needs_every_text() {
        let days = ["2013-02-01", "2013-02-02"].repeat(10);
        assert_eq!(of(&days).format(2), Some(Kind::IsoDate));
        assert_eq!(of(&days).format(1), None, "one text is no evidence");
        assert_eq!(of(&days[1..]).format(2), None, "too few texts");
        let with = |at: usize| {
            let mut texts = days.clone();
            texts.insert(at, "x");
            of(&texts)
        };
        assert_eq!(with(0).format(3), None);
        assert_eq!(with(5).format(3), None);
        assert_eq!(of(&[]).format(0), None);
        let mut both = of(&days[..10]);
        both.merge(&of(&days[10..]));
        assert_eq!(both, of(&days));
        assert_eq!(of(&["AT", "DE"].repeat(10)).format(2), None);
    }

    #[test]
    fn one_in_ten_is_enough_to_be_careful() {
        let mut list = vec!["x"; 9];
        list.push("a@example.org");
        assert!(of(&list).is_personal());
        list.push("x");
        assert!(!of(&list).is_personal());
        for text in [
            "+43 660 1234567",
            "078-05-1120",
            "4111111111111111",
            "192.0.2.7",
        ] {
            assert!(of(&[text]).is_personal(), "{text}");
        }
        for text in ["EWR", "+", "123-456", "2013-02-01", "1234567890123"] {
            assert!(!of(&[text]).is_personal(), "{text}");
        }
    }
}
