//! Keys of a bucket that start with a text.
//!
//! Source: Amazon S3 API reference, `ListObjectsV2`: at most 1,000 keys a page, further pages by their token.

use super::Bucket;
use crate::aws::encoded;
use crate::error::{Error, Result};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use std::io::Read;

/// Bytes of one page at most: 1,000 keys of 1,024 bytes each, escaped, fit.
const PAGE: u64 = 16 << 20;

/// One page.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    is_truncated: bool,
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    key: String,
}

impl Bucket {
    /// Keys that start with `prefix`, without those of folders, in the store's order.
    ///
    /// Errors: [`Error::Data`] when the store refuses or its answer cannot be understood; [`Error::Interrupted`].
    pub(super) fn list(&self, prefix: &str, written: &str) -> Result<Vec<String>> {
        let fail = |reason: String| Error::data("list", written, reason);
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            crate::context::check_interrupt()?;
            let page = self.page(prefix, token.as_deref()).map_err(fail)?;
            let found = page.contents.into_iter().map(|c| c.key);
            keys.extend(found.filter(|k| k.starts_with(prefix) && !k.ends_with('/')));
            token = match page.next_continuation_token {
                _ if !page.is_truncated => return Ok(keys),
                Some(next) if token.as_ref() != Some(&next) => Some(next),
                _ => {
                    return Err(fail(
                        "the server says that there is more and not where".to_owned(),
                    ));
                }
            };
        }
    }

    fn page(&self, prefix: &str, token: Option<&str>) -> std::result::Result<Page, String> {
        let mut url = self.root.clone();
        let part = |name: &str, value: &str| format!("{name}={}", encoded(value, ""));
        let token = token.map(|t| part("continuation-token", t));
        let query: Vec<String> = token
            .into_iter()
            .chain([part("list-type", "2"), part("prefix", prefix)])
            .collect();
        url.set_query(Some(&query.join("&")));
        let answer = self.server.get(&url, &HeaderMap::new())?;
        if answer.status() != StatusCode::OK {
            return Err(self.server.refusal(answer));
        }
        let mut text = String::new();
        let read = answer.take(PAGE).read_to_string(&mut text);
        read.map_err(|e| e.to_string())?;
        parsed(&text)
    }
}

fn parsed(text: &str) -> std::result::Result<Page, String> {
    let page = quick_xml::de::from_str(text);
    page.map_err(|e| format!("the server's list cannot be understood: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
            <Name>b</Name><IsTruncated>true</IsTruncated><Contents><Key> a &amp;&#x3c;b&gt;/é </Key><Size>1</Size></Contents>\
            <CommonPrefixes/><Contents><Key>b</Key><ETag>&quot;x&quot;</ETag></Contents>\
            <NextContinuationToken>1/+=</NextContinuationToken></ListBucketResult>";
        let page = parsed(text).expect("a page");
        let keys: Vec<_> = page.contents.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(keys, [" a &<b>/é ", "b"]);
        assert_eq!(
            (page.is_truncated, page.next_continuation_token.as_deref()),
            (true, Some("1/+="))
        );
        assert!(parsed("<ListBucketResult/>").is_err());
        assert!(parsed("<html>login</html>").is_err());
    }
}
