//! Rule types of DQDL and what each promises.

use super::super::promise::{Promise, Reading, Refused, allowed};
use super::super::{build, computed, type_names};
use super::parse::{Condition, Op, Operand, Rule};
use super::{others, past, values, whole};
use crate::config::tree::Node;
use crate::diagnostic::Diagnostic;

/// What a rule promises, and what differs from the original.
pub(super) fn read(rule: &Rule) -> Result<(Vec<Promise>, Option<String>), Refused> {
    let note = match rule.name.as_str() {
        "DataFreshness" => Some("every value is judged by the oldest; nulls are left out"),
        "ColumnDataType" => Some("the column's own type; AWS Glue reads texts as well"),
        "SchemaMatch" => Some("of the columns of both datasets together"),
        "DatasetMatch" => {
            Some("a row of either side without a partner fails, as do rows that differ")
        }
        _ if past::is_dynamic(rule) => {
            Some("past runs are the ordinary ones of `history`, which tollgate.yaml must name")
        }
        _ => None,
    };
    if past::is_dynamic(rule) {
        return Ok((past::read(rule)?, note.map(str::to_owned)));
    }
    if let Some(promise) = whole::unranged(rule)? {
        return Ok((vec![promise], Some(computed::NOTE.to_owned())));
    }
    let promises = match number(rule) {
        Some(reading) => reading?,
        None => other(rule)?,
    };
    let in_sql = promises.iter().any(|p| p.check() == "value_between");
    let note = if in_sql && rule.name != "CustomSql" {
        Some(computed::NOTE)
    } else {
        note
    };
    if rule.threshold.is_some() && !matches!(rule.name.as_str(), "ColumnValues" | "ColumnLength") {
        let reason = format!("`with threshold` of {}", rule.name);
        return Err(Refused::Dropped(reason));
    }
    Ok((promises, note.map(str::to_owned)))
}

/// Rules that hold one number against a condition; `None` for any other.
fn number(rule: &Rule) -> Option<Reading> {
    let at = &rule.place;
    let one = |check: &'static str| column(rule).map(|c| Promise::of(check, at, &c));
    let all =
        |check: &'static str| columns(rule).map(|c| Promise::new(check, at).with("columns", c));
    let (promise, step) = match rule.name.as_str() {
        "RowCount" => (Ok(Promise::new("row_count", at)), Step::Whole),
        "ColumnCount" => (Ok(Promise::new("column_count", at)), Step::Whole),
        "DistinctValuesCount" => (one("distinct_count"), Step::Whole),
        "Completeness" => (one("non_null_ratio"), Step::Any),
        "Mean" => (one("mean_between"), Step::Any),
        "Sum" => (one("sum_between"), Step::Any),
        "Uniqueness" => (all("uniqueness_between"), Step::Any),
        "UniqueValueRatio" => (all("unique_value_ratio_between"), Step::Any),
        "Entropy" => (one("entropy_between"), Step::Any),
        "StandardDeviation" => (one("stddev_between").map(|p| p.whole("ddof", 0)), Step::Any),
        "ColumnCorrelation" => (correlated(rule), Step::Any),
        _ => return None,
    };
    Some(promise.and_then(|p| bounded(rule, p, step)))
}

fn correlated(rule: &Rule) -> Result<Promise, Refused> {
    only(rule, 2)?;
    let first = param(rule, 0, "a column in quotes")?;
    let promise = Promise::of("correlation_between", &rule.place, &first);
    Ok(promise.with("other", param(rule, 1, "another column in quotes")?))
}

/// Rules about rows, keys, columns and other datasets.
fn other(rule: &Rule) -> Reading {
    let at = &rule.place;
    match rule.name.as_str() {
        "IsComplete" => Ok(vec![Promise::of("not_null", at, &column(rule)?)]),
        "IsUnique" => Ok(vec![
            Promise::new("unique_key", at).with("columns", columns(rule)?),
        ]),
        "IsPrimaryKey" => Ok(vec![
            Promise::new("primary_key", at).with("columns", columns(rule)?),
        ]),
        "DataFreshness" => freshness(rule),
        "ColumnExists" => exists(rule),
        "ColumnNamesMatchPattern" => names(rule),
        "ColumnDataType" => data_type(rule),
        "ColumnValues" => values::values(rule),
        "ColumnLength" => values::lengths(rule),
        "RowCountMatch" => row_count_match(rule),
        "ReferentialIntegrity" => referential(rule),
        "AggregateMatch" => others::aggregate(rule),
        "DatasetMatch" => others::dataset(rule),
        "SchemaMatch" => schema_match(rule),
        "CustomSql" => custom(rule),
        name => Err(Refused::Dropped(unheld(name))),
    }
}

