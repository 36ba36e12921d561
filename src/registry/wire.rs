//! What becomes of requests to a registry's server: read again where that is safe, looked up where it is not.

use super::Trouble;
use crate::http::{Answer, Failure, Limits};
use std::time::Duration;

/// Bounds of one request.
pub(super) const LIMITS: Limits = Limits {
    attempts: 3,
    bytes: 4 << 20,
    time: Duration::from_mins(1),
};

/// What a failure to read means.
pub(super) fn unread(failure: Failure) -> Trouble {
    match failure {
        Failure::Interrupted => Trouble::Interrupted,
        Failure::Unreached(reason) => Trouble::Unreached(reason),
        Failure::Slow(reason) | Failure::Broken(reason) | Failure::Large(reason) => {
            Trouble::Broken(reason)
        }
    }
}

/// What a failure to write means: all but what was never sent may have happened.
pub(super) fn unsent(failure: Failure) -> Trouble {
    match failure {
        Failure::Unreached(reason) => Trouble::Unreached(reason),
        Failure::Interrupted | Failure::Slow(_) | Failure::Broken(_) | Failure::Large(_) => {
            Trouble::Unknown(failure.words().to_owned())
        }
    }
}

/// Whether an answer says that the server may have done it, or not: it is overloaded, or broke.
pub(super) fn is_undecided(answer: &Answer) -> bool {
    answer.status >= 500 || [408, 429].contains(&answer.status)
}
