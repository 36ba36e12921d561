//! Every order in which a few promoters can be served, step by step, with crashes and a server's clock that lags.

use super::{Announced, Judged, OWN, judge, taken};
use std::collections::{BTreeSet, HashSet};

/// How long a lock counts. Unit: ticks of the model's clock.
const LEASE: i64 = 4;

/// What a promoter does next; each is one request, or one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Look,
    Read,
    Announce,
    Check,
    Settle(usize),
    Keep(usize),
    Remove(usize),
    LookAgain,
    Write,
    Confirm,
    KeepOwn,
    Unlock,
    Done,
}

/// One promoter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Promoter {
    at: At,
    from: u8,
    to: u8,
    /// Its own clock when its half of the lease is over.
    until: i64,
    since: i64,
    waited: u8,
    moved: bool,
    settled: BTreeSet<String>,
}

/// The server and everybody that asks it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    now: i64,
    alias: u8,
    /// Tags: owner and time.
    tags: Vec<(usize, i64)>,
    /// Moves in the history, by their promoter.
    history: Vec<usize>,
    promoters: Vec<Promoter>,
    crashes: u8,
}

/// The rule of the lock, or a broken one.
type Judge = for<'a> fn(&str, &'a [Announced<usize>], i64, &BTreeSet<String>) -> Judged<'a, usize>;

/// What is tried, and how far.
struct Trial {
    moves: Vec<(u8, u8)>,
    crashes: u8,
    ticks: i64,
    /// How far the server's clock may lag.
    lag: i64,
    /// The part of the lease for which an owner counts on it.
    own: i64,
    judge: Judge,
}

impl Trial {
    fn new(moves: &[(u8, u8)]) -> Self {
        Self {
            moves: moves.to_vec(),
            crashes: 0,
            ticks: 0,
            lag: 0,
            own: OWN,
            judge: judge::<usize>,
        }
    }

    /// Tries every order.
    ///
    /// Errors: what went wrong first. Otherwise how many states there are.
    fn run(&self) -> Result<usize, String> {
        let first = World {
            now: 10,
            alias: 1,
            tags: Vec::new(),
            history: Vec::new(),
            promoters: self
                .moves
                .iter()
                .map(|(from, to)| promoter(*from, *to))
                .collect(),
            crashes: self.crashes,
        };
        let mut seen = HashSet::from([first.clone()]);
        let mut open = vec![first];
        while let Some(world) = open.pop() {
            self.sound(&world)?;
            let next = self.next(&world);
            if next.is_empty() {
                settled(&world)?;
            }
            for world in next {
                if seen.insert(world.clone()) {
                    open.push(world);
                }
            }
        }
        Ok(seen.len())
    }

    fn next(&self, world: &World) -> Vec<World> {
        let mut next = Vec::new();
        let working = |p: &Promoter| p.at != At::Done;
        if !world.promoters.iter().any(working) {
            return next;
        }
        if world.now < 10 + self.ticks {
            let mut later = world.clone();
            later.now += 1;
            next.push(later);
        }
        for (who, _) in world
            .promoters
            .iter()
            .enumerate()
            .filter(|(_, p)| working(p))
        {
            for lag in 0..=self.lag {
                let mut after = world.clone();
                after.step(who, world.now - lag, self);
                next.push(after);
            }
            if world.crashes > 0 {
                let mut after = world.clone();
                after.crashes -= 1;
                after.promoters[who].at = At::Done;
                after.forget();
                next.push(after);
            }
        }
        next
    }

