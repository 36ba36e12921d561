//! From the record of a run to a moved alias, or a refusal: policy, the move step by step, the way back.
//!
//! ```text
//! run.json ─policy→ refusals │ Move ─drive→ planned → locked → written → confirmed ─record→ promotion.json
//! ```
//! The journal of a move is in the registry itself: in its lock while it is made, in its history when it is. So the next
//! promoter finds it on whatever machine, and finishes or undoes it.

pub mod clock;
pub mod drive;
mod ending;
pub mod freeze;
pub mod policy;
mod record;
pub mod rollback;
mod taken_back;
pub mod ticket;

pub use record::{Outcome, PROMOTION_SCHEMA_VERSION, Promotion, Promotions};

use crate::config::Config;
use crate::config::models::{Champion, Git, Maker, ModelConfig, Origin, PromoteConfig};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::source::{TrackedMetric, pinned};
use crate::record::{CommitRecord, ModelRecord, Run, TicketRecord};
use crate::registry::{
    self, Answer, Attached, Basis, Beside, Move, MoveKind, Registry, Seen, Trouble, Version,
};
use chrono::{DateTime, SecondsFormat, Utc};
use drive::Sending;
use ending::made;
use policy::{Asked, Held, Refusal};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use taken_back::moves_since;

/// The evidence, as it lies on the disk.
pub struct Evidence<'a> {
    /// The file of the run's record.
    pub path: &'a Path,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The record.
    pub run: &'a Run,
    /// Reports and envelopes beside it.
    pub files: &'a [Beside],
    /// The id of the key that it was signed with, or why there is none that counts.
    pub signed: std::result::Result<String, String>,
    /// Whether there is something that claims to be a signature.
    pub envelope: bool,
}

/// Who promotes, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The person or job.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Address of the job.
    pub url: Option<String>,
    /// Whether anything is moved.
    pub effect: Effect,
}

/// Whether anything is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The alias.
    Real,
    /// Nothing: the calls are told that would be made.
    Dry,
}

/// Promotes one model of a run, where its policy allows it.
///
/// `tell` is given the record at every step, to be written where it lasts.
/// Errors: [`Error::Data`] when the registry cannot be read or the outcome is not known, [`Error::Refused`] when it does not
/// let us, [`Error::Usage`] when the model is not promoted by this configuration.
pub fn promote(
    config: &Config,
    model: &str,
    evidence: &Evidence,
    wish: &Wish,
    context: &Context,
    tell: &mut dyn FnMut(&Promotion) -> Result<()>,
) -> Result<Promotion> {
    let (of, policy) = promoted(config, model)?;
    let record = evidence.run.models.iter().find(|m| m.name == model);
    let registry_config = ticket::registry_of(config, policy)?;
    let target = ticket::target(of, policy, registry_config);
    let ticket = record.and_then(|m| Some((m, m.promote.as_ref()?)));
    let fits = ticket.filter(|(_, t)| {
        (&t.model, &t.alias, &t.registry) == (&target.model, &target.alias, &policy.registry)
    });
    let Some((record, ticket)) = fits else {
        return Err(Error::Refused(format!(
            "{} is no evidence for `{}` of `{}` in registry `{}`: run the gate with this configuration",
            evidence.path.display(),
            target.alias,
            target.model,
            policy.registry
        )));
    };
    let registry = registry::open(registry_config, target, &config.base, context)?;
    let one = One {
        config,
        policy,
        record,
        ticket,
        evidence,
        registry: registry.as_ref(),
        shown: registry.shown(),
        head: match policy.git {
            Git::Clean => ticket::head_of(&config.base)?,
            Git::Any => None,
        },
        now: context.now,
    };
    one.promote(wish, tell)
}

/// The model of a configuration and what it says of its promotion.
///
/// Errors: [`Error::Usage`].
pub fn promoted<'a>(
    config: &'a Config,
    model: &str,
) -> Result<(&'a ModelConfig, &'a PromoteConfig)> {
    let names = config.models.iter().map(|m| m.name.as_str());
    let found = config.models.iter().find(|m| m.name == model);
    let found =
        found.ok_or_else(|| Error::Usage(crate::diagnostic::unknown("model", model, names)))?;
    let promote = found.promote.as_ref().ok_or_else(|| {
        Error::Usage(format!(
            "model `{model}` has no `promote` in {}; add `promote: {{registry: NAME, alias: champion}}`",
            config.file.path
        ))
    })?;
    Ok((found, promote))
}

