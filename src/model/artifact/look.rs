//! Tells what bytes are and looks into them: members of archives and what is packed too.

use super::finding::{Fault, Finding};
use super::part::{Part, Trouble};
use super::pickle::{self, Pickle, Reader};
use super::unpack::{self, Packing};
use super::{Artifact, Asked, Import, Kind, npy, onnx, safetensors, tar, zip};
use std::collections::HashSet;
use std::io;

/// Archives and layers of compression inside each other.
const DEEPEST: usize = 8;

/// Members of all archives together.
const MOST_MEMBERS: usize = 200_000;

/// Endings with which a file has to be a pickle, or something else that is known.
const PICKLES: &[&str] = &["pkl", "pickle", "joblib", "dill", "pt", "pth", "ckpt"];

/// Looks at one file after another.
pub(super) struct Looker<'a> {
    pub(super) asked: &'a Asked,
    pub(super) found: Artifact,
    /// Bytes that may still be unpacked.
    pub(super) left: u64,
    members: usize,
    imported: HashSet<(String, String)>,
}

/// A result whose failure is the operating system's.
type Looked<T> = Result<T, io::Error>;

impl<'a> Looker<'a> {
    pub(super) fn new(asked: &'a Asked) -> Self {
        Self {
            asked,
            found: Artifact::default(),
            left: asked.max_unpacked,
            members: 0,
            imported: HashSet::new(),
        }
    }

    pub(super) fn fault(&mut self, place: &str, offset: Option<u64>, fault: Fault) {
        self.found.findings.push(Finding {
            place: place.to_owned(),
            offset,
            fault,
        });
    }

    /// Says that `place` is no `kind`; what the operating system cannot read is an error instead.
    fn broken(&mut self, place: &str, kind: &str, trouble: Trouble) -> Looked<()> {
        match trouble {
            Trouble::Io(e) => Err(e),
            Trouble::Broken { at, why } => {
                let kind = kind.to_owned();
                self.fault(place, Some(at), Fault::Broken { kind, why });
                Ok(())
            }
        }
    }

    /// Looks at the bytes of `place` and says what they are.
    ///
    /// A file that is one thing from its start and another from its end is looked at as both.
    pub(super) fn look(&mut self, part: &Part, place: &str, depth: usize) -> Looked<Kind> {
        self.members += 1;
        if depth > DEEPEST || self.members > MOST_MEMBERS {
            self.fault(place, None, Fault::Nested);
            return Ok(Kind::Sealed);
        }
        let head = part.read(0, 512).map_err(io_of)?;
        let starts = head.starts_with(b"PK\x03\x04");
        let mut archive = None;
        if let Some(end) = zip::end(part).map_err(io_of)? {
            archive = self.zip(part, end, starts || head.starts_with(b"PK"), place, depth)?;
        } else if starts {
            let why = "it has no directory at its end".to_owned();
            self.broken(
                place,
                "ZIP archive",
                Trouble::Broken {
                    at: part.len(),
                    why,
                },
            )?;
            return Ok(Kind::Zip);
        }
        if starts {
            return Ok(archive.unwrap_or(Kind::Zip));
        }
        let kind = self.by_start(part, &head, place, depth)?;
        Ok(match archive {
            Some(archive) if kind == Kind::Other => archive,
            _ => kind,
        })
    }

