//! `tollgate lint`: mistakes in configurations, contracts and check files, found without any data.

use super::print;
use crate::catalogue::Catalogue;
use crate::catalogue::load::load;
use crate::config::fields::Problems;
use crate::config::sets::Library;
use crate::config::tree::{self, Value};
use crate::contract::import::{self, open};
use crate::diagnostic::{Diagnostic, SourceFile, plural};
use crate::error::{EXIT_PASS, Error, Result};
use crate::plan::unseen::Unseen;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
#[command(
    after_help = "What needs the columns of the data is looked at by `tollgate plan`: whether they exist, their types, SQL. \
Exit codes: 0 no mistake, 2 mistakes or usage, 3 unreadable."
)]
pub(crate) struct Args {
    /// Configurations with all that they name, contracts in any form, check files; each is told by its content.
    #[arg(default_value = "tollgate.yaml")]
    files: Vec<PathBuf>,
    /// Check files or folders besides the built-in ones, for contracts; a configuration names its own.
    #[arg(long, value_name = "PATH")]
    checks: Vec<PathBuf>,
    /// Clock, RFC 3339: `today` in arguments is read by it.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

/// What a file is.
enum Kind {
    Configuration,
    Contract,
    Check,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let mut problems = Problems::default();
        let own = load(&self.checks)?;
        for path in &self.files {
            match self.one(path, &own, &mut problems) {
                Err(Error::Config(found)) => problems.0.extend(found),
                other => other?,
            }
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        // A contract that is given, and named by a configuration that is given, is read twice.
        for problem in problems.0 {
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
        if !found.is_empty() {
            return Err(Error::Config(found));
        }
        let files = plural(self.files.len() as u64, "file");
        print(&format!("{files} without a mistake\n")).map(|()| EXIT_PASS)
    }

    /// Adds the mistakes of one file; `own` are the checks for contracts.
    fn one(&self, path: &Path, own: &Catalogue, problems: &mut Problems) -> Result<()> {
        // Says what to do where there is no such file.
        if !path.exists() {
            return crate::config::load(path).map(drop);
        }
        let file = open::open(path)?;
        match kind(&file) {
            Kind::Configuration => self.configuration(path, own, problems),
            Kind::Check => load(&[path.to_owned()]).map(drop),
            Kind::Contract => self.contract(&file, own, problems),
        }
    }

    fn configuration(&self, path: &Path, own: &Catalogue, problems: &mut Problems) -> Result<()> {
        let config = crate::config::load(path)?;
        let loaded;
        let catalogue = if config.checks == self.checks {
            own
        } else {
            loaded = load(&config.checks)?;
            &loaded
        };
        let names: Vec<String> = config.datasets.iter().map(|d| d.name.clone()).collect();
        let around = Unseen {
            catalogue,
            datasets: Some(&names),
            base: &config.base,
            now: self.now.unwrap_or_else(Utc::now),
        };
        for dataset in &config.datasets {
            around.problems(dataset.contract.as_ref(), &dataset.expect, problems);
        }
        drop(crate::plan::models::models(&config, problems));
        Ok(())
    }

    /// A contract alone: which datasets and sets `tollgate.yaml` has is not known.
    fn contract(
        &self,
        file: &Arc<SourceFile>,
        catalogue: &Catalogue,
        problems: &mut Problems,
    ) -> Result<()> {
        let imported = import::import(file, None).map_err(Error::Config)?;
        let folder = Path::new(&file.path).parent();
        let around = Unseen {
            catalogue,
            datasets: None,
            base: folder.unwrap_or(Path::new("")),
            now: self.now.unwrap_or_else(Utc::now),
        };
        for draft in &imported.contracts {
            let mut found = Problems::default();
            if let Some(mut contract) =
                crate::contract::read_node(&draft.contract, file, &mut found)
            {
                contract.resolve(&mut Library::default(), &mut found);
                around.problems(Some(&contract), &[], &mut found);
            }
            problems
                .0
                .extend(found.0.into_iter().filter(|p| p.code != "unknown-set"));
        }
        Ok(())
    }
}

/// What a file is, by its keys; by its name where it cannot be read.
fn kind(file: &Arc<SourceFile>) -> Kind {
    let named = Path::new(&file.path).file_stem();
    let Ok(node) = tree::parse(file) else {
        return if named.is_some_and(|n| n == "tollgate") {
            Kind::Configuration
        } else {
            Kind::Contract
        };
    };
    let Value::Map(entries) = &node.value else {
        return Kind::Contract;
    };
    let is_map = |name: &str| {
        let mut all = entries.iter();
        all.any(|(k, v)| k.name == name && matches!(v.value, Value::Map(_)))
    };
    let has = |name: &str| entries.iter().any(|(k, _)| k.name == name);
    let is_check = has("id") && has("measure");
    // dbt's schema.yml has a list of `models`.
    if is_map("datasets") || is_map("models") || named.is_some_and(|n| n == "tollgate") {
        Kind::Configuration
    } else if is_check {
        Kind::Check
    } else {
        Kind::Contract
    }
}
