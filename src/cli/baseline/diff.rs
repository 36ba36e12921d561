//! `tollgate baseline diff`: two baselines as a text diff.

use super::read;
use crate::cli::print;
use crate::error::{EXIT_FAIL, EXIT_PASS, Result};
use crate::model::source::pinned::difference;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The old baseline's file.
    old: PathBuf,
    /// The new one's.
    new: PathBuf,
    /// Exit 1 when they differ.
    #[arg(long)]
    exit_code: bool,
}

impl Args {
    pub(super) fn execute(self) -> Result<u8> {
        let name = |path: &PathBuf| path.display().to_string();
        let (old, new) = (read(&self.old)?.text(), read(&self.new)?.text());
        let shown = difference((&name(&self.old), &old), (&name(&self.new), &new));
        print(&shown)?;
        let differ = !shown.is_empty();
        Ok(if differ && self.exit_code {
            EXIT_FAIL
        } else {
            EXIT_PASS
        })
    }
}
