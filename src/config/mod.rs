//! What the user wrote: `tollgate.yaml` with its contracts, read into a tree with places and then into a [`Config`].

pub mod calendar;
pub(crate) mod cursor;
pub mod dataset;
pub mod drift;
pub mod fields;
pub mod history;
pub mod importance;
pub mod json;
pub mod models;
mod named;
pub mod notify;
pub mod promises;
pub mod references;
pub mod registries;
pub mod roles;
pub mod sets;
pub mod tree;
pub mod waivers;

pub use dataset::{CsvConfig, DatasetConfig, Profiling};
pub use drift::DriftConfig;
pub use history::{HistoryConfig, Recording};
pub use references::References;
pub use roles::Role;

use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::error::{Error, Result};
use crate::report::Format;
use fields::{Fields, Problems, text};
use sets::Library;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tree::Value;

/// `tollgate.yaml`, with every contract it names.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Its folder: paths in the file are relative to it.
    pub base: PathBuf,
    /// Datasets in file order.
    pub datasets: Vec<DatasetConfig>,
    /// Models in file order.
    pub models: Vec<models::ModelConfig>,
    /// Registries in file order.
    pub registries: Vec<registries::RegistryConfig>,
    /// Who is told what became of runs and promotions, in file order.
    pub notify: Vec<notify::NotifyConfig>,
    /// Names of datasets that are only there because others are compared with them, in a part of a run.
    pub beside: Vec<String>,
    /// Accepted outcomes of any dataset.
    pub waivers: Vec<waivers::ListedWaiver>,
    /// Where past runs are kept; absent where they are not.
    pub history: Option<HistoryConfig>,
    /// Files and folders of users' own checks.
    pub checks: Vec<PathBuf>,
    /// Reports to write, by format.
    pub reports: Vec<(Format, PathBuf)>,
    /// SHA-256 over this file and its contracts in order, lower-case hexadecimal.
    pub sha256: String,
}

/// A path as written, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPath {
    /// As written.
    pub path: String,
    /// Where it stands.
    pub place: Place,
}

impl WrittenPath {
    /// The path as it may be shown and recorded.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// A path as it may be shown: an address loses its query, its fragment, its user and its password, each of which may be
/// or hold a secret. In the key of an `s3` address `?` and `#` are characters like others.
///
/// Source: RFC 3986, section 3.
#[must_use]
pub fn shown(path: &str) -> String {
    let Some((scheme, rest)) = path.split_once("://") else {
        return path.to_owned();
    };
    let end = if scheme == "s3" {
        None
    } else {
        rest.find(['?', '#'])
    };
    let rest = &rest[..end.unwrap_or(rest.len())];
    let (host, way) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{way}")
}

/// Reads `tollgate.yaml` and every contract it names.
///
/// Errors: [`Error::Config`] with every problem of every file; [`Error::Usage`] when there is no such file;
/// [`Error::Io`] when it cannot be read.
pub fn load(path: &Path) -> Result<Config> {
    if !path.exists() {
        return Err(Error::Usage(format!(
            "there is no {}; `tollgate init DATA` writes one, `tollgate run FILE` takes another",
            path.display()
        )));
    }
    match as_far_as_readable(path)? {
        (Some(config), problems) if problems.is_empty() => Ok(config),
        (_, problems) => Err(Error::Config(problems)),
    }
}

/// Reads what can be read of a configuration, for who only holds its digest against a signed one; nothing can be run with it
/// where there are problems. The digest is of the texts that were read: variables are not expanded in it.
///
/// Errors: those of [`source_file`].
pub fn as_far_as_readable(path: &Path) -> Result<(Option<Config>, Vec<Diagnostic>)> {
    let file = source_file(path)?;
    let base = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let mut problems = Problems::default();
    let config = read(&file, &base, &mut problems);
    Ok((config, problems.0))
}

/// Reads a text file the user named.
///
/// Errors: [`Error::Io`]; [`Error::Config`] when it is not UTF-8.
pub fn source_file(path: &Path) -> Result<Arc<SourceFile>> {
    let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, e))?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(SourceFile {
            path: name,
            text: text
                .strip_prefix('\u{feff}')
                .unwrap_or(&text)
                .replace("\r\n", "\n"),
        })),
        Err(error) => Err(Error::Config(vec![
            Diagnostic::new(
                "wrong-encoding",
                format!(
                    "{name} is not UTF-8 (byte {})",
                    error.utf8_error().valid_up_to() + 1
                ),
            )
            .help("save the file as UTF-8"),
        ])),
    }
}

