//! `ColumnValues` and `ColumnLength`: conditions on the values of one column.

use super::super::build;
use super::super::computed;
use super::super::promise::{Promise, Reading, Refused, allowed};
use super::parse::{Condition, Op, Operand, Rule};
use super::rules::{column, condition};
use super::whole;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;
use crate::scalar::number_text;
use crate::sql;

/// The condition of a rule about one row as SQL that is true or false; `None` for other rules.
pub(super) fn predicate(rule: &Rule) -> Result<Option<String>, Refused> {
    let name = || column(rule).map(|c| sql::identifier(&c.value.to_string()));
    Ok(match rule.name.as_str() {
        "ColumnValues" => {
            let (name, condition) = (name()?, condition(rule)?);
            let row = compared(&name, condition)?;
            let of_numbers = condition
                .operands
                .iter()
                .any(|o| matches!(o, Operand::Number(_)));
            Some(if of_numbers {
                format!("({row}) AND {}", computed::no_nan(&name))
            } else {
                row
            })
        }
        "ColumnLength" => Some(measured(&name()?, condition(rule)?)?),
        "IsComplete" => Some(format!("{} IS NOT NULL", name()?)),
        _ => None,
    })
}

/// Share of rows that may fail, where a threshold is given; no share where it is no least one.
fn tolerance(threshold: &Condition) -> Result<Option<f64>, Refused> {
    let number = |at: usize| match threshold.operands.get(at) {
        Some(Operand::Number(v)) => Ok(*v),
        _ => Err(Refused::Dropped("a threshold that is no number".to_owned())),
    };
    let first = number(0)?;
    let share = match threshold.op {
        Op::GreaterEqual => allowed(first),
        Op::Greater => allowed(first).next_down(),
        Op::Equal if first >= 1.0 => 0.0,
        // Both bounds are left out.
        Op::Between if number(1)? > 1.0 => allowed(first).next_down(),
        _ => return Ok(None),
    };
    if (0.0..=1.0).contains(&share) {
        return Ok(Some(share));
    }
    Err(Refused::Dropped("a threshold outside of 0 to 1".to_owned()))
}

fn tolerated(rule: &Rule, promise: Promise) -> Reading {
    let Some(threshold) = &rule.threshold else {
        return Ok(vec![promise]);
    };
    Ok(vec![match tolerance(threshold)? {
        Some(share) if share > 0.0 => promise.number("max_failing_ratio", share),
        Some(_) => promise,
        None => whole::shared(rule, threshold)?.ok_or_else(|| {
            Refused::Dropped("a threshold that too many rows could break".to_owned())
        })?,
    }])
}

/// `ColumnValues`: by a check that fits, else as an expression.
pub(super) fn values(rule: &Rule) -> Reading {
    let column = column(rule)?;
    let condition = condition(rule)?;
    let at = &condition.place;
    let promise = match (condition.op, &condition.operands[..]) {
        (op, [value]) if sign(op).is_some() && node(at, value).is_some() => {
            let word = sign(op).unwrap_or("==");
            let promise = Promise::of("compare", &rule.place, &column)
                .text("op", word)
                .maybe("value", node(at, value));
            if op == Op::NotEqual {
                promise
            } else {
                promise.text("nulls", "fail")
            }
        }
        (Op::Between, [least, most]) if node(at, least).is_some() && node(at, most).is_some() => {
            Promise::of("between", &rule.place, &column)
                .maybe("min", node(at, least))
                .maybe("max", node(at, most))
                .text("bounds", "()")
                .text("nulls", "fail")
        }
        (Op::In | Op::NotIn, operands) => match listed(at, operands) {
            Some(list) if condition.op == Op::NotIn => {
                Promise::of("not_in_set", &rule.place, &column).with("values", list)
            }
            Some(list) => {
                let null = operands.contains(&Operand::Keyword("NULL".to_owned()));
                let promise = Promise::of("in_set", &rule.place, &column).with("values", list);
                if null {
                    promise
                } else {
                    promise.text("nulls", "fail")
                }
            }
            None => expression(rule, &column, condition)?,
        },
        (Op::Matches, [Operand::Text(pattern)]) => {
            regex(pattern)?;
            Promise::of("matches", &rule.place, &column)
                .text("pattern", pattern)
                .text("match", "full")
                .text("nulls", "fail")
        }
        _ => expression(rule, &column, condition)?,
    };
    tolerated(rule, promise)
}

fn expression(rule: &Rule, column: &Node, condition: &Condition) -> Result<Promise, Refused> {
    let name = sql::identifier(&column.value.to_string());
    Ok(Promise::holds(
        &rule.place,
        &compared(&name, condition)?,
        "fail",
    ))
}

fn sign(op: Op) -> Option<&'static str> {
    match op {
        Op::Equal => Some("=="),
        Op::NotEqual => Some("!="),
        Op::Less => Some("<"),
        Op::LessEqual => Some("<="),
        Op::Greater => Some(">"),
        Op::GreaterEqual => Some(">="),
        _ => None,
    }
}

/// The value as an argument; keywords and moving dates are none.
fn node(at: &Place, operand: &Operand) -> Option<Node> {
    match operand {
        Operand::Number(v) => Some(build::number(at, *v)),
        Operand::Text(text) => Some(build::text(at, text)),
        _ => None,
    }
}

