//! One feature: type, presence, domain, environments, and what is compared with earlier data.

use super::super::build::{ContractDraft, flag, number, text, texts};
use super::super::column::Column;
use super::super::{Coverage, text_of};
use super::{FORM, Message};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Diagnostic;

/// Deepest nesting of structs.
const DEEPEST: usize = 16;

/// What a feature is read with.
pub(super) struct Around<'a> {
    pub(super) root: Message<'a>,
    pub(super) environments: &'a [&'a str],
}

/// Stages in which TFDV does not look at a feature.
const IDLE: &[&str] = &["PLANNED", "ALPHA", "DEPRECATED", "DISABLED", "DEBUG_ONLY"];

/// Fields that say nothing about values.
const METADATA: &[&str] = &[
    "annotation",
    "shape",
    "is_categorical",
    "name",
    "group_presence",
];

pub(super) fn read(
    node: &Node,
    above: &str,
    around: &Around,
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    problems: &mut Problems,
) {
    let feature = Message::of(node);
    let Some((name, at)) = feature.one("name").and_then(|n| Some((text_of(n)?, n))) else {
        problems.add(
            Diagnostic::new("missing-key", "a feature needs a `name`")
                .at(&node.place, "it has none"),
        );
        return;
    };
    let path = if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}.{name}")
    };
    let mut column = Column::new(&at.place, &path);
    let stage = feature
        .one("lifecycle_stage")
        .and_then(|n| Some((text_of(n)?, n)));
    if let Some((word, at)) = stage.filter(|(s, _)| IDLE.contains(s)) {
        column.note(&at.place, "lifecycle_stage", format!("TFDV does not look at a feature that is {word}: it may be missing, and nothing is held"));
        column.draft.set("required", flag(&at.place, false));
        column.put(draft, coverage);
        return;
    }
    kind(feature, &mut column, problems);
    presence(feature, &mut column, problems);
    environments(feature, around, &mut column);
    domains(feature, around, &mut column);
    counts(feature, &mut column);
    compared(feature, &mut column);
    others(feature, &path, &mut column);
    let deep = path.matches('.').count() >= DEEPEST;
    column.put(draft, coverage);
    if let Some((inner, at)) = feature.message("struct_domain") {
        if deep {
            coverage.dropped(
                &at.place,
                format!("struct_domain of {path}"),
                "it is nested too deeply",
            );
            return;
        }
        for node in inner.all("feature") {
            read(node, &path, around, draft, coverage, problems);
        }
        inner.rest(&["feature"], &format!("struct_domain of {path}"), coverage);
    }
}

/// Fields that nothing above has read.
fn others(feature: Message, path: &str, column: &mut Column) {
    let known = [
        "name",
        "type",
        "presence",
        "value_count",
        "domain",
        "int_domain",
        "float_domain",
        "string_domain",
        "bool_domain",
        "struct_domain",
        "url_domain",
        "distribution_constraints",
        "unique_constraints",
        "in_environment",
        "not_in_environment",
        "lifecycle_stage",
        "skew_comparator",
        "drift_comparator",
        "deprecated",
    ];
    let all: Vec<&str> = known.iter().chain(METADATA).copied().collect();
    feature.rest(&all, path, &mut column.coverage);
}

/// Whether a row may have other numbers of values than one, so that the column is one of lists.
fn is_list(feature: Message) -> bool {
    let count = feature.message("value_count").map(|(rules, _)| rules);
    let other = |v: f64| (v - 1.0).abs() >= f64::EPSILON;
    count.is_some_and(|c| {
        c.number("max").is_none_or(|(v, _)| other(v))
            || c.number("min").is_some_and(|(v, _)| v > 1.0)
    })
}

fn kind(feature: Message, column: &mut Column, problems: &mut Problems) {
    let Some(node) = feature.one("type") else {
        return;
    };
    let place = &node.place;
    let word = node.value.to_string();
    if is_list(feature) && ["BYTES", "INT", "FLOAT", "1", "2", "3"].contains(&word.as_str()) {
        column.set(place, "type", "type", text(place, "list"));
        let held = format!("held is that it is a list; not that its items are of type {word}");
        column.note(place, "type", held);
        return;
    }
    let truth = feature.message("bool_domain").is_some();
    match word.as_str() {
        "BYTES" | "1" => column.set(place, "type", "type", text(place, "string")),
        "INT" | "2" if truth => column.set(place, "type", "type", text(place, "any")),
        "INT" | "2" => column.set(place, "type", "type", text(place, "integer")),
        "FLOAT" | "3" => column.set(place, "type", "type", text(place, "float")),
        "STRUCT" | "4" => column.set(place, "type", "type", text(place, "struct")),
        other => {
            let problem =
                Diagnostic::new("unknown-type", format!("`{other}` is no type of {FORM}"));
            problems.add(
                problem
                    .at(place, "not known")
                    .help("types are BYTES, INT, FLOAT, STRUCT"),
            );
        }
    }
}

