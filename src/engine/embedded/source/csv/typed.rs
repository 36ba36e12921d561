//! One column in one pass: its cells are read as the type that it seems to have, go into its profile, and say whether
//! the type is right.

use super::super::cell::{Cells, Guess, Reason, Value, read_for};
use super::super::digits::{self, Months, Piece, Zone};
use super::index::{Index, Span, meaning};
use super::repeats::{Repeats, Slot};
use crate::engine::embedded::profile::add_array;
use crate::engine::embedded::schema::logical;
use crate::measure::ColumnProfile;
use arrow::datatypes::{DataType, TimeUnit};

/// Rows of a chunk from which counting repeats is worth its table.
const WORTH_REPEATS: usize = 256;

/// Texts that mean null.
pub(super) struct Nulls {
    texts: Vec<String>,
    only_empty: bool,
}

impl Nulls {
    pub(super) fn new(texts: Option<&Vec<String>>) -> Self {
        let texts = texts.map_or_else(|| vec![String::new()], Clone::clone);
        Self {
            only_empty: texts == [""],
            texts,
        }
    }

    #[inline]
    fn has(&self, cell: Cell<'_>) -> bool {
        if self.only_empty {
            cell.start == cell.end
        } else {
            self.lists(cell.text())
        }
    }

    #[inline(never)]
    fn lists(&self, text: &str) -> bool {
        self.texts.iter().any(|n| n == text)
    }
}

/// A chunk's text with the index of its cells.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) text: &'a str,
    pub(super) index: &'a Index,
    pub(super) quote: u8,
    pub(super) nulls: &'a Nulls,
}

/// One cell: a part of the text, or what a quoted one means.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    whole: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Cell<'a> {
    #[inline]
    fn piece(self) -> Piece<'a> {
        Piece::new(&self.whole.as_bytes()[self.start..], self.end - self.start)
    }

    #[inline]
    pub(super) fn text(self) -> &'a str {
        &self.whole[self.start..self.end]
    }
}

impl View<'_> {
    /// Calls `each` with the cells at one position of every row; `None` is null. `room` holds what quoted cells mean.
    #[inline]
    pub(super) fn cells(
        &self,
        position: usize,
        room: &mut String,
        mut each: impl FnMut(Option<Cell<'_>>),
    ) {
        for span in self.index.column(position) {
            let cell = self.cell(span, room);
            each((!self.nulls.has(cell)).then_some(cell));
        }
    }

    #[inline]
    fn cell<'a>(&'a self, span: Span, room: &'a mut String) -> Cell<'a> {
        let (start, end) = (span.start(), span.end());
        if span.is_written() {
            meaning(&self.text[start..end], self.quote, room);
            return Cell {
                whole: room,
                start: 0,
                end: room.len(),
            };
        }
        Cell {
            whole: self.text,
            start,
            end,
        }
    }
}

/// What a worker needs for any column.
#[derive(Default)]
pub(super) struct Tools {
    pub(super) index: Index,
    pub(super) room: String,
    ints: Vec<i64>,
    floats: Vec<f64>,
    repeats: Repeats,
    months: Months,
}

/// How cells are read.
#[derive(Clone, Copy)]
enum Lane {
    /// No cell was seen yet.
    Null,
    /// Whole numbers from the least to the greatest.
    Whole(i64, i64),
    Day,
    Moment(Zone),
    Float,
    Text,
    /// As batches read them.
    Other,
}

impl Lane {
    fn of(dtype: &DataType) -> Self {
        match dtype {
            DataType::Null => Self::Null,
            DataType::Int8 => Self::Whole(i8::MIN.into(), i8::MAX.into()),
            DataType::Int16 => Self::Whole(i16::MIN.into(), i16::MAX.into()),
            DataType::Int32 => Self::Whole(i32::MIN.into(), i32::MAX.into()),
            DataType::Int64 => Self::Whole(i64::MIN, i64::MAX),
            DataType::UInt8 => Self::Whole(0, u8::MAX.into()),
            DataType::UInt16 => Self::Whole(0, u16::MAX.into()),
            DataType::UInt32 => Self::Whole(0, u32::MAX.into()),
            DataType::Date32 => Self::Day,
            DataType::Timestamp(TimeUnit::Microsecond, None) => Self::Moment(Zone::None),
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Self::Moment(Zone::Utc),
            DataType::Float64 => Self::Float,
            DataType::Utf8 => Self::Text,
            _ => Self::Other,
        }
    }
}

