//! A native contract written in another tool's form, with a line that says what that form cannot express.

mod frictionless;
mod json;
mod json_schema;
mod odcs;
mod promise;

use super::Contract;
use super::import::{Coverage, Form};
use super::written;
use crate::config::tree::Node;

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
    Form::Native,
];

/// Writes a contract in a form; none where contracts are not written in it.
///
/// A contract that was read from this very form is the file as it was: nothing of it is lost, what no check holds included.
#[must_use]
pub fn export(contract: &Contract, to: Form) -> Option<Exported> {
    if contract.origin.as_ref().is_some_and(|o| o.form == to) {
        return Some(Exported {
            text: contract.file.text.clone(),
            coverage: Coverage::default(),
        });
    }
    let (text, make): (Text, fn(&Contract) -> Made) = match to {
        Form::Odcs => (Text::Yaml, odcs::export),
        Form::JsonSchema => (Text::Json, json_schema::export),
        Form::FrictionlessSchema => (Text::Json, frictionless::export),
        _ => return None,
    };
    let (tree, mut coverage) = make(contract);
    coverage.sort();
    let text = match text {
        Text::Yaml => written::yaml(&tree),
        Text::Json => json::text(&tree),
    };
    Some(Exported { text, coverage })
}
