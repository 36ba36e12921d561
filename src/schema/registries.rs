//! `registries` of `tollgate.yaml`, and `promote` of a model, as a JSON Schema.

use super::{boolean, closed, text_schema, texts, words};
use crate::config::models::Unread;
use crate::config::models::promote::WHEN;
use crate::config::registries::{KindConfig, METHODS, REMOTE};
use serde_json::{Value, json};

/// Registries, by name.
pub(super) fn registries() -> Value {
    json!({
        "type": "object",
        "description": "Registries that say which version of a model an alias leads to, by name.",
        "additionalProperties": registry(),
    })
}

/// One kind, with what only it has.
fn kind(word: &str, doc: &str, mut own: Value, required: &[&str]) -> Value {
    own["kind"] = json!({"enum": [word], "description": "What it is."});
    own["model"] =
        text_schema("Name of the model there; that of the model in this file where absent.");
    let needed: Vec<&str> = ["kind"].iter().chain(required).copied().collect();
    closed(doc, own, &needed)
}

fn registry() -> Value {
    let all = KindConfig::WORDS.iter().map(|word| match *word {
        "directory" => kind(
            word,
            "A folder: every promotion must see it.",
            json!({"path": text_schema("The folder, made when something is promoted.")}),
            &["path"],
        ),
        "mlflow" => kind(
            word,
            "An MLflow server; user, password, token and trust come from MLflow's own variables.",
            json!({
                "uri": text_schema("Address of the server; that of `MLFLOW_TRACKING_URI` where absent."),
                "lock": boolean("Whether promoters keep each other out by a tag of the registered model.", true),
                "lease": {"type": "string", "default": "2m",
                    "description": "How long the lock of a promoter counts that was stopped: 4s to 1h."},
                "stages": boolean("Whether the alias is a stage, `Production` or `Staging`, as servers before 2.9 had them.", false),
            }),
            &[],
        ),
        "git" => {
            let mut remote = text_schema(
                "The remote whose tags count: a name of the checkout's, or an address.",
            );
            remote["default"] = json!(REMOTE);
            let path = text_schema("The checkout; the folder of this file where absent.");
            let doc = "Annotated tags of a git repository, in the format of GTO.";
            kind(word, doc, json!({"path": path, "remote": remote}), &[])
        }
        "http" => http(),
        "s3" => kind(
            word,
            "Objects of S3, or of a store that speaks its protocol and heeds conditions.",
            aws("path", "Bucket and prefix, as `s3://bucket/prefix`."),
            &["path"],
        ),
        "sagemaker" => kind(
            word,
            "Approval of model packages in Amazon SageMaker.",
            aws(
                "group",
                "Name of the group of model packages, where it is not that of the model.",
            ),
            &[],
        ),
        other => unreachable!("kind `{other}` has no schema"),
    });
    json!({"anyOf": all.collect::<Vec<Value>>()})
}

/// Calls of any server.
fn http() -> Value {
    let statuses = |doc: &str| {
        let one = json!({"type": "integer", "minimum": 200, "maximum": 499});
        json!({"description": doc, "anyOf": [one, {"type": "array", "items": one}]})
    };
    let call = |doc: &str, own: &[(&str, Value)], required: &[&str]| {
        let mut all = json!({
            "method": words("The method.", METHODS),
            "url": text_schema("The address, a template."),
            "headers": {"type": "object", "additionalProperties": {"type": "string"},
                "description": "Headers, by name; their values are templates."},
            "body": text_schema("The body, a template; JSON where `Content-Type` says nothing else."),
            "expect": statuses("Statuses of success."),
        });
        for (key, value) in own {
            all[*key] = value.clone();
        }
        closed(doc, all, &[&["url"], required].concat())
    };
    let pointer = |doc: &str| {
        let mut text = text_schema(doc);
        text["pattern"] = json!("^(/.*)?$");
        text
    };
    let own = json!({
        "environment": texts("Variables of the environment that templates may read as `env.NAME`."),
        "etag": boolean("Whether the server checks the ETag of what was read: `If-Match`, or `If-None-Match: *`.", false),
        "look": call("Asks where the alias leads.", &[
            ("version", pointer("Where the version stands in the answer, a JSON pointer.")),
            ("move", pointer("Where the last move stands in the answer, a JSON pointer.")),
            ("none", statuses("Statuses that say: there is no alias; none where absent.")),
        ], &["version"]),
        "move": call("Moves the alias.", &[
            ("lost", statuses("Statuses that say: it leads elsewhere by now; 409 and 412 where absent.")),
        ], &[]),
        "find": call("Asks for a version; where absent, every version is taken to be there.", &[
            ("none", statuses("Statuses that say: there is no such version; 404 where absent.")),
        ], &[]),
        "history": call("Asks for every move.", &[
            ("moves", pointer("Where the list of moves stands in the answer, a JSON pointer.")),
            ("none", statuses("Statuses that say: there is none yet; none where absent.")),
        ], &["moves"]),
    });
    let doc = "Any server, by calls that are described here.";
    kind("http", doc, own, &["look", "move"])
}

/// Where a service of Amazon's is, and one key of its own.
fn aws(key: &str, doc: &str) -> Value {
    let mut all = json!({
        "region": text_schema("The region; that of the environment where absent."),
        "endpoint": text_schema("Address of the server; that of the environment, or Amazon's, where absent."),
    });
    all[key] = text_schema(doc);
    all
}

/// Which alias a run may move, and when.
pub(super) fn promote() -> Value {
    let freeze = closed(
        "A time in which nothing is promoted.",
        json!({
            "from": text_schema("Its beginning: RFC 3339, or `YYYY-MM-DD` with or without `HH:MM`."),
            "until": text_schema("Its end, which is no part of it."),
            "weekly": text_schema("A time of every week: `fri 16:00 - mon 08:00`."),
            "time_zone": text_schema("Whose clock these are told by, as `Europe/Berlin`; UTC where absent."),
            "reason": text_schema("Why."),
        }),
        &[],
    );
    let when = words("A verdict that promotes.", WHEN);
    closed(
        "Which alias a run may move, and when.",
        json!({
            "registry": text_schema("Name of the registry in `registries`."),
            "alias": {"type": "string", "default": "champion", "description": "The alias."},
            "version": text_schema("Version of the registry that the candidate is, where it does not tell; `${NAME}` is a variable of the environment."),
            "when": {"description": "Verdicts that promote; both where nothing is said.",
                "anyOf": [when, {"type": "array", "items": when}]},
            "max_age": {"type": "string", "default": "24h", "description": "Longest time from the run to the promotion: `90m`, `24h`, `7d`."},
            "require_signature": boolean("Whether a trusted key must have signed the run.", false),
            "require_same_champion": boolean("Whether the champion must still be the one that the candidate was compared with.", true),
            "on_unread": words("What becomes of a run that cannot read the registry: a warning, and it promotes nothing; or an error. `warn` where absent.", Unread::WORDS),
            "require_clean_git": boolean("Whether run and promotion must be made in a checkout of the same commit without changes.", false),
            "freeze": {"type": "array", "items": freeze, "description": "Times in which nothing is promoted."},
        }),
        &["registry"],
    )
}
