//! Arguments that every expectation takes, whatever its check.

use super::bind::Scope;
use super::lists::texts;
use super::samples::Samples;
use super::slices::Slice;
use crate::catalogue::{Bound, Check};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::config::waivers::Terms;
use crate::contract::OnNoMatch;
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::record::{Severity, Waiver, WaiverKind};

/// What a promise about no row at all is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnEmpty {
    /// Not evaluated, which is never a pass.
    Skip,
    /// Kept.
    Pass,
    /// A warning.
    Warn,
    /// Broken.
    Fail,
}

impl OnEmpty {
    /// Words in contracts.
    pub const WORDS: &[&str] = &["skip", "pass", "warn", "fail"];

    /// Reads the word of a contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "skip" => Some(Self::Skip),
            "pass" => Some(Self::Pass),
            "warn" => Some(Self::Warn),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// Arguments that every expectation takes.
#[derive(Debug, Clone)]
pub struct Common {
    /// Status when the promise is broken.
    pub severity: Severity,
    /// Rows it applies to, as boolean SQL; a row for which it is null is left out.
    pub filter: Option<(String, Place)>,
    /// Parts of the rows that are judged each on their own; empty once an expectation is planned.
    pub slices: Vec<Slice>,
    /// The part of the rows that this one is about.
    pub slice: Option<String>,
    /// What it is when no row is looked at; as the check says when not given.
    pub on_empty: Option<OnEmpty>,
    /// Failing rows allowed.
    pub max_failing: Option<u64>,
    /// Share of failing rows allowed, 0 to 1, of the rows looked at.
    pub max_failing_ratio: Option<f64>,
    /// Failing rows from which on a kept promise warns.
    pub warn_at: Option<u64>,
    /// Share of failing rows, above 0 and at most 1, from which on a kept promise warns.
    pub warn_at_ratio: Option<f64>,
    /// Failing rows shown.
    pub samples: Samples,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The author's words.
    pub description: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Environments of the contract in which it is promised; empty for all.
    pub environments: Vec<String>,
    /// Accepted exception.
    pub waiver: Option<Waiver>,
    /// The pattern of columns that it was written for, of which it is about one.
    pub pattern: Option<String>,
    /// Where no column matches the pattern: what that means, and what is said.
    pub no_match: Option<(OnNoMatch, String)>,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            severity: Severity::Error,
            filter: None,
            slices: Vec::new(),
            slice: None,
            on_empty: None,
            max_failing: None,
            max_failing_ratio: None,
            warn_at: None,
            warn_at_ratio: None,
            samples: Samples::default(),
            owner: None,
            description: None,
            tags: Vec::new(),
            environments: Vec::new(),
            waiver: None,
            pattern: None,
            no_match: None,
        }
    }
}

/// Their names, in the order of the documentation.
pub const COMMON: &[&str] = &[
    "severity",
    "where",
    "slices",
    "on_empty",
    "max_failing",
    "max_failing_ratio",
    "warn_at",
    "warn_at_ratio",
    "samples",
    "owner",
    "description",
    "tags",
    "environments",
    "waive",
];

