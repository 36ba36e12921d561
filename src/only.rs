//! A part of a run: the checks, datasets and changes that the command line asks for, and what that leaves out.

mod changed;

use crate::aside::Aside;
use crate::config::dataset::PastRuns;
use crate::config::tree::{Node, Value};
use crate::config::{Config, DatasetConfig, References};
use crate::diagnostic::{listing, unknown};
use crate::engine::embedded::inputs::COUNTS_MALFORMED;
use crate::error::{Error, Result};
use crate::naming::IdPattern;
use crate::plan::{Plan, Planned};
use crate::record::{LeftOut, Outcome};

/// What is asked for; nothing given asks for everything.
#[derive(Debug, Clone, Default)]
pub struct Only {
    /// Checks, ids of outcomes, patterns of either, or `dataset/column/check`.
    pub checks: Vec<String>,
    /// Datasets by name.
    pub datasets: Vec<String>,
    /// A git revision: datasets whose own files changed since then.
    pub changed_since: Option<String>,
}

/// What `--only` gives, cut at its slashes.
struct Wanted<'a> {
    written: &'a str,
    whole: IdPattern,
    dataset: IdPattern,
    column: IdPattern,
    check: IdPattern,
}

impl<'a> Wanted<'a> {
    fn of(written: &'a str) -> Self {
        let parts: Vec<&str> = written.split('/').collect();
        let (dataset, column, check) = match parts[..] {
            [dataset, column, check] => (dataset, column, check),
            [dataset, check] => (dataset, "*", check),
            _ => ("*", "*", written),
        };
        Self {
            written,
            whole: IdPattern::new(written),
            dataset: IdPattern::new(dataset),
            column: IdPattern::new(column),
            check: IdPattern::new(check),
        }
    }

    fn matches(&self, dataset: &str, check: &str, columns: &[&str], id: &str) -> bool {
        let none: &[&str] = &[""];
        let columns = if columns.is_empty() { none } else { columns };
        let by_parts = self.dataset.matches(dataset)
            && self.check.matches(check)
            && columns.iter().any(|c| self.column.matches(c));
        by_parts || self.whole.matches(id)
    }

    fn is_for(&self, dataset: &str, planned: &Planned) -> bool {
        let columns = planned.args.all_columns();
        self.matches(dataset, &planned.check.id, &columns, &planned.id)
    }

    /// Whether some outcome of a model may be meant, of which no list exists before it is judged.
    fn may_be_of_model(&self, model: &str) -> bool {
        let own = self.written.strip_prefix(model);
        let id = own.is_some_and(|rest| rest.starts_with('.'));
        let by_parts = self.dataset.matches(model) && self.check.written().starts_with("model_");
        id || by_parts
    }

    /// Whether some outcome of drift may be meant, of which no list exists before the comparison.
    fn may_be_drift(&self, config: &DatasetConfig) -> bool {
        let own = self.written.strip_prefix(config.name.as_str());
        let id = own.and_then(|rest| rest.strip_prefix('.'));
        let check = id.unwrap_or(self.check.written());
        let begin = check.split(['*', '?']).next().unwrap_or_default();
        let open = begin.len() < check.len();
        begin.starts_with("drift_") || (open && "drift_".starts_with(begin))
    }
}

