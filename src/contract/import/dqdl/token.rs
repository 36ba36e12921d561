//! The words of a DQDL document, each with its place.
//!
//! Source: the language's published grammar (Apache-2.0) and the reference of AWS Glue Data Quality.

use crate::diagnostic::{Diagnostic, Place, SourceFile};
use std::sync::Arc;

/// One word with its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name(String),
    /// Text in double quotes.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// A sign.
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", "*", "+", "-", "/",
    "%",
];

/// The words of a file; comments from `#` to the end of the line are left out.
///
/// Errors: a text without an end, or a character that no word begins with, at its place.
pub(super) fn tokens(file: &Arc<SourceFile>) -> Result<Vec<Token>, Diagnostic> {
    let mut reader = Reader {
        file,
        rest: &file.text,
        line: 1,
        column: 1,
    };
    let mut found = Vec::new();
    while let Some(token) = reader.next()? {
        found.push(token);
    }
    Ok(found)
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<Token>, Diagnostic> {
        self.skip();
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let (kind, bytes) = match first {
            '"' => self.text()?,
            c if c.is_ascii_digit() => {
                let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
                let bytes = end.unwrap_or(self.rest.len());
                (Kind::Number(self.rest[..bytes].to_owned()), bytes)
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = self
                    .rest
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
                let bytes = end.unwrap_or(self.rest.len());
                (Kind::Name(self.rest[..bytes].to_owned()), bytes)
            }
            _ => match SIGNS.iter().find(|s| self.rest.starts_with(**s)) {
                Some(sign) => (Kind::Sign(sign), sign.len()),
                None => {
                    return Err(self.problem(&format!("`{first}` is no part of a rule"), "here"));
                }
            },
        };
        let place = self.place(
            self.rest[..bytes]
                .chars()
                .take_while(|c| *c != '\n')
                .count(),
        );
        self.advance(bytes);
        Ok(Some(Token { kind, place }))
    }

    fn skip(&mut self) {
        loop {
            let blank = self
                .rest
                .find(|c: char| !c.is_whitespace() && c != '\u{feff}');
            self.advance(blank.unwrap_or(self.rest.len()));
            if !self.rest.starts_with('#') {
                return;
            }
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    /// The text in quotes; `\"` and `\\` stand for themselves, any other backslash is one.
    fn text(&self) -> Result<(Kind, usize), Diagnostic> {
        let mut inner = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((Kind::Text(inner), at + 1)),
                '\\' => match chars.peek() {
                    Some((_, next @ ('"' | '\\'))) => {
                        inner.push(*next);
                        chars.next();
                    }
                    _ => inner.push('\\'),
                },
                other => inner.push(other),
            }
        }
        Err(self.problem("a text has no end", "begins here"))
    }

    fn problem(&self, message: &str, label: &str) -> Diagnostic {
        Diagnostic::new("invalid-dqdl", message).at(&self.place(1), label)
    }

    fn place(&self, length: usize) -> Place {
        Place {
            file: Arc::clone(self.file),
            line: self.line,
            column: self.column,
            length: length.max(1),
        }
    }

    fn advance(&mut self, bytes: usize) {
        for c in self.rest[..bytes].chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = &self.rest[bytes..];
    }
}
