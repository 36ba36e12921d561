//! The plan: nothing left to resolve. Names, types and SQL are checked against schemas before a row is read.

pub mod bind;
pub mod common;
mod dataset;
pub mod slices;

pub use common::Common;
pub use dataset::plan_dataset;

use crate::catalogue::Check;
use crate::catalogue::argument::Args;
use crate::config::DatasetConfig;
use crate::contract::Privacy;
use crate::diagnostic::Location;
use crate::types::{Field, Schema};
use std::sync::Arc;

/// Everything that will be measured and judged.
pub struct Plan {
    /// Datasets in configuration order.
    pub datasets: Vec<DatasetPlan>,
}

/// One dataset's share of the plan.
pub struct DatasetPlan {
    /// What the user wrote.
    pub config: DatasetConfig,
    /// Columns in file order.
    pub schema: Schema,
    /// Columns that a scan can give: top-level ones and struct leaves by path.
    pub columns: Vec<Field>,
    /// Expectations in contract order.
    pub expectations: Vec<Planned>,
}

/// One expectation, ready to be measured.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Unique within the run: `flights.not_null(origin)`.
    pub id: String,
    /// The check.
    pub check: Arc<Check>,
    /// Its arguments.
    pub args: Args,
    /// Arguments every check takes.
    pub common: Common,
    /// What is measured.
    pub measure: Measured,
    /// Where it is written.
    pub location: Location,
}

/// What is measured for one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// SQL predicate, true for a failing row.
    Rows(String),
    /// A named measure of a column's profile.
    Profile {
        /// The column; absent for the row count.
        column: Option<String>,
        /// The measure.
        measure: String,
    },
    /// A function over rows, told by the check's `Statistic`.
    Kernel,
    /// Decided by schema and files alone.
    Metadata,
    /// Cannot be measured: the promise about columns is broken already.
    Impossible(String),
}

impl DatasetPlan {
    /// Whether values of a column may be shown.
    #[must_use]
    pub fn privacy(&self, column: &str) -> Privacy {
        self.config
            .contract
            .as_ref()
            .and_then(|c| c.columns.iter().find(|d| d.name == column))
            .map_or(Privacy::Open, |d| d.privacy)
    }

    /// Key columns of the contract that the data has.
    #[must_use]
    pub fn key(&self) -> Vec<String> {
        self.config
            .contract
            .as_ref()
            .and_then(|c| c.key.as_ref())
            .map(|(names, _)| {
                names
                    .iter()
                    .filter(|n| self.columns.iter().any(|f| f.name == **n))
                    .cloned()
                    .collect()
            })
            .unwrap_or_default()
    }
}
