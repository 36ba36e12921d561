//! Words, texts, numbers and signs of a row condition.

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Quoted(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "=", "(", ")", "[", "]", ",", "&", "|", "~", ".",
    "-", "+",
];

/// The tokens of a text; `None` where something is none.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '"' | '\'' | '`' => {
                let (inner, used) = quoted(rest, first)?;
                found.push(match first {
                    '`' => Token::Quoted(inner),
                    _ => Token::Text(inner),
                });
                used
            }
            c if c.is_ascii_digit() => {
                let used = number_length(rest);
                found.push(Token::Number(rest[..used].parse().ok()?));
                used
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                let used = end.unwrap_or(rest.len());
                found.push(Token::Name(rest[..used].to_owned()));
                used
            }
            _ => {
                let sign = SIGNS.iter().find(|s| rest.starts_with(**s))?;
                found.push(Token::Sign(sign));
                sign.len()
            }
        };
        rest = rest[used..].trim_start();
    }
    Some(found)
}

/// The text inside quotes, and how many bytes it takes with them; a backslash keeps the character after it.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => {
                inner.push(c);
                escaped = false;
            }
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return Some((inner, at + c.len_utf8())),
            c => inner.push(c),
        }
    }
    None
}

/// Bytes of the number that a text starts with.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes[from..].iter();
        from + rest.take_while(|b| b.is_ascii_digit()).count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}
