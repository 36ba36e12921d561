//! An `MLflow` server as a registry: aliases, or stages, of registered models.
//!
//! The order of a move: the lock (see `lock`), the alias read, the alias written, the alias read, the move into the history
//! (see `history`), tags of the version, verdict and reports on the run, the lock given back. Whatever tells of a move is
//! written after the alias leads there, so a move that did not happen leaves nothing but its lock.

mod history;
mod keep;
mod lock;
mod server;
mod state;

use super::{
    Answer, Attached, Call, Lock, Move, Registry, Safety, Seen, Target, Trouble, Version, Written,
    steady,
};
use crate::config::registries::{Locking, MlflowRegistry, Pointer};
use crate::model::source::mlflow::Access;
use chrono::{DateTime, TimeDelta, Utc};
use lock::{Announced, Judged, OWN, WAIT, judge, taken};
use reqwest::Method;
use serde_json::{Value, json};
use server::{Server, Twice};
use state::State;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::{Duration, Instant};

/// Longest wait for somebody who asked for the lock later to see that we are there.
const LONGEST: Duration = Duration::from_secs(30);

/// Pause between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(200);

/// One alias of a registered model of a server.
#[derive(Debug)]
pub struct Mlflow {
    server: Server,
    target: Target,
    config: MlflowRegistry,
    /// The clock of the run.
    now: DateTime<Utc>,
    /// Our lock, once it was asked for.
    mine: RefCell<Option<Mine>>,
    /// Locks that were left behind and are settled.
    settled: RefCell<BTreeSet<String>>,
    /// The number of the last move that was known when the alias was sent elsewhere by us.
    sent_after: Cell<Option<u64>>,
}

/// Our lock.
#[derive(Debug, Clone)]
struct Mine {
    key: String,
    /// Until when we count on it, by our clock.
    until: DateTime<Utc>,
}

impl Mlflow {
    /// The alias of a model of a server; nothing is asked yet.
    #[must_use]
    pub fn new(access: Access, target: Target, config: MlflowRegistry, now: DateTime<Utc>) -> Self {
        Self {
            server: Server::new(access),
            target,
            config,
            now,
            mine: RefCell::new(None),
            settled: RefCell::default(),
            sent_after: Cell::new(None),
        }
    }

    /// The registered model as it is now.
    fn state(&self) -> Answer<State> {
        let name = self.target.model.as_str();
        let said = self
            .server
            .read("registered-models/get", &[("name", name)])?;
        let said = said.ok_or_else(|| {
            Trouble::Refused(format!(
                "it has no registered model `{name}`; register the candidate there, or give its name as `model`"
            ))
        })?;
        State::read(&said, &self.target.alias, self.config.pointer)
    }

    fn model(&self) -> Value {
        json!({"name": self.target.model})
    }

    /// What moves the alias: path and body.
    fn moving(&self, change: &Move) -> (&'static str, Value) {
        match self.config.pointer {
            Pointer::Alias => (
                "registered-models/alias",
                json!({"name": change.model, "alias": change.alias, "version": change.to}),
            ),
            Pointer::Stage => (
                "model-versions/transition-stage",
                json!({
                    "name": change.model, "version": change.to, "stage": change.alias,
                    "archive_existing_versions": true,
                }),
            ),
        }
    }

    fn lease(&self) -> i64 {
        self.config.lease.num_milliseconds()
    }

    /// Writes our tag, unless somebody holds the lock.
    fn announce(&self, change: &Move) -> Answer<Option<Lock>> {
        let until = steady() + TimeDelta::milliseconds(self.lease() / OWN);
        let state = self.state()?;
        let since = state.clock()?;
        if let Some(theirs) = taken(&state.locks, since) {
            return Ok(Some(held(theirs)));
        }
        let key = format!("{}{}", state::lock_prefix(&self.target.alias), unheard());
        let value = state::lock_text(since, self.lease(), change);
        *self.mine.borrow_mut() = Some(Mine {
            key: key.clone(),
            until,
        });
        let told = self
            .server
            .tag("registered-models/set-tag", &self.model(), &key, &value);
        if told.is_err() {
            self.withdraw();
        }
        told.map(|()| None)
    }

    /// What became of our tag, once others have seen it.
    fn checked(&self, mine: &Mine) -> Answer<Lock> {
        let wait = Duration::from_millis(u64::try_from(self.lease() / WAIT).unwrap_or(0));
        let patience = Instant::now() + wait.min(LONGEST);
        loop {
            let state = self.state()?;
            let now = state.clock()?;
            let settled = self.settled.borrow();
            match judge(&mine.key, &state.locks, now, &settled) {
                Judged::Held => return Ok(Lock::Held(mine.until)),
                Judged::Left(left) => return Ok(Lock::Left(Box::new(left.change.clone()))),
                Judged::Gone => {
                    let what = "the time of the lock was over before it could be used; promote again, or give a longer `lease`";
                    return Err(Trouble::Broken(what.to_owned()));
                }
                Judged::Later(_) if Instant::now() < patience => {}
                Judged::Earlier(theirs) | Judged::Later(theirs) => {
                    self.withdraw();
                    return Ok(held(theirs));
                }
            }
            crate::context::check_interrupt().map_err(|_| Trouble::Interrupted)?;
            std::thread::sleep(PAUSE.min(wait / 8));
        }
    }

