//! Where a candidate's or a baseline's numbers come from: files, the pinned baseline, registries, endpoints, commands.
//!
//! Whatever cannot be read is an error that names file or address; a number that is none never becomes a metric.

pub mod command;
pub mod endpoint;
pub mod file;
mod gather;
pub mod mlflow;
pub mod onnx;
pub mod pinned;

use crate::diagnostic::listing;
use crate::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Metrics that something outside this run computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tracked {
    /// Each name and slice at most once, in the order of their source.
    pub metrics: Vec<TrackedMetric>,
    /// Where they come from.
    pub origin: Origin,
    /// Datasets that the source says it was computed from or trained on.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub datasets: Vec<DatasetInput>,
    /// Names of what the source holds besides, for messages.
    #[serde(skip)]
    pub others: Vec<String>,
}

/// One number with what is known of its noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackedMetric {
    /// As the source calls it, without the prefix that was asked for.
    pub name: String,
    /// Finite.
    pub value: f64,
    /// Finite and at least 0, in the metric's unit; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub standard_error: Option<f64>,
    /// Rows that it was computed from; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// Column and value of the slice; absent for all rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slice: Option<(String, String)>,
    /// Text that two metrics must share to be comparable; absent when the source does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub definition: Option<String>,
}

/// Where tracked metrics come from; nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// What it is.
    pub kind: OriginKind,
    /// File or address without user, password, query and fragment.
    pub address: String,
    /// Name in a registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// Version in a registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Alias that led to the version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    /// Run that logged them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_id: Option<String>,
    /// Logged model that they belong to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model_id: Option<String>,
    /// `sha256:` and the digest of the bytes they were read from; absent where there are no such bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
}

/// The kinds of [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// Rows of predictions in a file.
    Predictions,
    /// JSON, YAML or CSV with metrics.
    MetricsFile,
    /// The baseline file of the repository.
    Pinned,
    /// A run of an `MLflow` server.
    MlflowRun,
    /// A logged model of an `MLflow` server.
    MlflowModel,
    /// A registered version of an `MLflow` server, named or by its alias.
    MlflowVersion,
    /// A command that writes predictions.
    Command,
    /// A server that scores rows.
    Endpoint,
    /// An ONNX file that scores rows.
    Onnx,
    /// What a registry keeps of a version since it was promoted.
    Registry,
}

/// A dataset that a source was computed from, by the digest that was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetInput {
    /// Its name.
    pub name: String,
    /// The digest as its writer made it; not necessarily of the file's bytes.
    pub digest: String,
    /// What it was for, as `training` or `eval`; absent when the writer did not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub context: Option<String>,
}

impl Origin {
    /// An origin of which only the address is known.
    #[must_use]
    pub fn of(kind: OriginKind, address: &str) -> Self {
        Self {
            kind,
            address: crate::config::shown(address),
            model: None,
            version: None,
            alias: None,
            run_id: None,
            model_id: None,
            digest: None,
        }
    }
}

impl Tracked {
    /// The metric of that name over that slice, over all rows for `None`; `None` when the source does not hold it.
    #[must_use]
    pub fn metric(&self, name: &str, slice: Option<(&str, &str)>) -> Option<&TrackedMetric> {
        self.metrics.iter().find(|m| {
            let of = m.slice.as_ref().map(|(c, v)| (c.as_str(), v.as_str()));
            m.name == name && of == slice
        })
    }

    /// Says which metrics there are where `name` is none of them: `metrics are a, b; did you mean …`.
    #[must_use]
    pub fn listing(&self, name: &str) -> String {
        let mut names: Vec<&str> = self.metrics.iter().map(|m| m.name.as_str()).collect();
        names.extend(self.others.iter().map(String::as_str));
        let mut seen = std::collections::HashSet::new();
        names.retain(|n| seen.insert(*n));
        if names.is_empty() {
            return "it holds no metric".to_owned();
        }
        listing("metrics", name, names)
    }
}

/// Which metrics of a source are read. What is not asked for is not looked at: a NaN in it is no error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Names without prefix; all when absent.
    pub names: Option<Vec<String>>,
    /// What the source's names begin with, as `test.`; names without it are not read. Empty for all.
    pub prefix: String,
}

impl Wanted {
    /// Every metric.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The metrics of these names.
    #[must_use]
    pub fn these(names: &[&str]) -> Self {
        Self {
            names: Some(names.iter().map(|n| (*n).to_owned()).collect()),
            prefix: String::new(),
        }
    }

    /// The name without prefix when it is asked for.
    pub(super) fn name<'a>(&self, written: &'a str) -> Option<&'a str> {
        let name = written.strip_prefix(self.prefix.as_str())?;
        let asked = |names: &Vec<String>| names.iter().any(|n| n == name);
        self.names.as_ref().is_none_or(asked).then_some(name)
    }
}

/// Largest finite value that is taken for one: `MLflow` gives 1.797e308 back where infinity was logged.
const LARGEST: f64 = 1.79e308;

/// Why a value is no metric; `None` for a finite number.
pub(super) fn no_number(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.abs() >= LARGEST {
        Some("infinite")
    } else {
        None
    }
}

/// Column and value of `column=value` or `column:value`; a text without either is a value of the column `slice`.
fn slice_of(text: &str) -> (String, String) {
    let (column, value) = text
        .split_once('=')
        .or_else(|| text.split_once(':'))
        .unwrap_or(("slice", text));
    (column.trim().to_owned(), value.trim().to_owned())
}

/// The slice in a name of the form `slice/COLUMN/VALUE/METRIC` or `slice/VALUE/METRIC`, and the metric's name.
fn name_and_slice(key: &str) -> (Option<(String, String)>, &str) {
    let Some(rest) = key.strip_prefix("slice/") else {
        return (None, key);
    };
    let parts: Vec<&str> = rest.splitn(3, '/').collect();
    match parts.as_slice() {
        [column, value, name] => (Some(((*column).to_owned(), (*value).to_owned())), name),
        [value, name] => (Some(slice_of(value)), name),
        _ => (None, key),
    }
}

/// Bytes of a document that describes something at most; more is no such document.
const LARGEST_DOCUMENT: u64 = 64 << 20;

/// The bytes of a small file.
///
/// Errors: [`Error::Data`] when it is not there, cannot be read or is larger than 64 MiB.
fn bytes_of(path: &std::path::Path) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    let about = std::fs::metadata(path).map_err(|e| Error::data("read", &shown, e))?;
    if about.len() > LARGEST_DOCUMENT {
        let reason = format!("it has {} bytes; 64 MiB are read at most", about.len());
        return Err(Error::data("read", &shown, reason));
    }
    std::fs::read(path).map_err(|e| Error::data("read", &shown, e))
}

/// `sha256:` and the digest in lower case hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!(
        "sha256:{}",
        crate::report::text::hex(&Sha256::digest(bytes))
    )
}
