//! Moves in the metadata of a model package: texts of at most 256 characters, few of which are allowed.
//!
//! Source: SageMaker API reference, `UpdateModelPackage`, `CustomerMetadataProperties`.

use crate::registry::Move;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// Longest value.
const VALUE: usize = 256;

/// Entries at most.
const ENTRIES: usize = 50;

/// Moves that one version keeps at most.
const MOVES: usize = 5;

/// Before the number of a move and the number of its part.
const MOVE: &str = "tollgate.move.";

/// Entries by their keys.
pub(super) type Metadata = BTreeMap<String, String>;

/// The moves in metadata, by their numbers.
///
/// Errors: parts are missing or changed.
pub(super) fn moves(metadata: &Metadata) -> Result<Vec<(u64, Move)>, String> {
    let mut texts: BTreeMap<u64, Vec<(u64, &str)>> = BTreeMap::new();
    for (key, value) in metadata {
        if let Some((number, part)) = numbers(key) {
            texts.entry(number).or_default().push((part, value));
        }
    }
    let whole = |(number, mut parts): (u64, Vec<(u64, &str)>)| {
        parts.sort_unstable();
        let text: String = parts.into_iter().map(|(_, text)| text).collect();
        let bytes = STANDARD.decode(text).map_err(|e| e.to_string())?;
        let line = String::from_utf8(bytes).map_err(|e| e.to_string())?;
        Ok((number, Move::parse(&line)?))
    };
    let all: Result<Vec<_>, String> = texts.into_iter().map(whole).collect();
    all.map_err(|e| format!("a move in its metadata cannot be read: {e}"))
}

fn numbers(key: &str) -> Option<(u64, u64)> {
    let (number, part) = key.strip_prefix(MOVE)?.split_once('.')?;
    Some((number.parse().ok()?, part.parse().ok()?))
}

/// Metadata with a move added, and the keys that are left out for it: the oldest moves where there are too many.
///
/// Errors: it does not fit beside what is there.
pub(super) fn with(
    metadata: &Metadata,
    number: u64,
    change: &Move,
) -> Result<(Metadata, Vec<String>), String> {
    let mut all = metadata.clone();
    all.retain(|key, _| numbers(key).is_none_or(|(n, _)| n != number));
    let text = STANDARD.encode(change.line());
    for (part, place) in (0..text.len()).step_by(VALUE).enumerate() {
        let end = (place + VALUE).min(text.len());
        all.insert(
            format!("{MOVE}{number:06}.{part:02}"),
            text[place..end].to_owned(),
        );
    }
    // For those who look at the console, or ask without tollgate.
    let basis = change.basis.as_ref();
    let shown = [
        ("tollgate.id", Some(change.id.as_str())),
        ("tollgate.verdict", basis.map(|b| b.verdict.as_str())),
        ("tollgate.run_sha256", basis.map(|b| b.run_sha256.as_str())),
        (
            "tollgate.policy_sha256",
            basis.map(|b| b.policy_sha256.as_str()),
        ),
    ];
    for (key, value) in shown {
        match value.filter(|v| !v.is_empty()) {
            Some(value) => all.insert(key.to_owned(), value.to_owned()),
            None => all.remove(key),
        };
    }
    loop {
        let mut kept: Vec<u64> = all.keys().filter_map(|k| Some(numbers(k)?.0)).collect();
        kept.dedup();
        if all.len() <= ENTRIES && kept.len() <= MOVES {
            break;
        }
        let oldest = kept.iter().find(|n| **n != number).copied();
        let Some(oldest) = oldest else {
            return Err(format!(
                "its metadata has {} entries, and {ENTRIES} are allowed: remove some that nobody needs",
                all.len()
            ));
        };
        all.retain(|key, _| numbers(key).is_none_or(|(n, _)| n != oldest));
    }
    let gone = metadata.keys().filter(|k| !all.contains_key(*k));
    let gone = gone.cloned().collect();
    Ok((all, gone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Basis, MoveKind};

    fn change(to: &str) -> Move {
        Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: to.to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: Some("é\" {}".to_owned()),
            reason: Some("x".repeat(300)),
            basis: Some(Basis {
                run_sha256: "0".repeat(64),
                verdict: "pass".to_owned(),
                now: "2013-04-01T00:00:00Z".to_owned(),
                policy_sha256: "1".repeat(64),
                commit: None,
                url: None,
                key_id: None,
            }),
        }
        .identified()
    }

    #[test]
    fn moves_are_read_back_and_values_fit() {
        let mut metadata = Metadata::from([("team".to_owned(), "a b".to_owned())]);
        for number in 1..9 {
            let (next, gone) = with(&metadata, number, &change(&number.to_string())).unwrap();
            assert_eq!(gone.is_empty(), number <= 5);
            metadata = next;
            assert!(metadata.len() <= 50);
        }
        let plain = |c: char| c.is_alphanumeric() || "_.:/=+-@ ".contains(c);
        assert!(
            metadata
                .iter()
                .all(|(k, v)| k.len() <= 128 && v.len() <= 256 && v.chars().all(plain))
        );
        let found = moves(&metadata).unwrap();
        let numbers: Vec<u64> = found.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, [4, 5, 6, 7, 8]);
        assert_eq!(found[4].1, change("8"));
        assert_eq!(metadata["team"], "a b");
        // The same once more is the same.
        assert_eq!(with(&metadata, 8, &change("8")).unwrap().0, metadata);
        let part = metadata
            .keys()
            .find(|k| k.starts_with(MOVE))
            .unwrap()
            .clone();
        metadata.remove(&part);
        assert!(moves(&metadata).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let full = (0..48).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        assert!(
            with(&full, 1, &change("1"))
                .unwrap_err()
                .contains("50 are allowed")
        );
    }
}
