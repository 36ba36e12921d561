//! What a team makes of changes: whose side counts, what each rule is worth, and what is accepted until a day.

use super::{Audience, Change, Rule};
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::record::{Severity, Status, Waiver, WaiverKind};
use chrono::NaiveDate;
use std::path::{Component, Path, PathBuf};

/// `diff:` of `tollgate.yaml` or of a file of its own.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whose side fails; absent where it does not say.
    pub fail_on: Option<Audience>,
    /// What rules are worth here; of several that fit the last holds.
    pub severity: Vec<(Rule, Severity)>,
    /// Changes that are accepted.
    pub ignore: Vec<Ignored>,
}

/// Changes that are accepted until a day.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// The rule.
    pub rule: Rule,
    /// The column, or any.
    pub column: Option<String>,
    /// The check that the expectation applies, or any.
    pub check: Option<String>,
    /// The contract, found from the folder of the file, or any.
    pub contract: Option<PathBuf>,
    /// Reason, owner and last day.
    pub waiver: Waiver,
    /// Where it stands.
    pub place: Place,
}

impl Ignored {
    /// Whether it is about this change of the contract that is called `name`.
    fn covers(&self, change: &Change, name: &str) -> bool {
        let same = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        self.rule == change.rule
            && same(&self.column, &change.column)
            && same(&self.check, &change.check)
            && self.contract.as_ref().is_none_or(|c| *c == plain(name))
    }
}

/// A path without what does not matter to it: the revision in front, and `.`.
fn plain(name: &str) -> PathBuf {
    let path = match name.split_once(':') {
        Some((rev, path)) if rev.len() > 1 => path,
        _ => name,
    };
    let parts = Path::new(path).components();
    parts.filter(|c| *c != Component::CurDir).collect()
}

impl Policy {
    /// Judges the changes that lead to the contract called `name`: their status, and the exception that covers them.
    ///
    /// A change that breaks the audience fails, any other passes; a severity that the policy gives its rule counts
    /// instead, whomever the change breaks: `error` fails, `warn` warns, `info` passes. What fails or warns and is
    /// accepted warns until the last day of the exception. With [`Audience::None`] nothing fails: it warns.
    pub fn judge(&self, changes: &mut [Change], audience: Audience, name: &str) {
        for change in changes {
            let given = self.severity.iter().rev().find(|(r, _)| *r == change.rule);
            change.severity = match given {
                Some((_, severity)) => *severity,
                None if change.breaks(audience) => Severity::Error,
                None => Severity::Info,
            };
            change.status = match change.severity {
                Severity::Error if audience == Audience::None => Status::Warn,
                Severity::Error => Status::Fail,
                Severity::Warn => Status::Warn,
                Severity::Info => Status::Pass,
            };
            if change.status == Status::Pass {
                continue;
            }
            let mut covering = self.ignore.iter().filter(|i| i.covers(change, name));
            let found = covering.clone().find(|i| !i.waiver.expired);
            change.waiver = found.or(covering.next()).map(|i| i.waiver.clone());
            if found.is_some() {
                change.status = Status::Warn;
            }
        }
    }

    /// Exceptions that no longer hold, or that no change needs: each in a line for people.
    #[must_use]
    pub fn stale(&self, changes: &[Change], name: &str) -> Vec<String> {
        let of = |ignored: &Ignored| {
            let place = &ignored.place;
            let at = format!("{}:{}", place.file.path, place.line);
            let until = &ignored.waiver.until;
            let here = ignored.contract.as_ref().is_none_or(|c| *c == plain(name));
            if changes.iter().any(|c| ignored.covers(c, name)) {
                let ended = ignored.waiver.expired;
                ended.then(|| format!("{at}: the exception ended on {until}"))
            } else {
                // One that names no contract may be about another.
                let needless = here && ignored.contract.is_some();
                needless.then(|| format!("{at}: no change needs this exception"))
            }
        };
        self.ignore.iter().filter_map(of).collect()
    }
}

/// Reads the `diff` section of a file whose folder is `base`; every problem is added.
pub fn read(node: &Node, base: &Path, today: NaiveDate, problems: &mut Problems) -> Option<Policy> {
    let mut fields = Fields::of(node, "diff", problems)?;
    let fail_on = fields.word("fail_on", Audience::WORDS, Audience::parse, problems);
    let mut severity = Vec::new();
    for (key, node) in fields.entries("severity", problems) {
        let rule = rule(&key.name, &key.place, problems);
        let word = text(node, &key.name, problems);
        let worth = word.as_deref().and_then(Severity::parse);
        if word.is_some() && worth.is_none() {
            problems.wrong_type(node, &key.name, "error, warn or info");
        }
        severity.extend(rule.zip(worth));
    }
    let entries = fields.list("ignore").iter();
    let ignore = entries.filter_map(|n| ignored(n, base, today, problems));
    let ignore = ignore.collect();
    fields.finish(problems);
    Some(Policy {
        fail_on,
        severity,
        ignore,
    })
}

fn rule(id: &str, place: &Place, problems: &mut Problems) -> Option<Rule> {
    let rule = Rule::parse(id);
    if rule.is_none() {
        let ids: Vec<String> = Rule::ALL.iter().map(|r| r.id()).collect();
        problems.add(
            Diagnostic::new("unknown-rule", format!("there is no rule `{id}`"))
                .at(place, "not known")
                .help(listing("rules", id, ids.iter().map(String::as_str))),
        );
    }
    rule
}

fn ignored(node: &Node, base: &Path, today: NaiveDate, problems: &mut Problems) -> Option<Ignored> {
    let mut fields = Fields::of(node, "ignore", problems)?;
    let rule_node = fields.require("rule", problems);
    let rule = rule_node.and_then(|n| rule(&text(n, "rule", problems)?, &n.place, problems));
    let column = fields.text("column", problems);
    let check = fields.text("check", problems);
    let contract = fields.text("contract", problems);
    let mut need = |key| {
        let node = fields.require(key, problems)?;
        Some((text(node, key, problems)?, node))
    };
    let (reason, owner, until) = (need("reason"), need("owner"), need("until"));
    fields.finish(problems);
    let (until, until_node) = until?;
    let Ok(day) = until.parse::<NaiveDate>() else {
        problems.wrong_type(until_node, "until", "a day such as 2013-02-01");
        return None;
    };
    Some(Ignored {
        rule: rule?,
        column,
        check,
        contract: contract.map(|c| plain(&base.join(c).to_string_lossy())),
        waiver: Waiver {
            reason: reason?.0,
            owner: owner?.0,
            expired: today > day,
            until,
            max_failing: None,
            kind: WaiverKind::External,
        },
        place: node.place.clone(),
    })
}

/// The `diff` section of a file that is a configuration or has nothing else; none where it has no such key.
///
/// Of a configuration nothing else is read.
pub fn of_file(
    node: &Node,
    base: &Path,
    today: NaiveDate,
    problems: &mut Problems,
) -> Option<Policy> {
    let Value::Map(entries) = &node.value else {
        drop(Fields::of(node, "a policy", problems));
        return None;
    };
    let is_config = entries.iter().any(|(key, _)| key.name == "datasets");
    if is_config {
        let section = entries.iter().find(|(key, _)| key.name == "diff");
        return read(&section?.1, base, today, problems);
    }
    let mut fields = Fields::of(node, "a policy", problems)?;
    crate::contract::version(&mut fields, problems);
    let section = fields.require("diff", problems);
    fields.finish(problems);
    read(section?, base, today, problems)
}
