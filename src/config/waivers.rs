//! `waivers:` of `tollgate.yaml` and of contracts: outcomes that are accepted for a while, by id or pattern.

use super::fields::{Fields, Problems, text};
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::naming::IdPattern;
use crate::record::{Waiver, WaiverKind};
use chrono::{DateTime, NaiveDate, Utc};

/// What a waiver says, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    reason: String,
    owner: String,
    until: NaiveDate,
    max_failing: Option<u64>,
}

/// An entry of `waivers`.
#[derive(Debug, Clone)]
pub struct ListedWaiver {
    /// Outcomes that it is for; each matches ids as a whole.
    pub outcomes: Vec<IdPattern>,
    /// What it says.
    pub terms: Terms,
    /// Where it stands.
    pub place: Place,
    /// The dataset whose contract holds it; `None` in `tollgate.yaml`.
    pub dataset: Option<String>,
}

impl Terms {
    /// Reads `reason`, `owner`, `until` and `max_failing` of a mapping; `None` when a problem was added.
    pub fn read(fields: &mut Fields, problems: &mut Problems) -> Option<Self> {
        let before = problems.0.len();
        let mut need = |key| {
            let node = fields.require(key, problems)?;
            let text = text(node, key, problems)?;
            if text.trim().is_empty() {
                problems.add(
                    Diagnostic::new("missing-key", format!("a waiver needs its `{key}`"))
                        .at(&node.place, "empty")
                        .help("say why, who answers for it, and until which day"),
                );
            }
            Some((text, node))
        };
        let (reason, owner, until) = (need("reason"), need("owner"), need("until"));
        let max_failing = fields.count("max_failing", problems);
        let day = until.and_then(|(text, node)| {
            let day = text.parse::<NaiveDate>().ok();
            if day.is_none() {
                problems.wrong_type(node, "until", "a day of the calendar such as 2013-02-01");
            }
            day
        });
        let terms = Self {
            reason: reason?.0,
            owner: owner?.0,
            until: day?,
            max_failing,
        };
        (problems.0.len() == before).then_some(terms)
    }

    /// The waiver as it stands on the day of the run's clock, in UTC.
    #[must_use]
    pub fn on(&self, now: DateTime<Utc>, kind: WaiverKind) -> Waiver {
        Waiver {
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: self.until.to_string(),
            expired: now.date_naive() > self.until,
            max_failing: self.max_failing,
            kind,
        }
    }

    /// Failing rows, at most, for which it counts.
    #[must_use]
    pub fn max_failing(&self) -> Option<u64> {
        self.max_failing
    }
}

impl ListedWaiver {
    /// Whether it is for an outcome; in a contract, ids are written without the dataset.
    #[must_use]
    pub fn is_for(&self, id: &str) -> bool {
        let id = match &self.dataset {
            None => id,
            Some(dataset) => {
                let own = id.strip_prefix(dataset.as_str());
                match own.and_then(|rest| rest.strip_prefix('.')) {
                    Some(rest) => rest,
                    None => return false,
                }
            }
        };
        self.outcomes.iter().any(|p| p.matches(id))
    }

    /// The outcomes as written.
    #[must_use]
    pub fn written(&self) -> String {
        let all: Vec<&str> = self.outcomes.iter().map(IdPattern::written).collect();
        all.join(", ")
    }
}

/// Reads the list `waivers`; every problem is added.
pub fn read(fields: &mut Fields, problems: &mut Problems) -> Vec<ListedWaiver> {
    let nodes = fields.list("waivers");
    nodes.iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<ListedWaiver> {
    let mut fields = Fields::of(node, "a waiver", problems)?;
    let outcome = fields.require("outcome", problems);
    let named = fields.texts("outcome", problems);
    if let Some(node) = outcome
        && (named.is_empty() && matches!(node.value, Value::List(_))
            || named.iter().any(String::is_empty))
    {
        problems.wrong_type(
            node,
            "outcome",
            "the id of an outcome, a pattern, or a list of these",
        );
    }
    let terms = Terms::read(&mut fields, problems);
    fields.finish(problems);
    Some(ListedWaiver {
        outcomes: named.iter().map(|n| IdPattern::new(n)).collect(),
        terms: terms?,
        place: outcome?.place.clone(),
        dataset: None,
    })
}
