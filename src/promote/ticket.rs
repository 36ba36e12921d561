//! What a run writes down for the promotion that may follow: which version of which model it is about, and which one was
//! champion when it was judged.

use crate::aside::{said, sentence};
use crate::config::Config;
use crate::config::models::{Champion, Git, ModelConfig, PromoteConfig, Unread};
use crate::config::registries::{KindConfig, RegistryConfig};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::gate;
use crate::model::outcome::unjudged;
use crate::plan::models::ModelPlan;
use crate::record::{CommitRecord, IMPLIED, ModelRecord, Outcome, Severity, Status, TicketRecord};
use crate::registry::{self, Registry, Target};
use crate::report::text::{line, short};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Judges every model, and writes down for each what its promotion may rest on: outcomes, and records with their tickets.
///
/// Errors: those of [`gate::judge_all`] and of [`write_all`].
pub fn judged(
    config: &Config,
    models: &[ModelPlan],
    among: &gate::Around,
) -> Result<(Vec<Outcome>, Vec<ModelRecord>)> {
    let (mut told, mut models) = gate::judge_all(models, among)?;
    told.extend(write_all(config, &mut models, among.context)?);
    Ok((told, models))
}

/// Writes the ticket of every model that may be promoted into its record.
///
/// The registry is asked which version is champion, and which one the candidate is, where the sides do not tell. Where it
/// cannot be read the ticket says so and promotes nothing; returned is a warning for each of these models, or an error where
/// `on_unread` is `error`.
/// Errors: where `on_unread` is `error`, [`Error::Usage`] for credentials that cannot be used; [`Error::Interrupted`].
pub fn write_all(
    config: &Config,
    models: &mut [ModelRecord],
    context: &Context,
) -> Result<Vec<Outcome>> {
    let mut warned = Vec::new();
    for model in models {
        let of = config.models.iter().find(|m| m.name == model.name);
        let Some((of, promote)) = of.and_then(|m| Some((m, m.promote.as_ref()?))) else {
            continue;
        };
        let registry = registry_of(config, promote)?;
        // A mistake of the configuration is none of a registry that cannot be read.
        registry::checked(registry, &target(of, promote, registry))?;
        let written = match ticket(config, of, promote, model, context) {
            Err(error)
                if promote.unread == Unread::Warn && !matches!(error, Error::Interrupted) =>
            {
                let unread = unread(config, of, promote, model, &error)?;
                warned.push(warning(of, promote, &unread));
                unread
            }
            // The run asks for it, and cannot tell: what was judged besides stays.
            Err(error) if error.is_of_data() => {
                let unread = unread(config, of, promote, model, &error)?;
                warned.push(required(of, promote, &error));
                unread
            }
            written => written?,
        };
        model.promote = Some(written);
    }
    Ok(warned)
}

/// The ticket of a run for which the registry could not be read.
fn unread(
    config: &Config,
    of: &ModelConfig,
    promote: &PromoteConfig,
    model: &ModelRecord,
    error: &Error,
) -> Result<TicketRecord> {
    let registry = registry_of(config, promote)?;
    let target = target(of, promote, registry);
    Ok(TicketRecord {
        registry: promote.registry.clone(),
        kind: registry.kind.word().to_owned(),
        at: format!("registry {}", promote.registry),
        model: target.model,
        alias: target.alias,
        version: None,
        champion: None,
        digests: digests(model),
        unread: Some(short(&line(&error.to_string()), 300)),
        commit: None,
    })
}

/// What a run says of a registry that it did not read.
fn warning(of: &ModelConfig, promote: &PromoteConfig, ticket: &TicketRecord) -> Outcome {
    let summary = "The registry says which version is champion, so that the run may promote.";
    let mut outcome = unjudged(
        of,
        ("promotion", "promotion"),
        summary,
        &promote.registry_place,
    );
    outcome.status = Status::Warn;
    outcome.severity = Severity::Warn;
    // Nobody asked for it: a run that evaluated nothing else evaluated nothing.
    outcome.tags = vec![IMPLIED.to_owned()];
    outcome.message = format!(
        "Registry `{}` was not read, so this run cannot promote: {}.",
        promote.registry,
        ticket.unread.as_deref().unwrap_or_default()
    );
    outcome
}

/// What a run says of a registry that it must read and cannot.
fn required(of: &ModelConfig, promote: &PromoteConfig, error: &Error) -> Outcome {
    let summary = "The registry says which version is champion, as `on_unread: error` asks.";
    let place = &promote.registry_place;
    let mut outcome = unjudged(of, ("promotion", "promotion"), summary, place);
    outcome.severity = Severity::Error;
    outcome.message = sentence(&said(error));
    outcome
}

/// The registry that a model's `promote` names. The configuration has it, as was checked when it was read.
pub(super) fn registry_of<'a>(
    config: &'a Config,
    promote: &PromoteConfig,
) -> Result<&'a RegistryConfig> {
    let mut all = config.registries.iter();
    let found = all.find(|r| r.name == promote.registry);
    found.ok_or_else(|| Error::Usage(format!("no registry `{}`", promote.registry)))
}

/// What the registry is asked about for a model.
pub(super) fn target(
    model: &ModelConfig,
    promote: &PromoteConfig,
    registry: &RegistryConfig,
) -> Target {
    Target {
        model: registry.model.clone().unwrap_or_else(|| model.name.clone()),
        alias: promote.alias.clone(),
    }
}

