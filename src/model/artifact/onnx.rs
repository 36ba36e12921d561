//! The header of an ONNX file: versions, what goes in and comes out, and files it reads besides itself.
//!
//! Source: field numbers of `onnx.proto` (from memory), and the wire format of Protocol Buffers: small reader of our
//! own, no weights are read.

use super::part::{Cursor, Parsed, Part, broken};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Messages inside messages.
const DEEPEST: usize = 64;

/// Longest text that is kept.
const LONGEST: u64 = 1 << 16;

/// Fields of one file; more are refused.
const MOST_FIELDS: u64 = 50_000_000;

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Onnx {
    /// Version of the format.
    pub ir_version: i64,
    /// Program that wrote it; hostile text.
    pub producer: String,
    /// Sets of operators with their versions; the domain of ONNX itself is empty.
    pub opsets: Vec<(String, i64)>,
    /// What goes in; weights that older files list among the inputs are left out.
    pub inputs: Vec<Port>,
    /// What comes out.
    pub outputs: Vec<Port>,
    /// How many nodes of each operator it has, by `domain.operator`.
    pub operators: BTreeMap<String, u64>,
    /// Files in which weights are, relative to its folder; hostile text.
    pub external: Vec<String>,
}

/// An input or output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its name; hostile text.
    pub name: String,
    /// Its type: that of the elements of a tensor (`float32`), or `sequence`, `map`, `optional`, `sparse`, `unknown`.
    pub element: String,
    /// Its sizes; `None` is a size that is not told. Absent: the number of dimensions is not told either.
    pub shape: Option<Vec<Option<i64>>>,
}

/// Types of elements by their number.
const ELEMENTS: &[&str] = &[
    "unknown",
    "float32",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "string",
    "boolean",
    "float16",
    "float64",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bfloat16",
    "float8e4m3fn",
    "float8e4m3fnuz",
    "float8e5m2",
    "float8e5m2fnuz",
    "uint4",
    "int4",
    "float4e2m1",
];

/// Whether the first bytes can be those of a model: its version, then another field of a model.
#[must_use]
pub(super) fn can_be(head: &[u8]) -> bool {
    matches!(
        head,
        [
            0x08,
            1..=64,
            0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42,
            ..
        ]
    )
}

/// Whether a path stays in the folder it starts from.
#[must_use]
pub fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && Path::new(path)
            .components()
            .all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

/// Reads a model; a path that leaves its folder is the caller's to refuse, with [`stays_inside`].
///
/// Errors: [`super::part::Trouble::Broken`] for bytes that are no message, and a model without version or graph.
pub fn read(part: &Part) -> Parsed<Onnx> {
    let mut reader = Reader {
        model: Onnx::default(),
        weights: Vec::new(),
        fields: 0,
        graphs: 0,
    };
    reader.model(part)?;
    let Reader {
        mut model,
        weights,
        graphs,
        ..
    } = reader;
    if model.ir_version < 1 {
        return broken(0, "it has no version");
    }
    if graphs == 0 {
        return broken(0, "it has no graph");
    }
    model.inputs.retain(|port| !weights.contains(&port.name));
    model.external.sort();
    model.external.dedup();
    Ok(model)
}

/// A field: its number, and a number or bytes.
enum Field {
    Number(u64, u64),
    Bytes(u64, Part),
    Other,
}

struct Reader {
    model: Onnx,
    weights: Vec<String>,
    fields: u64,
    graphs: usize,
}

impl Reader {
    fn next(&mut self, cursor: &mut Cursor) -> Parsed<Option<Field>> {
        if cursor.left() == 0 {
            return Ok(None);
        }
        self.fields += 1;
        if self.fields > MOST_FIELDS {
            return broken(
                cursor.at(),
                format!("it has more than {MOST_FIELDS} fields"),
            );
        }
        let at = cursor.at();
        let tag = varint(cursor)?;
        let number = tag >> 3;
        if number == 0 || number > 0x1fff_ffff {
            return broken(at, format!("{number} is no number of a field"));
        }
        Ok(Some(match tag & 7 {
            0 => Field::Number(number, varint(cursor)?),
            1 => {
                cursor.skip(8)?;
                Field::Other
            }
            2 => {
                let len = varint(cursor)?;
                let from = cursor.skip(len)?;
                match cursor.part().slice(from, len) {
                    Some(part) => Field::Bytes(number, part),
                    None => return broken(at, "a field goes beyond the end"),
                }
            }
            5 => {
                cursor.skip(4)?;
                Field::Other
            }
            kind => {
                return broken(
                    at,
                    format!("a field is of kind {kind}, which does not exist"),
                );
            }
        }))
    }

