//! Any server as a registry, by calls that the configuration describes.
//!
//! What keeps two promoters apart is the server's: an entity tag that it checks (`etag: true`), or nothing.

mod template;

pub use template::{Escape, Values, render};

use super::wire::{LIMITS, is_undecided, unread, unsent};
use super::{
    Answer, Attached, Call, Move, Registry, Safety, Seen, Target, Trouble, Version, Written,
};
use crate::config::registries::{CallConfig, HttpConfig};
use crate::http::{Again, Redirects, Tls, client, exchange};
use minijinja::value::{Serde, Value};
use reqwest::blocking::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, Url};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_mins(1);

/// One alias of a server.
pub struct Calls {
    config: HttpConfig,
    client: Client,
    target: Target,
    /// Variables of the environment that templates may read, with their values.
    secrets: BTreeMap<String, String>,
}

/// Whether values of the environment are written, or their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Written,
    Named,
}

/// A request, rendered.
struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// How values are written in the body of a call: as its `Content-Type` says, which is JSON where it says nothing.
#[must_use]
pub fn escape_of(headers: &[(String, String)]) -> Escape {
    let form = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match form.map(|(_, form)| form.to_ascii_lowercase()) {
        None => Escape::Json,
        Some(form) if form.contains("json") => Escape::Json,
        Some(form) if form.starts_with("application/x-www-form-urlencoded") => Escape::Url,
        Some(_) => Escape::Plain,
    }
}

/// The names that templates know, without those of a move.
fn values(target: &Target, env: &BTreeMap<String, String>) -> Values {
    Values::from([
        ("model".to_owned(), Value::from(target.model.as_str())),
        ("alias".to_owned(), Value::from(target.alias.as_str())),
        ("env".to_owned(), Value::from(Serde(env))),
    ])
}

impl Calls {
    /// The alias of a model, by calls.
    ///
    /// Errors: variables of the environment that are not set.
    pub fn new(config: &HttpConfig, target: Target) -> Result<Self, String> {
        let mut secrets = BTreeMap::new();
        for name in &config.environment {
            let value = std::env::var(name).ok().filter(|v| !v.is_empty());
            let value = value.ok_or_else(|| {
                format!("the variable `{name}` of the environment is not set, and the registry's calls need it")
            })?;
            secrets.insert(name.clone(), value);
        }
        Ok(Self {
            client: client(Redirects::Kept, ANSWER, &Tls::default())?,
            config: config.clone(),
            target,
            secrets,
        })
    }

    fn values(&self, secrets: Secrets) -> Values {
        let named = || {
            let names = self.secrets.keys();
            names
                .map(|name| (name.clone(), format!("${{{name}}}")))
                .collect()
        };
        match secrets {
            Secrets::Written => values(&self.target, &self.secrets),
            Secrets::Named => values(&self.target, &named()),
        }
    }

    fn of_move(mut values: Values, change: &Move) -> Values {
        values.insert("from".to_owned(), Value::from(Serde(&change.from)));
        values.insert("to".to_owned(), Value::from(change.to.as_str()));
        values.insert("move".to_owned(), Value::from(Serde(change)));
        values.insert("line".to_owned(), Value::from(change.line()));
        values
    }

