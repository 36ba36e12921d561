//! The calibrated gate: rows of both sides, one level for the whole dataset.
//!
//! `codes` turns values into small codes, `score` says how surprising one labelling of the rows is, `rows` the same
//! of whole rows, `fit` what the other columns leave of one, `level` how often an unchanged dataset would surprise as
//! much, `compare` puts them together; `facts` is what is known of a column, `change` says which of the `kinds` of change
//! there are, `joint` those of columns together, `effect` how large they are, `unit` whether one looks like a change of
//! unit.

pub(super) mod change;
pub(super) mod codes;
mod compare;
pub(super) mod effect;
pub(super) mod facts;
mod fit;
pub(super) mod groups;
pub mod hash;
mod joint;
mod kinds;
pub(super) mod level;
mod rows;
pub(super) mod score;
mod slices;
mod unit;

pub use codes::{Shape, Values};
pub use compare::{Compared, Finding, LEVEL_ROWS, Origin, Side};
pub use effect::{Effect, Sorted, distance};
pub use kinds::{Change, Drift, End, Label, Moved, Which};
pub use level::Random;
pub use score::Kind;
pub use slices::Sliced;
