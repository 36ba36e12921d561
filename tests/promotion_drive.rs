//! A move step by step, against a registry in memory whose connection fails in every way: by seed, and the same each time.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use chrono::{DateTime, TimeDelta, Utc};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tollgate::promote::clock::Clock;
use tollgate::promote::drive::{Drive, Ended, Sending, Step};
use tollgate::registry::{
    Answer, Attached, Call, Lock, Move, MoveKind, Registry, Safety, Seen, Trouble, Version, Written,
};

/// What the server holds, whoever asks.
#[derive(Debug, Default)]
struct Server {
    alias: Option<String>,
    /// Id of the move that the alias came to be by, where it is told.
    by: Option<Move>,
    lock: Option<(Move, DateTime<Utc>)>,
    history: Vec<Move>,
    /// Writes that were sent and have not arrived: what they wait for, and the version.
    late: Vec<(u32, Move)>,
    calls: u32,
    moved: Vec<String>,
}

impl Server {
    fn arrive(&mut self) {
        self.calls += 1;
        let calls = self.calls;
        let (due, late): (Vec<_>, Vec<_>) = self.late.drain(..).partition(|(at, _)| *at <= calls);
        self.late = late;
        for (_, change) in due {
            self.set(&change);
        }
    }

    fn set(&mut self, change: &Move) {
        if self.alias.as_deref() != Some(&change.to) {
            self.moved.push(change.id.clone());
        }
        self.alias = Some(change.to.clone());
        self.by = Some(change.clone());
    }
}

/// One promoter's connection.
struct Client {
    server: Rc<RefCell<Server>>,
    random: Cell<u64>,
    clock: Rc<Ticking>,
    /// Share of calls that go wrong. Unit: percent.
    faults: u64,
    /// The call after which the process is gone, by number.
    dies: Option<u32>,
    made: Cell<u32>,
    compares: bool,
}

/// A clock that goes on by itself, a little with every look.
#[derive(Debug)]
struct Ticking(Cell<i64>);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        self.0.set(self.0.get() + 1);
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(self.0.get())
    }

    fn wait(&self, time: Duration) -> Answer<()> {
        self.0
            .set(self.0.get() + i64::try_from(time.as_millis()).unwrap());
        Ok(())
    }
}

/// How a call fails.
enum Fault {
    None,
    Before,
    After,
    Twice,
    Late,
}

impl Client {
    fn drawn(&self, below: u64) -> u64 {
        // xorshift64, Marsaglia 2003
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x % below
    }

    fn fault(&self) -> Answer<Fault> {
        self.made.set(self.made.get() + 1);
        if self.dies.is_some_and(|dies| self.made.get() > dies) {
            return Err(Trouble::Interrupted);
        }
        self.server.borrow_mut().arrive();
        if self.drawn(100) >= self.faults {
            return Ok(Fault::None);
        }
        Ok(match self.drawn(4) {
            0 => Fault::Before,
            1 => Fault::After,
            2 => Fault::Twice,
            _ => Fault::Late,
        })
    }

    /// A call that changes nothing the second time.
    fn call<T>(&self, act: impl Fn(&mut Server) -> T) -> Answer<T> {
        match self.fault()? {
            Fault::Before => Err(Trouble::Unreached("refused".to_owned())),
            Fault::After | Fault::Late => {
                act(&mut self.server.borrow_mut());
                Err(Trouble::Unknown("the connection is gone".to_owned()))
            }
            Fault::Twice => {
                act(&mut self.server.borrow_mut());
                Ok(act(&mut self.server.borrow_mut()))
            }
            Fault::None => Ok(act(&mut self.server.borrow_mut())),
        }
    }
}

const LEASE: TimeDelta = TimeDelta::seconds(60);

impl Registry for Client {
    fn shown(&self) -> String {
        "memory".to_owned()
    }

    fn safety(&self) -> Safety {
        Safety::Lock
    }

    fn look(&self) -> Answer<Seen> {
        self.call(|server| Seen {
            version: server.alias.clone(),
            by: server.by.clone(),
            token: None,
        })
    }

    fn find(&self, _version: &str) -> Answer<Option<Version>> {
        Ok(Some(Version::default()))
    }

    fn lock(&self, change: &Move) -> Answer<Lock> {
        if self.compares {
            return Ok(Lock::Unneeded);
        }
        let now = self.clock.now();
        self.call(|server| match &server.lock {
            Some((held, until)) if held.id == change.id => Lock::Held(*until),
            Some((held, until)) if *until > now => Lock::Theirs {
                change: Some(Box::new(held.clone())),
                until: *until,
            },
            Some((held, _)) => Lock::Left(Box::new(held.clone())),
            None => {
                server.lock = Some((change.clone(), now + LEASE));
                Lock::Held(now + LEASE)
            }
        })
    }

