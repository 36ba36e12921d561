//! Reads the opcodes of a pickle without running them, and tells every name it would import.
//!
//! Source: the opcode table of `CPython`'s `pickletools`, what each does in `pickle._Unpickler` (protocols 0 to 5), and
//! `joblib.numpy_pickle` for arrays whose bytes follow the object that describes them.

mod arrays;
mod calls;
mod value;

use super::allow::Allow;
use super::finding::Fault;
use super::part::{Cursor, Parsed, Part, broken};
use std::collections::BTreeMap;
use value::{Machine, Value, Writing};

/// Operations of one pickle; more are refused.
const MOST_OPERATIONS: u64 = 100_000_000;

/// Pickles inside pickles.
const DEEPEST: usize = 8;

/// Highest protocol.
const PROTOCOL: u8 = 5;

/// What was found in one pickle.
#[derive(Debug, Clone, Default)]
pub struct Pickle {
    /// Each name it imports, module and name, with the byte where it does so first.
    pub globals: BTreeMap<(String, String), u64>,
    /// What is refused, with the byte.
    pub faults: Vec<(u64, Fault)>,
    /// Where it ends: the byte after its last.
    pub end: u64,
    /// Whether it calls something.
    pub calls: bool,
    /// Whether its first value is the number with which files of old versions of `PyTorch` begin.
    pub torch: bool,
}

/// What opens a pickle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Not known: joblib, which steps over the bytes of arrays, or `pickle`, to which they are operations. Both are looked
    /// at.
    Any,
    /// `pickle`.
    Pickle,
    /// `pickle`, behind the place where joblib would have stepped over an array.
    Astray,
}

/// Reads one pickle from the start of `part`, as `reader` does.
///
/// What is found before it turns out to be broken is in `found`: Python runs a pickle as it reads it.
/// Errors: [`super::part::Trouble`], with the byte at which it cannot go on.
pub fn scan(part: &Part, reader: Reader, allow: &Allow, found: &mut Pickle) -> Parsed<()> {
    let mut cursor = part.cursor();
    run(&mut cursor, reader, allow, found, 0)
}

/// As [`scan`], from where `cursor` is; afterwards it is behind the pickle.
fn run(
    cursor: &mut Cursor,
    reader: Reader,
    allow: &Allow,
    found: &mut Pickle,
    depth: usize,
) -> Parsed<()> {
    if depth > DEEPEST {
        return broken(cursor.at(), "pickles are nested too deeply");
    }
    let mut scan = Scan {
        cursor: cursor.clone(),
        machine: Machine::default(),
        names: Vec::new(),
        allow,
        found,
        depth,
        reader,
        forked: false,
    };
    let done = scan.all();
    let after = scan.cursor;
    *cursor = after;
    found.end = cursor.at();
    done
}

struct Scan<'a> {
    cursor: Cursor,
    machine: Machine,
    /// Imported names by number.
    names: Vec<(String, String)>,
    allow: &'a Allow,
    found: &'a mut Pickle,
    depth: usize,
    reader: Reader,
    forked: bool,
}

