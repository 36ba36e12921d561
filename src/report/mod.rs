//! One run record, rendered for people and machines.

mod html;
mod machine;
mod markdown;
mod ranking;
mod sarif;
mod svg;
mod terminal;
pub mod text;
mod words;

use crate::error::{Error, Result};
use crate::record::{RUN_SCHEMA_VERSION, Run};
use std::path::Path;

/// The outputs of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For the person at the terminal.
    Terminal,
    /// The run record itself.
    Json,
    /// For pull requests and step summaries.
    Markdown,
    /// One page for product owners.
    Html,
    /// For CI systems that show test results.
    Junit,
    /// For code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Terminal,
        Self::Json,
        Self::Markdown,
        Self::Html,
        Self::Junit,
        Self::Sarif,
        Self::Github,
    ];

    /// The name in `tollgate.yaml` and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.name() == name)
    }
}

/// Renders a run in one format.
#[must_use]
pub fn render(run: &Run, format: Format) -> String {
    match format {
        Format::Terminal => terminal::render(run, None),
        Format::Json => json(run),
        Format::Markdown => markdown::render(run),
        Format::Html => html::render(run),
        Format::Junit => machine::junit(run),
        Format::Sarif => sarif::render(run),
        Format::Github => machine::github(run),
    }
}

/// Renders a run for a terminal that understands colours; print it through `anstream`, which takes them out where
/// they do not belong. `report` is the page to open for more.
#[must_use]
pub fn screen(run: &Run, report: Option<&Path>) -> String {
    let report = report.map(|p| p.display().to_string());
    terminal::coloured(run, report.as_deref())
}

fn json(run: &Run) -> String {
    let text = serde_json::to_string_pretty(run)
        .expect("a run has text keys and finite or null numbers only");
    text::json(&text) + "\n"
}

/// Reads a run record.
///
/// Errors: [`Error::Io`]; [`Error::Data`] when it is not a run record of a version this program reads.
pub fn read_run(path: &Path) -> Result<Run> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
    let shown = path.display().to_string();
    let run: Run = serde_json::from_str(&text).map_err(|e| Error::data("understand", &shown, e))?;
    let major = |v: &str| v.split('.').next().map(str::to_owned);
    if major(&run.schema_version) == major(RUN_SCHEMA_VERSION) {
        Ok(run)
    } else {
        let reason = format!(
            "its version is {}, this program reads {RUN_SCHEMA_VERSION}",
            run.schema_version
        );
        Err(Error::data("understand", shown, reason))
    }
}

/// Writes a file under a temporary name and renames it, so that no half file is ever seen.
///
/// Errors: [`Error::Io`] naming the file.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let fail = |e: std::io::Error| Error::io("write", path, e);
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}
