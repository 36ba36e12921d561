//! One rule of `quality`: library, SQL, text or another engine's.

use super::super::build::{expectation, text, texts};
use super::super::keys::Keys;
use super::super::text_of;
use super::operator::{self, Found, Wanted};
use super::{FORM, Object, library, sql};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};

/// Kinds of rules.
const KINDS: &[&str] = &["library", "sql", "text", "custom"];

/// Keys of a rule that change nothing about what is held.
const METADATA: &[&str] = &[
    "id",
    "authoritativeDefinitions",
    "businessImpact",
    "customProperties",
    "method",
    "schedule",
    "scheduler",
    "tags",
];

/// One rule being read.
pub(super) struct Rule<'a> {
    /// Where it stands.
    pub(super) place: &'a Place,
    /// What it is called in the coverage.
    pub(super) what: String,
    /// Its keys.
    pub(super) keys: Keys<'a>,
    /// Its `arguments`.
    pub(super) arguments: Option<Keys<'a>>,
    /// The column that it is under.
    pub(super) column: Option<&'a str>,
    /// Arguments of every expectation: severity, description, tags.
    pub(super) common: Vec<(&'static str, Node)>,
}

/// What becomes of a rule.
pub(super) enum Made {
    /// Expectations, and what is to be known about them.
    Held {
        /// Checks with their arguments.
        checks: Vec<(&'static str, Vec<(&'static str, Node)>)>,
        /// Readings that were chosen.
        notes: Vec<String>,
    },
    /// An expectation as the native form has it.
    Written(Node),
    /// Nothing, and why.
    Dropped(String),
}

impl Made {
    /// One check.
    pub(super) fn one(check: &'static str, args: Vec<(&'static str, Node)>) -> Self {
        Self::Held {
            checks: vec![(check, args)],
            notes: Vec::new(),
        }
    }

    /// Not held.
    pub(super) fn dropped(reason: impl Into<String>) -> Self {
        Self::Dropped(reason.into())
    }

    /// The same with something to know.
    pub(super) fn noting(mut self, note: impl Into<String>) -> Self {
        if let Self::Held { notes, .. } = &mut self {
            notes.push(note.into());
        }
        self
    }
}

/// Reads one rule about the object, or about one of its columns.
pub(super) fn read(
    node: &Node,
    column: Option<&str>,
    object: &mut Object,
    problems: &mut Problems,
) {
    let Some(keys) = Keys::of(node, "a rule of `quality`", problems) else {
        return;
    };
    let kind = kind(&keys, problems);
    let named = ["metric", "rule", "name", "engine"]
        .iter()
        .find_map(|k| keys.get(k).and_then(text_of));
    let what = format!(
        "quality {} of {}",
        named.unwrap_or(kind.unwrap_or("rule")),
        column.unwrap_or(object.name)
    );
    keys.ignore(METADATA);
    let mut notes = Vec::new();
    let common = common(&keys, &mut notes, problems);
    let arguments = keys.get("arguments");
    let rule = Rule {
        place: &node.place,
        what,
        arguments: arguments.and_then(|a| Keys::of(a, "arguments", problems)),
        keys,
        column,
        common,
    };
    let mut made = match kind {
        Some("library") => library::read(&rule, problems),
        Some("sql") => sql::read(&rule, object, problems),
        Some("text") => Made::dropped("it is text for people, which no program holds"),
        Some("custom") => custom(&rule, problems),
        _ => Made::dropped("it is of no kind that the standard knows"),
    };
    for note in notes {
        made = made.noting(note);
    }
    put(made, &rule, object);
    if kind == Some("text") {
        drop(operator::read(&rule.keys, problems));
    }
    let Rule {
        keys, arguments, ..
    } = rule;
    if let Some(arguments) = arguments {
        arguments.finish(FORM, &mut object.coverage);
    }
    keys.finish(FORM, &mut object.coverage);
}

/// The kind that is written, else the one that the keys show; without any it is `library`, the default.
fn kind<'a>(keys: &Keys<'a>, problems: &mut Problems) -> Option<&'a str> {
    let shown = match () {
        () if keys.get("metric").is_some() || keys.get("rule").is_some() => "library",
        () if keys.get("query").is_some() => "sql",
        () if keys.get("implementation").is_some() => "custom",
        () => "library",
    };
    let Some((written, place)) = keys.text("type", problems) else {
        return Some(shown);
    };
    if !KINDS.contains(&written) {
        let what = format!("`{written}` is no type of a rule");
        let problem = Diagnostic::new("invalid-quality", what).at(place, "not known");
        problems.add(problem.help(listing("types", written, KINDS.iter().copied())));
        return None;
    }
    Some(written)
}

