//! Rules as a condition on the whole dataset, in SQL: what `or` joins, and numbers that no range says.
//!
//! Rules that `or` joins are judged each over all rows, and then joined: so says the reference of DQDL of the default,
//! `compositeRuleEvaluation.method: COLUMN`. Without a row a rule fails.

use super::super::computed;
use super::super::promise::{Promise, Refused};
use super::parse::{Condition, Op, Operand, Rule, Tree};
use super::rules::{column, condition};
use super::values;
use crate::scalar::number_text;
use crate::sql;

/// The number that a rule holds against its condition, as an SQL aggregate; `None` where SQL does not compute it here.
fn number(rule: &Rule) -> Result<Option<String>, Refused> {
    let name = || column(rule).map(|c| sql::identifier(&c.value.to_string()));
    Ok(Some(match rule.name.as_str() {
        "RowCount" => "COUNT(*)".to_owned(),
        "DistinctValuesCount" => format!("COUNT(DISTINCT {})", name()?),
        "Completeness" => share(&format!("{} IS NOT NULL", name()?)),
        "Mean" => format!("AVG({})", name()?),
        "Sum" => format!("SUM({})", name()?),
        _ => return Ok(None),
    }))
}

/// Share of rows that meet a condition; null without rows.
fn share(condition: &str) -> String {
    let count = computed::count_of(condition);
    format!("CASE WHEN COUNT(*) = 0 THEN NULL ELSE 1.0 * {count} / COUNT(*) END")
}

/// The condition on a number: true where it is as wanted.
///
/// Errors: something else than numbers, and a condition that no number has.
fn wanted(condition: &Condition, number: &str) -> Result<String, Refused> {
    let number = &computed::number(number);
    let mut numbers: Vec<f64> = Vec::new();
    for operand in &condition.operands {
        match operand {
            Operand::Number(v) => numbers.push(*v),
            _ => {
                return Err(Refused::Dropped(
                    "a condition with something else than a number".to_owned(),
                ));
            }
        }
    }
    let sign = match condition.op {
        Op::Equal => "=",
        Op::NotEqual => "<>",
        Op::Less => "<",
        Op::LessEqual => "<=",
        Op::Greater => ">",
        Op::GreaterEqual => ">=",
        _ => "",
    };
    let reversed = matches!(numbers[..], [a, b] if a >= b);
    if condition.op == Op::NotBetween && reversed {
        let why = "`not between` a greater number and a lesser one, which every number keeps";
        return Err(Refused::Dropped(why.to_owned()));
    }
    let numbers: Vec<String> = numbers.into_iter().map(number_text).collect();
    let list = numbers.join(", ");
    Ok(match (condition.op, &numbers[..]) {
        (Op::In, [_, ..]) => format!("({number}) IN ({list})"),
        (Op::NotIn, [_, ..]) => format!("({number}) NOT IN ({list})"),
        (Op::Between, [a, b]) => format!("({number}) > {a} AND ({number}) < {b}"),
        (Op::NotBetween, [a, b]) => format!("(({number}) <= {a} OR ({number}) >= {b})"),
        (_, [one]) if !sign.is_empty() => format!("({number}) {sign} {one}"),
        _ => {
            return Err(Refused::Dropped(
                "a condition that no number has".to_owned(),
            ));
        }
    })
}

/// A rule about one number whose condition is no range: other numbers than one, outside of two, one of several.
///
/// `None` for a range, which the rule's own check says, and for rules about something else.
pub(super) fn unranged(rule: &Rule) -> Result<Option<Promise>, Refused> {
    let Some(condition) = &rule.condition else {
        return Ok(None);
    };
    if !matches!(
        condition.op,
        Op::NotEqual | Op::NotBetween | Op::In | Op::NotIn
    ) {
        return Ok(None);
    }
    let Some(number) = number(rule)? else {
        return Ok(None);
    };
    let sql = wanted(condition, &number)?;
    Ok(Some(computed::promise(&rule.place, &sql)))
}

/// A threshold that too many rows could break: the share of rows that hold a condition, in SQL.
///
/// Errors: what is no number.
pub(super) fn shared(rule: &Rule, threshold: &Condition) -> Result<Option<Promise>, Refused> {
    let Some(row) = values::predicate(rule)? else {
        return Ok(None);
    };
    let sql = wanted(threshold, &share(&row))?;
    Ok(Some(computed::promise(&rule.place, &sql)))
}

/// Rules that `or` joins, as one condition on the dataset.
///
/// Errors: a rule that is no condition in SQL.
pub(super) fn any(parts: &[Tree]) -> Result<Promise, Refused> {
    let place = first(parts).ok_or_else(unsaid)?;
    let mut all = Vec::new();
    for part in parts {
        all.push(holds(part)?);
    }
    let sql = format!("COUNT(*) > 0 AND ({})", all.join(" OR "));
    Ok(computed::promise(place, &sql))
}

fn first(parts: &[Tree]) -> Option<&crate::diagnostic::Place> {
    match parts.first()? {
        Tree::One(rule) => Some(&rule.place),
        Tree::All(parts) | Tree::Any(parts) => first(parts),
    }
}

/// True where a rule, or rules joined, hold over all rows.
fn holds(tree: &Tree) -> Result<String, Refused> {
    let joined = |parts: &[Tree], word: &str| -> Result<String, Refused> {
        let all: Result<Vec<String>, Refused> = parts.iter().map(holds).collect();
        Ok(format!("({})", all?.join(word)))
    };
    match tree {
        Tree::One(rule) => one(rule),
        Tree::All(parts) => joined(parts, " AND "),
        Tree::Any(parts) => joined(parts, " OR "),
    }
}

fn one(rule: &Rule) -> Result<String, Refused> {
    if let Some(row) = values::predicate(rule)? {
        let (kept, of) = match &rule.filter {
            Some((filter, _)) => (
                computed::count_of(&format!("({filter}) AND ({row})")),
                computed::count_of(filter),
            ),
            None => (computed::count_of(&row), "COUNT(*)".to_owned()),
        };
        return match &rule.threshold {
            // A filter that keeps no row is a rule without a row.
            None => Ok(format!("({of} > 0 AND {kept} = {of})")),
            Some(threshold) if rule.filter.is_none() => wanted(threshold, &share(&row)),
            Some(_) => Err(unsaid()),
        };
    }
    if rule.filter.is_some() || rule.threshold.is_some() {
        return Err(unsaid());
    }
    match (rule.name.as_str(), number(rule)?) {
        (_, Some(number)) => wanted(condition(rule)?, &number),
        ("IsUnique" | "IsPrimaryKey", None) => {
            let name = sql::identifier(&column(rule).map_err(|_| unsaid())?.value.to_string());
            let of = if rule.name == "IsUnique" {
                format!("COUNT({name})")
            } else {
                "COUNT(*)".to_owned()
            };
            Ok(format!("COUNT(DISTINCT {name}) = {of}"))
        }
        _ => Err(unsaid()),
    }
}

fn unsaid() -> Refused {
    Refused::Dropped(
        "`or` is held between rules that SQL computes: numbers, conditions on values, keys of one column"
            .to_owned(),
    )
}
