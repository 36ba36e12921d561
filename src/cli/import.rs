//! `tollgate import`: a contract in another tool's form, written as a native one.

use super::foreign::Foreign;
use super::tell;
use crate::config::fields::Problems;
use crate::contract::import::{self, Draft, Imported, Origin, told};
use crate::contract::infer::yaml::comment;
use crate::contract::written;
use crate::diagnostic::SourceFile;
use crate::error::{EXIT_PASS, Error, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
#[command(
    after_help = "The line on stderr says how many rules of the file the native contract holds, and names the rest. \
Exit codes: 0 written, 2 usage, a broken file, or with --strict a rule that no check holds, 3 unreadable."
)]
pub(crate) struct Args {
    /// Contract, suite or schema of another tool; or a Parquet or Arrow file, whose columns are read.
    file: PathBuf,
    #[command(flatten)]
    foreign: Foreign,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let (file, imported) = self.foreign.read(&self.file)?;
        let drafts: Vec<&Draft> = match &self.foreign.dataset {
            None => imported.contracts.iter().collect(),
            Some(name) => {
                let chosen = imported.choose(Some(name), None);
                let unknown = |help| {
                    let file = self.file.display();
                    Error::Usage(format!("--dataset: {file} has no dataset `{name}`; {help}"))
                };
                vec![chosen.map_err(unknown)?]
            }
        };
        let coverage = match (&self.foreign.dataset, &drafts[..]) {
            (Some(_), [one]) => imported.origin(one).coverage,
            _ => imported.coverage.clone(),
        };
        self.foreign.hold(&coverage)?;
        let text = |draft: &&Draft| native(&imported, draft, &file);
        let texts: Vec<String> = drafts.iter().map(text).collect::<Result<_>>()?;
        self.foreign.put(&texts, || names(&drafts))?;
        let form = imported.form;
        tell(&told::line(
            &self.file.display().to_string(),
            &Origin { form, coverage },
        ));
        Ok(EXIT_PASS)
    }
}

/// One file name per dataset: its own name where that is one, no name twice.
fn names(drafts: &[&Draft]) -> Vec<PathBuf> {
    let mut names: Vec<String> = Vec::new();
    for draft in drafts {
        let own = draft.name.as_deref().unwrap_or("contract");
        let safe = |c: char| {
            if c.is_alphanumeric() || "_-".contains(c) {
                c
            } else {
                '_'
            }
        };
        let base: String = own.chars().map(safe).take(100).collect();
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        names.push(name);
    }
    let file = |name: String| Path::new(&name).with_extension("yaml");
    names.into_iter().map(file).collect()
}

/// The native contract as text; one that the native reader refuses is reported at the place in the foreign file.
fn native(imported: &Imported, draft: &Draft, file: &Arc<SourceFile>) -> Result<String> {
    let mut problems = Problems::default();
    let contract = import::contract(imported, draft, file, &mut problems);
    if !problems.0.is_empty() {
        return Err(Error::Config(problems.0));
    }
    let origin = contract.and_then(|c| c.origin);
    let mut text = String::new();
    if let Some(Origin { form, coverage }) = &origin {
        let name = comment(&file.path);
        let mut line = |words: String| {
            writeln!(text, "# {}", comment(&words)).expect("writing to a String cannot fail");
        };
        line(format!("Imported from {name} ({})", form.title()));
        for (item, reason) in coverage.missing() {
            line(format!(
                "not held, line {}: {}: {reason}",
                item.place.line, item.what
            ));
        }
        for (item, note) in coverage.notes() {
            line(format!("line {}: {}: {note}", item.place.line, item.what));
        }
    }
    Ok(text + &written::yaml(&draft.contract))
}
