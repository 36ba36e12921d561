//! Data values are hostile text: the one place that neutralises them, per kind of output.

/// Text for a terminal or log: control characters become visible escapes, workflow commands are broken up.
///
/// Line breaks stay; use it for a block that the program itself laid out. The commands are `::` at the start of a
/// line (GitHub), `##[` and `##vso[` anywhere (GitHub's older form and Azure Pipelines).
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
    let safe = safe
        .replace("##[", "#\u{200b}#[")
        .replace("##vso[", "#\u{200b}#vso[");
    safe.split('\n')
        .map(break_command)
        .collect::<Vec<_>>()
        .join("\n")
}

/// One value on one line of a terminal: line breaks and invisible characters become visible escapes.
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

/// Control, zero-width and bidirectional characters.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Text inside a Markdown table cell: nothing in it is markup, a mention, a link or a cell's end.
#[must_use]
pub fn markdown(text: &str) -> String {
    line(text).chars().fold(String::new(), |mut safe, c| {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '#' => safe.push_str("&#35;"),
            '|' => safe.push_str("&#124;"),
            ':' => safe.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
        safe
    })
}

/// Text in XML content or attributes; characters that XML 1.0 forbids become visible escapes.
#[must_use]
pub fn xml(text: &str) -> String {
    line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(['\u{fffe}', '\u{ffff}'], "?")
}

/// The message of a GitHub workflow command.
#[must_use]
pub fn annotation_data(text: &str) -> String {
    line(text).replace('%', "%25")
}

/// A property of a GitHub workflow command.
#[must_use]
pub fn annotation_property(text: &str) -> String {
    annotation_data(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
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

fn break_command(line: &str) -> String {
    let rest = line.trim_start();
    let indent = &line[..line.len() - rest.len()];
    if rest.starts_with("::") {
        format!("{indent}:\u{200b}{}", &rest[1..])
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::safe_block;

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
}
