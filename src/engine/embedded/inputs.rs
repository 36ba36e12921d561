//! The datasets and references that a configuration names, opened.

use super::profile::whole;
use super::source::{Dataset, ProfileAt, SourceOptions, begin_input};
use super::store::Store;
use crate::aside::each;
use crate::config::dataset::{CsvConfig, Malformed};
use crate::config::tree::{Node, Value};
use crate::config::{Config, DatasetConfig, WrittenPath};
use crate::contract::{Contract, Expectation};
use crate::error::{Error, Result};
use crate::measure::{Profile, saved};
use crate::record::FileDigest;
use crate::report::text::hex;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The check that counts rows of which no row of the table can be made; without it they are refused.
pub const COUNTS_MALFORMED: &str = "csv_wellformed";

/// Every dataset of a configuration: schemas are known, no row has been measured.
pub struct Inputs {
    /// Datasets by name.
    pub datasets: BTreeMap<String, Dataset>,
    /// The folder that paths are relative to.
    pub base: PathBuf,
}

/// Opens every dataset to be measured: where every profile is wanted and types are found by reading all rows, the
/// profiles are made at once.
///
/// Errors: [`Error::Parts`] with [`Error::Data`] for each that cannot be opened, with its name and the place that names it.
pub fn open(config: &Config, store: Option<&Arc<Store>>) -> Result<Inputs> {
    open_with(config, ProfileAt::Open, store)
}

/// Opens every dataset for its schema only.
///
/// Errors: as for [`open`].
pub fn look(config: &Config) -> Result<Inputs> {
    open_with(config, ProfileAt::Scan, None)
}

fn open_with(config: &Config, profile: ProfileAt, store: Option<&Arc<Store>>) -> Result<Inputs> {
    begin_input();
    let open = |d: &DatasetConfig| {
        let all = d.profiles_all();
        let options = SourceOptions {
            profile: if all { profile } else { ProfileAt::Scan },
            store: store.cloned(),
            ..options(d)
        };
        let opened = Dataset::open(&d.path.path, &config.base, &options);
        Ok((d.name.clone(), opened.map_err(|e| named(e, d, &d.path))?))
    };
    let all = config.datasets.iter().map(|d| (d.name.as_str(), d));
    Ok(Inputs {
        datasets: each(all, open)?.into_iter().collect(),
        base: config.base.clone(),
    })
}

/// What a dataset is compared with.
pub struct Reference {
    /// Its profile.
    pub profile: Profile,
    /// Its rows; absent where only a profile was saved.
    pub dataset: Option<Dataset>,
    /// Its files.
    pub files: Vec<FileDigest>,
}

/// The one reference of a dataset's plan against it: data, or a profile that was saved.
///
/// Errors: [`Error::Data`] when the reference cannot be read, [`Error::Usage`] when there is none.
pub fn reference(
    dataset: &DatasetConfig,
    base: &Path,
    store: Option<&Arc<Store>>,
) -> Result<Reference> {
    let Some(written) = dataset.references.named.first() else {
        return Err(Error::Usage(format!("`{}` has no reference", dataset.name)));
    };
    opened(dataset, written, base, store).map_err(|e| named(e, dataset, written))
}

fn opened(
    dataset: &DatasetConfig,
    written: &WrittenPath,
    base: &Path,
    store: Option<&Arc<Store>>,
) -> Result<Reference> {
    let path = base.join(&written.path);
    if path.is_file() && saved::is_saved(&path) {
        return Ok(Reference {
            profile: saved::read(&path)?,
            dataset: None,
            files: vec![saved_file(&path, written)?],
        });
    }
    let mut options = SourceOptions {
        profile: ProfileAt::Open,
        store: store.cloned(),
        ..options(dataset)
    };
    // Nothing counts what is left out of a reference.
    options.csv.malformed = Malformed::Refuse;
    let opened = Dataset::open(&written.path, base, &options)?;
    let profile = whole(&opened, store.map(AsRef::as_ref))?;
    let files = opened.digests()?;
    Ok(Reference {
        profile,
        dataset: Some(opened),
        files,
    })
}

/// The digest of a saved profile.
fn saved_file(path: &Path, written: &WrittenPath) -> Result<FileDigest> {
    let bytes = std::fs::read(path).map_err(|e| Error::data("read", written.shown(), e))?;
    let sha256 = hex(&Sha256::digest(&bytes));
    Ok(FileDigest::whole(
        written.shown(),
        bytes.len() as u64,
        sha256,
    ))
}

fn options(dataset: &DatasetConfig) -> SourceOptions {
    SourceOptions {
        profile: ProfileAt::Scan,
        store: None,
        format: dataset.format.clone(),
        csv: CsvConfig {
            malformed: malformed(dataset),
            ..dataset.csv.clone()
        },
        types: dataset
            .contract
            .as_ref()
            .map_or_else(Vec::new, Contract::types),
    }
}

/// Rows of another width are left out where an expectation counts them; nobody else may.
fn malformed(dataset: &DatasetConfig) -> Malformed {
    let contract = dataset.contract.iter().flat_map(|c| &c.expect);
    let mut all = contract.chain(&dataset.expect);
    if all.any(|e| e.check == COUNTS_MALFORMED && is_here(e, dataset)) {
        Malformed::LeaveOut
    } else {
        Malformed::Refuse
    }
}

/// Whether an expectation is promised in the environment of its dataset.
fn is_here(expectation: &Expectation, dataset: &DatasetConfig) -> bool {
    let (Some((here, _)), Some(args)) = (&dataset.environment, &expectation.args) else {
        return true;
    };
    let Value::Map(entries) = &args.value else {
        return true;
    };
    let mut entries = entries.iter();
    let is = |node: &Node| matches!(&node.value, Value::Text(name) if name == here);
    match entries.find(|(key, _)| key.name == "environments") {
        None => true,
        Some((_, node)) => match &node.value {
            Value::List(names) => names.is_empty() || names.iter().any(is),
            _ => is(node),
        },
    }
}

/// Says which dataset could not be read, and where it is named.
fn named(error: Error, dataset: &DatasetConfig, written: &WrittenPath) -> Error {
    let Error::Data {
        operation,
        path,
        reason,
    } = error
    else {
        return error;
    };
    let place = &written.place;
    let reason = format!(
        "{reason}\n  dataset `{}`, named in {}:{}:{}; paths are relative to that file",
        dataset.name, place.file.path, place.line, place.column
    );
    Error::Data {
        operation,
        path,
        reason,
    }
}
