//! What `import` and `export` share: which form a file is read in, which dataset of it, and where what is made goes.

use super::print;
use crate::config::promises;
use crate::contract::import::{self, Coverage, Form, Imported, open};
use crate::diagnostic::SourceFile;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Foreign {
    /// The file's form, where its content does not tell: such as odcs, dbt or gx.
    #[arg(long, value_name = "FORM", value_parser = form)]
    pub(super) from: Option<Form>,
    /// This dataset of a file that holds several.
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// File to write; where several are written a folder, with one file each. Else it is printed.
    #[arg(long, short)]
    pub(super) output: Option<PathBuf>,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
    /// Fail when something of the file is lost on the way.
    #[arg(long)]
    strict: bool,
}

fn form(word: &str) -> std::result::Result<Form, String> {
    Form::parse(word).ok_or_else(|| promises::forms(word))
}

impl Foreign {
    /// Opens and reads a contract of any form.
    pub(super) fn read(&self, path: &Path) -> Result<(Arc<SourceFile>, Imported)> {
        let file = open::open(path)?;
        let imported = import::import(&file, self.from).map_err(Error::Config)?;
        Ok((file, imported))
    }

    /// Refuses what is lost, with `--strict`.
    pub(super) fn hold(&self, coverage: &Coverage) -> Result<()> {
        if self.strict && coverage.missing().next().is_some() {
            return Err(Error::Config(coverage.problems()));
        }
        Ok(())
    }

    /// Prints texts, or writes them: one to the file that `--output` names, several into that folder under `names`.
    pub(super) fn put(&self, texts: &[String], names: impl FnOnce() -> Vec<PathBuf>) -> Result<()> {
        let Some(output) = &self.output else {
            return print(&texts.join("---\n"));
        };
        let files = if texts.len() == 1 && !output.is_dir() {
            vec![output.clone()]
        } else {
            names().into_iter().map(|n| output.join(n)).collect()
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
