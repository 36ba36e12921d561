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
    let written = |param: &str| match &expectation.args.as_ref()?.value {
        Value::Map(entries) => entries.iter().find(|(key, _)| key.name == param),
        _ => None,
    };
    let alone = expectation.args.as_ref();
    let alone = alone.filter(|args| !matches!(args.value, Value::Map(_)));
    let given = check.params.iter().any(|param| {
        let node = written(&param.name).map(|(_, node)| node);
        let node = node.or(alone).or(param.default.as_ref());
        node.is_some_and(|node| by(&param.kind, node))
    });
    given || query.is_some_and(|source| reads(source, name))
}

/// Whether a template of a query names a table itself.
///
/// The query is read with a word of no meaning for whatever it is filled with; where that is no query, as of a template with
/// alternatives, a table is what stands after `FROM` or `JOIN`, or after the comma behind one of these.
fn reads(source: &str, name: &str) -> bool {
    let blank = blanked(source);
    match Query::parse_groups(&blank) {
        Ok(query) => query.tables().iter().any(|t| t == name),
        Err(_) => stands_as_table(&blank, name),
    }
}

/// A template with a name in the place of everything that is filled in, and without its commands.
fn blanked(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (end, word) = match &rest[start..start + 2] {
            "{{" => ("}}", " tollgate_argument "),
            _ => ("%}", " "),
        };
        let Some(length) = rest[start..].find(end) else {
            break;
        };
        // `data.{{ column }}` is one name.
        let joined = rest[..start].ends_with(['.', '"']);
        text.push_str(&rest[..start]);
        text.push_str(if joined { word.trim_start() } else { word });
        rest = &rest[start + length + 2..];
    }
    text + rest
}

fn stands_as_table(source: &str, name: &str) -> bool {
    let mut apart = String::new();
    for c in source.chars() {
        match c {
            '(' | ')' | ',' | ';' => apart.extend([' ', c, ' ']),
            _ => apart.push(c),
        }
    }
    let is = |word: &str, any: &[&str]| any.iter().any(|w| word.eq_ignore_ascii_case(w));
    let (mut listed, mut awaited) = (false, false);
    for word in apart.split_whitespace() {
        if awaited && word.trim_matches(['"', '`']) == name {
            return true;
        }
        awaited = is(word, &["from", "join"]) || listed && word == ",";
        listed = match word {
            _ if awaited => true,
            "(" | ")" | ";" => false,
            _ => {
                listed
                    && !is(
                        word,
                        &["on", "using", "where", "group", "having", "union", "select"],
                    )
            }
        };
    }
    false
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
        let several = "SELECT data.{{ column }} FROM data, train t WHERE data.{{ column }} = t.id AND 1 IN (2, other)";
        assert!(reads(several, "train"));
        for alternatives in [
            "",
            "{% if strict %} AND id > {{ least }}{% else %} OR id{% endif %}",
        ] {
            let source = format!("{several}{alternatives} (");
            assert!(
                reads(&source, "train") && !reads(&source, "other"),
                "{source}"
            );
        }
    }
}