    /// Values of the environment in every form that they may stand in, and what stands for each.
    fn hidden(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, value) in &self.secrets {
            let named = format!("${{{name}}}");
            for form in [value.clone(), crate::aws::encoded(value, "")] {
                all.push((form, named.clone()));
            }
        }
        all
    }

    /// A text without values of the environment.
    fn redacted(&self, text: &str) -> String {
        crate::http::without(text, &self.hidden())
    }

    /// What the server says of a call that it does not make, without values of the environment.
    fn refusal(&self, answer: &crate::http::Answer) -> String {
        answer.refusal_without(&self.hidden())
    }

    fn request(call: &CallConfig, values: &Values) -> Result<Request, String> {
        let mut headers = Vec::new();
        for (name, value) in &call.headers {
            headers.push((name.clone(), render(value, Escape::Plain, values)?));
        }
        let body = call.body.as_ref();
        let body = body.map(|body| render(body, escape_of(&call.headers), values));
        Ok(Request {
            method: Method::from_bytes(call.method.as_bytes()).map_err(|e| e.to_string())?,
            url: render(&call.url, Escape::Url, values)?,
            headers,
            body: body.transpose()?.unwrap_or_default(),
        })
    }

    fn asked(
        &self,
        call: &CallConfig,
        values: &Values,
        more: &HeaderMap,
        again: Again,
    ) -> Answer<crate::http::Answer> {
        let broken = |reason: String| Trouble::Broken(self.redacted(&reason));
        let request = Self::request(call, values).map_err(broken)?;
        let url = Url::parse(&request.url).ok();
        let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        let url = url.ok_or_else(|| broken("the call has no http or https address".to_owned()))?;
        let mut headers = more.clone();
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &request.headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|e| broken(e.to_string()))?;
            let value = HeaderValue::from_str(value);
            let mut value = value
                .map_err(|_| broken(format!("the value of the header {name} cannot be sent")))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let made = || {
            let one = self.client.request(request.method.clone(), url.clone());
            one.headers(headers.clone()).body(request.body.clone())
        };
        let failed = match again {
            Again::Read => unread,
            Again::Unsent => unsent,
        };
        exchange(made, again, &LIMITS).map_err(failed)
    }

    fn refused(&self, answer: &crate::http::Answer) -> Trouble {
        let words = self.refusal(answer);
        match answer.status {
            401 | 403 => Trouble::Refused(words),
            _ => Trouble::Broken(words),
        }
    }

    /// What a reading call answers; `None` where its status says that there is nothing.
    fn read(&self, call: &CallConfig, values: &Values) -> Answer<Option<crate::http::Answer>> {
        let answer = self.asked(call, values, &HeaderMap::new(), Again::Read)?;
        match answer.status {
            status if call.expect.contains(&status) => Ok(Some(answer)),
            status if call.other.contains(&status) => Ok(None),
            _ => Err(self.refused(&answer)),
        }
    }

    fn json(&self, answer: &crate::http::Answer) -> Answer<serde_json::Value> {
        answer
            .json()
            .map_err(|e| Trouble::Broken(self.redacted(&e)))
    }
}

/// A move that a server keeps: its line, or the object.
fn moved(value: &serde_json::Value) -> Result<Move, String> {
    match value.as_str() {
        Some(line) => Move::parse(line),
        None => Move::parse(&value.to_string()),
    }
}

impl Registry for Calls {
    fn shown(&self) -> String {
        let url = render(
            &self.config.look.url,
            Escape::Url,
            &self.values(Secrets::Named),
        );
        let url = url.unwrap_or_default();
        let url = url.split(['?', '#']).next().unwrap_or_default();
        format!("server {url}")
    }

    fn safety(&self) -> Safety {
        if self.config.etag {
            Safety::CompareAndSet
        } else {
            Safety::ReadBack
        }
    }

