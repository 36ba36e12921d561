//! Data values are hostile text: the one place that neutralises them, per kind of output.

/// Text for a terminal or log: control characters become visible escapes, workflow commands are broken up.
///
/// Line breaks stay; use it for a block that the program itself laid out. The commands are `::` at the start of a
/// line (GitHub), `##[` and `##vso[` anywhere (GitHub's older form and Azure Pipelines). [`MARKS`] stay, so that
/// the terminal's renderer can turn them into colours afterwards.
/// Reason: a terminal acts on escape sequences, which start with a control character; a runner acts on what it finds
/// in a log line, whoever wrote it.
/// Source: "Workflow commands" of GitHub Actions, "Logging commands" of Azure Pipelines.
#[must_use]
pub fn safe_block(text: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !c.is_control() {
            safe.push(c);
        } else {
            write!(safe, "\\u{{{:x}}}", u32::from(c)).expect("writing to a String cannot fail");
        }
    }
    break_old_commands(&safe)
        .split('\n')
        .map(break_command)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Noncharacters with which the program's own layout marks colours; a value that holds one shows it as an escape.
pub const MARKS: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdd7}';

/// One value on one line of a terminal: line breaks and invisible characters become visible escapes, `\u{1b}`.
///
/// Reason: a line break would forge a line of the program's own, a bidirectional mark reorders what stands beside it.
#[must_use]
pub fn line(text: &str) -> String {
    use std::fmt::Write as _;
    text.chars().fold(String::new(), |mut safe, c| {
        if is_hidden(c) {
            write!(safe, "\\u{{{:x}}}", u32::from(c)).expect("writing to a String cannot fail");
        } else {
            safe.push(c);
        }
        safe
    })
}

/// Control, zero-width, bidirectional, tag and noncharacters: what a reader cannot see or what reorders the rest.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// At most `most` characters; what was cut is said: `abc… (5,000 characters)`.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most).collect();
    let length = super::words::grouped(length as u64);
    format!("{}… ({length} characters)", kept.trim_end())
}

/// At most `most` characters for a label in a chart, the last of them `…` where something was cut.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A word of a command for a shell of POSIX: in one line, as in [`line()`], and quoted where it has to be.
///
/// Source: POSIX.1-2024, Shell Command Language, 2.2.2 "Single-Quotes"; from memory.
#[must_use]
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", line(word).replace('\'', r"'\''"))
}

/// One value for a terminal or log, wherever it comes to stand: as in [`line()`], clipped, workflow commands broken up.
#[must_use]
pub fn value(text: &str, most: usize) -> String {
    break_command(&break_old_commands(&clip(&line(text), most)))
}

/// JSON text in which nothing is hidden and no log command can be read; equal to the original as JSON.
///
/// Every hidden character and every `#` before another `#` can only stand inside a JSON string, so each becomes its
/// `\uXXXX` escape (RFC 8259, section 7). Line breaks are layout and stay.
#[must_use]
pub fn json(text: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let command = c == '#' && characters.peek() == Some(&'#');
        if c == '\n' || !(command || is_hidden(c)) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(safe, "\\u{unit:04x}").expect("writing to a String cannot fail");
        }
    }
    safe
}

/// Prose in Markdown, in a table cell too: nothing in it is markup, a mention, a link or a cell's end.
///
/// GitHub looks for mentions and issue numbers after it has decoded entities, so those are parted by a zero-width
/// space, not by an entity.
/// Source: GitHub Flavored Markdown: backslash escapes, entities, the tables and autolinks extensions.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = break_command(&break_old_commands(&line(text)));
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' => safe.push_str("&#124;"),
            ':' if characters.peek() == Some(&'/') => safe.push_str("&#58;"),
            '$' => safe.push_str("&#36;"),
            '@' | '#' => safe.extend([c, '\u{200b}']),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe.replace("www.", "www\\.").replace("WWW.", "WWW\\.")
}

/// A value as a code span that fits into a table cell: at most 80 characters, a fence longer than any in the value.
///
/// A pipe is escaped with a backslash, as GitHub's tables want it inside code too; an odd run of backslashes before
/// it gets one more, or the escape itself would be escaped.
#[must_use]
pub fn code(text: &str) -> String {
    let text = break_command(&break_old_commands(&clip(&line(text), 80)));
    let mut safe = String::with_capacity(text.len());
    let (mut ticks, mut longest, mut slashes) = (0, 0, 0);
    for c in text.chars() {
        ticks = if c == '`' { ticks + 1 } else { 0 };
        longest = longest.max(ticks);
        if c == '|' {
            safe.push_str(if slashes % 2 == 1 { "\\\\" } else { "\\" });
        }
        slashes = if c == '\\' { slashes + 1 } else { 0 };
        safe.push(c);
    }
    if safe.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest + 1);
    let edge = |c: char| c == '`' || c == ' ';
    let pad = if safe.starts_with(edge) || safe.ends_with(edge) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{safe}{pad}{fence}")
}

