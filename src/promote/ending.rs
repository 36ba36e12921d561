//! A move from its beginning to what is told of its end.

use super::clock::System;
use super::drive::{Drive, Ended, Sending, Step};
use super::{Outcome, Promotion};
use crate::error::{Error, Result};
use crate::registry::{Attached, Move, MoveKind, Registry, Trouble};
use chrono::SecondsFormat;

/// Makes a move step by step, or finishes it, and says how it ended. `begun` is the record of its beginning.
pub(super) fn made(
    registry: &dyn Registry,
    change: &Move,
    attached: Option<&Attached>,
    begun: Promotion,
    sending: Sending,
    tell: &mut dyn FnMut(&Promotion) -> Result<()>,
) -> Result<Promotion> {
    let mut record = begun;
    let mut failed = None;
    let mut reached = |step: Step| {
        record.step = Some(step);
        tell(&record).map_err(|error| {
            let said = Trouble::Broken(error.to_string());
            failed = Some(error);
            said
        })
    };
    let mut drive = Drive {
        registry,
        change,
        attached,
        reached: &mut reached,
        clock: &System,
    };
    let ended = match sending {
        Sending::Allowed => drive.make(),
        Sending::Never => drive.finish(),
    };
    if let Some(error) = failed {
        return Err(error);
    }
    let ended = ended.map_err(|trouble| match record.step {
        Some(step) if step >= Step::Written => unfinished(registry, change, trouble),
        _ => trouble.error("move the alias in", &registry.shown()),
    })?;
    let (outcome, other, mut sentence) = told(&ended, change);
    if ended == Ended::Moved
        && let Ok(Some(words)) = registry.meanwhile(change)
    {
        sentence = format!("{sentence}; {words}");
    }
    record.ended = outcome;
    record.other = other;
    record.sentence = sentence;
    tell(&record)?;
    Ok(record)
}

/// The error of a move that was sent and did not come to its end. It is no refusal: the alias may lead to the new version.
fn unfinished(registry: &dyn Registry, change: &Move, trouble: Trouble) -> Error {
    // A server that answered is asked where the alias leads; one that did not was asked already.
    let leads = match &trouble {
        Trouble::Interrupted => return Error::Interrupted,
        Trouble::Refused(_) | Trouble::Broken(_) => registry.look().ok(),
        Trouble::Unreached(_) | Trouble::Unknown(_) => None,
    };
    let leads = leads.is_some_and(|seen| seen.version.as_deref() == Some(change.to.as_str()));
    let now = if leads {
        "leads to"
    } else {
        "was told to lead to"
    };
    let (alias, model, to) = (&change.alias, &change.model, &change.to);
    let again = match change.kind {
        MoveKind::Rollback => format!("the same rollback with `--to {to}`"),
        MoveKind::Promotion | MoveKind::Other => "the same promotion once more".to_owned(),
    };
    let reason = format!(
        "`{alias}` of {model} {now} {to}, and the move is not finished; {again} finishes it: {trouble}"
    );
    let reason = crate::report::text::line(&reason);
    Error::data("finish the move in", registry.shown(), reason)
}

/// How a move ended, who was first, and both in a sentence.
fn told(ended: &Ended, change: &Move) -> (Outcome, Option<Move>, String) {
    let of = format!("`{}` of {}", change.alias, change.model);
    let who = |by: &Move| {
        let whom = by
            .by
            .as_ref()
            .map_or_else(String::new, |b| format!(" by {b}"));
        let whose = by.basis.as_ref().and_then(|b| b.url.as_ref());
        let url = whose.map_or_else(String::new, |u| format!(", {u}"));
        format!("moved to {} at {}{whom}{url}", by.to, by.at)
    };
    match ended {
        Ended::Moved => {
            let from = change.from.as_deref().unwrap_or("none");
            (
                Outcome::Moved,
                None,
                format!("{of} moved from {from} to {}", change.to),
            )
        }
        Ended::Already(seen) => {
            let how = seen
                .by
                .as_ref()
                .map_or_else(String::new, |by| format!(", {}", who(by)));
            (
                Outcome::Already,
                seen.by.clone(),
                format!("{of} leads to {} already{how}", change.to),
            )
        }
        Ended::Lost(seen) => {
            let now = seen.version.as_deref().unwrap_or("none");
            let how = seen
                .by
                .as_ref()
                .map_or_else(String::new, |by| format!(", {}", who(by)));
            let from = change.from.as_deref().unwrap_or("none");
            // Taken back while the move was to be finished.
            let left = if now == from { &change.to } else { from };
            let sentence =
                format!("{of} is not moved: it leads to {now} and no longer to {left}{how}");
            (Outcome::Conflict, seen.by.clone(), sentence)
        }
        Ended::Busy(other, until) => {
            let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
            let how = other
                .as_ref()
                .map_or_else(String::new, |m| format!(" to {}", m.to));
            let sentence = format!(
                "{of} is not moved: somebody else is moving it{how}, until {until} at the latest"
            );
            (Outcome::Busy, other.as_deref().cloned(), sentence)
        }
    }
}
