//! One run record, rendered for people and machines.

pub mod text;

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
            Self::Github => "github",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.name() == name)
    }
}
