//! What the templates of checks can call: SQL predicates that many checks are made of, and words for messages.

use crate::sql;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

/// Adds every function that does not depend on the types of columns.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_function("regex_like", regex_like);
    environment.add_function("like", like);
    environment.add_function("text_at", text_at);
    environment.add_function("any_null", |columns: Vec<String>| nulls(&columns, " OR "));
    environment.add_function("all_null", |columns: Vec<String>| nulls(&columns, " AND "));
    environment.add_function("row_fails", row_fails);
    environment.add_function("record_in", record_in);
    environment.add_function("day_plus", day_plus);
    environment.add_function("limits", limits);
}

/// `regex_like(column, pattern, match)`: the SQL predicate for search, prefix or full match.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn regex_like(column: String, pattern: String, matching: String) -> String {
    let pattern = sql::unquote(&pattern);
    let anchored = match sql::unquote(&matching).as_str() {
        "full" => format!("^(?:{pattern})$"),
        "prefix" => format!("^(?:{pattern})"),
        _ => pattern,
    };
    format!("regexp_like({column}, {})", sql::text_literal(&anchored))
}

/// `like(column, pattern, escape, case)`: the SQL predicate `LIKE`, in which `%` stands for any text, `_` for any one
/// character, and the character after `escape` for itself; `case` is `exact` or `ignore`.
///
/// Errors: an escape of several characters, or one that nothing follows.
fn like(
    column: String,
    pattern: String,
    escape: Value,
    case: String,
) -> Result<String, minijinja::Error> {
    let wrong = |what: &str| Error::new(ErrorKind::InvalidOperation, what.to_owned());
    let escape = escape.as_str().map(sql::unquote).unwrap_or_default();
    let mut of_escape = escape.chars();
    let (escape, None) = (of_escape.next(), of_escape.next()) else {
        return Err(wrong("`escape` is one character"));
    };
    let mut regex = String::from(if case == "ignore" { "(?is)^" } else { "(?s)^" });
    let pattern = sql::unquote(&pattern);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            c if Some(c) == escape => match chars.next() {
                Some(literal) => regex += &regex::escape(literal.encode_utf8(&mut [0; 4])),
                None => return Err(wrong("the pattern ends with its escape character")),
            },
            '%' => regex += ".*",
            '_' => regex += ".",
            literal => regex += &regex::escape(literal.encode_utf8(&mut [0; 4])),
        }
    }
    regex += "$";
    Ok(format!(
        "regexp_like({column}, {})",
        sql::text_literal(&regex)
    ))
}

/// `text_at(column, text, place, case)`: the SQL predicate that a text stands in another: at its `start`, at its `end`
/// or `anywhere`; `case` is `exact` or `ignore`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn text_at(column: String, text: String, place: String, case: String) -> String {
    let text = regex::escape(&sql::unquote(&text));
    let flags = if case == "ignore" { "(?i)" } else { "" };
    let pattern = match place.as_str() {
        "start" => format!("{flags}^{text}"),
        "end" => format!("{flags}{text}$"),
        _ => format!("{flags}{text}"),
    };
    format!("regexp_like({column}, {})", sql::text_literal(&pattern))
}

fn nulls(columns: &[String], joined: &str) -> String {
    let each: Vec<String> = columns.iter().map(|c| format!("{c} IS NULL")).collect();
    format!("({})", each.join(joined))
}

/// `row_fails(columns, nulls, predicate)`: the predicate over several columns, and what a null among them does:
/// `ignore` leaves out a row with any null; `ignore_all` only a row of nulls alone, any other null fails; `fail`
/// fails.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn row_fails(columns: Vec<String>, on_null: String, predicate: String) -> String {
    let (any, all) = (nulls(&columns, " OR "), nulls(&columns, " AND "));
    match on_null.as_str() {
        "fail" => format!("{any} OR ({predicate})"),
        "ignore_all" => format!("({any} AND NOT {all}) OR (NOT {any} AND ({predicate}))"),
        _ => format!("NOT {any} AND ({predicate})"),
    }
}

/// `record_in(columns, records)`: whether the values of the columns are one of the records; a null in a record stands
/// for null. Never null.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn record_in(columns: Vec<String>, records: Vec<Vec<Value>>) -> String {
    let is = |(column, value): (&String, &Value)| match value.as_str() {
        Some(literal) => format!("{column} = {literal}"),
        None => format!("{column} IS NULL"),
    };
    let one = |record: &Vec<Value>| {
        let values: Vec<String> = columns.iter().zip(record).map(is).collect();
        format!("({})", values.join(" AND "))
    };
    let all: Vec<String> = records.iter().map(one).collect();
    format!("COALESCE({}, FALSE)", all.join(" OR "))
}

/// `day_plus(day, days)`: the literal of the day so many days after another one.
///
/// Errors: a day beyond the calendar.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn day_plus(day: String, days: i64) -> Result<String, minijinja::Error> {
    let wrong = || {
        Error::new(
            ErrorKind::InvalidOperation,
            "the day is beyond the calendar",
        )
    };
    let text = day.split('\'').nth(1).and_then(|t| t.get(..10));
    let day: chrono::NaiveDate = text.and_then(|t| t.parse().ok()).ok_or_else(wrong)?;
    let moved = chrono::TimeDelta::try_days(days).and_then(|d| day.checked_add_signed(d));
    let moved = moved.ok_or_else(wrong)?;
    let text = moved.format("%Y-%m-%d").to_string();
    if text.len() == 10 {
        Ok(format!("DATE '{text}'"))
    } else {
        Err(wrong())
    }
}

/// `limits(min, max, bounds)`: the range in words, with the limits that were given; `bounds` is `[]` when left out.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands over owned values"
)]
fn limits(min: Value, max: Value, bounds: Option<String>) -> String {
    let bounds = bounds.as_deref().map_or("[]", |b| b);
    let least = if bounds.starts_with('(') {
        "above"
    } else {
        "at least"
    };
    let most = if bounds.ends_with(')') {
        "below"
    } else {
        "at most"
    };
    match (min.is_none(), max.is_none()) {
        (false, false) if bounds == "[]" => format!("{min} to {max}"),
        (false, false) => format!("{least} {min} and {most} {max}"),
        (false, true) => format!("{least} {min}"),
        (true, false) => format!("{most} {max}"),
        (true, true) => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{day_plus, like};
    use minijinja::value::Value;

    #[test]
    fn like_is_a_pattern_of_the_whole_text() {
        let sql = |pattern: &str, escape: Value| {
            like("c".into(), format!("'{pattern}'"), escape, "exact".into())
        };
        let none = || Value::from(());
        let is = |pattern: &str| format!("regexp_like(c, '(?s)^{pattern}$')");
        assert_eq!(sql("a%_b", none()).ok(), Some(is("a.*.b")));
        assert_eq!(sql("a.b\\%", none()).ok(), Some(is("a\\.b\\\\.*")));
        let bar = || Value::from("'|'");
        assert_eq!(sql("10|%||%", bar()).ok(), Some(is("10%\\|.*")));
        assert!(sql("10|", bar()).is_err());
        assert!(sql("10", Value::from("'||'")).is_err());
    }

    #[test]
    fn days_are_counted_on_the_calendar() {
        let after = |days| day_plus("DATE '2024-02-28'".into(), days).ok();
        assert_eq!(after(2).as_deref(), Some("DATE '2024-03-01'"));
        assert_eq!(after(-59).as_deref(), Some("DATE '2023-12-31'"));
        assert_eq!(after(i64::MAX), None);
        assert_eq!(after(9_000_000), None);
    }
}
