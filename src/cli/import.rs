//! `tollgate import`: a contract in another tool's form, written as a native one.

use super::{print, tell};
use crate::config::fields::Problems;
use crate::config::promises;
use crate::contract::import::{self, Draft, Form, Imported, Origin, open, told};
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
    /// Its form, where its content does not tell: such as odcs, dbt or gx.
    #[arg(long, value_name = "FORM", value_parser = form)]
    from: Option<Form>,
    /// Only this dataset of the file.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// File to write; for several datasets a folder, with one file each. Else they are printed.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
    /// Fail when a rule of the file is not held.
    #[arg(long)]
    strict: bool,
}

fn form(word: &str) -> std::result::Result<Form, String> {
    Form::parse(word).ok_or_else(|| promises::forms(word))
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let file = open::open(&self.file)?;
        let imported = import::import(&file, self.from).map_err(Error::Config)?;
        let drafts: Vec<&Draft> = match &self.dataset {
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
        let coverage = match (&self.dataset, &drafts[..]) {
            (Some(_), [one]) => imported.origin(one).coverage,
            _ => imported.coverage.clone(),
        };
        if self.strict && coverage.missing().next().is_some() {
            return Err(Error::Config(coverage.problems()));
        }
        let text = |draft: &&Draft| native(&imported, draft, &file);
        let texts: Vec<String> = drafts.iter().map(text).collect::<Result<_>>()?;
        self.put(&drafts, &texts)?;
        let form = imported.form;
        tell(&told::line(
            &self.file.display().to_string(),
            &Origin { form, coverage },
        ));
        Ok(EXIT_PASS)
    }

    /// Prints the contracts, or writes them.
    fn put(&self, drafts: &[&Draft], texts: &[String]) -> Result<()> {
        let Some(output) = &self.output else {
            return print(&texts.join("---\n"));
        };
        let files = if texts.len() == 1 && !output.is_dir() {
            vec![output.clone()]
        } else {
            names(drafts).into_iter().map(|n| output.join(n)).collect()
        };
        if let Some(there) = files.iter().find(|f| f.exists() && !self.force) {
            return Err(Error::Usage(format!(
                "{} exists already; nothing was written; give --force to replace it",
                there.display()
            )));
        }
        let write = |(file, text): (&PathBuf, &String)| crate::report::write(file, text);
        files.iter().zip(texts).try_for_each(write)
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