    fn take_over(&self, left: &Move, change: &Move) -> Answer<Lock> {
        let now = self.clock.now();
        self.call(|server| match &server.lock {
            Some((held, _)) if held.id != left.id && held.id != change.id => {
                Lock::Left(Box::new(held.clone()))
            }
            _ => {
                server.lock = Some((change.clone(), now + LEASE));
                Lock::Held(now + LEASE)
            }
        })
    }

    fn unlock(&self, change: &Move) -> Answer<()> {
        self.call(|server| {
            if server
                .lock
                .as_ref()
                .is_some_and(|(held, _)| held.id == change.id)
            {
                server.lock = None;
            }
        })
    }

    fn write(&self, change: &Move, _seen: &Seen) -> Answer<Written> {
        let act = |server: &mut Server| {
            if self.compares && server.alias != change.from {
                return Written::Lost;
            }
            server.set(change);
            Written::Done
        };
        match self.fault()? {
            Fault::None => Ok(act(&mut self.server.borrow_mut())),
            Fault::Before => Err(Trouble::Unreached("refused".to_owned())),
            Fault::After => {
                act(&mut self.server.borrow_mut());
                Err(Trouble::Unknown("the connection is gone".to_owned()))
            }
            Fault::Twice => {
                let first = act(&mut self.server.borrow_mut());
                act(&mut self.server.borrow_mut());
                Ok(first)
            }
            Fault::Late => {
                let mut server = self.server.borrow_mut();
                let due = server.calls + 1 + u32::try_from(self.drawn(3)).unwrap();
                if self.compares {
                    return Err(Trouble::Unknown("the connection is gone".to_owned()));
                }
                server.late.push((due, change.clone()));
                Err(Trouble::Unknown("the connection is gone".to_owned()))
            }
        }
    }

    fn keep(&self, change: &Move, _attached: Option<&Attached>) -> Answer<()> {
        self.call(|server| {
            if !server.history.iter().any(|m| m.id == change.id) {
                server.history.push(change.clone());
            }
        })
    }

    fn past(&self) -> Answer<Vec<Move>> {
        self.call(|server| server.history.clone())
    }

    fn calls(&self, _change: &Move, _seen: &Seen) -> Vec<Call> {
        Vec::new()
    }
}

fn change(from: Option<&str>, to: &str) -> Move {
    Move {
        id: String::new(),
        kind: MoveKind::Promotion,
        model: "late".to_owned(),
        alias: "champion".to_owned(),
        from: from.map(str::to_owned),
        to: to.to_owned(),
        at: "2013-04-01T00:00:00Z".to_owned(),
        by: None,
        reason: None,
        basis: None,
    }
    .identified()
}

struct World {
    server: Rc<RefCell<Server>>,
    clock: Rc<Ticking>,
    compares: bool,
}

impl World {
    fn new(compares: bool) -> Self {
        let server = Server {
            alias: Some("1".to_owned()),
            ..Server::default()
        };
        Self {
            server: Rc::new(RefCell::new(server)),
            clock: Rc::new(Ticking(Cell::new(0))),
            compares,
        }
    }

    fn client(&self, seed: u64, faults: u64, dies: Option<u32>) -> Client {
        Client {
            server: Rc::clone(&self.server),
            random: Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            clock: Rc::clone(&self.clock),
            faults,
            dies,
            made: Cell::new(0),
            compares: self.compares,
        }
    }

    fn make(&self, client: &Client, change: &Move) -> (Answer<Ended>, Vec<Step>) {
        self.driven(client, change, Sending::Allowed)
    }

    fn driven(
        &self,
        client: &Client,
        change: &Move,
        sending: Sending,
    ) -> (Answer<Ended>, Vec<Step>) {
        let mut steps = Vec::new();
        let mut reached = |step| {
            steps.push(step);
            Ok(())
        };
        let mut drive = Drive {
            registry: client,
            change,
            attached: None,
            reached: &mut reached,
            clock: &*self.clock,
        };
        let ended = match sending {
            Sending::Allowed => drive.make(),
            Sending::Never => drive.finish(),
        };
        (ended, steps)
    }
}

#[test]
fn a_move_goes_through_its_steps() {
    for compares in [false, true] {
        let world = World::new(compares);
        let (ended, steps) = world.make(&world.client(1, 0, None), &change(Some("1"), "2"));
        assert_eq!(ended, Ok(Ended::Moved));
        assert_eq!(
            steps,
            [Step::Planned, Step::Locked, Step::Written, Step::Confirmed]
        );
        let server = world.server.borrow();
        assert_eq!(server.alias.as_deref(), Some("2"));
        assert_eq!(server.history.len(), 1);
        assert!(server.lock.is_none());
    }
}

