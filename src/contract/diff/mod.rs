//! Contract against contract, and contract against data: what changed, whom it breaks, and why. Pure.

mod arguments;
mod columns;
pub mod data;
mod expectations;
pub mod policy;
mod record;
pub mod render;
pub mod replayed;
mod rule;
mod types;

pub use rule::{Effect, Impact, Rule};

use super::{Contract, ExtraColumns};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Location, Place};
use crate::record::{Severity, Status, Waiver};
use crate::types::{LogicalType, TypePattern};
use serde::Serialize;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Change {
    /// What kind of change it is.
    pub rule: Rule,
    /// The column, or nothing for the dataset as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The check that the expectation applies; absent where it is about none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What differs.
    pub message: String,
    /// Why it matters.
    pub reason: &'static str,
    /// Whether it breaks those who read the data.
    pub consumer: Impact,
    /// Whether it breaks those who write the data.
    pub producer: Impact,
    /// What it is worth: `info` until a policy judged it.
    pub severity: Severity,
    /// What a policy makes of it: `pass` until then.
    pub status: Status,
    /// The accepted exception that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    /// What past batches say of it; absent where none were asked, or the change is about nothing that they decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// Where it stands on the old side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Location>,
    /// Where it stands on the new side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Location>,
}

impl Change {
    fn new(rule: Rule, effect: Effect, message: String) -> Self {
        Self {
            rule,
            column: None,
            check: None,
            message,
            reason: rule.reason(),
            consumer: effect.consumer(),
            producer: effect.producer(),
            severity: Severity::Info,
            status: Status::Pass,
            waiver: None,
            replay: None,
            old: None,
            new: None,
        }
    }

    fn of(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    fn at(mut self, old: Option<&Place>, new: Option<&Place>) -> Self {
        self.old = old.map(Place::location);
        self.new = new.map(Place::location);
        self
    }

    /// Whether it breaks one of those asked about; of [`Audience::None`], whether it breaks anybody.
    #[must_use]
    pub fn breaks(&self, audience: Audience) -> bool {
        let consumer = self.consumer == Impact::Breaking && audience != Audience::Producer;
        let producer = self.producer == Impact::Breaking && audience != Audience::Consumer;
        consumer || producer
    }
}

/// Whose side is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who read the data.
    Consumer,
    /// Those who write the data.
    Producer,
    /// Either of them.
    #[value(alias = "both")]
    Any,
    /// Nobody: breaking changes are shown and warn.
    None,
}

impl Audience {
    /// Words of `fail_on`.
    pub const WORDS: &[&str] = &["consumer", "producer", "any", "none"];

    /// Reads a word of a policy.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "consumer" => Some(Self::Consumer),
            "producer" => Some(Self::Producer),
            "any" => Some(Self::Any),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// Whether a column of this type holds every value that the accepted type may have.
#[must_use]
pub fn wider(actual: &LogicalType, accepted: &TypePattern) -> bool {
    types::holds(&TypePattern::Exact(actual.clone()), accepted)
}

/// What changed from one contract to another, in the order of the old one, then what is new.
///
/// The catalogue gives names to arguments written in short form, and defaults to those that are left out.
#[must_use]
pub fn contracts(old: &Contract, new: &Contract, catalogue: &Catalogue) -> Vec<Change> {
    let mut changes = metadata(old, new);
    changes.extend(key(old, new));
    changes.extend(extra_columns(old, new));
    changes.extend(columns::compare(old, new, catalogue));
    changes.extend(expectations::compare(&old.expect, &new.expect, catalogue));
    changes
}

fn metadata(old: &Contract, new: &Contract) -> Vec<Change> {
    let labels = |tags: &[String]| (!tags.is_empty()).then(|| tags.join(", "));
    let samples = |c: &Contract| {
        c.samples
            .as_ref()
            .map(|n| crate::schema::plain(n).to_string())
    };
    let pairs = [
        ("dataset", old.dataset.clone(), new.dataset.clone()),
        (
            "description",
            old.description.clone(),
            new.description.clone(),
        ),
        ("owner", old.owner.clone(), new.owner.clone()),
        (
            "contract_version",
            old.contract_version.clone(),
            new.contract_version.clone(),
        ),
        ("tags", labels(&old.tags), labels(&new.tags)),
        ("samples", samples(old), samples(new)),
        (
            "environments",
            labels(&old.environments),
            labels(&new.environments),
        ),
    ];
    pairs
        .into_iter()
        .filter(|(_, a, b)| a != b)
        .map(|(name, a, b)| {
            let message = format!("`{name}` {}", was_is(a.as_deref(), b.as_deref()));
            Change::new(Rule::MetadataChanged, Effect::Neither, message)
        })
        .collect()
}

/// `was a, is b`, with `absent` for what is not there.
fn was_is(old: Option<&str>, new: Option<&str>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("was {old}, is {new}"),
        (None, Some(new)) => format!("is new: {new}"),
        (Some(old), None) => format!("is gone; it was {old}"),
        (None, None) => String::new(),
    }
}

fn key(old: &Contract, new: &Contract) -> Option<Change> {
    let names = |c: &Contract| c.key.as_ref().map(|(names, _)| names.join(", "));
    let sorted = |c: &Contract| {
        c.key.as_ref().map(|(names, _)| {
            let mut names = names.clone();
            names.sort();
            names
        })
    };
    if sorted(old) == sorted(new) {
        return None;
    }
    let effect = match (&old.key, &new.key) {
        (None, _) => Effect::Stronger,
        (_, None) => Effect::Weaker,
        _ => Effect::Both,
    };
    let message = format!(
        "`key` {}",
        was_is(names(old).as_deref(), names(new).as_deref())
    );
    let place = |c: &'_ Contract| c.key.as_ref().map(|(_, place)| place.clone());
    Some(
        Change::new(Rule::KeyChanged, effect, message).at(place(old).as_ref(), place(new).as_ref()),
    )
}

fn extra_columns(old: &Contract, new: &Contract) -> Option<Change> {
    let (was, is) = (old.extra_columns, new.extra_columns);
    if was == is {
        return None;
    }
    let effect = match (was, is) {
        (_, ExtraColumns::Fail) => Effect::Stronger,
        (ExtraColumns::Fail, _) => Effect::Weaker,
        _ => Effect::Neither,
    };
    let message = format!("`extra_columns` was {}, is {}", was.word(), is.word());
    Some(
        Change::new(Rule::ExtraColumnsChanged, effect, message)
            .at(old.extra_place.as_ref(), new.extra_place.as_ref()),
    )
}
