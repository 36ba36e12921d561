//! `promote` of a model: which alias of which registry a run may move, and when.

use crate::config::fields::{Fields, Problems, text};
use crate::config::registries::RegistryConfig;
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::promote::freeze::{Freeze, Window};
use crate::record::Status;
use chrono::TimeDelta;

/// Oldest evidence where nothing is said.
pub const MAX_AGE: TimeDelta = TimeDelta::hours(24);

/// Which alias a run may move, and when.
#[derive(Debug, Clone)]
pub struct PromoteConfig {
    /// Name of the registry in the configuration.
    pub registry: String,
    /// The alias.
    pub alias: String,
    /// Which version of the registry the candidate is, where the candidate itself does not tell.
    pub version: Option<String>,
    /// Verdicts that promote.
    pub when: Vec<Status>,
    /// Longest time from the run to the promotion.
    pub max_age: TimeDelta,
    /// Whether the run must be signed.
    pub signature: Signature,
    /// What must be known of the champion.
    pub champion: Champion,
    /// What must be known of the commit.
    pub git: Git,
    /// What becomes of a run for which the registry could not be read.
    pub unread: Unread,
    /// Times in which nothing is promoted.
    pub freeze: Vec<Freeze>,
    /// Where that name stands.
    pub registry_place: Place,
}

/// Whether the run must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// By a key that is trusted.
    Required,
    /// It need not; a signature that is there is checked nevertheless.
    Optional,
}

/// What must be known of the champion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Champion {
    /// It is the one that the candidate was compared with.
    Same,
    /// It may have changed since.
    Any,
}

/// What becomes of a run for which the registry could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It warns, its verdict stands, and it is no evidence for a promotion.
    Warn,
    /// It ends in an error.
    Error,
}

impl Unread {
    /// Words of `on_unread`.
    pub const WORDS: &[&str] = &["warn", "error"];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "warn" => Some(Self::Warn),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}

/// What must be known of the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Git {
    /// The run was made of a commit without changes beside it, and that commit is checked out.
    Clean,
    /// Nothing.
    Any,
}

/// Reads `promote`.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Option<PromoteConfig> {
    let node = fields.get("promote")?;
    let mut inner = Fields::of(node, "`promote`", problems)?;
    let registry = inner.require("registry", problems);
    let registry =
        registry.and_then(|node| Some((text(node, "registry", problems)?, node.place.clone())));
    let alias = inner.text("alias", problems);
    let version = inner.get("version");
    let version = version.and_then(|node| {
        let text = text(node, "version", problems)?;
        super::sources::expanded(&text, node, problems)
    });
    let when = when(&mut inner, problems);
    let max_age = inner.get("max_age");
    let max_age = max_age.and_then(|node| duration(node, "max_age", problems));
    let mut flag = |key| inner.boolean(key, problems);
    let signature = flag("require_signature");
    let champion = flag("require_same_champion");
    let git = flag("require_clean_git");
    let unread = inner.word("on_unread", Unread::WORDS, Unread::parse, problems);
    let freeze = inner.list("freeze").iter();
    let freeze = freeze.filter_map(|node| window(node, problems)).collect();
    inner.finish(problems);
    let (registry, registry_place) = registry?;
    Some(PromoteConfig {
        registry,
        registry_place,
        alias: alias.unwrap_or_else(|| "champion".to_owned()),
        version,
        when,
        max_age: max_age.unwrap_or(MAX_AGE),
        signature: if signature == Some(true) {
            Signature::Required
        } else {
            Signature::Optional
        },
        champion: if champion == Some(false) {
            Champion::Any
        } else {
            Champion::Same
        },
        git: if git == Some(true) {
            Git::Clean
        } else {
            Git::Any
        },
        unread: unread.unwrap_or(Unread::Warn),
        freeze,
    })
}

/// Words of `when`.
pub const WHEN: &[&str] = &["pass", "warn"];

