//! `SodaCL` of version 3: `checks for NAME: [missing_count(column) = 0, ..]`.

use super::super::build::{self, ContractDraft};
use super::super::coverage::Coverage;
use super::super::form::get;
use super::super::promise::{Promise, Refused, items, words};
use super::super::{Draft, type_names};
use super::contract::aged;
use super::metric::{self, Settings};
use super::threshold::{Open, Range, Side, Threshold};
use super::{Held, Table, filtered, minutes, past, query};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::Place;
use std::collections::BTreeMap;

/// Reads every `checks for NAME`; several of one name are one dataset.
pub(super) fn read(entries: &[(Key, Node)], problems: &mut Problems) -> (Vec<Draft>, Coverage) {
    let mut told = Coverage::default();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut filters: BTreeMap<&str, &Node> = BTreeMap::new();
    for (key, node) in entries {
        if let Some(name) = key.name.strip_prefix("filter ")
            && let Some(filter) = get(node, "where")
        {
            filters.insert(name.trim(), filter);
        }
    }
    for (key, node) in entries {
        let Some(name) = key.name.strip_prefix("checks for ") else {
            if key.name.starts_with("for each ") {
                told.dropped(&key.place, &key.name, "a list of datasets: name each");
            } else if !key.name.starts_with("filter ") {
                told.told(&key.place, &key.name);
            }
            continue;
        };
        let name = name.trim();
        let filter = filters.get(name).copied();
        let dataset = name
            .split('[')
            .next()
            .unwrap_or(name)
            .trim()
            .trim_matches('"');
        let Value::List(checks) = &node.value else {
            problems.wrong_type(node, &key.name, "a list of checks");
            continue;
        };
        let mut table = Table {
            contract: ContractDraft::new(&key.place),
            coverage: Coverage::default(),
            problems,
        };
        table
            .contract
            .set("dataset", build::text(&key.place, dataset));
        if name.contains('[') && filter.is_none() {
            table
                .coverage
                .dropped(&key.place, &key.name, "its filter is not in this file");
            told.items.append(&mut table.coverage.items);
            continue;
        }
        for check in checks {
            one(&mut table, check, filter, dataset);
        }
        join(&mut drafts, table.into_draft(dataset));
    }
    (drafts, told)
}

/// Adds the checks of a dataset that is there already to it.
fn join(drafts: &mut Vec<Draft>, draft: Draft) {
    let Some(first) = drafts.iter_mut().find(|d| d.name == draft.name) else {
        return drafts.push(draft);
    };
    first.coverage.items.extend(draft.coverage.items);
    let (Value::Map(into), Value::Map(from)) = (&mut first.contract.value, draft.contract.value)
    else {
        return;
    };
    for (key, node) in from {
        let there = into.iter_mut().find(|(k, _)| k.name == key.name);
        match (there.map(|(_, n)| &mut n.value), node.value) {
            (Some(Value::List(all)), Value::List(more)) => all.extend(more),
            (None, value) => into.push((
                key,
                Node {
                    value,
                    place: node.place,
                },
            )),
            _ => {}
        }
    }
}

fn one(table: &mut Table, check: &Node, filter: Option<&Node>, dataset: &str) {
    let (text, place, body) = match &check.value {
        Value::Text(text) => (text.as_str(), &check.place, None),
        Value::Map(entries) => match &entries[..] {
            [(key, body), ..] => (key.name.as_str(), &key.place, Some(body)),
            [] => {
                return table
                    .problems
                    .wrong_type(check, "a check", "a metric with a threshold");
            }
        },
        _ => {
            return table
                .problems
                .wrong_type(check, "a check", "a metric with a threshold");
        }
    };
    let held = said(text, place, body, dataset);
    let own = body.and_then(|b| get(b, "filter"));
    let held = held.and_then(|(promises, note)| {
        let each = |p: Promise| filtered(p, own).and_then(|p| filtered(p, filter));
        let promises: Result<Vec<Promise>, Refused> = promises.into_iter().map(each).collect();
        promises.map(|p| (p, note))
    });
    table.held(place, text, held);
}

