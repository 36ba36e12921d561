//! What is computed: states of expectations and profiles of columns. Pure; engines fill them, nothing here reads data.

pub mod bins;
pub mod column;
pub mod distinct;
pub mod evidence;
pub mod exact_sum;
mod float_sums;
mod floats;
mod form;
mod hash;
mod ints;
mod profile;
pub mod saved;
mod tally;
mod text_table;
mod texts;
pub mod values;
mod wants;
mod wide;

pub use column::{COLUMN_BYTES, ColumnProfile};
pub use profile::{DistinctCount, Profile, Quantile, distinct_error, quantile_of, short};
pub use values::COUNT_CAP;
pub use wants::Wants;

use crate::record::FailingRow;
use crate::scalar::Scalar;
use serde::{Deserialize, Serialize};

/// What was obtained for one expectation; engines give states, never verdicts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Failing rows, or failing groups where the check measures groups; absent when the check counts none.
    pub failing: Option<u64>,
    /// Rows looked at: those that `where` keeps, whatever nulls they hold.
    pub rows: u64,
    /// Other measured values by name; absent where there is none (all null, no rows).
    pub values: Vec<(String, Option<Scalar>)>,
    /// What differs, in words; raw text, which renderers neutralise. Empty for checks that have nothing to add.
    pub detail: String,
    /// Why nothing could be measured.
    pub unable: Option<Unable>,
    /// Failing rows in the order of the data, at most as many as `samples` allows, personal columns redacted.
    pub samples: Vec<FailingRow>,
}

/// Why nothing could be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unable {
    /// There was nothing to look at.
    Skipped(String),
    /// It was there, but cannot be understood.
    Error(String),
}

impl State {
    /// A measured value by name; `None` when it was not measured, or the data has none.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Scalar> {
        self.values
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, v)| v.as_ref())
    }
}
