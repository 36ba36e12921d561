//! The configuration and what it names on disks and stores.

use super::surroundings::writable;
use super::{Asked, Line};
use crate::config::{self, Config};
use crate::diagnostic::plural;
use crate::engine::embedded::inputs;
use crate::error::Error;

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

/// Each dataset, opened for its schema, and the folders that a run adds to.
pub(super) fn named(config: &Config) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for dataset in &config.datasets {
        let subject = format!("dataset {}", dataset.name);
        let mut alone = config.clone();
        alone.datasets.retain(|d| d.name == dataset.name);
        alone.models.clear();
        lines.push(match inputs::look(&alone) {
            Ok(_) => Line::good(subject, format!("{} can be read", dataset.path.shown())),
            Err(Error::Config(all)) => Line::bad(
                subject,
                plural(all.len() as u64, "problem"),
                format!("`tollgate plan {}` shows each with its place", config.file.path),
            ),
            Err(error) => Line::bad(
                subject,
                first_line(&error.to_string()),
                "see that the file is there, and that the job may read it; addresses need their credentials in variables",
            ),
        });
    }
    if let Some(history) = &config.history {
        let folder = config.base.join(&history.folder.path);
        lines.push(writable("history", &folder));
    }
    lines
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
