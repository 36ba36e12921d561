//! A server: the one client, signatures where it wants them, patience where it is busy.

use super::s3::{Refusal, Signed, Signer};
use reqwest::blocking::{Client, Response};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{StatusCode, Url};
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// Longest wait for an answer, and for each further piece of it.
const ANSWER: Duration = Duration::from_mins(1);

/// Times that a server which is busy, is not reached or breaks off is asked.
pub(super) const ATTEMPTS: u64 = 3;

/// Longest wait before it is asked again, whatever it wishes.
const PAUSE: Duration = Duration::from_secs(30);

/// Redirections that are followed at most.
const REDIRECTIONS: usize = 10;

/// Answers that mean: later.
const BUSY: [StatusCode; 6] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// How requests are made and, for an object store, signed.
pub(super) struct Server {
    client: Client,
    store: Option<Store>,
}

/// An object store, whose requests are signed unless it is read without credentials.
struct Store(Option<Signer>);

impl Server {
    /// A web server. Redirections are followed, but not from `https` to `http`.
    ///
    /// Errors: why no client can be made.
    pub(super) fn plain() -> Result<Self, String> {
        let client = client(Policy::custom(followed))?;
        Ok(Self {
            client,
            store: None,
        })
    }

    /// An object store. A redirection is an error: the signature holds for one host only.
    ///
    /// Errors: why no client can be made.
    pub(super) fn store(signer: Option<Signer>) -> Result<Self, String> {
        let client = client(Policy::none())?;
        let store = Some(Store(signer));
        Ok(Self { client, store })
    }

    /// The last answer: a busy server is asked again after the seconds that it names, or after one, then two.
    ///
    /// Errors: why there is no answer.
    pub(super) fn get(&self, url: &Url, headers: &HeaderMap) -> Result<Response, String> {
        let mut attempt = 1;
        loop {
            let mut request = self.client.get(url.clone()).headers(headers.clone());
            if let Some(Store(Some(signer))) = &self.store {
                request = request.headers(signer.signed(url, headers, chrono::Utc::now()));
            }
            let answer = request.send();
            let again = match &answer {
                Ok(answer) => BUSY.contains(&answer.status()),
                Err(error) => error.is_connect(),
            };
            if !again || attempt == ATTEMPTS {
                return answer.map_err(reason);
            }
            let named = answer.ok().and_then(|a| {
                let seconds = a.headers().get(RETRY_AFTER)?.to_str().ok()?;
                seconds.parse().ok().map(Duration::from_secs)
            });
            std::thread::sleep(named.unwrap_or(Duration::from_secs(attempt)).min(PAUSE));
            attempt += 1;
        }
    }

    /// Why an answer is no success, in words.
    pub(super) fn refusal(&self, answer: Response) -> String {
        match &self.store {
            Some(Store(Some(_))) => Refusal::of(answer).words(Signed::Yes),
            Some(Store(None)) => Refusal::of(answer).words(Signed::No),
            None => format!("the server answers {}", answer.status()),
        }
    }
}

fn client(redirects: Policy) -> Result<Client, String> {
    // a second installation finds the first one in place, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .redirect(redirects)
        .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(reason)
}

fn followed(attempt: Attempt) -> reqwest::redirect::Action {
    let secure = attempt
        .previous()
        .last()
        .is_some_and(|url| url.scheme() == "https");
    if secure && attempt.url().scheme() != "https" {
        attempt.error("the server leads from https to an address that is not")
    } else if attempt.previous().len() > REDIRECTIONS {
        attempt.error("the server leads from one address to the next without end")
    } else {
        attempt.follow()
    }
}

/// The last cause in the chain, which is the one that helps.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut causes = vec![error.to_string()];
    let mut next = std::error::Error::source(&error);
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
