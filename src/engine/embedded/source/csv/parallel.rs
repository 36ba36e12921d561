//! Chunks on all cores: one is cut at a time, many are looked at. What comes out does not depend on how many threads
//! there are.

use super::chunks::{Chunk, Chunks};
use crate::context::check_interrupt;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Chunks per thread that may wait for their turn.
const AHEAD: u64 = 2;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every chunk, in any order, by one of the workers.
///
/// Errors: that of the first chunk in the file that has one, those of reading, [`Error::Interrupted`].
pub(super) fn in_any_order<W: Send>(
    chunks: Chunks,
    workers: &mut [W],
    look: impl Fn(&mut W, &Chunk) -> Result<()> + Sync,
) -> Result<()> {
    let chunks = Mutex::new(chunks);
    let failure: Mutex<Option<(u64, Error)>> = Mutex::new(None);
    let work = |worker: &mut W| {
        let mut chunk = Chunk::default();
        while locked(&failure).is_none() {
            let more = locked(&chunks).next(&mut chunk);
            let looked = match more {
                Ok(false) => return,
                Ok(true) => check_interrupt().and_then(|()| look(worker, &chunk)),
                // everything before it is already in somebody's hands
                Err(error) => Err(error),
            };
            if let Err(error) = looked {
                let mut first = locked(&failure);
                if first.as_ref().is_none_or(|(n, _)| chunk.number < *n) {
                    *first = Some((chunk.number, error));
                }
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        let mut workers = workers.iter_mut();
        let own = workers.next();
        for worker in workers {
            scope.spawn(|| work(worker));
        }
        own.map(work);
    });
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(()), |(_, error)| Err(error))
}

/// What is made of chunks and waits for those before it.
struct Board<T> {
    made: BTreeMap<u64, Result<T>>,
    /// Chunks that somebody asked for.
    asked: u64,
    /// Chunks handed on.
    given: u64,
    workers: usize,
    stopped: bool,
}

struct Turns<T> {
    board: Mutex<Board<T>>,
    changed: Condvar,
}

/// Makes something of every chunk on `threads` threads, each with tools of its own, and hands it to `each` in the order
/// of the file.
///
/// Errors: the first in the order of the file, of making or of `each`.
pub(super) fn in_order<W: Default, T: Send>(
    mut chunks: Chunks,
    threads: usize,
    make: impl Fn(&mut W, &Chunk) -> Result<T> + Sync,
    each: &mut dyn FnMut(T) -> Result<()>,
) -> Result<()> {
    if threads < 2 {
        let (mut chunk, mut tools) = (Chunk::default(), W::default());
        while chunks.next(&mut chunk)? {
            each(make(&mut tools, &chunk)?)?;
        }
        return Ok(());
    }
    let turns = Turns {
        board: Mutex::new(Board {
            made: BTreeMap::new(),
            asked: 0,
            given: 0,
            workers: threads,
            stopped: false,
        }),
        changed: Condvar::new(),
    };
    let chunks = Mutex::new(chunks);
    let work = || {
        let _leaving = Leaving(&turns);
        let (mut chunk, mut tools) = (Chunk::default(), W::default());
        while turns.may_take(AHEAD * threads as u64) {
            let more = locked(&chunks).next(&mut chunk);
            let product = match more {
                Ok(false) => return,
                Ok(true) => make(&mut tools, &chunk),
                Err(error) => Err(error),
            };
            turns.put(chunk.number, product);
        }
    };
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
        let given = std::iter::from_fn(|| turns.take()).try_for_each(|made| each(made?));
        turns.stop();
        given
    })
}

impl<T> Turns<T> {
    /// Waits until another chunk may be taken; `false` when nobody wants more.
    fn may_take(&self, ahead: u64) -> bool {
        let mut board = locked(&self.board);
        while !board.stopped && board.asked >= board.given + ahead {
            board = self
                .changed
                .wait(board)
                .unwrap_or_else(PoisonError::into_inner);
        }
        board.asked += 1;
        !board.stopped
    }

    fn put(&self, number: u64, made: Result<T>) {
        locked(&self.board).made.insert(number, made);
        self.changed.notify_all();
    }

    /// Waits for the next in order; absent when every worker is gone and it is not there.
    fn take(&self) -> Option<Result<T>> {
        let mut board = locked(&self.board);
        loop {
            let next = board.given;
            if let Some(made) = board.made.remove(&next) {
                board.given += 1;
                self.changed.notify_all();
                return Some(made);
            }
            if board.workers == 0 {
                return None;
            }
            board = self
                .changed
                .wait(board)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn stop(&self) {
        locked(&self.board).stopped = true;
        self.changed.notify_all();
    }
}

/// Says that a worker is gone, also when it panics.
struct Leaving<'a, T>(&'a Turns<T>);

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        locked(&self.0.board).workers -= 1;
        self.0.changed.notify_all();
    }
}
