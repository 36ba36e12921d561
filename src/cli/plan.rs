//! `tollgate plan`: what a run would read.

use super::print;
use crate::error::{EXIT_PASS, Result};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(default_value = "tollgate.yaml")]
    config: PathBuf,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let config = crate::config::load(&self.config)?;
        let catalogue = crate::catalogue::load::load(&config.checks)?;
        let datasets = crate::run::open(&config)?;
        let plan = crate::run::plan(&config, &catalogue, &datasets, chrono::Utc::now())?;
        let mut text = String::new();
        for part in &plan.datasets {
            let files = datasets[&part.config.name].files();
            let bytes: u64 = files.iter().map(|f| f.bytes).sum();
            writeln!(
                text,
                "{}: {} columns, {bytes} bytes in its files",
                part.config.name,
                part.schema.fields.len()
            )
            .expect("writing to a String cannot fail");
            for planned in &part.expectations {
                writeln!(text, "  {}  {:?}", planned.id, planned.measure)
                    .expect("writing to a String cannot fail");
            }
        }
        print(&crate::report::text::safe_block(&text)).map(|()| EXIT_PASS)
    }
}
