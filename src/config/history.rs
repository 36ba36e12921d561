//! `history:` of `tollgate.yaml`: where past runs are kept, and whether this configuration adds to them.

use super::WrittenPath;
use super::dataset::{DatasetConfig, PastRuns};
use super::drift::{FalseAlarm, Judge};
use super::fields::{Fields, Problems};
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// Where past runs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryConfig {
    /// The folder, relative to the configuration.
    pub folder: WrittenPath,
    /// Whether runs are added.
    pub record: Recording,
    /// Which past runs later ones learn from.
    pub learn_from: LearnFrom,
}

/// Which past runs later ones learn from; runs with a broken promise and marked incidents never count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnFrom {
    /// Those that looked unusual as well.
    All,
    /// Only those in which nothing did, or which somebody marked as ordinary.
    Ordinary,
}

impl LearnFrom {
    /// Words of `learn_from`.
    pub const WORDS: &[&str] = &["all", "ordinary"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "ordinary" => Some(Self::Ordinary),
            _ => None,
        }
    }
}

/// Whether a run is added to the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Each run that could be evaluated.
    Always,
    /// No run.
    Never,
}

impl Recording {
    /// Words of `record`.
    pub const WORDS: &[&str] = &["always", "never"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "always" => Some(Self::Always),
            "never" => Some(Self::Never),
            _ => None,
        }
    }
}

/// Reads `history`: a path, or a mapping with `path`, `record` and `learn_from`.
pub fn read(fields: &mut Fields, problems: &mut Problems) -> Option<HistoryConfig> {
    let node = fields.get("history")?;
    if !matches!(node.value, Value::Map(_)) {
        let path = super::dataset::written(fields, "history", problems);
        return local(path?, problems);
    }
    let mut inner = Fields::of(node, "history", problems)?;
    inner.require("path", problems);
    let path = super::dataset::written(&mut inner, "path", problems);
    let record = inner.word("record", Recording::WORDS, Recording::parse, problems);
    let learn_from = inner.word("learn_from", LearnFrom::WORDS, LearnFrom::parse, problems);
    inner.finish(problems);
    let history = local(path?, problems)?;
    Some(HistoryConfig {
        record: record.unwrap_or(Recording::Always),
        learn_from: learn_from.unwrap_or(LearnFrom::All),
        ..history
    })
}

fn local(folder: WrittenPath, problems: &mut Problems) -> Option<HistoryConfig> {
    if folder.path.contains("://") {
        problems.add(
            Diagnostic::new("unsupported-path", "`history` cannot be an address")
                .at(&folder.place, "not a folder")
                .help("name a folder; a CI job can restore and save it as an artifact or in a repository"),
        );
        return None;
    }
    Some(HistoryConfig {
        folder,
        record: Recording::Always,
        learn_from: LearnFrom::All,
    })
}

/// What datasets have to do with past runs: whatever needs a history has one, and one without a reference has it.
pub fn settle(
    history: Option<&HistoryConfig>,
    datasets: &mut [DatasetConfig],
    problems: &mut Problems,
) {
    for dataset in datasets {
        let asked = dataset.past.asked().cloned();
        let wanted = asked.is_some();
        dataset.past = match (history, asked) {
            (Some(_), Some(place)) => PastRuns::Asked(place),
            (Some(_), None) if dataset.references.named.is_empty() => PastRuns::Implied,
            (Some(_), None) => PastRuns::Kept,
            (None, asked) => {
                needs(dataset, asked.as_ref(), problems);
                PastRuns::Unknown
            }
        };
        fits(dataset, wanted, problems);
        days_are_judged(dataset, wanted, problems);
        slices_are_compared(dataset, wanted, problems);
    }
}

/// A calendar is of past runs alone.
fn days_are_judged(dataset: &DatasetConfig, wanted: bool, problems: &mut Problems) {
    let calendar = dataset.drift.calendar.place.as_ref();
    let Some(place) = calendar.filter(|_| !wanted && !dataset.past.judge()) else {
        return;
    };
    let what = format!(
        "dataset `{}` has a `calendar`, and is not compared with past runs",
        dataset.name
    );
    problems.add(
        Diagnostic::new("useless-calendar", what)
            .at(place, "would have no effect")
            .help("add `history` to its `reference`, or remove `calendar`"),
    );
}

fn needs(dataset: &DatasetConfig, asked: Option<&Place>, problems: &mut Problems) {
    let way_out = "add `history: DIR` to the top of the file: a folder that later runs find again";
    if let Some(place) = asked {
        let what = format!(
            "dataset `{}` is compared with its history, and none is kept",
            dataset.name
        );
        problems.add(
            Diagnostic::new("missing-history", what)
                .at(place, "past runs of what?")
                .help(way_out),
        );
    }
    if let (FalseAlarm::PerYear { .. }, Some(place)) =
        (dataset.drift.false_alarm, &dataset.drift.place)
    {
        let what = format!(
            "`false_alarm` of dataset `{}` is per year, which needs a history of its runs",
            dataset.name
        );
        problems.add(
            Diagnostic::new("missing-history", what)
                .at(place, "per year")
                .help(format!("{way_out}; or give a share of runs, such as 0.01")),
        );
    }
}

/// Slices are of a comparison.
fn slices_are_compared(dataset: &DatasetConfig, wanted: bool, problems: &mut Problems) {
    let none = dataset.references.named.is_empty() && !wanted && !dataset.past.judge();
    if let (Some((_, place)), true) = (dataset.drift.slices.first(), none) {
        problems.add(
            Diagnostic::new(
                "missing-reference",
                "`slices` are of a comparison, and there is none",
            )
            .at(place, "compared with nothing")
            .help("give `reference` data, or `history` where runs are kept"),
        );
    }
}

/// What `drift` asks for is there to be compared with.
fn fits(dataset: &DatasetConfig, wanted: bool, problems: &mut Problems) {
    let Some((judge, place)) = &dataset.drift.judge else {
        if dataset.references.named.is_empty() && dataset.past.is_unknown() && !wanted {
            compares_nothing(dataset, problems);
        }
        return;
    };
    let past = dataset.past.judge();
    let missing = match judge {
        Judge::Reference | Judge::Both if dataset.references.named.is_empty() => {
            "a reference with data"
        }
        Judge::History | Judge::Both if !past && !wanted => "`history` in its `reference`",
        _ => return,
    };
    problems.add(
        Diagnostic::new(
            "missing-reference",
            format!(
                "dataset `{}` has `judge: {}` without {missing}",
                dataset.name,
                judge.word()
            ),
        )
        .at(place, "compared with nothing")
        .help("give it, for example `reference: [history, DATA]`; or remove `judge`"),
    );
}

fn compares_nothing(dataset: &DatasetConfig, problems: &mut Problems) {
    let Some(place) = &dataset.drift.place else {
        return;
    };
    problems.add(
        Diagnostic::new(
            "missing-reference",
            format!(
                "dataset `{}` has `drift` but no `reference`, so no drift would be judged",
                dataset.name
            ),
        )
        .at(place, "compared with nothing")
        .help("give `reference`: a dataset, a saved profile, or `history`; or remove `drift`"),
    );
}

/// Whether a node is the word `history`.
#[must_use]
pub fn is_asked(node: &Node) -> bool {
    node.value == Value::Text("history".to_owned())
}
