//! What can have changed, with what is known of it.

use super::compare::Origin;
use super::effect::Effect;
use super::place::Place;
use super::recode::Renamed;
use crate::statistics::intervals::{Interval, Share};

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The reference.
    Before,
    /// The current data.
    Now,
}

impl Which {
    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Before => Self::Now,
            Self::Now => Self::Before,
        }
    }
}

/// An end of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The greatest.
    High,
    /// The least.
    Low,
}

/// What of a distribution changed most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Where the values lie.
    Location,
    /// How far they spread.
    Scale,
    /// Something else about their distribution.
    Shape,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Label {
    /// A number.
    Number(f64),
    /// A number of which only a range is known.
    Between(f64, f64),
    /// A text by its code, see [`super::hash::text`].
    Text(u64),
    /// One of the texts that are not listed.
    Unlisted,
}

impl Label {
    /// The number; the middle of a range, `None` of a text.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(v) => Some(v),
            Self::Between(low, high) => {
                let middle = f64::midpoint(low, high);
                Some(if middle.is_finite() { middle } else { low })
            }
            Self::Text(_) | Self::Unlisted => None,
        }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The share of rows without a value.
    Missing(Share, Share),
    /// The distribution of numbers.
    Distribution {
        /// What of it.
        moved: Moved,
        /// Values of both sides.
        quartiles: [[f64; 3]; 2],
        /// Where the difference of the medians lies.
        shift: Option<Interval>,
        /// The number that all values look multiplied by.
        factor: Option<f64>,
        /// Hours by which times look moved.
        shifted: Option<f64>,
        /// How far the average value moved, each to its like.
        wasserstein: f64,
        /// The column that it looks swapped with.
        swapped: Option<Origin>,
    },
    /// The share of one value.
    Value {
        /// The value.
        label: Label,
        /// Its share of the values.
        shares: (Share, Share),
        /// Whether the current values end there although the reference goes further.
        cut: Option<End>,
    },
    /// The mix of categories; the category whose share changed most, where one has a name.
    Mix(Option<(Label, Share, Share)>),
    /// Values that one side alone has, with their rows, most frequent first.
    Unseen {
        /// The side that has them.
        side: Which,
        /// The values and their rows.
        values: Vec<(Label, u32)>,
        /// Their rows among the side's rows with a value.
        share: Share,
    },
    /// Values that seem to be written otherwise, most rows first.
    Recoded {
        /// Which are what now.
        renamed: Vec<Renamed>,
        /// Values that one side alone has and that this does not explain.
        rest: Option<Box<Change>>,
    },
    /// Numbers of one side beyond all of the other.
    Range {
        /// The side that has them.
        side: Which,
        /// Where.
        end: End,
        /// Their rows among the side's rows with a value.
        share: Share,
        /// The other side's last value.
        bound: f64,
        /// The furthest value.
        furthest: f64,
        /// The number that they look multiplied by.
        factor: Option<f64>,
    },
    /// How a column goes with all others together: it no longer has the values that they foretell.
    Fit,
    /// Rows that occur more than once.
    Repeated(Share, Share),
    /// How columns go together: pairs of scored columns that changed beyond chance, with their rank correlation before
    /// and now, most surprising first; the first one always.
    Correlation(Vec<((usize, usize), f64, f64)>),
}

/// One change of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The scored column's origin; absent for whole rows.
    pub origin: Option<Origin>,
    /// What changed.
    pub change: Change,
    /// How much, to be held against a floor.
    pub effect: Effect,
    /// Probability that anything in an unchanged dataset surprises as much.
    pub adjusted: f64,
    /// Where in the file of the current data its rows lie, where that is worth a word.
    pub place: Option<Place>,
}
