//! `models` of `tollgate.yaml` as a JSON Schema.

use super::models_origin::{origin, origin_or_champion};
use super::{boolean, closed, text_schema, texts, words};
use crate::config::models::{
    ALPHA, ALPHAS, Certainty, MIN_ROWS, MIN_SLICE_ROWS, NoBaseline, Policy,
};
use crate::model::metric::{Metric, Options, Task};
use crate::record::Severity;
use serde_json::{Value, json};

/// Models under test, by name.
pub(super) fn models() -> Value {
    json!({
        "type": "object",
        "description": "Models under test, by name.",
        "additionalProperties": {"$ref": "#/definitions/model"},
    })
}

fn with_default(mut schema: Value, default: impl Into<Value>) -> Value {
    schema["default"] = default.into();
    schema
}

fn policy(doc: &str, default: &str) -> Value {
    with_default(words(doc, Policy::WORDS), default)
}

/// One model.
pub(super) fn model() -> Value {
    let count = |doc: &str, default: u64| json!({"type": "integer", "minimum": 0, "default": default, "description": doc});
    let severity = words("How much a broken promise matters.", Severity::WORDS);
    let tasks: Vec<&str> = Task::ALL.iter().map(|task| task.word()).collect();
    let properties = json!({
        "task": words("What it predicts, where its columns do not tell.", &tasks),
        "candidate": origin("The version under test."),
        "baseline": origin_or_champion("What it is compared with; columns that it does not name are those of the candidate."),
        "anchor": origin_or_champion("A baseline that stays where it is while the champion moves, so that small losses cannot add up."),
        "artifact": artifact(),
        "signature": signature(),
        "training": closed(
            "The training data, none of whose rows may be in the evaluation.",
            json!({
                "path": text_schema("File, glob, folder, http, https or s3 address."),
                "format": words("Format, where the file's name does not tell.", crate::config::dataset::FORMATS),
                "key": texts("Columns that name a row on both sides."),
            }),
            &["path", "key"],
        ),
        "trained_on": text_schema("Dataset of this file that the candidate must have been trained on, by the digest that was logged with it."),
        "metrics": metrics(),
        "slices": texts("Columns whose values part the rows."),
        "search_slices": boolean("Also search all slices of one and two columns for one that is worse.", false),
        "min_rows": count("Rows, below which no comparison is decided and no limit is kept.", MIN_ROWS),
        "min_slice_rows": count("Rows of a slice, below which it is listed and not judged.", MIN_SLICE_ROWS),
        "alpha": {"type": "number", "minimum": ALPHAS.start(), "maximum": ALPHAS.end(), "default": ALPHA,
            "description": "Chance of error of a one-sided decision."},
        "on_inconclusive": policy("What becomes of what the evidence does not decide.", "hold"),
        "on_missing": policy("What becomes of a metric that the candidate does not have.", "fail"),
        "on_no_baseline": with_default(
            words("What becomes of a comparison whose baseline is not there.", NoBaseline::WORDS), "fail"),
        "promote": super::registries::promote(),
        "severity": with_default(severity, "error"),
        "owner": text_schema("Who answers for it."),
        "description": text_schema("Your own words for it."),
    });
    closed("A model under test.", properties, &["candidate", "metrics"])
}

/// The files of a model.
fn artifact() -> Value {
    let bytes = |doc: &str| json!({"type": "integer", "minimum": 0, "description": doc});
    closed(
        "The files of the model: looked at, never loaded.",
        json!({
            "path": text_schema("File or folder; below the files of `mlflow`, where that is given."),
            "mlflow": text_schema("Run or model of an MLflow server whose files they are: `runs:/ID`, `models:/NAME@ALIAS`, `models:/NAME/VERSION` or `models:/m-ID`; `${NAME}` is a variable of the environment."),
            "uri": text_schema("Address of the server; that of `MLFLOW_TRACKING_URI` where absent."),
            "max_bytes": bytes("Bytes that all files together may have."),
            "max_unpacked": bytes("Bytes that may be unpacked, all files together; 1 GiB where nothing is said."),
            "files": texts("Patterns of paths: for each there must be a file."),
            "pickle_allow": texts("Names that pickles may import besides the usual ones: `mine.models.*`."),
        }),
        &[],
    )
}

