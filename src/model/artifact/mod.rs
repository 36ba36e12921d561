//! The files of a model before it is promoted: how large they are, whether they are there, and what opening them
//! would run.
//!
//! Nothing is loaded and nothing is run. Formats are told by content, never by the ending of a name; an ending can
//! only make a look stricter. What cannot be looked into is refused.

pub mod allow;
pub mod finding;
pub mod look;
pub mod onnx;
pub mod part;
pub mod pickle;
pub mod safetensors;
pub mod tar;
pub mod zip;

mod npy;
mod unpack;
mod walk;

pub use allow::Allow;
pub use finding::{Fault, Finding};
pub use walk::{digest, inspect};

use onnx::Onnx;
use safetensors::Safetensors;
use serde::Serialize;

/// What is asked of the files of a model.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Names that pickles may import.
    pub allow: Allow,
    /// Bytes that all files together may have.
    pub max_bytes: Option<u64>,
    /// Patterns of paths relative to the model's folder: for each there must be a file. `*` stays inside a folder,
    /// `**` does not.
    pub files: Vec<glob::Pattern>,
    /// Bytes that may be unpacked, all files together.
    pub max_unpacked: u64,
}

/// Bytes that may be unpacked unless a user says otherwise: 1 GiB.
pub const MAX_UNPACKED: u64 = 1 << 30;

/// What was found in the files of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Every file, by path.
    pub files: Vec<File>,
    /// Bytes of all files.
    pub bytes: u64,
    /// SHA-256 over the paths and the digests of all files, hexadecimal: equal for equal folders, wherever they are.
    pub digest: String,
    /// What is refused, in the order of files and bytes. A model without findings may be opened.
    pub findings: Vec<Finding>,
    /// Names that pickles import, allowed or not, with the place of the first.
    pub imports: Vec<Import>,
    /// Headers of safetensors files, by place.
    pub safetensors: Vec<(String, Safetensors)>,
    /// Headers of ONNX files, by place.
    pub onnx: Vec<(String, Onnx)>,
    /// Places of which only the format is known: what they do when they are opened is not.
    pub named_only: Vec<(String, Kind)>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Path relative to the model's folder, with `/`; the file's name where the model is one file.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// What it is by its content.
    pub kind: Kind,
}

/// A name that a pickle imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Module of Python; hostile text.
    pub module: String,
    /// Name in it; hostile text.
    pub name: String,
    /// Where it is imported first.
    pub place: String,
}

/// What a file is by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A pickle of Python, joblib's or an old one of `PyTorch` too.
    Pickle,
    /// A ZIP archive: of `PyTorch`, numpy and others.
    Zip,
    /// A ZIP archive as Keras 3 writes it. Its configuration may hold code, which is not looked into.
    Keras,
    /// A tar archive.
    Tar,
    /// An array of numpy.
    Numpy,
    /// Packed: what is inside was looked at.
    Packed,
    /// Packed in a way that is not looked into.
    Sealed,
    /// Tensors of safetensors.
    Safetensors,
    /// A model of ONNX.
    Onnx,
    /// HDF5, as Keras before version 3 writes it. It may hold code, which is not looked into.
    Hdf5,
    /// Nothing that is known here.
    Other,
}

#[cfg(test)]
mod tests;
