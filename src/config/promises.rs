//! `contract` of a dataset: a file in our own form or another tool's, and which of its datasets is meant.

use super::WrittenPath;
use super::dataset::written;
use super::fields::{Fields, Problems};
use super::tree::Value;
use crate::contract::Contract;
use crate::contract::import::{self, Form, Imported, open};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::error::Error;
use std::path::Path;

/// `contract` as written.
#[derive(Debug, Clone)]
pub struct ContractAt {
    /// The file.
    pub file: WrittenPath,
    /// The dataset in it that is meant.
    pub dataset: Option<(String, Place)>,
    /// Its form, where its content does not tell.
    pub from: Option<Form>,
    /// Where it says that every rule must be held.
    pub strict: Option<Place>,
}

/// Reads `contract: FILE` or `contract: {file: FILE, dataset: NAME, from: FORM, strict: true}`.
pub(super) fn at(fields: &mut Fields, problems: &mut Problems) -> Option<ContractAt> {
    let node = fields.get("contract")?;
    let Value::Map(_) = node.value else {
        let file = written(fields, "contract", problems)?;
        return Some(ContractAt {
            file,
            dataset: None,
            from: None,
            strict: None,
        });
    };
    let mut own = Fields::of(node, "contract", problems)?;
    own.require("file", problems);
    let file = written(&mut own, "file", problems);
    let place = own.get("dataset").map(|n| n.place.clone());
    let dataset = own.text("dataset", problems).zip(place);
    let words: Vec<&str> = Form::ALL.iter().map(|f| f.word()).collect();
    let from = own.word("from", &words, Form::parse, problems);
    let place = own.get("strict").map(|n| n.place.clone());
    let strict = own.boolean("strict", problems) == Some(true);
    own.finish(problems);
    Some(ContractAt {
        file: file?,
        dataset,
        from,
        strict: place.filter(|_| strict),
    })
}

/// The contract of the dataset called `name`; every problem is added, one without any promise among them.
pub(super) fn read(
    at: &ContractAt,
    name: &str,
    base: &Path,
    problems: &mut Problems,
) -> Option<Contract> {
    let path = &at.file;
    let file = match open::open(&base.join(&path.path)) {
        Ok(file) => file,
        Err(Error::Config(list)) => {
            problems.0.extend(list);
            return None;
        }
        Err(error) => {
            problems.add(
                Diagnostic::new("unreadable-contract", error.to_string())
                    .at(&path.place, "named here")
                    .help("paths are relative to the file that names them"),
            );
            return None;
        }
    };
    let imported = match import::import(&file, at.from) {
        Ok(imported) => imported,
        Err(list) => {
            problems.0.extend(list);
            return None;
        }
    };
    let draft = choose(&imported, at, name, problems)?;
    let contract = import::contract(&imported, draft, &file, problems)?;
    if let (Some(place), Some(origin)) = (&at.strict, &contract.origin) {
        problems.0.extend(origin.coverage.problems());
        if origin.coverage.missing().next().is_some() {
            problems.add(
                Diagnostic::new(
                    "not-mapped",
                    format!("`strict` wants every rule held: {}", origin.coverage.line()),
                )
                .at(place, "asked here"),
            );
        }
    }
    if contract.is_empty() {
        problems.add(
            Diagnostic::new("promises-nothing", "the contract promises nothing")
                .at(&path.place, "neither `columns`, nor `key`, nor `expect`")
                .help("`tollgate init DATA` writes a contract to start from"),
        );
    }
    Some(contract)
}

/// The dataset of the file that is meant; a problem that says which there are.
fn choose<'a>(
    imported: &'a Imported,
    at: &ContractAt,
    name: &str,
    problems: &mut Problems,
) -> Option<&'a import::Draft> {
    let named = at.dataset.as_ref().map(|(name, _)| name.as_str());
    match imported.choose(named, Some(name)) {
        Ok(draft) => Some(draft),
        Err(help) => {
            let place = at
                .dataset
                .as_ref()
                .map_or(&at.file.place, |(_, place)| place);
            let wanted = named.unwrap_or(name);
            problems.add(
                Diagnostic::new(
                    "unknown-dataset",
                    format!("{} has no dataset `{wanted}`", at.file.path),
                )
                .at(place, "which one is meant?")
                .help(format!(
                    "{help}; write `contract: {{file: {}, dataset: NAME}}`",
                    at.file.path
                )),
            );
            None
        }
    }
}

/// What help says where a form is unknown.
#[must_use]
pub fn forms(wanted: &str) -> String {
    listing("forms", wanted, Form::ALL.iter().map(|f| f.word()))
}
