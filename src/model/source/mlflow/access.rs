//! How a server is reached: address, credentials, trust, patience. All of it as `MLflow`'s own client takes it.

use crate::error::{Error, Result};
use crate::http::{Again, Answer, Failure, Limits, Redirects, Tls, Trust, client, exchange, fetch};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::{Method, Url};
use serde_json::Value;
use std::fs::File;
use std::sync::OnceLock;
use std::time::Duration;

/// Bytes of an answer that is read into memory at most.
const LARGEST: u64 = 64 << 20;

/// Pages of one list at most.
const PAGES: usize = 10_000;

/// Longest time that a file takes to arrive.
const FILE: Duration = Duration::from_hours(1);

/// Where something is below the address: folders, path, query.
pub(super) struct Way<'a> {
    pub(super) below: &'a [&'a str],
    pub(super) path: String,
    pub(super) query: Vec<(&'a str, String)>,
}

/// One call of the REST API that may change something.
pub(crate) struct Sent<'a> {
    /// GET, POST, PUT, DELETE.
    pub(crate) verb: Method,
    /// Folders below the address, as `api`, `2.0`, `mlflow`.
    pub(crate) below: &'a [&'a str],
    /// What comes after them, as `registered-models/alias`.
    pub(crate) path: &'a str,
    /// The query.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Kind and bytes of what is sent.
    pub(crate) body: Option<(&'a str, &'a [u8])>,
    /// Whether it may be made twice.
    pub(crate) again: Again,
    /// Longest time, where that is shorter than what the server is given otherwise.
    pub(crate) most: Option<Duration>,
}

/// Access to one server.
pub struct Access {
    base: Url,
    shown: String,
    client: Client,
    tls: Tls,
    /// For what changes something: a redirection would turn it into a question.
    writer: OnceLock<std::result::Result<Client, String>>,
    credentials: Credentials,
    workspace: Option<String>,
    limits: Limits,
}

enum Credentials {
    None,
    Basic(String, String),
    Bearer(String),
}

impl Credentials {
    /// What of them is secret, in every form that a server is shown, and what stands for each.
    fn hidden(&self) -> Vec<(String, String)> {
        let named = |text: String, name: &str| (text, format!("${{{name}}}"));
        match self {
            Self::None => Vec::new(),
            Self::Basic(user, password) => {
                let both = STANDARD.encode(format!("{user}:{password}"));
                vec![
                    named(both, "MLFLOW_TRACKING_PASSWORD"),
                    named(password.clone(), "MLFLOW_TRACKING_PASSWORD"),
                ]
            }
            Self::Bearer(token) => vec![named(token.clone(), "MLFLOW_TRACKING_TOKEN")],
        }
    }
}

