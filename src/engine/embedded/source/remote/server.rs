//! A server: the one client, signatures where it wants them, patience where it is busy.

use super::s3::{Refusal, Signed};
use crate::aws::Signer;
use crate::http::{Redirects, Tls, client, is_busy, pause, reason};
use reqwest::blocking::{Client, Response};
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use std::time::Duration;

/// Longest wait for an answer, and for each further piece of it.
const ANSWER: Duration = Duration::from_mins(1);

/// Times that a server which is busy, is not reached or breaks off is asked.
pub(super) const ATTEMPTS: u64 = 3;

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
        let client = client(Redirects::Followed, ANSWER, &Tls::default())?;
        Ok(Self {
            client,
            store: None,
        })
    }

    /// An object store. A redirection is an error: the signature holds for one host only.
    ///
    /// Errors: why no client can be made.
    pub(super) fn store(signer: Option<Signer>) -> Result<Self, String> {
        let client = client(Redirects::Kept, ANSWER, &Tls::default())?;
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
                request = request.headers(signer.ready()?.signed(
                    &Method::GET,
                    url,
                    headers,
                    b"",
                    chrono::Utc::now(),
                ));
            }
            let answer = request.send();
            let again = match &answer {
                Ok(answer) => is_busy(answer.status()),
                Err(error) => error.is_connect(),
            };
            if !again || attempt == ATTEMPTS {
                return answer.map_err(reason);
            }
            let headers = answer.as_ref().ok().map(Response::headers);
            std::thread::sleep(pause(headers, attempt));
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
