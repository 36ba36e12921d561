//! Expectations of one contract, or of one column, against those of another.

use super::arguments::{self, Argument};
use super::{Change, Effect, Rule};
use crate::catalogue::{Catalogue, Check, Listed};
use crate::config::tree::{Node, Value};
use crate::contract::Expectation;
use crate::record::Severity;

/// One expectation with its arguments by name.
struct Applied<'a> {
    written: &'a Expectation,
    check: Option<&'a Check>,
    arguments: Vec<(String, &'a Node)>,
    /// The column or columns it is about.
    target: String,
}

impl<'a> Applied<'a> {
    fn of(written: &'a Expectation, catalogue: &'a Catalogue) -> Self {
        let check = catalogue.check(&written.check).map(AsRef::as_ref);
        let mut arguments: Vec<(String, &Node)> = match &written.args {
            None => Vec::new(),
            Some(Node {
                value: Value::Map(map),
                ..
            }) => map.iter().map(|(k, v)| (k.name.clone(), v)).collect(),
            Some(node) => {
                let listed = match written.column {
                    Some(_) => Listed::UnderColumn,
                    None => Listed::UnderDataset,
                };
                let first = check.and_then(|c| c.alone(listed));
                let name = first.map_or("value", |p| p.name.as_str());
                vec![(name.to_owned(), node)]
            }
        };
        arguments.retain(|(_, node)| node.value != Value::Null);
        let given = |(name, _): &&(String, &Node)| name == "column" || name == "columns";
        let named = arguments.iter().find(given).map(|(_, n)| shown(n));
        let target = named.or_else(|| written.column.clone()).unwrap_or_default();
        arguments.retain(|(name, _)| name != "column" && name != "columns");
        Self {
            written,
            check,
            arguments,
            target,
        }
    }

    fn argument(&self, name: &str) -> Option<&'a Node> {
        let mut found = self.arguments.iter();
        found.find(|(n, _)| n == name).map(|(_, node)| *node)
    }

    /// What it is about; two of one contract are told apart by their filter.
    fn same_subject(&self, other: &Applied<'_>) -> bool {
        self.written.check == other.written.check && self.target == other.target
    }

    fn same_filter(&self, other: &Applied<'_>) -> bool {
        let filter = |a: &Applied<'_>| a.argument("where").map(|n| n.value.to_string());
        self.same_subject(other) && filter(self) == filter(other)
    }

    fn severity(&self) -> Severity {
        match self.argument("severity").map(|n| &n.value) {
            Some(Value::Text(word)) => Severity::parse(word).unwrap_or(Severity::Error),
            _ => Severity::Error,
        }
    }

    fn change(&self, rule: Rule, effect: Effect, message: String) -> Change {
        let mut change = Change::new(rule, effect, message);
        change.check = Some(self.written.check.clone());
        match self.target.as_str() {
            "" => change,
            target => change.of(target),
        }
    }

    /// What it breaks when it comes or goes: nothing where it only warns.
    fn effect(&self, effect: Effect) -> Effect {
        if self.severity() == Severity::Error {
            effect
        } else {
            Effect::Neither
        }
    }
}

/// What a value is, for messages: lists in full up to a few.
pub(super) fn shown(node: &Node) -> String {
    const ITEMS: usize = 12;
    match &node.value {
        Value::List(items) => {
            let list: Vec<String> = items.iter().take(ITEMS).map(shown).collect();
            match items.len().checked_sub(ITEMS) {
                Some(more) if more > 0 => format!("{} and {more} more", list.join(", ")),
                _ => list.join(", "),
            }
        }
        Value::Map(entries) => {
            let list = entries
                .iter()
                .map(|(k, v)| format!("{}: {}", k.name, shown(v)));
            format!("{{{}}}", list.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

pub(super) fn compare(
    old: &[Expectation],
    new: &[Expectation],
    catalogue: &Catalogue,
) -> Vec<Change> {
    let was: Vec<Applied> = old.iter().map(|e| Applied::of(e, catalogue)).collect();
    let is: Vec<Applied> = new.iter().map(|e| Applied::of(e, catalogue)).collect();
    let mut free: Vec<usize> = (0..is.len()).collect();
    let mut pairs: Vec<Option<usize>> = vec![None; was.len()];
    let mut pair_up = |same: &dyn Fn(&Applied<'_>, &Applied<'_>) -> bool| {
        for (a, pair) in was.iter().zip(&mut pairs) {
            if pair.is_none()
                && let Some(position) = free.iter().position(|b| same(a, &is[*b]))
            {
                *pair = Some(free.remove(position));
            }
        }
    };
    pair_up(&|a, b| a.same_filter(b));
    pair_up(&|a, b| a.same_subject(b));
    let mut changes = Vec::new();
    for (a, pair) in was.iter().zip(pairs) {
        match pair {
            Some(b) => changes.extend(applied(a, &is[b])),
            None => changes.push(
                a.change(
                    Rule::ExpectationRemoved,
                    a.effect(Effect::Weaker),
                    format!("`{}` is gone", a.written.check),
                )
                .at(Some(&a.written.place), None),
            ),
        }
    }
    changes.extend(free.into_iter().map(|b| added(&is[b])));
    changes
}

fn added(b: &Applied) -> Change {
    let list = b
        .arguments
        .iter()
        .map(|(k, v)| format!("{k}: {}", shown(v)));
    let arguments = list.collect::<Vec<_>>().join(", ");
    let message = if arguments.is_empty() {
        format!("`{}` is new", b.written.check)
    } else {
        format!("`{}` is new: {arguments}", b.written.check)
    };
    b.change(Rule::ExpectationAdded, b.effect(Effect::Stronger), message)
        .at(None, Some(&b.written.place))
}

/// The same expectation on both sides, argument by argument.
fn applied(a: &Applied, b: &Applied) -> Vec<Change> {
    let fails = |s: &Applied| s.severity() == Severity::Error;
    let mut changes = Vec::new();
    let mut names: Vec<&str> = a.arguments.iter().map(|(n, _)| n.as_str()).collect();
    names.extend(b.arguments.iter().map(|(n, _)| n.as_str()));
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let (old, new) = (a.argument(name), b.argument(name));
        let default = b
            .check
            .and_then(|c| c.param(name))
            .and_then(|p| p.default.as_ref());
        let value = |node: Option<&Node>| node.or(default).map(|n| plain(&n.value));
        if value(old) == value(new) {
            continue;
        }
        let argument = Argument {
            name,
            check: a.check,
            old,
            new,
            other: b.arguments.as_slice(),
        };
        for (rule, effect, what) in arguments::compare(&argument) {
            let effect = match (name, fails(a) && fails(b)) {
                ("severity", _) | (_, true) => effect,
                (_, false) => Effect::Neither,
            };
            let message = format!("`{}`: {what}", a.written.check);
            let place = |node: Option<&Node>, e: &Expectation| {
                node.map_or_else(|| e.place.clone(), |n| n.place.clone())
            };
            changes.push(
                b.change(rule, effect, message)
                    .at(Some(&place(old, a.written)), Some(&place(new, b.written))),
            );
        }
    }
    changes
}

/// A value without its places.
fn plain(value: &Value) -> String {
    match value {
        Value::List(items) => {
            let list: Vec<String> = items.iter().map(|n| plain(&n.value)).collect();
            format!("[{}]", list.join(","))
        }
        Value::Map(entries) => {
            let list = entries
                .iter()
                .map(|(k, v)| format!("{:?}:{}", k.name, plain(&v.value)));
            format!("{{{}}}", list.collect::<Vec<_>>().join(","))
        }
        Value::Text(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}