/// Text in HTML content or a quoted attribute.
///
/// Rule: `&`, `<`, `>` and both quotes become character references, what is invisible a visible escape.
/// Reason: in content `<` and `&` open markup, in an attribute the quote ends the value; nothing else does. The text
/// must not come to stand in a script, a style or an unquoted attribute, where other characters do.
#[must_use]
pub fn html(text: &str) -> String {
    markup(&line(text)).replace('\'', "&#39;")
}

/// Text in XML content or an attribute in double quotes; characters that XML 1.0 forbids become visible escapes.
///
/// Reason: a reader refuses the whole file for one character that is not allowed, even as a reference.
/// Source: XML 1.0, sections 2.2 (characters) and 2.4 (markup).
#[must_use]
pub fn xml(text: &str) -> String {
    markup(&line(text))
}

/// Characters with a meaning in markup as references; `##` too, or a log could read a command in the file.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace("##", "#&#35;")
}

/// The message of a GitHub workflow command.
///
/// Rule: `%` becomes `%25`; line breaks, which would end the command, are visible escapes already.
/// Source: `escapeData` of the `@actions/core` package.
#[must_use]
pub fn annotation_data(text: &str) -> String {
    break_old_commands(&line(text)).replace('%', "%25")
}

/// A property of a GitHub workflow command.
///
/// Rule: as in [`annotation_data`], and `:` and `,`, which end a property, become `%3A` and `%2C`.
/// Source: `escapeProperty` of the `@actions/core` package.
#[must_use]
pub fn annotation_property(text: &str) -> String {
    annotation_data(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// The message of a logging command of Azure Pipelines.
///
/// Rule: `%` becomes `%AZP25`; line breaks, which would end the command, are visible escapes already.
/// Source: `escapedata` of the task library of Azure Pipelines.
#[must_use]
pub fn azure_data(text: &str) -> String {
    break_old_commands(&line(text)).replace('%', "%AZP25")
}

/// A property of a logging command of Azure Pipelines.
///
/// Rule: as in [`azure_data`], and `;` and `]`, which end a property and the command, become `%3B` and `%5D`.
/// Source: `escape` of the task library of Azure Pipelines.
#[must_use]
pub fn azure_property(text: &str) -> String {
    azure_data(text).replace(';', "%3B").replace(']', "%5D")
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Breaks `::` at the start of a line, behind white space and colour marks too.
fn break_command(line: &str) -> String {
    let rest = line.trim_start_matches(|c: char| c.is_whitespace() || MARKS.contains(&c));
    let indent = &line[..line.len() - rest.len()];
    if rest.starts_with("::") {
        format!("{indent}:\u{200b}{}", &rest[1..])
    } else {
        line.to_owned()
    }
}

/// Breaks `##[` and `##vso[`, which runners read anywhere in a line.
fn break_old_commands(text: &str) -> String {
    text.replace("##[", "#\u{200b}#[")
        .replace("##vso[", "#\u{200b}#vso[")
}

#[cfg(test)]
mod tests {
    use super::{code, json, safe_block};

    #[test]
    fn workflow_commands_are_broken_up() {
        for hostile in [
            "::error::x",
            "  ::set-output name=a::b",
            "a ##vso[task.complete]",
            "##[error]x",
        ] {
            let safe = safe_block(hostile);
            assert!(!safe.trim_start().starts_with("::"), "{safe:?}");
            assert!(
                !safe.contains("##vso[") && !safe.contains("##["),
                "{safe:?}"
            );
        }
    }

    #[test]
    fn plain_text_is_untouched() {
        assert_eq!(safe_block("a::b | c\n  d # e"), "a::b | c\n  d # e");
    }

    #[test]
    fn code_spans_close_and_hold_pipes() {
        for (text, wanted) in [
            ("a|b", "`a\\|b`"),
            (r"a\|b", r"`a\\\|b`"),
            ("a``b", "```a``b```"),
            ("`", "`` ` ``"),
            ("", "(empty)"),
        ] {
            assert_eq!(code(text), wanted);
        }
        assert!(code(&"x".repeat(5000)).ends_with("… (5,000 characters)`"));
    }

    #[test]
    fn json_stays_equal_and_hides_nothing() {
        let text = "{\"a\": \"##vso[x]\u{9b}\u{202e}\u{e0041}\"}";
        let safe = json(text);
        let value = |t: &str| serde_json::from_str::<serde_json::Value>(t).unwrap();
        assert_eq!(value(&safe), value(text));
        assert!(!safe.contains("##") && safe.is_ascii(), "{safe}");
    }
}
