//! One run record, rendered for people and machines.
pub mod text;
