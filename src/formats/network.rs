//! Names and addresses of the internet.

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
