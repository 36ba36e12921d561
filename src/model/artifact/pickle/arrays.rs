//! Arrays in files of joblib: their bytes stand in the file behind the object that describes them.

use super::value::{Value, text};
use super::{Pickle, Reader, Scan, run};
use crate::model::artifact::finding::Fault;
use crate::model::artifact::part::{Parsed, broken};

/// The number with which files of `PyTorch` before 1.6 begin.
pub(super) const TORCH: i128 = 0x1950_a86a_20f9_469c_fc6c;

impl Scan<'_> {
    /// Steps over the bytes of the array that object `n` describes, where it describes one.
    pub(super) fn array(&mut self, n: u32) -> Parsed<()> {
        let object = self.machine.objects[n as usize];
        if !self.is(object.class, "joblib.numpy_pickle", "NumpyArrayWrapper") {
            return Ok(());
        }
        let at = self.cursor.at();
        self.as_pickle_reads();
        let entries = self
            .machine
            .entries(object.state)
            .unwrap_or_default()
            .to_vec();
        let mut shape = None;
        let mut dtype = None;
        let mut aligned = false;
        for (key, value) in entries {
            match text(self.cursor.part(), key)?.as_deref() {
                Some("shape") => shape = Some(value),
                Some("dtype") => dtype = Some(value),
                Some("numpy_array_alignment_bytes") => aligned = value != Value::None,
                Some("subclass" | "order" | "allow_mmap") => {}
                // Anything else could stand for a method that reads.
                _ => {
                    return broken(
                        at,
                        "an array is described by something that joblib does not write",
                    );
                }
            }
        }
        let count = shape.and_then(|s| self.count(s));
        let (Some(count), Some(dtype)) = (count, dtype) else {
            return broken(at, "shape or type of an array is not told");
        };
        let item = self.item(dtype)?;
        // What stands on the stack now is the array; the memo keeps what described it.
        self.machine.pop(at)?;
        self.machine.push(at, Value::Other)?;
        match item {
            Some(Item::Objects) => {
                let mut found = Pickle::default();
                let done = run(
                    &mut self.cursor,
                    Reader::Pickle,
                    self.allow,
                    &mut found,
                    self.depth + 1,
                );
                self.take(0, found);
                done
            }
            Some(Item::Bytes(size)) => {
                if aligned {
                    let padding = u64::from(self.cursor.byte()?);
                    self.cursor.skip(padding)?;
                }
                match count.checked_mul(size) {
                    Some(bytes) => self.cursor.skip(bytes).map(|_| ()),
                    None => broken(at, "an array is larger than any file"),
                }
            }
            None => broken(at, "the type of an array is not known"),
        }
    }

    /// Refuses that what describes arrays is given to anything: the scan must know each of them that joblib would meet, so
    /// its class may be called, and its objects get a state, and nothing else.
    pub(super) fn given(&mut self, at: u64, values: &[Value]) {
        let describes = values.iter().any(|value| match value {
            Value::Global(n) => self.is(*n, "joblib.numpy_pickle", "NumpyArrayWrapper"),
            Value::Made(n) => {
                let class = self.machine.objects[*n as usize].class;
                self.is(class, "joblib.numpy_pickle", "NumpyArrayWrapper")
            }
            _ => false,
        });
        if describes {
            self.fault(at, Fault::Description);
        }
    }

    fn is(&self, class: u32, module: &str, name: &str) -> bool {
        let (m, n) = &self.names[class as usize];
        m == module && n == name
    }

    /// Who opens the file with pickle instead of joblib runs the bytes of the first array as operations: those too
    /// may import nothing that is not allowed.
    fn as_pickle_reads(&mut self) {
        if self.forked {
            return;
        }
        self.forked = true;
        let mut found = Pickle::default();
        let mut other = Scan {
            cursor: self.cursor.clone(),
            machine: self.machine.clone(),
            names: self.names.clone(),
            allow: self.allow,
            found: &mut found,
            depth: self.depth,
            reader: Reader::Astray,
            forked: true,
        };
        // It nearly always breaks off at once: what it did until then is what matters. An array of objects is a
        // pickle of its own, whose `numpy.dtype` is by the memo; read on with another memo it becomes `dtype` of
        // something else, which Python does not find: there the reading ends as well.
        drop(other.all());
        let calls = found.calls;
        let real = |fault: &Fault| fault.acts() && (calls || matches!(fault, Fault::Global { .. }));
        found.faults.retain(|(_, fault)| real(fault));
        found.globals.clear();
        self.take(0, found);
    }

    /// Elements of an array of that shape.
    fn count(&self, shape: Value) -> Option<u64> {
        let items = match shape {
            Value::Empty => return Some(1),
            other => self.machine.items(other)?,
        };
        items.iter().try_fold(1_u64, |product, size| match size {
            Value::Int(size) => product.checked_mul(u64::try_from(*size).ok()?),
            _ => None,
        })
    }

    /// What an element of a `numpy.dtype` is.
    fn item(&self, dtype: Value) -> Parsed<Option<Item>> {
        let Value::Made(n) = dtype else {
            return Ok(None);
        };
        let object = self.machine.objects[n as usize];
        let first = self
            .machine
            .items(object.arguments)
            .and_then(|a| a.first())
            .copied();
        let (true, Some(first)) = (self.is(object.class, "numpy", "dtype"), first) else {
            return Ok(None);
        };
        let Some(code) = text(self.cursor.part(), first)? else {
            return Ok(None);
        };
        Ok(of_code(&code, self.machine.items(object.state)))
    }
}

/// An element of an array.
enum Item {
    /// Python's objects: a pickle follows.
    Objects,
    /// So many bytes.
    Bytes(u64),
}

/// From the code of a type and the state that completes it: `(version, order, _, names, fields, size, alignment,
/// flags)`.
fn of_code(code: &str, state: Option<&[Value]>) -> Option<Item> {
    let size = code.get(1..)?.parse::<u64>().ok();
    let told = match state.and_then(|s| s.get(5)) {
        Some(Value::Int(size)) => u64::try_from(*size).ok(),
        _ => None,
    };
    match code.as_bytes().first()? {
        b'O' => Some(Item::Objects),
        b'b' | b'i' | b'u' | b'f' | b'c' | b'm' | b'M' => size.map(Item::Bytes),
        b'S' | b'U' => told.map(Item::Bytes),
        b'V' => match state.and_then(|s| s.get(7)) {
            Some(Value::Int(flags)) if flags & 1 == 0 => told.map(Item::Bytes),
            Some(Value::Int(_)) => Some(Item::Objects),
            _ => None,
        },
        _ => None,
    }
}