/// A check by its words.
fn said(text: &str, place: &Place, body: Option<&Node>, dataset: &str) -> Held {
    let empty = build::node(place, Value::Null);
    let body = body.unwrap_or(&empty);
    if text == "schema" {
        return schema(place, body);
    }
    if text == "failed rows" {
        return failed_rows(place, body, dataset);
    }
    if let Some(rest) = text.strip_prefix("values in ") {
        return reference(place, rest);
    }
    if let Some(other) = text.strip_prefix("row_count same as ") {
        let promise = Promise::new("row_count_matches", place)
            .text("dataset", other.trim().trim_matches('"'));
        return Ok((vec![promise], None));
    }
    if let Some((words, rest)) = text
        .strip_prefix("change ")
        .and_then(|t| t.split_once("for "))
    {
        let (metric, rest) = split(rest);
        return past::change(words.trim(), metric, allowed(rest, false)?, place);
    }
    if text.contains("anomaly")
        || text.contains("change ")
        || text.contains("distribution_difference")
    {
        return Err(Refused::Dropped(
            "it compares with past runs, as `history:` in tollgate.yaml does".to_owned(),
        ));
    }
    let (metric, rest) = split(text);
    if !rest.is_empty() {
        let range = allowed(rest, metric.starts_with("freshness"))?;
        return measured(metric, range, false, place, body);
    }
    alerted(text, metric, place, body)
}

/// The numbers that a threshold allows.
fn allowed(text: &str, age: bool) -> Result<Range, Refused> {
    let found = range(text, age);
    found.ok_or_else(|| Refused::Dropped(format!("the threshold `{text}` cannot be read here")))
}

/// A metric with `warn: when ..` and `fail: when ..`.
fn alerted(text: &str, metric: &str, place: &Place, body: &Node) -> Held {
    let (mut promises, mut note) = (Vec::new(), None);
    for (key, warns) in [("fail", false), ("warn", true)] {
        let Some(condition) = get(body, key) else {
            continue;
        };
        let when = match &condition.value {
            Value::Text(text) => text.as_str(),
            _ => return Err(Refused::Dropped(format!("`{key}` of several conditions"))),
        };
        let condition = when.trim().strip_prefix("when").unwrap_or(when).trim();
        let broken = range(condition, metric.starts_with("freshness"));
        let range = broken.and_then(Range::others).ok_or_else(|| {
            Refused::Dropped(format!("the condition `{when}` leaves no range of numbers"))
        })?;
        let (more, said) = measured(metric, range, warns, place, body)?;
        promises.extend(more);
        note = note.or(said);
    }
    if promises.is_empty() {
        return Err(Refused::Dropped(format!(
            "`{text}` has no threshold that is known here"
        )));
    }
    Ok((promises, note))
}

/// A metric with its arguments, and what stands behind it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = match text.find('(') {
        Some(open) if !text[..open].contains(' ') => text.find(')').map_or(text.len(), |at| at + 1),
        _ => text.find(' ').unwrap_or(text.len()),
    };
    let (metric, rest) = text.split_at(end);
    (metric, rest.trim())
}

/// `> 5`, `between 1 and 9`, `between (1 and 9)`; a number may have the unit of an age, which makes it minutes.
fn range(text: &str, age: bool) -> Option<Range> {
    let number = |t: &str| {
        let t = t.trim().trim_end_matches('%');
        if !age {
            return t.parse::<f64>().ok().filter(|v| v.is_finite());
        }
        let at = t.find(|c: char| c.is_alphabetic())?;
        let each = minutes(&t[at..])?;
        Some(t[..at].parse::<f64>().ok()? * each)
    };
    if let Some(rest) = text.strip_prefix("not ") {
        return range(rest.trim_start(), age)?.others();
    }
    if let Some(rest) = text.strip_prefix("between ") {
        let (a, b) = rest.split_once(" and ")?;
        let open = |cut: bool| if cut { Open::Open } else { Open::Closed };
        let (a, b) = (a.trim(), b.trim());
        let (low, high) = (open(a.starts_with('(')), open(b.ends_with(')')));
        return Some(Range::within(
            Some((number(a.trim_start_matches(['(', '[']))?, low)),
            Some((number(b.trim_end_matches([')', ']']))?, high)),
        ));
    }
    let sign = [">=", "<=", "!=", "<>", "=", ">", "<"]
        .into_iter()
        .find(|s| text.starts_with(s))?;
    Range::of(sign, number(&text[sign.len()..])?)
}