    fn model(&mut self, part: &Part) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Number(1, version) => self.model.ir_version = version.cast_signed(),
                Field::Bytes(2, text) => self.model.producer = words(&text)?,
                Field::Bytes(7, graph) => {
                    self.graphs += 1;
                    self.graph(&graph, true, 0)?;
                }
                Field::Bytes(8, set) => {
                    let set = self.opset(&set)?;
                    self.model.opsets.push(set);
                }
                Field::Bytes(20, training) => self.training(&training)?,
                // Functions have nodes at field 7.
                Field::Bytes(25, function) => self.nodes_of(&function, 7)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn training(&mut self, part: &Part) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            if let Field::Bytes(1 | 2, graph) = field {
                self.graph(&graph, false, 1)?;
            }
        }
        Ok(())
    }

    fn nodes_of(&mut self, part: &Part, number: u64) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            if let Field::Bytes(n, node) = field
                && n == number
            {
                self.node(&node, 1)?;
            }
        }
        Ok(())
    }

    fn opset(&mut self, part: &Part) -> Parsed<(String, i64)> {
        let (mut domain, mut version) = (String::new(), 0);
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(1, text) => domain = words(&text)?,
                Field::Number(2, number) => version = number.cast_signed(),
                _ => {}
            }
        }
        Ok((domain, version))
    }

    fn graph(&mut self, part: &Part, outer: bool, depth: usize) -> Parsed<()> {
        if depth > DEEPEST {
            return broken(0, "graphs are nested too deeply");
        }
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(1, node) => self.node(&node, depth + 1)?,
                Field::Bytes(5, tensor) => self.tensor(&tensor, outer)?,
                Field::Bytes(11, value) if outer => {
                    let value = self.port(&value)?;
                    self.model.inputs.push(value);
                }
                Field::Bytes(12, value) if outer => {
                    let value = self.port(&value)?;
                    self.model.outputs.push(value);
                }
                // Values and indices of a sparse tensor are tensors.
                Field::Bytes(15, sparse) => self.tensors_of(&sparse, outer)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn tensors_of(&mut self, part: &Part, outer: bool) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            if let Field::Bytes(1 | 2, tensor) = field {
                self.tensor(&tensor, outer)?;
            }
        }
        Ok(())
    }

    fn node(&mut self, part: &Part, depth: usize) -> Parsed<()> {
        let (mut operator, mut domain) = (String::new(), String::new());
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(4, text) => operator = words(&text)?,
                Field::Bytes(7, text) => domain = words(&text)?,
                Field::Bytes(5, attribute) => self.attribute(&attribute, depth)?,
                _ => {}
            }
        }
        let name = if domain.is_empty() {
            operator
        } else {
            format!("{domain}.{operator}")
        };
        *self.model.operators.entry(name).or_default() += 1;
        Ok(())
    }

    fn attribute(&mut self, part: &Part, depth: usize) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(5 | 10, tensor) => self.tensor(&tensor, false)?,
                Field::Bytes(6 | 11, graph) => self.graph(&graph, false, depth + 1)?,
                Field::Bytes(22 | 23, sparse) => self.tensors_of(&sparse, false)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn tensor(&mut self, part: &Part, weight: bool) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(8, name) if weight => self.weights.push(words(&name)?),
                Field::Bytes(13, entry) => self.external(&entry)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn external(&mut self, part: &Part) -> Parsed<()> {
        let (mut key, mut value) = (String::new(), String::new());
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(1, text) => key = words(&text)?,
                Field::Bytes(2, text) => value = words(&text)?,
                _ => {}
            }
        }
        if key == "location" {
            self.model.external.push(value);
        }
        Ok(())
    }

    fn port(&mut self, part: &Part) -> Parsed<Port> {
        let mut value = Port {
            element: "unknown".to_owned(),
            ..Port::default()
        };
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Bytes(1, text) => value.name = words(&text)?,
                Field::Bytes(2, kind) => self.kind(&kind, &mut value)?,
                _ => {}
            }
        }
        Ok(value)
    }

    fn kind(&mut self, part: &Part, value: &mut Port) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            let word = match field {
                Field::Bytes(1, tensor) => {
                    self.tensor_kind(&tensor, value)?;
                    continue;
                }
                Field::Bytes(4, _) => "sequence",
                Field::Bytes(5, _) => "map",
                Field::Bytes(8, _) => "sparse",
                Field::Bytes(9, _) => "optional",
                _ => continue,
            };
            word.clone_into(&mut value.element);
        }
        Ok(())
    }

    fn tensor_kind(&mut self, part: &Part, value: &mut Port) -> Parsed<()> {
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            match field {
                Field::Number(1, element) => {
                    let place = usize::try_from(element).unwrap_or(usize::MAX);
                    let word = ELEMENTS.get(place).copied().unwrap_or("unknown");
                    word.clone_into(&mut value.element);
                }
                Field::Bytes(2, shape) => value.shape = Some(self.shape(&shape)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn shape(&mut self, part: &Part) -> Parsed<Vec<Option<i64>>> {
        let mut sizes = Vec::new();
        let mut cursor = part.cursor();
        while let Some(field) = self.next(&mut cursor)? {
            if let Field::Bytes(1, dimension) = field {
                let mut size = None;
                let mut inner = dimension.cursor();
                while let Some(field) = self.next(&mut inner)? {
                    if let Field::Number(1, value) = field {
                        size = Some(value.cast_signed());
                    }
                }
                sizes.push(size);
            }
        }
        Ok(sizes)
    }
}

fn varint(cursor: &mut Cursor) -> Parsed<u64> {
    let at = cursor.at();
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = cursor.byte()?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    broken(at, "a number has no end")
}

fn words(part: &Part) -> Parsed<String> {
    if part.len() > LONGEST {
        return broken(0, format!("a text has {} bytes", part.len()));
    }
    let bytes = part.exact(0, usize::try_from(part.len()).unwrap_or(0))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
