//! Files behind `http://` and `https://`: fetched once, so that every scan of a run reads the same bytes.

use super::DataFile;
use super::spool::spooled;
use crate::error::{Error, Result};
use reqwest::blocking::{Client, Response};
use reqwest::header::RETRY_AFTER;
use reqwest::{StatusCode, Url};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// Longest wait for an answer, and for each further piece of it.
const ANSWER: Duration = Duration::from_mins(1);

/// Times that a server which is busy or not reached is asked.
const ATTEMPTS: u64 = 3;

/// Longest wait before it is asked again, whatever it wishes.
const PAUSE: Duration = Duration::from_secs(30);

/// Whether a path is such an address.
pub(super) fn is_address(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// The file behind the address.
///
/// Messages and records show the address without its query and password, which may hold a signature.
///
/// Errors: [`Error::Data`] when the server does not answer in time, answers with anything but success, or stops in the
/// middle; [`Error::Io`] when the temporary file cannot be written.
pub(super) fn fetched(address: &str) -> Result<(DataFile, NamedTempFile)> {
    let url = Url::parse(address).map_err(|e| Error::data("fetch", address, e))?;
    let shown = without_secrets(&url);
    let fail = |e: reqwest::Error| Error::data("fetch", &shown, reason(&e.without_url()));
    // a second installation finds the first one in place, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(fail)?;
    let mut answer = asked(&client, &url).map_err(fail)?;
    if answer.status() != StatusCode::OK {
        let reason = format!("the server answers {}", answer.status());
        return Err(Error::data("fetch", shown, reason));
    }
    let name = url.path_segments().and_then(|mut s| s.next_back());
    let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let suffix: String = name.unwrap_or_default().chars().filter(plain).collect();
    let start = suffix.len().saturating_sub(64);
    spooled(&mut answer, &shown, &suffix[start..])
}

/// The last answer: a busy server is asked again after the seconds that it names, or after one, then two.
fn asked(client: &Client, url: &Url) -> reqwest::Result<Response> {
    let mut attempt = 1;
    loop {
        let answer = client.get(url.clone()).send();
        let again = match &answer {
            Ok(answer) => BUSY.contains(&answer.status()),
            Err(error) => error.is_connect(),
        };
        if !again || attempt == ATTEMPTS {
            return answer;
        }
        let named = answer.ok().and_then(|a| {
            let seconds = a.headers().get(RETRY_AFTER)?.to_str().ok()?;
            seconds.parse().ok().map(Duration::from_secs)
        });
        std::thread::sleep(named.unwrap_or(Duration::from_secs(attempt)).min(PAUSE));
        attempt += 1;
    }
}

/// Answers that mean: later.
const BUSY: [StatusCode; 4] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // both fail only for addresses without a host, which have neither
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// The last cause in the chain, which is the one that helps.
fn reason(error: &reqwest::Error) -> String {
    let mut causes = vec![error.to_string()];
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let waited = if error.is_timeout() {
        "no answer in time: "
    } else {
        ""
    };
    format!("{waited}{}", causes.pop().unwrap_or_default())
}