fn measured(metric: &str, range: Range, warns: bool, place: &Place, body: &Node) -> Held {
    let (name, args) = match metric.split_once('(') {
        Some((name, args)) => (name, args.trim_end_matches(')')),
        None => (metric, ""),
    };
    let columns: Vec<&str> = args
        .split(',')
        .map(|a| a.trim().trim_matches('"'))
        .filter(|a| !a.is_empty())
        .collect();
    let threshold = Threshold {
        range,
        percent: name.ends_with("_percent"),
        warns,
    };
    let settings = Settings::of(&[body]);
    let column = || match columns[..] {
        [one] => Ok(build::text(place, one)),
        _ => Err(Refused::Dropped(format!("`{metric}` is not of one column"))),
    };
    let promise = match name {
        "row_count" => {
            threshold.between(Promise::new("row_count", place), true, Some("COUNT(*)"))?
        }
        "missing_count" | "missing_percent" => {
            let failing = metric::is_missing(&column()?, &settings);
            threshold.of(
                metric::missing(place, &column()?, &settings)?,
                failing.as_deref(),
            )?
        }
        "invalid_count" | "invalid_percent" => {
            let failing = metric::is_invalid(&column()?, &settings);
            threshold.of(
                metric::invalid(place, &column()?, &settings)?,
                failing.as_deref(),
            )?
        }
        "duplicate_count" | "duplicate_percent" => {
            let columns = match columns[..] {
                [_] => column()?,
                [] => return Err(Refused::Dropped(format!("`{metric}` names no column"))),
                _ => build::texts(place, columns),
            };
            threshold.of(metric::repeated(place, &columns), None)?
        }
        "freshness" => {
            let most = range
                .max
                .filter(|_| range.side == Side::Within)
                .ok_or_else(|| Refused::Dropped("a least age".to_owned()))?;
            return aged(place, &column()?, most, 1.0, threshold, None);
        }
        "percentile" => percentile(place, &columns, threshold)?,
        _ if args.is_empty() => custom(name, place, body, threshold)?,
        _ => metric::number(place, name, &column()?, threshold)?,
    };
    Ok((vec![promise], None))
}

fn percentile(place: &Place, args: &[&str], threshold: Threshold) -> Result<Promise, Refused> {
    let [column, q] = args else {
        return Err(Refused::Dropped(
            "a percentile of a column and a share".to_owned(),
        ));
    };
    let q: f64 = q
        .parse()
        .ok()
        .filter(|q| (0.0..=1.0).contains(q))
        .ok_or_else(|| Refused::Dropped(format!("`{q}` is no share of 0 to 1")))?;
    let promise =
        Promise::of("quantile_between", place, &build::text(place, *column)).number("q", q);
    threshold.between(promise, false, None)
}

/// A metric of one's own, by `NAME expression`.
fn custom(
    name: &str,
    place: &Place,
    body: &Node,
    threshold: Threshold,
) -> Result<Promise, Refused> {
    let node = get(body, &format!("{name} expression")).ok_or_else(|| {
        Refused::Dropped(format!(
            "`{name}` is no metric that is known here, nor has it an expression"
        ))
    })?;
    let sql = words(node, "an expression")?.trim();
    let promise = Promise::new("value_between", place).with("expr", build::text(&node.place, sql));
    threshold.between(promise, false, Some(sql))
}

fn failed_rows(place: &Place, body: &Node, dataset: &str) -> Held {
    if let Some(node) = get(body, "fail query") {
        return Ok((vec![query(node, dataset, place)?], None));
    }
    let node = get(body, "fail condition").ok_or_else(|| {
        Refused::Dropped("neither `fail condition` nor `fail query` is given".to_owned())
    })?;
    let sql = format!("NOT ({})", words(node, "fail condition")?.trim());
    let promise = Promise::new("expression", place).with("expr", build::text(&node.place, sql));
    Ok((vec![promise], None))
}

