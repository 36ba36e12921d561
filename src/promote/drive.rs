//! One move from plan to confirmation: planned, locked, written, confirmed. Every step may be made again.

use super::clock::Clock;
use crate::registry::{Answer, Attached, Lock, Move, Registry, Seen, Trouble, Written};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// Times that an alias is read again to learn what became of a move.
const LOOKS: u32 = 5;

/// Times that a move is sent, each time only when the alias was read and still leads where it did.
const SENDS: u32 = 3;

/// Moves that are settled at most before one is made.
const LEFT: u32 = 16;

/// Longest time between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What must be left of a lock's time when a move is sent.
const SPARE: TimeDelta = TimeDelta::seconds(1);

/// How far a move has come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is known what is to happen.
    Planned,
    /// The lock is ours, or none is needed.
    Locked,
    /// The registry was told to move the alias, or the alias was read and leads where it should.
    Written,
    /// The alias was read and leads where it should; history and attachments are kept; the lock is given back.
    Confirmed,
}

/// How a move ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The alias leads where it should, by this move.
    Moved,
    /// It did already.
    Already(Seen),
    /// It leads elsewhere than the move comes from: somebody else was first.
    Lost(Seen),
    /// Somebody else holds the lock until then.
    Busy(Option<Box<Move>>, DateTime<Utc>),
}

/// Whether the registry may have moved the alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Not,
    Perhaps,
}

/// Whether a move may be sent, or only be brought to its end where it was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It may.
    Allowed,
    /// It may not: nobody looked whether it should.
    Never,
}

/// A move, and what belongs to it.
pub struct Drive<'a> {
    /// The registry.
    pub registry: &'a dyn Registry,
    /// The move.
    pub change: &'a Move,
    /// What is kept with it.
    pub attached: Option<&'a Attached<'a>>,
    /// Told of every step before the next one begins.
    pub reached: &'a mut dyn FnMut(Step) -> Answer<()>,
    /// The clock of locks, and how one waits.
    pub clock: &'a dyn Clock,
}