/// How many rows have a value; a feature without `presence` may be missing.
fn presence(feature: Message, column: &mut Column, problems: &mut Problems) {
    let Some((rules, node)) = feature.message("presence") else {
        let place = column.draft.name.place.clone();
        column.draft.set("required", flag(&place, false));
        return;
    };
    let fraction = rules.number("min_fraction");
    let count = rules.number("min_count");
    if let Some((share, at)) = fraction {
        let place = &at.place;
        if !(0.0..=1.0).contains(&share) {
            let problem = Diagnostic::new("wrong-type", "`min_fraction` must be a share, 0 to 1");
            problems.add(problem.at(place, "out of range"));
        } else if share >= 1.0 {
            column.not_null(place, "presence min_fraction");
        } else {
            let most = ((1.0 - share) * 1e9).round() / 1e9;
            column.held(
                place,
                "presence min_fraction",
                "null_ratio",
                vec![("max", number(place, most))],
            );
        }
    }
    if let Some((least, at)) = count {
        let place = &at.place;
        let name = column
            .path
            .split('.')
            .map(|p| format!("\"{}\"", p.replace('"', "\"\"")));
        let expr = format!("COUNT({})", name.collect::<Vec<_>>().join("."));
        let args = vec![("expr", text(place, expr)), ("min", number(place, least))];
        column.held(place, "presence min_count", "value_between", args);
    }
    if fraction.is_none_or(|(v, _)| v <= 0.0) && count.is_none_or(|(v, _)| v <= 0.0) {
        column.draft.set("required", flag(&node.place, false));
    }
    rules.rest(
        &["min_fraction", "min_count"],
        "presence",
        &mut column.coverage,
    );
}

/// Environments in which the feature is: those by default but for some, or these.
fn environments(feature: Message, around: &Around, column: &mut Column) {
    let inside: Vec<(&str, &Node)> = feature.words("in_environment").collect();
    let outside: Vec<(&str, &Node)> = feature.words("not_in_environment").collect();
    let Some((_, first)) = inside.first().or(outside.first()) else {
        return;
    };
    let default = around
        .root
        .words("default_environment")
        .map(|(name, _)| name);
    let mut names: Vec<&str> = default
        .chain(inside.iter().map(|(name, _)| *name))
        .collect();
    names.retain(|n| !outside.iter().any(|(o, _)| o == n));
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if around.environments.contains(&name) && !once.contains(&name) {
            once.push(name);
        }
    }
    let place = first.place.clone();
    if once.is_empty() {
        column.note(
            &place,
            "environments",
            "it is in no environment: it may be missing",
        );
        column.draft.set("required", flag(&place, false));
        return;
    }
    column.set(&place, "environments", "environments", texts(&place, once));
}

/// Fields that say which values a feature may have.
const DOMAINS: &[&str] = &[
    "domain",
    "int_domain",
    "float_domain",
    "string_domain",
    "bool_domain",
    "url_domain",
];

fn domains(feature: Message, around: &Around, column: &mut Column) {
    if is_list(feature) {
        for node in DOMAINS.iter().filter_map(|key| feature.one(key)) {
            let reason = "values inside a list are not looked at";
            column.dropped(&node.place, "domain", reason);
        }
        return;
    }
    if let Some((domain, node)) = feature.message("int_domain") {
        range(domain, node, column);
    }
    if let Some((domain, node)) = feature.message("float_domain") {
        range(domain, node, column);
        for (key, check) in [("disallow_nan", "not_nan"), ("disallow_inf", "finite")] {
            if let Some(at) = domain.one(key).filter(|n| is_true(n)) {
                let args = if check == "finite" {
                    vec![("nan", text(&at.place, "ignore"))]
                } else {
                    Vec::new()
                };
                column.held(&at.place, key, check, args);
            }
        }
    }
    if let Some((domain, node)) = feature.message("string_domain") {
        values(domain, node, feature, column);
    }
    if let Some((name, at)) = feature.one("domain").and_then(|n| Some((text_of(n)?, n))) {
        let named = |key: &str| {
            let mut all = around.root.all(key).iter();
            all.find(|n| Message::of(n).one("name").and_then(text_of) == Some(name))
        };
        if let Some(node) = named("string_domain") {
            values(Message::of(node), at, feature, column);
        } else if let Some(node) = named("int_domain").or_else(|| named("float_domain")) {
            range(Message::of(node), at, column);
        } else {
            column.dropped(
                &at.place,
                "domain",
                format!("the schema has no domain `{name}`"),
            );
        }
    }
    truths(feature, column);
    if let Some(node) = feature.one("url_domain") {
        column.held(
            &node.place,
            "url_domain",
            "format",
            vec![("kind", text(&node.place, "url"))],
        );
    }
}

