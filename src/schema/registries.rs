//! `registries` of `tollgate.yaml` as a JSON Schema: one object for each kind.

use super::{closed, text_schema};
use serde_json::{Map, Value, json};

/// `registries`.
pub(super) fn registries() -> Value {
    let kinds = [directory(), git()];
    json!({
        "type": "object",
        "description": "Registries that candidates are promoted in, by name.",
        "additionalProperties": {"oneOf": kinds},
    })
}

fn kind(word: &str, what: &str, own: Value, required: &[&str]) -> Value {
    let mut properties = Map::from_iter([
        (
            "kind".to_owned(),
            json!({"const": word, "description": what}),
        ),
        (
            "model".to_owned(),
            text_schema(
                "Name of the model in the registry, where it is not that of the model here.",
            ),
        ),
    ]);
    if let Value::Object(own) = own {
        properties.extend(own);
    }
    let required: Vec<&str> = ["kind"].iter().chain(required).copied().collect();
    closed(what, Value::Object(properties), &required)
}

fn directory() -> Value {
    let own = json!({"path": text_schema("The folder, made when something is promoted.")});
    kind(
        "directory",
        "A folder that every promotion sees.",
        own,
        &["path"],
    )
}

fn git() -> Value {
    let mut remote =
        text_schema("The remote whose tags count: a name of the checkout's, or an address.");
    remote["default"] = json!(crate::config::registries::REMOTE);
    let own = json!({
        "path": text_schema("The checkout; the configuration's own where absent."),
        "remote": remote,
    });
    kind(
        "git",
        "Annotated tags of a git repository, in the format of GTO.",
        own,
        &[],
    )
}
