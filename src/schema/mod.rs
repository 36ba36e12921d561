//! JSON Schemas of everything a person writes, and of the run record, so that editors complete and check them.
//!
//! Draft 7, because every editor's YAML support knows it. Those of the configuration and of contracts are made from
//! the catalogue: a new check is in them without any further work.

mod check;
mod config;
mod contract;
mod expectation;
mod models;
mod models_endpoint;
mod models_origin;
mod notify;
mod parameter;
mod registries;
mod reuse;

pub(crate) use parameter::plain;

use crate::catalogue::Catalogue;
use crate::contract::diff::render::Comparison;
use crate::promote::Promotions;
use crate::record::Run;
use serde_json::{Value, json};

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `tollgate.yaml`.
    Config,
    /// A contract.
    Contract,
    /// A check file.
    Check,
    /// `run.json`.
    Run,
    /// What `tollgate diff --format json` prints.
    Diff,
    /// `promotion.json`.
    Promotion,
}

impl Kind {
    /// Every kind, in the order of help texts.
    pub const ALL: [Self; 6] = [
        Self::Config,
        Self::Contract,
        Self::Check,
        Self::Run,
        Self::Diff,
        Self::Promotion,
    ];

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Contract => "contract",
            Self::Check => "check",
            Self::Run => "run",
            Self::Diff => "diff",
            Self::Promotion => "promotion",
        }
    }

    /// Reads the word of the command line.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// Name of the file in `checks/schema/`.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Config => "tollgate.schema.json",
            Self::Contract => "contract.schema.json",
            Self::Check => "check.schema.json",
            Self::Run => "run.schema.json",
            Self::Diff => "diff.schema.json",
            Self::Promotion => "promotion.schema.json",
        }
    }
}

/// The schema as a JSON value; keys are sorted.
#[must_use]
pub fn schema(kind: Kind, catalogue: &Catalogue) -> Value {
    match kind {
        Kind::Config => config::schema(catalogue),
        Kind::Contract => contract::schema(catalogue),
        Kind::Check => check::schema(),
        Kind::Run => written::<Run>("tollgate run record"),
        Kind::Diff => written::<Comparison>("tollgate diff"),
        Kind::Promotion => written::<Promotions>("tollgate promotion"),
    }
}

/// The schema as the text of its file, two spaces deep, with a newline at the end.
#[must_use]
pub fn text(kind: Kind, catalogue: &Catalogue) -> String {
    let schema = schema(kind, catalogue);
    serde_json::to_string_pretty(&schema).expect("a JSON value is JSON") + "\n"
}

/// From the Rust type itself. Unknown keys are allowed: later minor versions of the record may add some.
fn written<T: schemars::JsonSchema>(title: &str) -> Value {
    let settings = schemars::generate::SchemaSettings::draft07().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    schema.to_value()
}

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// A file's schema: a closed mapping with definitions.
fn document(title: &str, mut body: Value, definitions: Value) -> Value {
    body["$schema"] = json!(DRAFT);
    body["title"] = json!(title);
    body["definitions"] = definitions;
    body
}

/// A mapping with exactly these keys.
#[expect(
    clippy::needless_pass_by_value,
    reason = "callers build the value for this call"
)]
fn closed(description: &str, properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn text_schema(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn boolean(description: &str, default: bool) -> Value {
    json!({"type": "boolean", "description": description, "default": default})
}

fn words(description: &str, of: &[&str]) -> Value {
    json!({"enum": of, "description": description})
}

/// A list of texts; a single text counts as a list of one.
fn texts(description: &str) -> Value {
    json!({
        "description": description,
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    })
}

/// A list of expectations; a single one counts as a list of one.
fn expectations(description: &str, definition: &str) -> Value {
    let one = json!({"$ref": format!("#/definitions/{definition}")});
    json!({
        "description": description,
        "anyOf": [{"type": "array", "items": one}, one],
    })
}

fn version() -> Value {
    json!({"const": 1, "description": "Version of the file's form. This program reads version 1."})
}