/// Reads them from the entries of an expectation.
///
/// A tolerance on a check that counts no rows is a problem: it would be silently without effect.
pub(super) fn read(
    check: &Check,
    entries: &[(String, &Node)],
    scope: &Scope,
    problems: &mut Problems,
) -> Common {
    let mut common = Common {
        samples: scope.samples.clone(),
        ..Common::default()
    };
    for (key, node) in entries {
        if !applies(check, key) {
            problems.add(useless(check, key, &node.place));
            continue;
        }
        match (key.as_str(), &node.value) {
            ("severity", Value::Text(word)) if Severity::parse(word).is_some() => {
                common.severity = Severity::parse(word).unwrap_or(Severity::Error);
            }
            ("where", Value::Text(sql)) => common.filter = Some((sql.clone(), node.place.clone())),
            ("max_failing", Value::Int(v)) if *v >= 0 => {
                common.max_failing = u64::try_from(*v).ok();
            }
            ("warn_at", Value::Int(v)) if *v >= 1 => common.warn_at = u64::try_from(*v).ok(),
            ("warn_at_ratio", value) if share(value).is_some_and(|v| v > 0.0) => {
                common.warn_at_ratio = share(value);
            }
            ("samples", _) => {
                common.samples = super::samples::read(node, &scope.samples, scope, problems);
            }
            ("max_failing_ratio", Value::Int(_) | Value::Float(_)) => {
                common.max_failing_ratio = share(&node.value);
                if common.max_failing_ratio.is_none() {
                    problems.wrong_type(node, key, "a number from 0 to 1");
                }
            }
            ("on_empty", Value::Text(word)) if OnEmpty::parse(word).is_some() => {
                common.on_empty = OnEmpty::parse(word);
            }
            ("slices", _) => common.slices = super::slices::read(node, problems),
            ("owner", Value::Text(text)) => common.owner = Some(text.clone()),
            ("description", Value::Text(text)) => common.description = Some(text.clone()),
            ("tags", _) => common.tags = texts(node, key, problems).unwrap_or_default(),
            ("environments", _) => common.environments = environments(node, scope, problems),
            ("waive", _) => common.waiver = waiver(node, scope, problems),
            (other, _) if COMMON.contains(&other) => {
                let wanted = match other {
                    "severity" => "error, warn or info",
                    "where" => "a boolean SQL expression",
                    "on_empty" => "skip, pass, warn or fail",
                    "owner" | "description" => "text",
                    "warn_at" => "a whole number, 1 or more",
                    "warn_at_ratio" => "a number above 0 and at most 1",
                    _ => "a whole number, 0 or more",
                };
                problems.wrong_type(node, other, wanted);
            }
            _ => {}
        }
    }
    common
}

/// A number from 0 to 1.
fn share(value: &Value) -> Option<f64> {
    let number = value.scalar().and_then(|v| v.number());
    number.filter(|v| (0.0..=1.0).contains(v))
}

/// Whether the check reads the argument.
fn applies(check: &Check, key: &str) -> bool {
    match key {
        "max_failing" | "max_failing_ratio" => check
            .pass
            .iter()
            .any(|c| c.bound == Bound::Param("max_failing".to_owned())),
        "warn_at" | "warn_at_ratio" => check.counts_rows(),
        "on_empty" => check.takes(key),
        _ => true,
    }
}

fn useless(check: &Check, key: &str, place: &Place) -> Diagnostic {
    let (what, label) = match key {
        "on_empty" => (
            "is for checks of the rows that are there",
            "has its own answer for no rows",
        ),
        _ => ("is for checks that count failing rows", "counts none"),
    };
    Diagnostic::new("useless-argument", format!("`{key}` {what}"))
        .at(place, format!("`{}` {label}", check.id))
        .help("remove it, or move the bounds of the check itself")
}

/// Environments by name, each one that the contract declares.
fn environments(node: &Node, scope: &Scope, problems: &mut Problems) -> Vec<String> {
    let names = texts(node, "environments", problems).unwrap_or_default();
    if names.is_empty() {
        problems.wrong_type(node, "environments", "a list of at least one name");
    }
    for name in names.iter().filter(|n| !scope.environments.contains(n)) {
        let what = format!("there is no environment `{name}`");
        let known = scope.environments.iter().map(String::as_str);
        let help = if scope.environments.is_empty() {
            "list them at the top of the contract, such as `environments: [training, serving]`"
                .to_owned()
        } else {
            listing("environments", name, known)
        };
        problems.add(
            Diagnostic::new("unknown-environment", what)
                .at(&node.place, "not declared")
                .help(help),
        );
    }
    names
}

fn waiver(node: &Node, scope: &Scope, problems: &mut Problems) -> Option<Waiver> {
    let mut fields = crate::config::fields::Fields::of(node, "waive", problems)?;
    let terms = Terms::read(&mut fields, problems);
    fields.finish(problems);
    terms.map(|t| t.on(scope.now, WaiverKind::InSource))
}
