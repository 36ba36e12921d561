//! Protocol buffers as text: <https://protobuf.dev/reference/protobuf/textformat-spec/>. A reader of its own, without a schema.

use crate::config::cursor::Cursor;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Deepest nesting read.
const DEEPEST: usize = 64;

/// Reads a message: a mapping in which every field is the list of its values in file order, each with its place.
///
/// A word such as `INT` or `true` is text, for no schema says what it is. Errors: one problem with its place.
pub(super) fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let mut reader = Reader {
        cursor: Cursor::new(file),
    };
    let place = reader.cursor.place(1);
    let message = reader.message(None, 0)?;
    Ok(Node {
        value: Value::Map(message),
        place,
    })
}

struct Reader<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Reader<'a> {
    fn problem(&mut self, message: &str, label: &str) -> Diagnostic {
        let place = self.cursor.place(1);
        let problem = Diagnostic::new("invalid-text-proto", message).at(&place, label);
        problem.help("a field is `name: value` or `name { … }`")
    }

    /// White space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.cursor.rest().trim_start();
            self.cursor.skip_to(rest);
            if !rest.starts_with('#') {
                return;
            }
            self.cursor.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        self.cursor.take(c)
    }

    fn word(&mut self) -> &'a str {
        let rest = self.cursor.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.+-".contains(c)));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Fields until `close`, or the end of the file where there is none.
    fn message(
        &mut self,
        close: Option<char>,
        depth: usize,
    ) -> Result<Vec<(Key, Node)>, Diagnostic> {
        let mut fields: Vec<(Key, Node)> = Vec::new();
        if depth > DEEPEST {
            return Err(self.problem("the message is nested too deeply", "deeper than 64"));
        }
        loop {
            self.space();
            match close {
                Some(c) if self.eat(c) => return Ok(fields),
                None if self.cursor.rest().is_empty() => return Ok(fields),
                _ => {}
            }
            let key = self.name()?;
            let scalar = self.eat(':');
            self.space();
            let mut values = Vec::new();
            if scalar && self.eat('[') {
                self.list(&mut values, depth)?;
            } else {
                values.push(self.value(scalar, depth)?);
            }
            while self.eat(',') || self.eat(';') {}
            let there = fields.iter_mut().find(|(k, _)| k.name == key.name);
            if let Some(Value::List(all)) = there.map(|(_, n)| &mut n.value) {
                all.extend(values);
            } else {
                let place = values.first().map_or(&key.place, |v| &v.place).clone();
                let value = Value::List(values);
                fields.push((key, Node { value, place }));
            }
        }
    }

    /// The name of a field, or of an extension in brackets.
    fn name(&mut self) -> Result<Key, Diagnostic> {
        let name = if let Some(rest) = self.cursor.rest().strip_prefix('[') {
            rest.split_once(']').map_or("", |(name, _)| name).to_owned()
        } else {
            self.word().to_owned()
        };
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts {
            return Err(self.problem("here should be the name of a field", "no name"));
        }
        let place = self.cursor.place(name.chars().count());
        let brackets = if self.cursor.rest().starts_with('[') {
            2
        } else {
            0
        };
        self.cursor.at += name.len() + brackets;
        Ok(Key { name, place })
    }

    fn list(&mut self, values: &mut Vec<Node>, depth: usize) -> Result<(), Diagnostic> {
        if self.eat(']') {
            return Ok(());
        }
        loop {
            self.space();
            values.push(self.value(true, depth)?);
            if self.eat(']') {
                return Ok(());
            }
            if !self.eat(',') {
                return Err(self.problem("values are parted by `,` and end with `]`", "neither"));
            }
        }
    }

    fn value(&mut self, scalar: bool, depth: usize) -> Result<Node, Diagnostic> {
        let Some(first) = self.cursor.rest().chars().next() else {
            return Err(self.problem("the file ends where a value should be", "ends here"));
        };
        let close = match first {
            '{' => Some('}'),
            '<' => Some('>'),
            _ => None,
        };
        if let Some(close) = close {
            let place = self.cursor.place(1);
            self.cursor.at += 1;
            let message = self.message(Some(close), depth + 1)?;
            return Ok(Node {
                value: Value::Map(message),
                place,
            });
        }
        if !scalar {
            return Err(self.problem("a field is followed by `:` or `{`", "neither"));
        }
        if first == '"' || first == '\'' {
            return self.string();
        }
        let word = self.word();
        if word.is_empty() {
            return Err(self.problem("here should be a value", "no value"));
        }
        let place = self.cursor.place(word.chars().count());
        self.cursor.at += word.len();
        let number = word.trim_end_matches(['f', 'F']);
        let value = match (word.parse::<i128>(), number.parse::<f64>()) {
            (Ok(whole), _) => Value::Int(whole),
            (_, Ok(float)) if word.contains(|c: char| c.is_ascii_digit()) => Value::Float(float),
            _ => Value::Text(word.to_owned()),
        };
        Ok(Node { value, place })
    }

    /// One text, or several that follow each other and are one.
    fn string(&mut self) -> Result<Node, Diagnostic> {
        let place = self.cursor.place(1);
        let mut bytes: Vec<u8> = Vec::new();
        while let Some(quote) = self
            .cursor
            .rest()
            .chars()
            .next()
            .filter(|c| *c == '"' || *c == '\'')
        {
            self.cursor.at += 1;
            loop {
                let Some(c) = self.cursor.rest().chars().next() else {
                    return Err(self.problem("a text is not closed", "ends here"));
                };
                self.cursor.at += c.len_utf8();
                match c {
                    '\n' => {
                        return Err(self.problem("a text is not closed on its line", "ends here"));
                    }
                    '\\' => self.escape(&mut bytes)?,
                    c if c == quote => break,
                    c => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            self.space();
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Node {
                value: Value::Text(text),
                place,
            }),
            Err(_) => {
                Err(Diagnostic::new("invalid-text-proto", "a text is not UTF-8").at(&place, "here"))
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let rest = self.cursor.rest().as_bytes();
        let digits = |from: usize, most: usize, is: fn(&u8) -> bool| {
            rest.get(from..)
                .map_or(0, |r| r.iter().take(most).take_while(|b| is(b)).count())
        };
        let octal = digits(0, 3, |b| (b'0'..=b'7').contains(b));
        let simple = match rest.first() {
            Some(b'n') => Some(b'\n'),
            Some(b't') => Some(b'\t'),
            Some(b'r') => Some(b'\r'),
            Some(b'a') => Some(7),
            Some(b'b') => Some(8),
            Some(b'f') => Some(12),
            Some(b'v') => Some(11),
            Some(c @ (b'\\' | b'\'' | b'"' | b'?')) => Some(*c),
            _ => None,
        };
        if let Some(byte) = simple {
            self.cursor.at += 1;
            bytes.push(byte);
            return Ok(());
        }
        let (skip, length, radix) = match rest.first() {
            _ if octal > 0 => (0, octal, 8),
            Some(b'x' | b'X') => (1, digits(1, 2, u8::is_ascii_hexdigit), 16),
            Some(b'u') => (1, digits(1, 4, u8::is_ascii_hexdigit), 16),
            Some(b'U') => (1, digits(1, 8, u8::is_ascii_hexdigit), 16),
            _ => (0, 0, 8),
        };
        let wide = matches!(rest.first(), Some(b'u' | b'U'));
        let written = self
            .cursor
            .rest()
            .get(skip..skip + length)
            .unwrap_or_default();
        let Ok(code) = u32::from_str_radix(written, radix) else {
            return Err(self.problem("there is no such escape", "here"));
        };
        self.cursor.at += skip + length;
        match (wide, u8::try_from(code), char::from_u32(code)) {
            (false, Ok(byte), _) => bytes.push(byte),
            (true, _, Some(c)) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => return Err(self.problem("there is no such character", "before this")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Diagnostic> {
        parse(&Arc::new(SourceFile {
            path: "s.pbtxt".into(),
            text: text.into(),
        }))
    }

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Map(entries) => {
                let all: Vec<String> = entries
                    .iter()
                    .map(|(k, v)| format!("{}={}", k.name, shown(v)))
                    .collect();
                format!("{{{}}}", all.join(" "))
            }
            Value::List(items) => format!(
                "[{}]",
                items.iter().map(shown).collect::<Vec<_>>().join(",")
            ),
            Value::Text(text) => format!("{text:?}"),
            other => other.to_string(),
        }
    }

    #[test]
    fn fields_texts_numbers_and_lists_are_read() {
        let text = "# a schema\nf { n: \"a\" 'b\\n\\303\\244\\x41' t: INT p { q: 1 } p < q: -2.5e1f > }; f: { n: [1, 2,\n3] } [x.y]: true";
        let node = read(text).unwrap();
        assert_eq!(
            shown(&node),
            "{f=[{n=[\"ab\\nä\u{41}\"] t=[\"INT\"] p=[{q=[1]},{q=[-25]}]},{n=[1,2,3]}] x.y=[\"true\"]}"
        );
        let Value::Map(fields) = &node.value else {
            panic!()
        };
        assert_eq!((fields[1].0.place.line, fields[1].0.place.column), (3, 6));
    }

    #[test]
    fn what_is_no_text_proto_is_refused_at_its_place() {
        for (text, line, column) in [
            ("f {", 1, 4),
            ("f: \"a", 1, 6),
            ("f: \"a\nb\"", 2, 1),
            ("f 1", 1, 3),
            ("f: ", 1, 4),
            (": 1", 1, 1),
            ("f: [1 2]", 1, 7),
            ("f: \"\\q\"", 1, 6),
            ("f: \"\\ud800\"", 1, 11),
            ("}", 1, 1),
        ] {
            let place = read(text).unwrap_err().place.unwrap();
            assert_eq!((place.line, place.column), (line, column), "{text}");
        }
        assert!(read(&"f {".repeat(100_000)).is_err());
        assert!(read("f: \"\\377\"").is_err());
    }
}
