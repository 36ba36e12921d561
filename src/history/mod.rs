//! Past runs of a dataset: what each one keeps for those that come after it.

pub mod night;

pub use night::{Night, NightColumn, NightValues, Numbers, Standing};
