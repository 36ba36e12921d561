//! `tollgate checks`: the catalogue, a line each, by what checks look at.

use super::print;
use crate::docs;
use crate::error::{EXIT_PASS, Result};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check files or folders besides the built-in ones.
    checks: Vec<PathBuf>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let text = match self.format {
            Format::Text => docs::list_text(&catalogue),
            Format::Json => format!("{:#}\n", docs::list_json(&catalogue)),
        };
        print(&crate::report::text::safe_block(&text)).map(|()| EXIT_PASS)
    }
}
