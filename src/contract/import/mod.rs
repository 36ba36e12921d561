//! Contracts in other tools' forms, read as native ones: what is promised, where each promise stands in the file that the
//! user wrote, and what became of every rule of it.

pub mod build;
pub mod column;
pub mod columnar;
mod computed;
pub mod coverage;
pub mod dbt;
pub mod dqdl;
mod ecma;
pub mod form;
pub mod frictionless;
mod globs;
pub mod gx;
pub mod json_schema;
pub mod keys;
pub mod mlmodel;
pub mod native;
pub mod odcs;
pub mod open;
mod over_data;
pub mod pandera;
mod promise;
pub mod sagemaker;
pub mod soda;
pub mod tfdv;
pub mod told;
mod type_names;

pub use coverage::{Coverage, Fate, Item};
pub use form::Form;

use crate::config::fields::Problems;
use crate::config::json;
use crate::config::tree::{self, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile, listing};
use std::sync::Arc;

/// What a file says, as native contracts.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The form it was read in.
    pub form: Form,
    /// One contract per dataset that it speaks of.
    pub contracts: Vec<Draft>,
    /// What became of every rule.
    pub coverage: Coverage,
}

/// A native contract as a tree whose places point into the foreign file, so that the native reader reports every later
/// problem at the line that the user wrote.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The dataset's name in the file, where it has one.
    pub name: Option<String>,
    /// The contract.
    pub contract: Node,
    /// What became of the rules that are about this dataset; empty where the file speaks of one dataset only, whose coverage
    /// is that of the file.
    pub coverage: Coverage,
}

/// What is kept of an import besides the contract: for the record of a run, and for writing it back.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The form it was read in.
    pub form: Form,
    /// What became of every rule about the dataset.
    pub coverage: Coverage,
}

/// Reads a file of one form. Pure: neither clock nor other files.
///
/// Errors: every problem found, with its place; what no check holds is no problem but [`Fate::Dropped`].
pub type Importer = fn(&Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>>;

impl Form {
    /// What reads files of the form.
    #[must_use]
    pub fn importer(self) -> Importer {
        match self {
            Self::Native => native::import,
            Self::Arrow => columnar::import,
            Self::FrictionlessSchema => frictionless::schema,
            Self::FrictionlessPackage => frictionless::package,
            Self::JsonSchema => json_schema::import,
            Self::Mlmodel => mlmodel::import,
            Self::SagemakerConstraints => sagemaker::constraints,
            Self::SagemakerStatistics => sagemaker::statistics,
            Self::Tfdv => tfdv::import,
            Self::TfdvStatistics => tfdv::statistics::import,
            Self::Odcs => odcs::import,
            Self::Dbt => dbt::read,
            Self::Gx => gx::read,
            Self::Dqdl => dqdl::read,
            Self::Pandera => pandera::read,
            Self::Soda => soda::read,
        }
    }
}

/// Reads a file in the given form, or in the one that its content shows.
///
/// Errors: those of [`Form::detect`] and of the importer.
pub fn import(file: &Arc<SourceFile>, from: Option<Form>) -> Result<Imported, Vec<Diagnostic>> {
    let form = match from {
        Some(form) => form,
        None => Form::detect(file).map_err(|p| vec![p])?,
    };
    let mut imported = form.importer()(file)?;
    imported.coverage.sort();
    Ok(imported)
}

/// The tree of a JSON or YAML file.
///
/// Errors: one problem with its place, in the words of JSON where the file starts like JSON.
pub fn tree_of(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    if file.text.trim_start().starts_with(['{', '[']) {
        // Flow-style YAML starts like JSON too.
        return json::parse(file).or_else(|problem| tree::parse(file).map_err(|_| problem));
    }
    tree::parse(file)
}

impl Imported {
    /// One contract without a name, with the coverage of the file.
    #[must_use]
    pub fn one(form: Form, name: Option<String>, contract: Node, coverage: Coverage) -> Self {
        let draft = Draft {
            name,
            contract,
            coverage: Coverage::default(),
        };
        Self {
            form,
            contracts: vec![draft],
            coverage,
        }
    }

    /// The names of its datasets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contracts.iter().filter_map(|d| d.name.as_deref())
    }

    /// The contract of one dataset: the one named, else the one called like `dataset`, else the only one.
    ///
    /// Errors: help for the reader: which there are.
    pub fn choose(&self, named: Option<&str>, dataset: Option<&str>) -> Result<&Draft, String> {
        let called = |name: &str| {
            let mut all = self.contracts.iter();
            all.find(|d| d.name.as_deref() == Some(name))
        };
        let help = |wanted: &str| listing("datasets in it", wanted, self.names());
        match (named, dataset.and_then(called), &self.contracts[..]) {
            (Some(name), _, _) => called(name).ok_or_else(|| help(name)),
            (None, Some(draft), _) => Ok(draft),
            (None, None, [only]) => Ok(only),
            (None, None, []) => Err("it holds no dataset".to_owned()),
            (None, None, _) => Err(help(dataset.unwrap_or_default())),
        }
    }

    /// What became of the rules about one of its datasets.
    #[must_use]
    pub fn origin(&self, draft: &Draft) -> Origin {
        let whole = self.contracts.len() == 1 || draft.coverage.items.is_empty();
        let mut coverage = if whole {
            &self.coverage
        } else {
            &draft.coverage
        }
        .clone();
        coverage.sort();
        Origin {
            form: self.form,
            coverage,
        }
    }
}

/// Reads the native contract of one dataset out of an import; every problem is added.
pub fn contract(
    imported: &Imported,
    draft: &Draft,
    file: &Arc<SourceFile>,
    problems: &mut Problems,
) -> Option<super::Contract> {
    let mut contract = super::read_node(&draft.contract, file, problems)?;
    if imported.form != Form::Native {
        contract.origin = Some(imported.origin(draft));
    }
    Some(contract)
}

/// The native type that a name of another tool means, where one is known.
pub(crate) fn native_type(name: &str) -> Option<String> {
    type_names::native(name)
}

/// Whether a text may stand for a table that a person names.
pub(crate) fn text_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
