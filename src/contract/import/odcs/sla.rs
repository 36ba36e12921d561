//! `slaProperties`: how fresh the data must be, and how long it may be kept.

use super::super::build::{expectation, text};
use super::super::form::get;
use super::super::keys::Keys;
use super::super::text_of;
use super::{Coverage, Object, property};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};

/// Agreements about the service, not about rows.
const SERVICE: &[&str] = &[
    "generalAvailability",
    "ga",
    "endOfSupport",
    "es",
    "endOfLife",
    "el",
    "availability",
    "av",
    "throughput",
    "th",
    "errorRate",
    "er",
    "timeToDetect",
    "td",
    "timeToNotify",
    "tn",
    "timeToRepair",
    "tr",
];

/// Reads all agreements of the contract.
pub(super) fn read(
    keys: &Keys,
    objects: &mut [Object],
    common: &mut Coverage,
    problems: &mut Problems,
) {
    let default = keys.get("slaDefaultElement").and_then(text_of);
    for node in keys.list("slaProperties", problems) {
        let Some(sla) = Keys::of(node, "an agreement of `slaProperties`", problems) else {
            continue;
        };
        sla.require("property", problems);
        let Some((word, _)) = sla.text("property", problems) else {
            continue;
        };
        let what = format!("sla {word}");
        match word {
            "latency" | "ly" | "freshness" => {
                aged(&sla, default, &what, &NEWEST, objects, common, problems);
            }
            "retention" | "re" => {
                aged(&sla, default, &what, &OLDEST, objects, common, problems);
            }
            _ if SERVICE.contains(&word) => common.told(&node.place, what),
            _ => common.dropped(&node.place, what, "no check holds it"),
        }
        sla.ignore(&[
            "id",
            "value",
            "valueExt",
            "unit",
            "element",
            "driver",
            "description",
            "scheduler",
            "schedule",
        ]);
        sla.finish(super::FORM, common);
    }
}

/// A check of the age of an element's values.
struct Aged {
    check: &'static str,
    note: &'static str,
}

const NEWEST: Aged = Aged {
    check: "data_fresh",
    note: "the newest value may be so old when the gate runs; the column must hold dates or timestamps",
};

const OLDEST: Aged = Aged {
    check: "retention",
    note: "no value may be older when the gate runs; the column must hold dates or timestamps",
};

/// A value of the element is at most so old: the newest, or the oldest and so every one.
fn aged(
    sla: &Keys,
    default: Option<&str>,
    what: &str,
    aged: &Aged,
    objects: &mut [Object],
    common: &mut Coverage,
    problems: &mut Problems,
) {
    let Some(age) = age(sla, problems) else {
        let reason = "`value` and `unit` are no length of time such as 4 and d";
        common.dropped(sla.place, what, reason);
        return;
    };
    let elements = sla.text("element", problems).map(|(e, _)| e).or(default);
    let Some(elements) = elements else {
        common.dropped(sla.place, what, "it names no `element`");
        return;
    };
    for element in elements.split(',').map(str::trim) {
        let found = element.split_once('.').and_then(|(table, column)| {
            let object = objects.iter_mut().find(|o| is_called(o, table))?;
            let name = physical(object.node, column)?.to_owned();
            Some((object, name))
        });
        let Some((object, name)) = found else {
            common.dropped(
                sla.place,
                format!("{what} of {element}"),
                "the schema has no such property",
            );
            continue;
        };
        let args = vec![("max_age", text(sla.place, age.clone()))];
        if let Some(column) = object.draft.column(&name) {
            column.expect.push(expectation(sla.place, aged.check, args));
            object
                .coverage
                .note(sla.place, format!("{what} of {name}"), aged.note);
        }
    }
}

fn is_called(object: &Object, table: &str) -> bool {
    let physical = get(object.node, "physicalName").and_then(text_of);
    object.name == table || physical == Some(table)
}

/// The name in the data of a property that is called so, in the contract or in the data.
pub(super) fn physical<'a>(object: &'a Node, called: &str) -> Option<&'a str> {
    let Value::List(properties) = &get(object, "properties")?.value else {
        return None;
    };
    let named = |p: &&Node| {
        let name = get(p, "name").and_then(text_of);
        name == Some(called) || property::column_name(p) == Some(called)
    };
    properties
        .iter()
        .find(named)
        .and_then(property::column_name)
}

/// A length of time as the native reader takes it: whole seconds at least.
fn age(sla: &Keys, problems: &mut Problems) -> Option<String> {
    let value = sla.get("value")?.value.scalar()?;
    let value = match &value {
        crate::scalar::Scalar::Text(text) => text.trim().parse().ok(),
        number => number.number(),
    };
    let value = value.filter(|v: &f64| v.is_finite() && *v >= 0.0)?;
    let unit = sla.text("unit", problems).map_or("d", |(u, _)| u);
    let seconds = match unit.to_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => 1.0,
        "min" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "wk" | "week" | "weeks" => 604_800.0,
        "y" | "yr" | "year" | "years" => 365.0 * 86_400.0,
        _ => return None,
    };
    let whole = value * seconds;
    (whole < 1e15).then(|| format!("{whole:.0}s"))
}
