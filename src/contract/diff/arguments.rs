//! One argument of an expectation on both sides: whether it asks for more or for less.

use super::expectations::shown;
use super::{Effect, Rule, was_is};
use crate::catalogue::Check;
use crate::config::tree::{Node, Value};
use std::cmp::Ordering;

/// One argument on both sides.
pub(super) struct Argument<'a> {
    pub(super) name: &'a str,
    pub(super) check: Option<&'a Check>,
    pub(super) old: Option<&'a Node>,
    pub(super) new: Option<&'a Node>,
    /// All arguments of the new side.
    pub(super) other: &'a [(String, &'a Node)],
}

/// Arguments that decide nothing about the verdict.
const METADATA: &[&str] = &[
    "description",
    "owner",
    "tags",
    "samples",
    "warn_at",
    "warn_at_ratio",
];

/// What differs: rule, effect, and words.
pub(super) fn compare(argument: &Argument) -> Vec<(Rule, Effect, String)> {
    if let ("values", Some(old), Some(new)) = (argument.name, argument.old, argument.new)
        && let (Value::List(old), Value::List(new)) = (&old.value, &new.value)
    {
        return sets(argument, old, new);
    }
    let effect = effect(argument);
    let rule = match effect {
        Effect::Weaker => Rule::ExpectationLoosened,
        Effect::Stronger => Rule::ExpectationTightened,
        Effect::Both => Rule::ExpectationChanged,
        Effect::Neither => Rule::MetadataChanged,
    };
    let text = |node: Option<&Node>| node.map(shown);
    let (old, new) = (text(argument.old), text(argument.new));
    let what = format!(
        "`{}` {}",
        argument.name,
        was_is(old.as_deref(), new.as_deref())
    );
    vec![(rule, effect, what)]
}

/// Values that joined and left a list. More allowed values promise less; more forbidden ones promise more.
fn sets(argument: &Argument, old: &[Node], new: &[Node]) -> Vec<(Rule, Effect, String)> {
    let missing = |from: &[Node], all: &[Node]| -> Vec<String> {
        let gone = from
            .iter()
            .filter(|n| !all.iter().any(|o| o.value == n.value));
        gone.map(shown).collect()
    };
    let (added, removed) = (missing(new, old), missing(old, new));
    let mode = argument.other.iter().find(|(n, _)| n == "mode");
    let mode = mode.map(|(_, node)| node.value.to_string());
    let (joined, left) = match (argument.check.map(|c| c.id.as_str()), mode.as_deref()) {
        (Some("not_in_set"), _) | (_, Some("superset")) => (Effect::Stronger, Effect::Weaker),
        (_, Some("equal")) => (Effect::Both, Effect::Both),
        _ => (Effect::Weaker, Effect::Stronger),
    };
    let mut found = Vec::new();
    for (list, rule, effect, words) in [
        (added, Rule::SetValuesAdded, joined, "now lists"),
        (removed, Rule::SetValuesRemoved, left, "no longer lists"),
    ] {
        if !list.is_empty() {
            found.push((
                rule,
                effect,
                format!("`values` {words} {}", list.join(", ")),
            ));
        }
    }
    if found.is_empty() {
        let what = "`values` stand in another order".to_owned();
        found.push((Rule::MetadataChanged, Effect::Neither, what));
    }
    found
}

fn effect(argument: &Argument) -> Effect {
    let name = argument.name;
    if METADATA.contains(&name) {
        return Effect::Neither;
    }
    match name {
        "severity" => severity(argument),
        "where" | "environments" => presence(argument, Effect::Weaker),
        "waive" => waiver(argument),
        "bounds" => bounds(argument),
        "strict" => match (truth(argument.old), truth(argument.new)) {
            (false, true) => Effect::Stronger,
            (true, false) => Effect::Weaker,
            _ => Effect::Both,
        },
        "value" => compared(argument),
        "tolerance" => by_order(argument, Effect::Weaker),
        _ if is_lower(name) => by_order(argument, Effect::Stronger),
        _ if is_upper(name) => by_order(argument, Effect::Weaker),
        _ => Effect::Both,
    }
}

fn is_lower(name: &str) -> bool {
    ["min", "from", "after", "at_least"].contains(&name) || name.starts_with("min_")
}

fn is_upper(name: &str) -> bool {
    ["max", "to", "until", "before", "at_most"].contains(&name) || name.starts_with("max_")
}

