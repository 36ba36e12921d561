//! `tollgate baseline accept`: a run's candidate becomes the baseline.

use crate::cli::{print, tell};
use crate::diagnostic::{plural, unknown};
use crate::error::{EXIT_PASS, EXIT_REFUSED, Error, Result};
use crate::model::source::pinned::{self, Accepted, Anchoring};
use crate::record::{ModelRecord, Run, Status};
use crate::report;
use crate::report::text::{line, safe_block};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The run.json of the run whose candidate is accepted.
    run: PathBuf,
    /// The model, where the run has several.
    #[arg(long)]
    model: Option<String>,
    /// The file that is written; `baselines/MODEL.yaml` where nothing is said.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Who accepts it; the CI's variable for the person where nothing is said.
    #[arg(long)]
    by: Option<String>,
    /// Why, for those who come later.
    #[arg(long)]
    reason: Option<String>,
    /// What margins are held against besides the new values.
    #[arg(long, value_enum, default_value_t = AnchorArg::Keep)]
    anchor: AnchorArg,
    /// Accept a run that did not pass; needs `--reason`.
    #[arg(long, requires = "reason")]
    despite_verdict: bool,
    /// Clock of the acceptance, RFC 3339.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AnchorArg {
    /// The values of the baseline that was anchored last, so that small losses do not add up.
    Keep,
    /// The new values: margins start from here.
    Move,
}

impl Args {
    pub(super) fn execute(self) -> Result<u8> {
        let run = report::read_run(&self.run)?;
        let model = self.find(&run)?;
        let status = run.verdict.status;
        if !matches!(status, Status::Pass | Status::Warn) && !self.despite_verdict {
            tell(&format!(
                "refused: the verdict of {} is {}, and only a run that passes makes a baseline; --despite-verdict with \
                 --reason accepts it",
                line(&self.run.display().to_string()),
                status.word()
            ));
            return Ok(EXIT_REFUSED);
        }
        let shown = self.run.display().to_string();
        let accepted = self.accepted(&run);
        let new = pinned::of_run(model, accepted).map_err(|e| Error::data("accept", &shown, e))?;
        let path = self.output.clone().unwrap_or_else(|| default(&model.name));
        let old = pinned::read(&path)?;
        let new = match &old {
            Some(old) if old.model != new.model => {
                return Err(Error::Usage(format!(
                    "{} is the baseline of `{}`, not of `{}`; name another file with --output",
                    path.display(),
                    old.model,
                    new.model
                )));
            }
            Some(old) => new.after(old, self.anchoring()),
            None => new,
        };
        new.write(&path)?;
        let before = old.map(|o| o.text()).unwrap_or_default();
        let name = path.display().to_string();
        let said = format!(
            "{}: {} of {}\n",
            line(&name),
            plural(new.metrics.len() as u64, "metric"),
            line(&new.model)
        );
        let difference = pinned::difference((&name, &before), (&name, &new.text()));
        print(&safe_block(&(difference + &said))).map(|()| EXIT_PASS)
    }

    fn find<'a>(&self, run: &'a Run) -> Result<&'a ModelRecord> {
        let names = run.models.iter().map(|m| m.name.as_str());
        let file = self.run.display();
        match (&self.model, run.models.as_slice()) {
            (_, []) => Err(Error::Usage(format!(
                "{file} is the record of a run without models"
            ))),
            (None, [one]) => Ok(one),
            (None, _) => {
                let names: Vec<&str> = names.collect();
                let names = names.join(", ");
                Err(Error::Usage(format!(
                    "{file} has several models ({names}); name one with --model"
                )))
            }
            (Some(wanted), models) => {
                let found = models.iter().find(|m| m.name == *wanted);
                found.ok_or_else(|| Error::Usage(unknown("model", wanted, names)))
            }
        }
    }

    fn accepted(&self, run: &Run) -> Accepted {
        let person = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN"];
        let by = self
            .by
            .clone()
            .or_else(|| person.iter().find_map(|v| std::env::var(v).ok()));
        Accepted {
            at: self
                .now
                .unwrap_or_else(Utc::now)
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            by,
            commit: run.provenance.commit.clone(),
            reason: self.reason.clone(),
        }
    }

    fn anchoring(&self) -> Anchoring {
        match self.anchor {
            AnchorArg::Keep => Anchoring::Keep,
            AnchorArg::Move => Anchoring::Move,
        }
    }
}

/// `baselines/MODEL.yaml`, with `_` for what a file's name should not have.
fn default(model: &str) -> PathBuf {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = model.chars().map(plain).collect();
    let name = name.trim_start_matches('.');
    Path::new("baselines").join(format!("{name}.yaml"))
}
