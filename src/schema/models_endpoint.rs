//! `endpoint` and `onnx` beside `predictions` as a JSON Schema.

use super::{boolean, closed, text_schema, texts, words};
use crate::config::models::{BATCH, FORMS, LAYOUTS, NULLS, PROTOCOLS, QUANTILES};
use serde_json::{Map, Value, json};

/// What belongs to an endpoint, but for `timeout`, which a command has too.
pub(super) fn properties() -> Map<String, Value> {
    let count = |doc: &str, least: u64, default: u64| json!({"type": "integer", "minimum": least, "default": default, "description": doc});
    let all = json!({
        "endpoint": text_schema("Address of a server that scores the rows of `predictions`; `${NAME}` is a variable of the environment."),
        "features": texts("Columns that a server or a model is given, in that order."),
        "protocol": words("How the endpoint is asked.", PROTOCOLS),
        "model": text_schema("Name of the model, where the protocol's path has it."),
        "version": text_schema("Version of the model, where the server is asked for one."),
        "layout": words("How columns become the input: one matrix of numbers (`matrix`), or each by its name.", LAYOUTS),
        "output": text_schema("The output that is read; all where absent."),
        "form": words("Form in which an MLflow server takes rows; `split` where absent.", FORMS),
        "batch": count("Rows of one request.", 1, BATCH),
        "warm_up": count("Requests with the first rows that are made before and not counted.", 0, 0),
        "idempotent": boolean("Whether a request may be made again after a part of it was sent.", false),
        "headers_from": {"type": "object", "additionalProperties": {"type": "string"},
            "description": "Headers, each with the variable of the environment that holds its value."},
        "ca_file": text_schema("File of certificates in PEM that are trusted, and no others; those that the system trusts where absent."),
        "client_cert_file": text_schema("File with the certificate and the private key of the client in PEM."),
        "error_budget": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0,
            "description": "Share of the requests that may fail."},
        "latency": latency(),
        "onnx": text_schema("ONNX file that scores the rows of `predictions`; needs a program built with the feature `onnx`."),
        "inputs": {"type": "object", "minProperties": 1,
            "additionalProperties": texts("Column, or columns in order."),
            "description": "Inputs of the ONNX file with the columns of each, where `features` does not tell."},
        "nulls": words("What a null or NaN becomes that an ONNX file is given.", NULLS),
        "parity": closed(
            "Predictions made elsewhere that those of the endpoint or the model must equal.",
            json!({
                "with": text_schema("File, glob, folder, http, https or s3 address, with the columns of the predictions and the key."),
                "format": words("Format, where the file's name does not tell.", crate::config::dataset::FORMATS),
                "tolerance": {"type": "number", "minimum": 0, "description": "Largest absolute difference that counts as none."},
            }),
            &["with", "tolerance"],
        ),
    });
    all.as_object().cloned().unwrap_or_default()
}

fn latency() -> Value {
    let limit = |share: f64| {
        json!({"type": "number", "exclusiveMinimum": 0,
            "description": format!("Milliseconds within which {} % of the requests must be answered.", share * 100.0)})
    };
    let limits = QUANTILES.iter();
    let limits: Map<String, Value> = limits
        .map(|(key, _, share)| ((*key).to_owned(), limit(*share)))
        .collect();
    closed("How long requests may take.", Value::Object(limits), &[])
}