    fn by_start(&mut self, part: &Part, head: &[u8], place: &str, depth: usize) -> Looked<Kind> {
        if tar::is_header(head) {
            // A name of a member may be operations of a pickle.
            self.pickles(part, 0, None, place)?;
            return self.tar(part, place, depth);
        }
        if head.starts_with(npy::MAGIC) {
            return self.numpy(part, place);
        }
        if ends(place, &["safetensors"]) || safetensors::can_be(head, part.len()) {
            match safetensors::read(part) {
                Ok(header) => self.found.safetensors.push((place.to_owned(), header)),
                Err(trouble) => self.broken(place, "safetensors file", trouble)?,
            }
            return Ok(Kind::Safetensors);
        }
        if head.starts_with(b"\x89HDF\r\n\x1a\n") {
            self.found.named_only.push((place.to_owned(), Kind::Hdf5));
            return Ok(Kind::Hdf5);
        }
        let named = ends(place, &["onnx"]);
        if (named || onnx::can_be(head)) && self.onnx(part, place, named)? {
            return Ok(Kind::Onnx);
        }
        if let Some(packing) = unpack::told_by(head) {
            self.packed(part, packing, place, packing.name(), depth)?;
            return Ok(Kind::Packed);
        }
        if let Some(by) = unpack::sealed_by(head) {
            self.fault(place, None, Fault::Sealed { by: by.to_owned() });
            return Ok(Kind::Sealed);
        }
        let surely = matches!(head, [0x80, 0..=5, ..]) || ends(place, PICKLES);
        self.pickles(part, 0, surely.then_some(Reader::Any), place)
    }

    fn zip(
        &mut self,
        part: &Part,
        end: u64,
        surely: bool,
        place: &str,
        depth: usize,
    ) -> Looked<Option<Kind>> {
        let archive = match zip::read(part, end) {
            Ok(archive) => archive,
            Err(Trouble::Broken { .. }) if !surely => return Ok(None),
            Err(trouble) => {
                self.broken(place, "ZIP archive", trouble)?;
                return Ok(Some(Kind::Zip));
            }
        };
        for (at, fault) in archive.faults {
            self.fault(place, Some(at), fault);
        }
        let has = |name: &str| archive.members.iter().any(|m| m.name == name);
        let keras = has("config.json") && has("metadata.json");
        for member in &archive.members {
            let inner = format!("{place}!{}", member.name);
            self.path(&inner, &member.name);
            if member.encrypted {
                let by = "encrypted, or says so".to_owned();
                self.fault(&inner, None, Fault::Sealed { by });
            }
            match member.method {
                0 => drop(self.look(&member.packed, &inner, depth + 1)?),
                8 => self.packed(&member.packed, Packing::Deflate, &inner, "", depth)?,
                other => {
                    let by = format!("packed by method {other} of ZIP");
                    self.fault(&inner, None, Fault::Sealed { by });
                }
            }
        }
        if keras {
            self.found.named_only.push((place.to_owned(), Kind::Keras));
            return Ok(Some(Kind::Keras));
        }
        Ok(Some(Kind::Zip))
    }

