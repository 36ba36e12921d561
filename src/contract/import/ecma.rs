//! Regular expressions of ECMA 262, which JSON Schema and the Open Data Contract Standard name.

/// Why a pattern is not held.
pub(super) const UNREADABLE: &str =
    "the pattern is not one of the Rust regex syntax: no look-around, no back-references";

/// A pattern as a check reads it: `\d` and `\w` are those of ASCII there, and of all scripts in the Rust regex syntax. `None`
/// where it is none of that syntax.
///
/// `\s` stays: it is white space of Unicode in both, which differ in U+0085 and U+FEFF; so does `\b`, which goes by `\w`.
/// Source: ECMA 262, `CharacterClassEscape` and `WordCharacters`.
pub(super) fn pattern(text: &str) -> Option<String> {
    regex::Regex::new(text).ok()?;
    let mut read = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            read.push(letter);
            continue;
        }
        // A backslash belongs to the one letter behind it, whatever that is; a class may stand in another one.
        match letters.next() {
            Some('d') => read.push_str("[0-9]"),
            Some('D') => read.push_str("[^0-9]"),
            Some('w') => read.push_str("[A-Za-z0-9_]"),
            Some('W') => read.push_str("[^A-Za-z0-9_]"),
            other => {
                read.push('\\');
                read.extend(other);
            }
        }
    }
    // Under flags, as `(?x)`, a letter may mean something else; such a pattern is left as it is.
    let is_read = regex::Regex::new(&read).is_ok();
    Some(if is_read { read } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_words_are_those_of_ascii() {
        for (theirs, ours) in [
            (r"^\d+$", "^[0-9]+$"),
            (r"[\d.-]\D", "[[0-9].-][^0-9]"),
            (r"[^\w ]\W", "[^[A-Za-z0-9_] ][^A-Za-z0-9_]"),
            // A backslash before another one is no class.
            (r"\\d\\\d", r"\\d\\[0-9]"),
            (r"\s\S\b\.\[\]\u0041\p{Nd}", r"\s\S\b\.\[\]\u0041\p{Nd}"),
        ] {
            assert_eq!(pattern(theirs).as_deref(), Some(ours));
        }
        assert_eq!(pattern(r"(?=a)"), None);
        for (theirs, text, fits) in [
            (r"^\d$", "7", true),
            // Arabic-Indic seven
            (r"^\d$", "\u{667}", false),
            (r"^\D$", "\u{667}", true),
            (r"^\w$", "é", false),
            (r"^[^\w]$", "é", true),
            (r"^[\W_]$", "a", false),
        ] {
            let read = regex::Regex::new(&pattern(theirs).unwrap()).unwrap();
            assert_eq!(read.is_match(text), fits, "{theirs} {text}");
        }
    }
}
