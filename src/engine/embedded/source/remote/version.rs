//! Which version of a file an answer is about, and which part of it.

use chrono::{DateTime, Utc};
use reqwest::header::{
    CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_UNMODIFIED_SINCE,
    LAST_MODIFIED,
};
use std::ops::Range;

/// What the server says of a file's version. Answers with different values are never parts of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Entity tag as sent, with its quotes.
    pub(super) etag: Option<String>,
    /// `Last-Modified` as sent.
    pub(super) modified: Option<String>,
    /// Bytes of the whole file.
    pub(super) bytes: u64,
}

impl Version {
    /// The version that an answer is about, of a file with so many bytes.
    pub(super) fn of(headers: &HeaderMap, bytes: u64) -> Self {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            etag: text(ETAG),
            modified: text(LAST_MODIFIED),
            bytes,
        }
    }

    /// When the file was changed; `None` when the server does not say, or says it in another form than RFC 9110's.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        let parsed = DateTime::parse_from_rfc2822(self.modified.as_ref()?);
        parsed.ok().map(|time| time.to_utc())
    }

    /// The condition that later requests carry; `None` when the server names no version that can be held to.
    ///
    /// A weak entity tag does not promise equal bytes, so that `Last-Modified` is asked for in its place.
    pub(super) fn condition(&self) -> Option<(HeaderName, HeaderValue)> {
        let strong = self.etag.as_ref().filter(|tag| tag.starts_with('"'));
        let (name, value) = match (strong, &self.modified) {
            (Some(tag), _) => (IF_MATCH, tag),
            (None, Some(time)) => (IF_UNMODIFIED_SINCE, time),
            (None, None) => return None,
        };
        Some((name, HeaderValue::from_str(value).ok()?))
    }
}

/// The part that an answer says it holds.
///
/// Source: `Content-Range` of RFC 9110, section 14.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// Bytes of the answer.
    pub(super) range: Range<u64>,
    /// Bytes of the whole file.
    pub(super) whole: u64,
}

impl ContentRange {
    /// The header's part; `None` when it is absent, unreadable, or does not know the whole length.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
        let (part, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = part.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let (first, last, whole) = (number(first)?, number(last)?, number(whole)?);
        let range = first..last.checked_add(1)?;
        (first <= last && last < whole).then_some(Self { range, whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("plain"))])
    }

    #[test]
    fn only_a_part_that_can_be_is_one() {
        let of = |text: &str| {
            ContentRange::of(&headers(CONTENT_RANGE, text)).map(|c| (c.range, c.whole))
        };
        assert_eq!(of("bytes 0-9/10"), Some((0..10, 10)));
        for text in [
            "bytes 0-10/10",
            "bytes 5-4/10",
            "bytes 0-9/*",
            "bytes */10",
            "items 0-9/10",
            "",
            "bytes 0-/3",
            "bytes 0-18446744073709551615/18446744073709551615",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_weak_tag_holds_to_nothing() {
        let condition = |name, value| {
            Version::of(&headers(name, value), 1)
                .condition()
                .map(|(n, _)| n)
        };
        assert_eq!(condition(ETAG, "\"a\""), Some(IF_MATCH));
        assert_eq!(condition(ETAG, "W/\"a\""), None);
        assert_eq!(
            condition(LAST_MODIFIED, "Wed, 21 Oct 2015 07:28:00 GMT"),
            Some(IF_UNMODIFIED_SINCE)
        );
    }
}
