//! Predictions in a server's answer, held against the rows that were asked about.

use super::{Endpoint, FailedKind, Protocol};
use crate::config::{json, tree};
use crate::diagnostic::SourceFile;
use crate::http::Answer;
use serde_json::Value;
use std::sync::Arc;

/// One predicted value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
}

/// Names with a value for each row.
pub(super) type Columns = Vec<(String, Vec<Cell>)>;

/// Why an answer gives no predictions.
pub(super) type Wrong = (FailedKind, String);

/// The predictions of an answer to a request about `rows` rows.
pub(super) fn predictions(
    endpoint: &Endpoint,
    answer: &Answer,
    rows: usize,
) -> Result<Columns, Wrong> {
    if !answer.is_success() {
        let leads = (300..400).contains(&answer.status);
        let way = if leads {
            "; redirections are not followed, give the address it leads to"
        } else {
            ""
        };
        return Err((FailedKind::Refused, answer.refusal_of_data() + way));
    }
    let body = parsed(answer)?;
    let name = endpoint.output.as_deref().unwrap_or("prediction");
    match endpoint.protocol {
        Protocol::OpenInference => inference(endpoint, &body, rows),
        Protocol::Mlflow(_) => named(
            endpoint,
            lacking(body.get("predictions"), "predictions")?,
            name,
            rows,
        ),
        Protocol::Predict => {
            let found = body.get("predictions").or_else(|| body.get("outputs"));
            named(endpoint, lacking(found, "predictions")?, name, rows)
        }
        Protocol::Seldon => seldon(&body, name, rows),
    }
}

/// The body as JSON. NaN and infinity, which some writers put into it, become null: a prediction that is none.
fn parsed(answer: &Answer) -> Result<Value, Wrong> {
    let reason = match answer.json() {
        Ok(value) => return Ok(value),
        Err(reason) => reason,
    };
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    if text.contains("NaN") || text.contains("Infinity") {
        let file = Arc::new(SourceFile {
            path: String::new(),
            text: text.to_owned(),
        });
        if let Ok(node) = json::parse(&file) {
            return Ok(plain(&node));
        }
    }
    Err((FailedKind::NotJson, reason))
}

fn plain(node: &tree::Node) -> Value {
    match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Bool(v) => (*v).into(),
        tree::Value::Int(v) => i64::try_from(*v).map_or_else(|_| (*v as f64).into(), Value::from),
        tree::Value::Float(v) => (*v).into(),
        tree::Value::Text(v) => v.clone().into(),
        tree::Value::List(items) => items.iter().map(plain).collect(),
        tree::Value::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(k, v)| (k.name.clone(), plain(v)))
                .collect(),
        ),
    }
}

fn wrong(reason: impl Into<String>) -> Wrong {
    (FailedKind::WrongShape, reason.into())
}

fn lacking<'a>(found: Option<&'a Value>, key: &str) -> Result<&'a Value, Wrong> {
    found.ok_or_else(|| wrong(format!("the answer has no `{key}`")))
}

/// Predictions as a list of rows, or as lists by name.
fn named(endpoint: &Endpoint, value: &Value, name: &str, rows: usize) -> Result<Columns, Wrong> {
    match value {
        Value::Array(items) => spread(items, name, rows),
        Value::Object(outputs) => {
            let asked = |key: &&String| endpoint.output.as_ref().is_none_or(|o| o == *key);
            let mut columns = Vec::new();
            for (key, value) in outputs.iter().filter(|(k, _)| asked(k)) {
                let Value::Array(items) = value else {
                    return Err(wrong(format!("the output `{key}` is no list")));
                };
                columns.extend(spread(items, key, rows)?);
            }
            some(columns, endpoint, outputs.keys().map(String::as_str))
        }
        _ => Err(wrong("the predictions are no list")),
    }
}

/// At least one column.
fn some<'a>(
    columns: Columns,
    endpoint: &Endpoint,
    names: impl Iterator<Item = &'a str>,
) -> Result<Columns, Wrong> {
    match (&endpoint.output, columns.is_empty()) {
        (_, false) => Ok(columns),
        (Some(output), true) => {
            let told = crate::diagnostic::unknown("output", output, names);
            Err(wrong(crate::report::text::short(&told, 200)))
        }
        (None, true) => Err(wrong("the answer has no output")),
    }
}

/// A row's values: one, a list, or a mapping.
fn spread(items: &[Value], name: &str, rows: usize) -> Result<Columns, Wrong> {
    if items.len() != rows {
        return Err(wrong(format!(
            "the answer has predictions for {} rows where {rows} were asked about",
            items.len()
        )));
    }
    let mut columns: Columns = Vec::new();
    for (row, item) in items.iter().enumerate() {
        let values: Vec<(String, &Value)> = match item {
            Value::Array(values) if values.len() == 1 => vec![(name.to_owned(), &values[0])],
            Value::Array(values) => {
                let number = |(i, v)| (format!("{name}.{i}"), v);
                values.iter().enumerate().map(number).collect()
            }
            Value::Object(values) => values.iter().map(|(k, v)| (k.clone(), v)).collect(),
            value => vec![(name.to_owned(), value)],
        };
        if row == 0 {
            columns = values
                .iter()
                .map(|(n, _)| (n.clone(), Vec::with_capacity(rows)))
                .collect();
        }
        let same = values.len() == columns.len() && !values.is_empty();
        if !same || values.iter().zip(&columns).any(|((a, _), (b, _))| a != b) {
            return Err(wrong(format!(
                "row {} of the answer has other values than the first",
                row + 1
            )));
        }
        for ((_, value), (name, column)) in values.into_iter().zip(&mut columns) {
            column.push(cell(value, name, row)?);
        }
    }
    Ok(columns)
}

