//! Two profiles of the same columns, compared by fixed limits. The calibrated gate is a later step.

/// Names of limits in `drift:` of a dataset.
pub const LIMIT_NAMES: &[&str] = &["psi", "null_ratio_change", "new_category_ratio"];
