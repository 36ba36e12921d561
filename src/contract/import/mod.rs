//! Contracts in other tools' forms (stub until the framework lands).

pub mod build;
pub mod coverage;
pub mod dbt;
pub mod gx;
mod promise;
mod type_names;

pub use coverage::{Coverage, Fate, Item};

use crate::config::tree::{self, Node};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Great Expectations.
    Gx,
    /// dbt.
    Dbt,
}

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

/// A native contract as a tree whose places point into the foreign file.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The dataset's name in the file, where it has one.
    pub name: Option<String>,
    /// The contract.
    pub contract: Node,
    /// What became of the rules that are about this dataset.
    pub coverage: Coverage,
}

/// The tree of a JSON or YAML file.
///
/// Errors: one problem with its place.
pub fn tree_of(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
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
}