impl Scan<'_> {
    fn all(&mut self) -> Parsed<()> {
        for _ in 0..MOST_OPERATIONS {
            let at = self.cursor.at();
            let op = self.cursor.byte()?;
            if op == b'.' {
                self.machine.pop(at)?;
                return Ok(());
            }
            let known = self.literal(op, at)?
                || self.container(op, at)?
                || self.stack(op, at)?
                || self.name_or_call(op, at)?;
            if !known {
                return broken(at, format!("0x{op:02x} is no operation of a pickle"));
            }
        }
        broken(
            self.cursor.at(),
            format!("it has more than {MOST_OPERATIONS} operations"),
        )
    }

    fn fault(&mut self, at: u64, fault: Fault) {
        if !self.found.faults.iter().any(|(_, f)| *f == fault) {
            self.found.faults.push((at, fault));
        }
    }

    /// Operations that push a value of their own.
    fn literal(&mut self, op: u8, at: u64) -> Parsed<bool> {
        let value = match op {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'I' | b'L' => self.decimal()?,
            b'J' => Value::Int(i64::from(i32::from_le_bytes(self.cursor.array()?))),
            b'K' => Value::Int(i64::from(self.cursor.byte()?)),
            b'M' => Value::Int(i64::from(u16::from_le_bytes(self.cursor.array()?))),
            0x8a => {
                let len = u64::from(self.cursor.byte()?);
                self.long(len)?
            }
            0x8b => {
                let len = i32::from_le_bytes(self.cursor.array()?);
                match u64::try_from(len) {
                    Ok(len) => self.long(len)?,
                    Err(_) => return broken(at, "a number has a negative length"),
                }
            }
            b'F' => {
                self.cursor.line()?;
                Value::Other
            }
            b'G' => {
                self.cursor.skip(8)?;
                Value::Other
            }
            b'S' | b'V' => {
                let (at, len) = self.cursor.line()?;
                let writing = if op == b'S' {
                    Writing::Quoted
                } else {
                    Writing::Escaped
                };
                Value::Text { at, len, writing }
            }
            // Persistent ids are looked up by the program that reads, from a table of its own.
            b'P' => {
                self.cursor.line()?;
                Value::Foreign
            }
            _ => return self.counted(op, at),
        };
        self.machine.push(at, value)?;
        Ok(true)
    }

    /// Texts and bytes after their length.
    fn counted(&mut self, op: u8, at: u64) -> Parsed<bool> {
        let len = match op {
            b'U' | b'C' | 0x8c => u64::from(self.cursor.byte()?),
            b'T' | b'B' | b'X' => u64::from(u32::from_le_bytes(self.cursor.array()?)),
            0x8d | 0x8e | 0x96 => u64::from_le_bytes(self.cursor.array()?),
            0x97 => {
                self.machine.push(at, Value::Foreign)?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        let from = self.cursor.skip(len)?;
        let words = matches!(op, b'U' | b'T' | b'X' | 0x8c | 0x8d);
        let value = match u32::try_from(len) {
            Ok(len) if words => Value::Text {
                at: from,
                len,
                writing: Writing::Plain,
            },
            _ => Value::Other,
        };
        if !matches!(op, b'X' | 0x8c | 0x8d) {
            self.inside(from, len)?;
        }
        self.machine.push(at, value)?;
        Ok(true)
    }

    /// Bytes that are a pickle themselves: what may import them is refused, and so is what they would.
    fn inside(&mut self, from: u64, len: u64) -> Parsed<()> {
        let Some(part) = self.cursor.part().slice(from, len).filter(|p| p.len() > 2) else {
            return Ok(());
        };
        if !matches!(part.read(0, 2)?[..], [0x80, 0..=PROTOCOL]) || self.depth >= DEEPEST {
            return Ok(());
        }
        let mut found = Pickle::default();
        // Bytes of an array may begin like a pickle by chance: they count when they are one to the end.
        if run(
            &mut part.cursor(),
            Reader::Any,
            self.allow,
            &mut found,
            self.depth + 1,
        )
        .is_ok()
        {
            self.take(from, found);
        }
        Ok(())
    }

    /// What was found at `from` is found here.
    fn take(&mut self, from: u64, found: Pickle) {
        for (name, at) in found.globals {
            self.found.globals.entry(name).or_insert(from + at);
        }
        for (at, fault) in found.faults {
            self.fault(from + at, fault);
        }
    }

    fn decimal(&mut self) -> Parsed<Value> {
        let (at, len) = self.cursor.line()?;
        let line = self.cursor.part().exact(at, len as usize)?;
        let line = String::from_utf8_lossy(&line);
        Ok(match line.trim() {
            "00" => Value::Bool(false),
            "01" => Value::Bool(true),
            other => match other.trim_end_matches('L').parse() {
                Ok(value) => Value::Int(value),
                Err(_) => Value::Other,
            },
        })
    }

    fn long(&mut self, len: u64) -> Parsed<Value> {
        let from = self.cursor.skip(len)?;
        if len > 16 {
            return Ok(Value::Other);
        }
        let bytes = self
            .cursor
            .part()
            .exact(from, usize::try_from(len).unwrap_or(0))?;
        let fill = if bytes.last().is_some_and(|b| b & 0x80 != 0) {
            0xff
        } else {
            0
        };
        let mut wide = [fill; 16];
        wide[..bytes.len()].copy_from_slice(&bytes);
        let value = i128::from_le_bytes(wide);
        if value == arrays::TORCH && self.machine.stack.is_empty() {
            self.found.torch = true;
        }
        Ok(i64::try_from(value).map_or(Value::Other, Value::Int))
    }

    /// Tuples, lists, sets and dictionaries.
    fn container(&mut self, op: u8, at: u64) -> Parsed<bool> {
        match op {
            b')' => self.pack(at, 0)?,
            0x85 => self.pack(at, 1)?,
            0x86 => self.pack(at, 2)?,
            0x87 => self.pack(at, 3)?,
            b't' => {
                let items = self.machine.since_mark(at)?;
                self.given(at, &items);
                let tuple = self.machine.tuple(at, items)?;
                self.machine.push(at, tuple)?;
            }
            b']' | 0x8f => self.machine.push(at, Value::Other)?,
            b'l' | 0x91 => {
                let items = self.machine.since_mark(at)?;
                self.given(at, &items);
                self.machine.push(at, Value::Other)?;
            }
            b'a' => {
                let item = self.machine.pop(at)?;
                self.given(at, &[item]);
                self.machine.top(at)?;
            }
            b'e' | 0x90 => {
                let items = self.machine.since_mark(at)?;
                self.given(at, &items);
                self.machine.top(at)?;
            }
            b'}' => {
                let dict = self.machine.dict(at)?;
                self.machine.push(at, dict)?;
            }
            b'd' => {
                let items = self.machine.since_mark(at)?;
                self.given(at, &items);
                let dict = self.machine.dict(at)?;
                self.put_all(dict, &items);
                self.machine.push(at, dict)?;
            }
            b's' => {
                let value = self.machine.pop(at)?;
                let key = self.machine.pop(at)?;
                self.given(at, &[key, value]);
                let dict = self.machine.top(at)?;
                self.machine.put_in(dict, key, value);
            }
            b'u' => {
                let items = self.machine.since_mark(at)?;
                self.given(at, &items);
                let dict = self.machine.top(at)?;
                self.put_all(dict, &items);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn put_all(&mut self, dict: Value, items: &[Value]) {
        for pair in items.chunks_exact(2) {
            self.machine.put_in(dict, pair[0], pair[1]);
        }
    }

    fn pack(&mut self, at: u64, count: usize) -> Parsed<()> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.machine.pop(at)?);
        }
        items.reverse();
        self.given(at, &items);
        let tuple = self.machine.tuple(at, items)?;
        self.machine.push(at, tuple)
    }

    /// Stack, memo, protocol and frames.
    fn stack(&mut self, op: u8, at: u64) -> Parsed<bool> {
        match op {
            b'(' => self.machine.mark(at)?,
            b'0' => self.machine.drop_one(at)?,
            b'1' => {
                self.machine.since_mark(at)?;
            }
            b'2' => {
                let top = self.machine.top(at)?;
                self.machine.push(at, top)?;
            }
            b'p' | b'g' => {
                let Value::Int(place) = self.decimal()? else {
                    return broken(at, "a place of the memo is no number");
                };
                let place = u64::try_from(place).unwrap_or(u64::MAX);
                self.memo(op == b'p', at, place)?;
            }
            b'q' | b'h' => {
                let place = u64::from(self.cursor.byte()?);
                self.memo(op == b'q', at, place)?;
            }
            b'r' | b'j' => {
                let place = u64::from(u32::from_le_bytes(self.cursor.array()?));
                self.memo(op == b'r', at, place)?;
            }
            0x94 => self.machine.remember(at, None)?,
            0x80 => {
                let protocol = self.cursor.byte()?;
                if protocol > PROTOCOL {
                    return broken(at, format!("protocol {protocol} is not known"));
                }
            }
            0x95 => {
                self.cursor.skip(8)?;
            }
            0x98 => {
                self.machine.top(at)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn memo(&mut self, put: bool, at: u64, place: u64) -> Parsed<()> {
        if put {
            self.machine.remember(at, Some(place))
        } else {
            self.machine.recall(at, place)
        }
    }
}

#[cfg(test)]
mod tests;