/// A column, as one worker sees it.
#[derive(Clone)]
pub(super) struct Column {
    /// Place in the table.
    pub(super) place: usize,
    /// What all cells have in common; complete once a pass is over, unless a declared type was found wrong in it.
    pub(super) guess: Guess,
    /// The type that cells are read as.
    pub(super) dtype: DataType,
    /// The profile of the cells; absent when nobody wants it, and useless when the type is wrong.
    pub(super) profile: Option<ColumnProfile>,
    /// Whether a cell was of another type.
    pub(super) wrong: bool,
    reason: Reason,
    lane: Lane,
    /// Whether counting repeats was given up.
    varied: bool,
}

/// Whether a profile is made while types are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Only types.
    Types,
    /// Types and profiles.
    Profile,
}

impl Column {
    /// The column called `name`, of the type that `guess` tells so far.
    pub(super) fn new(place: usize, name: &str, guess: &Guess, purpose: Purpose) -> Self {
        let dtype = guess.dtype();
        let profile = || ColumnProfile::new(name, &logical(&dtype));
        Self {
            place,
            profile: (purpose == Purpose::Profile).then(profile),
            reason: if guess.declared().is_some() {
                Reason::Declared
            } else {
                Reason::Natural
            },
            lane: Lane::of(&dtype),
            guess: guess.clone(),
            dtype,
            wrong: false,
            varied: false,
        }
    }

