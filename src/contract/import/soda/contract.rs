//! Contracts of Soda 4.

use super::super::build::{self, ContractDraft};
use super::super::coverage::Coverage;
use super::super::form::get;
use super::super::promise::{Promise, Refused, items, whole, words};
use super::super::{Draft, type_names};
use super::metric::{self, Settings};
use super::threshold::{Open, Range, Side, Threshold};
use super::{Held, Table, filtered, minutes, query};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// No row may fail.
const NONE: Range = Range::within(Some((0.0, Open::Closed)), Some((0.0, Open::Closed)));

/// Reads the one dataset of a contract.
pub(super) fn read(root: &Node, problems: &mut Problems) -> (Vec<Draft>, Coverage) {
    let told = Coverage::default();
    let Some(dataset) = get(root, "dataset") else {
        return (Vec::new(), told);
    };
    let Value::Text(path) = &dataset.value else {
        problems.wrong_type(dataset, "dataset", "text");
        return (Vec::new(), told);
    };
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let mut table = Table {
        contract: ContractDraft::new(&root.place),
        coverage: told,
        problems,
    };
    table
        .contract
        .set("dataset", build::text(&dataset.place, name.clone()));
    let whole_filter = get(root, "filter");
    let checks = list(&mut table, root, "checks");
    let schema = checks
        .iter()
        .find_map(|c| entry(c).filter(|(k, _)| k.name == "schema"));
    for node in list(&mut table, root, "columns") {
        column(&mut table, node, schema.is_some(), whole_filter);
    }
    if let Some((key, body)) = schema {
        promised(&mut table, key, body);
    }
    for check in checks {
        match entry(check) {
            Some((key, _)) if key.name == "schema" => {}
            Some((key, body)) => {
                let held = of_dataset(key, body, &name)
                    .and_then(|(all, note)| both(all, whole_filter).map(|all| (all, note)));
                table.held(&key.place, &key.name, held);
            }
            None => table
                .problems
                .wrong_type(check, "a check", "one name with its settings"),
        }
    }
    (vec![table.into_draft(&name)], Coverage::default())
}

fn both(promises: Vec<Promise>, filter: Option<&Node>) -> Result<Vec<Promise>, Refused> {
    promises.into_iter().map(|p| filtered(p, filter)).collect()
}

fn list<'a>(table: &mut Table, node: &'a Node, key: &str) -> &'a [Node] {
    match get(node, key).map(|n| (n, &n.value)) {
        None => &[],
        Some((_, Value::List(items))) => items,
        Some((node, _)) => {
            table.problems.wrong_type(node, key, "a list");
            &[]
        }
    }
}

/// `name:` or `name: {settings}`.
fn entry(check: &Node) -> Option<(&Key, &Node)> {
    match &check.value {
        Value::Map(entries) => match &entries[..] {
            [(key, body)] if matches!(body.value, Value::Null | Value::Map(_)) => Some((key, body)),
            _ => None,
        },
        _ => None,
    }
}

fn column(table: &mut Table, node: &Node, promised: bool, whole_filter: Option<&Node>) {
    let named = get(node, "name").filter(|n| matches!(n.value, Value::Text(_)));
    let Some(name) = named.cloned() else {
        let problem = Diagnostic::new("missing-key", "a column needs `name`");
        let problem = problem.at(&node.place, "no name is given");
        return table.problems.add(problem);
    };
    let text = name.value.to_string();
    if table.contract.column(&text).is_some() {
        let problem = Diagnostic::new(
            "duplicate-column",
            format!("column `{text}` is there twice"),
        );
        return table.problems.add(problem.at(&name.place, "again here"));
    }
    let checks = list(table, node, "checks");
    let draft = table.contract.column_or_new(&name.place, &text);
    if !promised && checks.is_empty() {
        draft.set("required", build::flag(&name.place, false));
    }
    if let Some(written) = get(node, "data_type") {
        data_type(table, written, &name, promised);
    }
    if let Some(length) = get(node, "character_maximum_length").filter(|_| promised) {
        let held = whole(length, "character_maximum_length").map(|v| {
            let promise = Promise::of("length", &length.place, &name).whole("max", v.max(0));
            (
                vec![promise],
                Some("files declare no length: every value is measured".to_owned()),
            )
        });
        table.held(
            &length.place,
            &format!("character_maximum_length of {text}"),
            held,
        );
    }
    for check in checks {
        match entry(check) {
            Some((key, body)) => {
                let held = of_column(key, body, &name, node);
                let held =
                    held.and_then(|(all, note)| both(all, whole_filter).map(|all| (all, note)));
                table.held(&key.place, &format!("{} of {text}", key.name), held);
            }
            None => table
                .problems
                .wrong_type(check, "a check", "one name with its settings"),
        }
    }
}