/// `raised` when the value grew, the opposite when it shrank. A bound that is absent bounds nothing, unless the check
/// has a default; failing rows that are allowed count from 0.
fn by_order(argument: &Argument, raised: Effect) -> Effect {
    let zero = Value::Int(0);
    let param = argument.check.and_then(|c| c.param(argument.name));
    let default = param.and_then(|p| p.default.as_ref()).map(|n| &n.value);
    let default = default.or_else(|| argument.name.starts_with("max_failing").then_some(&zero));
    let value = |node: Option<&'_ Node>| node.map(|n| n.value.clone()).or_else(|| default.cloned());
    match (value(argument.old), value(argument.new)) {
        (Some(old), Some(new)) => match order(&old, &new) {
            Some(Ordering::Less) => raised,
            Some(Ordering::Greater) => opposite(raised),
            Some(Ordering::Equal) => Effect::Neither,
            None => Effect::Both,
        },
        (None, _) => Effect::Stronger,
        (_, None) => Effect::Weaker,
    }
}

fn opposite(effect: Effect) -> Effect {
    match effect {
        Effect::Weaker => Effect::Stronger,
        Effect::Stronger => Effect::Weaker,
        same => same,
    }
}

/// Order of two numbers, days, or lengths of time; none for anything else.
fn order(old: &Value, new: &Value) -> Option<Ordering> {
    if let (Value::Text(old), Value::Text(new)) = (old, new) {
        let day = |t: &str| crate::formats::Kind::IsoDate.accepts(t);
        let length = crate::plan::bind::seconds;
        return if day(old) && day(new) {
            Some(old.cmp(new))
        } else {
            Some(length(old)?.cmp(&length(new)?))
        };
    }
    let number = |v: &Value| match v {
        Value::Int(_) | Value::Float(_) => v.scalar()?.number(),
        _ => None,
    };
    number(old)?.partial_cmp(&number(new)?)
}

/// `new` when it is there only now, the opposite when it is gone, both when it changed.
fn presence(argument: &Argument, new: Effect) -> Effect {
    match (argument.old, argument.new) {
        (None, _) => new,
        (_, None) => opposite(new),
        _ => Effect::Both,
    }
}

/// What only warns fails no run: error to warn promises less.
fn severity(argument: &Argument) -> Effect {
    let fails =
        |node: Option<&Node>| node.is_none_or(|n| n.value == Value::Text("error".to_owned()));
    match (fails(argument.old), fails(argument.new)) {
        (true, false) => Effect::Weaker,
        (false, true) => Effect::Stronger,
        _ => Effect::Neither,
    }
}

/// A waiver accepts broken promises until a day; a later day accepts more.
fn waiver(argument: &Argument) -> Effect {
    let until = |node: &Node| match &node.value {
        Value::Map(map) => {
            let found = map.iter().find(|(k, _)| k.name == "until");
            found.map(|(_, n)| n.value.clone())
        }
        _ => None,
    };
    match (argument.old, argument.new) {
        (Some(old), Some(new)) => match (until(old), until(new)) {
            (Some(old), Some(new)) => match order(&old, &new) {
                Some(Ordering::Less) => Effect::Weaker,
                Some(Ordering::Greater) => Effect::Stronger,
                Some(Ordering::Equal) => Effect::Neither,
                None => Effect::Both,
            },
            _ => Effect::Both,
        },
        _ => presence(argument, Effect::Weaker),
    }
}

/// Each end that is no longer part of the range asks for more.
fn bounds(argument: &Argument) -> Effect {
    let ends = |node: Option<&Node>| {
        let text = node.map_or_else(|| "[]".to_owned(), |n| n.value.to_string());
        (text.starts_with('('), text.ends_with(')'))
    };
    let (old, new) = (ends(argument.old), ends(argument.new));
    let tighter = (!old.0 && new.0) || (!old.1 && new.1);
    let looser = (old.0 && !new.0) || (old.1 && !new.1);
    match (looser, tighter) {
        (true, false) => Effect::Weaker,
        (false, true) => Effect::Stronger,
        (false, false) => Effect::Neither,
        (true, true) => Effect::Both,
    }
}

/// The value of `compare`: which way is tighter depends on its operator.
fn compared(argument: &Argument) -> Effect {
    let op = argument.other.iter().find(|(n, _)| n == "op");
    match op.map(|(_, node)| node.value.to_string()).as_deref() {
        Some("<" | "<=") => by_order(argument, Effect::Weaker),
        Some(">" | ">=") => by_order(argument, Effect::Stronger),
        _ => Effect::Both,
    }
}

fn truth(node: Option<&Node>) -> bool {
    node.is_some_and(|n| n.value == Value::Bool(true))
}