fn unheld(name: &str) -> String {
    match name {
        "DetectAnomalies" => {
            "anomalies over past runs are judged by `history:` in tollgate.yaml".to_owned()
        }
        "FileFreshness" | "FileMatch" | "FileSize" | "FileUniqueness" => {
            "it names files of its own; the checks of files here are about the dataset's".to_owned()
        }
        _ => format!("no check is known for the rule type `{name}`"),
    }
}

/// A parameter that must be there.
pub(super) fn param(rule: &Rule, at: usize, name: &str) -> Result<Node, Refused> {
    match rule.params.get(at) {
        Some((text, place)) => Ok(build::text(place, text)),
        None => Err(Refused::missing(
            &rule.place,
            &format!("`{}`", rule.name),
            name,
        )),
    }
}

/// The one column of a rule.
pub(super) fn column(rule: &Rule) -> Result<Node, Refused> {
    only(rule, 1)?;
    param(rule, 0, "a column in quotes")
}

fn columns(rule: &Rule) -> Result<Node, Refused> {
    let first = param(rule, 0, "a column in quotes")?;
    let names = rule
        .params
        .iter()
        .map(|(text, place)| build::text(place, text));
    Ok(build::list(&first.place, names.collect()))
}

/// Refuses more parameters than the rule type takes.
pub(super) fn only(rule: &Rule, most: usize) -> Result<(), Refused> {
    match rule.params.get(most) {
        Some((text, place)) => {
            let problem = Diagnostic::new(
                "invalid-dqdl",
                format!("`{}` takes no parameter `{text}`", rule.name),
            );
            Err(Refused::Wrong(problem.at(place, "one too many")))
        }
        None => Ok(()),
    }
}

/// The condition of a rule, which must have one.
pub(super) fn condition(rule: &Rule) -> Result<&Condition, Refused> {
    rule.condition.as_ref().ok_or_else(|| {
        Refused::missing(
            &rule.place,
            &format!("`{}`", rule.name),
            "a condition such as `> 10`",
        )
    })
}

/// What lies next to a bound that is left out.
#[derive(Clone, Copy)]
enum Step {
    /// The next whole number.
    Whole,
    /// The next float.
    Any,
}

/// The condition on a ratio as closed bounds, one left out moved to the next float.
pub(super) fn bounds(rule: &Rule) -> Result<(Option<f64>, Option<f64>), Refused> {
    range(rule, Step::Any)
}

/// The condition as closed bounds.
///
/// Errors: conditions that are no range, and numbers that past runs decide.
fn range(rule: &Rule, step: Step) -> Result<(Option<f64>, Option<f64>), Refused> {
    let condition = condition(rule)?;
    let number = |at: usize| match condition.operands.get(at) {
        Some(Operand::Number(v)) => Ok(*v),
        _ => Err(Refused::Dropped(
            "a condition with something else than a number".to_owned(),
        )),
    };
    let above = |v: f64| match step {
        Step::Whole => v.floor() + 1.0,
        Step::Any => v.next_up(),
    };
    let below = |v: f64| match step {
        Step::Whole => v.ceil() - 1.0,
        Step::Any => v.next_down(),
    };
    Ok(match condition.op {
        Op::Equal => (Some(number(0)?), Some(number(0)?)),
        Op::Greater => (Some(above(number(0)?)), None),
        Op::GreaterEqual => (Some(number(0)?), None),
        Op::Less => (None, Some(below(number(0)?))),
        Op::LessEqual => (None, Some(number(0)?)),
        Op::Between => (Some(above(number(0)?)), Some(below(number(1)?))),
        _ => {
            return Err(Refused::Dropped(
                "a condition that is no range of numbers".to_owned(),
            ));
        }
    })
}

