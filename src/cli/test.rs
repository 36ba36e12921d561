//! `tollgate test`: the examples of checks.

use super::print;
use crate::error::{EXIT_FAIL, EXIT_PASS, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check files or folders.
    checks: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let (text, failed) = crate::selftest::test(&catalogue)?;
        print(&text)?;
        Ok(if failed == 0 { EXIT_PASS } else { EXIT_FAIL })
    }
}
