//! `tollgate merge`: saved profiles into one.

use super::Global;
use super::profile::{Format, show};
use crate::error::Result;
use crate::measure::{Profile, saved};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Saved profiles of the same columns, two or more.
    #[arg(required = true, num_args = 2..)]
    profiles: Vec<PathBuf>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Save the merged profile: the same bytes that profiling all rows at once gives.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let read = |path: &PathBuf| Ok((path.display().to_string(), saved::read(path)?));
        let whole = Profile::union(self.profiles.iter().map(read))?;
        show(
            whole.unwrap_or_default(),
            self.format,
            self.output.as_deref(),
            global,
        )
    }
}
