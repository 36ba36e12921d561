//! What is wrong with promises whatever the data will be: unknown checks, unknown and missing arguments, values that cannot be.

use super::OtherDataset;
use super::bind::{Scope, bind};
use super::samples::Samples;
use crate::catalogue::Catalogue;
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::contract::{Contract, Expectation};
use crate::diagnostic::Diagnostic;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::path::Path;

/// Problems that only the columns of the data, or the other datasets, can confirm.
const NEEDS_DATA: &[&str] = &["unknown-column", "type-mismatch"];

/// What promises are held against where no data is there.
pub struct Unseen<'a> {
    /// The checks.
    pub catalogue: &'a Catalogue,
    /// Names of the datasets of `tollgate.yaml`; `None` where a contract is looked at alone, and any name may be one.
    pub datasets: Option<&'a [String]>,
    /// The folder that paths in arguments start from.
    pub base: &'a Path,
    /// The clock, by which `today` and exceptions are read.
    pub now: DateTime<Utc>,
}

impl Unseen<'_> {
    /// Adds every problem of what a dataset promises that no column could mend.
    ///
    /// SQL is not looked at, because it names columns, and neither is whether a column exists or has a fitting type: a plan
    /// looks at these. `use` must be resolved.
    pub fn problems(
        &self,
        contract: Option<&Contract>,
        expect: &[Expectation],
        found: &mut Problems,
    ) {
        let columns = contract.into_iter().flat_map(Contract::entries);
        let of_columns = columns.flat_map(|c| &c.expect);
        let of_contract = contract.into_iter().flat_map(|c| &c.expect);
        let environments = contract.map_or(&[][..], |c| &c.environments);
        for expectation in of_columns.chain(of_contract).chain(expect) {
            let mut problems = Problems::default();
            self.one(expectation, environments, &mut problems);
            found
                .0
                .extend(problems.0.into_iter().filter(|p| self.is_sure(p)));
        }
    }

    /// Whether the problem is one whatever the data will be.
    fn is_sure(&self, problem: &Diagnostic) -> bool {
        let open = problem.code == "unknown-dataset" && self.datasets.is_none();
        !open && !NEEDS_DATA.contains(&problem.code)
    }

    fn one(&self, expectation: &Expectation, environments: &[String], problems: &mut Problems) {
        let Some(check) = self.catalogue.check(&expectation.check) else {
            problems.add(super::dataset::unknown_check(expectation, self.catalogue));
            return;
        };
        let names = self.datasets.unwrap_or_default().iter();
        let datasets: Vec<OtherDataset> = names
            .map(|name| OtherDataset {
                name: name.clone(),
                columns: Vec::new(),
                personal: Vec::new(),
            })
            .collect();
        let scope = Scope {
            columns: &[],
            places: HashMap::new(),
            declared: &[],
            mistyped: &[],
            datasets: &datasets,
            environments,
            samples: Samples::default(),
            base: self.base,
            now: self.now,
        };
        // An expectation for columns of a pattern is looked at as one about some column of it.
        let about = super::template::written(check, expectation).map(|(args, entries, node)| {
            let own = |k: &Key| !["columns", "on_no_match"].contains(&k.name.as_str());
            let mut entries: Vec<(Key, Node)> =
                entries.iter().filter(|(k, _)| own(k)).cloned().collect();
            let key = Key {
                name: "column".to_owned(),
                place: node.place.clone(),
            };
            let name = Node {
                value: Value::Text("column".to_owned()),
                place: node.place.clone(),
            };
            entries.push((key, name));
            Node {
                value: Value::Map(entries),
                place: args.place.clone(),
            }
        });
        bind(
            check,
            &expectation.place,
            about.as_ref().or(expectation.args.as_ref()),
            expectation.column.as_deref(),
            &scope,
            problems,
        );
    }
}
