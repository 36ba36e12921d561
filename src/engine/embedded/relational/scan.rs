//! SQL text taken apart before any parser sees it: what could leave its place is refused here.

/// One token of SQL, with the text that later checks need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Keyword, function name or unquoted column name, as written.
    Word(String),
    /// Quoted column name, without its quotes.
    Quoted(String),
    /// Text literal, without its quotes.
    Text(String),
    /// Number, as written.
    Number(String),
    /// Any other character.
    Symbol(char),
}

/// Most tokens in one text.
const MAX_TOKENS: usize = 400_000;
/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 40;
/// Most operators (`AND`, `OR`, `NOT`, arithmetic, comparison, `WHEN`) in one text: the engine walks an expression by
/// recursion.
const MAX_OPERATORS: usize = 250;

/// Takes SQL apart. Outside quotes these are refused: a second statement, comments, escapes, placeholders,
/// prefixed texts such as `E'..'`, parentheses that close nothing or stay open.
///
/// Errors: one line that names what is not allowed.
pub(super) fn scan(sql: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = sql.chars().collect();
    let mut tokens = Vec::new();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            at += 1;
            continue;
        }
        let (token, end) = token(&chars, at)?;
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => {
                depth = depth
                    .checked_sub(1)
                    .ok_or("a `)` closes nothing that is open")?;
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!(
                "more than {MAX_DEPTH} parentheses inside each other"
            ));
        }
        tokens.push(token);
        at = end;
        if tokens.len() > MAX_TOKENS {
            return Err(format!("longer than {MAX_TOKENS} words and signs"));
        }
    }
    if depth > 0 {
        return Err("a `(` is never closed".into());
    }
    bounded(&tokens)?;
    Ok(tokens)
}

/// The token that starts at a place, and the place behind it.
fn token(chars: &[char], at: usize) -> Result<(Token, usize), String> {
    let next = chars.get(at + 1).copied();
    let text = |end: usize| chars[at..end].iter().collect::<String>();
    match chars[at] {
        quote @ ('\'' | '"' | '`') => {
            refuse_prefix(chars, at)?;
            let (inside, end) = quoted(chars, at)?;
            let token = if quote == '\'' {
                Token::Text(inside)
            } else {
                Token::Quoted(inside)
            };
            Ok((token, end))
        }
        '-' if next == Some('-') => {
            Err("`--` would hide what follows it; comments are not allowed".into())
        }
        '/' if next == Some('*') => {
            Err("`/*` would hide what follows it; comments are not allowed".into())
        }
        ';' => Err("`;` ends a statement; only one is allowed, without it".into()),
        c if c.is_ascii_digit() => {
            let end = number_end(chars, at);
            Ok((Token::Number(text(end)), end))
        }
        c if c.is_alphabetic() || c == '_' => {
            let end = word_end(chars, at);
            Ok((Token::Word(text(end)), end))
        }
        ':' if next == Some(':') => Ok((Token::Symbol(':'), at + 2)),
        c if "()+-*/%=<>!|&~^,.".contains(c) => Ok((Token::Symbol(c), at + 1)),
        other => Err(format!(
            "`{}` is not allowed outside quotes",
            other.escape_debug()
        )),
    }
}

fn bounded(tokens: &[Token]) -> Result<(), String> {
    let operators = tokens.iter().filter(|t| match t {
        Token::Word(w) => ["and", "or", "not", "when", "is", "like", "between", "in"]
            .contains(&w.to_ascii_lowercase().as_str()),
        Token::Symbol(c) => !matches!(c, '(' | ')' | ',' | '.'),
        _ => false,
    });
    if operators.count() > MAX_OPERATORS {
        return Err(format!(
            "more than {MAX_OPERATORS} operators in one expression"
        ));
    }
    Ok(())
}

fn quoted(chars: &[char], start: usize) -> Result<(String, usize), String> {
    let quote = chars[start];
    let mut inside = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        if c != quote {
            inside.push(c);
            at += 1;
        } else if chars.get(at + 1) == Some(&quote) {
            inside.push(quote);
            at += 2;
        } else {
            return Ok((inside, at + 1));
        }
    }
    Err(format!("a quote {quote} is never closed"))
}

/// `E'..'`, `U&'..'`, `Q'..'` and their kin have quoting rules of their own, so their end is not where it seems.
fn refuse_prefix(chars: &[char], start: usize) -> Result<(), String> {
    let before = chars[..start]
        .iter()
        .rev()
        .take_while(|c| c.is_alphanumeric() || **c == '_' || **c == '&')
        .count();
    let prefix: String = chars[start - before..start].iter().collect();
    let short = prefix.chars().count() <= 2
        && !matches!(
            prefix.to_ascii_lowercase().as_str(),
            "" | "or" | "in" | "as" | "is" | "by" | "&" | "&&"
        );
    if short || (prefix.len() > 1 && prefix.ends_with('&') && prefix != "&&") {
        Err(format!(
            "`{prefix}` directly before a quote is not allowed; put a space between them"
        ))
    } else {
        Ok(())
    }
}

fn word_end(chars: &[char], start: usize) -> usize {
    chars[start..]
        .iter()
        .position(|c| !(c.is_alphanumeric() || *c == '_'))
        .map_or(chars.len(), |n| start + n)
}

fn number_end(chars: &[char], start: usize) -> usize {
    let mut at = start;
    while let Some(c) = chars.get(at) {
        let sign_of_exponent = matches!(c, '+' | '-')
            && matches!(chars.get(at.wrapping_sub(1)), Some('e' | 'E'))
            && at > start
            && chars.get(at + 1).is_some_and(char::is_ascii_digit);
        if c.is_ascii_alphanumeric() || *c == '.' || sign_of_exponent {
            at += 1;
        } else {
            break;
        }
    }
    at
}
