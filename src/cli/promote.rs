//! `tollgate promote`: the alias of a registry moves to the candidate of a run, or it is said why not.

use super::{Global, context, print};
use crate::config::Config;
use crate::context::Context;
use crate::error::{EXIT_PASS, EXIT_REFUSED, Error, Result};
use crate::promote::{
    Effect, Evidence, Outcome, PROMOTION_SCHEMA_VERSION, Promotion, Promotions, Wish, promote,
    sha256,
};
use crate::record::Run;
use crate::report;
use crate::report::text::{line, safe_block};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run.json of the run that is the evidence.
    run: PathBuf,
    /// The configuration; the one that the run names where nothing is said.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Only this model, where the run has several that are promoted.
    #[arg(long)]
    model: Option<String>,
    #[command(flatten)]
    mover: Mover,
    /// File for the record; `promotion.json` beside the run where nothing is said.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// Who moves an alias, and how: what promotions and ways back share.
#[derive(clap::Args)]
pub(super) struct Mover {
    /// Print what would be done, with every call, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Who does it; the CI's variable for the person where nothing is said.
    #[arg(long)]
    by: Option<String>,
    /// Why, for those who come later.
    #[arg(long)]
    reason: Option<String>,
    /// Clock of the promotion, RFC 3339.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

impl Mover {
    /// Clock and surroundings.
    pub(super) fn context(&self, global: Global) -> Context {
        context(self.now, 0, global)
    }

    /// Who and why, from the options and the CI's variables.
    pub(super) fn wish(&self) -> Wish {
        Wish {
            by: self.by.clone().or_else(person),
            reason: self.reason.clone(),
            url: job(),
            effect: if self.dry_run {
                Effect::Dry
            } else {
                Effect::Real
            },
        }
    }
}

/// Who started the job, by the CI's variables.
fn person() -> Option<String> {
    let names = [
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "BUILD_REQUESTEDFOR",
        "BUILDKITE_BUILD_CREATOR",
        "CIRCLE_USERNAME",
    ];
    names
        .iter()
        .find_map(|v| std::env::var(v).ok().filter(|v| !v.is_empty()))
}

/// Address of the job, by the CI's variables.
fn job() -> Option<String> {
    let get = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let github = || {
        let (server, repository) = (get("GITHUB_SERVER_URL")?, get("GITHUB_REPOSITORY")?);
        Some(format!(
            "{server}/{repository}/actions/runs/{}",
            get("GITHUB_RUN_ID")?
        ))
    };
    let names = [
        "CI_JOB_URL",
        "BUILD_URL",
        "BUILDKITE_BUILD_URL",
        "CIRCLE_BUILD_URL",
    ];
    github().or_else(|| names.iter().find_map(|n| get(n)))
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let bytes = std::fs::read(&self.run).map_err(|e| Error::io("read", &self.run, e))?;
        let run = report::read_run(&self.run)?;
        let config = self.config.clone();
        let config = config.unwrap_or_else(|| PathBuf::from(&run.provenance.config));
        let config = crate::config::load(&config)?;
        let names = models(&run, &config, self.model.as_deref())?;
        let output = self.output.clone();
        let output = output.unwrap_or_else(|| beside(&self.run, "promotion.json"));
        let promoter = Promoter {
            config: &config,
            wish: &self.mover.wish(),
            context: &self.mover.context(global),
            output: &output,
        };
        let found = promoter.promote(&names, &self.run, &bytes, &run)?;
        said(&found, global)
    }
}

/// What is promoted with, whatever is promoted.
pub(super) struct Promoter<'a> {
    pub(super) config: &'a Config,
    pub(super) wish: &'a Wish,
    pub(super) context: &'a Context,
    pub(super) output: &'a Path,
}

