//! The plan: nothing left to resolve. Names, types and SQL are checked against schemas before a row is read.

pub mod against;
pub mod bind;
pub mod common;
mod dataset;
pub mod elsewhere;
mod exact;
mod fitting;
pub(crate) mod forms;
mod keys;
mod lists;
pub mod models;
mod query;
pub mod reading;
pub mod samples;
mod several;
pub mod slices;
pub mod template;
pub mod unseen;
mod values_file;
mod whole;
pub mod words;

pub use against::Against;
pub use common::Common;
pub use dataset::plan_dataset;
pub use whole::plan;

use crate::catalogue::Check;
use crate::catalogue::argument::Args;
use crate::config::DatasetConfig;
use crate::config::waivers::ListedWaiver;
use crate::contract::{Detection, Privacy};
use crate::detect::Kind;
use crate::diagnostic::Location;
use crate::engine::embedded::relational::Query;
use crate::error::{Error, Result};
use crate::types::{Field, Schema};
use std::sync::Arc;

/// Everything that will be measured and judged.
pub struct Plan {
    /// Datasets in configuration order.
    pub datasets: Vec<DatasetPlan>,
    /// Models in configuration order.
    pub models: Vec<models::ModelPlan>,
    /// Accepted outcomes: those of `tollgate.yaml`, then those of contracts.
    pub waivers: Vec<ListedWaiver>,
}

/// What a dataset's expectations may know of the datasets beside it, itself among them.
#[derive(Debug, Clone)]
pub struct OtherDataset {
    /// Name in `tollgate.yaml`.
    pub name: String,
    /// Columns that a scan can give.
    pub columns: Vec<Field>,
    /// Columns of personal data.
    pub personal: Vec<String>,
}

impl OtherDataset {
    /// What is known of a dataset of the configuration.
    #[must_use]
    pub fn of(config: &DatasetConfig, columns: &[Field]) -> Self {
        let personal = |f: &&Field| privacy(config, &f.name) == Privacy::Personal;
        Self {
            name: config.name.clone(),
            columns: columns.to_vec(),
            personal: columns
                .iter()
                .filter(personal)
                .map(|f| f.name.clone())
                .collect(),
        }
    }
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
    /// What is particular to the reference that this plan is against; nothing in the plan of a run.
    pub against: Against,
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
    /// Whether values that it obtains may be shown: not when it looks at a personal column.
    pub privacy: Privacy,
    /// Where it is written.
    pub location: Location,
}

impl Planned {
    /// The SQL query over whole datasets that it asks; `None` when it asks none.
    ///
    /// Errors: [`Error::Query`] when it does not parse, which planning rules out.
    pub fn query(&self) -> Result<Option<Query>> {
        let query = match &self.measure {
            Measured::Value(sql) => Query::parse_value(sql),
            Measured::Groups(sql) => Query::parse_groups(sql),
            _ => return Ok(None),
        };
        query.map(Some).map_err(|reason| Error::Query {
            what: self.id.clone(),
            reason,
        })
    }
}

/// What is measured for one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// SQL predicate, true for a failing row; false and null are not failing.
    Rows(String),
    /// SQL aggregate over the dataset that gives one number, or null where there is none.
    Value(String),
    /// `SELECT` over the dataset, called `data`, and others; every row of the answer is a failing group.
    Groups(String),
    /// An exact measure of a column's profile, by name.
    Profile {
        /// The column by name or path; absent for the row count.
        column: Option<String>,
        /// The measure.
        measure: String,
    },
    /// An exact function over rows, told by the check's measure.
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
        privacy(&self.config, column)
    }

    /// What the values of a column turned out to be, for which they are not shown.
    #[must_use]
    pub fn found(&self, column: &str) -> Option<Kind> {
        found(&self.config, column)
    }

    /// Whether values of a column that look personal are kept back.
    #[must_use]
    pub fn detection(&self, column: &str) -> Detection {
        detection(&self.config, column)
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

/// Whether values of a column may be shown: not of one that is marked as personal, or whose values turned out to be.
/// What is inside a personal column is personal too.
fn privacy(config: &DatasetConfig, column: &str) -> Privacy {
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    let mut personal = declared.filter(|d| d.privacy == Privacy::Personal);
    if personal.any(|d| against::is_of(&d.name, column)) || found(config, column).is_some() {
        Privacy::Personal
    } else {
        Privacy::Open
    }
}

/// What the values of a column turned out to be; `None` where nothing was found, or `pii: false` is written.
fn found(config: &DatasetConfig, column: &str) -> Option<Kind> {
    let mut all = config.found.iter();
    let kind = all.find(|(name, _)| against::is_of(name, column))?.1;
    (detection(config, column) == Detection::ByContent).then_some(kind)
}

/// Whether values of a column that look personal are kept back; not where `pii: false` is written of it, or of what it
/// is inside of.
fn detection(config: &DatasetConfig, column: &str) -> Detection {
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    let mut shown = declared.filter(|d| d.detection == Detection::Off);
    if shown.any(|d| against::is_of(&d.name, column)) {
        Detection::Off
    } else {
        Detection::ByContent
    }
}
