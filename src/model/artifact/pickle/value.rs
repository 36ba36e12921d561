//! What a pickle has on its stack, as far as the scan must know it.

use crate::model::artifact::part::{Parsed, Part, Trouble, broken};
use std::collections::HashMap;

/// Values, tuples and objects a scan keeps; a pickle that needs more is refused.
const MOST: usize = 1 << 24;

/// Elements of a tuple and entries of a dictionary that are remembered.
const REMEMBERED: usize = 32;

/// Longest name that can be one.
const LONGEST_NAME: u32 = 4096;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Writing {
    /// UTF-8.
    Plain,
    /// Quotes and backslashes of Python (`S`).
    Quoted,
    /// `\u` escapes (`V`).
    Escaped,
}

/// A value on the stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// A text, by its place.
    Text {
        at: u64,
        len: u32,
        writing: Writing,
    },
    /// A name that was imported, by its number.
    Global(u32),
    /// The empty tuple.
    Empty,
    Tuple(u32),
    Dict(u32),
    /// What a call of an imported name gave.
    Made(u32),
    /// What was refused already: calling it is not told again.
    Refused,
    /// Other data: a list, a fraction, bytes, an array. Neither a text nor anything that can be called.
    Other,
    /// What the program that reads puts there.
    Foreign,
}

impl Value {
    /// Whether it is surely data: Python stops where it is called.
    pub(super) fn is_data(self) -> bool {
        use Value as V;
        matches!(
            self,
            V::None
                | V::Bool(_)
                | V::Int(_)
                | V::Text { .. }
                | V::Empty
                | V::Tuple(_)
                | V::Dict(_)
                | V::Other
        )
    }
}

/// What a call gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    /// Number of the name that was called.
    pub(super) class: u32,
    pub(super) arguments: Value,
    pub(super) state: Value,
}

/// Stack, memo and what the values on them hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Machine {
    pub(super) stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    tuples: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    pub(super) objects: Vec<Object>,
    kept: usize,
}

impl Machine {
    pub(super) fn push(&mut self, at: u64, value: Value) -> Parsed<()> {
        if self.stack.len() >= MOST {
            return broken(at, format!("it has more than {MOST} values at once"));
        }
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn pop(&mut self, at: u64) -> Parsed<Value> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return broken(at, "it takes a value where there is none");
        }
        self.stack.pop().ok_or_else(|| none(at))
    }

    pub(super) fn top(&self, at: u64) -> Parsed<Value> {
        self.stack.last().copied().ok_or_else(|| none(at))
    }

    pub(super) fn mark(&mut self, at: u64) -> Parsed<()> {
        if self.marks.len() >= MOST {
            return broken(at, format!("it has more than {MOST} marks at once"));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// The values since the last mark.
    pub(super) fn since_mark(&mut self, at: u64) -> Parsed<Vec<Value>> {
        match self.marks.pop() {
            Some(from) if from <= self.stack.len() => Ok(self.stack.split_off(from)),
            _ => broken(at, "it goes back to a mark where there is none"),
        }
    }

    /// `POP`: the last value, or the mark where nothing follows it.
    pub(super) fn drop_one(&mut self, at: u64) -> Parsed<()> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop(at).map(|_| ())
    }

    fn keep(&mut self, at: u64, more: usize) -> Parsed<()> {
        self.kept += more + 1;
        if self.kept > MOST {
            return broken(at, format!("it makes more than {MOST} things"));
        }
        Ok(())
    }

    pub(super) fn tuple(&mut self, at: u64, items: Vec<Value>) -> Parsed<Value> {
        if items.is_empty() {
            return Ok(Value::Empty);
        }
        if items.len() > REMEMBERED || items.iter().all(|v| *v == Value::Other) {
            return Ok(Value::Other);
        }
        self.keep(at, items.len())?;
        self.tuples.push(items);
        Ok(Value::Tuple(number(self.tuples.len())))
    }

    pub(super) fn dict(&mut self, at: u64) -> Parsed<Value> {
        self.keep(at, 0)?;
        self.dicts.push(Vec::new());
        Ok(Value::Dict(number(self.dicts.len())))
    }

    pub(super) fn put_in(&mut self, dict: Value, key: Value, value: Value) {
        if let Value::Dict(n) = dict {
            let dict = &mut self.dicts[n as usize];
            if dict.len() <= REMEMBERED {
                dict.push((key, value));
            }
        }
    }

    pub(super) fn object(&mut self, at: u64, object: Object) -> Parsed<Value> {
        self.keep(at, 2)?;
        self.objects.push(object);
        Ok(Value::Made(number(self.objects.len())))
    }

    pub(super) fn items(&self, value: Value) -> Option<&[Value]> {
        match value {
            Value::Tuple(n) => Some(&self.tuples[n as usize]),
            _ => None,
        }
    }

    pub(super) fn entries(&self, value: Value) -> Option<&[(Value, Value)]> {
        let Value::Dict(n) = value else {
            return None;
        };
        let entries = self.dicts[n as usize].as_slice();
        (entries.len() <= REMEMBERED).then_some(entries)
    }

    /// Whether it is surely no text: Python stops where such a value names something.
    pub(super) fn no_text(&self, value: Value, names: &[(String, String)]) -> bool {
        match value {
            Value::Text { .. } | Value::Refused | Value::Foreign => false,
            Value::Made(n) => {
                // What a class makes is no plain text, but for `str`; by custom classes begin with a capital.
                let (_, name) = &names[self.objects[n as usize].class as usize];
                name.trim_start_matches('_').starts_with(char::is_uppercase)
                    || matches!(
                        name.as_str(),
                        "dtype" | "ndarray" | "_reconstruct" | "defaultdict" | "deque"
                    )
            }
            _ => true,
        }
    }

    pub(super) fn remember(&mut self, at: u64, place: Option<u64>) -> Parsed<()> {
        if self.memo.len() >= MOST {
            return broken(at, format!("it remembers more than {MOST} values"));
        }
        let value = self.top(at)?;
        let place = place.unwrap_or(self.memo.len() as u64);
        self.memo.insert(place, value);
        Ok(())
    }

    pub(super) fn recall(&mut self, at: u64, place: u64) -> Parsed<()> {
        match self.memo.get(&place) {
            Some(value) => self.push(at, *value),
            None => broken(
                at,
                format!("it recalls value {place}, which was not remembered"),
            ),
        }
    }
}

