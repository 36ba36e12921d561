//! A dataset against its reference: by rows, or by what profiles count, with a level for the whole dataset; and by
//! fixed limits.

mod aligned;
mod coverage;
mod deciding;
mod fate;
pub mod gate;
pub mod history;
mod judge;
mod measures;
pub mod profiles;
pub mod sample;
mod sides;

pub use deciding::{LEAST_NIGHTS, together};
pub use judge::judge;
pub use measures::{Held, KNOWN, Known};

/// Limit that holds when `drift:` gives none. Unit: that of the measure; absent where it is only held where it is written.
///
/// Customs of practice, not tests: at small row counts they cross by chance. One new value is news; a rare value that a batch
/// happens not to hold is not, so lost ones count from 1 % of the reference's values on.
#[must_use]
pub fn default_limit(name: &str) -> Option<f64> {
    KNOWN.iter().find(|k| k.name == name).and_then(|k| k.limit)
}

/// Text with more values than this on both sides is taken for a key or free text, and is not compared as categories.
pub const CATEGORY_CAP: usize = 200;