impl Drive<'_> {
    /// Makes the move, where the alias still leads where it comes from.
    ///
    /// What another promoter left behind is finished or undone first. A move whose outcome is not known is looked up, and
    /// sent again only when the alias was read and still leads where it did.
    /// Errors: what the registry said; the alias may have been moved then, and making the same move again finishes it.
    pub fn make(&mut self) -> Answer<Ended> {
        (self.reached)(Step::Planned)?;
        let seen = self.registry.look()?;
        if let Some(ended) = self.settled(&seen)? {
            return Ok(ended);
        }
        let until = match self.locked()? {
            Ok(until) => until,
            Err(busy) => return Ok(busy),
        };
        let mut sent = Sent::Not;
        let ended = self.under_lock(until, &mut sent);
        match (&ended, sent) {
            // What is not known keeps the lock, so that nobody comes between before it is; and a move that may have happened
            // and is not in the history has its only record there.
            (Err(Trouble::Unknown(_) | Trouble::Interrupted), _) | (Err(_), Sent::Perhaps) => {}
            _ => self.registry.unlock(self.change)?,
        }
        if let Ok(Ended::Moved | Ended::Already(_)) = &ended {
            (self.reached)(Step::Confirmed)?;
        }
        ended
    }

    /// Finishes a move that was made, where the alias leads to its end: nothing is sent that moves it.
    ///
    /// Errors: what the registry said.
    pub fn finish(&mut self) -> Answer<Ended> {
        (self.reached)(Step::Planned)?;
        let seen = self.registry.look()?;
        let ended = self.settled(&seen)?;
        Ok(ended.unwrap_or(Ended::Lost(seen)))
    }

    /// How it ended already: the move that led there is kept once more, because it may not have come to its end.
    fn settled(&mut self, seen: &Seen) -> Answer<Option<Ended>> {
        if seen.version.as_deref() == Some(self.change.to.as_str()) {
            // What fails from here on leaves an alias that leads to the candidate.
            (self.reached)(Step::Written)?;
            let lock = self.tidied()?;
            match seen.by.as_ref().filter(|by| by.id != self.change.id) {
                None => self.registry.keep(self.change, self.attached)?,
                // Where no lock tells of it, nobody else finds out that the move which led there did not come to its end.
                Some(by) if lock == Lock::Unneeded => self.registry.keep(by, None)?,
                Some(_) => {}
            }
            (self.reached)(Step::Confirmed)?;
            return Ok(Some(Ended::Already(seen.clone())));
        }
        if seen.version != self.change.from {
            // Whether that goes well or not, this move is lost; the next promoter tries it again.
            let _ = self.tidied();
            return Ok(Some(Ended::Lost(seen.clone())));
        }
        Ok(None)
    }

    /// Finishes or undoes what a promoter left behind, where a lock tells of it; ours is given back. Returns what became of
    /// asking for it.
    fn tidied(&self) -> Answer<Lock> {
        let lock = self.cleared()?;
        self.registry.unlock(self.change)?;
        Ok(lock)
    }

    /// What a promoter left behind that did not come to its end: it is finished where the alias was moved, and undone where
    /// it was not.
    fn settle(&self, left: &Move) -> Answer<()> {
        let seen = self.registry.look()?;
        if seen.version.as_deref() == Some(left.to.as_str()) {
            self.registry.keep(left, None)
        } else {
            self.registry.undo(left)
        }
    }

    /// What becomes of asking for the lock, once everything that was left behind is settled.
    fn cleared(&self) -> Answer<Lock> {
        let mut lock = self.registry.lock(self.change)?;
        for _ in 0..LEFT {
            let Lock::Left(left) = lock else { break };
            self.settle(&left)?;
            lock = self.registry.take_over(&left, self.change)?;
        }
        Ok(lock)
    }

    fn locked(&mut self) -> Answer<Result<Option<DateTime<Utc>>, Ended>> {
        let until = match self.cleared()? {
            Lock::Held(until) => Some(until),
            Lock::Unneeded => None,
            Lock::Theirs { change, until } => return Ok(Err(Ended::Busy(change, until))),
            Lock::Left(left) => return Ok(Err(Ended::Busy(Some(left), self.clock.now()))),
        };
        if let Err(trouble) = (self.reached)(Step::Locked) {
            // Nothing was sent: nobody has to wait for the end of this lock.
            self.registry.unlock(self.change)?;
            return Err(trouble);
        }
        Ok(Ok(until))
    }

    fn under_lock(&mut self, until: Option<DateTime<Utc>>, sent: &mut Sent) -> Answer<Ended> {
        let seen = self.registry.look()?;
        if seen.version.as_deref() == Some(self.change.to.as_str()) {
            (self.reached)(Step::Written)?;
            self.registry.keep(self.change, self.attached)?;
            return Ok(Ended::Already(seen));
        }
        if seen.version != self.change.from {
            return Ok(Ended::Lost(seen));
        }
        let ended = self.sent(seen, until, sent)?;
        if ended == Ended::Moved {
            self.registry.keep(self.change, self.attached)?;
        } else {
            self.registry.undo(self.change)?;
        }
        Ok(ended)
    }

    /// Sends the move, and reads where the alias leads afterwards.
    fn sent(
        &mut self,
        mut seen: Seen,
        until: Option<DateTime<Utc>>,
        sent: &mut Sent,
    ) -> Answer<Ended> {
        let mut trouble = None;
        for _ in 0..SENDS {
            if until.is_some_and(|until| self.clock.now() + SPARE > until) {
                let late = "the time of the lock is over before the move could be sent".to_owned();
                return Err(trouble.unwrap_or(Trouble::Broken(late)));
            }
            self.registry.describe(self.change, self.attached)?;
            let written = self.registry.write(self.change, &seen);
            if !matches!(written, Err(Trouble::Refused(_) | Trouble::Unreached(_))) {
                *sent = Sent::Perhaps;
            }
            match written {
                Ok(Written::Done) => {
                    (self.reached)(Step::Written)?;
                    return self.confirmed();
                }
                // What was there first may be this very move, sent before.
                Ok(Written::Lost) => {
                    let ended = self.ended(self.looked_up()?);
                    if !matches!(ended, Ended::Lost(_)) {
                        (self.reached)(Step::Written)?;
                    }
                    return Ok(ended);
                }
                Err(unknown @ Trouble::Unknown(_)) => {
                    (self.reached)(Step::Written)?;
                    let now = self.looked_up()?;
                    if now.version != self.change.from {
                        return Ok(self.ended(now));
                    }
                    seen = now;
                    trouble = Some(unknown);
                }
                Err(other) => return Err(other),
            }
        }
        Err(trouble.unwrap_or(Trouble::Unknown(
            "the move was sent and does not show".to_owned(),
        )))
    }

    fn confirmed(&self) -> Answer<Ended> {
        let seen = self.looked_up()?;
        if seen.version == self.change.from {
            let what = "the registry took the move, and the alias still leads where it did";
            return Err(Trouble::Broken(what.to_owned()));
        }
        Ok(self.ended(seen))
    }

    /// Whether what is seen came to be by this move.
    fn ended(&self, seen: Seen) -> Ended {
        let there = seen.version.as_deref() == Some(self.change.to.as_str());
        match &seen.by {
            Some(by) if there && by.id == self.change.id => Ended::Moved,
            Some(_) if there => Ended::Already(seen),
            None if there => Ended::Moved,
            _ => Ended::Lost(seen),
        }
    }

    /// Where the alias leads, asked patiently: what was sent may still be on its way.
    fn looked_up(&self) -> Answer<Seen> {
        let mut last = Err(Trouble::Unknown("nothing was read".to_owned()));
        for look in 0..LOOKS {
            last = self.registry.look();
            match &last {
                Ok(seen) if seen.version != self.change.from => break,
                Err(Trouble::Interrupted | Trouble::Refused(_)) => break,
                Ok(_) | Err(_) => self
                    .clock
                    .wait(PAUSE.min(Duration::from_millis(50 << look)))?,
            }
        }
        last.map_err(|trouble| match trouble {
            Trouble::Interrupted => Trouble::Interrupted,
            other => Trouble::Unknown(format!(
                "the move was sent, and the alias cannot be read: {other}"
            )),
        })
    }
}
