//! A dataset against its reference: by rows with a level for the whole dataset, by profiles with fixed limits.

mod coverage;
mod fate;
pub mod gate;
mod judge;
pub mod profiles;
pub mod sample;

pub use judge::judge;

/// Names of limits in `drift:` of a dataset.
pub const LIMIT_NAMES: &[&str] = &[
    "psi",
    "ks",
    "js",
    "null_ratio_change",
    "new_category_ratio",
    "lost_category_ratio",
];

/// Limit that holds when `drift:` gives none. Unit: that of the measure.
///
/// `psi` 0.2 and `ks` 0.1 and `js` 0.1 are customs of practice, not tests: at small row counts they cross by chance.
/// One new value is news; a rare value that a batch happens not to hold is not, so lost ones count from 1 % of the
/// reference's values on.
#[must_use]
pub fn default_limit(name: &str) -> f64 {
    match name {
        "psi" => 0.2,
        "null_ratio_change" => 0.05,
        "new_category_ratio" => 0.0,
        "lost_category_ratio" => 0.01,
        _ => 0.1,
    }
}

/// Text with more values than this on both sides is taken for a key or free text, and is not compared as categories.
pub const CATEGORY_CAP: usize = 200;
