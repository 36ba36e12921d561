//! Text formats: pure tests of one value against a published standard. No normalising, no trimming: a blank at either end fails.

mod banking;
mod codes;
mod moment;
mod network;
mod notation;

use std::fmt;

/// One published format. See [`KINDS`] for the names and the exact meaning of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `email`: RFC 5322 address in its plain form.
    Email,
    /// `url`: RFC 3986 address of a known scheme.
    Url,
    /// `uri`: RFC 3986, any scheme.
    Uri,
    /// `hostname`: RFC 1123.
    Hostname,
    /// `uuid`: RFC 9562.
    Uuid,
    /// `ipv4`: dotted decimal, RFC 6943 strict form.
    Ipv4,
    /// `ipv6`: RFC 4291, section 2.2.
    Ipv6,
    /// `mac`: IEEE 802 48-bit address.
    Mac,
    /// `iso_date`: ISO 8601 calendar date.
    IsoDate,
    /// `iso_datetime`: RFC 3339.
    IsoDatetime,
    /// `iso_country`: ISO 3166-1 alpha-2.
    IsoCountry,
    /// `iso_country3`: ISO 3166-1 alpha-3.
    IsoCountry3,
    /// `iso_currency`: ISO 4217.
    IsoCurrency,
    /// `iso_language`: ISO 639-1.
    IsoLanguage,
    /// `iban`: ISO 13616.
    Iban,
    /// `luhn`: ISO/IEC 7812-1, annex B.
    Luhn,
    /// `bic`: ISO 9362.
    Bic,
    /// `isbn`: ISO 2108.
    Isbn,
    /// `ean`: GS1 GTIN.
    Ean,
    /// `semver`: Semantic Versioning 2.0.0.
    Semver,
    /// `json`: RFC 8259.
    Json,
    /// `base64`: RFC 4648, section 4.
    Base64,
    /// `slug`: lower-case words joined by hyphens.
    Slug,
}

/// One line of [`KINDS`]: name in contracts, the kind, what is accepted.
pub type Entry = (&'static str, Kind, &'static str);

/// Every format, in the order of help texts: name, kind, what exactly is accepted and by which source.
pub const KINDS: &[Entry] = &[
    (
        "email",
        Kind::Email,
        "ASCII `local@domain`: dot-atom of RFC 5322 (at most 64 bytes), no quotes or comments; the domain is a hostname with a dot; at most 254 bytes",
    ),
    (
        "url",
        Kind::Url,
        "http, https, ftp or ftps URL with a host, in the characters of RFC 3986; optional user, port 0 to 65535, path, query, fragment",
    ),
    (
        "uri",
        Kind::Uri,
        "absolute URI: a scheme, a colon and at least one more character, all of RFC 3986, percent signs followed by two hex digits",
    ),
    (
        "hostname",
        Kind::Hostname,
        "RFC 1123: labels of 1 to 63 letters, digits and inner hyphens; at most 253 bytes; no trailing dot; last label not all digits",
    ),
    (
        "uuid",
        Kind::Uuid,
        "RFC 9562 text form 8-4-4-4-12 hex digits, either case, any version; no braces",
    ),
    (
        "ipv4",
        Kind::Ipv4,
        "four decimal octets without leading zeros (RFC 6943 strict form)",
    ),
    (
        "ipv6",
        Kind::Ipv6,
        "RFC 4291 section 2.2 text, `::` and embedded IPv4 allowed; no zone, no prefix length",
    ),
    (
        "mac",
        Kind::Mac,
        "IEEE 802 48-bit address: six pairs of hex digits, all joined by `:` or all by `-`",
    ),
    (
        "iso_date",
        Kind::IsoDate,
        "ISO 8601 extended calendar date YYYY-MM-DD that exists, years 0000 to 9999",
    ),
    (
        "iso_datetime",
        Kind::IsoDatetime,
        "RFC 3339: date, `T`, `t` or one space, time with seconds, optional fraction, and `Z`, `z` or +hh:mm; second 60 only where UTC is 23:59",
    ),
    (
        "iso_country",
        Kind::IsoCountry,
        "assigned ISO 3166-1 alpha-2 code, upper case",
    ),
    (
        "iso_country3",
        Kind::IsoCountry3,
        "assigned ISO 3166-1 alpha-3 code, upper case",
    ),
    (
        "iso_currency",
        Kind::IsoCurrency,
        "active ISO 4217 code, upper case, funds and metals included (list of January 2026)",
    ),
    (
        "iso_language",
        Kind::IsoLanguage,
        "ISO 639-1 two-letter code, lower case",
    ),
    (
        "iban",
        Kind::Iban,
        "ISO 13616 electronic form: registered country, its length, mod 97 = 1; upper case, no blanks",
    ),
    (
        "luhn",
        Kind::Luhn,
        "two or more digits whose last is the Luhn check digit (ISO/IEC 7812-1 annex B)",
    ),
    (
        "bic",
        Kind::Bic,
        "ISO 9362: 4 letters or digits, an ISO country or XK, 2 letters or digits, and optionally 3 more; upper case",
    ),
    (
        "isbn",
        Kind::Isbn,
        "ISO 2108: ISBN-10 or ISBN-13 (978, 979) with its check digit; single inner hyphens are allowed",
    ),
    (
        "ean",
        Kind::Ean,
        "GS1 GTIN-8, 12, 13 or 14 with its check digit; digits only",
    ),
    (
        "semver",
        Kind::Semver,
        "Semantic Versioning 2.0.0; no leading `v`",
    ),
    (
        "json",
        Kind::Json,
        "one RFC 8259 value, of any depth; repeated keys are allowed",
    ),
    (
        "base64",
        Kind::Base64,
        "RFC 4648 section 4 alphabet with padding; length a multiple of 4; not empty",
    ),
    (
        "slug",
        Kind::Slug,
        "lower-case ASCII letters and digits in words joined by single hyphens",
    ),
];

impl Kind {
    /// Reads the name in a contract; `None` when it is none of [`KINDS`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        KINDS.iter().find(|k| k.0 == name).map(|k| k.1)
    }

    /// The name in contracts.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|k| k.1 == self).map_or("", |k| k.0)
    }

    /// Whether the whole text has this format; nothing is trimmed. The empty text has none.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Email => network::email(text),
            Self::Url => network::url(text),
            Self::Uri => network::uri(text),
            Self::Hostname => network::hostname(text),
            Self::Uuid => notation::uuid(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            Self::Mac => network::mac(text),
            Self::IsoDate => moment::date(text),
            Self::IsoDatetime => moment::datetime(text),
            Self::IsoCountry => codes::listed(codes::COUNTRY, 2, text),
            Self::IsoCountry3 => codes::listed(codes::COUNTRY3, 3, text),
            Self::IsoCurrency => codes::listed(codes::CURRENCY, 3, text),
            Self::IsoLanguage => codes::listed(codes::LANGUAGE, 2, text),
            Self::Iban => banking::iban(text),
            Self::Luhn => banking::luhn(text),
            Self::Bic => banking::bic(text),
            Self::Isbn => banking::isbn(text),
            Self::Ean => banking::ean(text),
            Self::Semver => notation::semver(text),
            Self::Json => serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
            Self::Base64 => notation::base64(text),
            Self::Slug => notation::slug(text),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the text is an RFC 3339 date and time without its offset; second 60 only at 23:59.
#[must_use]
pub fn is_local_datetime(text: &str) -> bool {
    moment::local_datetime(text)
}
