//! Parts of a run that cannot be evaluated: they are set aside, each with its reason, and the run goes on without them.
//!
//! A dataset that cannot be read says nothing of another one. So a walk that meets one is walked again without it, and
//! the record says of it what the terminal says. What was measured of the others before that is measured again: only
//! nights in which something cannot be read take longer. Whoever names a dataset that was set aside cannot be evaluated
//! either. A model that cannot be read is told in its place, because the calls that judge the others are not made twice.

mod needs;

use crate::catalogue::{self, Catalogue};
use crate::config::models::ModelConfig;
use crate::config::{Config, DatasetConfig};
use crate::detect::Detector;
use crate::diagnostic::Place;
use crate::engine::embedded::source::KeptInput;
use crate::error::{Error, Result};
use crate::model::gate::unread;
use crate::record::{DatasetRecord, ModelRecord, Outcome, READABLE, Severity, Status};
use crate::report::text::{clip, line};

/// Characters of a reason at most.
const REASON: usize = 2_000;

/// What was set aside, and the order of everything in the configuration.
#[derive(Debug, Default)]
pub struct Aside {
    order: Vec<String>,
    /// Datasets that are not there any more; with the reason where no outcome tells it.
    gone: Vec<(String, Option<String>)>,
    outcomes: Vec<Outcome>,
    datasets: Vec<DatasetRecord>,
    models: Vec<ModelRecord>,
}

/// Does something for every part by its name, and goes on where one cannot be read: all that cannot are told at once.
///
/// Errors: [`Error::Parts`] for those that cannot be read; any other error at once, as it is.
pub fn each<'a, T, R>(
    parts: impl IntoIterator<Item = (&'a str, T)>,
    one: impl Fn(T) -> Result<R>,
) -> Result<Vec<R>> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        match one(part) {
            Ok(result) => done.push(result),
            Err(error) if error.is_of_data() => failed.push((name.to_owned(), error)),
            Err(error) => return Err(error),
        }
    }
    if failed.is_empty() {
        Ok(done)
    } else {
        Err(Error::Parts(failed))
    }
}

/// Walks a configuration, again and again without what could not be read, until a walk comes to its end.
///
/// Errors: those of the walk that are not of data.
pub fn walked<T>(config: Config, mut walk: impl FnMut(Config, &Aside) -> Result<T>) -> Result<T> {
    let mut aside = Aside {
        order: order(&config),
        ..Aside::default()
    };
    // Standard input can be read only once, whatever the number of walks.
    let _input = KeptInput::new();
    let mut config = config;
    loop {
        match walk(config.clone(), &aside) {
            Ok(done) => return Ok(done),
            Err(error) => aside.take(&mut config, error)?,
        }
    }
}

fn held(name: &str, (needed, reason): &(String, Option<String>)) -> String {
    let reason = reason
        .as_ref()
        .map_or_else(String::new, |r| format!(": {r}"));
    format!("`{name}` is held against `{needed}`, which could not be evaluated{reason}")
}

fn order(config: &Config) -> Vec<String> {
    let datasets = config.datasets.iter().map(|d| d.name.clone());
    datasets
        .chain(config.models.iter().map(|m| m.name.clone()))
        .collect()
}

impl Aside {
    /// Whether nothing was set aside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// Takes what an error is about out of the configuration, and whatever cannot be evaluated without it.
    ///
    /// Errors: the error itself where it is not one of data, or nothing is left that it could be about.
    fn take(&mut self, config: &mut Config, error: Error) -> Result<()> {
        let before = config.datasets.len() + config.models.len();
        match error {
            Error::Parts(parts) => {
                for (name, error) in &parts {
                    self.take_part(config, name, &said(error));
                }
                // The walk read it before anything that can fail so.
                let catalogue = catalogue::load::load(&config.checks)?;
                self.take_those_in_need(config, &catalogue);
                if config.datasets.len() + config.models.len() == before {
                    return Err(Error::Parts(parts));
                }
            }
            // Nobody knows which part it is about: nothing is known of any.
            error if error.is_of_data() && before > 0 => {
                let reason = said(&error);
                let names: Vec<String> = config.datasets.iter().map(|d| d.name.clone()).collect();
                for name in names {
                    self.take_dataset(config, &name, &reason);
                }
                for model in std::mem::take(&mut config.models) {
                    self.add_model(&model, &reason);
                }
            }
            error => return Err(error),
        }
        Ok(())
    }

