//! `tollgate baseline`: the accepted metrics of a model as a file of the repository.

mod accept;
mod diff;
mod show;

use crate::error::{Error, Result};
use crate::model::source::pinned::{self, Pinned};
use clap::Subcommand;
use std::path::Path;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the candidate's metrics of a run as the baseline of later runs.
    Accept(accept::Args),
    /// Show the metrics of a baseline.
    Show(show::Args),
    /// Show what differs between two baselines, as text.
    Diff(diff::Args),
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        match self.command {
            Command::Accept(args) => args.execute(),
            Command::Show(args) => args.execute(),
            Command::Diff(args) => args.execute(),
        }
    }
}

/// A baseline that must be there.
fn read(path: &Path) -> Result<Pinned> {
    pinned::read(path)?.ok_or_else(|| {
        let way = "`tollgate baseline accept RUN.json` writes one";
        Error::Usage(format!("there is no {}; {way}", path.display()))
    })
}
