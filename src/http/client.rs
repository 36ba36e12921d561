//! The client: how connections are made and redirections followed.

use reqwest::blocking::Client;
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Certificate, Identity};
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// Redirections that are followed at most.
const REDIRECTIONS: usize = 10;

/// What becomes of an answer that leads elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// It is followed, but not from `https` to `http`, and at most ten times.
    Followed,
    /// It is the answer: what was sent was meant for this host only.
    Kept,
}

/// Whom a client trusts, and who it says it is.
#[derive(Clone, Default)]
pub struct Tls {
    /// Which servers are trusted.
    pub trust: Trust,
    /// Certificate and private key of the client in PEM.
    pub identity: Option<Vec<u8>>,
}

/// Which servers a client trusts.
#[derive(Clone, Default)]
pub enum Trust {
    /// Those that the system trusts.
    #[default]
    System,
    /// Those whose chain ends in one of these certificates, in PEM.
    Only(Vec<u8>),
    /// Any. Only for who asks for it in so many words.
    Anyone,
}

/// A client that waits at most `answer` for an answer, and for each further piece of it.
///
/// Errors: why none can be made: certificates that are none.
pub fn client(redirects: Redirects, answer: Duration, tls: &Tls) -> Result<Client, String> {
    // a second installation finds the first one in place, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = match redirects {
        Redirects::Followed => Policy::custom(followed),
        Redirects::Kept => Policy::none(),
    };
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(answer)
        .redirect(policy)
        .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")));
    match &tls.trust {
        Trust::System => {}
        Trust::Only(pem) => {
            let certificates = Certificate::from_pem_bundle(pem).map_err(reason)?;
            if certificates.is_empty() {
                return Err("the file holds no certificate in PEM".to_owned());
            }
            builder = builder.tls_certs_only(certificates);
        }
        Trust::Anyone => builder = builder.tls_danger_accept_invalid_certs(true),
    }
    if let Some(pem) = &tls.identity {
        builder = builder.identity(Identity::from_pem(pem).map_err(reason)?);
    }
    builder.build().map_err(reason)
}

fn followed(attempt: Attempt) -> Action {
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

/// The last cause in the chain, which is the one that helps; without the address, which may hold secrets.
#[must_use]
pub fn reason(error: reqwest::Error) -> String {
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
