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
