//! Metrics of a model: what each is, in which direction it is better, and its value over rows. Pure.
//!
//! A [`Metric`] is read by name with its [`Options`], says everything about itself that a reader or a judge must
//! know, and turns [`Rows`] into a number, or into the reason why there is none ([`Undefined`]). [`Metric::prepare`]
//! does the part that depends on rows alone, so that resampling only counts how often each row is drawn.

mod calibration;
mod cells;
mod checked;
mod coarse;
pub mod curves;
mod facts;
mod facts_ranking;
mod facts_values;
mod influence;
mod kind;
mod losses;
mod options;
mod order;
mod own;
mod prepare;
mod prepared;
mod queries;
mod rarer;
mod sums;
mod undefined;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use cells::CellFormula;
pub use coarse::{Coarse, Grouping};
pub use kind::{Agreement, Average, Gain, Top};
pub use options::Options;
pub use prepared::{NO_UNIT, Prepared};
pub use rarer::Rarer;
pub use sums::SumFormula;
pub use undefined::Undefined;

pub use order::Ranked;
pub use own::{OwnNumbers, Terms};

use facts::Facts;
use kind::Kind;

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// One of two classes; class 1 is the positive one.
    Binary,
    /// One of three or more classes.
    Multiclass,
    /// A number.
    Regression,
    /// An order of the rows of each query.
    Ranking,
}

impl Task {
    /// Every task, in the order of documents.
    pub const ALL: [Self; 4] = [
        Self::Binary,
        Self::Multiclass,
        Self::Regression,
        Self::Ranking,
    ];

    /// `binary`, `multiclass`, `regression` or `ranking`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::Ranking => "ranking",
        }
    }
}

/// Rows of one model as plain slices.
///
/// Shape: every slice that is given has one entry per row. Nulls: none, the caller refuses or drops such rows before.
/// NaN and infinities may occur: the metrics that need the slice say at which row.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// What is true.
    pub truth: Truth<'a>,
    /// What the model said.
    pub predicted: Predicted<'a>,
    /// Weight of each row, finite and at least 0, not all 0; only ratios between weights matter.
    pub weight: Option<&'a [f64]>,
    /// Query of a ranking, or series of `mase`, by any number; rows of one need not be adjacent. The rows of a series
    /// are in the order of time.
    pub group: Option<&'a [u32]>,
}

/// What is true of each row.
#[derive(Debug, Clone, Copy)]
pub enum Truth<'a> {
    /// Classes from 0 to `classes - 1`; of two classes, 1 is the positive one.
    Classes {
        /// The class of each row.
        of: &'a [u32],
        /// How many classes there are, whether or not a row has them.
        classes: u32,
    },
    /// Numbers; for a ranking the relevance, at least 0.
    Values(&'a [f64]),
}

impl Truth<'_> {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Classes { of, .. } => of.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a model said of each row, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Predicted<'a> {
    /// The class.
    pub class: Option<&'a [u32]>,
    /// How likely the positive class is, or how far up a row belongs: greater is more so.
    pub score: Option<&'a [f64]>,
    /// How likely each class is, one slice per class.
    pub scores: Option<&'a [&'a [f64]]>,
    /// The number.
    pub value: Option<&'a [f64]>,
    /// The lower end of an interval for the number.
    pub low: Option<&'a [f64]>,
    /// The upper end.
    pub high: Option<&'a [f64]>,
    /// Terms of the user's own metrics.
    pub own: &'a [OwnNumbers],
}

/// A part of what a model said that a metric reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// [`Predicted::class`].
    Class,
    /// [`Predicted::score`]; of two classes the second slice of [`Predicted::scores`] stands in for it.
    Score,
    /// [`Predicted::scores`].
    Scores,
    /// [`Predicted::value`].
    Value,
    /// [`Predicted::low`].
    Low,
    /// [`Predicted::high`].
    High,
    /// [`Rows::group`].
    Group,
}

impl Need {
    /// The word for it in configurations and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Score => "score",
            Self::Scores => "scores",
            Self::Value => "value",
            Self::Low => "low",
            Self::High => "high",
            Self::Group => "group",
        }
    }
}

/// Which way a metric gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
    /// Neither: the number is only compared between slices, or with a bound that the user gives.
    Neutral,
}

impl Direction {
    /// `higher is better`, `lower is better` or `neither`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "higher is better",
            Self::LowerIsBetter => "lower is better",
            Self::Neutral => "neither",
        }
    }
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share or a ratio.
    Ratio,
    /// The unit of the label.
    Label,
    /// The square of the label's unit.
    LabelSquared,
    /// Natural units of information.
    Nats,
    /// None that has a name.
    None,
}

