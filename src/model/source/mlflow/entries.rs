//! Logged values: which of them counts, and which cannot be told from NaN.

use super::access::Access;
use super::{Ask, Datasets, Pick, fail};
use crate::error::Result;
use crate::model::source::gather::{Found, Written};
use crate::model::source::{DatasetInput, name_and_slice};
use serde_json::Value;
use std::collections::BTreeMap;

/// Values of a history in one page.
const PAGE: &str = "1000";

/// A run or a logged model as the server tells it.
pub(super) struct Source {
    value: Value,
    what: String,
}

/// One logged value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Found,
    step: i64,
    timestamp: i64,
    run_id: Option<String>,
    dataset: Option<(String, String)>,
}

impl Source {
    /// Errors: the answer does not hold it.
    pub(super) fn new(
        value: Option<&Value>,
        what: &str,
    ) -> std::result::Result<Self, &'static str> {
        match value {
            Some(value @ Value::Object(_)) => Ok(Self {
                value: value.clone(),
                what: what.to_owned(),
            }),
            _ => Err("the server's answer does not hold it"),
        }
    }

    /// The text at a JSON pointer; an empty one counts as none.
    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        let text = self.value.pointer(pointer)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn list(&self, pointer: &str) -> &[Value] {
        let list = self.value.pointer(pointer).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// Ids of the models that a run logged, each once.
    pub(super) fn models(&self) -> Vec<String> {
        let outputs = self.list("/outputs/model_outputs").iter();
        let mut ids: Vec<String> = outputs
            .filter_map(|o| o.get("model_id")?.as_str().map(str::to_owned))
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The datasets that a run says it used.
    pub(super) fn datasets(&self) -> Datasets {
        let inputs = self.list("/inputs/dataset_inputs").iter();
        inputs
            .filter_map(|input| {
                let text = |key: &str| input.pointer(key)?.as_str().map(str::to_owned);
                let tags = input.get("tags").and_then(Value::as_array);
                let context = tags.into_iter().flatten().find_map(|tag| {
                    let is = tag.get("key")?.as_str()? == "mlflow.data.context";
                    is.then(|| tag.get("value")?.as_str().map(str::to_owned))?
                });
                Some(DatasetInput {
                    name: text("/dataset/name")?,
                    digest: text("/dataset/digest")?,
                    context,
                })
            })
            .collect()
    }

    /// Every value it was answered with.
    fn entries(&self, access: &Access) -> Result<Vec<Entry>> {
        let read = |value: &Value| {
            Entry::read(value).ok_or_else(|| {
                fail(
                    access,
                    &self.what,
                    "a metric of the server's answer has no key or no value",
                )
            })
        };
        self.list("/data/metrics").iter().map(read).collect()
    }
}

impl Entry {
    fn read(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let whole = |key: &str| match value.get(key) {
            Some(Value::String(text)) => text.parse().ok(),
            Some(number) => number.as_i64(),
            None => Some(0),
        };
        Some(Self {
            key: text("key")?,
            value: number(value.get("value")?),
            step: whole("step")?,
            timestamp: whole("timestamp")?,
            run_id: text("run_id"),
            dataset: text("dataset_name").zip(text("dataset_digest")),
        })
    }
}

/// A value of the server: numbers that JSON does not have are texts.
fn number(value: &Value) -> Found {
    match value {
        Value::Number(number) => number
            .as_f64()
            .map_or(Found::Other("a number too large"), Found::Number),
        Value::String(text) => match text.as_str() {
            "NaN" => Found::Number(f64::NAN),
            "Infinity" => Found::Number(f64::INFINITY),
            "-Infinity" => Found::Number(f64::NEG_INFINITY),
            _ => Found::Other("text"),
        },
        Value::Null => Found::Other("nothing"),
        _ => Found::Other("no number"),
    }
}

/// The values of a run that count; of metrics that are not asked for, whatever the server says first.
///
/// Errors: `Error::Data` when the server does not answer, and for a step that is not there.
pub(super) fn of_run(access: &Access, run: &Source, ask: &Ask) -> Result<Vec<Entry>> {
    let last = run.entries(access)?;
    if ask.pick == Pick::Last {
        return Ok(last);
    }
    let id = run.text("/info/run_id").unwrap_or_default();
    let chosen = |entry: Entry| {
        if !asked(ask, &entry.key) {
            return Ok(entry);
        }
        let history = history(access, &id, &entry.key)?;
        pick(access, run, ask, history)
    };
    last.into_iter().map(chosen).collect()
}

/// The values of a logged model that count.
///
/// Errors: `Error::Data` when the server does not answer, for a step that is not there, for values over several datasets
/// of which none was chosen, and for a 0 that may stand for NaN.
pub(super) fn of_model(access: &Access, model: &Source, ask: &Ask) -> Result<Vec<Entry>> {
    let mut by_key: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in model.entries(access)? {
        let named = |d: &str| {
            entry
                .dataset
                .as_ref()
                .is_some_and(|(n, g)| n == d || g == d)
        };
        if ask.dataset.as_deref().is_none_or(named) {
            by_key.entry(entry.key.clone()).or_default().push(entry);
        }
    }
    let mut chosen = Vec::new();
    for (key, entries) in by_key {
        if !asked(ask, &key) {
            chosen.extend(entries.into_iter().next());
            continue;
        }
        if let Some(several) = several(&entries) {
            let reason = format!(
                "`{key}` is logged for several datasets ({several}); say whose counts with `dataset`"
            );
            return Err(fail(access, &model.what, reason));
        }
        let mut entries = entries;
        for entry in &mut entries {
            known(access, model, entry)?;
        }
        chosen.push(pick(access, model, ask, entries)?);
    }
    Ok(chosen)
}

/// The names of the datasets when there is more than one.
fn several(entries: &[Entry]) -> Option<String> {
    let mut names: Vec<String> = entries
        .iter()
        .map(|e| {
            e.dataset
                .as_ref()
                .map_or("none".to_owned(), |(n, g)| format!("{n} {g}"))
        })
        .collect();
    names.sort();
    names.dedup();
    (names.len() > 1).then(|| names.join(", "))
}

/// A logged model's NaN reads back as 0; its run's history tells the two apart.
fn known(access: &Access, model: &Source, entry: &mut Entry) -> Result<()> {
    if !matches!(entry.value, Found::Number(v) if v == 0.0) {
        return Ok(());
    }
    let history = match &entry.run_id {
        Some(run) => history(access, run, &entry.key)?,
        None => Vec::new(),
    };
    let same = |h: &&Entry| h.step == entry.step && h.timestamp == entry.timestamp;
    let values: Vec<Found> = history.iter().filter(same).map(|h| h.value).collect();
    let is_zero = |f: &Found| matches!(f, Found::Number(v) if *v == 0.0);
    if let Some(other) = values.iter().find(|f| !is_zero(f)) {
        entry.value = *other;
    } else if values.is_empty() {
        let reason = format!(
            "`{}` is 0, as a logged NaN is, and its run does not tell which",
            entry.key
        );
        return Err(fail(access, &model.what, reason));
    }
    Ok(())
}

/// Every value of one metric of a run.
fn history(access: &Access, run: &str, key: &str) -> Result<Vec<Entry>> {
    let query = [("run_id", run), ("metric_key", key), ("max_results", PAGE)];
    let found = access.pages("metrics/get-history", &query, "metrics")?;
    let read = |v: &Value| {
        Entry::read(v)
            .ok_or_else(|| fail(access, key, "a value of its history has no number or step"))
    };
    found.iter().map(read).collect()
}

/// The value that counts. Of several at one step the one that was logged last; NaN in a history of which the best is asked
/// counts as the best, so that it is seen.
fn pick(access: &Access, source: &Source, ask: &Ask, mut all: Vec<Entry>) -> Result<Entry> {
    all.sort_by_key(|e| (e.step, e.timestamp));
    let key = all.first().map_or_else(String::new, |e| e.key.clone());
    let missing = || fail(access, &source.what, format!("`{key}` has no value"));
    match &ask.pick {
        Pick::Last => all.pop().ok_or_else(missing),
        Pick::Step(step) => {
            let steps: Vec<String> = all.iter().map(|e| e.step.to_string()).collect();
            let found = all.into_iter().rfind(|e| e.step == *step);
            found.ok_or_else(|| {
                let (first, last) = (steps.first(), steps.last());
                let (first, last) = (
                    first.cloned().unwrap_or_default(),
                    last.cloned().unwrap_or_default(),
                );
                let reason =
                    format!("`{key}` has no value at step {step}; its steps are {first} to {last}");
                fail(access, &source.what, reason)
            })
        }
        Pick::Best { lowest } => {
            let name = name_and_slice(&key).1;
            let name = name
                .strip_prefix(ask.wanted.prefix.as_str())
                .unwrap_or(name);
            let sign = if lowest.iter().any(|l| l == name) {
                -1.0
            } else {
                1.0
            };
            let rank = |e: &Entry| match e.value {
                Found::Number(v) if !v.is_nan() => sign * v,
                _ => f64::INFINITY,
            };
            all.into_iter()
                .max_by(|a, b| rank(a).total_cmp(&rank(b)))
                .ok_or_else(missing)
        }
    }
}

/// Whether a key is a metric that is asked for, or tells more of one.
fn asked(ask: &Ask, key: &str) -> bool {
    let name = name_and_slice(key).1;
    let base = MORE
        .iter()
        .find_map(|m| name.strip_suffix(m))
        .unwrap_or(name);
    ask.wanted.name(name).is_some() || ask.wanted.name(base).is_some()
}

/// What ends a key that tells more of the metric before it.
const MORE: [&str; 2] = ["/standard_error", "/rows"];

/// The metrics with what other keys tell of them.
pub(super) fn written(entries: &[Entry]) -> Vec<Written<'_>> {
    let value = |key: String| entries.iter().find(|e| e.key == key).map(|e| e.value);
    let is_more = |key: &str| {
        let base = MORE.iter().find_map(|m| key.strip_suffix(m));
        base.is_some_and(|base| entries.iter().any(|e| e.key == base))
    };
    entries
        .iter()
        .filter(|e| !is_more(&e.key))
        .map(|e| Written {
            key: &e.key,
            slice: None,
            value: e.value,
            standard_error: value(format!("{}{}", e.key, MORE[0])),
            rows: value(format!("{}{}", e.key, MORE[1])),
            definition: None,
            place: format!("step {}", e.step),
        })
        .collect()
}
