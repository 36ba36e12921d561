//! Past runs of a dataset: what each one keeps for those that come after it, in an append-only file per dataset.
//!
//! `night` is what is kept of a batch, `joint` what its columns have in common, `sliced` the same by slice, `table` those counts as text, `repeated`
//! how many of its rows repeat another, `keep` makes it from a profile, `line` is one line of a file, `store` reads and
//! appends, `series` is what the lines of one dataset mean together, `past` is what one run needs of them, `began` says
//! since when something is not as it should be, `changed` what is otherwise than in the batch before, `evidence` what a
//! line tells exactly, `metric` follows one number over the runs, `stable` holds one against those of the ordinary runs
//! before, `models` counts the candidates that were judged on the same rows.

pub mod began;
mod changed;
mod evidence;
pub mod joint;
pub mod keep;
pub mod line;
pub mod metric;
pub mod models;
pub mod night;
pub mod past;
pub mod repeated;
pub mod series;
pub mod sliced;
pub mod stable;
pub mod store;
mod table;

pub use joint::{Joint, Rows};
pub use night::{Night, NightColumn, NightValues, Numbers, Standing, Told};
pub use past::{Left, Past, Tonight, tell_changes};
pub use repeated::{Contents, Counted};
pub use series::{PastRun, Series};
pub use store::History;
