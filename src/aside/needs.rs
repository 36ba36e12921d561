//! Who is held against a dataset that was set aside.

use crate::config::tree::{Node, Value};
use crate::config::{Config, DatasetConfig};

/// The first dataset whose promises name one of `all` that the configuration has not any more, and that one.
///
/// A name counts where it is the whole of a text under the key `dataset` or any other key of an argument, but for keys that
/// name columns; or a word of a longer text, as of a query.
pub(super) fn dataset(config: &Config, all: &[String]) -> Option<(String, String)> {
    let here = |name: &str| config.datasets.iter().any(|d| d.name == name);
    let models = |name: &str| config.models.iter().any(|m| m.name == name);
    let gone: Vec<&String> = all.iter().filter(|n| !here(n) && !models(n)).collect();
    config.datasets.iter().find_map(|dataset| {
        let named = gone.iter().find(|name| names(dataset, name))?;
        Some((dataset.name.clone(), (*named).clone()))
    })
}

/// The place of the first model that is held against a dataset that is not there, and that one.
pub(super) fn model(config: &Config) -> Option<(usize, String)> {
    let here = |name: &str| config.datasets.iter().any(|d| d.name == name);
    config.models.iter().enumerate().find_map(|(place, model)| {
        let signature = model.signature.iter().map(|s| &s.dataset);
        let trained = model.trained_on.iter().map(|(name, _)| name);
        let missing = signature.chain(trained).find(|name| !here(name))?;
        Some((place, missing.clone()))
    })
}

fn names(dataset: &DatasetConfig, name: &str) -> bool {
    let contract = dataset.contract.iter();
    let columns = contract
        .clone()
        .flat_map(|c| c.entries().flat_map(|c| &c.expect));
    let own = contract.flat_map(|c| &c.expect).chain(&dataset.expect);
    let mut all = own.chain(columns);
    all.any(|e| e.args.iter().any(|node| inside(node, name)))
}

fn inside(node: &Node, name: &str) -> bool {
    match &node.value {
        Value::Text(text) => is_word_of(name, text),
        Value::List(items) => items.iter().any(|n| inside(n, name)),
        Value::Map(entries) => {
            let mut entries = entries.iter();
            entries.any(|(key, node)| match &node.value {
                Value::Text(text) if text == name => key.name == "dataset",
                _ => inside(node, name),
            })
        }
        _ => false,
    }
}

/// Whether a name is a word of a longer text; the text that is the name itself is a column's as a rule.
fn is_word_of(name: &str, text: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text != name
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

#[cfg(test)]
mod tests {
    use super::is_word_of;

    #[test]
    fn a_name_is_a_word_of_a_query() {
        let query = "SELECT id FROM data WHERE id NOT IN (SELECT id FROM orders)";
        assert!(is_word_of("orders", query));
        assert!(!is_word_of("order", query));
        assert!(!is_word_of("orders", "orders"), "a column's, as a rule");
        assert!(is_word_of("a-b", "SELECT 1 FROM \"a-b\""));
    }
}
