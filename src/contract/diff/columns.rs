//! Columns of one contract against those of another.

use super::{Change, Effect, Rule, expectations, types, was_is};
use crate::catalogue::Catalogue;
use crate::contract::{
    Contract, ContractColumn, Detection, Expectation, ExtraColumns, Presence, Privacy,
};
use crate::diagnostic::Place;
use crate::types::TypePattern;

pub(super) fn compare(old: &Contract, new: &Contract, catalogue: &Catalogue) -> Vec<Change> {
    let mut changes = Vec::new();
    for was in old.entries() {
        match new.entries().find(|c| c.name == was.name) {
            Some(is) => changes.extend(column(was, is, catalogue)),
            None => changes.push(removed(was, new)),
        }
    }
    let known = |c: &&ContractColumn| !old.entries().any(|o| o.name == c.name);
    changes.extend(new.entries().filter(known).map(added));
    changes
}

fn removed(was: &ContractColumn, new: &Contract) -> Change {
    let refused = new.extra_columns == ExtraColumns::Fail;
    let effect = match (was.required, refused) {
        (Presence::Required, true) => Effect::Both,
        (Presence::Required, false) => Effect::Weaker,
        (Presence::Optional, true) => Effect::Stronger,
        (Presence::Optional, false) => Effect::Neither,
    };
    let message = format!("{} column is gone", presence(was.required));
    Change::new(Rule::ColumnRemoved, effect, message)
        .of(&was.name)
        .at(Some(&was.place), None)
}

fn added(is: &ContractColumn) -> Change {
    let effect = match is.required {
        Presence::Required => Effect::Stronger,
        Presence::Optional => Effect::Neither,
    };
    let message = format!(
        "{} column of type {} is new",
        presence(is.required),
        pattern(is)
    );
    Change::new(Rule::ColumnAdded, effect, message)
        .of(&is.name)
        .at(None, Some(&is.place))
}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Required => "a required",
        Presence::Optional => "an optional",
    }
}

/// The promised type; any where none is promised.
fn pattern(column: &ContractColumn) -> TypePattern {
    column
        .dtype
        .as_ref()
        .map_or(TypePattern::Any, |(pattern, _)| pattern.clone())
}

fn column(was: &ContractColumn, is: &ContractColumn, catalogue: &Catalogue) -> Vec<Change> {
    let (old, new) = (Promises::of(was), Promises::of(is));
    let mut changes = Vec::new();
    changes.extend(required(was, is));
    changes.extend(environments(was, is));
    changes.extend(dtype(was, is));
    let yes_or_no = [
        (
            (old.never_null, new.never_null),
            (Rule::NullableLoosened, "nulls are allowed"),
            (Rule::NullableTightened, "nulls are no longer allowed"),
        ),
        (
            (old.unique, new.unique),
            (Rule::UniqueLoosened, "values may repeat"),
            (Rule::UniqueTightened, "values may no longer repeat"),
        ),
    ];
    for ((old, new), loosened, tightened) in yes_or_no {
        let ((rule, message), effect) = match (old, new) {
            (Some(_), None) => (loosened, Effect::Weaker),
            (None, Some(_)) => (tightened, Effect::Stronger),
            _ => continue,
        };
        changes.push(
            Change::new(rule, effect, message.to_owned())
                .at(old.or(Some(&was.place)), new.or(Some(&is.place))),
        );
    }
    changes.extend(privacy(was, is));
    changes.extend(metadata(was, is));
    for change in &mut changes {
        change.column = Some(was.name.clone());
    }
    changes.extend(expectations::compare(&old.rest, &new.rest, catalogue));
    changes
}

/// A column's promises in one form: `not_null` and `unique_key` without arguments say what `nullable: false` and
/// `unique: true` say.
struct Promises<'a> {
    never_null: Option<&'a Place>,
    unique: Option<&'a Place>,
    rest: Vec<Expectation>,
}

impl<'a> Promises<'a> {
    fn of(column: &'a ContractColumn) -> Self {
        let bare = |id: &str| {
            let mut found = column.expect.iter();
            found.find(|e| e.check == id && e.args.is_none())
        };
        let place = |id: &str| bare(id).map(|e| &e.place);
        let folded = |e: &&Expectation| {
            e.args.is_some() || !["not_null", "unique_key"].contains(&e.check.as_str())
        };
        Self {
            never_null: column.not_null.as_ref().or_else(|| place("not_null")),
            unique: column.unique.as_ref().or_else(|| place("unique_key")),
            rest: column.expect.iter().filter(folded).cloned().collect(),
        }
    }
}

