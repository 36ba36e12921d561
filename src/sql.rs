//! SQL text from typed values: no user's text reaches a query unquoted.

use crate::scalar::Scalar;

/// A name as an SQL identifier.
#[must_use]
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal.
#[must_use]
pub fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A value as an SQL literal of its own type.
#[must_use]
pub fn literal(value: &Scalar) -> String {
    match value {
        Scalar::Bool(true) => "TRUE".to_owned(),
        Scalar::Bool(false) => "FALSE".to_owned(),
        Scalar::Int(v) => v.0.to_string(),
        Scalar::Float(v) if v.is_finite() => format!("{v:?}"),
        Scalar::Float(v) => format!("CAST('{v}' AS DOUBLE)"),
        Scalar::Decimal { .. } => value.to_string(),
        Scalar::Date(_) => format!("DATE('{value}')"),
        Scalar::Time(_) => format!("TIME '{value}'"),
        Scalar::Timestamp { .. } => {
            format!(
                "TIMESTAMP '{}'",
                value.to_string().replace('T', " ").trim_end_matches('Z')
            )
        }
        Scalar::Text(_) | Scalar::Binary(_) | Scalar::Duration(_) => {
            text_literal(&value.to_string())
        }
    }
}

/// The text inside a quoted identifier or literal; the text itself when it is not quoted.
#[must_use]
pub fn unquote(sql: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = sql.strip_prefix(quote).and_then(|s| s.strip_suffix(quote)) {
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    sql.to_owned()
}
