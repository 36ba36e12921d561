//! Reading and writing single objects: signed, with conditions.
//!
//! Source: Amazon S3 API reference, `GetObject` and `PutObject`, and "Conditional writes" of its user guide.

use crate::aws::{Settings, Signer, code};
use crate::http::{Again, Redirects, Tls, client, exchange};
use crate::registry::wire::{LIMITS, is_undecided, unread, unsent};
use crate::registry::{Answer, Trouble, Written};
use reqwest::blocking::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, Url};
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A bucket and a prefix in it.
pub struct Store {
    client: Client,
    signer: Option<Signer>,
    settings: Settings,
    bucket: String,
    /// Empty, or ends in `/`.
    prefix: String,
}

/// An object.
pub(super) struct Object {
    pub(super) bytes: Vec<u8>,
    pub(super) tag: Option<String>,
}

/// When an object is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only<'a> {
    /// Only where there is none.
    Absent,
    /// Only where it has this entity tag.
    Same(&'a str),
}

impl Store {
    /// The prefix of a bucket, with the settings that other tools for S3 read.
    ///
    /// Errors: what is missing or cannot be used, without secrets.
    pub fn open(
        bucket: &str,
        prefix: &str,
        region: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<Self, String> {
        let settings = Settings::of_environment("s3", region, endpoint)?;
        Self::of(settings, bucket, prefix)
    }

    /// As [`Store::open`], of a server and with a key that are given; for programs that have them from elsewhere.
    ///
    /// Errors: they cannot be used.
    pub fn with_keys(
        bucket: &str,
        prefix: &str,
        endpoint: &str,
        (id, secret): (&str, &str),
    ) -> Result<Self, String> {
        let settings = Settings::with_keys(endpoint, id, secret)?;
        Self::of(settings, bucket, prefix)
    }

    fn of(mut settings: Settings, bucket: &str, prefix: &str) -> Result<Self, String> {
        let signer = settings.signer("s3");
        let prefix = prefix.trim_matches('/');
        let store = Self {
            client: client(Redirects::Kept, ANSWER, &Tls::default())?,
            signer,
            settings,
            bucket: bucket.to_owned(),
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            },
        };
        store.url("x").map(|_| store)
    }

    /// How an object is named in messages.
    pub(super) fn shown(&self, key: &str) -> String {
        let text = format!("s3://{}/{}{key}", self.bucket, self.prefix);
        text.trim_end_matches('/').to_owned()
    }

    fn url(&self, key: &str) -> Result<Url, String> {
        self.settings
            .object(&self.bucket, &format!("{}{key}", self.prefix))
    }

    fn asked(
        &self,
        method: &Method,
        key: &str,
        headers: &HeaderMap,
        body: &str,
        again: Again,
    ) -> Result<crate::http::Answer, crate::http::Failure> {
        let url = self.url(key).map_err(crate::http::Failure::Unreached)?;
        let signer = self.signer.as_ref().map(Signer::ready).transpose();
        let signer = signer.map_err(crate::http::Failure::Unreached)?;
        let request = || {
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .headers(headers.clone());
            if let Some(signer) = &signer {
                let now = chrono::Utc::now();
                request =
                    request.headers(signer.signed(method, &url, headers, body.as_bytes(), now));
            }
            request.body(body.to_owned())
        };
        exchange(request, again, &LIMITS)
    }

    /// An object; `None` where the store says that there is none, by the code `NoSuchKey`.
    pub(super) fn get(&self, key: &str) -> Answer<Option<Object>> {
        let answer = self.asked(&Method::GET, key, &HeaderMap::new(), "", Again::Read);
        let answer = answer.map_err(unread)?;
        match (answer.status, code(&answer.body).as_deref()) {
            (200, _) => Ok(Some(Object {
                tag: answer.etag,
                bytes: answer.body,
            })),
            // Every other 404 is of somebody else: of a proxy whose store is down, of a wrong address.
            (404, Some("NoSuchKey")) => Ok(None),
            (_, code) => Err(self.refused(answer.status, code)),
        }
    }

    /// Writes an object, where the condition holds.
    pub(super) fn put(&self, key: &str, body: &str, only: Only) -> Answer<Written> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let value = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| Trouble::Broken("the entity tag is no header".to_owned()))
        };
        match only {
            Only::Absent => headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*")),
            Only::Same(tag) => headers.insert(IF_MATCH, value(tag)?),
        };
        let answer = self.asked(&Method::PUT, key, &headers, body, Again::Unsent);
        let answer = answer.map_err(unsent)?;
        let code = code(&answer.body);
        match (answer.status, only) {
            (200, _) => Ok(Written::Done),
            (412, _) => Ok(Written::Lost),
            // The object is not there any more.
            (404, Only::Same(_)) if code.as_deref() == Some("NoSuchKey") => Ok(Written::Lost),
            // Somebody else writes it at this moment, and it is not known who is first.
            (409, _) => Err(Trouble::Unknown(self.words(409, code.as_deref()))),
            (status, _) if is_undecided(&answer) => {
                Err(Trouble::Unknown(self.words(status, code.as_deref())))
            }
            (status, _) => Err(self.refused(status, code.as_deref())),
        }
    }

    fn words(&self, status: u16, code: Option<&str>) -> String {
        let code = code.map_or_else(String::new, |c| format!(" ({c})"));
        let signed = if self.signer.is_none() {
            "; it was asked without credentials, as AWS_NO_SIGN_REQUEST says"
        } else {
            ""
        };
        format!("the store answers {status}{code}{signed}")
    }

    fn refused(&self, status: u16, code: Option<&str>) -> Trouble {
        let words = self.words(status, code);
        match status {
            401 | 403 => Trouble::Refused(words),
            404 if code == Some("NoSuchBucket") => {
                Trouble::Refused(format!("{words}: there is no bucket {}", self.bucket))
            }
            404 if code.is_none() => Trouble::Broken(format!(
                "{words}, and not in the words of S3: is the endpoint a store, and is it up? see AWS_ENDPOINT_URL_S3"
            )),
            301 | 307 | 400
                if code == Some("PermanentRedirect")
                    || code == Some("AuthorizationHeaderMalformed") =>
            {
                Trouble::Refused(format!(
                    "{words}; is it the bucket's region? see AWS_REGION"
                ))
            }
            _ => Trouble::Broken(words),
        }
    }
}