/// Checks whose number is a share.
const SHARES: &[&str] = &[
    "non_null_ratio",
    "unique_value_ratio_between",
    "uniqueness_between",
];

/// The age of every value, so that of the oldest.
fn freshness(rule: &Rule) -> Reading {
    let condition = condition(rule)?;
    let (Op::Less | Op::LessEqual, [Operand::Minutes(most)]) =
        (condition.op, &condition.operands[..])
    else {
        return Err(Refused::Dropped(
            "a condition that is no greatest age".to_owned(),
        ));
    };
    let age = most.round();
    if !(0.0..=4e9).contains(&age) {
        return Err(Refused::Dropped(
            "an age that is no length of time here".to_owned(),
        ));
    }
    let promise = Promise::of("retention", &rule.place, &column(rule)?);
    Ok(vec![promise.text("max_age", &format!("{age}m"))])
}

fn bounded(rule: &Rule, promise: Promise, step: Step) -> Reading {
    let (min, max) = range(rule, step)?;
    let place = &condition(rule)?.place;
    if let (Some(a), Some(b)) = (min, max)
        && a > b
    {
        let problem = Diagnostic::new(
            "empty-range",
            "nothing lies between the bounds, which are left out themselves",
        );
        return Err(Refused::Wrong(problem.at(place, "no number can hold this")));
    }
    let ratio = SHARES.contains(&promise.check());
    let node = |v: f64| match step {
        Step::Whole if v < 0.0 => None,
        _ if ratio && !(0.0..=1.0).contains(&v) => None,
        Step::Whole => Some(build::number(place, v.ceil())),
        Step::Any => Some(build::number(place, v)),
    };
    let (least, most) = (min.and_then(node), max.and_then(node));
    if max.is_some_and(|m| m < 0.0) && (ratio || matches!(step, Step::Whole)) {
        let problem = Diagnostic::new("empty-range", "no count and no share is below 0");
        return Err(Refused::Wrong(problem.at(place, "no number can hold this")));
    }
    if least.is_none() && most.is_none() {
        return Err(Refused::Empty(
            "every number holds the condition".to_owned(),
        ));
    }
    Ok(vec![promise.maybe("min", least).maybe("max", most)])
}

fn exists(rule: &Rule) -> Reading {
    let column = column(rule)?;
    let promise = Promise::new("column_exists", &rule.place)
        .with("columns", build::list(&column.place, vec![column.clone()]));
    Ok(vec![promise])
}

fn names(rule: &Rule) -> Reading {
    only(rule, 1)?;
    let pattern = param(rule, 0, "a pattern in quotes")?;
    values::regex(&pattern.value.to_string())?;
    Ok(vec![
        Promise::new("column_names_match", &rule.place).with("pattern", pattern),
    ])
}

fn data_type(rule: &Rule) -> Reading {
    let condition = condition(rule)?;
    let (Op::Equal, [Operand::Text(name)]) = (condition.op, &condition.operands[..]) else {
        return Err(Refused::Dropped(
            "a type by something else than `= \"TYPE\"`".to_owned(),
        ));
    };
    let native = type_names::native(name)
        .ok_or_else(|| Refused::Dropped(format!("no type here is called `{name}`")))?;
    let promise = Promise::of("column_type", &rule.place, &column(rule)?)
        .with("type", build::text(&condition.place, native));
    Ok(vec![promise])
}

/// Rows here over rows there.
fn row_count_match(rule: &Rule) -> Reading {
    only(rule, 1)?;
    let other = param(rule, 0, "the alias of another dataset")?;
    let (min, max) = match &rule.condition {
        None => (Some(1.0), Some(1.0)),
        Some(_) => range(rule, Step::Any)?,
    };
    let promise = Promise::new("row_count_matches", &rule.place)
        .with("dataset", other)
        .number("min_ratio", min.unwrap_or(0.0))
        .number("max_ratio", max.unwrap_or(1e15));
    Ok(vec![promise])
}

