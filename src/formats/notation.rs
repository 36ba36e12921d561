//! Notations of software: identifiers, versions, encodings.

/// RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits; version and variant are not looked at, so nil and max are UUIDs.
pub(super) fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Semantic Versioning 2.0.0, items 2, 9 and 10: numbers without leading zeros, pre-release and build identifiers.
pub(super) fn semver(text: &str) -> bool {
    let (rest, build) = text
        .split_once('+')
        .map_or((text, None), |(r, b)| (r, Some(b)));
    let (core, pre) = rest
        .split_once('-')
        .map_or((rest, None), |(c, p)| (c, Some(p)));
    let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    let number = |p: &str| digits(p) && (p.len() == 1 || !p.starts_with('0'));
    let word = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|p| p.split('.').all(|p| word(p) && (!digits(p) || number(p))))
        && build.is_none_or(|b| b.split('.').all(word))
}

/// RFC 4648, section 4, with padding; bits behind the last byte may be set, as in section 3.5.
pub(super) fn base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// Words of lower-case ASCII letters and digits between single hyphens. No standard has it: the form is Tollgate's own.
pub(super) fn slug(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// RFC 4648, section 5: the alphabet that is safe in addresses, with padding or without it.
pub(super) fn base64url(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    !body.is_empty()
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && body.len() % 4 != 1
        && (padding == 0 || (padding <= 2 && text.len().is_multiple_of(4)))
}

/// Hexadecimal digits of exactly so many bytes, in either case.
pub(super) fn hex_of(text: &str, bytes: usize) -> bool {
    text.len() == 2 * bytes && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// CSS Color Module Level 4, section 5.2: a hash sign and three, four, six or eight hexadecimal digits.
pub(super) fn hex_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|d| {
        matches!(d.len(), 3 | 4 | 6 | 8) && d.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// Roman numeral of 1 to 3999 in its standard form: no sign more than three times, one lesser sign before a greater
/// one of the next two kinds. Upper case.
pub(super) fn roman(text: &str) -> bool {
    let thousands = text.trim_start_matches('M');
    let mut rest = thousands;
    for (one, five, ten) in [('C', 'D', 'M'), ('X', 'L', 'C'), ('I', 'V', 'X')] {
        let nine = String::from_iter([one, ten]);
        let four = String::from_iter([one, five]);
        if let Some(after) = rest
            .strip_prefix(&nine)
            .or_else(|| rest.strip_prefix(&four))
        {
            rest = after;
            continue;
        }
        let after = rest.strip_prefix(five).unwrap_or(rest);
        let trimmed = after.trim_start_matches(one);
        if after.len() - trimmed.len() > 3 {
            return false;
        }
        rest = trimmed;
    }
    !text.is_empty() && text.len() - thousands.len() <= 3 && rest.is_empty()
}

/// Amazon Resource Name (AWS General Reference): `arn:partition:service:region:account:resource`; region and account
/// may be empty, an account has twelve digits or is `aws`.
pub(super) fn arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let word = |t: &str| {
        !t.is_empty()
            && t.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let [arn, partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    let known = partition == "aws"
        || partition
            .strip_prefix("aws-")
            .is_some_and(|p| word(p) && p.bytes().any(|b| b.is_ascii_lowercase()));
    arn == "arn"
        && known
        && word(service)
        && (region.is_empty() || word(region))
        && (account.is_empty()
            || account == "aws"
            || (account.len() == 12 && super::digits::all_digits(account)))
        && !resource.is_empty()
        && !resource
            .chars()
            .any(|c| c.is_whitespace() || c.is_control())
}

/// Time zone of the IANA database by its name, links included; exact case.
pub(super) fn timezone(text: &str) -> bool {
    text.parse::<chrono_tz::Tz>().is_ok()
}

/// One document that is well-formed by XML 1.0: one root, tags that match, attributes quoted and not repeated, only
/// the five predefined entities and character references. A document type may be declared; what it declares is not
/// read.
pub(super) fn xml(text: &str) -> bool {
    xml_depth(text).unwrap_or(false)
}

fn xml_depth(text: &str) -> Option<bool> {
    use quick_xml::events::Event;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if !text.chars().all(allowed) {
        return None;
    }
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut roots) = (0u64, 0u64);
    let predefined = ["lt", "gt", "amp", "apos", "quot"];
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                roots += u64::from(depth == 0);
                depth += 1;
                attributes(&tag)?;
            }
            Event::Empty(tag) => {
                roots += u64::from(depth == 0);
                attributes(&tag)?;
            }
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::Text(t) if depth == 0 && !t.bytes().all(|b| b.is_ascii_whitespace()) => {
                return None;
            }
            Event::CData(_) if depth == 0 => return None,
            Event::GeneralRef(_) if depth == 0 => return None,
            Event::GeneralRef(name) if name.is_char_ref() => {
                name.resolve_char_ref().ok()?.filter(|c| allowed(*c))?;
            }
            Event::GeneralRef(name) if !predefined.contains(&&*name) => return None,
            Event::Eof => return Some(depth == 0 && roots == 1),
            _ => {}
        }
    }
}

/// Whether every attribute is quoted, named once, and holds neither `<` nor an entity of its own.
fn attributes(tag: &quick_xml::events::BytesStart<'_>) -> Option<()> {
    tag.attributes().try_for_each(|attribute| {
        let value = attribute.ok()?.value;
        let known = !value.contains('<') && quick_xml::escape::unescape(&value).is_ok();
        known.then_some(())
    })
}
