//! Values of samples that turn out to be personal data or secrets, though their columns may be shown.

use crate::contract::Detection;
use crate::detect::{Detector, HIDDEN};
use crate::plan::DatasetPlan;
use crate::record::FailingRow;

/// Takes values out of samples that must not be shown: every text that holds something, of columns of which
/// `pii: false` is not written.
pub(super) fn redact(samples: &mut [FailingRow], plan: &DatasetPlan, detector: &Detector) {
    for cell in samples.iter_mut().flat_map(|s| &mut s.cells) {
        if let Some(value) = &mut cell.value
            && plan.detection(&cell.column) == Detection::ByContent
            && detector.find(value).is_some()
        {
            HIDDEN.clone_into(value);
        }
    }
}
