//! One move of an alias, and what it rests on: what a registry keeps, and what races are settled by.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One move of an alias from a version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Move {
    /// Tells it from other moves, 32 hexadecimal digits: the same evidence for the same move has the same.
    pub id: String,
    /// What it is.
    pub kind: MoveKind,
    /// Name of the model in the registry.
    pub model: String,
    /// The alias.
    pub alias: String,
    /// The version that it led to before; absent where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The version that it leads to.
    pub to: String,
    /// When, RFC 3339, by the clock of who moved it.
    pub at: String,
    /// Who moved it: a person or a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, in the words of who moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The run that it rests on; absent of a move back, and of one that was made by something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// What a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// A candidate that passed the gate.
    Promotion,
    /// Back to a version that was champion before.
    Rollback,
    /// Made by something else than tollgate.
    Other,
}

impl MoveKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Promotion => "promotion",
            Self::Rollback => "rollback",
            Self::Other => "other",
        }
    }
}

/// The run that a move rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Basis {
    /// SHA-256 of its `run.json`, lower-case hexadecimal.
    pub run_sha256: String,
    /// Its verdict.
    pub verdict: String,
    /// Its clock, RFC 3339.
    pub now: String,
    /// SHA-256 of configuration and contracts that it was judged by.
    pub policy_sha256: String,
    /// Commit under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Address of the job that promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Id of the key that the run was signed with, where that was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

impl Move {
    /// The move with its id: of a promotion told by model, alias, versions and run; of others by their time as well.
    #[must_use]
    pub fn identified(mut self) -> Self {
        let time = match self.kind {
            MoveKind::Promotion => "",
            MoveKind::Rollback | MoveKind::Other => &self.at,
        };
        let run = self.basis.as_ref().map_or("", |b| &b.run_sha256);
        let from = self.from.as_deref().unwrap_or("\u{1}");
        let parts = [
            self.kind.word(),
            &self.model,
            &self.alias,
            from,
            &self.to,
            run,
            time,
        ];
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let mut id = crate::report::text::hex(&digest.finalize());
        id.truncate(32);
        self.id = id;
        self
    }

    /// As one line of JSON, the form in which registries keep it.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("texts are JSON")
    }

    /// Reads [`Move::line`].
    ///
    /// Errors: why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| format!("it is no move of tollgate's: {e}"))
    }

    /// What it does, in words: `champion of late: 3 -> 4`.
    #[must_use]
    pub fn words(&self) -> String {
        let from = self.from.as_deref().unwrap_or("none");
        format!("{} of {}: {from} -> {}", self.alias, self.model, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promotion() -> Move {
        Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: "2".to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: None,
            reason: None,
            basis: None,
        }
        .identified()
    }

    #[test]
    fn a_promotion_is_the_same_whenever_it_is_made_and_by_whom() {
        let later = Move {
            at: "2013-05-01T00:00:00Z".to_owned(),
            by: Some("somebody".to_owned()),
            ..promotion()
        };
        assert_eq!(later.identified().id, promotion().id);
        let other = Move {
            from: Some(String::new()),
            ..promotion()
        };
        assert_ne!(other.identified().id, promotion().id);
    }

    #[test]
    fn a_move_back_is_another_each_time() {
        let back = |at: &str| {
            Move {
                kind: MoveKind::Rollback,
                at: at.to_owned(),
                ..promotion()
            }
            .identified()
            .id
        };
        assert_ne!(back("2013-05-01T00:00:00Z"), back("2013-05-02T00:00:00Z"));
    }

    #[test]
    fn a_line_is_read_back() {
        let line = promotion().line();
        assert!(!line.contains('\n'));
        assert_eq!(Move::parse(&line).unwrap(), promotion());
        assert!(Move::parse("{}").is_err());
    }
}
