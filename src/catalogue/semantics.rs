//! What the numbers of a check are, in words, and which of its parameters belong together.

use super::argument::Args;
use crate::config::fields::{Fields, Problems};
use crate::diagnostic::{Diagnostic, Place};

/// What the numbers of a check are, in words. Every built-in check says all of it; users' own checks may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Semantics {
    /// The numerator, or the number that is compared.
    pub counts: Option<String>,
    /// The denominator: which rows or values it is taken over.
    pub of: Option<String>,
    /// What a null does.
    pub nulls: Option<String>,
    /// What NaN does.
    pub nan: Option<String>,
    /// What becomes of data without rows or values.
    pub empty: Option<String>,
    /// Whether limits belong to the range.
    pub bounds: Option<String>,
    /// Standard that a format or formula follows.
    pub source: Option<String>,
}

impl Semantics {
    /// Keys in check files, in the order of the documentation.
    pub const KEYS: [&'static str; 7] =
        ["counts", "of", "nulls", "nan", "empty", "bounds", "source"];

    /// Keys that every built-in check gives.
    pub const REQUIRED: [&'static str; 5] = ["counts", "of", "nulls", "nan", "empty"];

    /// Reads the mapping `semantics` of a check file.
    pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Self {
        let Some(node) = fields.get("semantics") else {
            return Self::default();
        };
        let Some(mut fields) = Fields::of(node, "semantics", problems) else {
            return Self::default();
        };
        let mut text = |key| fields.text(key, problems);
        let semantics = Self {
            counts: text("counts"),
            of: text("of"),
            nulls: text("nulls"),
            nan: text("nan"),
            empty: text("empty"),
            bounds: text("bounds"),
            source: text("source"),
        };
        fields.finish(problems);
        semantics
    }

    /// The sentence of a key; absent when the check does not say.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        match key {
            "counts" => self.counts.as_deref(),
            "of" => self.of.as_deref(),
            "nulls" => self.nulls.as_deref(),
            "nan" => self.nan.as_deref(),
            "empty" => self.empty.as_deref(),
            "bounds" => self.bounds.as_deref(),
            "source" => self.source.as_deref(),
            _ => None,
        }
    }

    /// What was said, in order: words for people and the sentence.
    pub fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        Self::KEYS
            .iter()
            .filter_map(|key| Some((title(key), self.get(key)?)))
    }
}

fn title(key: &str) -> &'static str {
    match key {
        "counts" => "counts",
        "of" => "out of",
        "nulls" => "nulls",
        "nan" => "NaN",
        "empty" => "empty data",
        "bounds" => "bounds",
        _ => "source",
    }
}

/// How many of the named optional parameters must be given. Without it a check with no limit would promise nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// One or more of them.
    AtLeastOne(Vec<String>),
    /// Exactly one of them.
    ExactlyOne(Vec<String>),
}

impl Choice {
    /// Reads `at_least_one` or `exactly_one` of a check file.
    pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Option<Self> {
        let at_least = fields.texts("at_least_one", problems);
        let exactly = fields.texts("exactly_one", problems);
        match (at_least.is_empty(), exactly.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Self::AtLeastOne(at_least)),
            (true, false) => Some(Self::ExactlyOne(exactly)),
            (false, false) => {
                problems.add(
                    Diagnostic::new(
                        "wrong-choice",
                        "a check has `at_least_one` or `exactly_one`, not both",
                    )
                    .at(fields.place(), ""),
                );
                None
            }
        }
    }

    /// Names of the parameters.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::AtLeastOne(names) | Self::ExactlyOne(names) => names,
        }
    }

    /// In words: "give `min`, `max`, or both".
    #[must_use]
    pub fn words(&self) -> String {
        let names: Vec<String> = self.names().iter().map(|n| format!("`{n}`")).collect();
        match self {
            Self::AtLeastOne(_) => format!("give at least one of {}", names.join(", ")),
            Self::ExactlyOne(_) => format!("give exactly one of {}", names.join(", ")),
        }
    }

    /// The problem of an expectation at `place` that gives too few or too many of them.
    #[must_use]
    pub fn broken(&self, check: &str, args: &Args, place: &Place) -> Option<Diagnostic> {
        let given = self
            .names()
            .iter()
            .filter(|n| args.get(n).is_some())
            .count();
        let kept = match self {
            Self::AtLeastOne(_) => given > 0,
            Self::ExactlyOne(_) => given == 1,
        };
        (!kept).then(|| {
            Diagnostic::new(
                "missing-argument",
                format!("`{check}` is given {given} of {}", self.names().join(", ")),
            )
            .at(place, "promises nothing that can be judged")
            .help(self.words())
        })
    }
}
