//! YAML as a tree in which every key and every value knows its place. The only module that reads YAML.

use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::scalar::{Integer, Scalar, number_text};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};
use std::fmt;
use std::sync::Arc;

/// One YAML value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// What a YAML value can be, by the YAML 1.2 core schema: only `true` and `false` are booleans, `no` is text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Whole number.
    Int(i128),
    /// Number with a point, an exponent, `.nan` or `.inf`.
    Float(f64),
    /// Text.
    Text(String),
    /// Sequence.
    List(Vec<Node>),
    /// Mapping in file order; a key occurs once.
    Map(Vec<(Key, Node)>),
}

/// A mapping's key with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

impl Value {
    /// What it is, for messages: `a number`, `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// The value as one typed scalar; lists, mappings and null have none.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Bool(v) => Some(Scalar::Bool(*v)),
            Self::Int(v) => Some(Scalar::Int(Integer(*v))),
            Self::Float(v) => Some(Scalar::Float(*v)),
            Self::Text(v) => Some(Scalar::Text(v.clone())),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Float(v) => f.write_str(&number_text(*v)),
            Self::Text(v) => f.write_str(v),
            Self::List(items) => write!(f, "a list of {}", items.len()),
            Self::Map(entries) => write!(f, "a mapping of {}", entries.len()),
        }
    }
}

/// Deepest nesting read; what is deeper is refused before the stack ends.
const DEEPEST: usize = 64;

/// Reads one YAML document.
///
/// Errors: one problem with its place: not YAML, a duplicate key, tabs or ragged indentation, or a document that
/// expands beyond the budget (a YAML bomb).
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    // A level takes tens of kilobytes of the stack in a build without optimisation.
    let deep = std::thread::Builder::new().stack_size(32 << 20);
    std::thread::scope(|scope| {
        let reader = deep.spawn_scoped(scope, || read_here(file));
        match reader.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // No thread to be had: the stack that is there must do.
            Err(_) => read_here(file),
        }
    })
}

fn read_here(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        strict_indentation: true,
        leading_zero_numbers_as_strings: true,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: DEEPEST },
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let raw: Raw = serde_saphyr::from_str_with_options(&file.text, options).map_err(|error| {
        let text = error.without_snippet().to_string();
        let (message, help) = in_words(text.lines().next().unwrap_or_default());
        let problem = Diagnostic::new("invalid-yaml", message).help(help);
        match error.location() {
            Some(at) if at.line() > 0 => problem.at(&place(file, &lines, at), "here"),
            _ => problem.help(format!("{help}; the file is {}", file.path)),
        }
    })?;
    Ok(raw.node(file, &lines))
}

/// The parser's message for a person, and the way out.
fn in_words(message: &str) -> (String, &'static str) {
    let message = without_place(message);
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set ").next().unwrap_or(rest);
        return (
            format!("`{key}` is given twice"),
            "give every key once; the second one would hide the first",
        );
    }
    if message.to_lowercase().contains("depth") || message.contains("recursion") {
        return (
            "the document is nested too deeply".to_owned(),
            "nest less deeply; 64 levels are read at most",
        );
    }
    if message.contains("into string") || message == "expected string scalar" {
        return (
            "a key must be text".to_owned(),
            "give the key a name; in quotes where it is `null`, `~` or empty",
        );
    }
    if message.starts_with("budget breached") {
        return (
            "the document grows too large when its aliases (`*name`) are filled in".to_owned(),
            "write the repeated parts out, or split the file; 250,000 values are read at most",
        );
    }
    (
        message,
        "indent with spaces, quote text that holds `: ` or `#`, give every key once",
    )
}

fn without_place(message: &str) -> String {
    if message.contains("multiple YAML documents") {
        return "there is a second document after `---`; a file holds one".to_owned();
    }
    let cut = message.find(" at line ").unwrap_or(message.len());
    let mut text = message[..cut].to_owned();
    if let Some(rest) = text.strip_prefix("error: ") {
        text = rest.to_owned();
    }
    if let Some((head, rest)) = text.split_once(": ")
        && head.starts_with("error: line")
    {
        text = rest.to_owned();
    }
    text
}

fn place(file: &Arc<SourceFile>, lines: &[&str], at: Location) -> Place {
    let line = usize::try_from(at.line()).unwrap_or(1).max(1);
    let column = usize::try_from(at.column()).unwrap_or(1).max(1);
    let text = lines.get(line - 1).copied().unwrap_or_default();
    let rest = text.chars().count().saturating_sub(column - 1).max(1);
    let length = usize::try_from(at.span().len()).unwrap_or(1);
    Place {
        file: Arc::clone(file),
        line,
        column,
        length: length.clamp(1, rest),
    }
}

/// The digits as written, where the reader made a float of an integer beyond 64 bits.
fn written_integer(lines: &[&str], at: &Place) -> Option<i128> {
    let line = lines.get(at.line - 1)?;
    let written: String = line.chars().skip(at.column - 1).take(at.length).collect();
    written.parse().ok()
}