    /// Never two that count on the lock; never two moves from the same version.
    fn sound(&self, world: &World) -> Result<(), String> {
        let inside = |p: &&Promoter| {
            let at = p.at;
            let held = matches!(
                at,
                At::Settle(_) | At::Keep(_) | At::Remove(_) | At::LookAgain | At::Write
            );
            held && world.now < p.until
        };
        if world.promoters.iter().filter(inside).count() > 1 {
            return Err(format!("two hold the lock: {world:?}"));
        }
        for (one, from) in self.moves.iter().enumerate() {
            let twice = self.moves.iter().enumerate().any(|(other, m)| {
                other > one
                    && m.0 == from.0
                    && world.promoters[one].moved
                    && world.promoters[other].moved
            });
            if twice {
                return Err(format!("two moved from the same version: {world:?}"));
            }
        }
        Ok(())
    }
}

fn promoter(from: u8, to: u8) -> Promoter {
    Promoter {
        at: At::Look,
        from,
        to,
        until: 0,
        since: 0,
        waited: 0,
        moved: false,
        settled: BTreeSet::new(),
    }
}

fn key(who: usize) -> String {
    format!("{who}")
}

impl World {
    fn announced(&self) -> Vec<Announced<usize>> {
        let of = |(who, since): &(usize, i64)| Announced {
            key: key(*who),
            since: *since,
            lease: LEASE,
            change: *who,
        };
        self.tags.iter().map(of).collect()
    }

    fn keep(&mut self, who: usize) {
        if !self.history.contains(&who) {
            self.history.push(who);
        }
    }

    /// One step of a promoter; `date` is what the server says of its clock.
    fn step(&mut self, who: usize, date: i64, trial: &Trial) {
        let p = self.promoters[who].clone();
        let to = |who: usize| trial.moves[who].1;
        let at = match p.at {
            At::Look if self.alias == p.from => At::Read,
            At::Look => At::Done,
            At::Read => {
                let all = self.announced();
                self.promoters[who].until = self.now + LEASE / trial.own;
                self.promoters[who].since = date;
                taken(&all, date).map_or(At::Announce, |_| At::Done)
            }
            At::Announce => {
                self.tags.push((who, p.since));
                self.tags.sort_unstable();
                At::Check
            }
            At::Check => self.checked(who, date, trial),
            At::Settle(left) if self.alias == to(left) => At::Keep(left),
            At::Settle(left) => At::Remove(left),
            At::Keep(left) => {
                self.keep(left);
                At::Remove(left)
            }
            At::Remove(left) => {
                self.tags.retain(|(owner, _)| *owner != left);
                self.promoters[who].settled.insert(key(left));
                At::Check
            }
            At::LookAgain if self.alias == p.from => At::Write,
            At::LookAgain => At::Unlock,
            At::Write if self.now < p.until => {
                self.alias = p.to;
                self.promoters[who].moved = true;
                At::Confirm
            }
            At::Write => At::Unlock,
            At::Confirm if self.alias == p.to => At::KeepOwn,
            At::Confirm => At::Unlock,
            At::KeepOwn => {
                self.keep(who);
                At::Unlock
            }
            At::Unlock => {
                self.tags.retain(|(owner, _)| *owner != who);
                At::Done
            }
            At::Done => At::Done,
        };
        self.promoters[who].at = at;
        self.forget();
    }

    /// What no longer matters does not tell states apart.
    fn forget(&mut self) {
        for p in self.promoters.iter_mut().filter(|p| p.at == At::Done) {
            *p = Promoter {
                at: At::Done,
                moved: p.moved,
                ..promoter(p.from, p.to)
            };
        }
    }

    fn checked(&mut self, who: usize, date: i64, trial: &Trial) -> At {
        let all = self.announced();
        let waited = self.promoters[who].waited;
        match (trial.judge)(&key(who), &all, date, &self.promoters[who].settled) {
            Judged::Held => At::LookAgain,
            Judged::Left(left) => At::Settle(left.change),
            Judged::Later(_) if waited < 1 => {
                self.promoters[who].waited += 1;
                At::Check
            }
            Judged::Later(_) | Judged::Earlier(_) => At::Unlock,
            Judged::Gone => At::Done,
        }
    }
}