/// The texts or numbers that stand for true and false.
fn truths(feature: Message, column: &mut Column) {
    if let Some((domain, node)) = feature.message("bool_domain") {
        let words: Vec<Node> = ["true_value", "false_value"]
            .iter()
            .filter_map(|k| domain.one(k))
            .cloned()
            .collect();
        if words.is_empty() {
            column.note(
                &node.place,
                "bool_domain",
                "the values are those of the type",
            );
        } else {
            column.allowed(&words, &node.place, "bool_domain", Vec::new());
        }
        domain.rest(
            &["name", "true_value", "false_value"],
            "bool_domain",
            &mut column.coverage,
        );
    }
}

fn is_true(node: &Node) -> bool {
    matches!(node.value.to_string().as_str(), "true" | "True" | "t" | "1")
}

fn range(domain: Message, node: &Node, column: &mut Column) {
    for key in ["min", "max"] {
        if let Some((value, at)) = domain.number(key) {
            // A whole number keeps its digits.
            let bound = if let Value::Int(_) = at.value {
                at.clone()
            } else {
                number(&at.place, value)
            };
            column.held(
                &at.place,
                key,
                "between",
                vec![(if key == "min" { "min" } else { "max" }, bound)],
            );
        }
    }
    if domain.one("min").is_none() && domain.one("max").is_none() && domain.entries.is_empty() {
        column.note(&node.place, "domain", "it has no bounds");
    }
    let known = [
        "name",
        "min",
        "max",
        "is_categorical",
        "disallow_nan",
        "disallow_inf",
        "is_embedding",
        "embedding_dim",
    ];
    domain.rest(&known, "a domain", &mut column.coverage);
}

/// The values of a domain, of which `min_domain_mass` says how many rows must have one.
fn values(domain: Message, node: &Node, feature: Message, column: &mut Column) {
    let items = domain.all("value");
    let mass = feature
        .message("distribution_constraints")
        .and_then(|(m, _)| m.number("min_domain_mass"));
    let mut more = Vec::new();
    if let Some((share, at)) = mass {
        if share < 1.0 {
            let most = ((1.0 - share.max(0.0)) * 1e9).round() / 1e9;
            more.push(("max_failing_ratio", number(&at.place, most)));
            column.note(
                &at.place,
                "min_domain_mass",
                "shares are of all rows, nulls among them, which never fail",
            );
        } else {
            column.note(
                &at.place,
                "min_domain_mass",
                "every value must be of the domain",
            );
        }
    }
    if items.is_empty() {
        column.note(&node.place, "string_domain", "it lists no value");
    } else {
        column.allowed(items, &node.place, "string_domain", more);
    }
    domain.rest(&["name", "value"], "a string_domain", &mut column.coverage);
}

/// How many values a row has, and how many there are.
fn counts(feature: Message, column: &mut Column) {
    if let Some((rules, node)) = feature.message("value_count") {
        if is_list(feature) {
            let mut args = Vec::new();
            for key in ["min", "max"] {
                let bound = rules
                    .number(key)
                    .filter(|(v, _)| *v >= 0.0 && v.fract() == 0.0);
                args.extend(bound.map(|(v, at)| (key, number(&at.place, v))));
            }
            if args.is_empty() {
                column.note(&node.place, "value_count", "it has no bounds");
            } else {
                column.held(&node.place, "value_count", "list_length", args);
            }
        } else {
            column.note(
                &node.place,
                "value_count",
                "one value in a row is what a column has",
            );
        }
        rules.rest(&["min", "max"], "value_count", &mut column.coverage);
    }
    if let Some((rules, node)) = feature.message("unique_constraints") {
        let mut args = Vec::new();
        for key in ["min", "max"] {
            args.extend(rules.number(key).map(|(v, at)| (key, number(&at.place, v))));
        }
        if args.is_empty() {
            column.note(&node.place, "unique_constraints", "it has no bounds");
        } else {
            column.held(&node.place, "unique_constraints", "distinct_count", args);
        }
        rules.rest(&["min", "max"], "unique_constraints", &mut column.coverage);
    }
    if let Some((rules, node)) = feature.message("distribution_constraints") {
        let listed = feature.one("string_domain").is_some() || feature.one("domain").is_some();
        if rules.one("min_domain_mass").is_some() && !listed {
            column.dropped(
                &node.place,
                "min_domain_mass",
                "the feature has no list of values",
            );
        }
        rules.rest(
            &["min_domain_mass"],
            "distribution_constraints",
            &mut column.coverage,
        );
    }
}

/// Comparisons with earlier data and with serving are said in `tollgate.yaml`.
fn compared(feature: Message, column: &mut Column) {
    for key in ["skew_comparator", "drift_comparator"] {
        let Some((rules, node)) = feature.message(key) else {
            continue;
        };
        let limit = rules
            .message("infinity_norm")
            .and_then(|(m, _)| m.number("threshold"));
        let drift = limit.map_or("`drift`".to_owned(), |(v, _)| {
            format!("`drift: {{l_infinity: {v}}}`")
        });
        let reason = format!("a distance needs a `reference` in tollgate.yaml, with {drift}");
        column.dropped(&node.place, key, reason);
    }
}
