//! Parameters of checks and the arguments that every expectation takes, as JSON Schemas.

use super::reuse::terms;
use super::{boolean, closed, text_schema, texts, words};
use crate::catalogue::{Param, ParamKind};
use crate::config::tree::{self, Node};
use crate::contract::OnNoMatch;
use crate::plan::common::OnEmpty;
use crate::record::Severity;
use crate::types::TYPE_NAMES;
use serde_json::{Map, Value, json};

/// What may be given for a parameter, with its doc and default.
pub(super) fn parameter(param: &Param) -> Value {
    let mut schema = kind(&param.kind);
    if param.least > 1 {
        schema = json!({"allOf": [schema, {"type": "array", "minItems": param.least}]});
    }
    schema["description"] = json!(param.doc);
    if let Some(default) = &param.default {
        schema["default"] = plain(default);
    }
    schema
}

fn kind(kind: &ParamKind) -> Value {
    match kind {
        ParamKind::Column(_)
        | ParamKind::Text
        | ParamKind::Regex
        | ParamKind::Expression
        | ParamKind::ValuesFile
        | ParamKind::Dataset => json!({"type": "string"}),
        ParamKind::Columns | ParamKind::Texts | ParamKind::Regexes | ParamKind::Expressions => {
            texts("")
        }
        ParamKind::Number => json!({"type": "number"}),
        ParamKind::Numbers => json!({"type": "array", "items": {"type": "number"}, "minItems": 1}),
        ParamKind::Count => json!({"type": "integer", "minimum": 0}),
        ParamKind::Ratio => json!({"type": "number", "minimum": 0, "maximum": 1}),
        ParamKind::Boolean => json!({"type": "boolean"}),
        ParamKind::Value => json!({"type": ["string", "number", "boolean"]}),
        ParamKind::Values => {
            json!({"type": "array", "items": {"type": ["string", "number", "boolean"]}})
        }
        ParamKind::JsonSchema => json!({"type": ["string", "object"]}),
        ParamKind::Records => {
            let value = json!({"type": ["string", "number", "boolean", "null"]});
            json!({"type": "array", "items": {"type": "array", "items": value}})
        }
        ParamKind::Word(of) => json!({"enum": of}),
        ParamKind::Words(of) => json!({
            "anyOf": [{"enum": of}, {"type": "array", "items": {"enum": of}}]
        }),
        ParamKind::Contract => accepted(),
        ParamKind::Type => of_type(),
        ParamKind::TypeList => json!({
            "anyOf": [of_type(), {"type": "array", "items": of_type(), "minItems": 1}]
        }),
        ParamKind::Types => json!({"type": "object", "additionalProperties": of_type()}),
        ParamKind::Duration => json!({"type": "string", "pattern": "^[0-9]+ *[smhdw]$"}),
        ParamKind::Day => {
            json!({"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today( *[+-] *[0-9]{1,6}d)?)$"})
        }
    }
}

/// The path of a contract, or columns with their types.
fn accepted() -> Value {
    let column = closed(
        "An accepted column.",
        json!({
            "type": of_type(),
            "nullable": boolean("Whether nulls were allowed.", true),
            "required": boolean("Whether the column had to be there.", true),
        }),
        &[],
    );
    json!({"anyOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"anyOf": [of_type(), column]}},
    ]})
}

/// A type's name.
pub(super) fn of_type() -> Value {
    json!({"$ref": "#/definitions/type"})
}

/// The definition behind [`of_type`].
pub(super) fn type_definition() -> Value {
    let names: Vec<&str> = TYPE_NAMES
        .iter()
        .copied()
        .filter(|n| *n != "decimal(p,s)" && !n.contains('<'))
        .collect();
    json!({
        "description": "Type of a column, or a family of types: `decimal(10,2)` is one type, `decimal` any decimal, `list<integer>` a list of whole numbers.",
        "anyOf": [
            {"enum": names},
            {"type": "string", "pattern": r"^decimal\( *[0-9]+ *, *-?[0-9]+ *\)$"},
            {"type": "string", "pattern": r"^(list|map|struct)<.+>$"},
        ],
    })
}