fn data_type(table: &mut Table, written: &Node, name: &Node, promised: bool) {
    let what = format!("data_type of {}", name.value);
    if !promised {
        return table.coverage.told(&written.place, what);
    }
    let Value::Text(text) = &written.value else {
        return table.problems.wrong_type(written, "data_type", "text");
    };
    match type_names::native(text) {
        Some(native) => {
            table
                .coverage
                .mapped(&written.place, what, format!("type: {native}"));
            let column = table
                .contract
                .column_or_new(&name.place, &name.value.to_string());
            column.set("type", build::text(&written.place, native));
        }
        None => table.coverage.dropped(
            &written.place,
            what,
            format!("no type here is called `{text}`"),
        ),
    }
}

/// A schema check: the columns are those of the contract, by default no others and in that order.
fn promised(table: &mut Table, key: &Key, body: &Node) {
    let allows = |name: &str| get(body, name).is_some_and(|n| n.value == Value::Bool(true));
    if !allows("allow_extra_columns") {
        table
            .contract
            .set("extra_columns", build::text(&key.place, "fail"));
    }
    let mut promises = Vec::new();
    if !allows("allow_other_column_order") && !table.contract.columns.is_empty() {
        let names = table
            .contract
            .columns
            .iter()
            .map(|c| c.name.clone())
            .collect();
        promises.push(
            Promise::new("columns_match", &key.place)
                .with("columns", build::list(&key.place, names))
                .text("mode", "subset")
                .text("extra", "allow")
                .text("order", "strict"),
        );
    }
    let warns = Threshold::read(body, NONE).map(|t| t.warns);
    let held = match warns {
        Ok(true) => Err(Refused::Dropped(
            "a schema check that only warns".to_owned(),
        )),
        Ok(false) => Ok((promises, None)),
        Err(refused) => Err(refused),
    };
    table.held(&key.place, "schema", held);
}

fn of_dataset(key: &Key, body: &Node, dataset: &str) -> Held {
    let place = &key.place;
    let filter = get(body, "filter");
    let promise = match key.name.as_str() {
        "row_count" => {
            let some = Range::within(Some((0.0, Open::Open)), None);
            let rows = Promise::new("row_count", place);
            Threshold::read(body, some)?.between(rows, true, Some("COUNT(*)"))?
        }
        "freshness" => return fresh(place, body, filter),
        "duplicate" => {
            let columns = get(body, "columns")
                .ok_or_else(|| Refused::missing(place, "duplicate", "columns"))?;
            items(columns, "columns")?;
            Threshold::read(body, NONE)?.of(metric::duplicate_keys(place, columns), None)?
        }
        "failed_rows" => failed_rows(place, body, Some(dataset))?,
        "metric" => measured(place, body)?,
        other => return Err(unknown(key, other)),
    };
    filtered(promise, filter).map(|p| (vec![p], None))
}

fn unknown(key: &Key, name: &str) -> Refused {
    let _ = key;
    Refused::Dropped(format!("the check `{name}` is not known here"))
}

