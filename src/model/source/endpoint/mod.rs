//! A server that scores rows: asked batch by batch, its answers held against what was asked, its times kept.
//!
//! Source: Open Inference Protocol v2 (`infer`); `MLflow` scoring server (`/invocations`); TensorFlow Serving REST API
//! (`:predict`), which `KServe` v1 follows; Seldon Core v1 (`/api/v1.0/predictions`).

mod answer;
mod latency;
mod parity;
mod request;
mod score;

pub use latency::Latencies;
pub use parity::{Parity, parity};
pub use score::score;

use crate::error::{Error, Result};
use crate::http::{Redirects, Tls, client};
use crate::model::table::Table;
use reqwest::blocking::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// How a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `POST /v2/models/MODEL/infer`.
    OpenInference,
    /// `POST /invocations` of `mlflow models serve`, with the body in this form.
    Mlflow(MlflowForm),
    /// `POST /v1/models/MODEL:predict` of TensorFlow Serving and `KServe`.
    Predict,
    /// `POST /api/v1.0/predictions` of Seldon Core.
    Seldon,
}

/// The forms in which an `MLflow` scoring server takes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MlflowForm {
    /// `dataframe_split`: names once, rows as lists.
    Split,
    /// `dataframe_records`: rows as mappings.
    Records,
    /// `inputs`: columns by name, or rows as lists.
    Inputs,
    /// `instances`: rows as mappings, or as lists.
    Instances,
    /// `text/csv` with a header. Nulls are empty cells.
    Csv,
}

/// How columns become the model's input, where a protocol leaves the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One input of rows times columns, all of them numbers.
    Matrix,
    /// An input for each column, by its name.
    Columns,
}

/// Whether asking twice is as good as asking once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeatable {
    /// Scoring only reads: a request is made again when the server is busy, breaks off or is not reached.
    Yes,
    /// A request counts or is logged: it is made again only when nothing of it was sent.
    No,
}

/// A server that scores rows.
pub struct Endpoint {
    /// What is asked, in full.
    pub(super) url: reqwest::Url,
    /// The address without secrets.
    shown: String,
    protocol: Protocol,
    layout: Layout,
    output: Option<String>,
    repeatable: Repeatable,
    timeout: Duration,
    warm_up: u64,
    headers: HeaderMap,
    client: Client,
}

/// What a user says of an endpoint.
#[derive(Clone)]
pub struct Settings {
    /// `http` or `https` address of the server, or of its scoring path itself.
    pub url: String,
    /// How it is asked.
    pub protocol: Protocol,
    /// Name of the model, where the protocol's path has it.
    pub model: Option<String>,
    /// Its version, where the server is asked for one.
    pub version: Option<String>,
    /// How columns become its input.
    pub layout: Layout,
    /// The output that is read; all when absent.
    pub output: Option<String>,
    /// Whether asking twice is as good as asking once.
    pub repeatable: Repeatable,
    /// Longest wait for the answer to one request.
    pub timeout: Duration,
    /// Requests with the first batch that are made before and not timed: a server loads on its first one.
    pub warm_up: u64,
    /// Headers besides; their values are secret.
    pub headers: Vec<(String, String)>,
    /// Whom it trusts.
    pub tls: Tls,
}

/// Names only the address; headers are secret.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Whether the address of these settings can be asked; nothing is.
///
/// Errors: in words, for an address that is none and a protocol whose path needs the name of a model that is not given.
pub fn check_address(settings: &Settings) -> std::result::Result<(), String> {
    let shown = crate::config::shown(&settings.url);
    let found = request::address(settings).map(|_| ());
    found.map_err(|e| format!("`{shown}`: {e}"))
}

impl Endpoint {
    /// An endpoint of these settings; nothing is asked yet.
    ///
    /// Errors: [`Error::Usage`] for an address that is none, a protocol whose path needs the name of a model that is not
    /// given, a header that is none, a certificate that is none.
    pub fn new(settings: Settings) -> Result<Self> {
        let shown = crate::config::shown(&settings.url);
        let url =
            request::address(&settings).map_err(|e| Error::Usage(format!("`{shown}`: {e}")))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            let problem =
                |what: &str| Error::Usage(format!("the header `{name}` of {shown} {what}"));
            let key =
                HeaderName::try_from(name).map_err(|_| problem("has a name that none can have"))?;
            let value = HeaderValue::try_from(value);
            let mut value = value.map_err(|_| problem("has a value that none can have"))?;
            value.set_sensitive(true);
            headers.append(key, value);
        }
        let client = client(Redirects::Kept, settings.timeout, &settings.tls)
            .map_err(|e| Error::Usage(format!("no connection to {shown} can be made: {e}")))?;
        Ok(Self {
            url,
            shown,
            protocol: settings.protocol,
            layout: settings.layout,
            output: settings.output,
            repeatable: settings.repeatable,
            timeout: settings.timeout,
            warm_up: settings.warm_up,
            headers,
            client,
        })
    }

    /// The address without secrets.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// What a server said of the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Its predictions, row for row: `prediction`, or the output's name, with `.0`, `.1` … behind it where a row has several
    /// values. Rows of a request that failed are null.
    pub predictions: Table,
    /// How long the requests took.
    pub latencies: Latencies,
    /// Requests that gave no predictions, in order.
    pub failed: Vec<Failed>,
}

/// A request that gave no predictions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// First row that it asked about, from 0.
    pub row: usize,
    /// Rows that it asked about.
    pub rows: usize,
    /// What kind of failure it is.
    pub kind: FailedKind,
    /// Why, in one line.
    pub reason: String,
}

/// Kinds of failed requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailedKind {
    /// The server was not reached.
    Unreached,
    /// It did not answer in time.
    Slow,
    /// Its answer breaks off, or is too large.
    Broken,
    /// It answered that it does not answer: a status that is no success.
    Refused,
    /// It answered with something that is no JSON: a page, text, half of it.
    NotJson,
    /// Its answer has no predictions, or those of another number of rows.
    WrongShape,
    /// A prediction is NaN, infinite or nothing.
    NotANumber,
}

impl Scored {
    /// Requests made, without those that warm up.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.latencies.requests()
    }

    /// The predictions, when at most `budget` of the requests failed (0 to 1).
    ///
    /// Errors: [`Error::Data`] that says how many failed and why the first did.
    pub fn within(&self, budget: f64, endpoint: &Endpoint) -> Result<&Table> {
        let (failed, all) = (self.failed.len(), self.requests());
        // a budget that is NaN allows nothing
        let allowed = failed as f64 <= budget * all as f64;
        match self.failed.first() {
            Some(first) if !allowed => {
                let reason = format!(
                    "{failed} of {all} requests failed; the first, from row {} on: {}",
                    first.row + 1,
                    first.reason
                );
                Err(Error::data("score rows at", endpoint.shown(), reason))
            }
            _ => Ok(&self.predictions),
        }
    }
}
