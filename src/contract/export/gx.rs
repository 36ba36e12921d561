//! Expectation suite of Great Expectations 1.x, as JSON.
//!
//! Source: the names and arguments are those of the classes of Great Expectations 1.24, which the importer's tests list.
//! What no row at all means is each tool's own, and not written.

mod checks;
mod types;

use super::Made;
use super::promise::{Promise, all};
use crate::config::tree::Node;
use crate::contract::import::Coverage;
use crate::contract::import::build::{flag, list, map, number, text, texts};
use crate::contract::import::text_of;
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;
use crate::sql;
use checks::{Looks, Wanted};

/// Name of the form in reasons.
const FORM: &str = "Great Expectations";

/// Arguments of an expectation, by name.
type Kwargs = Vec<(&'static str, Node)>;

/// The suite: columns first, then the expectations of the contract in their order.
pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = super::whole(contract);
    let mut suite = Vec::new();
    for column in &contract.columns {
        about(column, &mut suite, &mut coverage);
    }
    key(contract, &mut suite, &mut coverage);
    columns(contract, &mut suite, &mut coverage);
    for promise in all(contract) {
        let at = &promise.written.place;
        let what = promise.what();
        match written(&promise) {
            Ok((name, nodes)) => {
                coverage.mapped(at, what, name);
                suite.extend(nodes);
            }
            Err(reason) => coverage.dropped(at, what, reason),
        }
    }
    let name = contract
        .dataset
        .clone()
        .unwrap_or_else(|| "dataset".to_owned());
    let mut entries = vec![
        ("name", text(&place, name)),
        ("expectations", list(&place, suite)),
    ];
    let meta = vec![("great_expectations_version", text(&place, "1.0.0"))];
    entries.push(("meta", map(&place, meta)));
    if let Some(words) = &contract.description {
        entries.push(("notes", text(&place, words.clone())));
    }
    (map(&place, entries), coverage)
}

fn expectation(place: &Place, name: &str, kwargs: Kwargs) -> Node {
    map(
        place,
        vec![("type", text(place, name)), ("kwargs", map(place, kwargs))],
    )
}

/// Whether a column is there, its type, nulls and repeated values.
fn about(column: &ContractColumn, suite: &mut Vec<Node>, coverage: &mut Coverage) {
    let (place, name) = (&column.place, &column.name);
    let of = |at: &Place| ("column", text(at, name.clone()));
    if name.contains('.') {
        let reason = "fields inside others are no columns there";
        coverage.dropped(place, format!("column {name}"), reason);
        return;
    }
    if column.required == Presence::Required {
        coverage.mapped(place, format!("column {name}"), "expect_column_to_exist");
        suite.push(expectation(
            place,
            "expect_column_to_exist",
            vec![of(place)],
        ));
    } else {
        let reason = "the rules of a column that is missing fail there";
        coverage.dropped(place, format!("required: false of {name}"), reason);
    }
    if let Some((dtype, at)) = &column.dtype {
        let what = format!("type of {name}");
        match types::names(dtype) {
            Ok(None) => coverage.mapped(at, what, "every type"),
            Ok(Some(names)) => {
                let kind = "expect_column_values_to_be_in_type_list";
                coverage.mapped(at, what, kind);
                let kwargs = vec![of(at), ("type_list", texts(at, names.iter().copied()))];
                suite.push(expectation(at, kind, kwargs));
            }
            Err(reason) => coverage.dropped(at, what, reason),
        }
    }
    for (at, key, kind) in [
        (
            &column.not_null,
            "nullable",
            "expect_column_values_to_not_be_null",
        ),
        (
            &column.unique,
            "unique",
            "expect_column_values_to_be_unique",
        ),
    ] {
        if let Some(at) = at {
            coverage.mapped(at, format!("{key} of {name}"), kind);
            suite.push(expectation(at, kind, vec![of(at)]));
        }
    }
    super::promise::beside(column, coverage);
}

/// The key: no null in it, and no value of it twice.
fn key(contract: &Contract, suite: &mut Vec<Node>, coverage: &mut Coverage) {
    let Some((names, at)) = &contract.key else {
        return;
    };
    for name in names {
        let kwargs = vec![("column", text(at, name.clone()))];
        suite.push(expectation(
            at,
            "expect_column_values_to_not_be_null",
            kwargs,
        ));
    }
    let (kind, kwargs) = match &names[..] {
        [one] => (
            "expect_column_values_to_be_unique",
            vec![("column", text(at, one.clone()))],
        ),
        several => (
            "expect_compound_columns_to_be_unique",
            vec![("column_list", texts(at, several.iter().cloned()))],
        ),
    };
    suite.push(expectation(at, kind, kwargs));
    coverage.mapped(at, "key", kind);
}

