//! Our own form, read like the others.

use super::{Coverage, Draft, Form, Imported};
use crate::config::tree::{self, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Reads a native contract as it is: every key under `columns`, `key` and `expect` is a rule that is held.
///
/// Errors: what is no YAML.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let contract = tree::parse(file).map_err(|p| vec![p])?;
    let name = super::form::get(&contract, "dataset").and_then(super::text_of);
    let draft = Draft {
        name: name.map(str::to_owned),
        coverage: Coverage::default(),
        contract: contract.clone(),
    };
    let mut coverage = Coverage::default();
    if let Value::Map(entries) = &contract.value {
        for (key, value) in entries {
            rules(&key.name, value, &mut coverage);
        }
    }
    Ok(Imported {
        form: Form::Native,
        contracts: vec![draft],
        coverage,
    })
}

fn rules(key: &str, value: &Node, coverage: &mut Coverage) {
    match (key, &value.value) {
        ("columns" | "expect", Value::List(items)) => {
            for item in items {
                coverage.mapped(&item.place, key, key);
            }
        }
        ("key", _) => coverage.mapped(&value.place, key, key),
        _ => coverage.told(&value.place, key),
    }
}