/// The place of what was put last into a list of `len`.
fn number(len: usize) -> u32 {
    u32::try_from(len - 1).unwrap_or(u32::MAX)
}

fn none(at: u64) -> Trouble {
    Trouble::Broken {
        at,
        why: "it takes a value where there is none".to_owned(),
    }
}

/// The text of a value; `None` where it is no text, or one that cannot be a name.
pub(super) fn text(part: &Part, value: Value) -> Parsed<Option<String>> {
    let Value::Text { at, len, writing } = value else {
        return Ok(None);
    };
    if len > LONGEST_NAME {
        return Ok(None);
    }
    let bytes = part.exact(at, len as usize)?;
    Ok(match writing {
        Writing::Plain => String::from_utf8(bytes).ok(),
        Writing::Quoted => unquoted(&bytes),
        Writing::Escaped => unescaped(&bytes),
    })
}

/// The text between equal quotes; with a backslash in it only where it stands for a character of ASCII.
fn unquoted(bytes: &[u8]) -> Option<String> {
    let (first, rest) = bytes.split_first()?;
    let (last, inner) = rest.split_last()?;
    if first != last || !matches!(first, b'\'' | b'"') {
        return None;
    }
    let text = std::str::from_utf8(inner).ok().filter(|t| t.is_ascii())?;
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        found.push_str(before);
        let (c, digits) = match after.as_bytes().first()? {
            b'x' => (u8::from_str_radix(after.get(1..3)?, 16).ok()?, 3),
            b'0'..=b'7' => {
                let digits = after
                    .bytes()
                    .take(3)
                    .take_while(|c| (b'0'..=b'7').contains(c))
                    .count();
                (u8::from_str_radix(&after[..digits], 8).ok()?, digits)
            }
            c @ (b'\\' | b'\'' | b'"') => (*c, 1),
            _ => return None,
        };
        found.push(char::from(c).is_ascii().then(|| char::from(c))?);
        rest = &after[digits..];
    }
    found.push_str(rest);
    Some(found)
}

/// The text with `\uXXXX` and `\UXXXXXXXX` resolved; its bytes are latin1.
fn unescaped(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().map(|b| char::from(*b)).collect();
    let mut found = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\\') {
        found.push_str(before);
        let digits = match after.as_bytes().first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => {
                found.push('\\');
                rest = after;
                continue;
            }
        };
        let code = u32::from_str_radix(after.get(1..=digits)?, 16).ok()?;
        found.push(char::from_u32(code)?);
        rest = &after[digits + 1..];
    }
    found.push_str(rest);
    Some(found)
}