fn required(was: &ContractColumn, is: &ContractColumn) -> Option<Change> {
    let (rule, effect, message) = match (was.required, is.required) {
        (Presence::Required, Presence::Optional) => (
            Rule::PresenceLoosened,
            Effect::Weaker,
            "the column became optional",
        ),
        (Presence::Optional, Presence::Required) => (
            Rule::PresenceTightened,
            Effect::Stronger,
            "the column became required",
        ),
        _ => return None,
    };
    Some(Change::new(rule, effect, message.to_owned()).at(Some(&was.place), Some(&is.place)))
}

/// Environments in which the column is promised: fewer promise less, more promise more; without any it is in all.
fn environments(was: &ContractColumn, is: &ContractColumn) -> Option<Change> {
    let names = |c: &ContractColumn| -> Vec<String> {
        c.environments
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    };
    let (old, new) = (names(was), names(is));
    let beyond = |a: &[String], b: &[String]| match (a.is_empty(), b.is_empty()) {
        (_, true) => false,
        (true, false) => true,
        (false, false) => a.iter().any(|name| !b.contains(name)),
    };
    let (rule, effect) = match (beyond(&old, &new), beyond(&new, &old)) {
        (true, false) => (Rule::PresenceLoosened, Effect::Weaker),
        (false, true) => (Rule::PresenceTightened, Effect::Stronger),
        (true, true) => (Rule::PresenceLoosened, Effect::Both),
        (false, false) => return None,
    };
    let text = |list: &[String]| match list {
        [] => "all environments".to_owned(),
        some => some.join(", "),
    };
    let message = format!(
        "the column was promised in {}, is in {}",
        text(&old),
        text(&new)
    );
    Some(Change::new(rule, effect, message).at(Some(&was.place), Some(&is.place)))
}

fn dtype(was: &ContractColumn, is: &ContractColumn) -> Option<Change> {
    let (old, new) = (pattern(was), pattern(is));
    if old == new {
        return None;
    }
    let (rule, effect) = if types::holds(&new, &old) {
        (Rule::TypeWidened, Effect::Weaker)
    } else if types::holds(&old, &new) {
        (Rule::TypeNarrowed, Effect::Stronger)
    } else {
        (Rule::TypeChanged, Effect::Both)
    };
    let place = |c: &'_ ContractColumn| {
        let place = c.dtype.as_ref().map(|(_, place)| place);
        place.unwrap_or(&c.place).clone()
    };
    let message = format!("type was {old}, is {new}");
    Some(Change::new(rule, effect, message).at(Some(&place(was)), Some(&place(is))))
}

fn privacy(was: &ContractColumn, is: &ContractColumn) -> Option<Change> {
    let (effect, message) = match (was.privacy, is.privacy) {
        (Privacy::Open, Privacy::Personal) => (Effect::Weaker, "values became personal data"),
        (Privacy::Personal, Privacy::Open) => {
            (Effect::Neither, "values are no longer personal data")
        }
        _ if was.detection != is.detection => {
            let message = match is.detection {
                Detection::Off => "values are shown even where they look personal",
                Detection::ByContent => "values that look personal are no longer shown",
            };
            (Effect::Neither, message)
        }
        _ => return None,
    };
    Some(
        Change::new(Rule::PiiChanged, effect, message.to_owned())
            .at(Some(&was.place), Some(&is.place)),
    )
}

fn metadata(was: &ContractColumn, is: &ContractColumn) -> Vec<Change> {
    let joined = |list: Vec<String>| (!list.is_empty()).then(|| list.join(", "));
    let examples =
        |c: &ContractColumn| joined(c.examples.iter().map(ToString::to_string).collect());
    let role = |c: &ContractColumn| c.role.map(|role| role.word().to_owned());
    let pairs = [
        (
            "description",
            was.description.clone(),
            is.description.clone(),
        ),
        ("tags", joined(was.tags.clone()), joined(is.tags.clone())),
        ("examples", examples(was), examples(is)),
        ("role", role(was), role(is)),
    ];
    let changed = pairs.into_iter().filter(|(_, a, b)| a != b);
    changed
        .map(|(name, a, b)| {
            let message = format!("`{name}` {}", was_is(a.as_deref(), b.as_deref()));
            Change::new(Rule::MetadataChanged, Effect::Neither, message)
                .at(Some(&was.place), Some(&is.place))
        })
        .collect()
}
