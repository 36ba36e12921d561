//! Rules of the standard's library: nulls, missing, invalid and repeated values, and rows.

use super::super::build::{int, list, number, text, texts};
use super::super::{computed, text_of};
use super::operator::Wanted;
use super::quality::{Made, Rule, percent, single, wanted};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::contract::infer::yaml;

/// What the library counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Metric {
    Null,
    Missing,
    Invalid,
    Duplicate,
    Rows,
}

/// The metric by its name, or by a name that `rule` of version 3.0 has in use.
fn metric(word: &str) -> Option<Metric> {
    Some(match word {
        "nullValues" | "nullCheck" | "nullCount" | "notNull" => Metric::Null,
        "missingValues" | "missingCount" | "missingCheck" => Metric::Missing,
        "invalidValues" | "validValues" | "invalidCount" | "validCheck" => Metric::Invalid,
        "duplicateValues" | "duplicateCount" | "duplicateCheck" | "unique" | "uniqueCheck" => {
            Metric::Duplicate
        }
        "rowCount" | "countCheck" => Metric::Rows,
        _ => return None,
    })
}

/// Reads one rule.
pub(super) fn read(rule: &Rule, problems: &mut Problems) -> Made {
    let named = rule.keys.text("metric", problems);
    let deprecated = rule.keys.text("rule", problems);
    let Some((word, _)) = named.or(deprecated) else {
        return Made::dropped("it names no `metric`");
    };
    let Some(metric) = metric(word) else {
        return Made::dropped(format!("the library has no metric `{word}`"));
    };
    let unit = percent(rule, problems);
    let asked = match wanted(rule, problems) {
        Err(_) if named.is_none() && metric != Metric::Rows => Ok(none_may(rule)),
        other => other,
    };
    let (unit, asked) = match (unit, asked) {
        (Ok(unit), Ok(asked)) => (unit, asked),
        (Err(made), _) | (_, Err(made)) => return made,
    };
    let made = match metric {
        Metric::Rows if unit => Made::dropped("rows are no percentage of themselves"),
        Metric::Rows => rows(rule, &asked),
        Metric::Null => column(rule, |c| nulls(c, &asked, unit)),
        Metric::Missing => column(rule, |c| missing(rule, c, &asked, unit)),
        Metric::Invalid => column(rule, |c| invalid(rule, c, &asked, unit)),
        Metric::Duplicate => duplicate(rule, &asked, unit),
    };
    let made = asked.choice().into_iter().fold(made, Made::noting);
    if named.is_none() {
        return made.noting(format!(
            "`rule: {word}` is deprecated; `metric` says the same"
        ));
    }
    made
}

/// A `rule` of version 3.0 without an operator allows no row.
fn none_may(rule: &Rule) -> Wanted {
    use super::operator::End;
    Wanted {
        place: rule.place.clone(),
        key: "mustBe",
        low: End::With(0.0),
        high: End::With(0.0),
        outside: false,
    }
}

fn column(rule: &Rule, make: impl FnOnce(&str) -> Made) -> Made {
    match rule.column {
        Some(column) => make(column),
        None => Made::dropped("it is about a property, and stands under none"),
    }
}

/// An SQL name that reads as exactly these characters.
pub(super) fn name(column: &str) -> String {
    let part = |p: &str| format!("\"{}\"", p.replace('"', "\"\""));
    column.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// At most so many nulls, or at most such a share of the rows; less than a share is more than the rest with a value.
fn nulls(column: &str, asked: &Wanted, percent: bool) -> Made {
    use super::operator::End;
    let below = match asked.high {
        End::Without(v) if percent && (0.0..=100.0).contains(&v) => asked.most().map(|_| v),
        _ => None,
    };
    let Some(below) = below else {
        return counted(vec![("not_null", vec![])], &null(column), asked, percent);
    };
    let place = &asked.place;
    Made::one(
        "non_null_ratio",
        vec![
            ("min", number(place, (100.0 - below) / 100.0)),
            ("bounds", text(place, "(]")),
        ],
    )
}

fn null(column: &str) -> String {
    format!("{} IS NULL", name(column))
}

type Checks = Vec<(&'static str, Vec<(&'static str, Node)>)>;

/// Checks that count failing rows, held against the operator: at most so many rows, or at most such a share of them.
///
/// Anything else, such as a least number of nulls, becomes a number computed in SQL from the condition `failing`.
fn counted(mut checks: Checks, failing: &str, asked: &Wanted, percent: bool) -> Made {
    use super::operator::End;
    let place = &asked.place;
    let tolerance = match (percent, asked.most(), asked.high) {
        (_, Some(0), End::With(0.0)) => Some(None),
        (false, Some(most), _) => Some((most > 0).then(|| ("max_failing", int(place, most)))),
        (true, Some(_), End::With(v)) if v <= 100.0 => {
            Some(Some(("max_failing_ratio", number(place, v / 100.0))))
        }
        _ => None,
    };
    match tolerance {
        Some(tolerance) if checks.len() == 1 || tolerance.is_none() => {
            for (_, args) in &mut checks {
                args.extend(tolerance.clone());
            }
            Made::Held {
                checks,
                notes: Vec::new(),
            }
        }
        _ if failing.is_empty() => Made::dropped("no check compares this count in such a way"),
        _ => computed(failing, asked, percent),
    }
}

