//! Whether a run may move an alias: every rule that says no, with what would satisfy it.

use super::freeze::Freeze;
use super::taken_back::undone_since;
use crate::config::models::{Champion, Git, PromoteConfig, Signature};
use crate::error::EXIT_FAIL;
use crate::record::{CommitRecord, ModelRecord, Run, TicketRecord};
use crate::registry::{Move, Seen, Version};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How much later than our clock a run may have been made: clocks differ.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);

/// A rule that says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Refusal {
    /// The rule, as `max_age`.
    pub rule: String,
    /// What is wrong, with the value and the bound.
    pub message: String,
    /// What would satisfy it.
    pub help: String,
}

impl Refusal {
    fn new(rule: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// Whether it says only that it is too late or too early to move anything.
    pub(super) fn is_of_time(&self) -> bool {
        ["max_age", "freeze"].contains(&self.rule.as_str())
    }
}

/// What a promotion is judged by.
pub struct Asked<'a> {
    /// The run.
    pub run: &'a Run,
    /// The model in it.
    pub model: &'a ModelRecord,
    /// What it says for its promotion.
    pub ticket: &'a TicketRecord,
    /// The registry in which the alias would be moved, as it shows itself.
    pub registry: &'a str,
    /// What the configuration asks for.
    pub policy: &'a PromoteConfig,
    /// SHA-256 of the configuration and its contracts as they are now.
    pub config_sha256: &'a str,
    /// What became of the signature: the id of the key, or why there is none that counts.
    pub signed: Result<&'a str, &'a str>,
    /// Whether there is something that claims to be a signature.
    pub envelope: bool,
    /// The commit that is checked out now, where there is one.
    pub head: Option<&'a CommitRecord>,
    /// The clock.
    pub now: DateTime<Utc>,
}

/// The rules that say no before the registry is asked, in a fixed order; empty where none does.
#[must_use]
pub fn refusals(asked: &Asked) -> Vec<Refusal> {
    let all = [
        verdict(asked),
        whole(asked),
        configuration(asked),
        age(asked),
        unread(asked),
        version(asked),
        signature(asked),
        git(asked),
    ];
    let frozen = asked
        .policy
        .freeze
        .iter()
        .filter_map(|f| frozen(f, asked.now));
    let all = all.into_iter().flatten().chain(frozen);
    all.chain(elsewhere(asked)).collect()
}

/// What the registry holds.
pub struct Held {
    /// Where the alias leads.
    pub seen: Seen,
    /// What is known of the version that is promoted; `None` where it is not there.
    pub candidate: Option<Version>,
    /// What is known of the champion.
    pub champion: Option<Version>,
    /// Moves of the alias from the oldest to the newest: all among which a way back may be that came after the run.
    pub past: Vec<Move>,
}

