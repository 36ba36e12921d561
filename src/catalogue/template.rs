//! Templates of checks: SQL in which every parameter quotes itself, and sentences in which it reads plainly.

use super::argument::{Arg, Args};
use super::{Check, Measure, functions};
use crate::diagnostic::{Diagnostic, listing};
use crate::sql;
use crate::types::LogicalType;
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Names that every message may use besides parameters and measured names.
pub const COMMON: &[&str] = &[
    "dataset",
    "detail",
    "max_failing",
    "max_failing_ratio",
    "where",
];

/// Names that `pass` may use for this check.
#[must_use]
pub fn measured_names(check: &Check) -> Vec<&str> {
    const COUNTED: &[&str] = &["failing", "rows", "failing_ratio"];
    match &check.measure {
        Measure::Rows(_) | Measure::Groups(_) | Measure::Profile { rows: Some(_), .. } => {
            COUNTED.to_vec()
        }
        Measure::Profile {
            measure,
            rows: None,
        } if measure == "rows" => vec!["rows"],
        Measure::Profile {
            measure,
            rows: None,
        } => vec![measure, "rows"],
        Measure::Value(_) => vec!["value", "rows"],
        Measure::Statistic(s) => s.outputs().to_vec(),
    }
}

/// Templates that do not parse, and names in them that nothing gives: `rows`, `groups`, `value` or `message`, and the
/// problem.
#[must_use]
pub fn undeclared(check: &Check) -> Vec<(&'static str, Diagnostic)> {
    let mut found = Vec::new();
    let params = check.params.iter().map(|p| p.name.as_str());
    let mut known: Vec<&str> = params.clone().collect();
    let environment = environment(&Types::new(), &Asked::default());
    let mut look = |what: &'static str, source: &str, known: &[&str]| match environment
        .template_from_str(source)
    {
        Err(error) => {
            let problem = Diagnostic::new(
                "wrong-template",
                format!("`{what}` of check `{}` does not parse: {error}", check.id),
            );
            found.push((what, problem));
        }
        Ok(template) => {
            let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
            names.sort();
            for name in names {
                if !known.contains(&name.as_str()) && !FUNCTIONS.contains(&name.as_str()) {
                    let problem = Diagnostic::new(
                        "unknown-name",
                        format!(
                            "`{what}` of check `{}` uses `{name}`, which nothing gives",
                            check.id
                        ),
                    )
                    .help(listing("names", &name, known.iter().copied()));
                    found.push((what, problem));
                }
            }
        }
    };
    match &check.measure {
        Measure::Profile {
            rows: Some(sql), ..
        }
        | Measure::Rows(sql) => look("rows", sql, &known),
        Measure::Groups(sql) => look("groups", sql, &known),
        Measure::Value(sql) => look("value", sql, &known),
        Measure::Profile { rows: None, .. } | Measure::Statistic(_) => {}
    }
    known.extend(measured_names(check));
    known.extend(COMMON);
    look("message", &check.message, &known);
    found
}

/// Names that the templates of every check may call.
pub const FUNCTIONS: &[&str] = &[
    "regex_like",
    "like",
    "text_at",
    "is_nan",
    "is_text",
    "any_nan",
    "any_null",
    "all_null",
    "row_fails",
    "record_in",
    "day_plus",
    "limits",
    "name",
];

/// Renders an SQL template: identifiers and literals are quoted, absent parameters are `none`. `column` tells the type of a
/// column of the dataset.
///
/// Errors: the template engine's reason, in one line.
pub fn render_sql(
    source: &str,
    check: &Check,
    args: &Args,
    column: &dyn Fn(&str) -> Option<LogicalType>,
) -> Result<String, String> {
    let context: BTreeMap<&str, Value> = check
        .params
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                args.get(&p.name).map_or(Value::from(()), sql_value),
            )
        })
        .collect();
    let entry = |name: &str| Some((name.to_owned(), column(name)?));
    let mut types: Types = args.all_columns().into_iter().filter_map(entry).collect();
    // A template may name a column that no argument does: then it is rendered once more with that one's type.
    loop {
        let asked = Asked::default();
        let text = environment(&types, &asked)
            .render_str(source, &context)
            .map_err(|e| e.to_string())?;
        let asked = asked.lock().map_err(|e| e.to_string())?;
        let unknown = asked.iter().filter(|name| !types.contains_key(*name));
        let more: Types = unknown.filter_map(|name| entry(name)).collect();
        if more.is_empty() {
            return Ok(text.split_whitespace_outside_quotes());
        }
        types.extend(more);
    }
}

