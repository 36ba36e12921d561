//! What can change in a contract, and whom it breaks.
//!
//! A contract is a promise of the producer, who writes the data, to the consumer, who reads it. A change that promises
//! less is breaking for the consumer: values may come that were promised not to. A change that promises more is
//! breaking for the producer: data that was accepted may be refused. A change of kind is both. Why each is what it is:
//!
//! - `column-removed` promises less. It breaks the producer too where `extra_columns: fail` refuses the column if it is
//!   still written. An optional column breaks no consumer: it might have been absent before.
//! - `column-added` promises more, unless the column is optional.
//! - `presence-loosened`, `nullable-loosened`, `unique-loosened`, `type-widened` promise less: the column, its values,
//!   their difference, or their range can no longer be relied on. Their opposites promise more.
//! - `type-changed`: neither type holds the other's values, so both sides have work.
//! - `key-changed`: a key that is added promises more, one that is taken away less, another one is both.
//! - `extra-columns-changed`: to `fail` promises more, from `fail` less; between `allow` and `warn` no run fails.
//! - `expectation-added` and `expectation-tightened` promise more, `expectation-removed` and `expectation-loosened`
//!   less, `expectation-changed` (another pattern, another condition) both. What only warns breaks nobody.
//! - `set-values-added`: a consumer with a branch per value meets one it does not know. `set-values-removed`: a producer
//!   that still writes the value is refused.
//! - `pii-changed`: values that become personal bind whoever stores or shows them, so it breaks consumers; the opposite
//!   breaks nobody.
//! - `metadata-changed` (names, owners, descriptions, labels, examples) breaks nobody.
//! - `column-missing`, `type-mismatch`, `nulls-seen`, `column-extra` compare a contract with data: what the gate would
//!   refuse breaks the consumer, who was promised otherwise, and the producer, whose data is refused.

use serde::Serialize;

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A column is no longer promised.
    ColumnRemoved,
    /// A column is promised that was not.
    ColumnAdded,
    /// A required column became optional.
    PresenceLoosened,
    /// An optional column became required.
    PresenceTightened,
    /// The new type holds every value of the old, and more.
    TypeWidened,
    /// The new type holds only some values of the old.
    TypeNarrowed,
    /// Neither type holds the other's values.
    TypeChanged,
    /// Nulls may come now.
    NullableLoosened,
    /// Nulls may no longer come.
    NullableTightened,
    /// Values may repeat now.
    UniqueLoosened,
    /// Values may no longer repeat.
    UniqueTightened,
    /// Other columns identify a row.
    KeyChanged,
    /// Columns beyond the promised ones mean something else.
    ExtraColumnsChanged,
    /// An expectation is new.
    ExpectationAdded,
    /// An expectation is gone.
    ExpectationRemoved,
    /// An expectation accepts less.
    ExpectationTightened,
    /// An expectation accepts more.
    ExpectationLoosened,
    /// An expectation accepts other data.
    ExpectationChanged,
    /// Values joined a list.
    SetValuesAdded,
    /// Values left a list.
    SetValuesRemoved,
    /// Values became personal, or no longer are.
    PiiChanged,
    /// Words for people.
    MetadataChanged,
    /// The data lacks a promised column.
    ColumnMissing,
    /// The data has a column that is not promised.
    ColumnExtra,
    /// The data has a column in another type.
    TypeMismatch,
    /// The data has nulls where none may be.
    NullsSeen,
}

impl Rule {
    /// Every rule, for `--ignore`.
    pub const ALL: &[Self] = &[
        Self::ColumnRemoved,
        Self::ColumnAdded,
        Self::PresenceLoosened,
        Self::PresenceTightened,
        Self::TypeWidened,
        Self::TypeNarrowed,
        Self::TypeChanged,
        Self::NullableLoosened,
        Self::NullableTightened,
        Self::UniqueLoosened,
        Self::UniqueTightened,
        Self::KeyChanged,
        Self::ExtraColumnsChanged,
        Self::ExpectationAdded,
        Self::ExpectationRemoved,
        Self::ExpectationTightened,
        Self::ExpectationLoosened,
        Self::ExpectationChanged,
        Self::SetValuesAdded,
        Self::SetValuesRemoved,
        Self::PiiChanged,
        Self::MetadataChanged,
        Self::ColumnMissing,
        Self::ColumnExtra,
        Self::TypeMismatch,
        Self::NullsSeen,
    ];

