//! Personal data and secrets in texts: patterns and check digits, no model. The same text always gives the same answer.
//!
//! A detector looks for its pattern anywhere in a text, between characters that are neither letters nor digits, and
//! takes it only where the check digit, the length or the known beginning holds. Digits of a decimal number are no number of
//! a card or a person. What it finds is a kind, never the value.

mod national;
mod personal;
mod secrets;
mod tally;

pub use national::{COUNTRIES, Country};
pub use tally::{Tally, in_profile, summary, withheld, without_values};

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What stands for personal data and secrets in reports.
pub const HIDDEN: &str = "(redacted)";

/// What a detector finds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Kind {
    /// E-mail address.
    Email,
    /// Phone number in international form.
    Phone,
    /// Bank account number.
    Iban,
    /// Payment card number.
    Card,
    /// Identity, tax or social security number of a person.
    NationalId,
    /// Address of a host.
    Ip,
    /// Access key of Amazon Web Services.
    Aws,
    /// API key of Google.
    Gcp,
    /// Account key of Azure storage.
    Azure,
    /// Token of GitHub.
    GitHub,
    /// Token or webhook of Slack.
    Slack,
    /// Secret key of Stripe.
    Stripe,
    /// JSON web token.
    Jwt,
    /// Private key in PEM form.
    PrivateKey,
    /// Address with a password in it.
    Connection,
    /// Text as varied as random characters.
    Entropy,
}

/// One line of the lists of detectors: name in checks, kind, what exactly is taken for it.
pub type Entry = (&'static str, Kind, &'static str);

/// Detectors of personal data, in the order of help texts.
pub const PERSONAL: &[Entry] = &[
    (
        "email",
        Kind::Email,
        "`local@domain` as the format `email` takes it",
    ),
    (
        "phone",
        Kind::Phone,
        "`+` and 8 to 15 digits (ITU-T E.164), in groups parted by one blank, point, hyphen or brackets",
    ),
    (
        "iban",
        Kind::Iban,
        "as the format `iban`, with single blanks allowed: registered country, its length, mod 97 = 1",
    ),
    (
        "card",
        Kind::Card,
        "13 to 19 digits with single blanks or hyphens, a prefix and a length of Visa, Mastercard, American Express, Discover, JCB, Diners Club or UnionPay, and the Luhn digit; not the digits of a decimal number",
    ),
    (
        "national_id",
        Kind::NationalId,
        "numbers of persons of the countries in `countries`, with their check digits",
    ),
    (
        "ip",
        Kind::Ip,
        "as the formats `ipv4` and `ipv6`; not 0.0.0.0, 127.0.0.1, `::` and `::1`",
    ),
];

/// Detectors of secrets, in the order of help texts; the last one is looked for only where it is named.
pub const SECRETS: &[Entry] = &[
    (
        "aws",
        Kind::Aws,
        "`AKIA`, `ASIA`, `ABIA` or `ACCA` and 16 characters of base 32",
    ),
    (
        "gcp",
        Kind::Gcp,
        "`AIza` and 35 characters, `GOCSPX-` and 28 characters, or `ya29.` and 20 or more",
    ),
    (
        "azure",
        Kind::Azure,
        "`AccountKey=` or `SharedAccessKey=` and 43 characters of base 64 and `=`, or more",
    ),
    (
        "github",
        Kind::GitHub,
        "`ghp_`, `gho_`, `ghu_`, `ghs_` or `ghr_` and 36 letters or digits, or `github_pat_` and 82",
    ),
    (
        "slack",
        Kind::Slack,
        "`xoxa-`, `xoxb-`, `xoxp-`, `xoxr-`, `xoxs-` and 10 or more, or a hooks.slack.com address",
    ),
    (
        "stripe",
        Kind::Stripe,
        "`sk_live_`, `rk_live_`, `sk_test_` or `rk_test_` and 16 or more letters or digits",
    ),
    (
        "jwt",
        Kind::Jwt,
        "three parts of base 64 joined by points, of which the first two are JSON objects by their beginning",
    ),
    (
        "private_key",
        Kind::PrivateKey,
        "`-----BEGIN ... PRIVATE KEY-----`",
    ),
    (
        "connection",
        Kind::Connection,
        "`scheme://user:password@host`, or `password=` among entries parted by semicolons with a host",
    ),
    (
        "entropy",
        Kind::Entropy,
        "a run of 20 or more letters, digits, `+`, `/`, `_`, `-`, with digits and letters of both cases, of 4 bits a character or more (Shannon)",
    ),
];

