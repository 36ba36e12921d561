//! `registries` of `tollgate.yaml` as a JSON Schema: one object for each kind.

use super::{closed, text_schema};
use serde_json::{Map, Value, json};

/// `registries`.
pub(super) fn registries() -> Value {
    let kinds = [directory(), git(), s3(), sagemaker()];
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

fn aws(own: Value) -> Value {
    let mut all = json!({
        "region": text_schema("The region; that of the environment where absent."),
        "endpoint": text_schema("Address of the server; that of the environment, or Amazon's, where absent."),
    });
    if let (Value::Object(all), Value::Object(own)) = (&mut all, own) {
        all.extend(own);
    }
    all
}

fn s3() -> Value {
    let own = json!({"path": text_schema("Bucket and prefix, as `s3://bucket/prefix`.")});
    kind(
        "s3",
        "Objects of S3, or of a store that speaks its protocol and heeds conditions.",
        aws(own),
        &["path"],
    )
}

fn sagemaker() -> Value {
    let own = json!({"group": text_schema("Name of the group of model packages, where it is not that of the model.")});
    kind(
        "sagemaker",
        "Approval of model packages in Amazon SageMaker.",
        aws(own),
        &[],
    )
}
