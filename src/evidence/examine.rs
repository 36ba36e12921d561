//! Whether the bytes that a statement speaks of are still the same: every one is named.

use super::run::From;
use super::statement::{
    FOLDER_SHA256, FOOTER_SHA256, Predicate, RUN_NAME, Resource, SHA256, Statement, TEXTS_SHA256,
};
use crate::catalogue;
use crate::config;
use crate::context::check_interrupt;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Digests that are computed here, the one that says most first.
const KNOWN: [&str; 3] = [SHA256, FOLDER_SHA256, FOOTER_SHA256];

/// Where the files of a statement lie here.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of `run.json`.
    pub run: PathBuf,
    /// The configuration; as the statement names it where nothing is said.
    pub config: Option<PathBuf>,
    /// The bytes of `run.json`, where they were read already: they are not read again.
    pub run_bytes: Option<Vec<u8>>,
}

/// What became of something that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Its digest is the signed one.
    Ok,
    /// Its digest is another.
    Changed {
        /// The digest of the bytes that are here, or why there is none.
        found: String,
    },
    /// It is not here, or nothing of it could be.
    NotHere {
        /// Why.
        why: String,
    },
    /// It is here and cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl State {
    /// The word of a list.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Changed { .. } => "changed",
            Self::NotHere { .. } => "not here",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

/// One thing with what became of it. Texts come from the statement: hostile.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Seen {
    /// Its name in the statement.
    pub name: String,
    /// What became of it.
    #[serde(flatten)]
    pub state: State,
}

/// Looks at every subject, then at the configuration of a run, in the order of the statement.
///
/// Only files and folders below `places` and absolute paths of the statement are read; call it for statements that a trusted
/// key signed, or that were made of a record that the user named.
/// Errors: [`crate::error::Error::Interrupted`]. What cannot be read is told by its state.
pub fn examine(statement: &Statement, places: &Places) -> Result<Vec<Seen>> {
    let configuration: &[Resource] = match &statement.predicate {
        Predicate::TestResult(said) => &said.configuration,
        Predicate::Verification(_) => &[],
    };
    let folder = folder(configuration, places);
    let mut seen = Vec::new();
    for subject in &statement.subjects {
        check_interrupt()?;
        let state = match &places.run_bytes {
            Some(bytes) if subject.name == RUN_NAME => {
                compared(subject, SHA256, super::signed::digest(bytes))
            }
            _ => subject_state(subject, places, &folder)?,
        };
        let name = subject.name.clone();
        seen.push(Seen { name, state });
    }
    let states = configuration_states(configuration, places);
    let names = configuration.iter().map(|r| r.name.clone());
    let found = names.zip(states);
    seen.extend(found.map(|(name, state)| Seen { name, state }));
    Ok(seen)
}

/// The configuration's file here.
fn config_file(configuration: &[Resource], places: &Places) -> Option<PathBuf> {
    let written = || {
        let found = configuration.iter();
        let mut found = found.filter(|r| r.said("role") == "configuration");
        found.next().map(|r| PathBuf::from(r.said("path")))
    };
    places.config.clone().or_else(written)
}

/// The configuration's folder here.
fn folder(configuration: &[Resource], places: &Places) -> PathBuf {
    let file = config_file(configuration, places);
    file.and_then(|f| f.parent().map(Path::to_path_buf))
        .unwrap_or_default()
}

fn not_here(why: impl Into<String>) -> State {
    State::NotHere { why: why.into() }
}

fn unreadable(why: impl std::fmt::Display) -> State {
    State::Unreadable {
        why: why.to_string(),
    }
}

fn compared(resource: &Resource, algorithm: &str, found: String) -> State {
    if resource.has(algorithm, &found) {
        State::Ok
    } else {
        State::Changed { found }
    }
}

/// What a subject's path leads to.
fn subject_state(subject: &Resource, places: &Places, folder: &Path) -> Result<State> {
    if let Some(content) = &subject.content {
        return Ok(content_state(subject, content));
    }
    let path = subject.said("path");
    let base = match From::parse(subject.said("from")) {
        Some(From::Run) => places.run.as_path(),
        Some(From::Configuration) => folder,
        Some(From::Start) => Path::new(""),
        None => return Ok(not_here("the statement names no file")),
    };
    if path.is_empty() || path.contains("://") || path == "-" {
        return Ok(not_here("it is no file of this machine"));
    }
    let Some(algorithm) = KNOWN.into_iter().find(|a| subject.digest.contains_key(*a)) else {
        return Ok(not_here(
            "none of its digests is one that tollgate computes",
        ));
    };
    let path = base.join(path);
    let kind = match std::fs::metadata(&path) {
        Ok(metadata) => metadata.file_type(),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(not_here("there is no such file")),
        Err(e) => return Ok(unreadable(e)),
    };
    let folders = algorithm == FOLDER_SHA256 && kind.is_dir();
    if !kind.is_file() && !folders {
        return Ok(State::Changed {
            found: "no file".to_owned(),
        });
    }
    let found = match algorithm {
        FOLDER_SHA256 => crate::model::artifact::digest(&path),
        FOOTER_SHA256 => footer(&path),
        _ => whole(&path),
    };
    match found {
        Ok(found) => Ok(compared(subject, algorithm, found)),
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(e) => Ok(unreadable(e)),
    }
}

