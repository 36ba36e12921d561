//! YAML written for people: scalars that read back as the same text, and comments that stay comments.

use std::fmt::Write as _;

/// A text as a YAML scalar that reads back as this text, within `[…]` and `{…}` too.
///
/// Plain where the YAML writer leaves it plain and no character has a meaning in flow style; double-quoted otherwise.
#[must_use]
pub fn scalar(text: &str) -> String {
    let plain = serde_yaml::to_string(text).is_ok_and(|y| y.trim_end_matches('\n') == text);
    let simple = |c: char| c.is_ascii_alphanumeric() || "_-./+@ ".contains(c);
    let starts = |c: char| c.is_ascii_alphabetic() || (c.is_ascii_digit() && is_code(text));
    if plain
        && text.chars().all(simple)
        && (text.starts_with(starts) || text.starts_with("../"))
        && !text.ends_with(' ')
        && !is_word(text)
    {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Letters and digits that no YAML reader takes for a number or a day: `9E`.
fn is_code(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric()) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Words that some YAML reader takes for a boolean or null.
fn is_word(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .contains(&text.to_ascii_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => write!(out, "\\U{:08X}", u32::from(c)).expect("writing to a String cannot fail"),
        }
    }
    out.push('"');
    out
}

/// Characters that a person sees, and that YAML 1.2 lets stand in a quoted scalar.
fn is_printable(c: char) -> bool {
    crate::report::text::line(c.encode_utf8(&mut [0; 4])).starts_with(c)
        && !matches!(c, '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{fffe}' | '\u{ffff}')
}

/// A text within a comment: one line, nothing hidden.
#[must_use]
pub fn comment(text: &str) -> String {
    crate::report::text::line(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::{Value, parse};
    use crate::diagnostic::SourceFile;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn read_back(text: &str) -> Value {
        let yaml = format!("a: [{}, {{{}: 1}}] # x\n", scalar(text), scalar(text));
        let file = Arc::new(SourceFile {
            path: "t.yaml".into(),
            text: yaml.clone(),
        });
        let node = parse(&file).unwrap_or_else(|e| panic!("{yaml}: {}", e.render()));
        let Value::Map(map) = node.value else {
            panic!("{yaml}")
        };
        let Value::List(items) = &map[0].1.value else {
            panic!("{yaml}")
        };
        let Value::Map(inner) = &items[1].value else {
            panic!("{yaml}")
        };
        assert_eq!(inner[0].0.name, text, "{yaml}");
        items[0].value.clone()
    }

    #[test]
    fn every_text_reads_back() {
        for text in [
            "",
            " ",
            "AA",
            "9E",
            "007",
            "1e5",
            "1_000",
            "0x1F",
            "0o7",
            ".5",
            "12:30",
            "no",
            "NULL",
            "~",
            "true",
            "Y",
            "a, b",
            "a: b",
            "a #b",
            "[x]",
            "{x}",
            "- x",
            "-",
            "?",
            "'q'",
            "\"",
            "\\",
            "a\nb",
            "\t",
            "\u{1b}[31m",
            "\u{2028}",
            "\u{85}",
            "\u{feff}x",
            "2013-02-01",
            "ä",
            "日本",
            "😀",
            "@a",
            "`a`",
            "%a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "::error::x",
            ".inf",
            ".nan",
            "...",
            "---",
            "+1",
            "1.",
            "a ",
            " a",
            "\u{0}",
        ] {
            assert_eq!(read_back(text), Value::Text(text.to_owned()));
        }
        assert_eq!(scalar("EWR"), "EWR");
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in any::<String>()) {
            prop_assert_eq!(read_back(&text), Value::Text(text));
        }
    }
}
