//! What became of the promotion of a run, or may become of it, in words that every report shares.

use super::text::{clip, line, shell};
use super::words::moment;
use crate::promote::drive::Step;
use crate::promote::{Outcome, Promotion, Promotions};
use crate::record::{ModelRecord, Run, Status, TicketRecord};
use serde::Serialize;

/// Characters of a version, an alias or a model's name.
const NAME: usize = 80;

/// Characters of what a rule says.
const RULE: usize = 300;

/// The configuration that commands read where nothing is said.
const CONFIG: &str = "tollgate.yaml";

/// The command that promotes. A report does not know where it lies: which file is meant is said in words.
const PROMOTE: &str = "tollgate promote";

/// The promotion of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Promoted {
    /// The model in the configuration.
    pub(super) name: String,
    /// What became of it, or may.
    pub(super) sentence: String,
    /// The command that undoes it, or that makes it; empty for none.
    pub(super) command: String,
    /// What belongs to that command, and what it does, in words.
    pub(super) to: &'static str,
    /// The rules that say no.
    pub(super) rules: Vec<Rule>,
}

/// A rule that says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Rule {
    /// Its name.
    pub(super) name: String,
    /// What is wrong.
    pub(super) message: String,
    /// What would satisfy it.
    pub(super) help: String,
}

/// One per model that may be promoted, in the order of the run; `after` is what became of it, where that is known.
pub(super) fn of(run: &Run, after: Option<&Promotions>) -> Vec<Promoted> {
    let after = after.map_or(&[][..], |a| a.promotions.as_slice());
    let models = run.models.iter();
    let known = models.filter_map(|m| {
        let ended = after.iter().find(|p| p.name == m.name);
        match (ended, &m.promote) {
            (Some(ended), _) => Some(told(run, ended)),
            (None, Some(ticket)) => Some(may(run, m, ticket)),
            (None, None) => None,
        }
    });
    known.collect()
}

fn name(text: &str) -> String {
    clip(&line(text), NAME)
}

/// The command that undoes a promotion, in the folder that the run was started in.
fn undo(run: &Run, model: &str) -> String {
    let config = run.provenance.config.as_str();
    let config = match config {
        CONFIG => String::new(),
        other => format!(" --config {}", shell(other)),
    };
    format!("tollgate rollback {}{config}", shell(model))
}

/// What became of a promotion that ended in an error, or that nobody saw end.
fn open(one: &Promotion) -> (String, String, &'static str) {
    let said = clip(&line(&one.sentence), RULE);
    let sentence = match (one.ended, one.step) {
        (Outcome::Error, step) if step.is_none_or(|step| step < Step::Locked) => {
            return (format!("Not promoted: {said}."), String::new(), "");
        }
        (Outcome::Error, Some(Step::Written | Step::Confirmed)) => {
            format!("The promotion is not finished: {said}.")
        }
        _ => format!("Whether it is promoted is not known: {said}."),
    };
    let to = "with the run.json of this run, from the folder that the run was started in, finds out and finishes it";
    (sentence, PROMOTE.to_owned(), to)
}

fn told(run: &Run, one: &Promotion) -> Promoted {
    let (sentence, command, to) = match (one.ended, &one.change) {
        (Outcome::Moved, Some(change)) => {
            let from = change.from.as_deref().map_or_else(
                || "is set to".to_owned(),
                |from| format!("moved from {} to", name(from)),
            );
            let by = change.by.as_ref();
            let by = by.map_or_else(String::new, |by| format!(" by {}", name(by)));
            let sentence = format!(
                "Promoted: `{}` of {} {from} {} at {}{by}.",
                name(&change.alias),
                name(&change.model),
                name(&change.to),
                moment(&change.at)
            );
            (sentence, undo(run, &one.name), "undoes it")
        }
        (Outcome::Refused | Outcome::Conflict | Outcome::Busy, _) => {
            let sentence = format!("Not promoted: {}.", clip(&line(&one.sentence), RULE));
            (sentence, String::new(), "")
        }
        (Outcome::Begun | Outcome::Error, _) => open(one),
        _ => (
            format!("{}.", clip(&line(&one.sentence), RULE)),
            String::new(),
            "",
        ),
    };
    let rules = one.refusals.iter().map(|r| Rule {
        name: name(&r.rule),
        message: clip(&line(&r.message), RULE),
        help: clip(&line(&r.help), RULE),
    });
    Promoted {
        name: name(&one.name),
        sentence,
        command,
        to,
        rules: rules.collect(),
    }
}

/// What may become of it, as far as the run itself tells: nothing was moved when the run was written.
fn may(run: &Run, model: &ModelRecord, ticket: &TicketRecord) -> Promoted {
    let of = format!("`{}` of {}", name(&ticket.alias), name(&ticket.model));
    let passed = matches!(run.verdict.status, Status::Pass | Status::Warn);
    let no = |why: &str| {
        let sentence = format!("This run does not move {of}: {why}.");
        (sentence, String::new(), "")
    };
    let (sentence, command, to) = match (&ticket.unread, &ticket.version) {
        (Some(_), _) => no("the registry was not read"),
        (None, None) => no("it does not say which version of the registry the candidate is"),
        _ if !passed => no(&format!("its verdict is {}", run.verdict.status.word())),
        _ if run.left_out.is_some() => no("it is of a part of the configuration"),
        (None, Some(version)) => {
            let from = ticket.champion.as_ref();
            let from = from.map_or_else(String::new, |f| format!("from {} ", name(f)));
            let sentence = format!(
                "This run may move {of} {from}to {}, where the rules of `promote` allow it; nothing was moved when this was written.",
                name(version)
            );
            let to = "with the run.json of this run, from the folder that the run was started in, moves it";
            (sentence, PROMOTE.to_owned(), to)
        }
    };
    Promoted {
        name: name(&model.name),
        sentence,
        command,
        to,
        rules: Vec::new(),
    }
}
