//! A query of a warehouse as one over the rows of a dataset: its own table is called `data` here.

/// A word or sign of SQL, as far as names of tables need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A bare word, or a name in quotes.
    Word(&'a str),
    /// A point.
    Point,
    /// Anything else.
    Other,
}

/// Words that follow a table and are no alias of it.
const AFTER: &[&str] = &[
    "where",
    "group",
    "order",
    "having",
    "limit",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "on",
    "using",
    "union",
    "except",
    "intersect",
    "natural",
    "window",
    "qualify",
    "offset",
    "fetch",
    "tablesample",
];

/// The query with its own table called `data`, under its old name as an alias, so that `orders.id` is still a column.
///
/// Other tables are other datasets, by their names without schema. `None` where the query does not read its own table.
pub(super) fn rewritten(query: &str, dataset: &str) -> Option<String> {
    let tokens = tokens(query);
    let mut out = String::new();
    let (mut done, mut own, mut at) = (0, false, 0);
    while at < tokens.len() {
        let (token, _, _) = tokens[at];
        at += 1;
        if !is(token, "from") && !is(token, "join") {
            continue;
        }
        let Some((start, end, last, next)) = name(&tokens, at) else {
            continue;
        };
        out.push_str(&query[done..start]);
        done = end;
        at = next;
        if unquoted(last).eq_ignore_ascii_case(dataset) {
            own = true;
            out.push_str("data");
            if !aliased(&tokens, next) {
                out.push_str(" AS ");
                out.push_str(last);
            }
        } else {
            out.push_str(last);
        }
    }
    out.push_str(&query[done..]);
    own.then(|| out.trim().trim_end_matches(';').trim_end().to_owned())
}

fn is(token: Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(word))
}

fn unquoted(word: &str) -> &str {
    let quoted = |q: char| word.strip_prefix(q).and_then(|w| w.strip_suffix(q));
    quoted('"').or_else(|| quoted('`')).unwrap_or(word)
}

type Found<'a> = (Token<'a>, usize, usize);

/// The table that begins at a token: where it begins and ends, its last part, and the token after it.
fn name<'a>(tokens: &[Found<'a>], at: usize) -> Option<(usize, usize, &'a str, usize)> {
    let (Token::Word(mut last), start, mut end) = *tokens.get(at)? else {
        return None;
    };
    let mut next = at + 1;
    while let (Some((Token::Point, _, _)), Some((Token::Word(part), _, stop))) =
        (tokens.get(next), tokens.get(next + 1))
    {
        (last, end, next) = (*part, *stop, next + 2);
    }
    Some((start, end, last, next))
}

fn aliased(tokens: &[Found], at: usize) -> bool {
    match tokens.get(at) {
        Some((Token::Word(word), _, _)) => !AFTER.iter().any(|a| word.eq_ignore_ascii_case(a)),
        _ => false,
    }
}

/// Words, names and signs with the bytes that they take; texts and comments are signs.
fn tokens(text: &str) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let closed = |from: usize, end: &str| {
            let inner = &rest[from..];
            from + inner.find(end).map_or(inner.len(), |e| e + end.len())
        };
        let (token, length) = match first {
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
                let end = end.unwrap_or(rest.len());
                (Some(Token::Word(&rest[..end])), end)
            }
            '"' | '`' => {
                let end = closed(1, &first.to_string());
                (Some(Token::Word(&rest[..end])), end)
            }
            '\'' => (Some(Token::Other), closed(1, "'")),
            '-' if rest.starts_with("--") => (None, closed(2, "\n")),
            '/' if rest.starts_with("/*") => (None, closed(2, "*/")),
            '.' => (Some(Token::Point), 1),
            c if c.is_whitespace() => (None, c.len_utf8()),
            c => (Some(Token::Other), c.len_utf8()),
        };
        found.extend(token.map(|t| (t, at, at + length)));
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn its_own_table_is_called_data() {
        let cases = [
            (
                "SELECT * FROM orders WHERE id < 0;",
                Some("SELECT * FROM data AS orders WHERE id < 0"),
            ),
            (
                "select o.id from shop.orders o join shop.lines l on l.id = o.id",
                Some("select o.id from data o join lines l on l.id = o.id"),
            ),
            (
                "SELECT \"Orders\".id FROM db.\"Orders\"",
                Some("SELECT \"Orders\".id FROM data AS \"Orders\""),
            ),
            (
                "SELECT 'from orders' FROM orders -- from orders\nGROUP BY 1",
                Some("SELECT 'from orders' FROM data AS orders -- from orders\nGROUP BY 1"),
            ),
            ("SELECT 1 FROM lines", None),
            ("SELECT 1", None),
            ("", None),
            ("FROM 'orders", None),
        ];
        for (query, wanted) in cases {
            assert_eq!(rewritten(query, "orders").as_deref(), wanted, "{query}");
        }
    }
}