/// Names only the address; nothing secret.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Access {
    /// Access to the server at `uri`, or at `MLFLOW_TRACKING_URI` when there is none.
    ///
    /// `variable` gives environment variables: `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD`, else user and
    /// password of the address, else `MLFLOW_TRACKING_TOKEN`; `MLFLOW_TRACKING_SERVER_CERT_PATH` or
    /// `MLFLOW_TRACKING_INSECURE_TLS`, `MLFLOW_TRACKING_CLIENT_CERT_PATH`; `MLFLOW_HTTP_REQUEST_TIMEOUT` in seconds (120),
    /// `MLFLOW_HTTP_REQUEST_MAX_RETRIES` (4), `MLFLOW_WORKSPACE`.
    /// Errors: [`Error::Usage`] for an address or a variable that cannot be used, [`Error::Io`] for a certificate file.
    pub fn new(uri: Option<&str>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name: &str| variable(name).filter(|v| !v.is_empty());
        let written = uri
            .map(str::to_owned)
            .or_else(|| variable("MLFLOW_TRACKING_URI"));
        let written = written.ok_or_else(|| {
            let way = "give its `uri`, or set MLFLOW_TRACKING_URI";
            Error::Usage(format!("no MLflow server is named; {way}"))
        })?;
        let mut base = address(&written)?;
        let credentials = credentials(&base, &variable);
        // both fail only for addresses without a host, which are refused
        let _ = base.set_username("");
        let _ = base.set_password(None);
        let seconds = number(&variable, "MLFLOW_HTTP_REQUEST_TIMEOUT", 120)?.max(1);
        let retries = number(&variable, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", 4)?.min(20);
        let limits = Limits {
            attempts: retries + 1,
            bytes: LARGEST,
            time: Duration::from_secs(seconds),
        };
        let tls = tls(&variable)?;
        let client = client(Redirects::Followed, limits.time, &tls).map_err(|e| {
            Error::Usage(format!(
                "no connection to an MLflow server can be made: {e}"
            ))
        })?;
        Ok(Self {
            shown: base.as_str().trim_end_matches('/').to_owned(),
            base,
            client,
            tls,
            writer: OnceLock::new(),
            credentials,
            workspace: variable("MLFLOW_WORKSPACE"),
            limits,
        })
    }

    /// The address without secrets.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Scheme, host and port are those of this address.
    pub(super) fn serves(&self, url: &Url) -> bool {
        url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default()
    }

    /// The answer to a reading request of the REST API, as `runs/get`.
    ///
    /// Errors: [`Error::Data`] for anything but success with JSON; [`Error::Interrupted`].
    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let url = self.url(&["api", "2.0", "mlflow"], path, query);
        self.json(path, || self.client.get(url.clone()))
    }

    /// As [`Access::get`], of a request that is made by POST and reads nevertheless.
    ///
    /// Errors: as for [`Access::get`].
    pub(super) fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let url = self.url::<&str>(&["api", "2.0", "mlflow"], path, &[]);
        self.json(path, || {
            let request = self.client.post(url.clone());
            request
                .header("Content-Type", "application/json")
                .body(body.to_string())
        })
    }

    /// What every page of a list holds under `key`.
    ///
    /// Errors: as for [`Access::get`]; for a list without end.
    pub(super) fn pages(
        &self,
        path: &str,
        query: &[(&str, &str)],
        key: &str,
    ) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut token = String::new();
        for _ in 0..PAGES {
            let mut query = query.to_vec();
            if !token.is_empty() {
                query.push(("page_token", &token));
            }
            let mut page = self.get(path, &query)?;
            if let Some(Value::Array(items)) = page.get_mut(key).map(Value::take) {
                all.extend(items);
            }
            match page.get("next_page_token").and_then(Value::as_str) {
                None | Some("") => return Ok(all),
                Some(next) if next == token => break,
                Some(next) => next.clone_into(&mut token),
            }
        }
        Err(super::fail(
            self,
            path,
            "the server gives one page after the other without end",
        ))
    }

    /// The whole answer to a GET request below the address, whatever its status.
    ///
    /// Errors: [`Error::Data`] when there is none; [`Error::Interrupted`].
    pub(super) fn answer(&self, way: &Way) -> Result<Answer> {
        let url = self.url(way.below, &way.path, &way.query);
        let request = || self.signed(self.client.get(url.clone()));
        exchange(request, Again::Read, &self.limits)
            .map_err(|e| e.error("ask", &self.place(&way.path)))
    }

    /// As [`Access::answer`]; the body of a success is written to a file.
    ///
    /// Errors: as for [`Access::answer`].
    pub(super) fn fetched(&self, way: &Way, to: &mut File) -> Result<Answer> {
        self.written(way, u64::MAX, to)
            .map_err(|e| e.error("fetch", &self.place(&way.path)))
    }

    /// As [`Access::fetched`]; `None` where the body has more bytes than `most`.
    ///
    /// Errors: as for [`Access::answer`].
    pub(super) fn fetched_within(
        &self,
        way: &Way,
        most: u64,
        to: &mut File,
    ) -> Result<Option<Answer>> {
        match self.written(way, most, to) {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Large(_)) => Ok(None),
            Err(e) => Err(e.error("fetch", &self.place(&way.path))),
        }
    }

    fn written(&self, way: &Way, most: u64, to: &mut File) -> std::result::Result<Answer, Failure> {
        let url = self.url(way.below, &way.path, &way.query);
        let request = || self.signed(self.client.get(url.clone()));
        let limits = Limits {
            bytes: most,
            time: FILE,
            ..self.limits
        };
        fetch(request, Again::Read, &limits, to)
    }

    /// The JSON that a way leads to.
    ///
    /// Errors: as for [`Access::get`].
    pub(super) fn listing(&self, way: &Way) -> Result<Value> {
        let url = self.url(way.below, &way.path, &way.query);
        self.json(&way.path, || self.client.get(url.clone()))
    }

    /// The whole answer to a call, whatever its status. A redirection is the answer, but for GET.
    ///
    /// Errors: why there is none.
    pub(crate) fn send(&self, sent: &Sent) -> std::result::Result<Answer, Failure> {
        let url = self.url(sent.below, sent.path, sent.query);
        let client = if sent.verb == Method::GET {
            &self.client
        } else {
            let made = || client(Redirects::Kept, self.limits.time, &self.tls);
            let writer = self.writer.get_or_init(made).as_ref();
            writer.map_err(|e| Failure::Unreached(e.clone()))?
        };
        let limits = Limits {
            time: sent
                .most
                .map_or(self.limits.time, |t| t.min(self.limits.time)),
            ..self.limits
        };
        let request = || {
            let mut request = client.request(sent.verb.clone(), url.clone());
            if let Some((media, body)) = sent.body {
                request = request.header("Content-Type", media).body(body.to_vec());
            }
            self.signed(request.timeout(limits.time))
        };
        exchange(request, sent.again, &limits)
    }

    fn json(&self, path: &str, request: impl Fn() -> RequestBuilder) -> Result<Value> {
        let place = self.place(path);
        let answer = exchange(|| self.signed(request()), Again::Read, &self.limits)
            .map_err(|e| e.error("ask", &place))?;
        if !answer.is_success() {
            return Err(Error::data("ask", place, self.refused(&answer)));
        }
        answer.json().map_err(|e| Error::data("ask", place, e))
    }

    /// Why an answer is no success, and the way out.
    pub(crate) fn refused(&self, answer: &Answer) -> String {
        let refusal = answer.refusal_without(&self.credentials.hidden());
        let signed = !matches!(self.credentials, Credentials::None);
        match (answer.status, signed) {
            (401, false) => format!(
                "{refusal}; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
            ),
            (401, true) => format!(
                "{refusal}; it does not take the user and password, or the token, that it was given"
            ),
            (403, true) => format!("{refusal}; the user that was given may not do this"),
            _ => refusal,
        }
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Basic(user, password) => request.basic_auth(user, Some(password)),
            Credentials::Bearer(token) => request.bearer_auth(token),
        };
        match &self.workspace {
            Some(workspace) => request.header("X-MLFLOW-WORKSPACE", workspace),
            None => request,
        }
    }

    /// The place of a request for messages; queries are not part of it.
    pub(super) fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.shown)
    }

    /// The address of `path` below these parts; every part is encoded.
    fn url<Q: AsRef<str>>(&self, below: &[&str], path: &str, query: &[(&str, Q)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .extend(below)
                .extend(path.split('/'));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

fn address(written: &str) -> Result<Url> {
    let shown = crate::config::shown(written);
    let forms = "an address begins with http:// or https://";
    if written == "databricks" || written.starts_with("databricks:") {
        let way = "give the workspace's https:// address, and MLFLOW_TRACKING_TOKEN";
        return Err(Error::Usage(format!(
            "`{shown}` is a profile of the Databricks client; {way}"
        )));
    }
    let url = Url::parse(written)
        .ok()
        .filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    let mut url = url.ok_or_else(|| {
        let way =
            "start `mlflow server --backend-store-uri …` over a local store and give its address";
        Error::Usage(format!(
            "`{shown}` is no address of an MLflow server; {forms}; {way}"
        ))
    })?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn credentials(base: &Url, variable: &dyn Fn(&str) -> Option<String>) -> Credentials {
    let name = variable("MLFLOW_TRACKING_USERNAME");
    if let Some((name, password)) = name.zip(variable("MLFLOW_TRACKING_PASSWORD")) {
        return Credentials::Basic(name, password);
    }
    if let (name, Some(password)) = (base.username(), base.password())
        && !name.is_empty()
    {
        return Credentials::Basic(decoded(name), decoded(password));
    }
    variable("MLFLOW_TRACKING_TOKEN").map_or(Credentials::None, Credentials::Bearer)
}

/// A part of an address without percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tls(variable: &dyn Fn(&str) -> Option<String>) -> Result<Tls> {
    let file = |name: &str| match variable(name) {
        None => Ok(None),
        Some(path) => std::fs::read(&path)
            .map(Some)
            .map_err(|e| Error::io("read", path, e)),
    };
    let insecure =
        variable("MLFLOW_TRACKING_INSECURE_TLS").is_some_and(|v| v == "true" || v == "1");
    let trust = match (insecure, file("MLFLOW_TRACKING_SERVER_CERT_PATH")?) {
        (true, Some(_)) => {
            let both =
                "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set";
            return Err(Error::Usage(format!("{both}; unset one of them")));
        }
        (true, None) => Trust::Anyone,
        (false, Some(pem)) => Trust::Only(pem),
        (false, None) => Trust::System,
    };
    let identity = file("MLFLOW_TRACKING_CLIENT_CERT_PATH")?;
    Ok(Tls { trust, identity })
}

fn number(variable: &dyn Fn(&str) -> Option<String>, name: &str, default: u64) -> Result<u64> {
    let Some(written) = variable(name) else {
        return Ok(default);
    };
    written
        .parse()
        .map_err(|_| Error::Usage(format!("{name} is `{written}`; it is a whole number")))
}