fn cell(value: &Value, name: &str, row: usize) -> Result<Cell, Wrong> {
    let row = row + 1;
    match value {
        Value::Bool(v) => Ok(Cell::Bool(*v)),
        Value::Number(v) => match (v.as_i64(), v.as_f64()) {
            (Some(v), _) => Ok(Cell::Int(v)),
            (None, Some(v)) if v.is_finite() => Ok(Cell::Number(v)),
            _ => Err((
                FailedKind::NotANumber,
                format!("`{name}` of row {row} of the answer is infinite"),
            )),
        },
        Value::String(v)
            if ["nan", "inf", "-inf", "infinity", "-infinity"]
                .contains(&v.to_ascii_lowercase().as_str()) =>
        {
            Err((
                FailedKind::NotANumber,
                format!("`{name}` of row {row} of the answer is NaN or infinite"),
            ))
        }
        Value::String(v) => Ok(Cell::Text(v.clone())),
        Value::Null => Err((
            FailedKind::NotANumber,
            format!("`{name}` of row {row} of the answer is nothing or NaN"),
        )),
        Value::Array(_) | Value::Object(_) => Err(wrong(format!(
            "`{name}` of row {row} of the answer is no single value"
        ))),
    }
}

/// Outputs with a shape and data that are flat or nested.
fn inference(endpoint: &Endpoint, body: &Value, rows: usize) -> Result<Columns, Wrong> {
    let outputs = lacking(body.get("outputs").filter(|o| o.is_array()), "outputs")?;
    let outputs = outputs.as_array().map_or(&[][..], Vec::as_slice);
    let name = |o: &Value| o.get("name").and_then(Value::as_str).map(str::to_owned);
    let names: Vec<String> = outputs.iter().filter_map(name).collect();
    let mut columns = Vec::new();
    for output in outputs {
        let name = name(output).ok_or_else(|| wrong("an output of the answer has no name"))?;
        if endpoint.output.as_ref().is_some_and(|o| *o != name) {
            continue;
        }
        let shape = output.get("shape").and_then(Value::as_array);
        let shape: Option<Vec<u64>> = shape.and_then(|s| s.iter().map(Value::as_u64).collect());
        let shape = shape.ok_or_else(|| wrong(format!("the output `{name}` has no shape")))?;
        let mut flat = Vec::new();
        flatten(lacking(output.get("data"), "data")?, &mut flat);
        let size = shape.iter().try_fold(1_u64, |a, b| a.checked_mul(*b));
        if size != Some(flat.len() as u64) {
            let has = flat.len();
            return Err(wrong(format!(
                "the output `{name}` says shape {shape:?} and has {has} values"
            )));
        }
        if shape.first() != Some(&(rows as u64)) {
            let of = shape.first().copied().unwrap_or_default();
            return Err(wrong(format!(
                "the output `{name}` has predictions for {of} rows where {rows} were asked about"
            )));
        }
        let wide = flat.len() / rows.max(1);
        for place in 0..wide {
            let own = if wide == 1 {
                name.clone()
            } else {
                format!("{name}.{place}")
            };
            let values = flat.iter().skip(place).step_by(wide).enumerate();
            let values = values
                .map(|(row, value)| cell(value, &own, row))
                .collect::<Result<_, _>>()?;
            columns.push((own, values));
        }
    }
    // one output that nobody named is the prediction
    if let ([(name, _)], None) = (columns.as_mut_slice(), &endpoint.output) {
        "prediction".clone_into(name);
    }
    some(columns, endpoint, names.iter().map(String::as_str))
}

fn flatten<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, into)),
        value => into.push(value),
    }
}

/// `data` with rows, or with a tensor of two dimensions.
fn seldon(body: &Value, name: &str, rows: usize) -> Result<Columns, Wrong> {
    if body.pointer("/status/status").and_then(Value::as_str) == Some("FAILURE") {
        let reason =
            "the server answers FAILURE; what it says of the rows may repeat them and is not shown";
        return Err((FailedKind::Refused, reason.to_owned()));
    }
    let data = lacking(body.get("data"), "data")?;
    let list = |v: Option<&Value>| v.and_then(Value::as_array).cloned();
    let items = match (list(data.get("ndarray")), data.get("tensor")) {
        (Some(items), _) => items,
        (None, Some(tensor)) => {
            let values = list(tensor.get("values")).unwrap_or_default();
            let shape = list(tensor.get("shape")).unwrap_or_default();
            let wide = match shape.as_slice() {
                [_] => Some(1),
                [_, wide] => wide.as_u64().and_then(|w| usize::try_from(w).ok()),
                _ => None,
            };
            let wide = wide.filter(|w| *w > 0 && values.len() % w == 0);
            let wide = wide.ok_or_else(|| wrong("the tensor's shape does not fit its values"))?;
            values
                .chunks(wide)
                .map(|row| Value::Array(row.to_vec()))
                .collect()
        }
        (None, None) => return Err(wrong("the answer has neither `ndarray` nor `tensor`")),
    };
    let mut columns = spread(&items, name, rows)?;
    let names: Vec<&str> = data
        .get("names")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if names.len() == columns.len() && columns.len() > 1 {
        for ((own, _), given) in columns.iter_mut().zip(names) {
            given.clone_into(own);
        }
    }
    Ok(columns)
}