    /// Adds what another worker saw.
    ///
    /// Errors: those of merging profiles, in words.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), String> {
        self.guess.merge(&other.guess);
        self.wrong = self.wrong || other.wrong;
        match (&mut self.profile, &other.profile) {
            (Some(mine), Some(theirs)) if !self.wrong => mine.merge(theirs),
            _ => Ok(()),
        }
    }

    /// Whether one more pass is needed: for a type that is not known yet, or for the profile of one that is.
    pub(super) fn is_open(&self) -> bool {
        self.wrong && (self.reason == Reason::Declared || self.profile.is_some())
    }

    /// Reads the cells at `position` of every row.
    ///
    /// Errors: Arrow's, in words, for a value that an array cannot hold.
    pub(super) fn add(
        &mut self,
        view: View<'_>,
        position: usize,
        tools: &mut Tools,
    ) -> Result<(), String> {
        let nulls = match self.lane {
            _ if self.wrong => self.guess_only(view, position, tools),
            Lane::Null => self.guess_only(view, position, tools),
            Lane::Whole(least, most) => {
                let fits = move |v: &i64| (least..=most).contains(v);
                let read = move |p: Piece<'_>| digits::integer(p).filter(fits);
                self.whole(view, position, tools, 1, read)
            }
            Lane::Day => {
                let mut months = std::mem::take(&mut tools.months);
                let read = |p: Piece<'_>| months.day(p).map(i64::from);
                let nulls = self.whole(view, position, tools, 1, read);
                tools.months = months;
                nulls
            }
            Lane::Moment(zone) => {
                self.whole(view, position, tools, 1000, |p| digits::moment(p, zone))
            }
            Lane::Float => self.floats(view, position, tools),
            Lane::Text if self.profile.is_none() => return Ok(()),
            Lane::Text => self.texts(view, position, tools),
            Lane::Other => return self.others(view, position, tools),
        };
        if let Some(profile) = self.profile.as_mut().filter(|_| !self.wrong) {
            profile.add_rows(view.index.rows() as u64, nulls);
        }
        Ok(())
    }

    fn guess_only(&mut self, view: View<'_>, position: usize, tools: &mut Tools) -> u64 {
        let mut nulls = 0;
        view.cells(position, &mut tools.room, |cell| match cell {
            None => nulls += 1,
            Some(cell) => {
                self.guess.update(cell.text());
                self.wrong = true;
            }
        });
        nulls
    }

    /// What is counted in whole units of `factor` each.
    #[inline]
    fn whole(
        &mut self,
        view: View<'_>,
        position: usize,
        tools: &mut Tools,
        factor: i64,
        mut read: impl FnMut(Piece<'_>) -> Option<i64>,
    ) -> u64 {
        let Tools { room, ints, .. } = tools;
        let mut nulls = 0;
        ints.clear();
        view.cells(position, room, |cell| match cell {
            None => nulls += 1,
            Some(cell) => match read(cell.piece()).or_else(|| self.read_whole(cell.text())) {
                Some(value) => ints.push(value),
                None => self.refuse(cell.text()),
            },
        });
        if let Some(profile) = self.profile.as_mut().filter(|_| !self.wrong) {
            profile.add_ints(ints, factor);
        }
        nulls
    }

    #[cold]
    fn read_whole(&self, text: &str) -> Option<i64> {
        match read_for(self.reason, &self.dtype, text)? {
            Value::Int(v) | Value::Ticks(v) => Some(v),
            Value::UInt(v) => i64::try_from(v).ok(),
            Value::Day(v) => Some(v.into()),
            _ => None,
        }
    }

    #[cold]
    fn refuse(&mut self, text: &str) {
        self.wrong = true;
        self.guess.update(text);
    }

    fn floats(&mut self, view: View<'_>, position: usize, tools: &mut Tools) -> u64 {
        let Tools {
            room,
            floats,
            repeats,
            ..
        } = tools;
        let counted = self.counts_repeats(view);
        let mut nulls = 0;
        floats.clear();
        repeats.begin();
        view.cells(position, room, |cell| {
            let Some(cell) = cell else {
                nulls += 1;
                return;
            };
            if counted && repeats.add(cell.piece(), |slot| self.add_floats(slot)) {
                return;
            }
            let value = digits::decimal(cell.piece());
            match value.or_else(|| self.read_float(cell.text())) {
                Some(value) => floats.push(value),
                None => self.refuse(cell.text()),
            }
        });
        if counted {
            let given = repeats.end(|slot| self.add_floats(slot));
            self.varied = given > view.index.rows() / 4;
        }
        if let Some(profile) = self.profile.as_mut().filter(|_| !self.wrong) {
            profile.add_floats(floats);
        }
        nulls
    }

    fn counts_repeats(&self, view: View<'_>) -> bool {
        !self.varied && view.index.rows() >= WORTH_REPEATS
    }

    fn read_float(&self, text: &str) -> Option<f64> {
        match read_for(self.reason, &self.dtype, text)? {
            Value::Float(v) => Some(v),
            _ => None,
        }
    }

    fn add_floats(&mut self, slot: &Slot) {
        slot.with_text(|text| match (self.read_float(text), &mut self.profile) {
            (Some(value), Some(profile)) => profile.add_float(value, slot.count),
            (Some(_), None) => {}
            (None, _) => self.refuse(text),
        });
    }

    fn texts(&mut self, view: View<'_>, position: usize, tools: &mut Tools) -> u64 {
        let counted = self.counts_repeats(view);
        let Some(profile) = &mut self.profile else {
            return 0;
        };
        let Tools { room, repeats, .. } = tools;
        let mut nulls = 0;
        repeats.begin();
        let add_slot = |profile: &mut ColumnProfile, slot: &Slot| {
            slot.with_text(|text| profile.add_text(text, slot.count));
        };
        view.cells(position, room, |cell| {
            let Some(cell) = cell else {
                nulls += 1;
                return;
            };
            if !counted || !repeats.add(cell.piece(), |slot| add_slot(profile, slot)) {
                profile.add_text(cell.text(), 1);
            }
        });
        if counted {
            let given = repeats.end(|slot| add_slot(profile, slot));
            self.varied = given > view.index.rows() / 4;
        }
        nulls
    }

    /// Types that are rare in text: read into an array first.
    fn others(&mut self, view: View<'_>, position: usize, tools: &mut Tools) -> Result<(), String> {
        let mut cells = Cells::new(&self.dtype);
        let check = self.reason == Reason::Natural || self.profile.is_none();
        view.cells(position, &mut tools.room, |cell| {
            let text = cell.map(Cell::text);
            let read = |text: &str| read_for(self.reason, &self.dtype, text).is_some();
            let fits = text.is_none_or(|text| !check || read(text));
            if !fits || cells.push(text).is_err() {
                self.refuse(text.unwrap_or_default());
            }
        });
        if let Some(profile) = self.profile.as_mut().filter(|_| !self.wrong) {
            let array = cells.finish().map_err(|e| e.to_string())?;
            add_array(profile, array.as_ref());
        }
        Ok(())
    }
}