    /// Refuses the name of a member that would be unpacked outside.
    fn path(&mut self, place: &str, name: &str) {
        let inside = name.split(['/', '\\']).all(|part| part != "..");
        if !inside || name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':') {
            let path = name.to_owned();
            self.fault(place, None, Fault::Escapes { path });
        }
    }

    fn tar(&mut self, part: &Part, place: &str, depth: usize) -> Looked<Kind> {
        match tar::read(part) {
            Ok(archive) => {
                for (at, fault) in archive.faults {
                    self.fault(place, Some(at), fault);
                }
                for (name, bytes) in &archive.members {
                    let inner = format!("{place}!{name}");
                    self.path(&inner, name);
                    self.look(bytes, &inner, depth + 1)?;
                }
            }
            Err(trouble) => self.broken(place, "tar archive", trouble)?,
        }
        Ok(Kind::Tar)
    }

    fn numpy(&mut self, part: &Part, place: &str) -> Looked<Kind> {
        match npy::read(part) {
            Ok(npy::Elements::Plain(_)) => {}
            Ok(npy::Elements::Objects(at)) => {
                self.pickles(part, at, Some(Reader::Pickle), place)?;
            }
            Err(trouble) => self.broken(place, "array of numpy", trouble)?,
        }
        Ok(Kind::Numpy)
    }

    fn onnx(&mut self, part: &Part, place: &str, named: bool) -> Looked<bool> {
        match onnx::read(part) {
            Ok(model) => {
                for path in model.external.iter().filter(|p| !onnx::stays_inside(p)) {
                    let path = path.clone();
                    self.fault(place, None, Fault::Escapes { path });
                }
                self.found.onnx.push((place.to_owned(), model));
                Ok(true)
            }
            Err(Trouble::Broken { .. }) if !named => Ok(false),
            Err(trouble) => self.broken(place, "ONNX file", trouble).map(|()| true),
        }
    }

    fn packed(
        &mut self,
        part: &Part,
        packing: Packing,
        place: &str,
        layer: &str,
        depth: usize,
    ) -> Looked<()> {
        let limit = self.left;
        let unpacked = unpack::unpack(part, packing, limit);
        self.left = self.left.saturating_sub(unpacked.bytes.len() as u64);
        if unpacked.more {
            let limit = self.asked.max_unpacked;
            self.fault(place, None, Fault::Bomb { limit });
        }
        if let Some(why) = unpacked.trouble {
            let kind = format!("{} data", packing.name());
            self.fault(place, None, Fault::Broken { kind, why });
        }
        let inner = if layer.is_empty() {
            place.to_owned()
        } else {
            format!("{place}!{layer}")
        };
        // What was unpacked before it broke off would be opened as well.
        self.look(&Part::of(unpacked.bytes), &inner, depth + 1)?;
        Ok(())
    }

    /// One pickle after another, from byte `from`; `reader` is told where it surely is one.
    fn pickles(
        &mut self,
        part: &Part,
        from: u64,
        reader: Option<Reader>,
        place: &str,
    ) -> Looked<Kind> {
        let surely = reader.is_some();
        let reader = reader.unwrap_or(Reader::Any);
        let mut at = from;
        let mut torch = false;
        for number in 0.. {
            let mut found = Pickle::default();
            let done = pickle::scan(&part.from(at), reader, &self.asked.allow, &mut found);
            torch |= found.torch && number == 0;
            let first = number == 0;
            match done {
                Ok(())
                    if first
                        && !surely
                        && found.globals.is_empty()
                        && at + found.end < part.len() =>
                {
                    return Ok(Kind::Other);
                }
                Ok(()) => {}
                Err(trouble) => {
                    let Trouble::Broken { at: inside, why } = trouble else {
                        return Err(io_of(trouble));
                    };
                    let acts = found.calls && found.faults.iter().any(|(_, f)| f.acts());
                    if acts || first && surely {
                        self.take(found, at, place);
                    }
                    if first && surely {
                        let kind = "pickle".to_owned();
                        self.fault(place, Some(at + inside), Fault::Broken { kind, why });
                    } else if !first {
                        let bytes = part.len() - at;
                        self.fault(place, Some(at), Fault::Trailing { bytes });
                    }
                    let other = first && !surely && !acts;
                    return Ok(if other { Kind::Other } else { Kind::Pickle });
                }
            }
            let end = at + found.end;
            self.take(found, at, place);
            at = end;
            // Five pickles, then the bytes of the tensors.
            if at >= part.len() || torch && number == 4 {
                break;
            }
        }
        Ok(Kind::Pickle)
    }

    fn take(&mut self, found: Pickle, from: u64, place: &str) {
        for ((module, name), _) in found.globals {
            if self.imported.insert((module.clone(), name.clone())) {
                let place = place.to_owned();
                self.found.imports.push(Import {
                    module,
                    name,
                    place,
                });
            }
        }
        for (at, fault) in found.faults {
            self.fault(place, Some(from + at), fault);
        }
    }
}

/// Whether the last name of a place ends so.
fn ends(place: &str, endings: &[&str]) -> bool {
    let name = place.rsplit(['/', '!']).next().unwrap_or(place);
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    ending.is_some_and(|e| endings.contains(&e.as_str()))
}

fn io_of(trouble: Trouble) -> io::Error {
    match trouble {
        Trouble::Io(e) => e,
        Trouble::Broken { why, .. } => io::Error::other(why),
    }
}
