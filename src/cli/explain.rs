//! `tollgate explain`: one check in words.

use super::print;
use crate::catalogue::Check;
use crate::error::{EXIT_PASS, Error, Result};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Its id.
    check: String,
    /// Check files or folders besides the built-in ones.
    #[arg(long)]
    checks: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let found = catalogue.check(&self.check).ok_or_else(|| {
            Error::Usage(crate::diagnostic::listing(
                &format!("no check `{}`; checks", self.check),
                &self.check,
                catalogue.ids(),
            ))
        })?;
        print(&explain(found)).map(|()| EXIT_PASS)
    }
}

fn explain(check: &Check) -> String {
    let mut text = format!("{}: {}\n\nParameters\n", check.id, check.summary);
    for param in &check.params {
        let default = param
            .default
            .as_ref()
            .map_or_else(String::new, |d| format!(" (default {})", d.value));
        writeln!(
            text,
            "  {:<14} {:<10} {}{default}",
            param.name,
            param.kind.word(),
            param.doc
        )
        .expect("writing to a String cannot fail");
    }
    writeln!(text, "\n{}\nExamples", check.doc.trim_end())
        .expect("writing to a String cannot fail");
    for example in &check.examples {
        writeln!(text, "  {}: {}", example.name, example.status.word())
            .expect("writing to a String cannot fail");
    }
    text
}
