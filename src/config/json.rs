//! JSON as the same tree as YAML: every key and every value knows its place. The only module that reads JSON for people.

use super::cursor::Cursor;
use super::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Deepest nesting read; what is deeper is refused before the stack ends.
pub const DEEPEST: usize = 128;

/// Reads one JSON value (RFC 8259); a number keeps its exact whole value where it has one.
///
/// Errors: one problem with its place: not JSON, a key given twice in one object, text after the value, or nesting deeper than
/// [`DEEPEST`].
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let mut reader = Reader {
        cursor: Cursor::new(file),
    };
    let node = reader.value(0)?;
    reader.space();
    if !reader.cursor.rest().is_empty() {
        return Err(reader.problem(
            "there is more after the value",
            "one value ends before this",
        ));
    }
    Ok(node)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
}

impl Reader<'_> {
    fn problem(&mut self, message: &str, label: &str) -> Diagnostic {
        let place = self.cursor.place(1);
        Diagnostic::new("invalid-json", message)
            .at(&place, label)
            .help("keys and texts stand in double quotes, entries are parted by one comma")
    }

    fn space(&mut self) {
        let rest = self.cursor.rest();
        let rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.cursor.skip_to(rest);
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        self.cursor.take(c)
    }

    fn value(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        self.space();
        if depth > DEEPEST {
            return Err(self.problem("the document is nested too deeply", "deeper than 128"));
        }
        let Some(first) = self.cursor.rest().chars().next() else {
            return Err(self.problem("the document ends where a value should be", "ends here"));
        };
        match first {
            '{' => self.object(depth),
            '[' => self.list(depth),
            '"' => self.text_node(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        let place = self.cursor.place(1);
        self.cursor.at += 1;
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        if self.eat('}') {
            return Ok(Node {
                value: Value::Map(entries),
                place,
            });
        }
        loop {
            self.space();
            if !self.cursor.rest().starts_with('"') {
                return Err(self.problem("a key is a text in double quotes", "no key here"));
            }
            let key = self.text_node()?;
            let Value::Text(name) = key.value else {
                return Err(self.problem("a key is a text in double quotes", "no key here"));
            };
            if !names.insert(name.clone()) {
                return Err(
                    Diagnostic::new("invalid-json", format!("`{name}` is given twice"))
                        .at(&key.place, "here")
                        .help("give every key once; the second one would hide the first"),
                );
            }
            if !self.eat(':') {
                return Err(self.problem("a key is followed by `:`", "no `:` here"));
            }
            let value = self.value(depth + 1)?;
            entries.push((
                Key {
                    name,
                    place: key.place,
                },
                value,
            ));
            if self.eat('}') {
                return Ok(Node {
                    value: Value::Map(entries),
                    place,
                });
            }
            if !self.eat(',') {
                return Err(self.problem("entries are parted by `,` and end with `}`", "neither"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        let place = self.cursor.place(1);
        self.cursor.at += 1;
        let mut items = Vec::new();
        if self.eat(']') {
            return Ok(Node {
                value: Value::List(items),
                place,
            });
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(']') {
                return Ok(Node {
                    value: Value::List(items),
                    place,
                });
            }
            if !self.eat(',') {
                return Err(self.problem("items are parted by `,` and end with `]`", "neither"));
            }
        }
    }

    /// A text: the parser of serde reads what stands between the quotes.
    fn text_node(&mut self) -> Result<Node, Diagnostic> {
        let bytes = self.cursor.rest().as_bytes();
        let mut end = 1;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let written = self.cursor.rest().get(..=end).filter(|w| w.len() > 1);
        let read = written.and_then(|w| serde_json::from_str::<String>(w).ok());
        let Some((written, text)) = written.zip(read) else {
            return Err(self.problem(
                "a text is not closed, or has an escape that JSON does not know",
                "starts here",
            ));
        };
        let length = written.chars().count();
        let place = self.cursor.place(length);
        self.cursor.at += end + 1;
        Ok(Node {
            value: Value::Text(text),
            place,
        })
    }

    fn word(&mut self) -> Result<Node, Diagnostic> {
        let ends = |c: char| c.is_whitespace() || ",]}:\"[{".contains(c);
        let word = self
            .cursor
            .rest()
            .split(ends)
            .next()
            .unwrap_or_default()
            .to_owned();
        let value = match word.as_str() {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            // What Python's writer puts where a number is none.
            "NaN" => Value::Float(f64::NAN),
            "Infinity" => Value::Float(f64::INFINITY),
            "-Infinity" => Value::Float(f64::NEG_INFINITY),
            number => match (number.parse::<i128>(), serde_json::from_str::<f64>(number)) {
                (Ok(whole), Ok(_)) => Value::Int(whole),
                (_, Ok(float)) => Value::Float(float),
                _ => {
                    return Err(
                        self.problem("this is no JSON value", "texts stand in double quotes")
                    );
                }
            },
        };
        let place = self.cursor.place(word.chars().count());
        self.cursor.at += word.len();
        Ok(Node { value, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Node, Diagnostic> {
        parse(&Arc::new(SourceFile {
            path: "t.json".into(),
            text: text.into(),
        }))
    }

    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(v) => (*v).into(),
            Value::Int(v) => i64::try_from(*v).map_or(serde_json::json!(*v as f64), Into::into),
            Value::Float(v) => serde_json::json!(v),
            Value::Text(v) => v.clone().into(),
            Value::List(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
            Value::Map(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|(k, v)| (k.name.clone(), plain(v)))
                    .collect(),
            ),
        }
    }

    #[test]
    fn values_have_their_places() {
        let node =
            read("{\n  \"ä\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00\"],\n\t\"b\": {\"c\": null}}")
                .unwrap();
        let Value::Map(entries) = &node.value else {
            panic!()
        };
        assert_eq!(
            (
                entries[0].0.place.line,
                entries[0].0.place.column,
                entries[0].0.place.length
            ),
            (2, 3, 3)
        );
        let Value::List(items) = &entries[0].1.value else {
            panic!()
        };
        assert_eq!(items[1].value, Value::Float(-2500.0));
        assert_eq!(
            (
                items[1].place.line,
                items[1].place.column,
                items[1].place.length
            ),
            (2, 12, 6)
        );
        assert_eq!(items[2].value, Value::Text("é😀".into()));
        assert_eq!((entries[1].0.place.line, entries[1].0.place.column), (3, 2));
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        for (text, line, column) in [
            ("", 1, 1),
            ("{", 1, 2),
            ("{\"a\" 1}", 1, 6),
            ("{\"a\": 1,\n \"a\": 2}", 2, 2),
            ("[1, 2", 1, 6),
            ("[1] x", 1, 5),
            ("[\"\\x\"]", 1, 2),
            ("[\"open", 1, 2),
            ("[01]", 1, 2),
            ("[nul]", 1, 2),
            ("{a: 1}", 1, 2),
        ] {
            let problem = read(text).unwrap_err();
            let place = problem.place.unwrap();
            assert_eq!((place.line, place.column), (line, column), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read(&"{\"a\":".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn never_a_panic(text in "[\\[\\]{}\",:\\\\0-9a-zäE. \n-]{0,40}") {
            let ours = read(&text);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
                prop_assert_eq!(&plain(ours), theirs);
            }
            if theirs.is_err() && ours.is_ok() {
                prop_assert!(text.contains("NaN") || text.contains("Infinity"), "{}", text);
            }
        }
    }
}