/// Values of a list as an argument: `EMPTY` is the empty text. `None` where a keyword wants an expression.
fn listed(at: &Place, operands: &[Operand]) -> Option<Node> {
    let mut found = Vec::new();
    for operand in operands {
        match operand {
            Operand::Keyword(word) if word == "EMPTY" => found.push(build::text(at, "")),
            Operand::Keyword(word) if word == "NULL" => {}
            other => found.push(node(at, other)?),
        }
    }
    let negative_null = operands
        .iter()
        .any(|o| *o == Operand::Keyword("NULL".to_owned()));
    let mixed = found.iter().any(|n| matches!(n.value, Value::Text(_)))
        && found.iter().any(|n| !matches!(n.value, Value::Text(_)));
    let keywords = negative_null && found.len() + 1 < operands.len();
    let unfit = found.is_empty() || mixed || keywords;
    (!unfit).then(|| build::list(at, found))
}

fn literal(operand: &Operand) -> Result<String, Refused> {
    match operand {
        Operand::Number(v) => Ok(number_text(*v)),
        Operand::Text(text) => Ok(sql::text_literal(text)),
        Operand::Keyword(word) => Ok(word.clone()),
        Operand::Minutes(_) => Err(Refused::Dropped("a length of time among values".to_owned())),
        Operand::Other(text) => Err(Refused::Dropped(format!(
            "`{text}` changes from run to run"
        ))),
    }
}

/// The condition as SQL: true where a row holds it.
fn compared(column: &str, condition: &Condition) -> Result<String, Refused> {
    let value = |at: usize| match condition.operands.get(at) {
        Some(operand) => literal(operand),
        None => Err(Refused::Dropped("a condition without a value".to_owned())),
    };
    let is = |operand: &Operand| keyword(column, operand);
    Ok(match condition.op {
        Op::Equal | Op::In => {
            let parts: Vec<String> = condition
                .operands
                .iter()
                .map(is)
                .collect::<Result<_, _>>()?;
            if parts.is_empty() {
                "FALSE".to_owned()
            } else {
                parts.join(" OR ")
            }
        }
        Op::NotEqual | Op::NotIn => {
            let null = condition
                .operands
                .iter()
                .any(|o| *o == Operand::Keyword("NULL".to_owned()));
            let parts: Vec<String> = condition
                .operands
                .iter()
                .map(is)
                .collect::<Result<_, _>>()?;
            let none = if parts.is_empty() {
                "TRUE".to_owned()
            } else {
                format!("NOT ({})", parts.join(" OR "))
            };
            if null {
                format!("{column} IS NOT NULL AND {none}")
            } else {
                format!("{column} IS NULL OR {none}")
            }
        }
        Op::Between => format!("{column} > {} AND {column} < {}", value(0)?, value(1)?),
        Op::NotBetween => format!("{column} <= {} OR {column} >= {}", value(0)?, value(1)?),
        Op::Matches | Op::NotMatches => {
            let Some(Operand::Text(pattern)) = condition.operands.first() else {
                return Err(Refused::Dropped("`matches` without a text".to_owned()));
            };
            regex(pattern)?;
            let pattern = sql::text_literal(&format!("^(?:{pattern})$"));
            let not = if condition.op == Op::NotMatches {
                "NOT "
            } else {
                ""
            };
            format!("{not}regexp_like({column}, {pattern})")
        }
        op => format!("{column} {} {}", sign(op).unwrap_or("="), value(0)?),
    })
}

fn keyword(column: &str, operand: &Operand) -> Result<String, Refused> {
    Ok(match operand {
        Operand::Keyword(word) => match word.as_str() {
            "NULL" => format!("{column} IS NULL"),
            "EMPTY" => format!("{column} = ''"),
            _ => format!("regexp_like({column}, '^\\s+$')"),
        },
        other => format!("{column} = {}", literal(other)?),
    })
}

/// Regular expressions are Java's; most are read here as well.
pub(super) fn regex(pattern: &str) -> Result<(), Refused> {
    regex::Regex::new(pattern).map(|_| ()).map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        Refused::Dropped(format!(
            "the regular expression `{pattern}` cannot be read here: {last}"
        ))
    })
}

/// A condition on the length, in which a null has length 0.
fn measured(column: &str, condition: &Condition) -> Result<String, Refused> {
    let length = format!("COALESCE(LENGTH({column}), 0)");
    let mut numbers = Vec::new();
    for operand in &condition.operands {
        match operand {
            Operand::Number(v) => numbers.push(number_text(*v)),
            _ => return Err(Refused::Dropped("a length that is no number".to_owned())),
        }
    }
    let list = numbers.join(", ");
    Ok(match (condition.op, &numbers[..]) {
        (Op::In, [_, ..]) => format!("{length} IN ({list})"),
        (Op::NotIn, [_, ..]) => format!("{length} NOT IN ({list})"),
        (Op::Between, [a, b]) => format!("{length} > {a} AND {length} < {b}"),
        (Op::NotBetween, [a, b]) => format!("{length} <= {a} OR {length} >= {b}"),
        (Op::Equal, [v]) => format!("{length} = {v}"),
        (Op::NotEqual, [v]) => format!("{length} <> {v}"),
        (op, [v]) if sign(op).is_some() => format!("{length} {} {v}", sign(op).unwrap_or("=")),
        _ => {
            return Err(Refused::Dropped(
                "a condition that no length has".to_owned(),
            ));
        }
    })
}

/// `ColumnLength`.
pub(super) fn lengths(rule: &Rule) -> Reading {
    let column = column(rule)?;
    let name = sql::identifier(&column.value.to_string());
    let sql = measured(&name, condition(rule)?)?;
    tolerated(rule, Promise::holds(&rule.place, &sql, "fail"))
}
