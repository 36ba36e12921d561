//! The configuration and what it names on disks and stores.

use super::surroundings::writable;
use super::{Asked, Line};
use crate::catalogue::Catalogue;
use crate::catalogue::load::load;
use crate::config::models::{ModelConfig, Origin};
use crate::config::{self, Config, DatasetConfig};
use crate::context::{Context, Progress};
use crate::diagnostic::plural;
use crate::engine::embedded::inputs;
use crate::error::Error;
use crate::plan::plan;
use crate::registry::{self, Target};

/// The configuration, where it can be read, and what is said of it.
pub(super) fn config(asked: &Asked) -> (Option<Config>, Vec<Line>) {
    let name = asked.config.display().to_string();
    if !asked.config.exists() {
        let fix = "name one as the argument, or let `tollgate init DATA` write it";
        let line = Line::bad("configuration", format!("{name} is not there"), fix);
        return (None, vec![line]);
    }
    match config::load(asked.config) {
        Ok(config) => {
            let parts = [
                plural(config.datasets.len() as u64, "dataset"),
                plural(config.models.len() as u64, "model"),
            ];
            let said = format!("{name}: {}", parts.join(", "));
            (Some(config), vec![Line::good("configuration", said)])
        }
        Err(error) => {
            let said = match &error {
                Error::Config(all) => plural(all.len() as u64, "problem"),
                other => other.to_string(),
            };
            let fix = format!("`tollgate plan {name}` shows each with its place and the way out");
            let line = Line::bad("configuration", format!("{name}: {said}"), fix);
            (None, vec![line])
        }
    }
}

/// Each dataset, opened for its schema and planned; the registries; the folders that a run adds to.
pub(super) fn named(config: &Config, asked: &Asked) -> Vec<Line> {
    let mut lines = Vec::new();
    match load(&config.checks) {
        Ok(catalogue) => {
            let each = config.datasets.iter();
            lines.extend(each.map(|d| dataset(config, &catalogue, d, asked)));
        }
        Err(error) => lines.push(refused("checks".to_owned(), &error, config)),
    }
    lines.extend(registries(config, asked));
    if let Some(history) = &config.history {
        let folder = config.base.join(&history.folder.path);
        lines.push(writable("history", &folder));
    }
    lines
}

/// One dataset, whose promises fit the columns that it has; no row is read.
fn dataset(config: &Config, catalogue: &Catalogue, dataset: &DatasetConfig, asked: &Asked) -> Line {
    let subject = format!("dataset {}", dataset.name);
    let mut alone = config.clone();
    alone.datasets.retain(|d| d.name == dataset.name);
    alone.models.clear();
    let planned = inputs::look(&alone).and_then(|inputs| {
        let plan = plan(&alone, catalogue, &inputs, asked.now)?;
        Ok(plan
            .datasets
            .iter()
            .map(|d| d.expectations.len())
            .sum::<usize>())
    });
    match planned {
        Ok(promises) => {
            let promises = plural(promises as u64, "promise");
            let shown = dataset.path.shown();
            Line::good(
                subject,
                format!("{shown} can be read, and fits its {promises}"),
            )
        }
        Err(error) => refused(subject, &error, config),
    }
}

fn refused(subject: String, error: &Error, config: &Config) -> Line {
    match error {
        Error::Config(all) => Line::bad(
            subject,
            plural(all.len() as u64, "problem"),
            format!(
                "`tollgate plan {}` shows each with its place",
                config.file.path
            ),
        ),
        other => Line::bad(
            subject,
            first_line(&other.to_string()),
            "see that it is there, and that the job may read it; addresses need their credentials in variables",
        ),
    }
}

/// Every alias that a model is promoted to or compared with, each once.
fn registries(config: &Config, asked: &Asked) -> Vec<Line> {
    let mut named: Vec<(&ModelConfig, &str, &str)> = Vec::new();
    for model in &config.models {
        let promoted = model.promote.iter();
        let promoted = promoted.map(|p| (p.registry.as_str(), p.alias.as_str()));
        let sides = [model.baseline.as_ref(), model.anchor.as_ref()];
        let compared = sides.into_iter().flatten().filter_map(Origin::champion);
        let compared = compared.map(|c| (c.registry.as_str(), c.alias.as_str()));
        for (registry, alias) in promoted.chain(compared) {
            let one = (model, registry, alias);
            if !named
                .iter()
                .any(|(m, r, a)| (&m.name, *r, *a) == (&model.name, registry, alias))
            {
                named.push(one);
            }
        }
    }
    let lines = named.into_iter();
    lines
        .filter_map(|(model, name, alias)| registry(config, (model, name, alias), asked))
        .collect()
}

/// A registry that a model names: whether it answers, and where the alias leads.
fn registry(
    config: &Config,
    (model, name, alias): (&ModelConfig, &str, &str),
    asked: &Asked,
) -> Option<Line> {
    let registry = config.registries.iter().find(|r| r.name == name)?;
    let subject = format!("registry {}", registry.name);
    let target = Target {
        model: registry.model.clone().unwrap_or_else(|| model.name.clone()),
        alias: alias.to_owned(),
    };
    let context = Context {
        now: asked.now,
        seed: 0,
        commit: None,
        progress: Progress::Hidden,
    };
    let opened = registry::open(registry, target, &config.base, &context);
    let seen = opened.and_then(|r| {
        let shown = r.shown();
        r.look().map_err(|trouble| trouble.error("look at", &shown))
    });
    Some(match seen {
        Ok(seen) => {
            let leads = match seen.version {
                Some(version) => format!("{alias} of {} leads to {version}", model.name),
                None => format!("{alias} of {} is not there yet", model.name),
            };
            Line::good(subject, leads)
        }
        Err(error) => refused(subject, &error, config),
    })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