impl Promoter<'_> {
    /// Promotes models of a run one after the other; the record is written at every step.
    pub(super) fn promote(
        &self,
        names: &[String],
        path: &Path,
        bytes: &[u8],
        run: &Run,
    ) -> Result<Promotions> {
        let files: Vec<PathBuf> = ["report.html", "report.md", "run.intoto.json"]
            .iter()
            .map(|name| beside(path, name))
            .filter(|file| file.is_file())
            .collect();
        let evidence = Evidence {
            path,
            bytes,
            run,
            files: &files,
            signed: Err("the run is not signed".to_owned()),
            envelope: false,
        };
        let mut all = recorded(Some(sha256(bytes)));
        for name in names {
            let mut tell = |one: &Promotion| self.tell(&all, one);
            let one = promote(
                self.config,
                name,
                &evidence,
                self.wish,
                self.context,
                &mut tell,
            )?;
            self.tell(&all, &one)?;
            all.promotions.push(one);
        }
        Ok(all)
    }

    /// Writes the record as it is now; a dry run leaves none.
    pub(super) fn tell(&self, before: &Promotions, one: &Promotion) -> Result<()> {
        if self.wish.effect == Effect::Dry {
            return Ok(());
        }
        let mut all = before.clone();
        all.promotions.push(one.clone());
        let text = serde_json::to_string_pretty(&all).expect("texts are JSON");
        report::write(self.output, &(report::text::json(&text) + "\n"))
    }
}

/// A record without promotions.
pub(super) fn recorded(run_sha256: Option<String>) -> Promotions {
    Promotions {
        schema_version: PROMOTION_SCHEMA_VERSION.to_owned(),
        tollgate: env!("CARGO_PKG_VERSION").to_owned(),
        run_sha256,
        promotions: Vec::new(),
    }
}

/// The models that are promoted: the named one, or all that the configuration promotes.
///
/// Errors: [`Error::Usage`] where there are none.
pub(super) fn models(run: &Run, config: &Config, only: Option<&str>) -> Result<Vec<String>> {
    let names = config.models.iter().filter(|m| m.promote.is_some());
    let names: Vec<String> = names.map(|m| m.name.clone()).collect();
    if let Some(only) = only {
        crate::promote::promoted(config, only)?;
        return Ok(vec![only.to_owned()]);
    }
    if names.is_empty() {
        let file = &config.file.path;
        return Err(Error::Usage(format!(
            "{file} promotes no model; add `promote: {{registry: NAME, alias: champion}}` to one and the registry to `registries`"
        )));
    }
    let _ = run;
    Ok(names)
}

/// The file of another name in the folder of a file.
fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent()
        .map_or_else(|| PathBuf::from(name), |p| p.join(name))
}

/// Prints how promotions ended, and says it by the exit code.
pub(super) fn said(all: &Promotions, global: Global) -> Result<u8> {
    let mut text = String::new();
    for one in &all.promotions {
        if !global.quiet {
            text.push_str(&told(one));
        }
    }
    let worst = all.promotions.iter().find(|p| !p.ended.is_good());
    let worst = worst.or(all.promotions.first());
    let word = worst.map_or("nothing", |p| p.ended.word());
    text.push_str(&format!("promotion: {word}\n"));
    print(&safe_block(&text))?;
    let good = all.promotions.iter().all(|p| p.ended.is_good());
    Ok(if good { EXIT_PASS } else { EXIT_REFUSED })
}

/// One promotion for people.
fn told(one: &Promotion) -> String {
    let mut text = format!("{}: {}\n", line(&one.name), line(&one.sentence));
    for refusal in &one.refusals {
        text.push_str(&format!(
            "  {}: {}\n    = help: {}\n",
            refusal.rule,
            line(&refusal.message),
            line(&refusal.help)
        ));
    }
    for call in &one.calls {
        text.push_str(&format!("  {} {}\n", call.verb, line(&call.to)));
        if !call.body.is_empty() {
            text.push_str(&format!("    {}\n", line(&call.body)));
        }
    }
    if one.ended == Outcome::Moved || one.ended == Outcome::Planned {
        text.push_str(&format!("  {}: {}\n", line(&one.registry), one.safety));
    }
    text
}