    /// The id: the variant in kebab case.
    #[must_use]
    pub fn id(self) -> String {
        let mut id = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_uppercase() && !id.is_empty() {
                id.push('-');
            }
            id.extend(c.to_lowercase());
        }
        id
    }

    /// Reads an id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.id() == id)
    }

    /// What it is, in one sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::ColumnRemoved => "A column is no longer promised.",
            Self::ColumnAdded => "A column is promised that was not.",
            Self::PresenceLoosened => "A required column became optional.",
            Self::PresenceTightened => "An optional column became required.",
            Self::TypeWidened => "The new type holds every value of the old, and more.",
            Self::TypeNarrowed => "The new type holds only some values of the old.",
            Self::TypeChanged => "Neither type holds the other's values.",
            Self::NullableLoosened => "Nulls may come now.",
            Self::NullableTightened => "Nulls may no longer come.",
            Self::UniqueLoosened => "Values may repeat now.",
            Self::UniqueTightened => "Values may no longer repeat.",
            Self::KeyChanged => "Other columns identify a row.",
            Self::ExtraColumnsChanged => "Columns beyond the promised ones mean something else.",
            Self::ExpectationAdded => "An expectation is new.",
            Self::ExpectationRemoved => "An expectation is gone.",
            Self::ExpectationTightened => "An expectation accepts less.",
            Self::ExpectationLoosened => "An expectation accepts more.",
            Self::ExpectationChanged => "An expectation accepts other data.",
            Self::SetValuesAdded => "Values joined a list.",
            Self::SetValuesRemoved => "Values left a list.",
            Self::PiiChanged => "Values became personal, or no longer are.",
            Self::MetadataChanged => "Words for people.",
            Self::ColumnMissing => "The data lacks a promised column.",
            Self::ColumnExtra => "The data has a column that is not promised.",
            Self::TypeMismatch => "The data has a column in another type.",
            Self::NullsSeen => "The data has nulls where none may be.",
        }
    }

    /// The rule in words, for people.
    #[must_use]
    pub fn explain(self) -> String {
        format!(
            "{}: {}\n\nA rule of `tollgate diff`. Why it matters: {}.\n\nWhom it breaks, what it is worth in CI \
             and how it is accepted: docs/evolution.md.\n",
            self.id(),
            self.summary(),
            self.reason()
        )
    }

    /// Why it matters, in the words of whom it breaks.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::ColumnRemoved => "readers of the column find nothing",
            Self::ColumnAdded => "writers must fill it",
            Self::PresenceLoosened => "readers must do without it",
            Self::PresenceTightened => "writers must always write it",
            Self::TypeWidened => "values may come that the old type cannot hold",
            Self::TypeNarrowed => "values that the new type cannot hold are refused",
            Self::TypeChanged => "neither type holds the other's values",
            Self::NullableLoosened => "readers may meet nulls",
            Self::NullableTightened => "writers may no longer leave it out",
            Self::UniqueLoosened => "readers may meet a value twice",
            Self::UniqueTightened => "repeated values are refused",
            Self::KeyChanged => "joins and updates by key see other rows",
            Self::ExtraColumnsChanged => "columns beyond the promised ones are treated otherwise",
            Self::ExpectationAdded | Self::ExpectationTightened => {
                "data that was accepted may be refused"
            }
            Self::ExpectationRemoved | Self::ExpectationLoosened => {
                "data may come that was refused"
            }
            Self::ExpectationChanged => "other data is accepted than before",
            Self::SetValuesAdded => "readers may meet a value they do not know",
            Self::SetValuesRemoved => "writers of the value are refused",
            Self::PiiChanged => "whoever stores or shows the values is bound differently",
            Self::MetadataChanged => "words for people",
            Self::ColumnMissing => "the contract promises it",
            Self::ColumnExtra => "the contract does not name it",
            Self::TypeMismatch => "the contract promises another type",
            Self::NullsSeen => "the contract promises none",
        }
    }
}

/// Whether a change promises less or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Less: breaking for consumers.
    Weaker,
    /// More: breaking for producers.
    Stronger,
    /// Otherwise: breaking for both.
    Both,
    /// The same: breaking for nobody.
    Neither,
}

impl Effect {
    /// The effect for those who read the data.
    #[must_use]
    pub fn consumer(self) -> Impact {
        Impact::of(matches!(self, Self::Weaker | Self::Both))
    }

    /// The effect for those who write the data.
    #[must_use]
    pub fn producer(self) -> Impact {
        Impact::of(matches!(self, Self::Stronger | Self::Both))
    }
}

/// Whether a change breaks one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// It does.
    Breaking,
    /// It does not.
    Compatible,
}

impl Impact {
    fn of(breaking: bool) -> Self {
        if breaking {
            Self::Breaking
        } else {
            Self::Compatible
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_json() {
        for rule in Rule::ALL {
            assert_eq!(
                serde_json::to_string(rule).unwrap(),
                format!("\"{}\"", rule.id())
            );
            assert_eq!(Rule::parse(&rule.id()), Some(*rule));
        }
    }
}
