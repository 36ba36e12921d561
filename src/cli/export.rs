//! `tollgate export`: a contract, written in another tool's form.

use super::{print, tell};
use crate::config::fields::Problems;
use crate::config::promises;
use crate::contract::export::{FORMS, export};
use crate::contract::import::{self, Form, open};
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
    /// Form to write: odcs, `json_schema` or `frictionless_schema`.
    #[arg(long, value_name = "FORM", value_parser = form)]
    to: Form,
    /// The contract's form, where its content does not tell.
    #[arg(long, value_name = "FORM", value_parser = any)]
    from: Option<Form>,
    /// This dataset of a file that holds several.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// File to write; else it is printed.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Replace a file that exists.
    #[arg(long)]
    force: bool,
    /// Fail when a promise is not expressed.
    #[arg(long)]
    strict: bool,
}

fn form(word: &str) -> std::result::Result<Form, String> {
    let known = Form::parse(word).filter(|f| FORMS.contains(f) && *f != Form::Native);
    let words = FORMS
        .iter()
        .filter(|f| **f != Form::Native)
        .map(|f| f.word());
    known.ok_or_else(|| listing("forms that are written", word, words))
}

fn any(word: &str) -> std::result::Result<Form, String> {
    Form::parse(word).ok_or_else(|| promises::forms(word))
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let file = open::open(&self.contract)?;
        let imported = import::import(&file, self.from).map_err(Error::Config)?;
        let chosen = imported.choose(self.dataset.as_deref(), None);
        let draft = chosen.map_err(|help| {
            let file = self.contract.display();
            Error::Usage(format!("which dataset of {file}? {help}; give --dataset"))
        })?;
        let mut problems = Problems::default();
        let contract = import::contract(&imported, draft, &file, &mut problems);
        let Some(contract) = contract.filter(|_| problems.0.is_empty()) else {
            return Err(Error::Config(problems.0));
        };
        let exported = export(&contract, self.to)
            .ok_or_else(|| Error::Usage(format!("nothing is written as {}", self.to.word())))?;
        if self.strict && exported.coverage.missing().next().is_some() {
            return Err(Error::Config(exported.coverage.problems()));
        }
        match &self.output {
            None => print(&exported.text)?,
            Some(output) if output.exists() && !self.force => {
                let what = format!(
                    "{} exists already; nothing was written; give --force to replace it",
                    output.display()
                );
                return Err(Error::Usage(what));
            }
            Some(output) => crate::report::write(output, &exported.text)?,
        }
        let line = if contract.origin.as_ref().is_some_and(|o| o.form == self.to) {
            "the file as it is".to_owned()
        } else {
            exported.coverage.line()
        };
        tell(&format!(
            "{}: {}, {line}",
            self.contract.display(),
            self.to.title()
        ));
        Ok(EXIT_PASS)
    }
}
