//! What a run says of parts that could not be evaluated.

use super::{Outcome, Run, Status};

/// The check of outcomes that say of a dataset that it could not be evaluated, and why; of a model after `model_`.
pub const READABLE: &str = "readable";

impl Run {
    /// Whether a dataset could be evaluated; of one that could not nothing is known but its name and path.
    #[must_use]
    pub fn is_read(&self, dataset: &str) -> bool {
        !self.unread().any(|o| o.dataset == dataset)
    }

    /// The outcomes that say of a dataset or model that it could not be evaluated, and why.
    pub fn unread(&self) -> impl Iterator<Item = &Outcome> {
        let of_model = |o: &Outcome| o.check.strip_prefix("model_") == Some(READABLE);
        let all = self.outcomes.iter();
        all.filter(move |o| o.status == Status::Error && (o.check == READABLE || of_model(o)))
    }
}
