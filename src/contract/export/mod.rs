//! A native contract written in another tool's form, with a line that says what that form cannot express.

mod dbt;
mod frictionless;
mod gx;
mod json;
mod json_schema;
mod kinds;
mod odcs;
mod promise;

use super::Contract;
use super::import::{Coverage, Form};
use super::written;
use crate::config::tree::Node;
use crate::diagnostic::Place;
use std::sync::Arc;

/// A contract in another form.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The file's text, with a newline at its end.
    pub text: String,
    /// What became of every promise: its places are those of the native contract.
    pub coverage: Coverage,
}

/// What an exporter makes: the document, and what became of every promise.
type Made = (Node, Coverage);

/// The place of what stands for the whole contract.
fn whole(contract: &Contract) -> Place {
    Place {
        file: Arc::clone(&contract.file),
        line: 1,
        column: 1,
        length: 1,
    }
}

/// How the document is written.
enum Text {
    Yaml,
    Json,
}

/// Forms that contracts are written in.
pub const FORMS: &[Form] = &[
    Form::Odcs,
    Form::JsonSchema,
    Form::FrictionlessSchema,
    Form::FrictionlessPackage,
    Form::Gx,
    Form::Dbt,
    Form::Native,
];

/// Writes a contract in a form; none where contracts are not written in it.
///
/// A contract that was read from this very form is the file as it was: nothing of it is lost, what no check holds included.
#[must_use]
pub fn export(contract: &Contract, to: Form) -> Option<Exported> {
    export_with(contract, to, None)
}

/// As [`export`]; `path` is where the data is, for a form that says it, else a CSV file of the dataset's name.
#[must_use]
pub fn export_with(contract: &Contract, to: Form, path: Option<&str>) -> Option<Exported> {
    if contract.origin.as_ref().is_some_and(|o| o.form == to) {
        return Some(Exported {
            text: contract.file.text.clone(),
            coverage: Coverage::default(),
        });
    }
    let (text, (tree, mut coverage)) = match to {
        Form::Odcs => (Text::Yaml, odcs::export(contract)),
        Form::Dbt => (Text::Yaml, dbt::export(contract)),
        Form::Gx => (Text::Json, gx::export(contract)),
        Form::JsonSchema => (Text::Json, json_schema::export(contract)),
        Form::FrictionlessSchema => (Text::Json, frictionless::export(contract)),
        Form::FrictionlessPackage => {
            let name = contract.dataset.as_deref().unwrap_or("dataset");
            let path = path.map_or_else(|| format!("{name}.csv"), str::to_owned);
            (Text::Json, frictionless::package(contract, &path))
        }
        _ => return None,
    };
    promise::others(contract, &mut coverage);
    coverage.sort();
    let text = match text {
        Text::Yaml => written::yaml(&tree),
        Text::Json => json::text(&tree),
    };
    Some(Exported { text, coverage })
}
