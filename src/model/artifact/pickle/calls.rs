//! What a pickle imports, calls and changes.

use super::value::{Object, Value, Writing, text};
use super::{Reader, Scan};
use crate::model::artifact::finding::Fault;
use crate::model::artifact::part::{Parsed, broken};

/// Names that one pickle may import; more are refused.
const MOST_NAMES: usize = 10_000;

impl Scan<'_> {
    /// What imports a name, and what calls one.
    pub(super) fn name_or_call(&mut self, op: u8, at: u64) -> Parsed<bool> {
        match op {
            b'c' => {
                let (module, name) = self.lines()?;
                let value = self.import(at, module, name)?;
                self.machine.push(at, value)?;
            }
            0x93 => {
                let name = self.machine.pop(at)?;
                let module = self.machine.pop(at)?;
                if self.machine.no_text(module, &self.names)
                    || self.machine.no_text(name, &self.names)
                {
                    return broken(at, "a name it imports is no text");
                }
                let name = text(self.cursor.part(), name)?;
                let module = text(self.cursor.part(), module)?;
                let value = self.import(at, module, name)?;
                self.machine.push(at, value)?;
            }
            b'i' => {
                let (module, name) = self.lines()?;
                let class = self.import(at, module, name)?;
                let items = self.machine.since_mark(at)?;
                self.call(at, class, items)?;
            }
            b'o' => {
                let mut items = self.machine.since_mark(at)?;
                if items.is_empty() {
                    return broken(at, "it makes an object of no class");
                }
                let class = items.remove(0);
                self.call(at, class, items)?;
            }
            b'R' | 0x81 | 0x92 => {
                if op == 0x92 {
                    self.machine.pop(at)?;
                }
                let arguments = self.machine.pop(at)?;
                let callee = self.machine.pop(at)?;
                self.call_with(at, callee, arguments)?;
            }
            b'b' => self.build(at)?,
            0x82..=0x84 => self.extension(op, at)?,
            b'Q' => {
                self.machine.pop(at)?;
                self.machine.push(at, Value::Foreign)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn lines(&mut self) -> Parsed<(Option<String>, Option<String>)> {
        let mut line = || {
            let (at, len) = self.cursor.line()?;
            let writing = Writing::Plain;
            text(self.cursor.part(), Value::Text { at, len, writing })
        };
        Ok((line()?, line()?))
    }

    fn extension(&mut self, op: u8, at: u64) -> Parsed<()> {
        let code = match op {
            0x82 => i64::from(self.cursor.byte()?),
            0x83 => i64::from(u16::from_le_bytes(self.cursor.array()?)),
            _ => i64::from(i32::from_le_bytes(self.cursor.array()?)),
        };
        self.fault(at, Fault::Extension { code });
        self.machine.push(at, Value::Refused)
    }

    fn import(&mut self, at: u64, module: Option<String>, name: Option<String>) -> Parsed<Value> {
        let (Some(module), Some(name)) = (module, name) else {
            self.fault(at, Fault::Unresolved);
            return Ok(Value::Refused);
        };
        let known = self
            .names
            .iter()
            .position(|(m, n)| *m == module && *n == name);
        if let Some(n) = known {
            return Ok(Value::Global(u32::try_from(n).unwrap_or(u32::MAX)));
        }
        if self.names.len() >= MOST_NAMES {
            return broken(at, format!("it imports more than {MOST_NAMES} names"));
        }
        let allowed = self.allow.allows(&module, &name);
        if !allowed && self.reader == Reader::Astray && name == "dtype" {
            return broken(at, "it imports a type of numpy from elsewhere");
        }
        let key = (module.clone(), name.clone());
        self.found.globals.entry(key).or_insert(at);
        if !allowed {
            let (module, name) = (module.clone(), name.clone());
            self.fault(at, Fault::Global { module, name });
        }
        self.names.push((module, name));
        Ok(Value::Global(
            u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX),
        ))
    }

    fn call(&mut self, at: u64, callee: Value, arguments: Vec<Value>) -> Parsed<()> {
        self.given(at, &arguments);
        let arguments = self.machine.tuple(at, arguments)?;
        self.call_with(at, callee, arguments)
    }

    fn call_with(&mut self, at: u64, callee: Value, arguments: Value) -> Parsed<()> {
        self.found.calls = true;
        let value = match callee {
            Value::Global(class) => {
                self.arguments(at, class, arguments)?;
                let state = Value::None;
                self.machine.object(
                    at,
                    Object {
                        class,
                        arguments,
                        state,
                    },
                )?
            }
            Value::Refused => Value::Refused,
            callee if callee.is_data() => return broken(at, "it calls what is no function"),
            _ => {
                self.fault(at, Fault::Call);
                Value::Refused
            }
        };
        self.machine.push(at, value)
    }

    /// `_codecs.encode` imports the module of an encoding: only those that write bytes in protocols 0 to 2 are taken.
    fn arguments(&mut self, at: u64, class: u32, arguments: Value) -> Parsed<()> {
        let (module, name) = &self.names[class as usize];
        if module != "_codecs" || name != "encode" {
            return Ok(());
        }
        let second = self
            .machine
            .items(arguments)
            .and_then(|a| a.get(1))
            .copied();
        let encoding = match second {
            Some(value) => text(self.cursor.part(), value)?,
            None => None,
        };
        if !matches!(
            encoding.as_deref(),
            Some("latin1" | "latin-1" | "utf-8" | "utf8" | "ascii")
        ) {
            self.fault(at, Fault::Encoding);
        }
        Ok(())
    }

    pub(super) fn build(&mut self, at: u64) -> Parsed<()> {
        let state = self.machine.pop(at)?;
        self.given(at, &[state]);
        match self.machine.top(at)? {
            Value::Made(n) => {
                if self.changes_class(state)? {
                    self.fault(at, Fault::Changes);
                }
                self.machine.objects[n as usize].state = state;
                if self.reader == Reader::Any {
                    self.array(n)?;
                }
            }
            Value::Global(_) => self.fault(at, Fault::Changes),
            _ => {}
        }
        Ok(())
    }

    /// Whether a state may set the class of an object: the second of a pair is set attribute by attribute.
    fn changes_class(&self, state: Value) -> Parsed<bool> {
        let Some([_, second]) = self.machine.items(state) else {
            return Ok(false);
        };
        match *second {
            Value::Dict(_) => {
                let Some(entries) = self.machine.entries(*second) else {
                    return Ok(true);
                };
                for (key, _) in entries {
                    match text(self.cursor.part(), *key)? {
                        Some(name) if !name.starts_with("__") => {}
                        None if matches!(key, Value::Int(_) | Value::Bool(_)) => {}
                        _ => return Ok(true),
                    }
                }
                Ok(false)
            }
            Value::Made(n) => {
                let (module, _) = &self.names[self.machine.objects[n as usize].class as usize];
                Ok(matches!(
                    module.as_str(),
                    "builtins" | "__builtin__" | "collections"
                ))
            }
            _ => Ok(false),
        }
    }
}