fn when(fields: &mut Fields, problems: &mut Problems) -> Vec<Status> {
    let mut found = Vec::new();
    for node in fields.list("when") {
        match text(node, "when", problems).as_deref() {
            Some("pass") => found.push(Status::Pass),
            Some("warn") => found.push(Status::Warn),
            None => {}
            Some(word) => problems.add(
                Diagnostic::new(
                    "wrong-value",
                    format!("a run whose verdict is `{word}` never promotes"),
                )
                .at(&node.place, "not known")
                .help("words are pass, warn; both where nothing is said"),
            ),
        }
    }
    if found.is_empty() {
        found = vec![Status::Pass, Status::Warn];
    }
    found
}

/// `90m`, `36h`, `7d`.
fn duration(node: &Node, key: &str, problems: &mut Problems) -> Option<TimeDelta> {
    let written = text(node, key, problems)?;
    let seconds = crate::plan::bind::seconds(&written).filter(|s| *s > 0);
    let found = seconds.and_then(TimeDelta::try_seconds);
    if found.is_none() {
        problems.wrong_type(node, key, "a time such as 90m, 24h or 7d");
    }
    found
}

/// An entry of `freeze`: `from` and `until`, or `weekly`, with a `reason`.
fn window(node: &Node, problems: &mut Problems) -> Option<Freeze> {
    let mut fields = Fields::of(node, "an entry of `freeze`", problems)?;
    let mut one = |key| {
        let node = fields.get(key)?;
        Some((text(node, key, problems)?, node))
    };
    let (from, until, weekly, zone) = (one("from"), one("until"), one("weekly"), one("time_zone"));
    let reason = fields.text("reason", problems);
    fields.finish(problems);
    let zone = match zone {
        None => chrono_tz::UTC,
        Some((name, node)) => {
            let parsed = name.parse::<chrono_tz::Tz>();
            if parsed.is_err() {
                problems.wrong_type(
                    node,
                    "time_zone",
                    "the name of a time zone such as Europe/Berlin",
                );
            }
            parsed.ok()?
        }
    };
    let window = match (from, until, weekly) {
        (Some((from, at)), Some((until, _)), None) => {
            Window::between(&from, &until, zone).map_err(|e| (e, at))
        }
        (None, None, Some((weekly, at))) => Window::weekly(&weekly).map_err(|e| (e, at)),
        _ => Err(("give `from` and `until`, or `weekly`".to_owned(), node)),
    };
    match window {
        Ok(window) => Some(Freeze {
            window,
            zone,
            reason,
        }),
        Err((reason, at)) => {
            problems.add(
                Diagnostic::new("wrong-freeze", reason)
                    .at(&at.place, "when is that?")
                    .help(
                        "as `{from: 2026-12-20, until: 2027-01-02, reason: holidays}` or `{weekly: fri 16:00 - mon \
                         08:00, time_zone: Europe/Berlin}`; dates without a time are midnight",
                    ),
            );
            None
        }
    }
}

/// Every registry that a model names is there and takes the alias; `all` are their names, also of those that could not be read.
pub fn settle(
    models: &[super::ModelConfig],
    registries: &[RegistryConfig],
    all: &[&str],
    problems: &mut Problems,
) {
    for promote in models.iter().filter_map(|m| m.promote.as_ref()) {
        let place = &promote.registry_place;
        if let Some(registry) = registries.iter().find(|r| r.name == promote.registry)
            && let Some(reason) = registry.kind.refused(&promote.alias)
        {
            let (alias, name) = (&promote.alias, &registry.name);
            let what = format!("`{alias}` cannot be moved in registry `{name}`");
            problems.add(
                Diagnostic::new("wrong-alias", what)
                    .at(place, "promotes to it")
                    .help(reason),
            );
        }
        if all.contains(&promote.registry.as_str()) {
            continue;
        }
        let names = if all.is_empty() {
            "there are no `registries`".to_owned()
        } else {
            listing("registries", &promote.registry, all.iter().copied())
        };
        let what = format!("no registry `{}`; {names}", promote.registry);
        problems.add(
            Diagnostic::new("unknown-registry", what)
                .at(place, "promotes to it")
                .help("add it, as `registries: {production: {kind: directory, path: registry}}`"),
        );
    }
}
