//! `tollgate report`: a run record rendered again.

use super::print;
use crate::diagnostic::unknown;
use crate::error::{EXIT_PASS, Error, Result};
use crate::report::{self, Format};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A run.json. What a promotion.json beside it says of the same run is in the formats that people read.
    run: PathBuf,
    /// terminal, json, jsonl, html, markdown, markdown-summary, markdown-comment, junit, sarif, github, gitlab, ctrf,
    /// openlineage or openmetrics.
    #[arg(long, default_value = "terminal")]
    format: String,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let format = Format::parse(&self.format).ok_or_else(|| {
            let names = Format::ALL.iter().map(|f| f.name());
            Error::Usage(unknown("format", &self.format, names))
        })?;
        let run = report::read_run(&self.run)?;
        let bytes = std::fs::read(&self.run).map_err(|e| Error::io("read", &self.run, e))?;
        let after = super::after::beside(&self.run, &bytes);
        let text = match format {
            Format::Terminal => report::screen(&run, None),
            other => report::render_after(&run, after.as_ref(), other),
        };
        print(&text).map(|()| EXIT_PASS)
    }
}
