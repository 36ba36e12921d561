//! Where a candidate, a baseline or an anchor comes from, as a JSON Schema.

use super::{closed, text_schema, texts, words};
use serde_json::{Map, Value, json};

/// Where a candidate or a baseline comes from.
pub(super) fn origin(doc: &str) -> Value {
    let rows = rows();
    let one = |key: &str, doc: &str| {
        let mut properties = Map::new();
        properties.insert(key.to_owned(), text_schema(doc));
        closed(doc, Value::Object(properties), &[key])
    };
    json!({
        "description": doc,
        "anyOf": [
            rows,
            one("metrics", "JSON, YAML or CSV file of metrics."),
            one("pinned", "Baseline file of the repository, as `tollgate baseline accept` writes it."),
            closed("Metrics of an MLflow server.", mlflow_keys(), &["mlflow"]),
        ],
    })
}

/// The same, or the version that an alias of a registry leads to.
pub(super) fn origin_or_champion(doc: &str) -> Value {
    let mut schema = origin(doc);
    if let Some(all) = schema["anyOf"].as_array_mut() {
        all.push(champion());
    }
    schema
}

/// The version that an alias of a registry leads to.
fn champion() -> Value {
    let mut schema = rows();
    let own = json!({
        "registry": text_schema("Name of the registry in `registries`."),
        "alias": {"type": "string", "default": crate::config::models::champion::ALIAS,
            "description": "The alias whose version is compared with."},
        "predictions": text_schema("Predictions of the version: a path with `{version}`, or `{judged}` for the file that it was judged by; of an MLflow server a file of the version's run."),
        "metrics": text_schema("File of its metrics: a path with `{version}`. Without it and `predictions`: what the registry keeps."),
    });
    if let (Some(properties), Some(own)) = (schema["properties"].as_object_mut(), own.as_object()) {
        for key in ["mlflow", "uri", "step"] {
            properties.remove(key);
        }
        properties.extend(own.clone());
    }
    schema["description"] = json!("The version that an alias of a registry leads to.");
    schema["required"] = json!(["registry"]);
    schema
}

/// Rows with label and prediction.
fn rows() -> Value {
    let column = |doc: &str| text_schema(doc);
    let mut rows = closed(
        "Rows with label and prediction.",
        json!({
            "predictions": text_schema("File, glob, folder, http, https or s3 address."),
            "format": words("Format, where the file's name does not tell.", crate::config::dataset::FORMATS),
            "command": texts("Program with its arguments that writes the file of `predictions`, run in the folder of the configuration."),
            "timeout": {"type": "integer", "minimum": 0, "description": "Seconds that the command may run (600), or that an answer of the endpoint may take (10)."},
            "environment": texts("Variables of the environment that the command gets."),
            "label": column("Column of what really happened."),
            "score": column("Column of the positive class's chance, or of the order of a ranking."),
            "class": column("Column of the predicted class."),
            "scores": {"type": "object", "additionalProperties": {"type": "string"},
                "description": "Column of the chance of each class."},
            "value": column("Column of the predicted number."),
            "low": column("Column of the lower end of a predicted interval."),
            "high": column("Column of the upper end of a predicted interval."),
            "weight": column("Column of the weight of a row."),
            "key": texts("Columns that name a row on both sides."),
            "query": column("Column of what a row is ranked within."),
            "cluster": column("Column of what rows share, so that they are not independent: a customer, a day."),
            "time": column("Column of the time order of the rows, whose errors then may depend on those before."),
            "positive": {"type": ["string", "number", "boolean"],
                "description": "The positive class, where it is not true or 1."},
            "threshold": {"type": "number", "default": 0.5,
                "description": "Score from which on the positive class is predicted, where no class is given."},
        }),
        &["predictions"],
    );
    if let Some(properties) = rows["properties"].as_object_mut() {
        properties.extend(mlflow_keys().as_object().cloned().unwrap_or_default());
        properties.extend(super::models_endpoint::properties());
    }
    rows
}

/// Keys of what comes from an `MLflow` server.
fn mlflow_keys() -> Value {
    json!({
        "mlflow": text_schema("`runs:/ID`, `models:/NAME@ALIAS`, `models:/NAME/VERSION` or `models:/m-ID`; `${NAME}` is a variable of the environment."),
        "uri": text_schema("Address of the server; that of `MLFLOW_TRACKING_URI` where absent."),
        "prefix": text_schema("What the names of its metrics begin with."),
        "step": {"type": "integer", "minimum": 0, "description": "Step whose values count; the last one where absent."},
        "dataset": text_schema("Dataset whose metrics of a logged model count."),
    })
}
