//! What one run keeps of one dataset: counts that add up over runs, small enough for a line of text.

use super::joint::Joint;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Occupied bins of a column of numbers at most.
pub const NIGHT_BINS: usize = 256;

/// Texts that are counted one by one at most, the most frequent ones.
pub const NIGHT_TEXTS: usize = 100;

/// One batch of a dataset as a later run sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Night {
    /// Clock of the run that measured it; RFC 3339 in whole seconds.
    #[serde(with = "moment")]
    pub at: DateTime<Utc>,
    /// Rows.
    pub rows: u64,
    /// What is thought of it.
    pub standing: Standing,
    /// Columns in the order of the data.
    pub columns: Vec<NightColumn>,
    /// How its columns go together, row by row; absent where no rows were looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub joint: Option<Joint>,
    /// What past runs said of it that mattered.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub told: Vec<Told>,
}

/// One unusual thing about a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The column; absent for the dataset.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The kind of change, such as `missing`.
    pub kind: String,
    /// Probability that an ordinary batch shows it, over all that was looked at.
    pub p: f64,
}

/// Whether a batch counts as an ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing was wrong with it.
    Ordinary,
    /// Something that decides said that the data drifted, and no promise was broken.
    Unusual,
    /// A promise of severity `error` was broken.
    Flagged,
    /// A person marked it as an incident.
    Incident,
}

impl Standing {
    /// Whether later runs learn from the batch. What looked unusual counts: a history that leaves such nights out learns
    /// ever less of how far nights spread, and falls behind where the ordinary moves on.
    #[must_use]
    pub fn teaches(self) -> bool {
        matches!(self, Self::Ordinary | Self::Unusual)
    }

    /// The word used in files and lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Unusual => "unusual",
            Self::Flagged => "flagged",
            Self::Incident => "incident",
        }
    }
}

/// One column of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NightColumn {
    /// Name or path.
    pub name: String,
    /// Logical type as text.
    #[serde(rename = "type")]
    pub dtype: String,
    /// Rows without a value: nulls and NaN.
    pub missing: u64,
    /// Different values, an estimate where there are very many; absent where they are not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub distinct: Option<u64>,
    /// Its values.
    pub values: NightValues,
}

impl NightColumn {
    /// Whether it has no type of its own: a column of nulls alone.
    #[must_use]
    pub fn is_untyped(&self) -> bool {
        self.dtype == "null"
    }

    /// Whether the same column of another batch can be compared: of one type, both numbers, or one without any value.
    ///
    /// Whole numbers become fractions as soon as one of them is missing, in many tools: that is no other column.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let numbers = |c: &Self| matches!(c.values, NightValues::Numbers(_));
        self.dtype == other.dtype
            || numbers(self) && numbers(other)
            || self.is_untyped()
            || other.is_untyped()
    }
}

impl NightColumn {
    /// Whether a later batch has values that are known only by being there, where those of this one are known.
    #[must_use]
    pub fn is_better_known_than(&self, later: &Self) -> bool {
        let known = |c: &Self| c.values != NightValues::Presence;
        known(self) && !known(later) && !later.is_untyped()
    }
}

/// The values of a column of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum NightValues {
    /// Numbers, infinities among them.
    Numbers(Numbers),
    /// Texts and truth values with their counts.
    Texts {
        /// The most frequent ones, at most [`NIGHT_TEXTS`], most frequent first; of personal columns their hash.
        counts: Vec<(String, u64)>,
        /// Rows with any other text.
        others: u64,
    },
    /// Dates and times.
    Times {
        /// The earliest, in seconds since 1970; absent without a value.
        least: Option<f64>,
        /// The latest, likewise.
        greatest: Option<f64>,
    },
    /// What is known only by being there.
    Presence,
}

/// Numbers of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Bits of the order-preserving key below a bin, see [`crate::measure::bins::Bins`].
    pub shift: u32,
    /// Occupied bins with their counts in ascending order, at most [`NIGHT_BINS`].
    pub bins: Vec<(u64, u64)>,
    /// Least value; absent without one, where it is infinite, and of personal columns, like the three below.
    pub least: Option<f64>,
    /// Greatest value, likewise.
    pub greatest: Option<f64>,
    /// Mean of the finite values; absent without one.
    pub mean: Option<f64>,
    /// Their standard deviation, with one less in the denominator; absent with fewer than two.
    pub deviation: Option<f64>,
}

/// A moment as RFC 3339 text.
pub mod moment {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes it in whole seconds.
    ///
    /// Errors: those of the serializer.
    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// Reads any RFC 3339 text.
    ///
    /// Errors: what is wrong with the text.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        let at = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(at.to_utc())
    }
}
