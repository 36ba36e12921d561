//! `tollgate completions`: what a shell completes.

use super::{Cli, print};
use crate::error::{EXIT_PASS, Result};
use clap::CommandFactory as _;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tollgate", &mut script);
        print(&String::from_utf8_lossy(&script)).map(|()| EXIT_PASS)
    }
}