fn ticket(
    config: &Config,
    of: &ModelConfig,
    promote: &PromoteConfig,
    model: &ModelRecord,
    context: &Context,
) -> Result<TicketRecord> {
    let registry_config = registry_of(config, promote)?;
    let target = target(of, promote, registry_config);
    let registry = registry::open(registry_config, target.clone(), &config.base, context)?;
    let shown = registry.shown();
    let compared = compared(of, promote, model, (&target, &registry_config.kind));
    let champion = match (promote.champion, compared) {
        // What the candidate was compared with is what must still be champion when it is promoted; where there was no
        // champion to compare with, there must still be none.
        (Champion::Same, Compared::With(version)) => version,
        (Champion::Same, Compared::Unknown) => {
            let seen = registry.look().map_err(|t| t.unread(&shown))?;
            seen.version
        }
        (Champion::Any, _) => None,
    };
    let commit = match (promote.git, &registry_config.kind) {
        (Git::Clean, _) => head_of(&config.base)?,
        // A version in a git registry is a commit.
        (Git::Any, KindConfig::Git(git)) => {
            let checkout = git.path.as_ref().map_or("", |p| p.path.as_str());
            head_of(&config.base.join(checkout))?
        }
        (Git::Any, _) => None,
    };
    let known = of
        .candidate
        .tells_version(&target.model, &registry_config.kind);
    let version = version(promote, model, known, commit.as_ref(), registry.as_ref())
        .map_err(|t| t.unread(&shown))?;
    Ok(TicketRecord {
        registry: promote.registry.clone(),
        kind: registry_config.kind.word().to_owned(),
        at: shown,
        model: target.model,
        alias: target.alias,
        version,
        champion,
        digests: digests(model),
        unread: None,
        commit,
    })
}

/// What the candidate was compared with.
enum Compared {
    /// This version of the registry; none where the alias, which the baseline is, was not there.
    With(Option<String>),
    /// Something of which the registry does not know whether it is one of its versions.
    Unknown,
}

/// The version of the registry that the candidate was compared with, where it is the baseline and says so.
fn compared(
    of: &ModelConfig,
    promote: &PromoteConfig,
    model: &ModelRecord,
    (target, kind): (&Target, &KindConfig),
) -> Compared {
    let Some(baseline) = &of.baseline else {
        return Compared::Unknown;
    };
    let version = model.baseline.as_ref().and_then(|b| b.version.clone());
    if let Some(champion) = baseline.champion() {
        let same = (&champion.registry, &champion.alias) == (&promote.registry, &promote.alias);
        return if same {
            Compared::With(version)
        } else {
            Compared::Unknown
        };
    }
    match version {
        Some(version) if baseline.tells_version(&target.model, kind) => {
            Compared::With(Some(version))
        }
        _ => Compared::Unknown,
    }
}

/// Which version the candidate is: as written; by its content; as its own registry says; the one that its run made; the one
/// that the commit is.
fn version(
    promote: &PromoteConfig,
    model: &ModelRecord,
    known: bool,
    commit: Option<&CommitRecord>,
    registry: &dyn Registry,
) -> registry::Answer<Option<String>> {
    if promote.version.is_some() {
        let version = promote.version.as_deref();
        return Ok(version.map(|v| registry.named(v)));
    }
    if registry.by_content() {
        return Ok(by_content(model));
    }
    let candidate = &model.candidate;
    if let Some(version) = candidate.version.clone().filter(|_| known) {
        return Ok(Some(version));
    }
    let made = match &candidate.run_id {
        Some(run) => registry.made_by(run)?,
        None => None,
    };
    match (made, commit) {
        (None, Some(commit)) => registry.at_commit(&commit.commit),
        (made, _) => Ok(made),
    }
}

/// SHA-256 digests of what the candidate is made of, where its files were looked at, then of what it was judged by.
fn digests(model: &ModelRecord) -> Vec<String> {
    let artifact = model.artifact.iter().map(|a| a.sha256.clone());
    artifact
        .chain(model.candidate.own().map(str::to_owned))
        .collect()
}

/// A version's name by its content: `sha256-` and twelve digits of the digest of the model's files where they were looked at,
/// else of what it was judged by; of several files, of the digest over their digests, a line each.
///
/// Rows that the model was given are the same for every model, and name none.
fn by_content(model: &ModelRecord) -> Option<String> {
    let artifact = model.artifact.as_ref().map(|a| a.sha256.clone());
    let of: Vec<String> = match artifact {
        Some(one) => vec![one],
        None => model.candidate.own().map(str::to_owned).collect(),
    };
    let one = match of.as_slice() {
        [] => return None,
        [one] if one.len() == 64 => one.clone(),
        several => crate::report::text::hex(&Sha256::digest(several.join("\n"))),
    };
    Some(format!("sha256-{}", &one[..12]))
}

/// The commit that is checked out in the folder of the configuration; `None` where there is no git or no repository.
///
/// Errors: [`Error::Interrupted`].
pub(super) fn head_of(base: &Path) -> Result<Option<CommitRecord>> {
    crate::context::check_interrupt()?;
    let base = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        base
    };
    Ok(head(base))
}

fn head(folder: &Path) -> Option<CommitRecord> {
    let git = |words: &[&str]| {
        let output = std::process::Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(words)
            .output()
            .ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| said.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--verify", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(CommitRecord {
        commit,
        clean: changed.is_empty(),
    })
}
