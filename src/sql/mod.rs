//! SQL text from typed values: no user's text reaches a query unquoted.

mod literal;

pub use literal::{literal, literals};

/// A name as an SQL identifier: in double quotes, those inside doubled (ISO/IEC 9075). Any text is a name.
#[must_use]
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal: in single quotes, those inside doubled (ISO/IEC 9075); a backslash is a backslash.
#[must_use]
pub fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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
