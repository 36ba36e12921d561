//! `tollgate promote`: the alias of a registry moves to the candidate of a run, or it is said why not.

mod keys;
mod told;

pub(super) use told::said;

use super::sign::{run_url, variable};
use super::{Global, context, tell};
use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::signed;
use crate::notify::Meant;
use crate::promote::{
    Effect, Evidence, Outcome, PROMOTION_SCHEMA_VERSION, Promotion, Promotions, Wish, promote,
    sha256,
};
use crate::report;
use chrono::{DateTime, Utc};
use keys::{Keys, signed_promotion};
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
    keys: Keys,
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
            url: run_url(),
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
    names.iter().find_map(|name| variable(name))
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let wish = self.mover.wish();
        let all = self.promote(&wish, &self.mover.context(global))?;
        told::output(&all)?;
        said(&all, global)
    }

    fn promote(&self, wish: &Wish, context: &Context) -> Result<Promotions> {
        let key = self.keys.promotion_key()?;
        let (run, bytes) = signed::record(&self.run)?;
        let trust = self.keys.trust(&self.run, &bytes)?;
        trust.left_out().for_each(|why| tell(&why));
        let config = self.config.clone();
        let config = config.unwrap_or_else(|| PathBuf::from(&run.provenance.config));
        let config = crate::config::load(&config)?;
        let names = models(&config, self.model.as_deref())?;
        let output = self.output.clone();
        let output = output.unwrap_or_else(|| beside(&self.run, "promotion.json"));
        let promoter = Promoter {
            config: &config,
            wish,
            context,
            output: &output,
        };
        let evidence = Evidence {
            path: &self.run,
            bytes: &bytes,
            run: &run,
            files: &trust.files,
            signed: trust.signed,
            envelope: trust.looked,
        };
        let (found, ended) = promoter.promote(&names, &evidence)?;
        let signed = key.map(|key| signed_promotion(&found, &config, &key, &output));
        // Whatever can be written: what happened to an alias has happened, and is told.
        super::notify::tell_promotions(&config, &found, Meant::Forward, wish, context.now);
        ended?;
        signed.transpose()?;
        Ok(found)
    }

    /// Why a run that just ended promotes nothing, where it could not read a registry: the gate warned of it, and what was
    /// asked for needs it. It is recorded and told like every promotion that ended in an error.
    ///
    /// Errors: those of reading the record and the configuration, and of writing.
    fn unread(&self, wish: &Wish, context: &Context) -> Result<Option<Error>> {
        let (run, bytes) = signed::record(&self.run)?;
        let unread = run.models.iter().filter_map(|model| {
            let ticket = model.promote.as_ref()?;
            let error = Error::data("read", &ticket.at, ticket.unread.as_ref()?);
            Some((model.name.as_str(), error))
        });
        let mut unread = unread.peekable();
        if unread.peek().is_none() {
            return Ok(None);
        }
        let config = self.config.clone();
        let config = config.unwrap_or_else(|| PathBuf::from(&run.provenance.config));
        let config = crate::config::load(&config)?;
        let promoter = Promoter {
            config: &config,
            wish,
            context,
            output: &beside(&self.run, "promotion.json"),
        };
        let mut all = recorded(Some(sha256(&bytes)));
        let mut first = None;
        for (name, error) in unread {
            let one = promoter.ended(name, None, &error);
            promoter.tell(&all, &one)?;
            all.promotions.push(one);
            first = first.or(Some(error));
        }
        super::notify::tell_promotions(&config, &all, Meant::Forward, wish, context.now);
        Ok(first)
    }
}

/// What became of the promotions of a run that just ended.
pub(super) struct AfterRun {
    /// What is said of them.
    pub(super) text: String,
    /// The exit code.
    pub(super) code: u8,
    /// Whether every alias leads to its candidate now.
    pub(super) moved: bool,
}

/// Promotes what a run that just ended is evidence for. Keys are those of the environment.
pub(super) fn after_run(
    config: &Path,
    run: &Path,
    context: &Context,
    global: Global,
) -> Result<AfterRun> {
    let mover = Mover {
        dry_run: false,
        by: None,
        reason: None,
        now: Some(context.now),
    };
    let wish = mover.wish();
    let args = Args {
        run: run.to_owned(),
        config: Some(config.to_owned()),
        model: None,
        keys: Keys::default(),
        mover,
        output: None,
    };
    if let Some(error) = args.unread(&wish, context)? {
        return Err(error);
    }
    let all = args.promote(&wish, context)?;
    Ok(AfterRun {
        text: told::text(&all, global),
        code: told::code(&all),
        moved: told::moved(&all),
    })
}

/// What is promoted with, whatever is promoted.
pub(super) struct Promoter<'a> {
    pub(super) config: &'a Config,
    pub(super) wish: &'a Wish,
    pub(super) context: &'a Context,
    pub(super) output: &'a Path,
}

impl Promoter<'_> {
    /// Promotes models of a run one after the other; the record is written at every step. The first that ends in an error,
    /// which is returned beside what became of all, is the last.
    pub(super) fn promote(
        &self,
        names: &[String],
        evidence: &Evidence,
    ) -> Result<(Promotions, Result<()>)> {
        let mut all = recorded(Some(sha256(evidence.bytes)));
        for name in names {
            let mut last = None;
            let mut tell = |one: &Promotion| {
                last = Some(one.clone());
                self.tell(&all, one)
            };
            let (config, wish) = (self.config, self.wish);
            let ended = promote(config, name, evidence, wish, self.context, &mut tell);
            let (one, ended) = match ended {
                Ok(one) => (one, Ok(())),
                Err(error) if is_recorded(&error) => (self.ended(name, last, &error), Err(error)),
                Err(error) => return Err(error),
            };
            let written = self.tell(&all, &one);
            all.promotions.push(one);
            // What is wrong first is what is said.
            let ended = ended.and(written);
            if ended.is_err() {
                return Ok((all, ended));
            }
        }
        Ok((all, Ok(())))
    }

    /// The record of a promotion, or of a way back, that ended in an error; `last` is how far it came.
    pub(super) fn ended(&self, name: &str, last: Option<Promotion>, error: &Error) -> Promotion {
        let policy = self.config.models.iter().find(|m| m.name == name);
        let policy = policy.and_then(|m| m.promote.as_ref());
        let registry = policy.map_or_else(String::new, |p| format!("registry {}", p.registry));
        let record = last.unwrap_or_else(|| Promotion {
            name: name.to_owned(),
            registry,
            safety: String::new(),
            ended: Outcome::Error,
            sentence: String::new(),
            step: None,
            change: None,
            refusals: Vec::new(),
            other: None,
            calls: Vec::new(),
        });
        let ended = match error {
            Error::Refused(_) => Outcome::Refused,
            _ => Outcome::Error,
        };
        Promotion {
            ended,
            sentence: error.to_string(),
            ..record
        }
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

/// Whether an error is recorded and told: the registry cannot be read or does not let us, it cannot be opened, as without
/// credentials, or the record itself cannot be written, while the alias may have been moved. What was asked for on the command
/// line was looked at before.
pub(super) fn is_recorded(error: &Error) -> bool {
    matches!(
        error,
        Error::Data { .. } | Error::Refused(_) | Error::Usage(_) | Error::Io { .. }
    )
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
pub(super) fn models(config: &Config, only: Option<&str>) -> Result<Vec<String>> {
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
    Ok(names)
}

/// The file of another name in the folder of a file.
fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent()
        .map_or_else(|| PathBuf::from(name), |p| p.join(name))
}