/// The arguments that every expectation takes, by name.
pub(super) fn common() -> Map<String, Value> {
    let mut severity = words("How much a broken promise matters.", Severity::WORDS);
    severity["default"] = json!("error");
    let on_empty = words(
        "What the promise is when no row is looked at; `tollgate explain` says what it is without this.",
        OnEmpty::WORDS,
    );
    let filter = "Boolean SQL over the columns: only rows where it is true are looked at.";
    let named = [
        ("severity", severity),
        ("where", text_schema(filter)),
        ("slices", slices()),
        ("on_empty", on_empty),
        ("owner", text_schema("Who answers for it.")),
        (
            "description",
            text_schema("Why it is promised, in the author's words."),
        ),
        ("tags", texts("Free labels.")),
        (
            "environments",
            texts("Environments of the contract in which it is promised; all where none is named."),
        ),
        ("waive", waive()),
    ];
    named
        .into_iter()
        .chain(numbers())
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// Those about numbers of failing rows.
fn numbers() -> [(&'static str, Value); 5] {
    [
        (
            "max_failing",
            json!({"type": "integer", "minimum": 0,
                "description": "Failing rows allowed; 0 when not given."}),
        ),
        (
            "max_failing_ratio",
            json!({"type": "number", "minimum": 0, "maximum": 1,
                "description": "Share of failing rows allowed, 0 to 1, of the rows looked at."}),
        ),
        (
            "warn_at",
            json!({"type": "integer", "minimum": 1,
                "description": "From this many failing rows on, a promise that still holds warns."}),
        ),
        (
            "warn_at_ratio",
            json!({"type": "number", "exclusiveMinimum": 0, "maximum": 1,
                "description": "From this share of failing rows on, a promise that still holds warns."}),
        ),
        ("samples", samples()),
    ]
}

/// Those of every expectation of a `contract` or `dataset`.
pub(super) fn samples_of_all(what: &str) -> Value {
    let mut schema = samples();
    schema["description"] = json!(format!(
        "Failing rows that reports show of every expectation of the {what} that says nothing of it."
    ));
    schema
}

fn samples() -> Value {
    let most = json!({"type": "integer", "minimum": 0, "maximum": 1000, "default": 5,
        "description": "Failing rows shown in reports at most."});
    let keys = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Columns that say which row it is; those of the contract's key when not given."});
    let redact = json!({"type": "boolean", "default": false,
        "description": "Whether no value is shown but those of `keys`."});
    let long = closed(
        "Failing rows shown, and how.",
        json!({"n": most.clone(), "keys": keys, "redact": redact}),
        &[],
    );
    json!({"anyOf": [most, long]})
}

fn slices() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "string"},
        "description": "Names of slices and their boolean SQL: the expectation holds for each slice on its own.",
        "examples": [{"jetblue": "carrier = 'B6'", "long haul": "distance > 1500"}],
    })
}

fn waive() -> Value {
    closed(
        "An accepted exception: the promise is waived instead of broken.",
        Value::Object(terms()),
        &["reason", "owner", "until"],
    )
}

/// Columns by name, by pattern, by type.
pub(super) fn selection() -> Value {
    let types = json!({"anyOf": [of_type(), {"type": "array", "items": of_type(), "minItems": 1}]});
    let properties = json!({
        "name": texts("Names and patterns."),
        "type": types,
        "except": texts("Names and patterns of columns that are left out."),
    });
    let names = json!({
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    });
    json!({
        "description": "Columns, each with a promise of its own: names, patterns such as `amount_*`, or a mapping with `name`, `type` and `except`.",
        "anyOf": [names, closed("Columns that are all of this.", properties, &[])],
    })
}

/// What it means that a pattern matches no column.
pub(super) fn on_no_match() -> Value {
    let mut schema = words("What it means that no column matches.", OnNoMatch::WORDS);
    schema["default"] = json!("fail");
    schema
}

/// A YAML value as JSON; NaN and infinities, which JSON lacks, become text.
pub(crate) fn plain(node: &Node) -> Value {
    match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Bool(v) => json!(v),
        tree::Value::Int(v) => {
            i64::try_from(*v).map_or_else(|_| json!(v.to_string()), |v| json!(v))
        }
        tree::Value::Float(v) if v.is_finite() => json!(v),
        tree::Value::Float(v) => json!(v.to_string()),
        tree::Value::Text(v) => json!(v),
        tree::Value::List(items) => items.iter().map(plain).collect(),
        tree::Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.name.clone(), plain(value)))
            .collect(),
    }
}
