//! `endpoint` beside `predictions`: a server that scores the rows of the file.

use super::sources::expanded;
use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, text, variable};
use crate::diagnostic::{Diagnostic, Place};
use crate::http::Tls;
use crate::model::source::endpoint::{
    Layout, MlflowForm, Protocol, Repeatable, Settings, check_address,
};
use std::time::Duration;

/// Rows of one request where nothing is said.
pub const BATCH: u64 = 100;

/// Longest wait for one answer where nothing is said. Unit: seconds.
pub const ENDPOINT_TIMEOUT: u64 = 10;

/// Words of the protocols.
pub const PROTOCOLS: &[&str] = &["open_inference", "mlflow", "kserve_v1", "seldon_v1"];

/// Words of the forms in which an `MLflow` scoring server takes rows.
pub const FORMS: &[&str] = &["split", "records", "inputs", "instances", "csv"];

/// Words of the layouts.
pub const LAYOUTS: &[&str] = &["matrix", "columns"];

/// Keys of `latency` with the share of requests that each is about.
pub const QUANTILES: &[(&str, &str, f64)] = &[
    ("p50_ms", "p50", 0.5),
    ("p95_ms", "p95", 0.95),
    ("p99_ms", "p99", 0.99),
];

/// A server that scores rows.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// Address, with what `${NAME}` stood for.
    pub url: String,
    /// Columns that are sent, in that order.
    pub features: Vec<String>,
    /// How it is asked.
    pub protocol: Protocol,
    /// Name of the model, where the protocol's path has it.
    pub model: Option<String>,
    /// Its version, where the server is asked for one.
    pub version: Option<String>,
    /// How columns become the model's input.
    pub layout: Layout,
    /// The output that is read; all where absent.
    pub output: Option<String>,
    /// Rows of one request, 1 or more.
    pub batch: u64,
    /// Longest wait for one answer. Unit: seconds.
    pub timeout: u64,
    /// Requests with the first batch before those that count.
    pub warm_up: u64,
    /// Whether asking twice is as good as asking once.
    pub idempotent: bool,
    /// Headers with the variable of the environment that holds the value of each.
    pub headers: Vec<(String, String)>,
    /// Certificates in PEM that are trusted, and no others; those that the system trusts where absent.
    pub ca_file: Option<WrittenPath>,
    /// Certificate and private key of the client in PEM.
    pub client_cert_file: Option<WrittenPath>,
    /// Share of the requests that may fail, 0 to 1.
    pub error_budget: f64,
    /// Limits of its times, in the order of [`QUANTILES`].
    pub latency: Vec<LatencyLimit>,
    /// Where `latency` stands.
    pub latency_place: Option<Place>,
    /// Predictions made offline that its own must equal.
    pub parity: Option<ParityConfig>,
}

/// A limit of how long requests take.
#[derive(Debug, Clone)]
pub struct LatencyLimit {
    /// `p50`, `p95` or `p99`.
    pub name: &'static str,
    /// Share of the requests that must be answered in that time.
    pub share: f64,
    /// Unit: milliseconds. More than 0.
    pub ms: f64,
    /// Where it is written.
    pub place: Place,
}

/// Predictions made offline.
#[derive(Debug, Clone)]
pub struct ParityConfig {
    /// File, glob, folder or address, with the columns of the endpoint's predictions and the key.
    pub with: WrittenPath,
    /// Format by name; told by the file where absent.
    pub format: Option<String>,
    /// Largest absolute difference of two numbers that counts as none, 0 or more, in the predictions' unit.
    pub tolerance: f64,
    /// Where it stands.
    pub place: Place,
}

impl EndpointConfig {
    /// What an endpoint is made of, with `headers` as they are sent and whom it trusts.
    #[must_use]
    pub fn settings(&self, headers: Vec<(String, String)>, tls: Tls) -> Settings {
        Settings {
            url: self.url.clone(),
            protocol: self.protocol,
            model: self.model.clone(),
            version: self.version.clone(),
            layout: self.layout,
            output: self.output.clone(),
            repeatable: if self.idempotent {
                Repeatable::Yes
            } else {
                Repeatable::No
            },
            timeout: Duration::from_secs(self.timeout),
            warm_up: self.warm_up,
            headers,
            tls,
        }
    }
}