/// What a model is given.
fn signature() -> Value {
    let fields = |doc: &str| json!({"description": doc, "anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "string"}]});
    closed(
        "What the model is given, held against a dataset.",
        json!({
            "file": text_schema("An MLmodel file."),
            "inputs": fields("Fields with `name`, `type` and `required`."),
            "outputs": fields("Fields that it gives."),
            "dataset": text_schema("Name of the dataset."),
        }),
        &["dataset"],
    )
}

fn metrics() -> Value {
    let names: Vec<String> = Metric::all().iter().map(Metric::name).collect();
    json!({
        "description": "Metrics by name, with what is asked of each; or names alone.",
        "anyOf": [
            {"type": "object", "minProperties": 1,
                "additionalProperties": {"anyOf": [{"type": "null"}, metric(&names)]}},
            {"type": "array", "minItems": 1, "items": {"type": "string"}},
        ],
    })
}

fn metric(names: &[String]) -> Value {
    let amount = |doc: &str| {
        json!({"description": doc, "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": "^[0-9.]+ *%$"},
        ]})
    };
    let limit = |doc: &str| json!({"type": "number", "description": doc});
    let no_worse =
        "Loss that is allowed: in the metric's unit, or `1%` of the baseline's value. Never 0.";
    let worst_slice = closed(
        "What is asked in every slice.",
        json!({
            "at_least": limit("The value itself must be at least this much."),
            "at_most": limit("The value itself must be at most this much."),
            "no_worse_by": amount(no_worse),
            "on_inconclusive": words("What becomes of slices that the evidence does not decide; told where absent.", Policy::WORDS),
        }),
        &[],
    );
    let spread = closed(
        "How far the slices of a column may be apart.",
        json!({"at_most": limit("Greatest less least value.")}),
        &["at_most"],
    );
    let mut properties = json!({
        "metric": {"type": "string", "description": "The metric, where the key is a name of your own.",
            "examples": names},
        "expression": {"type": "string", "description":
            "A metric of your own: SQL that gives a number of each row, whose mean is the metric. `label`, `score`, `class`, `value`, `low`, `high` and `weight` are what the model said and what is true, other names are columns.",
            "examples": ["CASE WHEN label = 1 AND class = 0 THEN 40 WHEN label = 0 AND class = 1 THEN 5 ELSE 0 END"]},
        "divided_by": {"type": "string", "description":
            "SQL that gives a number of at least 0 of each row: the metric is the sum of `expression` over the sum of this."},
        "greater_is_better": {"type": "boolean", "description":
            "Which way a metric of your own gets better; without it, it can only be held against fixed limits."},
        "at_least": limit("The value itself must be at least this much."),
        "at_most": limit("The value itself must be at most this much."),
        "limit_by": with_default(
            words("Whether the confidence bound keeps fixed limits, or the measured value.", Certainty::WORDS), "bound"),
        "no_worse_by": amount(no_worse),
        "better_by": amount("Gain that is asked for: in the metric's unit, or `1%` of the baseline's value."),
        "worst_slice": worst_slice,
        "spread": spread,
        "on_inconclusive": words("As that of the model.", Policy::WORDS),
        "on_missing": words("As that of the model.", Policy::WORDS),
        "severity": words("As that of the model.", Severity::WORDS),
    });
    for key in Options::KEYS {
        let kind = match key {
            "average" | "weights" | "gain" => "string",
            _ => "number",
        };
        properties[key] =
            json!({"type": kind, "description": "Option of the metric, see docs/metrics.md."});
    }
    closed("What is asked of a metric.", properties, &[])
}
