//! `promote` of a model as a JSON Schema.

use super::{boolean, closed, text_schema};
use crate::config::models::promote::WHEN;
use serde_json::{Value, json};

/// Which alias of which registry a run may move, and when.
pub(super) fn promote() -> Value {
    let mut alias = text_schema("The alias that moves.");
    alias["default"] = json!("champion");
    let mut age =
        text_schema("Longest time from the run to the promotion, as `90m`, `24h` or `7d`.");
    age["default"] = json!("24h");
    let when = json!({"enum": WHEN});
    let when = json!({"anyOf": [when, {"type": "array", "items": when}],
        "description": "Verdicts that promote; both where nothing is said."});
    closed(
        "Which alias of which registry a run may move, and when.",
        json!({
            "registry": text_schema("Name of the registry in `registries`."),
            "alias": alias,
            "version": text_schema(
                "Version of the registry that the candidate is, where nothing else tells; `${NAME}` is a variable of the \
                 environment."),
            "when": when,
            "max_age": age,
            "require_signature": boolean("Whether the run must be signed by a key that is trusted.", false),
            "require_same_champion": boolean(
                "Whether the alias must still lead to the version that the candidate was compared with.", true),
            "require_clean_git": boolean(
                "Whether the run must be of a commit without changes, which is the one that is checked out.", false),
            "freeze": {"anyOf": [freeze(), {"type": "array", "items": freeze()}],
                "description": "Times in which nothing is promoted."},
        }),
        &["registry"],
    )
}

fn freeze() -> Value {
    closed(
        "A time in which nothing is promoted: from one time until another, or every week.",
        json!({
            "from": text_schema("First moment, as `2026-12-20` or `2026-12-20 16:00`."),
            "until": text_schema("First moment after it."),
            "weekly": text_schema("Every week, as `fri 16:00 - mon 08:00`."),
            "time_zone": text_schema("Name of the time zone, as `Europe/Berlin`; UTC where absent."),
            "reason": text_schema("Why, for those who are refused."),
        }),
        &[],
    )
}