impl Unit {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Label => "the label's unit",
            Self::LabelSquared => "the label's unit, squared",
            Self::Nats => "nats",
            Self::None => "none",
        }
    }
}

/// A metric with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    kind: Kind,
    /// The text that tells the user's own metrics apart.
    own: Option<String>,
}

impl Metric {
    /// Reads a name, or another name that the metric is known by, with its options.
    ///
    /// Errors: a sentence that names what is wrong, the bound and the way out; for an unknown name the nearest one.
    pub fn parse(name: &str, options: &Options) -> Result<Self, String> {
        options::parse(name, options).map(|kind| Self { kind, own: None })
    }

    /// The word for it in configurations, without parameters: `roc_auc`.
    #[must_use]
    pub fn name(&self) -> String {
        self.facts().name.to_owned()
    }

    /// What people call it: `area under the ROC curve`.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.facts().title
    }

    /// Definition, nulls, ties, edge cases and source, one paragraph each: `Is: …`, `Nulls: …`, `Ties: …`, `Edge: …`,
    /// `Source: …`.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.facts().doc
    }

    /// The name with every parameter that changes the number: `f_beta(beta=2,average=macro)`.
    ///
    /// Two metrics are comparable exactly when these texts are equal.
    #[must_use]
    pub fn definition(&self) -> String {
        let own = self.own.clone();
        own.unwrap_or_else(|| self.kind.definition())
    }

    /// Which way it gets better.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.facts().direction
    }

    /// The least and the greatest value it can have; infinite where there is no bound.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        self.facts().range
    }

    /// The value of a model that is never wrong: infinite for `lift_at_k`, where it depends on the rows, and NaN for a
    /// [`Direction::Neutral`] metric that has none.
    #[must_use]
    pub fn perfect(&self) -> f64 {
        self.facts().perfect
    }

    /// The unit of the value.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.facts().unit
    }

    /// What it reads, as [`Metric::needs_of`] says for the first task that it suits.
    #[must_use]
    pub fn needs(&self) -> &'static [Need] {
        let mut tasks = Task::ALL.into_iter();
        let first = tasks.find(|task| self.suits(*task));
        self.needs_of(first.unwrap_or(Task::Binary))
    }

    /// What it reads for a task: a metric of chances takes `score` of two classes and `scores` of more.
    #[must_use]
    pub fn needs_of(&self, task: Task) -> &'static [Need] {
        match (self.facts().needs, task) {
            ([Need::Score], Task::Multiclass) => &[Need::Scores],
            (needs, _) => needs,
        }
    }

    /// Whether it can be computed for a task with the parameters that it has.
    #[must_use]
    pub fn suits(&self, task: Task) -> bool {
        self.facts().tasks.contains(&task) && self.kind.suits(task)
    }

    /// Names of the options that it takes.
    #[must_use]
    pub fn options(&self) -> &'static [&'static str] {
        self.facts().options
    }

    /// Other names that [`Metric::parse`] reads as this metric.
    #[must_use]
    pub fn known_as(&self) -> &'static [&'static str] {
        self.facts().known_as
    }

    /// Its value over all rows, each once.
    ///
    /// Errors: every variant of [`Undefined`]; where scikit-learn warns and returns 0 or NaN, there is no value here.
    pub fn value(&self, rows: &Rows) -> Result<f64, Undefined> {
        prepare::prepare(&self.kind, rows)?.result(None)
    }

    /// The part of the computation that does not depend on how often a row is drawn.
    ///
    /// Errors: as [`Metric::value`]: what is prepared has a value over all rows.
    pub fn prepare(&self, rows: &Rows<'_>) -> Result<Prepared, Undefined> {
        let prepared = prepare::prepare(&self.kind, rows)?;
        prepared.result(None).map(|_| prepared)
    }

    /// Every metric with its default parameters, in the order of documents.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let defaults = Options::default();
        let read =
            |facts: &Facts| Self::parse(facts.name, &defaults).expect("every metric has defaults");
        facts::all().map(read).collect()
    }

    fn facts(&self) -> &'static Facts {
        if let Kind::Own { direction, .. } = self.kind {
            return own::facts(direction);
        }
        let name = self.kind.name();
        let mut all = facts::all();
        all.find(|facts| facts.name == name)
            .expect("every kind has its facts")
    }
}
