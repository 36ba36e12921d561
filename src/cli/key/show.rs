//! `tollgate key show`: which keys a file holds; nothing of a private key is printed.

use crate::cli::print;
use crate::error::{EXIT_PASS, Error, Result};
use crate::evidence::{PrivateKey, PublicKey, named};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// A file with a private key, or with public keys.
    file: PathBuf,
}

impl Args {
    pub(super) fn execute(self) -> Result<u8> {
        let text = named::read(&self.file)?;
        let keys = if text.contains("PRIVATE KEY-----") {
            PrivateKey::from_pem(&text).map(|key| vec![key.public()])
        } else {
            PublicKey::from_pem(&text)
        };
        let keys = keys.map_err(|e| Error::Usage(format!("{} {e}", self.file.display())))?;
        let shown = keys.iter().map(|k| format!("key {}\n{}", k.id(), k.pem()));
        print(&shown.collect::<String>()).map(|()| EXIT_PASS)
    }
}
