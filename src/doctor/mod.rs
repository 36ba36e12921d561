//! What a run will find around it: the program, the CI system, the configuration, what it names, the clock.
//!
//! Nothing is measured and nothing is changed, but for an empty file that is written and removed where reports will be.

mod network;
mod surroundings;
mod written;

use crate::ci::Variables;
use chrono::{DateTime, Utc};
use std::path::Path;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As a run wants it.
    Good,
    /// A run works, but not all that can be asked of it.
    Lacking,
    /// A run will not work.
    Bad,
}

impl State {
    /// The word before a line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Lacking => "warn",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How it is.
    pub state: State,
    /// What it is: `git`, `dataset orders`.
    pub subject: String,
    /// What was found.
    pub said: String,
    /// What to do; present where the state is not good.
    pub fix: Option<String>,
}

impl Line {
    fn good(subject: impl Into<String>, said: impl Into<String>) -> Self {
        Self {
            state: State::Good,
            subject: subject.into(),
            said: said.into(),
            fix: None,
        }
    }

    fn lacking(
        subject: impl Into<String>,
        said: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Lacking,
            fix: Some(fix.into()),
            ..Self::good(subject, said)
        }
    }

    fn bad(subject: impl Into<String>, said: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: State::Bad,
            ..Self::lacking(subject, said, fix)
        }
    }
}

/// What is looked at, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The configuration.
    pub config: &'a Path,
    /// Folder that reports will be written to.
    pub output: &'a Path,
    /// The variables of the process.
    pub variables: &'a Variables,
    /// The clock.
    pub now: DateTime<Utc>,
}

/// Looks at everything, in the order in which it should be mended.
#[must_use]
pub fn examine(asked: &Asked) -> Vec<Line> {
    let mut lines = surroundings::lines(asked);
    let (config, found) = written::config(asked);
    lines.extend(found);
    if let Some(config) = &config {
        lines.extend(written::named(config, asked));
    }
    let addresses = config
        .iter()
        .flat_map(|c| network::addresses(c, asked.variables));
    lines.extend(network::lines(&addresses.collect::<Vec<_>>(), asked.now));
    lines
}