/// Somebody may take a version back between the look that found it and the move's end: no rule was asked of moving it again.
#[test]
fn what_is_only_finished_moves_nothing() {
    for compares in [false, true] {
        let world = World::new(compares);
        let client = world.client(1, 0, None);
        let first = change(Some("1"), "2");
        let finish = || world.driven(&client, &first, Sending::Never).0;
        assert!(matches!(finish(), Ok(Ended::Lost(_))));
        assert_eq!(world.server.borrow().alias.as_deref(), Some("1"));
        assert_eq!(world.make(&client, &first).0, Ok(Ended::Moved));
        assert!(matches!(finish(), Ok(Ended::Already(_))));
        assert!(world.server.borrow().lock.is_none());
    }
}

#[test]
fn a_promoter_that_dies_at_any_call_leaves_something_that_the_next_one_settles() {
    for compares in [false, true] {
        for dies in 0..12 {
            let world = World::new(compares);
            let (first, second) = (change(Some("1"), "2"), change(Some("1"), "3"));
            let (ended, _) = world.make(&world.client(1, 0, Some(dies)), &first);
            let over = ended.is_ok();
            // The next one comes when the lock's time is over.
            world.clock.wait(Duration::from_secs(61)).unwrap();
            let (next, _) = world.make(&world.client(2, 0, None), &second);
            let server = world.server.borrow();
            assert!(server.lock.is_none(), "after {dies} calls");
            match next.unwrap() {
                Ended::Moved => {
                    assert!(!over, "after {dies} calls");
                    assert_eq!(server.alias.as_deref(), Some("3"));
                    assert_eq!(server.history, [second], "after {dies} calls");
                }
                Ended::Lost(_) => {
                    assert_eq!(server.alias.as_deref(), Some("2"));
                    let kept = server.history == [first.clone()];
                    drop(server);
                    if !kept {
                        // Only the move itself can still be finished where no lock tells of it.
                        let (again, _) = world.make(&world.client(3, 0, None), &first);
                        assert!(matches!(again, Ok(Ended::Already(_))), "{again:?}");
                        assert_eq!(world.server.borrow().history, [first], "after {dies} calls");
                    }
                }
                other => panic!("after {dies} calls: {other:?}"),
            }
        }
    }
}

/// Two promoters, one after the other or the second after the first died, with every second call or so going wrong.
#[test]
fn a_thousand_seeds_never_have_two_winners_nor_lose_a_move() {
    let mut seen = [0_u32; 4];
    for seed in 1..=1000 {
        let compares = seed % 2 == 0;
        let world = World::new(compares);
        let moves = [change(Some("1"), "2"), change(Some("1"), "3")];
        let mut won: Vec<String> = Vec::new();
        for round in 0..12_u64 {
            let one = &moves[usize::try_from((seed + round) % 2).unwrap()];
            let client = world.client(seed * 31 + round, 20, None);
            let dies = client.drawn(3) == 0;
            let dies = dies.then(|| u32::try_from(client.drawn(9)).unwrap());
            let client = world.client(seed * 31 + round, 20, dies);
            match world.make(&client, one).0 {
                Ok(Ended::Moved) => won.push(one.id.clone()),
                Ok(Ended::Lost(_)) => seen[1] += 1,
                Ok(Ended::Busy(..)) => seen[2] += 1,
                Ok(Ended::Already(_)) => {}
                Err(_) => seen[3] += 1,
            }
            if round % 3 == 2 {
                world.clock.wait(Duration::from_secs(61)).unwrap();
            }
        }
        won.dedup();
        assert!(won.len() <= 1, "seed {seed}: {won:?}");
        seen[0] += u32::try_from(won.len()).unwrap();
        // The end: whoever is asked once more, without faults, leaves history and alias agreeing.
        world.clock.wait(Duration::from_secs(61)).unwrap();
        for one in &moves {
            let _ = world.make(&world.client(seed, 0, None), one);
        }
        let server = world.server.borrow();
        let alias = server.alias.clone().unwrap();
        let last = server
            .history
            .last()
            .unwrap_or_else(|| panic!("seed {seed}: no history"));
        assert_eq!(last.to, alias, "seed {seed}");
        assert_eq!(server.history.len(), 1, "seed {seed}: {:?}", server.history);
        assert_eq!(server.moved.len(), 1, "seed {seed}: {:?}", server.moved);
        assert!(server.lock.is_none(), "seed {seed}");
        if let [winner] = won.as_slice() {
            assert_eq!(*winner, last.id, "seed {seed}");
        }
    }
    // The seeds did meet what they are for.
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}
