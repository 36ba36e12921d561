//! The words of SQL that are understood here, and what each kind of query may use of them.

use super::scan::Token;
use crate::diagnostic::listing;

/// Functions of one row.
pub const ROW_FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "acosd",
    "asin",
    "asind",
    "atan",
    "atan2",
    "atan2d",
    "atand",
    "bit_and",
    "bit_length",
    "bit_not",
    "bit_or",
    "bit_xor",
    "bitand",
    "bitnot",
    "bitor",
    "bitxor",
    "cast",
    "cbrt",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosd",
    "cot",
    "cotd",
    "date",
    "date_part",
    "datetime",
    "degrees",
    "div",
    "ends_with",
    "exp",
    "extract",
    "floor",
    "greatest",
    "if",
    "ifnull",
    "least",
    "left",
    "length",
    "ln",
    "log",
    "log10",
    "log1p",
    "log2",
    "lower",
    "lpad",
    "ltrim",
    "mod",
    "normalize",
    "nullif",
    "octet_length",
    "pi",
    "position",
    "pow",
    "power",
    "radians",
    "regexp_like",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "sign",
    "sin",
    "sind",
    "split_part",
    "sqrt",
    "starts_with",
    "strftime",
    "strpos",
    "strptime",
    "substr",
    "substring",
    "tan",
    "tand",
    "time",
    "timestamp",
    "trim",
    "trunc",
    "truncate",
    "try_cast",
    "upper",
    "xor",
];

/// Functions of many rows.
pub const AGGREGATES: &[&str] = &[
    "avg",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "first",
    "last",
    "max",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stddev_samp",
    "stdev",
    "stdev_samp",
    "sum",
    "total",
    "var",
    "var_samp",
    "variance",
];

/// Functions of a window; they need `OVER (ORDER BY ..)`.
pub const WINDOW_FUNCTIONS: &[&str] = &["first_value", "lag", "last_value", "lead", "row_number"];

/// Words that may stand before a parenthesis without being a function.
const NOT_FUNCTIONS: &[&str] = &[
    "and",
    "as",
    "between",
    "bigint",
    "binary",
    "by",
    "bytea",
    "case",
    "char",
    "character",
    "dec",
    "decimal",
    "distinct",
    "double",
    "else",
    "escape",
    "except",
    "exists",
    "filter",
    "float",
    "for",
    "from",
    "having",
    "ilike",
    "in",
    "int",
    "integer",
    "intersect",
    "interval",
    "is",
    "join",
    "like",
    "not",
    "numeric",
    "on",
    "or",
    "over",
    "partition",
    "regexp",
    "rlike",
    "select",
    "smallint",
    "text",
    "then",
    "union",
    "using",
    "values",
    "varbinary",
    "varchar",
    "when",
    "where",
    "with",
    "xor",
];

/// What a text is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A condition on one row.
    Predicate,
    /// One aggregate expression.
    Value,
    /// One `SELECT`.
    Groups,
}

/// Refuses words and functions that the purpose does not allow.
///
/// Errors: one line that names the word and the way out.
pub(super) fn allowed(tokens: &[Token], purpose: Purpose) -> Result<(), String> {
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let call = next == Some(&Token::Symbol('('));
        match token {
            Token::Word(word) => {
                let lower = word.to_ascii_lowercase();
                let before = at.checked_sub(1).and_then(|i| tokens.get(i));
                if before != Some(&Token::Symbol('.')) {
                    keyword(&lower, word, call, purpose)?;
                }
                truth(&tokens[at..])?;
                null_operand(tokens, at)?;
                literal_moment(&lower, before, &tokens[at + 1..])?;
                if call {
                    if before == Some(&Token::Symbol('.')) {
                        return Err(format!(
                            "`{word}` cannot be called with a name before its dot"
                        ));
                    }
                    function(&lower, word, purpose)?;
                }
            }
            Token::Quoted(name) if call => {
                return Err(format!(
                    "\"{name}\" is a quoted column name and cannot be called"
                ));
            }
            Token::Number(text) if text.contains(['e', 'E']) && !text.contains('.') => {
                return Err(format!(
                    "`{text}`: write numbers with an exponent with a point, as in 1.0e3"
                ));
            }
            Token::Symbol('*') if purpose == Purpose::Predicate && matches!(tokens, [_]) => {
                return Err("`*` is not a condition".into());
            }
            _ => {}
        }
    }
    Ok(())
}

fn keyword(lower: &str, word: &str, call: bool, purpose: Purpose) -> Result<(), String> {
    const CHANGES: &[&str] = &[
        "alter",
        "attach",
        "call",
        "copy",
        "create",
        "delete",
        "drop",
        "execute",
        "explain",
        "grant",
        "insert",
        "into",
        "load",
        "merge",
        "pragma",
        "show",
        "truncate_table",
        "update",
        "vacuum",
    ];
    if purpose != Purpose::Groups {
        if matches!(lower, "select" | "exists") {
            return Err(format!(
                "`{word}`: a query inside is not allowed here; the expression sees one dataset only"
            ));
        }
        if matches!(lower, "over" | "window" | "qualify") {
            return Err(format!(
                "`{word}`: window functions are not allowed here; quote it if it is a column"
            ));
        }
    }
    if purpose == Purpose::Predicate && lower == "filter" && call {
        return Err(
            "`FILTER` belongs to an aggregate, and a row condition looks at one row at a time"
                .into(),
        );
    }
    if call && matches!(lower, "any" | "all" | "some") {
        return Err(format!(
            "`{word} (..)` is not supported; write IN or the conditions themselves"
        ));
    }
    if purpose == Purpose::Groups {
        if CHANGES.contains(&lower) || (lower == "truncate" && !call) {
            return Err(format!(
                "`{word}` is not allowed: a group query only reads; quote it if it is a column"
            ));
        }
        if matches!(lower, "limit" | "offset" | "fetch" | "top") {
            return Err(format!(
                "`{word}` is not allowed: every failing group is counted, and samples are bounded anyway"
            ));
        }
    }
    Ok(())
}

