//! The header of a safetensors file: which tensors it has, and that they fill it without holes.
//!
//! Source: the format as its README describes it and the limits of its reference reader (from memory): 8 bytes of
//! length, then JSON of at most 100,000,000 bytes that starts with `{`, then bytes that the tensors fill in order.

use super::part::{Parsed, Part, broken};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Longest header, in bytes: the limit of the reference reader.
pub const LONGEST_HEADER: u64 = 100_000_000;

/// A file of tensors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Safetensors {
    /// Tensors in the order of their bytes.
    pub tensors: Vec<Tensor>,
    /// Keys of `__metadata__`, in the order of the file.
    pub metadata: Vec<String>,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tensor {
    /// Its name; hostile text.
    pub name: String,
    /// Its type as the file names it.
    pub dtype: String,
    /// Its sizes.
    pub shape: Vec<u64>,
    /// First byte and the one after the last, from the end of the header.
    pub range: (u64, u64),
}

/// Bits of an element, by type.
const TYPES: &[(&str, u64)] = &[
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
    ("C64", 64),
];

/// Whether the first 9 bytes can be those of a file of `len` bytes.
#[must_use]
pub(super) fn can_be(head: &[u8], len: u64) -> bool {
    let Some((first, b"{")) = head.get(..9).map(|h| h.split_at(8)) else {
        return false;
    };
    let said = first
        .iter()
        .rev()
        .fold(0, |n, byte| n << 8 | u64::from(*byte));
    (2..=LONGEST_HEADER.min(len.saturating_sub(8))).contains(&said)
}

/// Reads the header and holds it against the length of the file; no tensor is read.
///
/// Errors: [`super::part::Trouble::Broken`] for a header that is longer than allowed, that is no JSON or names a key
/// twice, and tensors of unknown type, of the wrong size, that overlap, leave holes or bytes at the end.
pub fn read(part: &Part) -> Parsed<Safetensors> {
    let head = part.exact(0, 8)?;
    let mut eight = [0; 8];
    eight.copy_from_slice(&head);
    let len = u64::from_le_bytes(eight);
    if len > LONGEST_HEADER {
        return broken(
            0,
            format!("its header has {len} bytes, and at most {LONGEST_HEADER} are allowed"),
        );
    }
    let text = part.exact(8, usize::try_from(len).unwrap_or(0))?;
    if text.first() != Some(&b'{') {
        return broken(8, "its header does not start with `{`");
    }
    let entries: Entries<serde_json::Value> = match serde_json::from_slice(&text) {
        Ok(entries) => entries,
        Err(e) => return broken(8, format!("its header is no JSON: {e}")),
    };
    let mut found = Safetensors {
        tensors: Vec::new(),
        metadata: Vec::new(),
    };
    let mut names = HashSet::new();
    for (name, value) in entries.0 {
        if !names.insert(name.clone()) {
            return broken(8, format!("it names `{name}` twice"));
        }
        if name == "__metadata__" {
            found.metadata = metadata(&value)?;
        } else {
            found.tensors.push(tensor(name, &value)?);
        }
    }
    found
        .tensors
        .sort_by(|a, b| (a.range, &a.name).cmp(&(b.range, &b.name)));
    filled(&found.tensors, part.len() - 8 - len)?;
    Ok(found)
}

fn metadata(value: &serde_json::Value) -> Parsed<Vec<String>> {
    match value.as_object() {
        Some(entries) if entries.values().all(serde_json::Value::is_string) => {
            Ok(entries.keys().cloned().collect())
        }
        _ => broken(8, "`__metadata__` is no mapping of text to text"),
    }
}

fn tensor(name: String, value: &serde_json::Value) -> Parsed<Tensor> {
    let numbers = |key: &str| -> Option<Vec<u64>> {
        value
            .get(key)?
            .as_array()?
            .iter()
            .map(serde_json::Value::as_u64)
            .collect()
    };
    let dtype = value.get("dtype").and_then(|d| d.as_str());
    let (Some(dtype), Some(shape), Some(offsets)) =
        (dtype, numbers("shape"), numbers("data_offsets"))
    else {
        return broken(8, format!("`{name}` has no dtype, shape or data_offsets"));
    };
    let [from, to] = offsets[..] else {
        return broken(8, format!("`{name}` has {} data_offsets", offsets.len()));
    };
    let Some((_, bits)) = TYPES.iter().find(|(known, _)| *known == dtype) else {
        return broken(8, format!("`{name}` is of unknown type `{dtype}`"));
    };
    let total = shape
        .iter()
        .try_fold(*bits, |product, size| product.checked_mul(*size));
    let needs = total.filter(|bits| bits % 8 == 0).map(|bits| bits / 8);
    if needs.is_none() || to.checked_sub(from) != needs {
        return broken(
            8,
            format!(
                "`{name}` of type {dtype} and shape {shape:?} does not fit its bytes {from} to {to}"
            ),
        );
    }
    Ok(Tensor {
        name,
        dtype: dtype.to_owned(),
        shape,
        range: (from, to),
    })
}

/// Tensors follow each other from the first byte to the last.
fn filled(tensors: &[Tensor], len: u64) -> Parsed<()> {
    let mut at = 0;
    for tensor in tensors {
        let name = &tensor.name;
        if tensor.range.0 > at {
            return broken(
                8,
                format!("bytes {at} to {} belong to no tensor", tensor.range.0),
            );
        }
        if tensor.range.0 < at {
            return broken(8, format!("`{name}` overlaps another tensor"));
        }
        at = tensor.range.1;
    }
    if at != len {
        return broken(
            8,
            format!("the tensors have {at} bytes, and {len} follow the header"),
        );
    }
    Ok(())
}

/// The entries of a mapping in their order, with those that are named twice.
struct Entries<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for All<V> {
            type Value = Entries<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    found.push(entry);
                }
                Ok(Entries(found))
            }
        }
        deserializer.deserialize_map(All(std::marker::PhantomData))
    }
}