fn of_column(key: &Key, body: &Node, name: &Node, column: &Node) -> Held {
    let place = &key.place;
    let settings = Settings::of(&[body, column]);
    let filter = get(body, "filter");
    let promise = match key.name.as_str() {
        "missing" => {
            let failing = metric::is_missing(name, &settings);
            let promise = metric::missing(place, name, &settings)?;
            Threshold::read(body, NONE)?.of(promise, failing.as_deref())?
        }
        "invalid" => {
            let failing = metric::is_invalid(name, &settings);
            let promise = metric::invalid(place, name, &settings)?;
            Threshold::read(body, NONE)?.of(promise, failing.as_deref())?
        }
        "duplicate" => {
            let threshold = Threshold::read(body, NONE)?;
            threshold.of(metric::duplicate(place, name, &settings, threshold)?, None)?
        }
        "aggregate" => {
            let function = get(body, "function")
                .ok_or_else(|| Refused::missing(place, "aggregate", "function"))?;
            if get(body, "threshold").is_none() {
                return Err(Refused::missing(place, "aggregate", "threshold"));
            }
            metric::number(
                place,
                words(function, "function")?,
                name,
                Threshold::read(body, NONE)?,
            )?
        }
        "failed_rows" => failed_rows(place, body, None)?,
        "metric" => measured(place, body)?,
        "freshness" => return fresh(place, body, filter),
        other => return Err(unknown(key, other)),
    };
    filtered(promise, filter).map(|p| (vec![p], None))
}

/// Rows where the expression is true fail.
fn failed_rows(place: &Place, body: &Node, dataset: Option<&str>) -> Result<Promise, Refused> {
    if let Some(node) = get(body, "query") {
        let dataset = dataset.ok_or_else(|| {
            Refused::Dropped(
                "a query of one column: it stands under `checks` of the dataset".to_owned(),
            )
        })?;
        return Threshold::read(body, NONE)?.of(query(node, dataset, place)?, None);
    }
    let node = get(body, "expression")
        .ok_or_else(|| Refused::missing(place, "failed_rows", "expression"))?;
    let failing = words(node, "expression")?.trim();
    let sql = format!("NOT ({failing})");
    let promise = Promise::new("expression", place).with("expr", build::text(&node.place, sql));
    Threshold::read(body, NONE)?.of(promise, Some(failing))
}

fn measured(place: &Place, body: &Node) -> Result<Promise, Refused> {
    if get(body, "query").is_some() {
        return Err(Refused::Dropped(
            "a query on a database: `value_between` takes an expression".to_owned(),
        ));
    }
    let node =
        get(body, "expression").ok_or_else(|| Refused::missing(place, "metric", "expression"))?;
    let sql = words(node, "expression")?.trim();
    if get(body, "threshold").is_none() {
        return Err(Refused::missing(place, "metric", "threshold"));
    }
    let promise = Promise::new("value_between", place).with("expr", build::text(&node.place, sql));
    Threshold::read(body, NONE)?.between(promise, false, Some(sql))
}

fn fresh(place: &Place, body: &Node, filter: Option<&Node>) -> Held {
    let column =
        get(body, "column").ok_or_else(|| Refused::missing(place, "freshness", "column"))?;
    words(column, "column")?;
    let threshold = Threshold::read(body, NONE)?;
    let unit = get(body, "threshold").and_then(|t| get(t, "unit").or_else(|| get(body, "unit")));
    let each = match unit {
        None => 60.0,
        Some(node) => minutes(words(node, "unit")?)
            .ok_or_else(|| Refused::value(node, "unit", "minute, hour or day"))?,
    };
    let Some(most) = threshold
        .range
        .max
        .filter(|_| get(body, "threshold").is_some())
    else {
        return Err(Refused::missing(
            place,
            "freshness",
            "threshold` with `must_be_less_than",
        ));
    };
    aged(place, column, most, each, threshold, filter)
}

/// The newest value is at most so old.
pub(super) fn aged(
    place: &Place,
    column: &Node,
    most: (f64, Open),
    each: f64,
    threshold: Threshold,
    filter: Option<&Node>,
) -> Held {
    if threshold.range.side == Side::Outside || threshold.range.min.is_some_and(|(v, _)| v > 0.0) {
        return Err(Refused::Dropped("a least age".to_owned()));
    }
    let age = (most.0 * each).round();
    if !(0.0..=4e9).contains(&age) {
        return Err(Refused::Dropped(
            "an age that is no length of time here".to_owned(),
        ));
    }
    let promise = Promise::of("data_fresh", place, column).text("max_age", &format!("{age}m"));
    let note = (most.1 == Open::Open).then(|| "an age that equals the bound passes".to_owned());
    filtered(threshold.severe(promise), filter).map(|p| (vec![p], note))
}