/// Columns of the same name and type here and there, over those of either.
fn schema_match(rule: &Rule) -> Reading {
    only(rule, 1)?;
    let other = param(rule, 0, "the alias of another dataset")?;
    let promise = Promise::new("schema_matches", &rule.place).with("dataset", other);
    let (min, max) = match &rule.condition {
        None => (Some(1.0), None),
        Some(_) => range(rule, Step::Any)?,
    };
    if max.is_some_and(|m| m < 1.0) {
        return Err(Refused::Dropped(
            "a share of columns that too many could match".to_owned(),
        ));
    }
    Ok(vec![match min {
        Some(v) if v > 1.0 => {
            let problem = Diagnostic::new("empty-range", "no share is above 1");
            let at = rule.condition.as_ref().map_or(&rule.place, |c| &c.place);
            return Err(Refused::Wrong(problem.at(at, "no columns can hold this")));
        }
        Some(v) if v < 1.0 => promise.number("min_ratio", v.max(0.0)),
        None => promise.number("min_ratio", 0.0),
        _ => promise,
    }])
}

/// `"a,b" "other.{x,y}" = 1.0`: the share of rows whose key is in the other dataset.
fn referential(rule: &Rule) -> Reading {
    only(rule, 2)?;
    let (own, other) = (
        param(rule, 0, "columns")?,
        param(rule, 1, "other.{columns}")?,
    );
    let text = other.value.to_string();
    let Some((dataset, theirs)) = text.split_once('.') else {
        return Err(Refused::value(
            &other,
            "the second parameter",
            "`dataset.column` or `dataset.{a,b}`",
        ));
    };
    let theirs = theirs.trim().trim_start_matches('{').trim_end_matches('}');
    let names = |text: &str| -> Vec<String> {
        text.split(',')
            .map(|n| n.trim().to_owned())
            .filter(|n| !n.is_empty())
            .collect()
    };
    let (mine, theirs) = (names(&own.value.to_string()), names(theirs));
    if mine.is_empty() || mine.len() != theirs.len() {
        return Err(Refused::value(
            &other,
            "the second parameter",
            "as many columns as the first",
        ));
    }
    let promise = Promise::new("foreign_key", &rule.place)
        .with("columns", build::texts(&own.place, mine))
        .with("dataset", build::text(&other.place, dataset.trim()))
        .with("their_columns", build::texts(&other.place, theirs));
    let (min, max) = match &rule.condition {
        None => (Some(1.0), None),
        Some(_) => range(rule, Step::Any)?,
    };
    if max.is_some_and(|m| m < 1.0) {
        return Err(Refused::Dropped(
            "a share that too many rows could break".to_owned(),
        ));
    }
    let share = allowed(min.unwrap_or(0.0));
    Ok(vec![match share {
        s if s > 0.0 && s <= 1.0 => promise.number("max_failing_ratio", s),
        _ => promise,
    }])
}

/// `select count(*) from primary where ..` with a condition on the number.
fn custom(rule: &Rule) -> Reading {
    only(rule, 1)?;
    let query = param(rule, 0, "a query in quotes")?;
    if rule.condition.is_none() {
        return Err(Refused::Dropped(
            "the rows that a query leaves out fail it, which no check holds".to_owned(),
        ));
    }
    let text = query.value.to_string();
    let text = text.trim().trim_end_matches(';');
    let lower = text.to_lowercase();
    let parts = lower
        .strip_prefix("select ")
        .and_then(|_| lower.find(" from primary"))
        .filter(|from| lower.is_ascii() && *from > "select ".len());
    let Some(from) = parts else {
        return Err(Refused::Dropped(
            "only `select .. from primary where ..` can be read here".to_owned(),
        ));
    };
    let (expr, rest) = (
        text[7..from].trim(),
        text[from + " from primary".len()..].trim(),
    );
    let filter = match rest {
        "" => None,
        _ if rest.to_lowercase().starts_with("where ") => Some(rest[6..].trim()),
        _ => {
            return Err(Refused::Dropped(
                "only `select .. from primary where ..` can be read here".to_owned(),
            ));
        }
    };
    let promise =
        Promise::new("value_between", &rule.place).with("expr", build::text(&query.place, expr));
    let promises = bounded(rule, promise, Step::Any)?;
    let each = |p: Promise| match filter {
        Some(sql) => p.only_at(sql, &query.place),
        None => p,
    };
    Ok(promises.into_iter().map(each).collect())
}