/// `(a, b) must exist in other (x, y)`.
fn reference(place: &Place, rest: &str) -> Held {
    let names = |text: &str| -> Vec<String> {
        let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
        inner
            .split(',')
            .map(|n| n.trim().trim_matches('"').to_owned())
            .filter(|n| !n.is_empty())
            .collect()
    };
    let unread = || Refused::Dropped(format!("`values in {rest}` cannot be read here"));
    let (own, theirs) = rest.split_once(" must exist in ").ok_or_else(unread)?;
    let (dataset, theirs) = match theirs.split_once('(') {
        Some((dataset, columns)) => (dataset, names(columns)),
        None => theirs
            .trim()
            .split_once(' ')
            .map(|(d, c)| (d, names(c)))
            .ok_or_else(unread)?,
    };
    let own = names(own);
    if own.is_empty() || own.len() != theirs.len() {
        return Err(unread());
    }
    let promise = Promise::new("foreign_key", place)
        .with("columns", build::texts(place, own))
        .text("dataset", dataset.trim().trim_matches('"'))
        .with("their_columns", build::texts(place, theirs));
    Ok((vec![promise], None))
}

fn schema(place: &Place, body: &Node) -> Held {
    let mut promises = Vec::new();
    for (level, severity) in [("fail", None), ("warn", Some("warn"))] {
        let Some(node) = get(body, level) else {
            continue;
        };
        let Value::Map(rules) = &node.value else {
            return Err(Refused::kind(node, level, "a mapping"));
        };
        for (key, value) in rules {
            let found = rule(key, value)?;
            promises.extend(found.into_iter().map(|p| match severity {
                Some(word) => p.text("severity", word),
                None => p,
            }));
        }
    }
    if promises.is_empty() {
        return Err(Refused::Dropped(
            "schema changes are judged by `schema_stable`".to_owned(),
        ));
    }
    let _ = place;
    Ok((promises, None))
}

fn rule(key: &Key, value: &Node) -> Result<Vec<Promise>, Refused> {
    let name = key.name.strip_prefix("when ").unwrap_or(&key.name);
    let listed = |absent: bool| -> Result<Vec<Promise>, Refused> {
        for item in items(value, name)? {
            if words(item, name)?.contains('%') {
                return Err(Refused::Dropped("columns by a pattern".to_owned()));
            }
        }
        let promise = Promise::new("column_exists", &key.place).with("columns", value.clone());
        Ok(vec![if absent {
            promise.flag("absent", true)
        } else {
            promise
        }])
    };
    match name {
        "required column missing" | "required columns missing" => listed(false),
        "forbidden column present" | "forbidden columns present" => listed(true),
        "wrong column type" => {
            let Value::Map(types) = &value.value else {
                return Err(Refused::kind(value, name, "a mapping of columns to types"));
            };
            let mut found = Vec::new();
            for (column, node) in types {
                let text = words(node, name)?;
                let native = type_names::native(text)
                    .ok_or_else(|| Refused::Dropped(format!("no type here is called `{text}`")))?;
                found.push(
                    Promise::of(
                        "column_type",
                        &node.place,
                        &build::text(&column.place, &column.name),
                    )
                    .with("type", build::text(&node.place, native)),
                );
            }
            Ok(found)
        }
        "wrong column index" => {
            let Value::Map(places) = &value.value else {
                return Err(Refused::kind(value, name, "a mapping of columns to places"));
            };
            let mut found = Vec::new();
            for (column, node) in places {
                let position = super::super::promise::whole(node, name)?;
                let one = build::list(
                    &column.place,
                    vec![build::text(&column.place, &column.name)],
                );
                let promise = Promise::new("column_exists", &node.place).with("columns", one);
                found.push(promise.whole("position", position.saturating_add(1)));
            }
            Ok(found)
        }
        other => Err(Refused::Dropped(format!(
            "`when {other}` has no counterpart"
        ))),
    }
}
