//! Who is held against a dataset that was set aside.

use crate::catalogue::parameter::ParamKind;
use crate::catalogue::{Catalogue, Check, Measure};
use crate::config::tree::{Node, Value};
use crate::config::{Config, DatasetConfig};
use crate::contract::Expectation;
use crate::engine::embedded::relational::Query;

/// A dataset that is gone, with the reason where no outcome tells it.
type Gone = (String, Option<String>);

/// The first dataset whose promises name one that is gone, and that one.
///
/// They name it by a parameter that is a dataset, in a query of their own, or in the query of their check.
pub(super) fn dataset<'a>(
    config: &Config,
    gone: &'a [Gone],
    catalogue: &Catalogue,
) -> Option<(String, &'a Gone)> {
    config.datasets.iter().find_map(|dataset| {
        let named = gone
            .iter()
            .find(|(name, _)| names(dataset, name, catalogue))?;
        Some((dataset.name.clone(), named))
    })
}

/// The place of the first model that is held against a dataset that is gone, and that one.
pub(super) fn model<'a>(config: &Config, gone: &'a [Gone]) -> Option<(usize, &'a Gone)> {
    config.models.iter().enumerate().find_map(|(place, model)| {
        let signature = model.signature.iter().map(|s| &s.dataset);
        let trained = model.trained_on.iter().map(|(name, _)| name);
        let mut named = signature.chain(trained);
        let missing = named.find_map(|name| gone.iter().find(|(gone, _)| gone == name))?;
        Some((place, missing))
    })
}

fn names(dataset: &DatasetConfig, name: &str, catalogue: &Catalogue) -> bool {
    let contract = dataset.contract.iter();
    let columns = contract
        .clone()
        .flat_map(|c| c.entries().flat_map(|c| &c.expect));
    let own = contract.flat_map(|c| &c.expect).chain(&dataset.expect);
    let mut all = own.chain(columns);
    all.any(|e| {
        let check = catalogue.check(&e.check);
        check.is_some_and(|check| is_about(e, check, name))
    })
}

/// Whether an expectation is about a dataset beside its own.
fn is_about(expectation: &Expectation, check: &Check, name: &str) -> bool {
    let query = match &check.measure {
        Measure::Groups(source) => Some(source),
        _ => None,
    };
    let by = |kind: &ParamKind, node: &Node| match (kind, &node.value) {
        (ParamKind::Dataset, Value::Text(text)) => text == name,
        (ParamKind::Expression, Value::Text(sql)) if query.is_some() => {
            let query = Query::parse_groups(sql);
            query.is_ok_and(|query| query.tables().iter().any(|t| t == name))
        }
        _ => false,
    };
    let given = expectation.args.iter().any(|args| match &args.value {
        Value::Map(entries) => entries.iter().any(|(key, node)| {
            let param = check.param(&key.name);
            param.is_some_and(|param| by(&param.kind, node))
        }),
        _ => check.params.iter().any(|param| by(&param.kind, args)),
    });
    given || query.is_some_and(|source| reads(source, name))
}

/// Whether a template of a query names a table itself, after `FROM` or `JOIN`.
fn reads(source: &str, name: &str) -> bool {
    let words: Vec<&str> = source.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let after = ["FROM", "JOIN"].iter().any(|w| {
            let first = pair[0].trim_start_matches('(');
            first.eq_ignore_ascii_case(w)
        });
        after && pair[1].trim_matches(['(', ')', ',', ';', '"', '`']) == name
    })
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn a_template_names_tables() {
        let source =
            "SELECT id FROM data WHERE id NOT IN (SELECT id FROM orders) AND orders_at > 1";
        assert!(reads(source, "orders"));
        for other in ["order", "id", "orders_at"] {
            assert!(!reads(source, other), "{other}");
        }
        assert!(reads("SELECT 1 FROM data left join \"a-b\" ON x", "a-b"));
        assert!(!reads("SELECT id FROM {{ dataset }}", "dataset"));
    }
}
