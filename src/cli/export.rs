//! `tollgate export`: a contract, written in another tool's form.

use super::foreign::Foreign;
use super::tell;
use crate::config::fields::Problems;
use crate::config::sets::Library;
use crate::contract::export::{FORMS, export_with};
use crate::contract::import::{self, Form};
use crate::diagnostic::listing;
use crate::error::{EXIT_PASS, Error, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(
    after_help = "The line on stderr says how many promises the form expresses, and names the rest. \
Exit codes: 0 written, 2 usage, a broken contract, or with --strict a promise that the form cannot express, 3 unreadable."
)]
pub(crate) struct Args {
    /// Contract, native or in another form.
    contract: PathBuf,
    /// Form to write: odcs, dbt, gx, `json_schema`, `frictionless_schema` or `frictionless_package`.
    #[arg(long, value_name = "FORM", value_parser = form)]
    to: Form,
    /// Where the data is, for `frictionless_package`: a path or address; else NAME.csv.
    #[arg(long, value_name = "PATH")]
    data: Option<String>,
    #[command(flatten)]
    foreign: Foreign,
}

fn form(word: &str) -> std::result::Result<Form, String> {
    let known = Form::parse(word).filter(|f| FORMS.contains(f) && *f != Form::Native);
    let words = FORMS
        .iter()
        .filter(|f| **f != Form::Native)
        .map(|f| f.word());
    known.ok_or_else(|| listing("forms that are written", word, words))
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        if self.data.is_some() && self.to != Form::FrictionlessPackage {
            let to = self.to.word();
            return Err(Error::Usage(format!(
                "--data is for frictionless_package; {to} does not say where data is"
            )));
        }
        let (file, imported) = self.foreign.read(&self.contract)?;
        let chosen = imported.choose(self.foreign.dataset.as_deref(), None);
        let draft = chosen.map_err(|help| {
            let file = self.contract.display();
            Error::Usage(format!("which dataset of {file}? {help}; give --dataset"))
        })?;
        let mut problems = Problems::default();
        let mut contract = import::contract(&imported, draft, &file, &mut problems);
        if let Some(contract) = &mut contract {
            // Sets of a tollgate.yaml are not known here; those of files are.
            contract.resolve(&mut Library::default(), &mut problems);
        }
        let Some(contract) = contract.filter(|_| problems.0.is_empty()) else {
            return Err(Error::Config(problems.0));
        };
        let exported = export_with(&contract, self.to, self.data.as_deref())
            .ok_or_else(|| Error::Usage(format!("nothing is written as {}", self.to.word())))?;
        self.foreign.hold(&exported.coverage)?;
        let name = || vec![PathBuf::from(self.to.word())];
        self.foreign.put(&[exported.text], name)?;
        let line = if contract.origin.as_ref().is_some_and(|o| o.form == self.to) {
            "the file as it is".to_owned()
        } else {
            exported.coverage.line_with_notes()
        };
        tell(&format!(
            "{}: {}, {line}",
            self.contract.display(),
            self.to.title()
        ));
        Ok(EXIT_PASS)
    }
}
