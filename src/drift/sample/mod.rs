//! The calibrated gate: rows of both sides, one level for the whole dataset.
//!
//! `codes` turns values into small codes, `moments` gives what should stay of dates and times as columns of its own,
//! `score` says how surprising one labelling of the rows is, `ends` what it leaves at the ends of the numbers, `rows`
//! the same of whole rows, `fit` what the other columns leave of one, `level` how often an unchanged dataset would
//! surprise as much, `compare` puts them together, `slices` compares parts of the rows.
//!
//! `facts` is what is known of a column, `change` says which of the `kinds` of change there are, `joint` those of
//! columns together, `effect` how large they are. What they look like, and nothing of the verdict, is for `unit` (a
//! change of unit), `recode` (renamed categories), `shift` (another time zone), `swap` (two columns) and `place` (where
//! in the file the rows lie).

pub(super) mod change;
pub(super) mod codes;
mod compare;
pub(super) mod effect;
pub(super) mod ends;
pub(super) mod facts;
mod fit;
pub(super) mod groups;
pub mod hash;
mod joint;
mod kinds;
pub(super) mod level;
mod moments;
mod place;
mod recode;
mod rows;
pub(super) mod score;
mod shift;
mod slices;
pub(super) mod swap;
mod ties;
mod unit;

pub use codes::{Shape, Values};
pub use compare::{Compared, Finding, LEVEL_ROWS, Origin, Side};
pub use effect::{Effect, Sorted, distance};
pub use kinds::{Change, Drift, End, Label, Moved, Which};
pub use level::Random;
pub use moments::{NO_MOMENT, Span, default_date};
pub use place::{Block, Place};
pub use recode::{Extent, Renamed};
pub use score::Kind;
pub use slices::Sliced;
