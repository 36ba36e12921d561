//! The calibrated gate where one side is known by its saved profile only: no rows, but what they counted to.
//!
//! `cells` are the counts of one column on both sides and what their labels would draw, `level` says how often an
//! unchanged column would surprise as much, `compare` puts the columns together, `columns` reads the counts from
//! profiles.
//!
//! A profile says nothing of how columns go together, so each column is judged by itself and the level of the dataset
//! is divided among them (Holm 1979). Within a column it is exact: where nothing changed, the counts of one side are a
//! draw without replacement from those of both.

mod cells;
mod columns;
mod compare;
mod level;

pub use cells::{Cell, Counted};
pub use columns::{Read, read};
pub use compare::Judged;
