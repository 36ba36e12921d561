//! `tollgate checks`: the catalogue, a line each.

use super::print;
use crate::error::{EXIT_PASS, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check files or folders besides the built-in ones.
    checks: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let line =
            |c: &std::sync::Arc<crate::catalogue::Check>| format!("{:<22} {}\n", c.id, c.summary);
        print(&catalogue.checks.iter().map(line).collect::<String>()).map(|()| EXIT_PASS)
    }
}
