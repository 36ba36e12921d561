//! Every format by its name in contracts, its test, and what exactly it accepts.

use super::{
    Entry, banking, codes, digits, geography, identity, moment, network, notation, publishing, vat,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Makes [`Kind`], [`KINDS`] and [`Kind::accepts`] of one line per format.
macro_rules! kinds {
    ($($kind:ident $name:literal $test:expr, $doc:literal;)*) => {
        /// One published format. See [`KINDS`] for the names and the exact meaning of each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", $name, "`: ", $doc, ".")] $kind,)*
        }

        /// Every format, in the order of help texts: name, kind, what exactly is accepted and by which source.
        pub const KINDS: &[Entry] = &[$(($name, Kind::$kind, $doc),)*];

        impl Kind {
            /// Whether the whole text has this format; nothing is trimmed. The empty text has none, and no text has a
            /// format that lacks a setting it needs (see [`super::Form`]).
            #[must_use]
            pub fn accepts(self, text: &str) -> bool {
                let test: fn(&str) -> bool = match self {
                    $(Self::$kind => $test,)*
                };
                test(text)
            }
        }
    };
}

kinds! {
    Email "email" network::email,
        "ASCII `local@domain`: dot-atom of RFC 5322 (at most 64 bytes), no quotes or comments; the domain is a \
        hostname with a dot; at most 254 bytes";
    Url "url" network::url,
        "http, https, ftp or ftps URL with a host, in the characters of RFC 3986; optional user, port 0 to 65535, \
        path, query, fragment";
    Uri "uri" network::uri,
        "absolute URI: a scheme, a colon and at least one more character, all of RFC 3986, percent signs followed \
        by two hex digits";
    Hostname "hostname" network::hostname,
        "RFC 1123: labels of 1 to 63 letters, digits and inner hyphens; at most 253 bytes; no trailing dot; last \
        label not all digits";
    Ip "ip" |t| t.parse::<IpAddr>().is_ok(), "an `ipv4` or an `ipv6`; with `network` one that lies in it";
    Ipv4 "ipv4" |t| t.parse::<Ipv4Addr>().is_ok(),
        "four decimal octets without leading zeros (RFC 6943 strict form)";
    Ipv6 "ipv6" |t| t.parse::<Ipv6Addr>().is_ok(),
        "RFC 4291 section 2.2 text, `::` and embedded IPv4 allowed; no zone, no prefix length";
    Cidr "cidr" network::cidr,
        "RFC 4632 and RFC 4291: an address, a slash and the length of its prefix; with `network` one that lies in \
        it";
    Mac "mac" network::mac, "IEEE 802 48-bit address: six pairs of hex digits, all joined by `:` or all by `-`";
    TcpPort "tcp_port" network::tcp_port, "RFC 9293: 1 to 65535 without leading zeros";
    HttpStatus "http_status" network::http_status, "RFC 9110: three digits, 100 to 599, assigned or not";
    Mime "mime" network::mime,
        "RFC 6838: a registered top-level type, a slash, a subtype, optional parameters; any case";
    E164 "phone" network::e164,
        "ITU-T E.164: a plus sign and 8 to 15 digits, the first not 0; no blanks unless `separators: ignore`";
    Uuid "uuid" notation::uuid,
        "RFC 9562 text form 8-4-4-4-12 hex digits, either case, any version unless `version` says which; no \
        braces";
    IsoDate "iso_date" moment::date,
        "ISO 8601 extended calendar date YYYY-MM-DD that exists, years 0000 to 9999";
    IsoDatetime "iso_datetime" moment::datetime,
        "RFC 3339: date, `T`, `t` or one space, time with seconds, optional fraction, and `Z`, `z` or +hh:mm; \
        second 60 only where UTC is 23:59";
    Timezone "timezone" notation::timezone, "a name of the IANA time zone database, links included; exact case";
    IsoCountry "iso_country" |t| codes::listed(codes::COUNTRY, 2, t),
        "assigned ISO 3166-1 alpha-2 code, upper case";
    IsoCountry3 "iso_country3" |t| codes::listed(codes::COUNTRY3, 3, t),
        "assigned ISO 3166-1 alpha-3 code, upper case";
    IsoCountryNumeric "iso_country_numeric" |t| codes::listed(codes::COUNTRY_NUMERIC, 3, t),
        "assigned ISO 3166-1 numeric code, three digits";
    IsoSubdivision "iso_subdivision" codes::subdivision,
        "ISO 3166-2 code, upper case, such as DE-BY (list of CLDR 48)";
    IsoCurrency "iso_currency" |t| codes::listed(codes::CURRENCY, 3, t),
        "active ISO 4217 code, upper case, funds and metals included (list of January 2026)";
    IsoLanguage "iso_language" |t| codes::listed(codes::LANGUAGE, 2, t),
        "ISO 639-1 two-letter code, lower case";
    IsoLanguage2 "iso_language2" |t| codes::listed(codes::LANGUAGE2, 3, t),
        "ISO 639-2 three-letter code, bibliographic or terminological, lower case; not the reserved qaa to qtz";
    IsoLanguage3 "iso_language3" |t| codes::listed(codes::LANGUAGE3, 3, t),
        "ISO 639-3 three-letter code, lower case (list of 2023)";
    Iban "iban" banking::iban,
        "ISO 13616 electronic form: registered country, its length, mod 97 = 1; upper case, no blanks";
    Luhn "luhn" digits::luhn, "two or more digits whose last is the Luhn check digit (ISO/IEC 7812-1 annex B)";
    Bic "bic" banking::bic,
        "ISO 9362: 4 letters or digits, an ISO country or XK, 2 letters or digits, and optionally 3 more; upper \
        case";
    CreditCard "credit_card" banking::credit_card,
        "ISO/IEC 7812: 12 to 19 digits, first digits and length of a payment network, Luhn digit";
    AbaRouting "aba_routing" banking::aba_routing,
        "ABA routing number: nine digits, a prefix in use, check digit by weights 3, 7, 1";
    Isin "isin" banking::isin,
        "ISO 6166: a country or other prefix, nine letters or digits, Luhn digit; upper case";
    Lei "lei" banking::lei,
        "ISO 17442: eighteen letters or digits and two check digits, mod 97 = 1; upper case";
    Vat "vat" vat::vat,
        "VAT number of a member state of the European Union, Great Britain or Northern Ireland with its prefix \
        and check digits; with `country` the prefix may be left out";
    UsSsn "us_ssn" identity::us_ssn,
        "US Social Security number AAA-GG-SSSS or nine digits, no area 000, 666, 900 to 999; no check digit \
        exists";
    UkNino "uk_nino" identity::uk_nino,
        "UK National Insurance number: two letters that are in use, six digits, A to D; no check digit exists";
    IndiaPan "india_pan" identity::india_pan,
        "Indian Permanent Account Number: AAAKA9999A with a known kind of holder; its check letter is not \
        published";
    Aadhaar "aadhaar" identity::aadhaar,
        "Indian Aadhaar number: twelve digits, the first 2 to 9, Verhoeff digit, no palindrome";
    Imei "imei" identity::imei, "3GPP TS 23.003: fifteen digits, Luhn digit";
    Imsi "imsi" identity::imsi,
        "3GPP TS 23.003: fourteen or fifteen digits that start with 2 to 7 or 9; no check digit exists";
    Vin "vin" identity::vin,
        "ISO 3779: seventeen digits and letters without I, O, Q, with the check digit of 49 CFR 565 (law in North \
        America)";
    VinForm "vin_form" identity::vin_form, "ISO 3779: seventeen digits and letters without I, O, Q; upper case";
    Orcid "orcid" identity::orcid,
        "ORCID iD 0000-0000-0000-000X within ORCID's blocks, ISO/IEC 7064 MOD 11-2; the bare form";
    Isbn "isbn" publishing::isbn,
        "ISO 2108: ISBN-10 or ISBN-13 (978, 979) with its check digit; single inner hyphens are allowed";
    Isbn10 "isbn10" publishing::isbn10, "the ten-digit `isbn` alone";
    Isbn13 "isbn13" publishing::isbn13, "the thirteen-digit `isbn` alone";
    Issn "issn" publishing::issn, "ISO 3297: NNNN-NNNC, check digit by 11, X for ten";
    Ean "ean" publishing::ean, "GS1 GTIN-8, 12, 13 or 14 with its check digit; digits only";
    Ean13 "ean13" publishing::ean13, "GS1 GTIN-13 with its check digit; digits only";
    Upc "upc" publishing::upc, "GS1 GTIN-12, the UPC-A of North America, with its check digit; digits only";
    Doi "doi" publishing::doi,
        "ISO 26324: `10.`, the registrant's digits, a slash, a suffix without blanks; the bare form";
    Arxiv "arxiv" publishing::arxiv,
        "arXiv identifier of either scheme, optionally with its version; without `arXiv:`";
    Arn "arn" notation::arn, "Amazon Resource Name: arn:partition:service:region:account:resource";
    IataAirport "iata_airport" |t| codes::upper(t, 3),
        "form of an IATA airport code: three upper-case letters; whether it is assigned is not known";
    IataAirline "iata_airline" codes::iata_airline,
        "form of an IATA airline code: two upper-case letters or digits, not both digits; whether it is assigned \
        is not known";
    IcaoAirport "icao_airport" |t| codes::upper(t, 4),
        "form of an ICAO location indicator: four upper-case letters; whether it is assigned is not known";
    IcaoAirline "icao_airline" |t| codes::upper(t, 3),
        "form of an ICAO airline designator: three upper-case letters; whether it is assigned is not known";
    PostalCode "postal_code" |_| false,
        "form of the postal codes of `country`, which is needed; letters in upper case; whether it is in use is \
        not known";
    Latitude "latitude" geography::latitude, "decimal degrees from -90 to 90, no exponent";
    Longitude "longitude" geography::longitude, "decimal degrees from -180 to 180, no exponent";
    Geohash "geohash" geography::geohash, "one to twelve characters of the base 32 of geohashes, lower case";
    WktPoint "wkt_point" geography::wkt_point,
        "OGC 06-103r4 text POINT with two to four numbers, or EMPTY; keywords in any case";
    GeojsonPoint "geojson_point" geography::geojson_point,
        "RFC 7946 Point: two or three numbers, longitude and latitude in range; other members may stand beside";
    Semver "semver" notation::semver, "Semantic Versioning 2.0.0; no leading `v`";
    Json "json" |t| serde_json::from_str::<serde::de::IgnoredAny>(t).is_ok(),
        "one RFC 8259 value, of any depth; repeated keys are allowed";
    Xml "xml" notation::xml, "one well-formed XML 1.0 document without entities of its own";
    Base64 "base64" notation::base64,
        "RFC 4648 section 4 alphabet with padding; length a multiple of 4; not empty";
    Base64Url "base64url" notation::base64url,
        "RFC 4648 section 5 alphabet, with padding or without; not empty";
    HexColor "hex_color" notation::hex_color, "CSS Color 4: # and 3, 4, 6 or 8 hex digits";
    Md5 "md5" |t| notation::hex_of(t, 16), "form of an MD5 digest: 32 hex digits, either case";
    Sha1 "sha1" |t| notation::hex_of(t, 20), "form of a SHA-1 digest: 40 hex digits, either case";
    Sha256 "sha256" |t| notation::hex_of(t, 32), "form of a SHA-256 digest: 64 hex digits, either case";
    Sha512 "sha512" |t| notation::hex_of(t, 64), "form of a SHA-512 digest: 128 hex digits, either case";
    Roman "roman" notation::roman, "Roman numeral of 1 to 3999 in standard form, upper case";
    Slug "slug" notation::slug, "lower-case ASCII letters and digits in words joined by single hyphens";
}
