//! `tollgate man`: the manual pages.

use super::{Cli, print};
use crate::error::{EXIT_PASS, Error, Result};
use clap::CommandFactory as _;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command whose page is wanted; the page of the program when absent.
    command: Option<String>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let mut program = Cli::command();
        program.build();
        let shown = match &self.command {
            None => &program,
            Some(name) => program.find_subcommand(name).ok_or_else(|| {
                let names = program.get_subcommands().filter(|c| !c.is_hide_set());
                Error::Usage(crate::diagnostic::unknown(
                    "command",
                    name,
                    names.map(clap::Command::get_name),
                ))
            })?,
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(shown.clone())
            .render(&mut page)
            .map_err(|e| Error::io("write", "the manual page", e))?;
        print(&String::from_utf8_lossy(&page)).map(|()| EXIT_PASS)
    }
}