/// Reads `endpoint` and what belongs to it; every problem is added.
pub(super) fn endpoint(fields: &mut Fields, problems: &mut Problems) -> Option<EndpointConfig> {
    let node = fields.get("endpoint")?;
    let url = text(node, "endpoint", problems).and_then(|t| expanded(&t, node, problems));
    let features = features(fields, problems);
    let protocol = protocol(fields, problems);
    let parse = |word: &str| match word {
        "matrix" => Some(Layout::Matrix),
        "columns" => Some(Layout::Columns),
        _ => None,
    };
    let layout = fields.word("layout", LAYOUTS, parse, problems);
    let (model, version) = (
        fields.text("model", problems),
        fields.text("version", problems),
    );
    let latency_place = fields.get("latency").map(|n| n.place.clone());
    let config = EndpointConfig {
        url: url.unwrap_or_default(),
        features: features.unwrap_or_default(),
        protocol: protocol.unwrap_or(Protocol::OpenInference),
        model,
        version,
        layout: layout.unwrap_or(Layout::Matrix),
        output: fields.text("output", problems),
        batch: least(fields, "batch", BATCH, problems),
        timeout: least(fields, "timeout", ENDPOINT_TIMEOUT, problems),
        warm_up: fields.count("warm_up", problems).unwrap_or(0),
        idempotent: fields.boolean("idempotent", problems).unwrap_or(false),
        headers: headers(fields, problems),
        ca_file: written(fields, "ca_file", problems),
        client_cert_file: written(fields, "client_cert_file", problems),
        error_budget: budget(fields, problems),
        latency: latency(fields, problems),
        latency_place,
        parity: parity(fields, problems),
    };
    if config.url.is_empty() || protocol.is_none() {
        return None;
    }
    if let Err(problem) = check_address(&config.settings(Vec::new(), Tls::default())) {
        problems.add(
            Diagnostic::new("wrong-endpoint", problem)
                .at(&node.place, "cannot be asked")
                .help("give the server's address and what the path of its `protocol` needs"),
        );
        return None;
    }
    encrypted(&config, problems);
    Some(config)
}

/// Certificates are of use to `https` only.
fn encrypted(config: &EndpointConfig, problems: &mut Problems) {
    if config.url.starts_with("https://") {
        return;
    }
    let files = [
        ("ca_file", &config.ca_file),
        ("client_cert_file", &config.client_cert_file),
    ];
    for (key, file) in files {
        if let Some(file) = file {
            problems.add(
                Diagnostic::new(
                    "wrong-endpoint",
                    format!("`{key}` is of use to an address that begins with `https` only"),
                )
                .at(&file.place, "would check nothing")
                .help("write `https` in `endpoint`, or remove it"),
            );
        }
    }
}

/// The columns that are given, each once.
pub(super) fn features(fields: &mut Fields, problems: &mut Problems) -> Option<Vec<String>> {
    let node = fields.require("features", problems)?;
    let names = fields.texts("features", problems);
    if names.is_empty() {
        problems.wrong_type(node, "features", "the names of the columns that are sent");
    }
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            let what = format!("`features` names `{name}` twice");
            problems.add(
                Diagnostic::new("duplicate-column", what)
                    .at(&node.place, "here")
                    .help("name each column once"),
            );
        }
    }
    Some(names)
}

fn protocol(fields: &mut Fields, problems: &mut Problems) -> Option<Protocol> {
    fields.require("protocol", problems)?;
    let place = fields.get("form").map(|n| n.place.clone());
    let parse = |word: &str| match word {
        "split" => Some(MlflowForm::Split),
        "records" => Some(MlflowForm::Records),
        "inputs" => Some(MlflowForm::Inputs),
        "instances" => Some(MlflowForm::Instances),
        "csv" => Some(MlflowForm::Csv),
        _ => None,
    };
    let form = fields.word("form", FORMS, parse, problems);
    let parse = |word: &str| match word {
        "open_inference" => Some(Protocol::OpenInference),
        "mlflow" => Some(Protocol::Mlflow(form.unwrap_or(MlflowForm::Split))),
        "kserve_v1" => Some(Protocol::Predict),
        "seldon_v1" => Some(Protocol::Seldon),
        _ => None,
    };
    let protocol = fields.word("protocol", PROTOCOLS, parse, problems)?;
    if let (Some(place), false) = (place, matches!(protocol, Protocol::Mlflow(_))) {
        problems.add(
            Diagnostic::new(
                "wrong-endpoint",
                "`form` is a choice of the protocol `mlflow` only",
            )
            .at(&place, "has no effect here")
            .help("remove it; `layout` says how columns become the input"),
        );
    }
    Some(protocol)
}

