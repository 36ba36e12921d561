//! Calls of a server's REST API, and what their answers mean. A body is JSON only where the answer is a success and says so.
//!
//! Source: `MLflow` 3.17.2, asked: an alias or version that is not there is 404 with JSON, no permission 403 with text, no
//! credentials 401 with a page, a wrong path 404 or 405 with a page.

use crate::http::{Again, Answer as Whole, Failure};
use crate::model::source::mlflow::{Access, Sent};
use crate::registry::{Answer, Trouble};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Folders of the REST API.
pub(super) const API: [&str; 3] = ["api", "2.0", "mlflow"];

/// Folders of the files that a server hands on to where it keeps them.
const FILES: [&str; 4] = ["api", "2.0", "mlflow-artifacts", "artifacts"];

/// How many rows of a search are asked for.
const ROWS: &str = "1000";

/// A server that is asked, and told.
#[derive(Debug)]
pub(super) struct Server {
    access: Access,
}

/// Whether a call may be made twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    /// It changes nothing the second time.
    Harmless,
    /// Only when it was not sent.
    Never,
}

/// What a server answers that has nothing to say against it.
pub(super) struct Said {
    /// The answer.
    pub(super) value: Value,
    /// Its clock; absent where it does not say.
    pub(super) date: Option<DateTime<Utc>>,
}

impl Server {
    pub(super) fn new(access: Access) -> Self {
        Self { access }
    }

    /// The address without secrets.
    pub(super) fn shown(&self) -> &str {
        self.access.shown()
    }

    /// The path of a folder of files that the server hands on itself.
    pub(super) fn below(&self, uri: &str) -> Option<String> {
        self.access.proxied(uri).ok().flatten()
    }

