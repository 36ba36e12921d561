//! `tollgate checks`: the catalogue, a line each, by what checks look at.

use super::print;
use crate::docs;
use crate::error::{EXIT_PASS, Error, Result};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check files or folders besides the built-in ones.
    checks: Vec<PathBuf>,
    /// Only checks with this in their id, promise, words of parameters or their name in another tool; blanks, hyphens,
    /// underscores and case do not matter.
    #[arg(long, value_name = "WORD")]
    find: Option<String>,
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
        let text = match (&self.find, self.format) {
            (None, Format::Text) => docs::list_text(&catalogue),
            (None, Format::Json) => format!("{:#}\n", docs::list_json(&catalogue)),
            (Some(word), format) => {
                let found = docs::find(&catalogue, word);
                if found.is_empty() {
                    return Err(Error::Usage(format!(
                        "no check has `{word}` in its id, promise, parameters or other names; \
                         `tollgate checks` lists all"
                    )));
                }
                match format {
                    Format::Text => docs::found_text(&found),
                    Format::Json => format!("{:#}\n", docs::found_json(&found)),
                }
            }
        };
        print(&crate::report::text::safe_block(&text)).map(|()| EXIT_PASS)
    }
}