fn read(file: &Arc<SourceFile>, base: &Path, problems: &mut Problems) -> Option<Config> {
    let node = match tree::parse(file) {
        Ok(node) => node,
        Err(problem) => {
            problems.add(problem);
            return None;
        }
    };
    let mut digest = Sha256::new();
    digest.update(file.text.as_bytes());
    let mut fields = Fields::of(&node, "tollgate.yaml", problems)?;
    crate::contract::version(&mut fields, problems);
    let mut library = Library::of_config(fields.entries("sets", problems), base, problems);
    let mut datasets = Vec::new();
    for (name, node) in fields.entries("datasets", problems) {
        named::checked("dataset", name, problems);
        if let Some(mut dataset) = dataset::read(name, node, base, problems) {
            resolve(&mut dataset, &mut library, base, problems);
            if let Some(contract) = &dataset.contract {
                digest.update(contract.file.text.as_bytes());
            }
            for file in dataset.drift.files() {
                digest.update(file.text.as_bytes());
            }
            datasets.push(dataset);
        }
    }
    for file in &library.files {
        digest.update(file.text.as_bytes());
    }
    let models = models::read(&mut fields, &datasets, problems);
    if models.is_empty() && fields.get("models").is_none() {
        fields.require("datasets", problems);
    }
    let registries = registries::read(&mut fields, problems);
    let named = fields.entries("registries", &mut Problems::default());
    let named: Vec<&str> = named.iter().map(|(key, _)| key.name.as_str()).collect();
    models::promote::settle(&models, &registries, &named, problems);
    models::champion::settle(&models, &registries, &named, problems);
    let notify = notify::read(&mut fields, problems);
    let waivers = waivers::read(&mut fields, problems);
    let history = history::read(&mut fields, problems);
    history::settle(history.as_ref(), &mut datasets, problems);
    let checks = checks(&mut fields, base, problems);
    let reports = reports(&mut fields, base, problems);
    evolution(&mut fields, base, problems);
    fields.finish(problems);
    Some(Config {
        file: Arc::clone(file),
        base: base.to_owned(),
        datasets,
        models,
        registries,
        notify,
        beside: Vec::new(),
        waivers,
        history,
        checks,
        reports,
        sha256: crate::report::text::hex(&digest.finalize()),
    })
}

/// `diff` is for `tollgate diff`; a run only says whether it can be read. No exception ends by the clock of a run.
fn evolution(fields: &mut Fields, base: &Path, problems: &mut Problems) {
    if let Some(node) = fields.get("diff") {
        crate::contract::diff::policy::read(node, base, chrono::NaiveDate::MIN, problems);
    }
}

/// Fills in what `use` takes, and says which files a dataset rests on besides `tollgate.yaml`.
fn resolve(
    dataset: &mut DatasetConfig,
    library: &mut Library,
    base: &Path,
    problems: &mut Problems,
) {
    library.used.clear();
    if let Some(contract) = &mut dataset.contract {
        contract.resolve(library, problems);
        for waiver in &mut contract.waivers {
            waiver.dataset = Some(dataset.name.clone());
        }
        dataset.files.push(PathBuf::from(&contract.file.path));
    }
    let taken = library.expectations(&dataset.uses, base, problems);
    let mut taken = crate::contract::expectations(&taken, None, problems);
    taken.append(&mut dataset.expect);
    dataset.expect = taken;
    dataset.files.append(&mut library.used);
    let of_drift = dataset.drift.files().map(|f| PathBuf::from(&f.path));
    dataset.files.extend(of_drift);
    let of_values = values_files(dataset, base);
    dataset.files.extend(of_values);
}

/// The files of values that expectations name, as far as they are there.
fn values_files(dataset: &DatasetConfig, base: &Path) -> Vec<PathBuf> {
    let columns = dataset.contract.iter().flat_map(Contract::entries);
    let contract = dataset.contract.iter().flat_map(|c| &c.expect);
    let all = contract.chain(&dataset.expect);
    let all = all.chain(columns.flat_map(|c| &c.expect));
    let named = all.filter_map(|e| {
        let Value::Map(entries) = &e.args.as_ref()?.value else {
            return None;
        };
        let mut entries = entries.iter();
        match &entries.find(|(key, _)| key.name == "values_file")?.1.value {
            Value::Text(path) => Some(base.join(path)),
            _ => None,
        }
    });
    named.filter(|path| path.is_file()).collect()
}

fn checks(fields: &mut Fields, base: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for node in fields.list("checks") {
        let Some(written) = text(node, "checks", problems) else {
            continue;
        };
        let path = base.join(written);
        if !path.exists() {
            let what = format!("there are no checks at {}", path.display());
            problems.add(
                Diagnostic::new("unreadable-checks", what)
                    .at(&node.place, "no such file or folder")
                    .help("paths are relative to the file that names them"),
            );
        }
        found.push(path);
    }
    found
}

fn reports(fields: &mut Fields, base: &Path, problems: &mut Problems) -> Vec<(Format, PathBuf)> {
    let mut found = Vec::new();
    for (key, node) in fields.entries("reports", problems) {
        let Some(format) = Format::parse(&key.name).filter(|f| *f != Format::Terminal) else {
            problems.add(
                Diagnostic::new(
                    "unknown-key",
                    format!("`reports` has no key `{}`", key.name),
                )
                .at(&key.place, "not known")
                .help(crate::diagnostic::listing(
                    "formats",
                    &key.name,
                    Format::files().map(Format::name),
                )),
            );
            continue;
        };
        match text(node, &key.name, problems) {
            Some(path) if path == "-" => problems.add(
                Diagnostic::new("wrong-path", "`-` is standard output, and no file")
                    .at(&node.place, "here")
                    .help(format!(
                        "give it on the command line, `--output {}=-`, so that nothing else is printed there; a file of that name is `./-`",
                        key.name
                    )),
            ),
            Some(path) => found.push((format, base.join(path))),
            None => {}
        }
    }
    found
}