/// Renders a sentence: arguments and measured values as people read them.
///
/// Errors: the template engine's reason, in one line.
pub fn render_message(
    check: &Check,
    args: &Args,
    measured: &BTreeMap<String, String>,
) -> Result<String, String> {
    let mut context: BTreeMap<&str, Value> = check
        .params
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                args.get(&p.name).map_or(Value::from(()), plain_value),
            )
        })
        .collect();
    // An argument is known by its name, and what was measured under the same one is not.
    for (name, value) in measured {
        context
            .entry(name)
            .or_insert_with(|| Value::from(value.clone()));
    }
    environment(&Types::new(), &Asked::default())
        .render_str(&check.message, context)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .map_err(|e| e.to_string())
}

fn sql_value(arg: &Arg) -> Value {
    match arg {
        Arg::Column(name) => Value::from(sql::identifier(name)),
        Arg::Columns(names) => names.iter().map(|n| sql::identifier(n)).collect(),
        Arg::Word(word) => Value::from(word.clone()),
        Arg::Text(text) | Arg::Regex(text) => Value::from(sql::text_literal(text)),
        Arg::Texts(list) => list.iter().map(|t| sql::text_literal(t)).collect(),
        Arg::Scalar(value) => Value::from(sql::literal(value)),
        Arg::Scalars(list) => sql::literals(list).into_iter().collect(),
        Arg::File(file) => sql::literals(&file.values).into_iter().collect(),
        Arg::Bool(v) => Value::from(*v),
        Arg::Type(t) => Value::from(sql::text_literal(&t.to_string())),
        Arg::TypeList(list) => {
            let texts = list.iter().map(|t| sql::text_literal(&t.to_string()));
            texts.collect()
        }
        Arg::Types(_) | Arg::Accepted(_) => Value::from(()),
        Arg::Expression(text) => Value::from(format!("({text})")),
        Arg::Expressions(list) => list.iter().map(|text| format!("({text})")).collect(),
        Arg::Records(list) => (list.iter())
            .map(|record| {
                let value = |v: &Option<_>| {
                    v.as_ref()
                        .map_or(Value::from(()), |v| Value::from(sql::literal(v)))
                };
                record.iter().map(value).collect::<Value>()
            })
            .collect(),
        Arg::Seconds(v) => Value::from(*v),
    }
}

fn plain_value(arg: &Arg) -> Value {
    match arg {
        Arg::Bool(v) => Value::from(*v),
        other => Value::from(other.to_string()),
    }
}

/// Types of columns by name: of those that are asked for, not of all of a wide dataset.
type Types = BTreeMap<String, LogicalType>;

/// Names of columns whose types a template asked for.
type Asked = Arc<Mutex<BTreeSet<String>>>;

/// The functions of templates.
fn environment(types: &Types, asked: &Asked) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    functions::add(&mut environment);
    environment.add_function("name", |text: &str| sql::identifier(&sql::unquote(text)));
    let types = Arc::new(types.clone());
    let of = {
        let asked = Arc::clone(asked);
        Arc::new(move |column: &str| -> Option<LogicalType> {
            let name = sql::unquote(column);
            let found = types.get(&name).cloned();
            if let Ok(mut asked) = asked.lock() {
                asked.insert(name);
            }
            found
        })
    };
    let nan = {
        let of = Arc::clone(&of);
        Arc::new(move |column: &str| match of(column) {
            Some(LogicalType::Float(_)) => format!("({column} = CAST('NaN' AS DOUBLE))"),
            _ => "FALSE".to_owned(),
        })
    };
    let any = Arc::clone(&nan);
    environment.add_function("is_nan", move |column: &str| nan(column));
    environment.add_function("any_nan", move |columns: Vec<String>| {
        let each: Vec<String> = columns.iter().map(|c| any(c)).collect();
        format!("({})", each.join(" OR "))
    });
    environment.add_function("is_text", move |column: &str| {
        of(column) == Some(LogicalType::String)
    });
    environment
}

trait OneLine {
    fn split_whitespace_outside_quotes(self) -> String;
}

impl OneLine for String {
    /// Runs of white space outside quotes become one space, so that SQL of a folded template reads well.
    fn split_whitespace_outside_quotes(self) -> String {
        let mut text = Self::with_capacity(self.len());
        let mut quote = None;
        for c in self.trim().chars() {
            match quote {
                Some(q) if c == q => quote = None,
                None if c == '"' || c == '\'' => quote = Some(c),
                _ => {}
            }
            if quote.is_none() && c.is_whitespace() {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            } else {
                text.push(c);
            }
        }
        text
    }
}
