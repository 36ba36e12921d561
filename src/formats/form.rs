//! A format with what is set about it: a country, a network, a version, and what is overlooked in the writing.

use super::{Kind, geography, network, vat};
use std::borrow::Cow;
use std::net::IpAddr;

/// A [`Kind`] with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    kind: Kind,
    country: Option<String>,
    network: Option<(IpAddr, u32)>,
    version: Option<u32>,
    separators: bool,
    any_case: bool,
}

impl From<Kind> for Form {
    fn from(kind: Kind) -> Self {
        Self::of(kind)
    }
}

/// What can be set about a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting<'a> {
    /// Country of a postal code or VAT number, ISO 3166-1 alpha-2; Greece may be `EL` for VAT.
    Country(&'a str),
    /// Network in CIDR notation in which an address or network must lie.
    Network(&'a str),
    /// Version of a UUID, 1 to 8.
    Version(u32),
    /// Single blanks and hyphens inside the text are taken out before it is judged.
    Separators,
    /// Letters are judged in upper case.
    AnyCase,
}

impl Form {
    /// A format as its standard has it.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            country: None,
            network: None,
            version: None,
            separators: false,
            any_case: false,
        }
    }

    /// The format with one more setting.
    ///
    /// Errors: the setting does not fit the kind, or is none; in words that name the way out.
    pub fn with(mut self, setting: Setting<'_>) -> Result<Self, String> {
        let unfit = |what: &str, kinds: &str| {
            Err(format!(
                "`{what}` has no meaning for {}; it is for {kinds}",
                self.kind
            ))
        };
        match setting {
            Setting::Country(country) => {
                let known: Vec<&str> = match self.kind {
                    Kind::PostalCode => geography::postal_countries().collect(),
                    Kind::Vat => vat::COUNTRIES.to_vec(),
                    _ => return unfit("country", "postal_code and vat"),
                };
                let country = if self.kind == Kind::Vat && country == "GR" {
                    "EL"
                } else {
                    country
                };
                if !known.contains(&country) {
                    let known = known.join(" ");
                    return Err(format!(
                        "{} of `{country}` are not known; known are {known}",
                        self.kind
                    ));
                }
                self.country = Some(country.to_owned());
            }
            Setting::Network(text) => {
                if !matches!(self.kind, Kind::Ip | Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr) {
                    return unfit("network", "ip, ipv4, ipv6 and cidr");
                }
                let network = network::network(text);
                if network.is_none() {
                    return Err(format!(
                        "`{text}` is no network; write 10.0.0.0/8 or 2001:db8::/32"
                    ));
                }
                self.network = network;
            }
            Setting::Version(version) => {
                if self.kind != Kind::Uuid {
                    return unfit("version", "uuid");
                }
                if !(1..=8).contains(&version) {
                    return Err(format!(
                        "a UUID has no version {version}; RFC 9562 has 1 to 8"
                    ));
                }
                self.version = Some(version);
            }
            Setting::Separators => self.separators = true,
            Setting::AnyCase => self.any_case = true,
        }
        Ok(self)
    }

    /// Whether every setting that the kind needs is there.
    ///
    /// Errors: what is missing, in words.
    pub fn complete(self) -> Result<Self, String> {
        if self.kind == Kind::PostalCode && self.country.is_none() {
            return Err("postal codes differ by country; give `country`".to_owned());
        }
        Ok(self)
    }

    /// Whether the whole text has this format with these settings.
    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        let text = self.plain(text);
        let text = text.as_ref();
        let kept = match (self.kind, &self.country) {
            (Kind::PostalCode, Some(country)) => geography::postal_code(country, text),
            (Kind::Vat, Some(country)) => {
                let rest = text.strip_prefix(country.as_str()).unwrap_or(text);
                vat::of_country(country, rest)
            }
            (kind, _) => kind.accepts(text),
        };
        let version =
            |v: u32| text.as_bytes().get(14) == Some(&(b'0' + u8::try_from(v).unwrap_or(0)));
        let variant = || {
            matches!(
                text.as_bytes().get(19),
                Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
            )
        };
        kept && self.network.is_none_or(|n| network::lies_in(text, n))
            && self.version.is_none_or(|v| version(v) && variant())
    }

    /// The text without what is overlooked; separators at its ends, or two in a row, are not.
    fn plain<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut plain = Cow::Borrowed(text);
        let is = |b: u8| b == b' ' || b == b'-';
        let b = text.as_bytes();
        let inside = b.first().is_some_and(|c| !is(*c))
            && b.last().is_some_and(|c| !is(*c))
            && !b.windows(2).any(|w| is(w[0]) && is(w[1]));
        if self.separators && inside {
            plain = Cow::Owned(text.replace([' ', '-'], ""));
        }
        if self.any_case && plain.bytes().any(|b| b.is_ascii_lowercase()) {
            plain = Cow::Owned(plain.to_ascii_uppercase());
        }
        plain
    }
}