/// A count of 1 or more.
fn least(fields: &mut Fields, key: &'static str, otherwise: u64, problems: &mut Problems) -> u64 {
    let Some(node) = fields.get(key) else {
        return otherwise;
    };
    match fields.count(key, problems) {
        Some(0) => {
            problems.wrong_type(node, key, "a whole number, 1 or more");
            otherwise
        }
        count => count.unwrap_or(otherwise),
    }
}

fn budget(fields: &mut Fields, problems: &mut Problems) -> f64 {
    let Some(node) = fields.get("error_budget") else {
        return 0.0;
    };
    match fields.number("error_budget", problems) {
        Some(share) if (0.0..1.0).contains(&share) => share,
        Some(_) => {
            problems.wrong_type(node, "error_budget", "a share from 0 to below 1");
            0.0
        }
        None => 0.0,
    }
}

fn headers(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (key, node) in fields.entries("headers_from", problems) {
        if reqwest::header::HeaderName::try_from(&key.name).is_err() {
            let what = format!("`{}` is no name of a header", key.name);
            problems.add(
                Diagnostic::new("wrong-endpoint", what)
                    .at(&key.place, "cannot be sent")
                    .help("write `headers_from: {HEADER: VARIABLE}`"),
            );
        }
        if let Some(variable) = variable(node, "headers_from", problems) {
            headers.push((key.name.clone(), variable));
        }
    }
    headers
}

fn latency(fields: &mut Fields, problems: &mut Problems) -> Vec<LatencyLimit> {
    let Some(node) = fields.get("latency") else {
        return Vec::new();
    };
    let Some(mut fields) = Fields::of(node, "`latency`", problems) else {
        return Vec::new();
    };
    let mut limits = Vec::new();
    for &(key, name, share) in QUANTILES {
        let Some(node) = fields.get(key) else {
            continue;
        };
        match fields.number(key, problems) {
            Some(ms) if ms > 0.0 => limits.push(LatencyLimit {
                name,
                share,
                ms,
                place: node.place.clone(),
            }),
            Some(_) => problems.wrong_type(node, key, "a number of milliseconds above 0"),
            None => {}
        }
    }
    fields.finish(problems);
    limits
}

/// Reads `parity`; every problem is added.
pub(super) fn parity(fields: &mut Fields, problems: &mut Problems) -> Option<ParityConfig> {
    let node = fields.get("parity")?;
    let mut fields = Fields::of(node, "`parity`", problems)?;
    fields.require("with", problems);
    let with = written(&mut fields, "with", problems);
    let format = fields.text("format", problems);
    let at = fields.require("tolerance", problems);
    let tolerance = fields.number("tolerance", problems);
    if let (Some(at), Some(true)) = (at, tolerance.map(|t| t < 0.0)) {
        problems.wrong_type(at, "tolerance", "a number, 0 or more");
    }
    fields.finish(problems);
    Some(ParityConfig {
        with: with?,
        format,
        tolerance: tolerance?,
        place: node.place.clone(),
    })
}

/// `latency` and `parity` gate the version under test; beside a baseline they would gate nothing.
pub(super) fn gates_only_a_candidate(config: &EndpointConfig, what: &str, problems: &mut Problems) {
    let gates = [
        ("latency", config.latency_place.as_ref()),
        ("parity", config.parity.as_ref().map(|p| &p.place)),
    ];
    for gate in gates {
        only_of_a_candidate("wrong-endpoint", gate, what, problems);
    }
}

/// A key that gates the version under test; a problem beside any other side.
pub(super) fn only_of_a_candidate(
    code: &'static str,
    (key, place): (&str, Option<&Place>),
    what: &str,
    problems: &mut Problems,
) {
    if let (Some(place), true) = (place, what != "candidate") {
        problems.add(
            Diagnostic::new(
                code,
                format!("`{key}` is asked of `candidate` only, not of `{what}`"),
            )
            .at(place, "would decide nothing")
            .help("remove it, or write it below `candidate`"),
        );
    }
}
