//! Contracts as a JSON Schema.

use super::expectation::definitions;
use super::parameter::{of_type, samples_of_all as every};
use super::reuse::{uses, waivers};
use super::{boolean, closed, document, expectations, text_schema, texts, version, words};
use crate::catalogue::Catalogue;
use crate::config::roles::Role;
use crate::contract::ExtraColumns;
use serde_json::{Value, json};

pub(super) fn schema(catalogue: &Catalogue) -> Value {
    let mut extra = words(
        "What a column means that the contract does not name.",
        ExtraColumns::WORDS,
    );
    extra["default"] = json!("allow");
    let properties = json!({
        "version": version(),
        "dataset": text_schema("Name of the dataset, for people."),
        "description": text_schema("What the dataset is, for people."),
        "contract_version": text_schema("The contract's own version, as its owner counts it."),
        "tags": texts("Free labels."),
        "owner": text_schema("Who answers for it; expectations without an owner of their own take this one."),
        "environments": texts("Names of the environments that it speaks of, such as training and serving; a dataset says in which it is."),
        "key": {
            "description": "Columns that together identify a row: never null, never twice the same.",
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true},
            ],
        },
        "columns": {
            "description": "Columns in order.",
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/definitions/column"}, {"$ref": "#/definitions/columns"}]},
        },
        "extra_columns": extra,
        "samples": every("contract"),
        "use": uses(),
        "expect": expectations("Promises about the dataset.", "expectation"),
        "waivers": waivers("Ids of outcomes without the dataset, such as `not_null(tailnum)`, or patterns with `*` and `?`."),
    });
    let mut all = definitions(catalogue);
    all.insert("column".to_owned(), column());
    all.insert("columns".to_owned(), columns());
    document(
        "tollgate contract",
        closed("What one dataset promises.", properties, &["version"]),
        Value::Object(all),
    )
}

fn column() -> Value {
    let properties = json!({
        "name": text_schema("Name; a path such as `address.city` for a nested field."),
        "type": of_type(),
        "required": boolean("Whether the column must be there.", true),
        "nullable": boolean("Whether nulls are allowed.", true),
        "unique": boolean("Whether every non-null value occurs once.", false),
        "environments": texts("Environments in which the column is promised; all where none is named."),
        "role": words("What the column is to the model; a feature where nothing is said. Ids are not compared for drift.", Role::WORDS),
        "pii": json!({
            "type": "boolean",
            "description": "`true`: values are personal data, and reports show counts only. `false`: they are shown even where they look personal. Where nothing is said, values that look personal are left out of reports.",
        }),
        "description": text_schema("What the column is, for people."),
        "examples": examples(),
        "tags": texts("Free labels."),
        "use": uses(),
        "expect": expectations("Promises about this column; `column` need not be given.", "column_expectation"),
    });
    closed("One promised column.", properties, &["name"])
}

/// An entry about every column that a pattern or a type names.
fn columns() -> Value {
    let mut schema = column();
    schema["description"] =
        json!("What is promised of every column that a pattern or a type names.");
    schema["required"] = json!(["columns"]);
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove("name");
        properties.remove("required");
        properties.insert(
            "columns".to_owned(),
            json!({"$ref": "#/definitions/selection"}),
        );
        properties.insert(
            "on_no_match".to_owned(),
            json!({"$ref": "#/definitions/on_no_match"}),
        );
    }
    schema
}

fn examples() -> Value {
    let one = json!({"type": ["string", "number", "boolean"]});
    json!({
        "description": "Values as a reader may expect them, for people; not for a column with `pii: true`.",
        "anyOf": [one, {"type": "array", "items": one}],
    })
}