    /// Removes our tag. Where that does not work it ends by itself.
    fn withdraw(&self) {
        if let Some(mine) = self.mine.borrow_mut().take() {
            let _ = self.removed(&mine.key);
        }
    }

    fn removed(&self, key: &str) -> Answer<()> {
        let mut body = self.model();
        body["key"] = json!(key);
        let path = "registered-models/delete-tag";
        self.server
            .tell(Method::DELETE, path, &body, Twice::Harmless, None)
    }

    /// What is left of our lock's time, for a request that must not be taken up after it.
    fn left(&self) -> Option<Duration> {
        let mine = self.mine.borrow();
        let left = mine.as_ref()?.until - steady();
        Some(left.to_std().unwrap_or_default().max(PAUSE))
    }
}

/// Somebody else's lock.
fn held(theirs: &Announced<Move>) -> Lock {
    Lock::Theirs {
        change: Some(Box::new(theirs.change.clone())),
        until: DateTime::from_timestamp_millis(theirs.until()).unwrap_or_default(),
    }
}

/// A name that nobody else has: 32 hexadecimal digits of the system's randomness, the process and the time.
fn unheard() -> String {
    let drawn = || {
        let mut hasher = std::hash::RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        hasher.write_i64(Utc::now().timestamp_micros());
        hasher.finish()
    };
    format!("{:016x}{:016x}", drawn(), drawn())
}

impl Registry for Mlflow {
    fn shown(&self) -> String {
        format!("MLflow at {}", self.server.shown())
    }

    fn safety(&self) -> Safety {
        match self.config.locking {
            Locking::Tag => Safety::Lock,
            Locking::Off => Safety::ReadBack,
        }
    }

    fn look(&self) -> Answer<Seen> {
        let state = self.state()?;
        let number = history::last_number(&state.moves);
        let leads_there = |m: &&Move| Some(&m.to) == state.version.as_ref();
        let by = match self.sent_after.get() {
            // What was known before we sent a move does not tell whose is the one that is seen now.
            Some(sent) if number <= sent => None,
            Some(_) => history::last(&state.moves).filter(leads_there),
            // The last move, or one that is just being made: its history comes after the alias.
            None => history::last(&state.moves).filter(leads_there).or_else(|| {
                let mine = self.mine.borrow();
                let others = state.locks.iter();
                let others = others.filter(|l| mine.as_ref().is_none_or(|m| m.key != l.key));
                let mut moves = others.map(|l| &l.change).filter(leads_there);
                let first = moves.next()?;
                moves.all(|m| m.id == first.id).then_some(first)
            }),
        };
        Ok(Seen {
            by: by.cloned(),
            version: state.version,
            token: Some(number.to_string()),
        })
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        let Some(found) = self.version(version)? else {
            return Ok(None);
        };
        match found.get("status").and_then(Value::as_str) {
            None | Some("READY") => {}
            Some(status) => {
                return Err(Trouble::Refused(format!(
                    "version {version} of `{}` is {status}, not READY",
                    self.target.model
                )));
            }
        }
        let run = found.get("run_id").and_then(Value::as_str);
        Ok(Some(Version {
            digests: state::digests(&found),
            run_id: run.filter(|r| !r.is_empty()).map(str::to_owned),
            ..Version::default()
        }))
    }

    fn made_by(&self, run: &str) -> Answer<Option<String>> {
        self.version_of(run)
    }

    fn lock(&self, change: &Move) -> Answer<Lock> {
        if self.config.locking == Locking::Off {
            return Ok(Lock::Unneeded);
        }
        if self.mine.borrow().is_none()
            && let Some(theirs) = self.announce(change)?
        {
            return Ok(theirs);
        }
        let Some(mine) = self.mine.borrow().clone() else {
            return Err(Trouble::Broken("the lock was not asked for".to_owned()));
        };
        let checked = self.checked(&mine);
        if checked.is_err() {
            self.withdraw();
        }
        checked
    }

    fn take_over(&self, left: &Move, change: &Move) -> Answer<Lock> {
        let state = self.state()?;
        let now = state.clock()?;
        let over = state.locks.iter().filter(|l| !l.counts(now));
        for lock in over.filter(|l| l.change.id == left.id) {
            match self.removed(&lock.key) {
                Ok(()) => {}
                Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
                // It counts no longer, and it is settled: it may stay.
                Err(_) => {}
            }
            self.settled.borrow_mut().insert(lock.key.clone());
        }
        self.lock(change)
    }

    fn unlock(&self, _change: &Move) -> Answer<()> {
        self.withdraw();
        Ok(())
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let number = seen.token.as_deref().and_then(|t| t.parse().ok());
        self.sent_after.set(Some(number.unwrap_or(0)));
        let (path, body) = self.moving(change);
        self.server
            .tell(Method::POST, path, &body, Twice::Never, self.left())
            .map(|()| Written::Done)
    }

    fn keep(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        self.kept(change, attached)
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let state = self.state()?;
        let of = (self.target.model.as_str(), self.target.alias.as_str());
        history::past(&state.moves, of, state.version.as_deref(), self.now)
    }

    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        self.planned(change, seen)
    }
}
