//! `tollgate man`: the manual page.

use super::{Cli, print};
use crate::error::{EXIT_PASS, Error, Result};
use clap::CommandFactory as _;

pub(crate) fn execute() -> Result<u8> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|e| Error::io("write", "the manual page", e))?;
    print(&String::from_utf8_lossy(&page)).map(|()| EXIT_PASS)
}