    fn look(&self) -> Answer<Seen> {
        let values = self.values(Secrets::Written);
        let Some(answer) = self.read(&self.config.look, &values)? else {
            return Ok(Seen::default());
        };
        let body = self.json(&answer)?;
        let pointer = &self.config.version;
        let broken = |what: &str| Trouble::Broken(format!("its answer has {what} at {pointer}"));
        let version = match body.pointer(pointer) {
            None => return Err(broken("nothing")),
            Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::String(text)) if text.is_empty() => None,
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(serde_json::Value::Number(number)) => Some(number.to_string()),
            Some(_) => return Err(broken("no text and no number")),
        };
        let by = self.config.change.as_ref().and_then(|p| body.pointer(p));
        let by = by.filter(|v| !v.is_null()).map(moved).transpose();
        let by = by.map_err(Trouble::Broken)?;
        if self.config.etag && answer.etag.is_none() {
            return Err(Trouble::Broken(
                "its answer has no ETag, which `etag: true` says".to_owned(),
            ));
        }
        Ok(Seen {
            // A move that led elsewhere than the alias leads now is not the last one.
            by: by.filter(|m| Some(&m.to) == version.as_ref()),
            version,
            token: answer.etag,
        })
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        let Some(call) = &self.config.find else {
            return Ok(Some(Version::default()));
        };
        let mut values = self.values(Secrets::Written);
        values.insert("version".to_owned(), Value::from(version));
        Ok(self.read(call, &values)?.map(|_| Version::default()))
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let mut more = HeaderMap::new();
        if self.config.etag {
            match &seen.token {
                Some(tag) => {
                    let tag = HeaderValue::from_str(tag);
                    let tag =
                        tag.map_err(|_| Trouble::Broken("the ETag cannot be sent".to_owned()))?;
                    more.insert(IF_MATCH, tag);
                }
                None => {
                    more.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
                }
            }
        } else if self.look()?.version != seen.version {
            return Ok(Written::Lost);
        }
        let call = &self.config.moving;
        let values = Self::of_move(self.values(Secrets::Written), change);
        let answer = self.asked(call, &values, &more, Again::Unsent)?;
        match answer.status {
            status if call.expect.contains(&status) => Ok(Written::Done),
            status if call.other.contains(&status) => Ok(Written::Lost),
            _ if is_undecided(&answer) => Err(Trouble::Unknown(self.refusal(&answer))),
            400..=499 => Err(Trouble::Refused(self.refusal(&answer))),
            _ => Err(self.refused(&answer)),
        }
    }

    fn keep(&self, _change: &Move, _attached: Option<&Attached>) -> Answer<()> {
        // What the server keeps of a move is what it was sent with it.
        Ok(())
    }

    fn has_past(&self) -> bool {
        self.config.history.is_some()
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let Some((call, pointer)) = &self.config.history else {
            return Err(Trouble::Refused(
                "it keeps no history: give `history` in its configuration, or name a version"
                    .to_owned(),
            ));
        };
        let values = self.values(Secrets::Written);
        let Some(answer) = self.read(call, &values)? else {
            return Ok(Vec::new());
        };
        let body = self.json(&answer)?;
        let moves = body.pointer(pointer).and_then(serde_json::Value::as_array);
        let moves = moves.ok_or_else(|| {
            Trouble::Broken(format!("its answer has no list of moves at {pointer:?}"))
        })?;
        moves
            .iter()
            .map(|m| moved(m).map_err(Trouble::Broken))
            .collect()
    }

    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        let values = Self::of_move(self.values(Secrets::Named), change);
        let call = &self.config.moving;
        let request = match Self::request(call, &values) {
            Ok(request) => request,
            Err(reason) => {
                return vec![Call {
                    verb: "refused:".to_owned(),
                    to: self.shown(),
                    body: reason,
                }];
            }
        };
        let mut headers: Vec<String> = Vec::new();
        if self.config.etag {
            let none = || "If-None-Match: *".to_owned();
            headers.push(
                seen.token
                    .as_ref()
                    .map_or_else(none, |t| format!("If-Match: {t}")),
            );
        }
        let named = request.headers.iter();
        headers.extend(named.map(|(name, value)| format!("{name}: {value}")));
        let headers = headers.join(", ");
        let verb = if headers.is_empty() {
            request.method.to_string()
        } else {
            format!("{} ({})", request.method, self.redacted(&headers))
        };
        vec![Call {
            verb,
            to: self.redacted(&request.url),
            body: self.redacted(&request.body),
        }]
    }
}

/// Values such as a call would have, by which templates are tried when the configuration is read.
#[must_use]
pub fn samples(environment: &[String], more: &[&str]) -> Values {
    let env: BTreeMap<String, String> = environment
        .iter()
        .map(|name| (name.clone(), "x".to_owned()))
        .collect();
    let target = Target {
        model: "m".to_owned(),
        alias: "a".to_owned(),
    };
    let change = Move {
        id: String::new(),
        kind: super::MoveKind::Promotion,
        model: "m".to_owned(),
        alias: "a".to_owned(),
        from: Some("1".to_owned()),
        to: "2".to_owned(),
        at: "2013-04-01T00:00:00Z".to_owned(),
        by: None,
        reason: None,
        basis: None,
    };
    let mut all = values(&target, &env);
    for name in more {
        match *name {
            "move" => all = Calls::of_move(all, &change),
            name => {
                all.insert(name.to_owned(), Value::from("1"));
            }
        }
    }
    all
}
