//! `tollgate merge`: saved profiles into one.

use super::Global;
use super::profile::{Format, show};
use crate::error::{Error, Result};
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
        let mut whole: Option<Profile> = None;
        for path in &self.profiles {
            let profile = saved::read(path)?;
            whole = Some(match whole {
                None => profile,
                Some(mut before) => {
                    let shown = path.display().to_string();
                    let differ = |reason| Error::data("merge", shown, reason);
                    before.merge(&profile).map_err(differ)?;
                    before
                }
            });
        }
        show(
            &whole.unwrap_or_default(),
            self.format,
            self.output.as_deref(),
            global,
        )
    }
}
