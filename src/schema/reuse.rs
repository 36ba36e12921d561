//! Sets of expectations and waivers as JSON Schemas.

use super::{closed, text_schema, texts};
use serde_json::{Map, Value, json};

/// `use`: sets that are taken.
pub(super) fn uses() -> Value {
    let long = closed(
        "A set and the arguments of its parameters.",
        json!({
            "set": text_schema("`name`, `file.yaml#name`, or `file.yaml` for all sets of a file."),
            "with": {"type": "object", "description": "Values of parameters, by name."},
        }),
        &["set"],
    );
    let one = json!({"anyOf": [{"type": "string"}, long]});
    json!({
        "description": "Sets of expectations that are taken before those of `expect`.",
        "anyOf": [one, {"type": "array", "items": one}],
    })
}

/// `sets`: expectations to be taken by name. What `${name}` stands for may have any type, so arguments are not described.
pub(super) fn sets() -> Value {
    let one = json!({"type": ["string", "object"], "maxProperties": 1});
    let set = closed(
        "One set; `${name}` in it is filled in.",
        json!({
            "description": text_schema("What it is for."),
            "parameters": {
                "type": "object",
                "description": "Parameters with their defaults; one without a value must be given.",
            },
            "use": uses(),
            "expect": {
                "description": "Its expectations.",
                "anyOf": [{"type": "array", "items": one}, one],
            },
        }),
        &[],
    );
    json!({
        "type": "object",
        "description": "Sets of expectations that `use` takes, by name.",
        "additionalProperties": set,
    })
}

/// What every waiver says.
pub(super) fn terms() -> Map<String, Value> {
    let terms = [
        ("reason", text_schema("Why the exception is accepted.")),
        ("owner", text_schema("Who accepted it.")),
        (
            "until",
            json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "Last day on which it counts; afterwards the promise fails again."}),
        ),
        (
            "max_failing",
            json!({"type": "integer", "minimum": 0,
                "description": "Failing rows, at most, for which it counts; any number when not given."}),
        ),
    ];
    terms
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// `waivers`: accepted outcomes.
pub(super) fn waivers(outcome: &str) -> Value {
    let mut properties = terms();
    properties.insert("outcome".to_owned(), texts(outcome));
    let one = closed(
        "Outcomes that are accepted for a while: waived instead of broken.",
        Value::Object(properties),
        &["outcome", "reason", "owner", "until"],
    );
    json!({
        "description": "Outcomes that are accepted for a while.",
        "anyOf": [{"type": "array", "items": one}, one],
    })
}
