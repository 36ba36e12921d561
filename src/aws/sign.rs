//! Signature Version 4 of a request, in its `Authorization` header.
//!
//! Written here, over the TLS stack's own HMAC, because the small crates for it sign the address instead, where proxies
//! write signature and session token into their logs, and the others bring a second, asynchronous client.
//!
//! Source: AWS Signature Version 4, "Authenticating Requests: Using the Authorization Header"; its examples are the tests.

use super::renewed::Renewed;
use super::settings::Credentials;
use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use ring::hmac;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Where the credentials of signatures come from.
pub(super) enum Keys {
    /// They are written down, and stay.
    Written(Credentials),
    /// They count for a time.
    Given(Arc<Renewed>),
}

/// Signs requests.
pub(crate) struct Signer {
    keys: Keys,
    region: String,
    service: &'static str,
}

/// Signs with credentials that count now.
pub(crate) struct Ready<'a> {
    credentials: Credentials,
    signer: &'a Signer,
}

impl Signer {
    /// Signs for one service in one region.
    pub(super) fn new(keys: Keys, region: String, service: &'static str) -> Self {
        Self {
            keys,
            region,
            service,
        }
    }

    /// With the credentials that count now: those that count for a time are renewed before it is over.
    ///
    /// Errors: there are none any more, without secrets.
    pub(crate) fn ready(&self) -> Result<Ready<'_>, String> {
        let credentials = match &self.keys {
            Keys::Written(credentials) => credentials.clone(),
            Keys::Given(renewed) => renewed.at(Utc::now())?,
        };
        Ok(Ready {
            credentials,
            signer: self,
        })
    }
}

impl Ready<'_> {
    /// The headers that make a request of `url` with `headers` and `body` a signed one at `time`. The clock must be right
    /// within minutes, or the server refuses. The path counts as it stands, as S3 has it, and for others where it is `/`.
    pub(crate) fn signed(
        &self,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        body: &[u8],
        time: DateTime<Utc>,
    ) -> HeaderMap {
        let time = time.format("%Y%m%dT%H%M%SZ").to_string();
        let body = hex(&Sha256::digest(body));
        let mut added = vec![
            ("x-amz-content-sha256", body.as_str()),
            ("x-amz-date", &time),
        ];
        added.extend(
            self.credentials
                .token
                .as_deref()
                .map(|t| ("x-amz-security-token", t)),
        );
        let mut all = BTreeMap::from([("host", host(url))]);
        let given = headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        all.extend(
            given
                .chain(added.iter().copied())
                .map(|(n, v)| (n, v.trim().to_owned())),
        );
        let names = all.keys().copied().collect::<Vec<_>>().join(";");
        let mut request = format!(
            "{method}\n{}\n{}\n",
            url.path(),
            url.query().unwrap_or_default()
        );
        for (name, value) in &all {
            writeln!(request, "{name}:{value}").expect("writing to a String cannot fail");
        }
        write!(request, "\n{names}\n{body}").expect("writing to a String cannot fail");
        let scope = format!(
            "{}/{}/{}/aws4_request",
            &time[..8],
            self.signer.region,
            self.signer.service
        );
        let digest = hex(&Sha256::digest(request.as_bytes()));
        let signature = hex(&mac(
            &self.key(&time[..8]),
            &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"),
        ));
        let id = &self.credentials.id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}"
        );
        let mut signed = HeaderMap::new();
        for (name, value) in added
            .into_iter()
            .chain([(AUTHORIZATION.as_str(), authorization.as_str())])
        {
            let mut value = HeaderValue::from_str(value)
                .expect("settings are checked to be plain when they are read");
            value.set_sensitive(true);
            signed.insert(
                HeaderName::from_bytes(name.as_bytes()).expect("written above"),
                value,
            );
        }
        signed
    }

    fn key(&self, day: &str) -> Vec<u8> {
        let first = mac(format!("AWS4{}", self.credentials.secret).as_bytes(), day);
        [
            self.signer.region.as_str(),
            self.signer.service,
            "aws4_request",
        ]
        .iter()
        .fold(first, |key, part| mac(&key, part))
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    crate::report::text::hex(bytes)
}

/// The `Host` header of a request.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A text as it stands in a path or query: all but unreserved characters and those of `kept` in percent form.
///
/// Source: `UriEncode` of Signature Version 4, which is RFC 3986 with upper-case digits.
pub(crate) fn encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric()
            || "-._~".contains(c)
            || (byte.is_ascii() && kept.contains(c))
        {
            encoded.push(c);
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{DATE, RANGE};

    /// The GET and PUT examples of "Signature Calculations for the Authorization Header" of the S3 API reference.
    #[test]
    fn the_documented_examples_have_the_documented_signatures() {
        let credentials = Credentials {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
        };
        let signer = Signer::new(Keys::Written(credentials), "us-east-1".to_owned(), "s3");
        let time = "2013-05-24T00:00:00Z".parse().expect("a time");
        let range = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-9"))]);
        let put = HeaderMap::from_iter([
            (
                DATE,
                HeaderValue::from_static("Fri, 24 May 2013 00:00:00 GMT"),
            ),
            (
                HeaderName::from_static("x-amz-storage-class"),
                HeaderValue::from_static("REDUCED_REDUNDANCY"),
            ),
        ]);
        for (method, path, headers, body, signature) in [
            (
                Method::GET,
                "test.txt",
                &range,
                "",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                Method::GET,
                "?max-keys=2&prefix=J",
                &HeaderMap::new(),
                "",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
            (
                Method::PUT,
                "test%24file.text",
                &put,
                "Welcome to Amazon S3.",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
        ] {
            let url = format!("https://examplebucket.s3.amazonaws.com/{path}");
            let url = Url::parse(&url).expect("a URL");
            let added =
                signer
                    .ready()
                    .unwrap()
                    .signed(&method, &url, headers, body.as_bytes(), time);
            let authorization = added[AUTHORIZATION].to_str().expect("plain");
            assert!(authorization.ends_with(signature), "{authorization}");
            assert!(
                !format!("{added:?}").contains(signature),
                "it is marked as sensitive"
            );
        }
    }
}
