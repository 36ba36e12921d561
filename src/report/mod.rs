//! One run record, rendered for people and machines.

mod ctrf;
mod forest_text;
mod github;
mod gitlab;
mod html;
mod jsonl;
mod junit;
mod markdown;
mod markdown_models;
mod markdown_profile;
mod markup;
mod openlineage;
mod openmetrics;
mod promoted;
mod ranking;
mod sarif;
pub mod site;
mod strip;
mod svg;
mod terminal;
pub mod text;
pub(crate) mod words;

pub(crate) use github::{SHOWN as ANNOTATIONS, told};
pub(crate) use ranking::findings;

use crate::error::{Error, Result};
use crate::promote::Promotions;
use crate::record::{RUN_SCHEMA_VERSION, Run, Verdict};
use crate::verdict::{FailOn, decide};
use std::path::Path;

/// The outputs of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For the person at the terminal.
    Terminal,
    /// The run record itself, as its JSON Schema says.
    Json,
    /// Everything that people read, with the columns of every dataset; below 1 MB.
    Markdown,
    /// For the page of a CI job: verdict and findings; below 1 MB.
    MarkdownSummary,
    /// For a comment on a pull request: the worst findings; below 60 kB.
    MarkdownComment,
    /// One page for product owners.
    Html,
    /// `JUnit` XML, for CI systems that show tests.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// One outcome per line, for whoever keeps logs.
    Jsonl,
    /// Code quality report of GitLab.
    Gitlab,
    /// Common Test Report Format.
    Ctrf,
    /// Two events of `OpenLineage`, a line each, with the assertions on each dataset.
    Openlineage,
    /// Numbers in the text format of `OpenMetrics`, which Prometheus reads as well.
    Openmetrics,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Terminal,
        Self::Json,
        Self::Markdown,
        Self::MarkdownSummary,
        Self::MarkdownComment,
        Self::Html,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Jsonl,
        Self::Gitlab,
        Self::Ctrf,
        Self::Openlineage,
        Self::Openmetrics,
    ];

    /// The name in `tollgate.yaml` and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::MarkdownSummary => "markdown-summary",
            Self::MarkdownComment => "markdown-comment",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Jsonl => "jsonl",
            Self::Gitlab => "gitlab",
            Self::Ctrf => "ctrf",
            Self::Openlineage => "openlineage",
            Self::Openmetrics => "openmetrics",
        }
    }

    /// Whether it says what became of a promotion: those that people read.
    #[must_use]
    pub fn tells_promotions(self) -> bool {
        matches!(
            self,
            Self::Html | Self::Markdown | Self::MarkdownSummary | Self::MarkdownComment
        )
    }

    /// Those that are written to files: all but the terminal's.
    pub fn files() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|f| *f != Self::Terminal)
    }

    /// Reads the name; `None` when it is none of [`Self::ALL`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.name() == name)
    }
}

/// Renders a run in one format; pure, so that the same run gives the same bytes.
///
/// Values of the data are neutralised for the format on the way, by [`text`]; nothing is decided here.
#[must_use]
pub fn render(run: &Run, format: Format) -> String {
    render_after(run, None, format)
}

/// As [`render`], of a run after which aliases were moved or were not: the formats that people read say so.
///
/// The record of the run is the same before and after: [`Format::Json`] never holds what came after it.
#[must_use]
pub fn render_after(run: &Run, after: Option<&Promotions>, format: Format) -> String {
    match format {
        Format::Terminal => terminal::render(run, None),
        Format::Json => json(run),
        Format::Markdown => markdown::render(run, after, markdown::Variant::Full),
        Format::MarkdownSummary => markdown::render(run, after, markdown::Variant::Summary),
        Format::MarkdownComment => markdown::render(run, after, markdown::Variant::Comment),
        Format::Html => html::render(run, after),
        Format::Junit => junit::render(run),
        Format::Sarif => sarif::render(run),
        Format::Github => github::render(run),
        Format::Jsonl => jsonl::render(run),
        Format::Gitlab => gitlab::render(run),
        Format::Ctrf => ctrf::render(run),
        Format::Openlineage => openlineage::render(run),
        Format::Openmetrics => openmetrics::render(run),
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
    pretty(run)
}

/// JSON over several lines, in which nothing is hidden and no command can be read.
fn pretty(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value)
        .expect("what is reported has text keys and finite or null numbers only");
    text::json(&text) + "\n"
}

/// Reads a run record.
///
/// Errors: [`Error::Io`]; [`Error::Data`] when it is not a run record, is one of a version that this program does not
/// read, or when its verdict does not follow from its outcomes, because somebody edited it.
pub fn read_run(path: &Path) -> Result<Run> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
    run_of(text.as_bytes(), &path.display().to_string())
}

/// The run record in the bytes of a file that is called `name` in errors.
///
/// Errors: [`Error::Data`], as for [`read_run`] and for bytes that are no UTF-8.
pub fn run_of(bytes: &[u8], name: &str) -> Result<Run> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string());
    let run = text.and_then(parse_run);
    run.map_err(|reason| Error::data("understand", name, reason))
}

fn parse_run(text: &str) -> std::result::Result<Run, String> {
    const EXPECTED: &str = "expected the run.json that `tollgate run` writes";
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|e| format!("it is not JSON ({e}); {EXPECTED}"))?;
    let Some(version) = value.get("schema_version").and_then(|v| v.as_str()) else {
        return Err(format!("it has no `schema_version`; {EXPECTED}"));
    };
    let major = |v: &str| v.split('.').next().map(str::to_owned);
    if major(version) != major(RUN_SCHEMA_VERSION) {
        return Err(format!(
            "its `schema_version` is {version}, this program reads {RUN_SCHEMA_VERSION} and its later minor versions; \
             use the tollgate that wrote it, or run the gate again"
        ));
    }
    let run: Run = serde_json::from_str(text)
        .map_err(|e| format!("it is no run record of version {version}: {e}; {EXPECTED}"))?;
    let derived = decide(&run.outcomes, FailOn::Error);
    if (derived.status, &derived.counts) == (run.verdict.status, &run.verdict.counts) {
        return Ok(run);
    }
    let said = |v: &Verdict| format!("{} with {} broken", v.status.word(), v.counts.fail);
    Err(format!(
        "its verdict says {} of {}, its outcomes give {} of {}: the file was edited; run the gate again",
        said(&run.verdict),
        run.verdict.counts.total(),
        said(&derived),
        derived.counts.total()
    ))
}

/// Writes a file under a temporary name and renames it, so that no half file is ever seen.
///
/// Missing folders are made. The file gets the usual permissions, not the private ones of a temporary file.
///
/// Errors: [`Error::Io`] naming the file; nothing is left behind then.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let fail = |e: std::io::Error| Error::io("write", path, e);
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(fail)?;
    // Some file systems report a full disk only here.
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}