/// When everybody has ended or crashed, and the next promoter has settled what is left, history leads to the alias, and has
/// every move once.
fn settled(world: &World) -> Result<(), String> {
    let mut after = world.clone();
    let mut left = after.tags.clone();
    left.sort_by_key(|(who, since)| (*since, *who));
    for (who, _) in left {
        if after.alias == after.promoters[who].to {
            after.keep(who);
        }
    }
    let mut at = 1;
    for who in &after.history {
        let p = &after.promoters[*who];
        if !p.moved || p.from != at {
            return Err(format!(
                "history tells of a move that was not made: {after:?}"
            ));
        }
        at = p.to;
    }
    if at != after.alias {
        return Err(format!("history does not lead to the alias: {after:?}"));
    }
    Ok(())
}

#[test]
fn two_promoters_with_crashes_and_a_lagging_clock() {
    let trial = Trial {
        crashes: 2,
        ticks: 9,
        lag: 1,
        ..Trial::new(&[(1, 2), (1, 3)])
    };
    let states = trial.run().unwrap();

    assert!(states > 10_000, "{states}");
    let trial = Trial {
        crashes: 1,
        ticks: 9,
        lag: 1,
        ..Trial::new(&[(1, 2), (2, 3)])
    };
    trial.run().unwrap();
}

#[test]
fn three_promoters() {
    for (moves, crashes, ticks) in [
        ([(1, 2), (1, 3), (1, 4)], 0, 0),
        ([(1, 2), (1, 3), (1, 4)], 1, 4),
        ([(1, 2), (2, 3), (1, 4)], 1, 4),
    ] {
        let trial = Trial {
            crashes,
            ticks,
            ..Trial::new(&moves)
        };
        let states = trial.run().unwrap();

        assert!(states > 1_000, "{states}");
    }
}

/// Of two that are not stopped one moves the alias, whatever the order.
#[test]
fn somebody_wins() {
    let trial = Trial::new(&[(1, 2), (1, 3)]);
    let first = World {
        now: 10,
        alias: 1,
        tags: Vec::new(),
        history: Vec::new(),
        promoters: trial.moves.iter().map(|(f, t)| promoter(*f, *t)).collect(),
        crashes: 0,
    };
    // One waits as long as the other is about to remove its tag.
    let mut open = vec![first];
    let mut seen = HashSet::new();
    while let Some(mut world) = open.pop() {
        for p in &mut world.promoters {
            p.waited = 0;
        }
        if !seen.insert(world.clone()) {
            continue;
        }
        let next = trial.next(&world);
        if next.is_empty() {
            assert!(world.alias != 1, "nobody moved it: {world:?}");
        }
        open.extend(next);
    }
}

/// A lock of which the rules are broken is found to be: the trials can fail.
#[test]
fn broken_rules_are_found() {
    // Who is earliest holds it, whoever else is there.
    fn earliest<'a>(
        mine: &str,
        all: &'a [Announced<usize>],
        now: i64,
        settled: &BTreeSet<String>,
    ) -> Judged<'a, usize> {
        match judge(mine, all, now, settled) {
            Judged::Later(_) => Judged::Held,
            other => other,
        }
    }
    // Nobody looks who else is there.
    fn blind<'a>(
        _: &str,
        _: &'a [Announced<usize>],
        _: i64,
        _: &BTreeSet<String>,
    ) -> Judged<'a, usize> {
        Judged::Held
    }
    let moves = [(1, 2), (1, 3)];
    let trial = Trial {
        lag: 1,
        ticks: 2,
        judge: earliest,
        ..Trial::new(&moves)
    };
    assert!(trial.run().unwrap_err().contains("two"));
    let trial = Trial {
        judge: blind,
        ..Trial::new(&moves)
    };
    assert!(trial.run().unwrap_err().contains("two"));
    // An owner that counts on the whole lease meets a clock that lags.
    let trial = Trial {
        lag: 1,
        ticks: 9,
        own: 1,
        ..Trial::new(&moves)
    };
    assert!(trial.run().unwrap_err().contains("two"));
}
