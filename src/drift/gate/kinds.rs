//! Kinds of change in words: values that seem to be written otherwise, and where in the file the rows of a change lie.

use super::Gate;
use super::words::{NAMED, grouped, percent};
use crate::diagnostic::plural;
use crate::drift::sample::{Block, Drift, Extent, Label, Origin, Place, Renamed, Shape, hash};
use crate::measure::{ColumnProfile, Profile};
use crate::statistics::intervals::Share;
use std::collections::BTreeMap;

impl Gate<'_> {
    /// `"EWR" seems to be written "Newark" now (8,120 of 24,951 rows then, 8,098 of 24,000 now)`.
    pub(super) fn renamed(&self, origin: Origin, list: &[Renamed], open: bool) -> String {
        let values: usize = list.iter().map(|r| r.from.len()).sum();
        if !open {
            let verb = if values == 1 { "seems" } else { "seem" };
            let some = if list.iter().all(|r| r.extent == Extent::Part) {
                "a part of "
            } else {
                ""
            };
            let count = plural(values as u64, "value");
            return format!("{some}{count} {verb} to be written otherwise now");
        }
        let mut parts: Vec<String> = list
            .iter()
            .take(NAMED)
            .map(|r| self.one_renamed(origin, r))
            .collect();
        if list.len() > NAMED {
            parts.push(format!("and {} more", list.len() - NAMED));
        }
        parts.join("; ")
    }

    fn one_renamed(&self, origin: Origin, renamed: &Renamed) -> String {
        let names = |labels: &[Label]| self.names(origin, labels);
        let (from, to) = (names(&renamed.from), names(&renamed.to));
        let rows = then_now(renamed.before, renamed.now);
        match (renamed.extent, renamed.from.len(), renamed.to.len()) {
            (Extent::Part, ..) => format!(
                "a part of {from} seems to be written {to} now ({} of the rows less, {} more)",
                percent(renamed.before.value()),
                percent(renamed.now.value())
            ),
            (Extent::Whole, 1, _) => format!("{from} seems to be written {to} now ({rows})"),
            (Extent::Whole, _, 1) => format!("{from} seem to be one value now, {to} ({rows})"),
            (Extent::Whole, ..) => {
                format!("{from} seem to be written {to} now, in whatever order ({rows})")
            }
        }
    }

    /// Values as they may be shown: `"a", "b" and 2 more`.
    fn names(&self, origin: Origin, labels: &[Label]) -> String {
        let mut names: Vec<String> = labels
            .iter()
            .map(|label| self.named(origin, *label, true))
            .filter(|name| name.starts_with('"'))
            .take(NAMED)
            .collect();
        if names.is_empty() {
            return match labels.len() {
                1 => "one value".to_owned(),
                n => plural(n as u64, "value"),
            };
        }
        names.sort();
        match (labels.len() - names.len(), names.len()) {
            (0, 1) => names.remove(0),
            (0, n) => format!("{} and {}", names[..n - 1].join(", "), names[n - 1]),
            (more, _) => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// Where the rows of a change lie: `; all 1,204 lie in rows 4,001 to 5,300`.
    pub(super) fn place(&self, drift: &Drift) -> String {
        let (of, about) = if self.sampled {
            (" of the compared ones", "about ")
        } else {
            ("", "")
        };
        match drift.place {
            Some(Place::Burst { block, inside, all }) if inside == all => {
                format!("; all {}{of} lie in {about}{}", grouped(all), shown(block))
            }
            Some(Place::Burst { block, inside, all }) => format!(
                "; {} of {}{of} lie in {about}{}",
                grouped(inside),
                grouped(all),
                shown(block)
            ),
            Some(Place::Copy { first, again }) => format!(
                "; {about}{} hold {} again, in the same order",
                shown(again),
                shown(first)
            ),
            Some(Place::Everywhere) => "; spread over the whole file".to_owned(),
            None => String::new(),
        }
    }
}

/// Codes of the texts that the profiles list, each with the code of its letters and digits alone, in lower case.
pub(super) fn spelled(
    columns: &[(String, Shape)],
    profiles: (&Profile, &Profile),
) -> BTreeMap<u64, u64> {
    let texts = columns.iter().filter(|(_, s)| *s == Shape::Texts);
    let listed = texts.flat_map(|(name, _)| {
        [profiles.0, profiles.1].map(|p| p.column(name).and_then(ColumnProfile::values_seen))
    });
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let codes = listed.flatten().flatten().map(|(text, _)| {
        let plain = plain(&text);
        let spelled = if plain.is_empty() { &text } else { &plain };
        (hash::text(&text), hash::text(spelled))
    });
    codes.collect()
}

/// `rows 4,001 to 5,300`.
fn shown(block: Block) -> String {
    format!("rows {} to {}", grouped(block.from), grouped(block.to))
}

/// `8,120 of 24,951 rows then, 8,098 of 24,000 now`.
fn then_now(before: Share, now: Share) -> String {
    format!(
        "{} of {} rows then, {} of {} now",
        grouped(before.hits),
        grouped(before.rows),
        grouped(now.hits),
        grouped(now.rows)
    )
}