struct Raw(Spanned<RawValue>);

enum RawValue {
    Leaf(Value),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl Raw {
    fn node(self, file: &Arc<SourceFile>, lines: &[&str]) -> Node {
        let mut at = place(file, lines, self.0.referenced);
        let value = match self.0.value {
            RawValue::Leaf(Value::Float(v)) => {
                written_integer(lines, &at).map_or(Value::Float(v), Value::Int)
            }
            RawValue::Leaf(value) => value,
            RawValue::List(items) => {
                Value::List(items.into_iter().map(|i| i.node(file, lines)).collect())
            }
            RawValue::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let key = Key {
                            place: place(file, lines, key.referenced),
                            name: key.value,
                        };
                        (key, value.node(file, lines))
                    })
                    .collect(),
            ),
        };
        if let Value::Map(entries) = &value
            && let Some((first, _)) = entries.first()
            && at.length <= 1
        {
            at.length = first.place.length;
        }
        Node { value, place: at }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Spanned::deserialize(d).map(Raw)
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Bool(v)))
    }
    fn visit_i64<E>(self, v: i64) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Int(i128::from(v))))
    }
    fn visit_u64<E>(self, v: u64) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Int(i128::from(v))))
    }
    fn visit_i128<E>(self, v: i128) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Int(v)))
    }
    fn visit_f64<E>(self, v: f64) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Float(v)))
    }
    fn visit_str<E>(self, v: &str) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Text(v.to_owned())))
    }
    fn visit_string<E>(self, v: String) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Text(v)))
    }
    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Null))
    }
    fn visit_none<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(Value::Null))
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<RawValue, D::Error> {
        RawValue::deserialize(d)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RawValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(RawValue::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawValue, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(RawValue::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Diagnostic> {
        parse(&Arc::new(SourceFile {
            path: "t.yaml".into(),
            text: text.into(),
        }))
    }

    fn entries(node: &Node) -> &[(Key, Node)] {
        match &node.value {
            Value::Map(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn leaves_have_their_type_and_place() {
        let node = read("a: no\nb: 007\nc: 1.5\nd: '7'\ne: true\nf:\ng: [1, 2013-02-01]\nh: 123456789012345678901\n").unwrap();
        let e = entries(&node);
        assert_eq!(e[0].1.value, Value::Text("no".into()));
        assert_eq!(e[1].1.value, Value::Text("007".into()));
        assert_eq!(e[2].1.value, Value::Float(1.5));
        assert_eq!(e[3].1.value, Value::Text("7".into()));
        assert_eq!(e[4].1.value, Value::Bool(true));
        assert_eq!(e[5].1.value, Value::Null);
        assert_eq!(
            (e[2].1.place.line, e[2].1.place.column, e[2].1.place.length),
            (3, 4, 3)
        );
        assert_eq!(
            (e[2].0.place.line, e[2].0.place.column, e[2].0.place.length),
            (3, 1, 1)
        );
        let Value::List(items) = &e[6].1.value else {
            panic!("{:?}", e[6])
        };
        assert_eq!(items[1].value, Value::Text("2013-02-01".into()));
        assert_eq!(
            (
                items[1].place.line,
                items[1].place.column,
                items[1].place.length
            ),
            (7, 8, 10)
        );
        assert_eq!(e[7].1.value, Value::Int(123_456_789_012_345_678_901));
    }

    #[test]
    fn duplicate_keys_are_refused_at_their_place() {
        let problem = read("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert!(problem.message.contains("given twice"), "{problem:?}");
        assert_eq!(problem.place.map(|p| p.line), Some(3));
    }

    #[test]
    fn a_key_that_is_no_text_is_called_that() {
        for (text, line) in [
            ("a: 1\n~: 2\n", 2),
            ("a: 1\n? [b]\n: 2\n", 2),
            ("a:\n  null: 1\n", 2),
        ] {
            let problem = read(text).unwrap_err();
            assert_eq!(problem.message, "a key must be text", "{text}");
            assert_eq!(problem.place.map(|p| p.line), Some(line), "{text}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(", ");
            text.extend([
                "a",
                &i.to_string(),
                ": &a",
                &i.to_string(),
                " [",
                &refs,
                "]\n",
            ]);
        }
        assert!(read(&text).is_err());
    }

    #[test]
    fn deep_nesting_is_refused_before_the_stack_ends() {
        for text in [
            "[".repeat(100_000),
            "a: [".repeat(100_000),
            "{a: ".repeat(100_000),
            "- ".repeat(50_000) + "x",
        ] {
            let problem = read(&text).unwrap_err();
            assert!(problem.place.is_some(), "{problem:?}");
        }
        let deep = format!("{}x{}", "[".repeat(50), "]".repeat(50));
        assert!(read(&deep).is_ok());
    }

    #[test]
    fn broken_yaml_names_its_line() {
        let problem = read("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(problem.render().contains("t.yaml:"), "{}", problem.render());
    }
}