    /// The address of a call.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.shown(), API.join("/"))
    }

    /// Reads; `None` where it is not there.
    pub(super) fn read(&self, path: &str, query: &[(&str, &str)]) -> Answer<Option<Said>> {
        let sent = Sent {
            verb: Method::GET,
            below: &API,
            path,
            query,
            body: None,
            again: Again::Read,
            most: None,
        };
        let answer = self.access.send(&sent).map_err(|failure| match failure {
            Failure::Interrupted => Trouble::Interrupted,
            Failure::Unreached(reason) => Trouble::Unreached(reason),
            other => Trouble::Broken(other.words().to_owned()),
        })?;
        if answer.status == 404 && code(&answer).as_deref() == Some("RESOURCE_DOES_NOT_EXIST") {
            return Ok(None);
        }
        self.said(&answer)
            .map(Some)
            .map_err(|trouble| match trouble {
                // Nothing can have happened by asking.
                Trouble::Unknown(reason) => Trouble::Broken(reason),
                other => other,
            })
    }

    /// All rows of a search.
    ///
    /// Errors: as for [`Server::read`]; [`Trouble::Broken`] where there are more rows than are asked for at once.
    pub(super) fn rows(&self, path: &str, filter: &str, key: &str) -> Answer<Vec<Value>> {
        let query = [("filter", filter), ("max_results", ROWS)];
        let Some(mut said) = self.read(path, &query)? else {
            return Ok(Vec::new());
        };
        let more = said.value.get("next_page_token").and_then(Value::as_str);
        if more.is_some_and(|token| !token.is_empty()) {
            return Err(Trouble::Broken(format!(
                "{path}: there are more than {ROWS} of them"
            )));
        }
        match said.value.get_mut(key).map(Value::take) {
            Some(Value::Array(rows)) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    /// Makes a call that changes something.
    ///
    /// Errors: [`Trouble::Unknown`] where no answer came, or one that does not say whether it happened.
    pub(super) fn tell(
        &self,
        verb: Method,
        path: &str,
        body: &Value,
        twice: Twice,
        most: Option<Duration>,
    ) -> Answer<()> {
        let text = body.to_string();
        let answer = self.sent(&Sent {
            verb,
            below: &API,
            path,
            query: &[],
            body: Some(("application/json", text.as_bytes())),
            again: match twice {
                Twice::Harmless => Again::Read,
                Twice::Never => Again::Unsent,
            },
            most,
        })?;
        self.said(&answer).map(|_| ())
    }

    /// Sends a file to where the server keeps them, which it answers with nothing.
    ///
    /// Errors: as for [`Server::tell`].
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Answer<()> {
        let answer = self.sent(&Sent {
            verb: Method::PUT,
            below: &FILES,
            path,
            query: &[],
            body: Some(("application/octet-stream", bytes)),
            again: Again::Read,
            most: None,
        })?;
        if answer.is_success() && answer.body.is_empty() {
            return Ok(());
        }
        self.said(&answer).map(|_| ())
    }

    /// Sets a tag; `of` is what it belongs to.
    pub(super) fn tag(&self, path: &str, of: &Value, key: &str, value: &str) -> Answer<()> {
        let mut body = of.clone();
        body["key"] = json!(key);
        body["value"] = json!(value);
        self.tell(Method::POST, path, &body, Twice::Harmless, None)
    }

    fn sent(&self, sent: &Sent) -> Answer<Whole> {
        self.access.send(sent).map_err(|failure| match failure {
            Failure::Interrupted => Trouble::Interrupted,
            Failure::Unreached(reason) => Trouble::Unreached(reason),
            other => Trouble::Unknown(other.words().to_owned()),
        })
    }

    /// Errors: what an answer says against it. A page where JSON was to come is [`Trouble::Broken`]: that is no such server.
    fn said(&self, answer: &Whole) -> Answer<Said> {
        let refused = || self.access.refused(answer);
        match answer.status {
            200..300 => answer
                .json()
                .map(|value| Said {
                    value,
                    date: answer.date,
                })
                .map_err(|reason| match answer.media.as_str() {
                    "text/html" => Trouble::Broken(reason),
                    _ => Trouble::Unknown(reason),
                }),
            300..400 => Err(Trouble::Refused(format!(
                "{}; give the address that it leads to as the `uri`",
                refused()
            ))),
            // A race in the server's own database: two that make the same alias for the first time.
            400 if code(answer).as_deref() == Some("BAD_REQUEST") => {
                Err(Trouble::Unknown(refused()))
            }
            // Others later: nothing was done, or not all of it.
            408 | 429 | 500..600 => Err(Trouble::Unknown(refused())),
            404 | 405 if code(answer).is_none() => Err(Trouble::Broken(format!(
                "{}; is this an MLflow server?",
                refused()
            ))),
            _ => Err(Trouble::Refused(refused())),
        }
    }
}

/// The code of an error, where the answer has one.
fn code(answer: &Whole) -> Option<String> {
    let value: Value = serde_json::from_slice(&answer.body).ok()?;
    value.get("error_code")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        let variable = |_: &str| None;
        Server::new(Access::new(Some("http://user:secret@127.0.0.1:1"), &variable).unwrap())
    }

    fn said(status: u16, media: &str, body: &str) -> Result<Value, Trouble> {
        let answer = Whole {
            status,
            media: media.to_owned(),
            body: body.as_bytes().to_vec(),
            took: Duration::ZERO,
            date: None,
            etag: None,
        };
        server().said(&answer).map(|s| s.value)
    }

    #[test]
    fn an_answer_that_does_not_say_whether_it_happened_is_unknown() {
        let unique = r#"{"error_code":"BAD_REQUEST","message":"UNIQUE constraint failed"}"#;
        for (status, media, body) in [
            (400, "application/json", unique),
            (500, "text/html", "<h1>"),
            (503, "text/plain", "later"),
            (429, "application/json", "{}"),
            (200, "application/json", "{\"a\""),
            (200, "application/json", ""),
        ] {
            let told = said(status, media, body).unwrap_err();
            assert!(matches!(told, Trouble::Unknown(_)), "{status} {told}");
        }
    }

    #[test]
    fn a_refusal_is_told_from_what_is_no_such_server() {
        let missing = r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no version 9"}"#;
        for (status, media, body) in [
            (404, "application/json", missing),
            (401, "text/html", "<h1>"),
            (403, "text/plain", "Permission denied"),
            (301, "text/html", "<h1>"),
            (
                400,
                "application/json",
                r#"{"error_code":"INVALID_PARAMETER_VALUE"}"#,
            ),
        ] {
            let told = said(status, media, body).unwrap_err();
            assert!(matches!(told, Trouble::Refused(_)), "{status} {told}");
            assert!(!told.to_string().contains("secret"), "{told}");
        }
        for (status, media, body) in [
            (200, "text/html", "<html>"),
            (404, "text/html", "<h1>"),
            (405, "text/html", "<h1>"),
        ] {
            let told = said(status, media, body).unwrap_err();
            assert!(matches!(told, Trouble::Broken(_)), "{status} {told}");
        }
        assert_eq!(said(200, "application/json", "{}").unwrap(), json!({}));
    }
}
