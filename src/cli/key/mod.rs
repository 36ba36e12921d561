//! `tollgate key`: the keys that sign evidence.

mod new;
mod show;

use crate::error::Result;
use clap::Subcommand;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key that signs, and its public key beside it.
    New(new::Args),
    /// Print the ids and the public keys of a file of keys.
    Show(show::Args),
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        match self.command {
            Command::New(args) => args.execute(),
            Command::Show(args) => args.execute(),
        }
    }
}