impl Only {
    /// Whether everything is asked for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.checks.is_empty() && self.datasets.is_empty() && self.changed_since.is_none()
    }

    /// Takes out of the configuration what is not asked for: datasets, but those that others are compared with, which
    /// are then [`Config::beside`]; and drift, where no check of it is asked for.
    ///
    /// Errors: [`Error::Usage`] for a dataset that there is not; where git cannot say what changed, with the way out.
    pub fn choose(&self, config: &mut Config) -> Result<Option<LeftOut>> {
        if self.is_everything() {
            return Ok(None);
        }
        let names: Vec<String> = config.datasets.iter().map(|d| d.name.clone()).collect();
        let models: Vec<String> = config.models.iter().map(|m| m.name.clone()).collect();
        let all = || names.iter().chain(&models).map(String::as_str);
        if let Some(name) = self.datasets.iter().find(|n| !all().any(|a| a == **n)) {
            return Err(Error::Usage(format!(
                "--dataset: {}",
                unknown("dataset", name, all())
            )));
        }
        config.models.retain(|m| self.takes(&m.name));
        let models = models
            .into_iter()
            .filter(|name| config.models.iter().all(|m| m.name != *name))
            .collect();
        let mut chosen = names.clone();
        if !self.datasets.is_empty() {
            chosen.retain(|n| self.datasets.contains(n));
        }
        if let Some(rev) = &self.changed_since {
            let touched = changed::datasets(config, rev)?;
            chosen.retain(|n| touched.contains(n));
        }
        let mut drift = false;
        let wanted: Vec<Wanted> = self.checks.iter().map(|c| Wanted::of(c)).collect();
        for dataset in &mut config.datasets {
            let compared = !dataset.references.named.is_empty() || dataset.past.judge();
            let asked = wanted.is_empty() || wanted.iter().any(|w| w.may_be_drift(dataset));
            if chosen.contains(&dataset.name) && compared && !asked {
                dataset.references = References::default();
                dataset.past = PastRuns::Unknown;
                drift = true;
            }
        }
        config.beside = needed(config, &chosen);
        let kept = |d: &DatasetConfig| chosen.contains(&d.name) || config.beside.contains(&d.name);
        let datasets = config
            .datasets
            .iter()
            .filter(|d| kept(d))
            .cloned()
            .collect();
        config.datasets = datasets;
        let left = names.iter().filter(|n| !chosen.contains(n));
        Ok(Some(LeftOut {
            asked: self.written(),
            datasets: left.cloned().collect(),
            models,
            promises: 0,
            drift,
        }))
    }

    /// Whether a model is judged: one that `--dataset` names, or that has outcomes which `--only` may name. What changed
    /// is asked of datasets alone.
    fn takes(&self, model: &str) -> bool {
        if self.changed_since.is_some() {
            return false;
        }
        let named = self.datasets.is_empty() || self.datasets.iter().any(|n| n == model);
        let mut wanted = self.checks.iter().map(|c| Wanted::of(c));
        named && (self.checks.is_empty() || wanted.any(|w| w.may_be_of_model(model)))
    }

    /// Takes out of the plan what `--only` does not name; writes down how many promises those are. What counts rows that the
    /// reader leaves out stays: the others are about the rows that are left.
    ///
    /// Errors: [`Error::Usage`] for a name that nothing matches, with the nearest ones.
    pub fn keep(
        &self,
        plan: &mut Plan,
        left_out: &mut Option<LeftOut>,
        aside: &Aside,
    ) -> Result<()> {
        let wanted: Vec<Wanted> = self.checks.iter().map(|c| Wanted::of(c)).collect();
        for one in &wanted {
            let mut parts = plan.datasets.iter();
            let planned = parts.clone().any(|d| {
                let mut all = d.expectations.iter();
                all.any(|p| one.is_for(&d.config.name, p))
            });
            // What was set aside may have been meant.
            let empty = plan.datasets.is_empty() || !aside.is_empty();
            let model = plan
                .models
                .iter()
                .any(|m| one.may_be_of_model(&m.config.name));
            if !planned && !empty && !model && !parts.any(|d| one.may_be_drift(&d.config)) {
                return Err(nothing(one, plan));
            }
        }
        let mut left = 0;
        for part in plan.datasets.iter_mut().filter(|_| !wanted.is_empty()) {
            let name = part.config.name.clone();
            let before = part.expectations.len();
            part.expectations.retain(|p| {
                let counts = p.check.id == COUNTS_MALFORMED;
                counts || wanted.iter().any(|w| w.is_for(&name, p))
            });
            left += (before - part.expectations.len()) as u64;
        }
        if let Some(left_out) = left_out {
            left_out.promises = left;
        }
        Ok(())
    }

    /// Takes out the outcomes of drift and of models that `--only` does not name.
    pub fn told(&self, outcomes: &mut Vec<Outcome>) {
        if self.checks.is_empty() {
            return;
        }
        let wanted: Vec<Wanted> = self.checks.iter().map(|c| Wanted::of(c)).collect();
        let named = |o: &Outcome| {
            let columns: Vec<&str> = o.column.as_deref().into_iter().collect();
            let mut all = wanted.iter();
            all.any(|w| w.matches(&o.dataset, &o.check, &columns, &o.id))
        };
        outcomes.retain(|o| !(o.is_drift() || o.is_of_model()) || named(o));
    }

    /// The options as given.
    fn written(&self) -> Vec<String> {
        let of = |option: &'static str, values: &[String]| -> Vec<String> {
            let each = values.iter().map(|v| format!("{option} {v}"));
            each.collect()
        };
        let since: Vec<String> = self.changed_since.iter().cloned().collect();
        [
            of("--only", &self.checks),
            of("--dataset", &self.datasets),
            of("--changed-since", &since),
        ]
        .concat()
    }
}

fn nothing(wanted: &Wanted, plan: &Plan) -> Error {
    let mut names: Vec<&str> = Vec::new();
    for part in &plan.datasets {
        for planned in &part.expectations {
            for name in [planned.check.id.as_str(), planned.id.as_str()] {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    let written = wanted.written;
    Error::Usage(format!(
        "--only {written} names nothing that would be checked; {}; `tollgate plan` lists every id",
        listing("names", written, names)
    ))
}

/// Datasets that the chosen ones may be compared with: their names stand somewhere in what is expected of these.
fn needed(config: &Config, chosen: &[String]) -> Vec<String> {
    let mut texts = Vec::new();
    for dataset in config.datasets.iter().filter(|d| chosen.contains(&d.name)) {
        let contract = dataset.contract.iter();
        let columns = contract
            .clone()
            .flat_map(|c| c.entries().flat_map(|c| &c.expect));
        let own = contract.flat_map(|c| &c.expect).chain(&dataset.expect);
        for expectation in own.chain(columns) {
            expectation.args.iter().for_each(|n| gather(n, &mut texts));
        }
    }
    let others = config.datasets.iter().filter(|d| !chosen.contains(&d.name));
    let named = others.filter(|d| texts.iter().any(|t| t.contains(&d.name)));
    named.map(|d| d.name.clone()).collect()
}

fn gather(node: &Node, found: &mut Vec<String>) {
    match &node.value {
        Value::Text(text) => found.push(text.clone()),
        Value::List(items) => items.iter().for_each(|n| gather(n, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, n)| gather(n, found)),
        _ => {}
    }
}