/// Whether what a subject holds in itself is what its digest says.
fn content_state(subject: &Resource, content: &str) -> State {
    match STANDARD.decode(content) {
        Ok(bytes) => compared(subject, SHA256, super::signed::digest(&bytes)),
        Err(_) => State::Changed {
            found: "no base64".to_owned(),
        },
    }
}

/// SHA-256 of a file.
fn whole(path: &Path) -> Result<String> {
    let file = File::open(path).map_err(|e| Error::io("read", path, e))?;
    hashed(file, path)
}

/// SHA-256 of a Parquet file's footer: its metadata, their length and the last four letters; of a file that ends otherwise,
/// of nothing, which no footer has.
///
/// Source: Parquet format, "File format": the last 8 bytes are the length of the metadata and `PAR1`.
fn footer(path: &Path) -> Result<String> {
    let fail = |e| Error::io("read", path, e);
    let mut file = File::open(path).map_err(fail)?;
    let length = file.metadata().map_err(fail)?.len();
    let mut tail = [0; 8];
    let start = length.checked_sub(8);
    if let Some(start) = start {
        file.seek(SeekFrom::Start(start)).map_err(fail)?;
        file.read_exact(&mut tail).map_err(fail)?;
    }
    let [a, b, c, d, ..] = tail;
    let metadata = u64::from(u32::from_le_bytes([a, b, c, d]));
    let start = start
        .and_then(|s| s.checked_sub(metadata))
        .unwrap_or(length);
    file.seek(SeekFrom::Start(start)).map_err(fail)?;
    hashed(file, path)
}

fn hashed(mut file: File, path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        check_interrupt()?;
        let read = file.read(&mut block);
        match read.map_err(|e| Error::io("read", path, e))? {
            0 => return Ok(crate::report::text::hex(&hash.finalize())),
            n => hash.update(&block[..n]),
        }
    }
}

/// The configuration with the files that it names, and the catalogue that it makes.
fn configuration_states(all: &[Resource], places: &Places) -> Vec<State> {
    let Some(path) = config_file(all, places).filter(|p| p.is_file()) else {
        let missing = || not_here("the configuration is not here");
        return all.iter().map(|_| missing()).collect();
    };
    let (config, problems) = match config::as_far_as_readable(&path) {
        Ok(read) => read,
        Err(e) => return all.iter().map(|_| state_of(&e)).collect(),
    };
    let state = |resource: &Resource| {
        let Some(config) = &config else {
            return unloaded(&problems);
        };
        match resource.said("role") {
            // The texts are the signed ones: what this machine lacks to run them does not matter.
            "configuration" if resource.has(TEXTS_SHA256, &config.sha256) => State::Ok,
            "configuration" if !problems.is_empty() => unloaded(&problems),
            "configuration" => compared(resource, TEXTS_SHA256, config.sha256.clone()),
            "catalogue" => match catalogue::load::load(&config.checks) {
                Ok(found) => catalogue_state(resource, found.sha256),
                Err(e) => state_of(&e),
            },
            _ => not_here("the statement does not say what it is"),
        }
    };
    all.iter().map(state).collect()
}

/// A configuration or catalogue that cannot be read is another one than that of a run, but where a file cannot be read here.
fn state_of(error: &Error) -> State {
    match error {
        Error::Config(problems) => unloaded(problems),
        e => unreadable(one_line(e)),
    }
}

/// A configuration with problems: one that cannot be loaded here where they are of this machine, else another one than that of
/// a run, which had none.
fn unloaded(problems: &[Diagnostic]) -> State {
    let here = problems.iter().find(|p| p.is_of_this_machine());
    match (here, problems.first()) {
        (Some(here), _) => unreadable(format!("it cannot be loaded here: {}", here.message)),
        (None, first) => State::Changed {
            found: first.map_or_else(String::new, |p| format!("{}: {}", p.code, p.message)),
        },
    }
}

/// A catalogue of another version of the program cannot be compared.
fn catalogue_state(resource: &Resource, found: String) -> State {
    let version = env!("CARGO_PKG_VERSION");
    let of_this = resource.name.ends_with(&format!(" {version}"));
    match compared(resource, TEXTS_SHA256, found) {
        State::Changed { .. } if !of_this => not_here(format!(
            "this is tollgate {version}, with a catalogue of its own"
        )),
        state => state,
    }
}

fn one_line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