impl Kind {
    /// Reads the name in checks.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = PERSONAL.iter().chain(SECRETS);
        all.find(|(n, ..)| *n == name).map(|(_, kind, _)| *kind)
    }

    /// The name in checks.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = PERSONAL.iter().chain(SECRETS);
        all.find(|(_, kind, _)| *kind == self)
            .map_or("", |(name, ..)| name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detector {
    kinds: Vec<Kind>,
    countries: Vec<String>,
}

impl Detector {
    /// Looks for these kinds; national ids are those of `countries`, codes of [`COUNTRIES`].
    #[must_use]
    pub fn new(kinds: Vec<Kind>, countries: Vec<String>) -> Self {
        Self { kinds, countries }
    }

    /// What reports are kept free of: all personal data but hosts' addresses, and secrets by their form; national ids
    /// of countries whose numbers no other number looks like.
    #[must_use]
    pub fn of_reports() -> Self {
        let personal = PERSONAL.iter().map(|(_, kind, _)| *kind);
        let secrets = SECRETS.iter().map(|(_, kind, _)| *kind);
        let kinds = personal.chain(secrets);
        let kinds = kinds.filter(|k| ![Kind::Ip, Kind::Entropy].contains(k));
        Self::new(kinds.collect(), national::distinct())
    }

    /// The first kind, in the order given, that a text holds; `None` where it holds none.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Kind> {
        self.first(text).map(|(kind, _)| kind)
    }

    /// The text with [`HIDDEN`] in place of everything that is found in it; borrowed where nothing is.
    #[must_use]
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        while let Some((_, at)) = self.first(&shown) {
            shown.to_mut().replace_range(at, HIDDEN);
        }
        shown
    }

    /// The first kind, in the order given, and where in the text it stands.
    fn first(&self, text: &str) -> Option<(Kind, Range<usize>)> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let place = |kind: Kind| match kind {
            Kind::Email => personal::email(text),
            Kind::Phone if digits >= 8 => personal::phone(text),
            Kind::Iban if digits >= 2 => personal::iban(text),
            Kind::Card if digits >= 13 => personal::card(text),
            Kind::NationalId if digits >= 5 => national::any(text, &self.countries),
            Kind::Phone | Kind::Iban | Kind::Card | Kind::NationalId => None,
            Kind::Ip => personal::ip(text),
            secret => secrets::of(secret, text),
        };
        let mut kinds = self.kinds.iter();
        kinds.find_map(|kind| place(*kind).map(|at| (*kind, at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn personal(text: &str) -> Option<Kind> {
        let kinds = PERSONAL.iter().map(|(_, kind, _)| *kind).collect();
        Detector::new(
            kinds,
            COUNTRIES.iter().map(|(c, _)| (*c).to_owned()).collect(),
        )
        .find(text)
    }

    fn secret(text: &str) -> Option<Kind> {
        let kinds = SECRETS.iter().map(|(_, kind, _)| *kind).collect();
        Detector::new(kinds, Vec::new()).find(text)
    }

    #[test]
    fn personal_data_is_found_within_texts() {
        for (text, kind) in [
            ("ann@example.org", Kind::Email),
            ("write to <ann.b+c@mail.example.co.uk>, please", Kind::Email),
            ("+49 30 901820", Kind::Phone),
            ("call +1 (212) 555-0123.", Kind::Phone),
            ("GB82WEST12345698765432", Kind::Iban),
            ("iban DE89 3704 0044 0532 0130 00", Kind::Iban),
            ("4111 1111 1111 1111", Kind::Card),
            ("5555-5555-5555-4444", Kind::Card),
            ("378282246310005", Kind::Card),
            ("4111111111111111.0", Kind::Card),
            ("paid with 4111111111111111.", Kind::Card),
            ("see above.4111111111111111", Kind::Card),
            ("no. 1: 4111111111111111, 2.50", Kind::Card),
            ("0.5, 5555-5555-5555-4444", Kind::Card),
            ("0.25 12345678Z", Kind::NationalId),
            ("ssn 078-05-1121", Kind::NationalId),
            ("12345678Z", Kind::NationalId),
            ("host 192.168.0.17 is up", Kind::Ip),
            ("2001:db8::1", Kind::Ip),
        ] {
            assert_eq!(personal(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left() {
        for text in [
            "",
            "ann@example",
            "@example.org",
            "a @ b.org",
            "+12",
            "1.2.3",
            "127.0.0.1",
            "12:30:45",
            "4111 1111 1111 1112",
            "9999 9999 9999 9995",
            "DE89370400440532013001",
            "078-05-112",
            "666-05-1121",
            "12345678A",
            "flight 1234567890123456",
            "2013-02-28",
            "x4111111111111111x",
            "0.8734516840772482",
            "0.4111111111111111",
            "-0.4111111111111111",
            ".4111111111111111",
            "a score of .4111111111111111",
            "12.5555555555554444",
            "4111111111111111.25",
            "0.86095742719",
            "0.111222333",
            "255081416802538.5",
        ] {
            assert_eq!(personal(text), None, "{text}");
        }
    }

    #[test]
    fn secrets_are_found_by_their_form() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
        for (text, kind) in [
            (format!("key={}{}", "AKIA", "IOSFODNN7EXAMPLE"), Kind::Aws),
            (
                format!("{}{}", "AIza", "SyA1234567890abcdefghijklmnopqrstuv"),
                Kind::Gcp,
            ),
            (format!("{}{}", "ghp_", "a1".repeat(18)), Kind::GitHub),
            (format!("{}{}", "xoxb-", "123456789012-abcdef"), Kind::Slack),
            (format!("{}{}", "sk_live_", "a1".repeat(12)), Kind::Stripe),
            (jwt.to_owned(), Kind::Jwt),
            (
                format!("-----BEGIN RSA {} KEY-----\nMII", "PRIVATE"),
                Kind::PrivateKey,
            ),
            (
                "postgres://ann:s3cret@db.example.org/x".to_owned(),
                Kind::Connection,
            ),
            (
                "Server=db;User Id=a;Password=s3cret;".to_owned(),
                Kind::Connection,
            ),
            (
                format!("AccountKey={}==", "aB3".repeat(28) + "ab"),
                Kind::Azure,
            ),
            ("q7Zk2LmX9vB4nT8sWc3RfY6p".to_owned(), Kind::Entropy),
        ] {
            assert_eq!(secret(&text), Some(kind), "{text}");
        }
        for text in [
            "",
            "password",
            "https://example.org/a:b@c",
            "postgres://db.example.org/x",
            "a.b.c",
            "AKIAIOSFODNN7EXAMPL",
            "the quick brown fox jumps over the lazy dog",
            "aaaaaaaaaaaaaaaaaaaaaaaaA1",
            "-----BEGIN PUBLIC KEY-----",
            "password=",
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        ] {
            assert_eq!(secret(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_found_is_hidden_and_the_rest_of_the_text_stays() {
        let all = Detector::of_reports();
        for (text, shown) in [
            ("fine", "fine"),
            ("", ""),
            (
                "from ann@example.org to bob@example.org, 3 rows",
                "from (redacted) to (redacted), 3 rows",
            ),
            (
                "pay GB82WEST12345698765432 by 4111 1111 1111 1111.",
                "pay (redacted) by (redacted).",
            ),
            ("postgres://a:s3cret@db/x", "(redacted)/x"),
            ("`ann@example.org` is new", "`(redacted)` is new"),
        ] {
            assert_eq!(all.hide(text), shown);
        }
        let key = format!("key -----BEGIN {} KEY-----\nMIIabc", "PRIVATE");
        assert_eq!(all.hide(&key), "key (redacted)");
    }
}