/// `1` where the count of rows that meet `failing` is not as wanted, `0` where it is. A share of no rows is 0 percent.
fn computed(failing: &str, asked: &Wanted, percent: bool) -> Made {
    let number = if percent {
        computed::percent_of(failing, "0.0")
    } else {
        computed::count_of(failing)
    };
    let expr = computed::verdict(&asked.condition(&number));
    let place = &asked.place;
    let args = vec![("expr", text(place, expr)), ("max", int(place, 0))];
    Made::one("value_between", args).noting(computed::NOTE)
}

fn rows(rule: &Rule, asked: &Wanted) -> Made {
    match asked.counts() {
        Some(args) if !args.is_empty() => Made::one("row_count", args),
        Some(_) => Made::dropped("every number of rows is allowed"),
        None if asked.outside => {
            let expr = computed::verdict(&asked.condition("COUNT(*)"));
            let place = &rule.place;
            Made::one(
                "value_between",
                vec![("expr", text(place, expr)), ("max", int(place, 0))],
            )
        }
        None => Made::dropped("no number of rows is allowed"),
    }
}

/// `arguments` of a rule, and what version 3.0 wrote beside them.
fn argument<'a>(rule: &Rule<'a>, key: &'static str) -> Option<&'a Node> {
    let inside = rule.arguments.as_ref().and_then(|a| a.get(key));
    rule.keys.get(key).or(inside)
}

fn values(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Values that mean missing: those listed, and null only where it is listed or nothing is.
fn missing(rule: &Rule, column: &str, asked: &Wanted, percent: bool) -> Made {
    let Some(node) = argument(rule, "missingValues") else {
        let made = counted(vec![("not_null", vec![])], &null(column), asked, percent);
        return made.noting("without `missingValues` only null is missing");
    };
    let items = values(node);
    let with_null = items.iter().any(|i| i.value == Value::Null);
    let listed: Vec<Node> = items.iter().filter(|i| single(i)).cloned().collect();
    let place = &node.place;
    let texts_only = listed.iter().all(|i| text_of(i).is_some());
    let failing = among(column, &listed, with_null);
    let check = match (listed.is_empty(), with_null, texts_only) {
        (true, true, _) => ("not_null", vec![]),
        (true, false, _) => return Made::dropped("`missingValues` lists nothing"),
        (false, true, true) => ("missing", vec![("tokens", list(place, listed))]),
        (false, true, false) => {
            return counted(
                vec![
                    ("not_null", vec![]),
                    ("not_in_set", vec![("values", list(place, listed))]),
                ],
                &failing,
                asked,
                percent,
            );
        }
        (false, false, _) => ("not_in_set", vec![("values", list(place, listed))]),
    };
    let made = counted(vec![check], &failing, asked, percent);
    if with_null {
        made
    } else {
        made.noting("null is not among `missingValues` and does not count as missing")
    }
}

/// The condition that a value is one of those listed, or null where that is.
fn among(column: &str, listed: &[Node], with_null: bool) -> String {
    let literal = |n: &Node| match &n.value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    };
    let all: Vec<String> = listed.iter().map(literal).collect();
    let name = name(column);
    let inside = (!all.is_empty()).then(|| format!("{name} IN ({})", all.join(", ")));
    let null = with_null.then(|| format!("{name} IS NULL"));
    inside
        .into_iter()
        .chain(null)
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// Values that are not valid: not listed, or not of the pattern. Null is missing, not invalid.
fn invalid(rule: &Rule, column: &str, asked: &Wanted, percent: bool) -> Made {
    let mut checks: Checks = Vec::new();
    let mut failing = String::new();
    if let Some(node) = argument(rule, "validValues") {
        let listed: Vec<Node> = values(node).iter().filter(|i| single(i)).cloned().collect();
        failing = format!("NOT ({})", among(column, &listed, false));
        if listed.is_empty() {
            return Made::dropped("`validValues` lists nothing");
        }
        checks.push(("in_set", vec![("values", list(&node.place, listed))]));
    }
    if let Some(node) = argument(rule, "pattern") {
        let Some(pattern) = text_of(node).filter(|p| regex::Regex::new(p).is_ok()) else {
            return Made::dropped(
                "the pattern is not one of the Rust regex syntax: no look-around, no back-references",
            );
        };
        failing.clear();
        checks.push(("matches", vec![("pattern", text(&node.place, pattern))]));
    }
    if checks.is_empty() {
        return Made::dropped(format!(
            "it says neither `validValues` nor `pattern`; the rules of {} hold what its options say",
            yaml::comment(column)
        ));
    }
    counted(checks, &failing, asked, percent).noting("null is missing, and not counted as invalid")
}

/// Second and later rows of each repeated value, of those without a null.
fn duplicate(rule: &Rule, asked: &Wanted, percent: bool) -> Made {
    let named = argument(rule, "properties").map(|n| (n, values(n)));
    let columns: Vec<&str> = match (named, rule.column) {
        (Some((_, items)), _) => items.iter().filter_map(text_of).collect(),
        (None, Some(column)) => vec![column],
        (None, None) => return Made::dropped("it names no `properties`, and stands under none"),
    };
    if columns.is_empty() {
        return Made::dropped("`properties` names none");
    }
    let place = named.map_or(rule.place, |(n, _)| &n.place);
    let check = (
        "unique_key",
        vec![("columns", texts(place, columns.iter().copied()))],
    );
    let made = counted(vec![check], "", asked, percent);
    if matches!(&made, Made::Held { checks, .. } if checks[0].1.len() == 1) {
        return made;
    }
    made.noting("counted are the second and later rows of each repeated value; tools disagree about this number")
}