/// The rules that say no by what the registry holds: the version that is promoted, whether it was taken back, where the alias
/// leads, and what is known of the champion there.
#[must_use]
pub fn against_registry(asked: &Asked, held: &Held) -> Vec<Refusal> {
    let there = held.candidate.is_none().then(|| {
        let version = asked.ticket.version.as_deref().unwrap_or_default();
        Refusal::new(
            "version",
            format!(
                "{} has no version {version} of `{}`: it was deleted, or never was",
                asked.ticket.at, asked.ticket.model
            ),
            "register the version, and run the gate for it again",
        )
    });
    [
        there,
        other_run(asked, held.candidate.as_ref()),
        taken_back(asked, &held.past),
        moved(asked, &held.seen),
        other_baseline(asked, held.champion.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn verdict(asked: &Asked) -> Option<Refusal> {
    let status = asked.run.verdict.status;
    let code = asked.run.verdict.exit_code;
    if asked.policy.when.contains(&status) {
        // `when` says which verdicts are enough; a run that was told to fail on warnings has failed all the same.
        return (code == EXIT_FAIL).then(|| {
            Refusal::new(
                "verdict",
                format!(
                    "the run ended with exit code {code}, though its verdict is {}: it was made with `--fail-on warn`",
                    status.word()
                ),
                "a run that ends with exit code 0",
            )
        });
    }
    let words: Vec<&str> = asked.policy.when.iter().map(|s| s.word()).collect();
    Some(Refusal::new(
        "verdict",
        format!(
            "the verdict is {}: {}",
            status.word(),
            asked.run.verdict.sentence
        ),
        format!("a run whose verdict is {}", words.join(" or ")),
    ))
}

fn whole(asked: &Asked) -> Option<Refusal> {
    asked.run.left_out.as_ref().map(|_| {
        Refusal::new(
            "whole_run",
            "the run is of a part of the configuration only and says nothing of the rest",
            "run it without --only, --dataset and --changed-since",
        )
    })
}

fn configuration(asked: &Asked) -> Option<Refusal> {
    let judged = &asked.run.provenance.config_sha256;
    (judged != asked.config_sha256).then(|| {
        Refusal::new(
            "configuration",
            format!(
                "the run was judged by another configuration than this one: digest {}, now {}",
                short(judged),
                short(asked.config_sha256)
            ),
            "run the gate again, or take the tollgate.yaml and the contracts of that commit",
        )
    })
}

fn age(asked: &Asked) -> Option<Refusal> {
    let made = &asked.run.provenance.now;
    let Ok(made_at) = DateTime::parse_from_rfc3339(made) else {
        return Some(Refusal::new(
            "max_age",
            format!("the clock of the run, `{made}`, cannot be read"),
            "run the gate again",
        ));
    };
    let age = asked.now - made_at.to_utc();
    if age < -SKEW {
        return Some(Refusal::new(
            "max_age",
            format!(
                "the run says that it was made at {made}, {} from now",
                told(-age)
            ),
            "set the clocks of both machines right; up to 5 min of difference are allowed",
        ));
    }
    (age > asked.policy.max_age).then(|| {
        Refusal::new(
            "max_age",
            format!(
                "the run is {} old, and evidence counts for {}",
                told(age),
                told(asked.policy.max_age)
            ),
            "run the gate again, or raise `max_age`",
        )
    })
}

fn unread(asked: &Asked) -> Option<Refusal> {
    let reason = asked.ticket.unread.as_ref()?;
    Some(Refusal::new(
        "registry_read",
        format!("the run could not read the registry, and does not know the champion: {reason}"),
        "run the gate where the registry can be read",
    ))
}

/// The champion that the run read is that of the registry in which the alias would be moved.
fn elsewhere(asked: &Asked) -> Option<Refusal> {
    let read = &asked.ticket.at;
    let other = asked.ticket.unread.is_none() && read != asked.registry;
    (other && asked.policy.champion == Champion::Same).then(|| {
        Refusal::new(
            "require_same_champion",
            format!(
                "the run read its champion from {read}, and the alias would be moved in {}",
                asked.registry
            ),
            "run the gate against this registry, by the same address; or set `require_same_champion: false`",
        )
    })
}

fn version(asked: &Asked) -> Option<Refusal> {
    let unknown = asked.ticket.version.is_none() && asked.ticket.unread.is_none();
    unknown.then(|| {
        Refusal::new(
            "version",
            format!("the run does not say which version of `{}` in the registry its candidate is", asked.ticket.model),
            "give `version` in `promote`, as `version: ${MODEL_VERSION}`; or take the candidate from the registry",
        )
    })
}

fn signature(asked: &Asked) -> Option<Refusal> {
    let required = asked.policy.signature == Signature::Required;
    match asked.signed {
        Ok(_) => None,
        Err(reason) if required || asked.envelope => Some(Refusal::new(
            "signature",
            reason,
            "sign the run where it is made (`tollgate run --sign`), and give the public key of who signs",
        )),
        Err(_) => None,
    }
}

fn git(asked: &Asked) -> Option<Refusal> {
    // A version in a git registry is a commit: what was judged must be that commit, wherever it is promoted from.
    let is_version = asked.ticket.kind == "git";
    if asked.policy.git == Git::Any && !is_version {
        return None;
    }
    let refused =
        |message: String, help: &str| Some(Refusal::new("require_clean_git", message, help));
    let Some(judged) = &asked.ticket.commit else {
        return refused(
            "the run was made outside a git repository".to_owned(),
            "run the gate in a checkout",
        );
    };
    if !judged.clean {
        return refused(
            format!(
                "the run was made with changes that commit {} does not have",
                short(&judged.commit)
            ),
            "commit them and run the gate again",
        );
    }
    if asked.policy.git == Git::Any {
        return None;
    }
    match asked.head {
        None => refused(
            "this is no git repository".to_owned(),
            "promote from a checkout of the commit that was judged",
        ),
        Some(head) if head.commit != judged.commit => refused(
            format!(
                "commit {} was judged, and {} is checked out",
                short(&judged.commit),
                short(&head.commit)
            ),
            "promote from a checkout of the commit that was judged, or run the gate again",
        ),
        Some(head) if !head.clean => refused(
            format!("files differ from commit {}", short(&head.commit)),
            "promote from a clean checkout",
        ),
        Some(_) => None,
    }
}

fn frozen(freeze: &Freeze, now: DateTime<Utc>) -> Option<Refusal> {
    let until = freeze.until(now)?;
    let local = until.with_timezone(&freeze.zone);
    let reason = freeze
        .reason
        .as_ref()
        .map_or_else(String::new, |r| format!(" ({r})"));
    Some(Refusal::new(
        "freeze",
        format!("nothing is promoted now{reason}"),
        format!(
            "promote after {}",
            local.to_rfc3339_opts(SecondsFormat::Secs, true)
        ),
    ))
}

fn moved(asked: &Asked, seen: &Seen) -> Option<Refusal> {
    if asked.policy.champion == Champion::Any || seen.version == asked.ticket.champion {
        return None;
    }
    let word = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    let who = seen.by.as_ref().map_or_else(String::new, |by| {
        let whom = by
            .by
            .as_ref()
            .map_or_else(String::new, |b| format!(" by {b}"));
        format!(", moved at {}{whom}", by.at)
    });
    Some(Refusal::new(
        "require_same_champion",
        format!(
            "the candidate was compared with {} as `{}`, which now is {}{who}",
            word(&asked.ticket.champion),
            asked.ticket.alias,
            word(&seen.version)
        ),
        "run the gate again, against the champion that is there now",
    ))
}

/// A version that was taken back after it was judged needs a run that was made since.
fn taken_back(asked: &Asked, past: &[Move]) -> Option<Refusal> {
    let version = asked.ticket.version.as_deref()?;
    let judged = &asked.run.provenance.now;
    let back = undone_since(past, version, judged)?;
    let why = back
        .reason
        .as_ref()
        .map_or_else(String::new, |r| format!(" ({r})"));
    Some(Refusal::new(
        "rolled_back",
        format!(
            "version {version} was taken back at {}{why}, after the run judged it at {judged}",
            back.at
        ),
        "run the gate again if it is to be promoted after all",
    ))
}

fn other_run(asked: &Asked, candidate: Option<&Version>) -> Option<Refusal> {
    let registered = candidate?.run_id.as_deref()?;
    let judged = asked.model.candidate.run_id.as_deref()?;
    (registered != judged).then(|| {
        Refusal::new(
            "version",
            format!(
                "version {} was made by run {registered}, and the gate judged run {judged}",
                asked.ticket.version.as_deref().unwrap_or_default()
            ),
            "run the gate for the version that is to be promoted",
        )
    })
}

/// The rows that the candidate was compared with are those of the champion, where its registry knows by what it was judged.
fn other_baseline(asked: &Asked, champion: Option<&Version>) -> Option<Refusal> {
    if asked.policy.champion == Champion::Any {
        return None;
    }
    let known = &champion?.digests;
    let baseline = asked.model.baseline.as_ref()?;
    if baseline.registry.as_ref() == Some(&asked.ticket.registry)
        && baseline.version == asked.ticket.champion
    {
        // The registry itself led from its alias to what was compared.
        return None;
    }
    let mut compared = baseline.own().peekable();
    if known.is_empty()
        || compared.peek().is_none()
        || compared.all(|digest| known.iter().any(|d| d == digest))
    {
        return None;
    }
    Some(Refusal::new(
        "require_same_champion",
        format!(
            "the candidate was compared with {}, which is not what the champion {} was promoted with",
            baseline.from,
            asked.ticket.champion.as_deref().unwrap_or_default()
        ),
        "compare with the predictions of the champion; or set `require_same_champion: false`",
    ))
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// A time in the two largest units that it has.
fn told(time: TimeDelta) -> String {
    let minutes = time.num_minutes();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        (0, 0, _) if minutes < 1 => format!("{} s", time.num_seconds()),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}
