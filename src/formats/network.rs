//! Names and addresses of the internet.

use std::net::IpAddr;

/// RFC 1123, section 2.1, with the lengths of RFC 1035, section 2.3.4; not all digits at the end, or it would be an
/// address.
pub(super) fn hostname(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= 253
        && text.split('.').all(label)
        && !text
            .rsplit('.')
            .next()
            .is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()))
}

/// `dot-atom@domain` of RFC 5322, section 3.4.1, with the lengths of RFC 5321, section 4.5.3.1; no quoted local part,
/// no address literal.
pub(super) fn email(text: &str) -> bool {
    let atom = |a: &str| {
        !a.is_empty()
            && a.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(local, domain)| {
            local.len() <= 64
                && local.split('.').all(atom)
                && domain.contains('.')
                && hostname(domain)
        })
}

/// Every byte is one of `RFC 3986`, appendix A; brackets are judged by the caller.
fn uri_bytes(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(i, b)| match b {
        b'%' => bytes
            .get(i + 1..i + 3)
            .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)),
        _ => b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(b),
    }) && bytes.iter().filter(|b| **b == b'#').count() <= 1
}

/// Splits off the authority: the text up to the first of `/?#`.
fn authority(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

/// RFC 3986, section 3: scheme, colon and the rest; brackets only in the authority.
pub(super) fn uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let tail = rest.strip_prefix("//").map_or(rest, |r| authority(r).1);
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && !rest.is_empty()
            && uri_bytes(rest)
            && !tail.contains(['[', ']'])
    })
}

/// A [`uri`] of a known scheme with a host; the user and password before it are not looked into.
pub(super) fn url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let known = ["http", "https", "ftp", "ftps"];
        let (authority, _) = authority(rest);
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        known.iter().any(|k| scheme.eq_ignore_ascii_case(k))
            && uri(text)
            && !user.contains(['@', '[', ']'])
            && host_port(place)
    })
}

/// RFC 3986, section 3.2: a name, an IPv4 address or a bracketed IPv6 address, and optionally a port.
fn host_port(place: &str) -> bool {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return false;
        }
        if port.is_empty() {
            return true;
        }
        let Some(port) = port.strip_prefix(':') else {
            return false;
        };
        (None, port)
    } else {
        let (host, port) = place.split_once(':').unwrap_or((place, ""));
        (Some(host), port)
    };
    let port_fits = port.is_empty()
        || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok());
    let host_fits = host.is_none_or(|h| {
        let h = h.strip_suffix('.').unwrap_or(h);
        hostname(h) || h.parse::<std::net::Ipv4Addr>().is_ok()
    });
    port_fits && host_fits
}

/// Six pairs of hexadecimal digits with one separator throughout, as in IEEE 802 (hyphens) or by custom (colons).
pub(super) fn mac(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 17
        && matches!(bytes[2], b':' | b'-')
        && bytes.iter().enumerate().all(|(i, b)| {
            if i % 3 == 2 {
                *b == bytes[2]
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

/// A prefix of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3): an address, a slash, and the length of
/// the prefix. Bits behind the prefix may be set.
pub(super) fn cidr(text: &str) -> bool {
    network(text).is_some()
}

/// Address and length of the prefix.
pub(super) fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let plain = length == "0" || (!length.starts_with('0') && super::digits::all_digits(length));
    let length: u32 = length.parse().ok()?;
    (plain && length <= most).then_some((address, length))
}

/// Whether an address, or every address of a smaller network, lies in a network.
pub(super) fn lies_in(text: &str, network: (IpAddr, u32)) -> bool {
    let (address, length) = match text.parse::<IpAddr>() {
        Ok(address) => (address, if address.is_ipv4() { 32 } else { 128 }),
        Err(_) => match self::network(text) {
            Some(inner) => inner,
            None => return false,
        },
    };
    let (outer, prefix) = network;
    let same = |a: u128, b: u128, width: u32| prefix == 0 || (a ^ b) >> (width - prefix) == 0;
    length >= prefix
        && match (address, outer) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
            _ => false,
        }
}

/// RFC 9293: a port of TCP, 1 to 65535, without leading zeros. Port 0 is reserved.
pub(super) fn tcp_port(text: &str) -> bool {
    super::digits::all_digits(text) && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// RFC 9110, section 15: three digits, 100 to 599; assigned or not.
pub(super) fn http_status(text: &str) -> bool {
    text.len() == 3 && super::digits::all_digits(text) && matches!(text.as_bytes()[0], b'1'..=b'5')
}

/// RFC 6838, section 4.2: a top-level type that IANA has registered, a slash, a subtype of restricted-name
/// characters, and optionally parameters (RFC 9110, section 8.3.1). In any case.
pub(super) fn mime(text: &str) -> bool {
    const TYPES: [&str; 11] = [
        "application",
        "audio",
        "example",
        "font",
        "haptics",
        "image",
        "message",
        "model",
        "multipart",
        "text",
        "video",
    ];
    let (media, parameters) = text
        .split_once(';')
        .map_or((text, None), |(m, p)| (m, Some(p)));
    let name = |t: &str| {
        (1..=127).contains(&t.len())
            && t.starts_with(|c: char| c.is_ascii_alphanumeric())
            && t.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let token = |t: &str| {
        !t.is_empty()
            && t.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    let quoted = |t: &str| {
        t.len() >= 2
            && t.starts_with('"')
            && t.ends_with('"')
            && !t[1..t.len() - 1].contains(['"', '\\'])
    };
    let pair = |p: &str| {
        p.trim_matches([' ', '\t'])
            .split_once('=')
            .is_some_and(|(key, value)| token(key) && (token(value) || quoted(value)))
    };
    let no_blank_at_end = !text.ends_with([' ', '\t']) && !text.starts_with([' ', '\t']);
    no_blank_at_end
        && media
            .trim_end_matches([' ', '\t'])
            .split_once('/')
            .is_some_and(|(top, sub)| {
                TYPES.iter().any(|t| t.eq_ignore_ascii_case(top)) && name(sub)
            })
        && parameters.is_none_or(|p| p.split(';').all(pair))
}

/// ITU-T E.164: a plus sign, a country code that starts with 1 to 9, at most fifteen digits in all and at least eight.
pub(super) fn e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|d| {
        (8..=15).contains(&d.len()) && super::digits::all_digits(d) && !d.starts_with('0')
    })
}
