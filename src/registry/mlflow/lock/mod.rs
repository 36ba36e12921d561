//! Who of several promoters may move an alias of a server that moves it for everybody who asks.
//!
//! `MLflow` has no compare-and-set: two promoters that both read version 1 are both answered with success, and the last one
//! stays. So they keep each other out by tags of the registered model, which are read in the same answer as its aliases.
//!
//! **The rule.** A promoter that wants the lock reads the model, writes a tag under a name that nobody else uses and that is
//! never used again, and reads the model again. It holds the lock when that answer has its own tag, and no other one that
//! still counts. It has it for half of the lease, by its own clock, from before the first request; others let its tag count
//! for the whole lease, from the server's clock (`Date`) of the first answer, by the server's clock of theirs.
//!
//! **Why two never hold it at once.** Take two that do, A and B, both within their half. Both wrote their tag before the
//! answer that made them holders. Whoever wrote later, say B, read after that, so the answer had A's tag, unless it was
//! removed. It is removed by A, who gives the lock back and no longer holds it, or by somebody who found that it counts no
//! longer. B ignored it for the same reason. But it counts until the server's clock has gone on by the whole lease, and A
//! holds it for half of that only. So the server's clock, as two answers tell it, would be wrong by half of a lease: one
//! minute, of the two that are the default. The clocks of the promoters do not matter; that they run at the same speed does.
//!
//! **Why a lock is never taken from its owner.** A tag is removed by its name, and no name is used twice: a removal that
//! comes late, or twice, finds nothing. A tag that is written late, or twice, after it was removed comes with the time of the
//! first answer, and counts no longer than it would have.
//!
//! **Why somebody wins.** Of several that have written their tags and not yet read, those that see an earlier tag (by its
//! time, then by its name) remove theirs; one that sees only later ones waits for them to go, at most a quarter of its lease.
//! A later one that was quicker holds the lock meanwhile, and the earlier one finds the alias moved.
//!
//! **What is left.** Who holds the lock and is stopped for longer than the half does not send a move any more. A move that
//! was sent in time, and that the server or what is between takes up only after the whole lease, moves the alias
//! nevertheless: no lock of this kind can prevent that. It is found by the next promotion, which reads first, and history
//! shows it as made by something else.
//!
//! `tests.rs` tries every order in which two and three promoters can be served, with crashes and with clocks that lag.

use std::collections::BTreeSet;

/// The part of a lease for which its owner counts on it.
pub(super) const OWN: i64 = 2;

/// The part of a lease for which its owner waits for later ones to go.
pub(super) const WAIT: i64 = 4;

/// A tag by which somebody asks for the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announced<C> {
    /// Its name, which nobody else has.
    pub(super) key: String,
    /// The server's clock before it was written. Unit: milliseconds since 1970.
    pub(super) since: i64,
    /// How long it counts. Unit: milliseconds.
    pub(super) lease: i64,
    /// What is about to happen.
    pub(super) change: C,
}

impl<C> Announced<C> {
    /// Whether it still counts at a time of the server's clock.
    pub(super) fn counts(&self, now: i64) -> bool {
        now < self.until()
    }

    /// The time of the server's clock at which it ends.
    pub(super) fn until(&self) -> i64 {
        self.since.saturating_add(self.lease)
    }

    fn rank(&self) -> (i64, &str) {
        (self.since, &self.key)
    }
}

/// What an answer of the server means for who has written a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged<'a, C> {
    /// The lock is ours.
    Held,
    /// It is ours, and there is something that was left behind and must be settled first.
    Left(&'a Announced<C>),
    /// Somebody was earlier, or holds it.
    Earlier(&'a Announced<C>),
    /// Others came later and will see that we are there; or hold it already.
    Later(&'a Announced<C>),
    /// Our tag is not there: its time was over, and somebody removed it.
    Gone,
}

/// What an answer means for the tag `mine`: all tags in it, the server's clock then, and which of those that count no longer
/// are settled.
pub(super) fn judge<'a, C>(
    mine: &str,
    all: &'a [Announced<C>],
    now: i64,
    settled: &BTreeSet<String>,
) -> Judged<'a, C> {
    let Some(own) = all.iter().find(|a| a.key == mine) else {
        return Judged::Gone;
    };
    let others = || all.iter().filter(|a| a.key != mine);
    let first = others().filter(|a| a.counts(now)).min_by_key(|a| a.rank());
    if let Some(first) = first {
        return if first.rank() < own.rank() {
            Judged::Earlier(first)
        } else {
            Judged::Later(first)
        };
    }
    let left = others().filter(|a| !settled.contains(&a.key));
    left.min_by_key(|a| a.rank())
        .map_or(Judged::Held, Judged::Left)
}

/// The first tag that still counts, for who has not written one.
pub(super) fn taken<C>(all: &[Announced<C>], now: i64) -> Option<&Announced<C>> {
    let counting = all.iter().filter(|a| a.counts(now));
    counting.min_by_key(|a| a.rank())
}

#[cfg(test)]
mod tests;
