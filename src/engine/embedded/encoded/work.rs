//! The units of a plan on all cores, and the states that come of them.

use super::plan::{Known, Plan};
use super::unit::{End, Worker};
use crate::error::{Error, Result};
use crate::measure::ColumnProfile;
use crate::scalar::Scalar;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

/// Compressed bytes from which further threads are worth their start.
const WORTH_THREADS: u64 = 1 << 18;

/// What is known of a column so far.
enum State {
    /// Nothing yet, or a thread is at work on it.
    Away,
    /// The values of the units that are done.
    Here(Box<ColumnProfile>),
    /// Rows have to be made for it.
    Uncovered,
}

/// A scan in progress.
struct Work<'a> {
    plan: &'a Plan<'a>,
    next: AtomicUsize,
    states: Vec<Mutex<State>>,
    /// The first unit, in the order of the queue, that failed.
    failed: Mutex<Option<(usize, Error)>>,
    /// Cells that were read: a row of one column each.
    cells: AtomicU64,
    read: &'a (dyn Fn(u64) + Sync),
}

/// The profiles of the columns; `None` for those that rows have to be made for.
///
/// Errors: as for [`Worker::add`]; of several, that of the first unit.
pub(super) fn done(plan: &Plan, read: &(dyn Fn(u64) + Sync)) -> Result<Vec<Option<ColumnProfile>>> {
    let states = (0..plan.wanted.len()).map(|_| Mutex::new(State::Away));
    let work = Work {
        plan,
        next: AtomicUsize::new(0),
        states: states.collect(),
        failed: Mutex::new(None),
        cells: AtomicU64::new(0),
        read,
    };
    for column in &plan.uncovered {
        *locked(&work.states[*column]) = State::Uncovered;
    }
    let bytes = plan
        .units
        .iter()
        .map(|u| u.bytes)
        .fold(0, u64::saturating_add);
    let threads = if bytes < WORTH_THREADS {
        1
    } else {
        available_parallelism()
            .map_or(1, usize::from)
            .min(plan.units.len())
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(|| work.run())));
        work.run();
    });
    work.finish()
}

impl Work<'_> {
    /// Takes one unit after the other from the queue.
    fn run(&self) {
        let mut worker = Worker::default();
        loop {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = self.plan.units.get(turn) else {
                return;
            };
            let stopped = locked(&self.failed)
                .as_ref()
                .is_some_and(|(t, _)| *t < turn);
            let Some(mut column) = self.taken(unit.column).filter(|_| !stopped) else {
                continue;
            };
            match worker.add(self.plan, unit, &mut column, &|rows| self.progress(rows)) {
                Ok(End::Added) => self.put(unit.column, column),
                Ok(End::Uncovered) => *locked(&self.states[unit.column]) = State::Uncovered,
                Err(error) => self.fail(turn, error),
            }
        }
    }

    /// The state that another unit left, or a new one; `None` when rows have to be made for the column.
    fn taken(&self, column: usize) -> Option<Box<ColumnProfile>> {
        let mut state = locked(&self.states[column]);
        match std::mem::replace(&mut *state, State::Away) {
            State::Here(profile) => Some(profile),
            State::Away => Some(Box::new(self.empty(column))),
            State::Uncovered => {
                *state = State::Uncovered;
                None
            }
        }
    }

    fn empty(&self, column: usize) -> ColumnProfile {
        let (field, wants) = &self.plan.wanted[column];
        ColumnProfile::new(&field.name, &field.dtype).wanting(*wants)
    }

    /// Leaves a state for the next unit, merged with those that other threads left meanwhile.
    fn put(&self, column: usize, mut profile: Box<ColumnProfile>) {
        loop {
            let mut state = locked(&self.states[column]);
            match std::mem::replace(&mut *state, State::Away) {
                State::Here(other) => {
                    drop(state);
                    let merged = profile.merge(&other);
                    merged.expect("two states of one column have one type");
                }
                State::Away => {
                    *state = State::Here(profile);
                    return;
                }
                State::Uncovered => {
                    *state = State::Uncovered;
                    return;
                }
            }
        }
    }

    fn fail(&self, turn: usize, error: Error) {
        let mut failed = locked(&self.failed);
        if failed.as_ref().is_none_or(|(first, _)| turn < *first) {
            *failed = Some((turn, error));
        }
    }

    /// Tells of rows: the cells that were read, over the columns.
    fn progress(&self, cells: u64) {
        let columns = self.plan.wanted.len().max(1) as u64;
        let before = self.cells.fetch_add(cells, Ordering::Relaxed);
        let rows = (before + cells) / columns - before / columns;
        if rows > 0 {
            (self.read)(rows);
        }
    }

    fn finish(self) -> Result<Vec<Option<ColumnProfile>>> {
        if let Some((_, error)) = locked(&self.failed).take() {
            return Err(error);
        }
        for (column, known) in &self.plan.known {
            if let Some(mut profile) = self.taken(*column) {
                add(&mut profile, known);
                self.put(*column, profile);
                let (Known::Constant(rows, _) | Known::Counts(rows, _)) = known;
                self.progress(*rows);
            }
        }
        let column = |(i, state): (usize, &Mutex<State>)| match std::mem::replace(
            &mut *locked(state),
            State::Away,
        ) {
            State::Here(profile) => Some(*profile),
            State::Away => Some(self.empty(i)),
            State::Uncovered => None,
        };
        Ok(self.states.iter().enumerate().map(column).collect())
    }
}

fn add(column: &mut ColumnProfile, known: &Known) {
    let (rows, value) = match known {
        Known::Counts(rows, nulls) => return column.add_rows(*rows, *nulls),
        Known::Constant(rows, value) => (*rows, value),
    };
    column.add_rows(rows, 0);
    if rows == 0 {
        return;
    }
    match value {
        Scalar::Bool(v) => column.add_int(i128::from(*v), rows),
        Scalar::Int(v) | Scalar::Duration(v) => column.add_int(v.0, rows),
        Scalar::Decimal { unscaled, .. } => column.add_int(unscaled.0, rows),
        Scalar::Date(v) | Scalar::Time(v) => column.add_int(i128::from(*v), rows),
        Scalar::Timestamp { nanos, .. } => column.add_int(nanos.0, rows),
        Scalar::Float(v) => column.add_float(*v, rows),
        Scalar::Text(v) => column.add_text(v, rows),
        Scalar::Binary(v) => column.add_bytes(v, rows),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
