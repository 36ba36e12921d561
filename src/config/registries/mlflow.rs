//! An `MLflow` server as a registry.

use crate::config::fields::{Fields, Problems, text};
use crate::diagnostic::Diagnostic;
use chrono::TimeDelta;
use std::ops::RangeInclusive;

/// How long a lock counts where nothing is said.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// How long a lock may count: half of it is kept for clocks that differ, so a shorter one leaves no time to move anything.
pub const LEASES: RangeInclusive<TimeDelta> = TimeDelta::seconds(4)..=TimeDelta::hours(1);

/// An `MLflow` server as a registry.
#[derive(Debug, Clone)]
pub struct MlflowRegistry {
    /// Address of the server; that of `MLFLOW_TRACKING_URI` where absent.
    pub uri: Option<String>,
    /// Whether promoters keep each other out.
    pub locking: Locking,
    /// How long a lock counts that nobody gives back.
    pub lease: TimeDelta,
    /// What the alias of a promotion is there.
    pub pointer: Pointer,
}

/// Whether promoters keep each other out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// By a tag of the registered model.
    Tag,
    /// Not at all: the alias is read before and after.
    Off,
}

/// What the alias of a promotion is in a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// An alias of the registered model.
    Alias,
    /// A stage, as servers before 2.9 had them: `Production` or `Staging`.
    Stage,
}

impl Pointer {
    /// Why a name cannot be used; `None` where it can.
    ///
    /// Source: `MLflow` 3.17.2, which refuses these names when an alias is set.
    #[must_use]
    pub fn refused(self, alias: &str) -> Option<&'static str> {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        match self {
            Self::Stage if ["Production", "Staging"].contains(&alias) => None,
            Self::Stage => Some("stages are Production and Staging; name one as the `alias`"),
            Self::Alias if alias.is_empty() || !alias.chars().all(word) => {
                Some("letters, digits, `_` and `-` make an alias of MLflow")
            }
            Self::Alias if alias.eq_ignore_ascii_case("latest") => {
                Some("MLflow keeps `latest` for itself; choose another name")
            }
            Self::Alias if alias.strip_prefix(['v', 'V']).is_some_and(number) => {
                Some("MLflow keeps `v` and digits for itself; choose another name")
            }
            Self::Alias => None,
        }
    }
}

/// Reads what only an `MLflow` server has.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Option<MlflowRegistry> {
    let uri = fields.text("uri", problems);
    let lock = fields.boolean("lock", problems);
    let stages = fields.boolean("stages", problems);
    let lease = match fields.get("lease") {
        None => Some(LEASE),
        Some(node) => {
            let written = text(node, "lease", problems)?;
            let seconds = crate::plan::bind::seconds(&written);
            let lease = seconds.and_then(TimeDelta::try_seconds);
            let lease = lease.filter(|l| LEASES.contains(l));
            if lease.is_none() {
                problems.add(
                    Diagnostic::new("wrong-value", format!("`lease` is `{written}`"))
                        .at(&node.place, "not from 4s to 1h")
                        .help("give a time such as 30s or 2m: how long a lock counts whose owner was stopped"),
                );
            }
            lease
        }
    };
    Some(MlflowRegistry {
        uri,
        locking: if lock == Some(false) {
            Locking::Off
        } else {
            Locking::Tag
        },
        lease: lease?,
        pointer: if stages == Some(true) {
            Pointer::Stage
        } else {
            Pointer::Alias
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mlflow_refuses_are_refused_before_it_is_asked() {
        for name in ["champion", "Champion_2", "v1a", "v", "a-b", "été"] {
            assert_eq!(Pointer::Alias.refused(name), None, "{name}");
        }
        for name in ["", "a.b", "a b", "latest", "LATEST", "v1", "V23"] {
            assert!(Pointer::Alias.refused(name).is_some(), "{name}");
        }
        assert_eq!(Pointer::Stage.refused("Production"), None);
        assert!(Pointer::Stage.refused("champion").is_some());
    }
}
