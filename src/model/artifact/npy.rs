//! The header of a `.npy` file: whether its elements are objects of Python, which are a pickle.
//!
//! Source: the format as `numpy.lib.format` documents it, versions 1 to 3 (from memory).

use super::part::{Parsed, Part, broken};

/// The first bytes.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header: `numpy` reads 10,000 bytes unless told otherwise.
const LONGEST: u64 = 1 << 20;

/// What follows the header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elements {
    /// A pickle, from this byte.
    Objects(u64),
    /// Numbers or texts, from this byte.
    Plain(u64),
}

/// Reads the header.
///
/// Errors: [`super::part::Trouble::Broken`] where it is none.
pub(super) fn read(part: &Part) -> Parsed<Elements> {
    let head = part.exact(0, 8)?;
    let (len, start) = match head[6] {
        1 => {
            let bytes = part.exact(8, 2)?;
            (u64::from(u16::from_le_bytes([bytes[0], bytes[1]])), 10)
        }
        2 | 3 => {
            let b = part.exact(8, 4)?;
            (u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])), 12)
        }
        other => return broken(6, format!("version {other} is not known")),
    };
    if len > LONGEST {
        return broken(8, format!("its header has {len} bytes"));
    }
    let header = part.exact(start, usize::try_from(len).unwrap_or(0))?;
    let text: String = header.iter().map(|b| char::from(*b)).collect();
    let after = start + len;
    match objects(&text) {
        Some(true) => Ok(Elements::Objects(after)),
        Some(false) => Ok(Elements::Plain(after)),
        None => broken(start, "its header does not say what the elements are"),
    }
}

/// Whether the type in a header has objects; `None` where it is not understood.
fn objects(header: &str) -> Option<bool> {
    let after = header
        .split_once("'descr':")
        .or_else(|| header.split_once("\"descr\":"))?
        .1;
    let mut words = Words {
        rest: after.trim_start(),
    };
    let mut found = false;
    words.descr(&mut found, 0)?;
    Some(found)
}

/// Reads a type as Python writes it.
struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    fn next(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        let after = self.rest.strip_prefix(c);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// A code such as `'<f8'`, or a list of fields.
    fn descr(&mut self, objects: &mut bool, depth: usize) -> Option<()> {
        if depth > 16 {
            return None;
        }
        if self.next('[') {
            while !self.next(']') {
                self.field(objects, depth)?;
                self.next(',');
            }
            return Some(());
        }
        // `(type, shape)`
        if self.next('(') {
            self.descr(objects, depth + 1)?;
            self.until(')')?;
            return Some(());
        }
        let code = self.text()?;
        let kind = code.trim_start_matches(['<', '>', '|', '=']);
        *objects |= kind.starts_with('O');
        kind.starts_with(['b', 'i', 'u', 'f', 'c', 'm', 'M', 'S', 'U', 'V', 'O', '?'])
            .then_some(())
    }

    /// `(name, type)` or `(name, type, shape)`; a name may be `(title, name)`.
    fn field(&mut self, objects: &mut bool, depth: usize) -> Option<()> {
        self.next('(').then_some(())?;
        if self.next('(') {
            self.text()?;
            self.next(',').then_some(())?;
            self.text()?;
            self.next(')').then_some(())?;
        } else {
            self.text()?;
        }
        self.next(',').then_some(())?;
        self.descr(objects, depth + 1)?;
        if self.next(',') && self.next('(') {
            self.until(')')?;
        }
        self.next(')').then_some(())
    }

    fn until(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.split_once(c)?.1;
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        let quote = ['\'', '"'].into_iter().find(|q| self.next(*q))?;
        let (text, after) = self.rest.split_once(quote)?;
        self.rest = after;
        (!text.contains('\\')).then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_with_objects_are_told_from_names_with_an_o() {
        for (header, expected) in [
            (
                "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
                Some(false),
            ),
            (
                "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
                Some(true),
            ),
            (
                "{'descr': [('Origin', '<i4'), ('b', '|O')], 'shape': (3,), }",
                Some(true),
            ),
            (
                "{'descr': [('Origin', '<i4'), ('x', [('y', '<f4', (2, 3))])], 'shape': () }",
                Some(false),
            ),
            (
                "{'descr': [('a', [('y', '|O8', (2,))])], 'shape': () }",
                Some(true),
            ),
            ("{'descr': ('<f8', (2,)), 'shape': () }", Some(false)),
            ("{'descr': 'numpy.object', 'shape': () }", None),
            ("{'shape': () }", None),
            ("{'descr': [('a\\'', '|O')]}", None),
        ] {
            assert_eq!(objects(header), expected, "{header}");
        }
    }
}
