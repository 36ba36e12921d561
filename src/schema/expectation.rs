//! Expectations as JSON Schemas, made from the catalogue.

use super::parameter::{common, on_no_match, parameter, selection, type_definition};
use crate::catalogue::parameter::Presence;
use crate::catalogue::{Catalogue, Check, Choice, Listed, Param};
use serde_json::{Map, Value, json};

/// Definitions that the configuration and contracts share.
pub(super) fn definitions(catalogue: &Catalogue) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("type".to_owned(), type_definition());
    map.insert("selection".to_owned(), selection());
    map.insert("on_no_match".to_owned(), on_no_match());
    for (name, schema) in common() {
        map.insert(format!("argument.{name}"), schema);
    }
    for check in &catalogue.checks {
        map.insert(format!("check.{}", check.id), arguments(check));
    }
    map.insert(
        "expectation".to_owned(),
        expectation(catalogue, Listed::UnderDataset),
    );
    map.insert(
        "column_expectation".to_owned(),
        expectation(catalogue, Listed::UnderColumn),
    );
    map
}

/// The mapping of arguments, without saying which are required: that depends on where the expectation stands.
fn arguments(check: &Check) -> Value {
    let mut properties = Map::new();
    for name in common().keys() {
        if check.takes(name) {
            let reference = format!("#/definitions/argument.{name}");
            properties.insert(name.clone(), json!({"$ref": reference}));
        }
    }
    for param in &check.params {
        properties.insert(param.name.clone(), parameter(param));
    }
    if check.takes_pattern() {
        for name in ["selection", "on_no_match"] {
            let key = if name == "selection" { "columns" } else { name };
            let reference = format!("#/definitions/{name}");
            properties.insert(key.to_owned(), json!({"$ref": reference}));
        }
    }
    json!({
        "type": "object",
        "description": description(check),
        "properties": properties,
        "additionalProperties": false,
    })
}

fn description(check: &Check) -> String {
    format!("{}\n\n{}", check.summary, check.doc.trim())
        .trim_end()
        .to_owned()
}

/// `- check`, or `- check: arguments`.
fn expectation(catalogue: &Catalogue, listed: Listed) -> Value {
    let mut alone = Vec::new();
    let mut properties = Map::new();
    for check in &catalogue.checks {
        let required = required(check, listed);
        if required.is_empty() && check.choice.is_none() {
            alone.push(check.id.as_str());
        }
        properties.insert(check.id.clone(), one(check, &required, listed));
    }
    json!({
        "description": "A promise: one check with its arguments.",
        "anyOf": [
            {"enum": alone},
            {
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ],
    })
}

fn required(check: &Check, listed: Listed) -> Vec<&str> {
    let needed = |p: &&Param| {
        p.default.is_none() && p.presence == Presence::Required && !check.is_given(p, listed)
    };
    check
        .params
        .iter()
        .filter(needed)
        .map(|p| p.name.as_str())
        .collect()
}

/// The mapping; nothing, where no argument is required; or one value alone.
fn one(check: &Check, required: &[&str], listed: Listed) -> Value {
    let mut whole = vec![json!({"$ref": format!("#/definitions/check.{}", check.id)})];
    let pattern = listed == Listed::UnderDataset && check.takes_pattern();
    if pattern && required.contains(&"column") {
        let others: Vec<&str> = required
            .iter()
            .filter(|n| **n != "column")
            .copied()
            .collect();
        whole.push(json!({"oneOf": [{"required": ["column"]}, {"required": ["columns"]}]}));
        if !others.is_empty() {
            whole.push(json!({"required": others}));
        }
    } else if !required.is_empty() {
        whole.push(json!({"required": required}));
    }
    whole.extend(check.choice.as_ref().map(choice));
    let whole = match &whole[..] {
        [reference] => reference.clone(),
        _ => json!({"allOf": whole}),
    };
    let mut forms = vec![whole];
    if let Some(first) = check.alone(listed)
        && check
            .choice
            .as_ref()
            .is_none_or(|c| c.names().contains(&first.name))
        && required.iter().all(|name| *name == first.name)
    {
        forms.push(parameter(first));
    }
    if required.is_empty() && check.choice.is_none() {
        forms.push(json!({"type": "null"}));
    }
    json!({"description": description(check), "anyOf": forms})
}

fn choice(choice: &Choice) -> Value {
    let of: Vec<Value> = choice
        .names()
        .iter()
        .map(|name| json!({"required": [name]}))
        .collect();
    match choice {
        Choice::AtLeastOne(_) => json!({"anyOf": of}),
        Choice::ExactlyOne(_) => json!({"oneOf": of}),
    }
}
