//! The calibrated gate: rows of both sides, one level for the whole dataset.
//!
//! `codes` turns values into small codes, `score` says how surprising one labelling of the rows is, `rows` the same
//! of whole rows, `level` how often an unchanged dataset would surprise as much, `compare` puts them together;
//! `change` says which of the `kinds` of change there are, `effect` how large they are, `unit` whether one looks
//! like a change of unit, `recode` whether categories look renamed, `place` where in the file rows of a change lie.

mod change;
mod codes;
mod compare;
mod effect;
pub mod hash;
mod kinds;
mod level;
mod place;
mod recode;
mod rows;
mod score;
mod unit;

pub use codes::{Shape, Values};
pub use compare::{Compared, Finding, LEVEL_ROWS, Origin, Side};
pub use effect::{Effect, Sorted, distance};
pub use kinds::{Change, Drift, End, Label, Moved, Which};
pub use level::Random;
pub use place::{Block, Place};
pub use recode::{Extent, Renamed};
pub use score::Kind;
