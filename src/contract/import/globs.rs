//! Patterns of column names in other tools as those of native contracts, where both name the same columns.

/// Where a regular expression is looked for in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Anywhere, as JSON Schema does.
    Anywhere,
    /// At the beginning, as Python's `match` does.
    AtBegin,
}

/// The pattern of a native contract that matches the same names as a regular expression; `None` where none does.
///
/// Read are letters, digits, `_`, `-`, blanks, escaped signs, `.`, `.*`, `.+`, `^` at the beginning, `$` at the end and plain
/// classes of characters such as `[a-z]`. A line break in a name is not thought of.
pub(super) fn of_regex(pattern: &str, found: Found) -> Option<String> {
    let (anchored, rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (found == Found::AtBegin, pattern),
    };
    let (closed, rest) = match rest.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => (true, rest),
        _ => (false, rest),
    };
    let mut glob = String::from(if anchored { "" } else { "*" });
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '.' => match chars.next_if(|n| matches!(n, '*' | '+')) {
                Some('*') => glob.push('*'),
                Some(_) => glob.push_str("?*"),
                None => glob.push('?'),
            },
            '\\' => {
                let sign = chars.next().filter(char::is_ascii_punctuation)?;
                glob.push_str(&literal(sign));
            }
            '[' => {
                let class: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                let ranges = !class.starts_with('-') && !class.ends_with('-');
                if class.is_empty() || !ranges || !class.chars().all(plain) {
                    return None;
                }
                glob.extend(["[", &class, "]"]);
            }
            c if c.is_alphanumeric() || matches!(c, '_' | '-' | ' ') => glob.push(c),
            _ => return None,
        }
        // A character that is repeated has no counterpart.
        if chars
            .peek()
            .is_some_and(|n| matches!(n, '*' | '+' | '?' | '{'))
        {
            return None;
        }
    }
    if !closed && !glob.ends_with('*') {
        glob.push('*');
    }
    (!glob.is_empty()).then_some(glob)
}

fn literal(sign: char) -> String {
    if matches!(sign, '*' | '?' | '[') {
        format!("[{sign}]")
    } else {
        sign.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, of_regex};
    use crate::contract::selection::glob;
    use regex::Regex;

    #[test]
    fn both_match_the_same_names() {
        let names = [
            "amount",
            "amount_",
            "amount_eur",
            "an_amount_eur",
            "a.b",
            "axb",
            "x1",
            "x9",
            "xx",
            "x",
            "",
            "a*b",
        ];
        let read = [
            "amount_.*",
            "^amount",
            "amount$",
            "^amount_.+$",
            "a.b",
            r"a\.b",
            "^x[0-9]$",
            r"a\*b",
            "^x.$",
            "x",
        ];
        for pattern in read {
            for (found, start) in [(Found::Anywhere, ""), (Found::AtBegin, "^(?:")] {
                let native = glob(&of_regex(pattern, found).unwrap()).unwrap();
                let end = if start.is_empty() { "" } else { ")" };
                let theirs = Regex::new(&format!("{start}{pattern}{end}")).unwrap();
                for name in names {
                    assert_eq!(
                        native.is_match(name),
                        theirs.is_match(name),
                        "{pattern} {found:?} {name}"
                    );
                }
            }
        }
        for pattern in [
            "a+", "a|b", "(a)", "[^a]", "[a-", r"\d", "a{2}", "[]", "x*", r"\", "[a]*", "é|",
        ] {
            assert_eq!(of_regex(pattern, Found::Anywhere), None, "{pattern}");
        }
    }
}
