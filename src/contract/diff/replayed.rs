//! Which promise of a replay a change is about.

use super::{Change, Rule};
use crate::replay::{Replay, Replayed};

/// Says of each change what past batches say of the promise that it is about.
pub fn attach(changes: &mut [Change], replay: &Replay) {
    for change in changes {
        let mut about = replay.promises.iter().filter(|p| is_about(change, p));
        let first = about.next();
        let flips = |p: &&Replayed| !p.newly_failing.is_empty() || !p.newly_passing.is_empty();
        let flipping = first.into_iter().chain(about).find(flips);
        change.replay = flipping.or(first).map(Replayed::sentence);
    }
}

fn is_about(change: &Change, promise: &Replayed) -> bool {
    let columns = promise.columns.join(", ");
    let check = match change.rule {
        Rule::NullableLoosened | Rule::NullableTightened => "not_null",
        Rule::UniqueLoosened | Rule::UniqueTightened => "unique_key",
        Rule::TypeWidened | Rule::TypeNarrowed | Rule::TypeChanged => "column_type",
        Rule::KeyChanged => return promise.check == "primary_key",
        Rule::PresenceLoosened
        | Rule::PresenceTightened
        | Rule::ColumnAdded
        | Rule::ColumnRemoved
        | Rule::ExtraColumnsChanged => return promise.check == "columns_match",
        _ => match &change.check {
            Some(check) => check,
            None => return false,
        },
    };
    promise.check == check && change.column.as_deref().unwrap_or_default() == columns
}
