//! A whole answer: status, kind and body.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// Characters of a body that a message shows at most.
const SHOWN: usize = 160;

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Media type in lower case without parameters; empty when the server does not say.
    pub media: String,
    /// The body; within the limit that was given.
    pub body: Vec<u8>,
    /// From sending the request to the body's last byte, of the attempt that this is the answer to.
    pub took: Duration,
    /// The server's clock when it answered, by `Date`, which knows whole seconds; absent where it does not say.
    pub date: Option<DateTime<Utc>>,
    /// The entity tag, with its quotes; absent where the server gives none.
    pub etag: Option<String>,
}

impl Answer {
    /// Whether it is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    ///
    /// Errors: what it is instead, in words: a page, text, JSON that ends early.
    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_slice(&self.body).map_err(|e| {
            let text = String::from_utf8_lossy(&self.body);
            let start = text.trim_start().to_ascii_lowercase();
            if self.body.is_empty() {
                "the server answers with nothing".to_owned()
            } else if self.media == "text/html" || start.starts_with("<!doctype") || start.starts_with("<html") {
                "the server answers with a page (HTML), not JSON; is it the right address, and is one logged in?".to_owned()
            } else if e.is_eof() {
                "the server's JSON ends early".to_owned()
            } else {
                format!("the server does not answer with JSON ({e})")
            }
        })
    }

    /// What the server says of a request that failed, in one line: its status and, where it is short text or JSON with a
    /// message, that.
    #[must_use]
    pub fn refusal(&self) -> String {
        self.refusal_without(&[])
    }

    /// As [`Answer::refusal`], of a server that was shown secrets, which some repeat: each of `hidden` is replaced by what
    /// stands for it, before the words are shortened.
    #[must_use]
    pub fn refusal_without(&self, hidden: &[(String, String)]) -> String {
        let status = self.status_words();
        match self.message(hidden) {
            Some(message) => format!("the server answers {status}: {message}"),
            None => format!("the server answers {status}"),
        }
    }

    /// As [`Answer::refusal`], of a server that was sent data: its words may repeat them and are left out, but for a code.
    #[must_use]
    pub fn refusal_of_data(&self) -> String {
        let json: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        let keys = ["/error_class", "/error_code", "/status/reason"];
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let code = keys.iter().find_map(|key| {
            let text = json.as_ref()?.pointer(key)?.as_str()?;
            (!text.is_empty() && text.len() <= 64 && text.chars().all(plain)).then_some(text)
        });
        let status = self.status_words();
        let left_out = "what it says of the rows may repeat them and is not shown";
        match code {
            Some(code) => format!("the server answers {status} ({code}); {left_out}"),
            None if self.body.is_empty() => format!("the server answers {status}"),
            None => format!("the server answers {status}; {left_out}"),
        }
    }

    fn status_words(&self) -> String {
        let code = reqwest::StatusCode::from_u16(self.status);
        code.map_or_else(|_| self.status.to_string(), |c| c.to_string())
    }

    fn message(&self, hidden: &[(String, String)]) -> Option<String> {
        let text = if let Ok(json) = serde_json::from_slice::<serde_json::Value>(&self.body) {
            let keys = [
                "/message",
                "/error",
                "/detail",
                "/status/info",
                "/status/reason",
            ];
            let of = |key: &&str| json.pointer(key).filter(|v| !v.is_null());
            let found = keys.iter().find_map(of)?;
            found
                .as_str()
                .map_or_else(|| found.to_string(), str::to_owned)
        } else if self.media == "text/plain" {
            String::from_utf8_lossy(&self.body).into_owned()
        } else {
            return None;
        };
        let text = without(&text, hidden);
        let text = crate::report::text::short(text.trim(), SHOWN);
        (!text.is_empty()).then_some(text)
    }
}

/// A text in which each of `hidden` is replaced by what stands for it; what is empty is not looked for. The longest first: of a
/// secret that begins or ends with another one no part is told.
#[must_use]
pub fn without(text: &str, hidden: &[(String, String)]) -> String {
    let mut hidden: Vec<_> = hidden.iter().filter(|(s, _)| !s.is_empty()).collect();
    hidden.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for (secret, shown) in hidden {
        text = text.replace(secret, shown);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media: &str, body: &str) -> Answer {
        Answer {
            status,
            media: media.to_owned(),
            body: body.as_bytes().to_vec(),
            took: Duration::ZERO,
            date: None,
            etag: None,
        }
    }

    #[test]
    fn a_secret_that_is_repeated_is_not_told_nor_half_of_it() {
        let secret = "s".repeat(100);
        let hidden = [
            (secret.clone(), "${TOKEN}".to_owned()),
            (String::new(), "x".to_owned()),
        ];
        // Its end is where words are cut off.
        let said = format!("{} no right for {secret}", "a".repeat(SHOWN - 40));
        let told = answer(401, "text/plain", &said).refusal_without(&hidden);
        assert!(!told.contains("ss") && told.contains("${TOKEN}"), "{told}");
    }

    #[test]
    fn of_a_secret_that_holds_another_nothing_is_told() {
        let of = |secret: &str, shown: &str| (secret.to_owned(), shown.to_owned());
        let hidden = [of("open", "${A}"), of("open-sesame", "${B}"), of("", "x")];
        assert_eq!(without("open-sesame or open?", &hidden), "${B} or ${A}?");
    }

    #[test]
    fn what_is_no_json_is_told_apart() {
        for (media, body, said) in [
            ("text/html", "<b>", "a page (HTML)"),
            ("application/json", " <!DOCTYPE html>", "a page (HTML)"),
            ("application/json", "", "with nothing"),
            ("application/json", "{\"a\": [1", "ends early"),
            ("text/plain", "oh\u{1b}[31m no", "not answer with JSON"),
        ] {
            let told = answer(200, media, body).json().unwrap_err();
            assert!(told.contains(said) && !told.contains('\u{1b}'), "{told}");
        }
    }

    #[test]
    fn a_refusal_repeats_short_messages_only() {
        for (media, body, said) in [
            (
                "application/json",
                r#"{"error_code":"X","message":"no such run"}"#,
                "the server answers 404 Not Found: no such run",
            ),
            (
                "application/json",
                r#"{"detail":[{"loc":1}]}"#,
                r#"the server answers 404 Not Found: [{"loc":1}]"#,
            ),
            (
                "text/html",
                "<h1>secret page</h1>",
                "the server answers 404 Not Found",
            ),
            (
                "text/plain",
                "Invalid Host header\n",
                "the server answers 404 Not Found: Invalid Host header",
            ),
        ] {
            assert_eq!(answer(404, media, body).refusal(), said);
        }
        assert!(answer(400, "text/plain", &"x".repeat(9000)).refusal().len() < 300);
    }

    #[test]
    fn a_server_that_was_sent_rows_is_not_repeated() {
        for (body, said) in [
            (
                r#"{"error_class":"SCHEMA_ENFORCEMENT_FAILED","message":"secret 0.25"}"#,
                "the server answers 400 Bad Request (SCHEMA_ENFORCEMENT_FAILED); what it says",
            ),
            (
                r#"{"error_code":"secret 0.25"}"#,
                "the server answers 400 Bad Request; what it says",
            ),
            ("secret", "the server answers 400 Bad Request; what it says"),
            ("", "the server answers 400 Bad Request"),
        ] {
            let told = answer(400, "text/plain", body).refusal_of_data();
            assert!(told.starts_with(said) && !told.contains("secret"), "{told}");
        }
    }
}