/// One promotion and what it rests on.
struct One<'a> {
    config: &'a Config,
    policy: &'a PromoteConfig,
    record: &'a ModelRecord,
    ticket: &'a TicketRecord,
    evidence: &'a Evidence<'a>,
    registry: &'a dyn Registry,
    shown: String,
    head: Option<CommitRecord>,
    now: DateTime<Utc>,
}

impl One<'_> {
    fn promote(
        &self,
        wish: &Wish,
        tell: &mut dyn FnMut(&Promotion) -> Result<()>,
    ) -> Result<Promotion> {
        let asked = self.asked();
        let refused = policy::refusals(&asked);
        if !refused.is_empty() && refused.iter().all(Refusal::is_of_time) {
            let ended = self.made_before(wish, tell)?;
            return Ok(ended.unwrap_or_else(|| self.refused(None, refused)));
        }
        let Some(version) = self
            .ticket
            .version
            .as_deref()
            .filter(|_| refused.is_empty())
        else {
            return Ok(self.refused(None, refused));
        };
        let seen = self.registry.look().map_err(|t| self.error("read", t))?;
        if seen.version.as_deref() == Some(version) {
            let change = self.made_by_this(&seen);
            let change = change.unwrap_or_else(|| self.change(version, &seen, wish));
            return self.finished(change, &seen, wish, tell);
        }
        let change = self.change(version, &seen, wish);
        let held = self.held(version, &seen);
        let held = held.map_err(|t| self.error("read", t))?;
        let refused = policy::against_registry(&asked, &held);
        if !refused.is_empty() {
            return Ok(self.refused(Some(change), refused));
        }
        if wish.effect == Effect::Dry {
            return Ok(self.planned(change, &seen));
        }
        self.drive(change, Sending::Allowed, tell)
    }

    /// Finishes what this very evidence moved before: nothing moves by it, so that its age and the time of day have no say.
    /// `None` where it moved nothing, or where the alias does not lead there by it any more.
    fn made_before(
        &self,
        wish: &Wish,
        tell: &mut dyn FnMut(&Promotion) -> Result<()>,
    ) -> Result<Option<Promotion>> {
        let Ok(seen) = self.registry.look() else {
            return Ok(None);
        };
        let Some(change) = self.made_by_this(&seen) else {
            return Ok(None);
        };
        let ended = self.finished(change, &seen, wish, tell)?;
        Ok((ended.ended == Outcome::Already).then_some(ended))
    }

    /// The move that this very evidence made and that the alias followed last, as the registry keeps it.
    fn made_by_this(&self, seen: &Seen) -> Option<Move> {
        let by = seen.by.as_ref()?;
        let ours = by.kind == MoveKind::Promotion
            && seen.version.as_ref() == Some(&by.to)
            && self.ticket.version.as_ref() == Some(&by.to)
            && by.basis.as_ref()?.run_sha256 == sha256(self.evidence.bytes);
        ours.then(|| by.clone())
    }

    /// What is told of an alias that leads to the candidate already, once the move that led there has come to its end.
    fn finished(
        &self,
        change: Move,
        seen: &Seen,
        wish: &Wish,
        tell: &mut dyn FnMut(&Promotion) -> Result<()>,
    ) -> Result<Promotion> {
        match wish.effect {
            Effect::Dry => Ok(self.planned(change, seen)),
            Effect::Real => self.drive(change, Sending::Never, tell),
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            run: self.evidence.run,
            model: self.record,
            ticket: self.ticket,
            registry: &self.shown,
            policy: self.policy,
            config_sha256: &self.config.sha256,
            signed: self.evidence.signed.as_deref().map_err(String::as_str),
            envelope: self.evidence.envelope,
            head: self.head.as_ref(),
            now: self.now,
        }
    }

    /// What the registry knows of the version that is promoted, of the champion, and of earlier moves.
    fn held(&self, version: &str, seen: &Seen) -> Answer<Held> {
        let candidate = self.registry.find(version)?;
        let candidate = if self.registry.is_made_by_promotion() {
            // It comes to be by being promoted.
            candidate.or_else(|| Some(Version::default()))
        } else {
            candidate
        };
        let champion = match &seen.version {
            Some(champion) => self.registry.find(champion)?,
            None => None,
        };
        let run = &self.evidence.run.provenance.now;
        Ok(Held {
            seen: seen.clone(),
            candidate,
            champion,
            past: moves_since(self.registry, seen, run)?,
        })
    }

    fn change(&self, version: &str, seen: &Seen, wish: &Wish) -> Move {
        // Where any champion will do, the move comes from the one that is there.
        let from = match self.policy.champion {
            Champion::Same => self.ticket.champion.clone(),
            Champion::Any => seen.version.clone(),
        };
        let run = self.evidence.run;
        Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: self.ticket.model.clone(),
            alias: self.ticket.alias.clone(),
            from,
            to: version.to_owned(),
            at: self.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            by: wish.by.clone(),
            reason: wish.reason.clone(),
            basis: Some(Basis {
                run_sha256: sha256(self.evidence.bytes),
                verdict: run.verdict.status.word().to_owned(),
                now: run.provenance.now.clone(),
                policy_sha256: run.provenance.config_sha256.clone(),
                commit: match &self.ticket.commit {
                    Some(judged) => Some(judged.commit.clone()),
                    None => run.provenance.commit.clone(),
                },
                url: wish.url.clone(),
                key_id: self.evidence.signed.as_ref().ok().cloned(),
            }),
        }
        .identified()
    }

    fn record(&self, ended: Outcome, sentence: String) -> Promotion {
        Promotion {
            name: self.record.name.clone(),
            registry: self.shown.clone(),
            safety: self.registry.safety().words().to_owned(),
            ended,
            sentence,
            step: None,
            change: None,
            refusals: Vec::new(),
            other: None,
            calls: Vec::new(),
        }
    }

    fn refused(&self, change: Option<Move>, refusals: Vec<Refusal>) -> Promotion {
        let rules: Vec<&str> = refusals.iter().map(|r| r.rule.as_str()).collect();
        let of = format!(
            "`{}` of {} is not moved",
            self.ticket.alias, self.ticket.model
        );
        let sentence = format!("{of}: refused by {}", rules.join(", "));
        Promotion {
            change,
            refusals,
            ..self.record(Outcome::Refused, sentence)
        }
    }

    fn planned(&self, change: Move, seen: &Seen) -> Promotion {
        if seen.version.as_deref() == Some(change.to.as_str()) {
            let sentence = format!(
                "`{}` of {} leads to {} already",
                change.alias, change.model, change.to
            );
            return self.record(Outcome::Already, sentence);
        }
        let from = change.from.as_deref().unwrap_or("none");
        let sentence = format!(
            "`{}` of {} would be moved from {from} to {}",
            change.alias, change.model, change.to
        );
        Promotion {
            calls: self.registry.calls(&change, seen),
            change: Some(change),
            ..self.record(Outcome::Planned, sentence)
        }
    }

    fn drive(
        &self,
        change: Move,
        sending: Sending,
        tell: &mut dyn FnMut(&Promotion) -> Result<()>,
    ) -> Result<Promotion> {
        let begun = Promotion {
            change: Some(change.clone()),
            ..self.record(Outcome::Begun, format!("{} has begun", change.words()))
        };
        let attached = Attached {
            run: (self.evidence.path, self.evidence.bytes),
            files: self.evidence.files,
            digests: &self.ticket.digests,
            metrics: &self.measured(),
            judged: self.judged(),
        };
        made(
            self.registry,
            &change,
            Some(&attached),
            begun,
            sending,
            tell,
        )
    }

    /// What the run measured of the candidate, for those who are compared with it.
    fn measured(&self) -> Vec<TrackedMetric> {
        pinned::measured(self.record)
    }

    /// The path of the candidate's predictions, where they lie in files; never one with a secret in it.
    fn judged(&self) -> Option<&str> {
        let model = self.config.models.iter();
        let mut model = model.filter(|m| m.name == self.record.name);
        let Origin::Predictions(rows) = &model.next()?.candidate else {
            return None;
        };
        let stays = matches!(rows.made_by, Maker::Nobody | Maker::Command(_));
        let path = &rows.path;
        (stays && path.shown() == path.path).then_some(path.path.as_str())
    }

    fn error(&self, operation: &'static str, trouble: Trouble) -> Error {
        trouble.error(operation, &self.shown)
    }
}

/// The digest of a run's record, lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    crate::report::text::hex(&Sha256::digest(bytes))
}
