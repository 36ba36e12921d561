//! What a column is to the model: its score, a label, a feature, or only an id.

use super::fields::{Fields, Problems, text};
use crate::diagnostic::{Diagnostic, Place};

/// What a column is to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What the model itself put out.
    Score,
    /// What the model is to foretell.
    Label,
    /// What it is told from.
    Feature,
    /// What tells rows apart; never compared.
    Id,
}

impl Role {
    /// Words in contracts, and keys of `roles`.
    pub const WORDS: &[&str] = &["label", "score", "feature", "id"];

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "label" => Some(Self::Label),
            "score" => Some(Self::Score),
            "feature" => Some(Self::Feature),
            "id" => Some(Self::Id),
            _ => None,
        }
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Score => "score",
            Self::Feature => "feature",
            Self::Id => "id",
        }
    }
}

/// Reads `roles` of `drift`: columns by role; every problem is added.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, Role, Place)> {
    let mut found: Vec<(String, Role, Place)> = Vec::new();
    let Some(node) = fields.get("roles") else {
        return found;
    };
    let Some(mut fields) = Fields::of(node, "roles", problems) else {
        return found;
    };
    for word in Role::WORDS {
        let Some(role) = Role::parse(word) else {
            continue;
        };
        for node in fields.list(word) {
            let Some(name) = text(node, word, problems) else {
                continue;
            };
            if let Some((_, other, _)) = found.iter().find(|(n, ..)| *n == name) {
                problems.add(
                    Diagnostic::new(
                        "two-roles",
                        format!("`{name}` has two roles: {} and {word}", other.word()),
                    )
                    .at(&node.place, "again here")
                    .help("give each column one role"),
                );
            }
            found.push((name, role, node.place.clone()));
        }
    }
    fields.finish(problems);
    found
}
