//! `tollgate schema`: the JSON Schema of a kind of file.

use super::print;
use crate::diagnostic::unknown;
use crate::error::{EXIT_PASS, Error, Result};
use crate::schema::{self, Kind};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// config, contract, check, run, diff or promotion.
    kind: String,
    /// Check files or folders besides the built-in ones.
    #[arg(long)]
    checks: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let kind = Kind::parse(&self.kind).ok_or_else(|| {
            let kinds = Kind::ALL.map(Kind::word);
            Error::Usage(unknown("schema", &self.kind, kinds))
        })?;
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        print(&schema::text(kind, &catalogue)).map(|()| EXIT_PASS)
    }
}