/// A comparison with `NULL` is null for every row, and null neither fails nor holds: what it was meant to find passes.
fn null_operand(tokens: &[Token], at: usize) -> Result<(), String> {
    let word = |i: Option<usize>| match i.and_then(|i| tokens.get(i)) {
        Some(Token::Word(w)) => w.to_ascii_lowercase(),
        _ => String::new(),
    };
    let compares = |i: Option<usize>| {
        let token = i.and_then(|i| tokens.get(i));
        matches!(token, Some(Token::Symbol('=' | '<' | '>' | '!')))
    };
    if word(Some(at)) != "null" {
        return Ok(());
    }
    let before = at.checked_sub(1);
    let operand = match word(before).as_str() {
        "between" | "and" | "or" => true,
        "not" => word(at.checked_sub(2)) != "is",
        _ => compares(before) || compares(Some(at + 1)) || in_list(tokens, at),
    };
    if operand {
        return Err(
            "a comparison with `NULL` is null for every row, and null never fails; write IS NULL or IS NOT NULL"
                .to_owned(),
        );
    }
    Ok(())
}

/// Whether the token stands in the list of an `IN (..)` itself, not in a call within it.
fn in_list(tokens: &[Token], at: usize) -> bool {
    let mut depth = 0;
    for i in (0..at).rev() {
        match &tokens[i] {
            Token::Symbol(')') => depth += 1,
            Token::Symbol('(') if depth == 0 => {
                let before = i.checked_sub(1).map(|i| &tokens[i]);
                return matches!(before, Some(Token::Word(w)) if w.eq_ignore_ascii_case("in"));
            }
            Token::Symbol('(') => depth -= 1,
            _ => {}
        }
    }
    false
}

/// `IS [NOT] TRUE` and its kin leave null as null in polars, against the standard: a failing row would be lost.
fn truth(rest: &[Token]) -> Result<(), String> {
    let word = |i: usize| match rest.get(i) {
        Some(Token::Word(w)) => w.to_ascii_lowercase(),
        _ => String::new(),
    };
    if word(0) != "is" {
        return Ok(());
    }
    let what = if word(1) == "not" { word(2) } else { word(1) };
    if matches!(what.as_str(), "true" | "false" | "unknown") {
        return Err(format!(
            "`IS {}` is not supported; say what null means with COALESCE(.., FALSE) or IS NULL",
            what.to_ascii_uppercase()
        ));
    }
    Ok(())
}

/// `DATE '..'`, `TIMESTAMP '..'`, `TIMESTAMP(9) '..'` and `TIME '..'`.
fn literal_moment(lower: &str, before: Option<&Token>, after: &[Token]) -> Result<(), String> {
    match after {
        [Token::Text(text), ..] => {
            moment(lower, text)?;
            let listed = matches!(before, Some(Token::Symbol('(' | ',')));
            let fine = super::moment::nanos(text).is_some_and(|n| n % 1000 != 0);
            if listed && fine {
                // In a list the engine would cut the digits off.
                return Err(format!(
                    "write TIMESTAMP(9) '{text}' in a list: it has more than six digits after the second"
                ));
            }
            Ok(())
        }
        [
            Token::Symbol('('),
            Token::Number(_),
            Token::Symbol(')'),
            Token::Text(text),
            ..,
        ] => moment(lower, text),
        _ => Ok(()),
    }
}

/// A date that the calendar does not have would become null, which no condition sees.
fn moment(lower: &str, text: &str) -> Result<(), String> {
    let fits = match lower {
        "date" => super::moment::day(text).is_some(),
        "timestamp" | "datetime" => super::moment::nanos(text).is_some(),
        "time" => super::moment::time(text).is_some(),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "{} '{text}' is not a moment; write DATE 'YYYY-MM-DD', TIME 'hh:mm:ss' or TIMESTAMP 'YYYY-MM-DD hh:mm:ss' (in UTC, without a zone)",
            lower.to_ascii_uppercase()
        ))
    }
}

fn function(lower: &str, word: &str, purpose: Purpose) -> Result<(), String> {
    let aggregate = AGGREGATES.contains(&lower);
    let window = WINDOW_FUNCTIONS.contains(&lower);
    if ROW_FUNCTIONS.contains(&lower) || NOT_FUNCTIONS.contains(&lower) {
        return Ok(());
    }
    match purpose {
        Purpose::Predicate if aggregate => Err(format!(
            "`{word}` is an aggregate, and a row condition looks at one row at a time"
        )),
        Purpose::Predicate | Purpose::Value if window => Err(format!(
            "`{word}` is a window function, which is not allowed here"
        )),
        Purpose::Value if aggregate => Ok(()),
        Purpose::Groups if aggregate || window => Ok(()),
        _ => {
            let known = ROW_FUNCTIONS.iter().chain(match purpose {
                Purpose::Predicate => &[],
                Purpose::Value | Purpose::Groups => AGGREGATES,
            });
            Err(format!(
                "there is no function `{word}`; {}",
                listing("functions", lower, known.copied())
            ))
        }
    }
}