/// Severity, description, and the dimension as a tag.
fn common(
    keys: &Keys,
    notes: &mut Vec<String>,
    problems: &mut Problems,
) -> Vec<(&'static str, Node)> {
    let mut args = Vec::new();
    if let Some((word, place)) = keys.text("severity", problems) {
        let severity = match word.to_lowercase().as_str() {
            "error" | "critical" | "fatal" | "high" | "fail" => "error",
            "warning" | "warn" | "medium" => "warn",
            "info" | "information" | "low" => "info",
            _ => {
                notes.push(format!("severity `{word}` counts as error"));
                "error"
            }
        };
        args.push(("severity", text(place, severity)));
    }
    let name = keys.text("name", problems);
    if let Some((words, place)) = keys.text("description", problems).or(name) {
        args.push(("description", text(place, words)));
    }
    if let Some((word, place)) = keys.text("dimension", problems) {
        args.push(("tags", texts(place, [word])));
    }
    args
}

/// A rule for another engine.
///
/// One for the engine `tollgate` is an expectation of ours, as the exporter writes it.
fn custom(rule: &Rule, problems: &mut Problems) -> Made {
    let engine = rule
        .keys
        .text("engine", problems)
        .map_or("another engine", |(e, _)| e);
    let own = rule.keys.require("implementation", problems);
    if let Some(node) = own.filter(|_| engine == "tollgate") {
        let Value::Map(entries) = &node.value else {
            return Made::dropped(
                "the implementation for tollgate is one check with its arguments",
            );
        };
        if entries.len() != 1 {
            return Made::dropped(
                "the implementation for tollgate is one check with its arguments",
            );
        }
        return Made::Written(node.clone());
    }
    drop(operator::read(&rule.keys, problems));
    Made::dropped(format!(
        "it is written for {engine}; import its own file, or write a check"
    ))
}

/// Adds the expectations where they belong, and says what became of the rule.
fn put(made: Made, rule: &Rule, object: &mut Object) {
    let (checks, notes) = match made {
        Made::Dropped(reason) => {
            object
                .coverage
                .dropped(rule.place, rule.what.clone(), reason);
            return;
        }
        Made::Written(node) => {
            object
                .coverage
                .mapped(rule.place, rule.what.clone(), "expect");
            add(node, rule.column, object);
            return;
        }
        Made::Held { checks, notes } => (checks, notes),
    };
    let names: Vec<&str> = checks.iter().map(|(check, _)| *check).collect();
    if notes.is_empty() {
        object
            .coverage
            .mapped(rule.place, rule.what.clone(), names.join(", "));
    } else {
        object
            .coverage
            .note(rule.place, rule.what.clone(), notes.join("; "));
    }
    for (check, mut args) in checks {
        args.extend(rule.common.iter().cloned());
        let several = args.iter().any(|(name, _)| *name == "columns");
        let made = expectation(rule.place, check, args);
        add(made, rule.column.filter(|_| !several), object);
    }
}

/// Puts an expectation under its column, or beside the columns where there is none.
fn add(expectation: Node, column: Option<&str>, object: &mut Object) {
    match column.and_then(|c| object.draft.column(c)) {
        Some(column) => column.expect.push(expectation),
        None => object.draft.expect.push(expectation),
    }
}

/// The operator of a rule that needs one.
pub(super) fn wanted(rule: &Rule, problems: &mut Problems) -> Result<Wanted, Made> {
    match operator::read(&rule.keys, problems) {
        Found::One(wanted) => Ok(wanted),
        Found::Absent => Err(Made::dropped(
            "it has no operator such as `mustBe`, so that nothing is asked",
        )),
        Found::Other(why) => Err(Made::dropped(why)),
    }
}

/// Whether the number is a percentage of the rows; another unit is not known.
pub(super) fn percent(rule: &Rule, problems: &mut Problems) -> Result<bool, Made> {
    match rule.keys.text("unit", problems) {
        None | Some(("rows" | "row" | "count", _)) => Ok(false),
        Some(("percent" | "percentage" | "%", _)) => Ok(true),
        Some((unit, _)) => Err(Made::dropped(format!("there is no unit `{unit}` here"))),
    }
}

/// Whether a value may stand in SQL and lists: one single value.
pub(super) fn single(node: &Node) -> bool {
    !matches!(node.value, Value::Null | Value::List(_) | Value::Map(_))
}
