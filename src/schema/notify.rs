//! `notify` of `tollgate.yaml` as a JSON Schema.

use super::{closed, text_schema, words};
use crate::config::notify::KINDS;
use crate::notify::Event;
use serde_json::{Value, json};

/// Who is told, by name.
pub(super) fn notify() -> Value {
    let event = words("What is told.", Event::WORDS);
    let variable = |doc: &str| {
        let mut text = text_schema(doc);
        text["pattern"] = json!("^[A-Za-z0-9_]+$");
        text
    };
    let one = closed(
        "Somebody who is told what became of runs and promotions.",
        json!({
            "kind": words("In which form.", KINDS),
            "url_from": variable("Variable of the environment that holds the address."),
            "secret_from": variable("Of a `webhook`: variable of the environment that holds the secret of its signatures."),
            "on": {"description": "What is told; all of it where absent.",
                "anyOf": [event, {"type": "array", "items": event}]},
        }),
        &["kind", "url_from"],
    );
    json!({
        "type": "object",
        "description": "Who is told what became of runs and promotions, by name.",
        "additionalProperties": one,
    })
}
