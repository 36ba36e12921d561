//! States of a dataset's expectations and what the drift gate says, kept by the content of the files and the text of the
//! plan.

use super::{Store, key};
use crate::detect::Kind;
use crate::engine::embedded::source::Dataset;
use crate::error::Result;
use crate::measure::State;
use crate::plan::DatasetPlan;
use crate::record::{FailingRow, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const KIND: &str = "states";
/// Entries of looks for personal data.
const LOOK: &str = "look";
const DRIFT: &str = "drift";

/// What rows gave for the expectations of a dataset, in the order of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptStates {
    /// Rows of the dataset.
    pub rows: u64,
    /// One state per expectation, before the clock and other files are looked at.
    pub states: Vec<State>,
    /// Failing rows per expectation.
    pub samples: Vec<Vec<FailingRow>>,
}

impl Store {
    /// The key of what the drift gate says of rows; `None` where one of the sides is no file.
    ///
    /// Errors: as for reading the files' digests.
    pub fn drift_key(
        &self,
        plan: &DatasetPlan,
        (reference, current): (&Dataset, &Dataset),
        seed: u64,
    ) -> Result<Option<String>> {
        let mut parts = vec![format!("{:?} {:?} {seed}", plan.config, plan.against)];
        for side in [reference, current] {
            let Some(contents) = self.contents(side)? else {
                return Ok(None);
            };
            let columns = side.arrow_schema();
            parts.push(format!("{contents:?} {columns:?} {}", side.reading()));
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(Some(key(&parts)))
    }

    /// The drift outcomes that were kept; `None` when there are none for this key.
    #[must_use]
    pub fn drift(&self, key: &str) -> Option<Vec<Outcome>> {
        serde_json::from_str(&self.get(DRIFT, key)?).ok()
    }

    /// Keeps drift outcomes.
    ///
    /// Errors: [`crate::error::Error::Io`] when they cannot be written.
    pub fn keep_drift(&self, key: &str, outcomes: &[Outcome]) -> Result<()> {
        let text = serde_json::to_string(outcomes).expect("texts, numbers and lists");
        self.put(DRIFT, key, &text)
    }

    /// The key of what a look for personal data found in the first rows of columns; `None` where the dataset is no file.
    ///
    /// Errors: as for reading the files' digests.
    pub fn look_key(&self, dataset: &Dataset, columns: &[String]) -> Result<Option<String>> {
        let Some(contents) = self.contents(dataset)? else {
            return Ok(None);
        };
        let of = format!("{contents:?} {} {columns:?}", dataset.reading());
        Ok(Some(key(&[LOOK, &of])))
    }

    /// What a look found; `None` when nothing was kept for this key.
    #[must_use]
    pub fn looked(&self, key: &str) -> Option<Vec<(String, Kind)>> {
        serde_json::from_str(&self.get(LOOK, key)?).ok()
    }

    /// Keeps what a look found.
    ///
    /// Errors: [`crate::error::Error::Io`] when it cannot be written.
    pub fn keep_looked(&self, key: &str, found: &[(String, Kind)]) -> Result<()> {
        let text = serde_json::to_string(found).expect("texts and words");
        self.put(LOOK, key, &text)
    }

    /// The key of a dataset's states; `None` where some dataset is no file.
    ///
    /// Errors: as for reading the files' digests.
    pub fn states_key(
        &self,
        plan: &DatasetPlan,
        datasets: &BTreeMap<String, Dataset>,
    ) -> Result<Option<String>> {
        let mut parts = vec![
            format!("{:?}", plan.config),
            format!("{:?}", plan.expectations),
        ];
        for (name, dataset) in datasets {
            let Some(contents) = self.contents(dataset)? else {
                return Ok(None);
            };
            let columns = dataset.arrow_schema();
            parts.push(format!(
                "{name} {contents:?} {columns:?} {}",
                dataset.reading()
            ));
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(Some(key(&parts)))
    }

    /// What was kept; `None` when there is nothing for this key.
    #[must_use]
    pub fn states(&self, key: &str) -> Option<KeptStates> {
        serde_json::from_str(&self.get(KIND, key)?).ok()
    }

    /// Keeps the states.
    ///
    /// Errors: [`crate::error::Error::Io`] when they cannot be written.
    pub fn keep_states(&self, key: &str, states: &KeptStates) -> Result<()> {
        let text = serde_json::to_string(states).expect("texts, numbers and lists");
        self.put(KIND, key, &text)
    }
}