    fn take_part(&mut self, config: &mut Config, name: &str, reason: &str) {
        match config.models.iter().position(|m| m.name == name) {
            Some(place) => {
                let model = config.models.remove(place);
                self.add_model(&model, reason);
            }
            None => self.take_dataset(config, name, reason),
        }
    }

    fn take_dataset(&mut self, config: &mut Config, name: &str, reason: &str) {
        let Some(place) = config.datasets.iter().position(|d| d.name == name) else {
            return;
        };
        let dataset = config.datasets.remove(place);
        let beside = config.beside.contains(&dataset.name);
        self.gone
            .push((dataset.name.clone(), beside.then(|| reason.to_owned())));
        // What is only there because of others has no verdict of its own.
        if beside {
            config.beside.retain(|b| *b != dataset.name);
            self.order.retain(|o| *o != dataset.name);
        } else {
            self.outcomes.push(of_dataset(&dataset, reason));
            self.datasets.push(record(&dataset));
        }
    }

    /// Datasets and models that name one that is not there any more.
    fn take_those_in_need(&mut self, config: &mut Config, catalogue: &Catalogue) {
        while let Some((name, needed)) = needs::dataset(config, &self.gone, catalogue) {
            let reason = held(&name, needed);
            self.take_dataset(config, &name, &reason);
        }
        while let Some((place, needed)) = needs::model(config, &self.gone) {
            let model = config.models.remove(place);
            let reason = held(&model.name, needed);
            self.add_model(&model, &reason);
        }
    }

    fn add_model(&mut self, model: &ModelConfig, reason: &str) {
        self.outcomes
            .push(crate::model::outcome::unreadable(model, reason));
        self.models.push(unread(model));
    }

    /// Adds the outcomes of what was set aside, in the order of the configuration.
    pub fn tell(&self, found: &mut Vec<Outcome>) {
        if self.is_empty() {
            return;
        }
        found.extend(self.outcomes.iter().cloned());
        found.sort_by_key(|o| self.place(&o.dataset));
    }

    /// Adds the records of what was set aside, in the order of the configuration: names and paths, and nothing of content.
    pub fn record(&self, datasets: &mut Vec<DatasetRecord>, models: &mut Vec<ModelRecord>) {
        datasets.extend(self.datasets.iter().cloned());
        datasets.sort_by_key(|d| self.place(&d.name));
        models.extend(self.models.iter().cloned());
        models.sort_by_key(|m| self.place(&m.name));
    }

    fn place(&self, name: &str) -> usize {
        let found = self.order.iter().position(|o| o == name);
        found.unwrap_or(self.order.len())
    }
}

/// An error in the words of the terminal, on one line; what looks personal or secret in it is taken out.
#[must_use]
pub fn said(error: &Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let text = line(&lines.join("; "));
    clip(&Detector::of_reports().hide(&text), REASON)
}

/// The sentence of what was not evaluated.
#[must_use]
pub fn sentence(reason: &str) -> String {
    format!("Not evaluated: {}.", reason.trim_end_matches('.'))
}

fn of_dataset(dataset: &DatasetConfig, reason: &str) -> Outcome {
    let contract = dataset.contract.as_ref();
    Outcome {
        id: format!("{}.{READABLE}", dataset.name),
        dataset: dataset.name.clone(),
        check: READABLE.to_owned(),
        column: None,
        status: Status::Error,
        severity: Severity::Error,
        message: sentence(reason),
        summary: "The dataset can be read, so that its promises can be told.".to_owned(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(named(dataset).location()),
        owner: contract.and_then(|c| c.owner.clone()),
        description: None,
        tags: Vec::new(),
        waiver: None,
        began: None,
    }
}

fn named(dataset: &DatasetConfig) -> &Place {
    &dataset.path.place
}

fn record(dataset: &DatasetConfig) -> DatasetRecord {
    let environment = dataset.environment.as_ref();
    DatasetRecord {
        name: dataset.name.clone(),
        path: dataset.path.shown(),
        files: Vec::new(),
        rows: 0,
        schema: Vec::new(),
        contract: dataset.contract_path.clone(),
        reference: None,
        references: Vec::new(),
        reference_files: Vec::new(),
        environment: environment.map(|(name, _)| name.clone()),
        before: None,
        profile: Vec::new(),
    }
}
