//! Check files as a JSON Schema.

use super::{closed, document, text_schema, texts, words};
use crate::catalogue::{ColumnClass, Example, ParamKind, Scope, Statistic};
use crate::record::Status;
use serde_json::{Value, json};

pub(super) fn schema() -> Value {
    let properties = json!({
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$",
            "description": "Name in expectations; the file is called `<id>.yaml`."},
        "summary": text_schema("What the check promises, one sentence."),
        "since": text_schema("Version that first had it."),
        "scope": words("What it looks at.", Scope::WORDS),
        "params": {
            "type": "object",
            "description": "Parameters by name, in the order of the documentation.",
            "additionalProperties": {"$ref": "#/definitions/param"},
        },
        "measure": {"$ref": "#/definitions/measure"},
        "pass": texts("When the promise holds: `name op bound`, all of them; op is one of <= < >= > == !=, \
            bound a parameter or a number. A clause whose parameter was not given is left out."),
        "message": text_schema("Template of the sentence in reports."),
        "doc": text_schema("What the summary leaves open."),
        "semantics": semantics(),
        "at_least_one": texts("Optional parameters of which one or more must be given."),
        "exactly_one": texts("Optional parameters of which exactly one must be given."),
        "known_as": {
            "description": "What other tools call it: tool to one name or several; `none` where no other tool has it.",
            "anyOf": [
                {"const": "none"},
                {"type": "object", "additionalProperties": texts("Names of the same promise there.")},
            ],
        },
        "examples": {
            "type": "array",
            "minItems": 2,
            "description": "Tests and documentation in one: at least a passing, a failing, and one with a null or without rows.",
            "items": {"$ref": "#/definitions/example"},
        },
    });
    let required = [
        "id", "summary", "scope", "measure", "pass", "message", "examples",
    ];
    document(
        "tollgate check",
        closed("One kind of promise.", properties, &required),
        json!({"param": param(), "measure": measure(), "example": example()}),
    )
}

fn semantics() -> Value {
    let properties = json!({
        "counts": text_schema("The numerator, or the number that is compared."),
        "of": text_schema("The denominator: which rows or values it is taken over."),
        "nulls": text_schema("What a null does."),
        "nan": text_schema("What NaN does."),
        "empty": text_schema("What becomes of data without rows or values."),
        "bounds": text_schema("Whether limits belong to the range."),
        "source": text_schema("Standard that a format or formula follows."),
    });
    closed(
        "What the numbers of the check are, in words.",
        properties,
        &[],
    )
}

fn param() -> Value {
    let properties = json!({
        "type": words("What may be given.", ParamKind::WORDS),
        "dtype": words("Class of types, for `type: column`.", ColumnClass::WORDS),
        "of": texts("The words, for `type: enum`."),
        "default": {"description": "Value when it is not given."},
        "optional": {"type": "boolean", "default": false,
            "description": "Whether it may be left out without a default."},
        "least": {"type": "integer", "minimum": 1, "default": 1, "description": "Fewest items, for lists."},
        "doc": text_schema("One sentence."),
    });
    closed("One parameter.", properties, &["type", "doc"])
}

/// Exactly one thing is measured; `profile` may have `rows` beside it.
fn measure() -> Value {
    let profile = text_schema(
        "A named measure of the one-pass profile. With `rows`, it counts failing rows and `rows` finds them.",
    );
    let rows = text_schema("SQL predicate, true for a failing row; null does not fail.");
    let groups = text_schema("SQL query over `data`; every row of its answer is a failing group.");
    let value = text_schema("SQL aggregate over `data`, one number.");
    let statistic = words(
        "A named function of the program.",
        &Statistic::names().collect::<Vec<_>>(),
    );
    json!({
        "description": "What is measured.",
        "oneOf": [
            closed("", json!({"profile": profile, "rows": rows}), &["profile"]),
            closed("", json!({"rows": rows}), &["rows"]),
            closed("", json!({"groups": groups}), &["groups"]),
            closed("", json!({"value": value}), &["value"]),
            closed("", json!({"statistic": statistic}), &["statistic"]),
        ],
    })
}

fn example() -> Value {
    let data = json!({
        "type": "object",
        "description": "Columns with their values, all of the same length.",
        "additionalProperties": {"type": "array"},
    });
    let statuses = Example::STATUSES.map(Status::word);
    let expect = json!({
        "status": words("How it must end.", &statuses),
        "failing": {"type": "integer", "minimum": 0, "description": "Failing rows there must be."},
        "message": text_schema("Text that the message must contain."),
    });
    let properties = json!({
        "name": text_schema("What it shows."),
        "data": data,
        "types": {"type": "object", "additionalProperties": {"type": "string"},
            "description": "Types of columns whose values do not tell: int32, int64, float64, string, boolean, date, timestamp(local), timestamp(utc)."},
        "with": {"description": "Arguments of the expectation."},
        "datasets": {"type": "object", "additionalProperties": data, "description": "Other datasets by name."},
        "files": texts("Contents of the files that the data stands for, for checks that look at files; one file without bytes when not given."),
        "texts": {"type": "object", "additionalProperties": {"type": "string"},
            "description": "Files that arguments name, such as one of values: name to content."},
        "past": {"type": "array", "items": {"type": "number"},
            "description": "What the followed number was in the ordinary runs before, for checks that look at past runs."},
        "now": text_schema("Clock of the example, RFC 3339; 2026-01-01T00:00:00Z when not given."),
        "expect": closed("What must come out.", expect, &["status"]),
    });
    closed(
        "One worked example.",
        properties,
        &["name", "data", "expect"],
    )
}