/// That there are no other columns.
fn columns(contract: &Contract, suite: &mut Vec<Node>, coverage: &mut Coverage) {
    let severity = match contract.extra_columns {
        ExtraColumns::Allow => return,
        ExtraColumns::Warn => Some("warning"),
        ExtraColumns::Fail => None,
    };
    let Some(at) = &contract.extra_place else {
        return;
    };
    let nested = |c: &ContractColumn| c.name.contains('.') || c.required == Presence::Optional;
    if contract.columns.iter().any(nested) || !contract.patterns.is_empty() {
        let reason = "a set of columns is exact there, and some of these may be missing or are named by a pattern";
        return coverage.dropped(at, "extra_columns", reason);
    }
    let kind = "expect_table_columns_to_match_set";
    let names = contract.columns.iter().map(|c| c.name.clone());
    let kwargs = vec![
        ("column_set", texts(at, names)),
        ("exact_match", flag(at, true)),
    ];
    let node = expectation(at, kind, kwargs);
    suite.push(match severity {
        Some(word) => with(node, "severity", text(at, word)),
        None => node,
    });
    coverage.mapped(at, "extra_columns", kind);
}

fn with(node: Node, key: &'static str, value: Node) -> Node {
    let place = node.place.clone();
    let crate::config::tree::Value::Map(mut entries) = node.value else {
        return node;
    };
    let key = crate::config::tree::Key {
        name: key.to_owned(),
        place: place.clone(),
    };
    entries.push((key, value));
    Node {
        value: crate::config::tree::Value::Map(entries),
        place,
    }
}

/// An expectation as those of the suite.
///
/// Errors: why none says the same.
fn written(promise: &Promise) -> Result<(&'static str, Vec<Node>), String> {
    let at = &promise.written.place;
    if promise.column.is_some_and(|c| c.contains('.')) {
        return Err("fields inside others are no columns there".to_owned());
    }
    let Wanted {
        name,
        kwargs,
        looks,
    } = checks::wanted(promise)?;
    let common = common(promise, looks)?;
    let severity = match promise.arg("severity").and_then(text_of) {
        Some("warn") => Some("warning"),
        Some("info") => Some("info"),
        _ => None,
    };
    let make = |mut kwargs: Kwargs| {
        kwargs.extend(common.clone());
        let mut node = expectation(at, name, kwargs);
        if let Some(word) = severity {
            node = with(node, "severity", text(at, word));
        }
        match promise.arg("description") {
            Some(words) => with(node, "description", words.clone()),
            None => node,
        }
    };
    Ok((name, kwargs.into_iter().map(make).collect()))
}

/// `mostly`, where the share of failing rows is of the same rows there.
fn common(promise: &Promise, looks: Looks) -> Result<Kwargs, String> {
    let unknown = [
        "slices",
        "max_failing",
        "warn_at",
        "warn_at_ratio",
        "environments",
        "waive",
    ];
    if let Some(name) = unknown.iter().find(|n| promise.arg(n).is_some()) {
        return Err(format!("{FORM} has no `{name}`"));
    }
    let same = match (looks, promise.arg("on_empty").and_then(text_of)) {
        (_, None) => true,
        (Looks::Values | Looks::Rows, Some(word)) => word == "pass",
        (Looks::Number, Some(word)) => word == "fail",
        (Looks::Columns, Some(_)) => false,
    };
    if !same {
        return Err("no row at all means something else there".to_owned());
    }
    let present = match promise.arg("where").and_then(text_of) {
        None => false,
        Some(sql) if promise.column.is_some_and(|c| sql == there(c)) && looks == Looks::Values => {
            true
        }
        Some(_) => {
            return Err("`where` is SQL, and a `row_condition` of the suite is not".to_owned());
        }
    };
    let Some(node) = promise.arg("max_failing_ratio") else {
        return Ok(Vec::new());
    };
    let ratio = node.value.scalar().and_then(|v| v.number()).unwrap_or(0.0);
    match looks {
        _ if ratio <= 0.0 => Ok(Vec::new()),
        Looks::Rows => Ok(vec![("mostly", rest(node, ratio))]),
        Looks::Values if present => Ok(vec![("mostly", rest(node, ratio))]),
        _ => Err(
            "`mostly` is a share of the values that are there; add `where: \"column\" IS NOT NULL`"
                .to_owned(),
        ),
    }
}

/// `column IS NOT NULL`, as the importer writes it.
fn there(column: &str) -> String {
    format!("{} IS NOT NULL", sql::identifier(column))
}

fn rest(node: &Node, ratio: f64) -> Node {
    number(&node.place, ((1.0 - ratio) * 1e12).round() / 1e12)
}
