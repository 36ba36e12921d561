//! Which versions were taken back, and when: a job that is started again does not bring them back.

use super::policy::SKEW;
use crate::registry::{Answer, Move, MoveKind, Registry, Seen};
use chrono::{DateTime, Utc};

/// The moves among which a way back may be that came after a run: every one that the registry knows, or only the one that led
/// to what is seen, where it keeps no history or that one is older than the run.
///
/// Errors: those of reading the history.
pub(super) fn moves_since(registry: &dyn Registry, seen: &Seen, run: &str) -> Answer<Vec<Move>> {
    let older = seen.by.as_ref().is_some_and(|last| {
        let (last, run) = (time(&last.at), time(run));
        last.zip(run).is_some_and(|(last, run)| last < run - SKEW)
    });
    if older || !registry.has_past() {
        return Ok(seen.by.iter().cloned().collect());
    }
    registry.past()
}

/// The first way back, of moves from the oldest to the newest, that undid a version after a run judged it; a time that cannot
/// be read is after everything.
///
/// A way back undoes the version that it comes from, and every one that the alias led to since it last led to where the way
/// back leads: `--to` may skip several. Where it never led there before, that is every version so far.
pub(super) fn undone_since<'a>(past: &'a [Move], version: &str, run: &str) -> Option<&'a Move> {
    let judged = time(run)?;
    let mut all = past.iter().enumerate();
    let found = all.find(|(place, back)| {
        back.kind == MoveKind::Rollback
            && time(&back.at).is_none_or(|at| judged < at)
            && undoes(&past[..*place], back, version)
    });
    found.map(|(_, back)| back)
}

fn undoes(before: &[Move], back: &Move, version: &str) -> bool {
    if back.from.as_deref() == Some(version) {
        return true;
    }
    for change in before.iter().rev() {
        if change.to == back.to {
            return false;
        }
        if change.to == version {
            return true;
        }
        if change.from.as_ref() == Some(&back.to) {
            return false;
        }
    }
    false
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history from letters: `b>2` is a way back to 2, `p>2` a promotion; an hour between two moves.
    fn history(moves: &[&str]) -> Vec<Move> {
        let mut from = None;
        let moves = moves.iter().enumerate().map(|(hour, word)| {
            let (kind, to) = word.split_once('>').unwrap();
            let change = Move {
                id: String::new(),
                kind: match kind {
                    "b" => MoveKind::Rollback,
                    _ => MoveKind::Promotion,
                },
                model: "late".to_owned(),
                alias: "champion".to_owned(),
                from: from.take(),
                to: to.to_owned(),
                at: format!("2013-04-01T{hour:02}:30:00Z"),
                by: None,
                reason: None,
                basis: None,
            };
            from = Some(to.to_owned());
            change
        });
        moves.collect()
    }

    #[test]
    fn a_version_is_taken_back_whatever_came_after() {
        let run = |hour: u32| format!("2013-04-01T{hour:02}:00:00Z");
        let at = |past: &[Move], version: &str, hour| {
            undone_since(past, version, &run(hour)).map(|back| back.at[11..13].to_owned())
        };
        let past = history(&["p>1", "p>2", "b>1", "p>3", "b>1"]);
        assert_eq!(at(&past, "2", 1).as_deref(), Some("02"));
        assert_eq!(at(&past, "2", 2).as_deref(), Some("02"));
        assert_eq!(at(&past, "2", 3), None, "judged after it was taken back");
        assert_eq!(at(&past, "3", 3).as_deref(), Some("04"));
        assert_eq!(at(&past, "1", 0), None);
        assert_eq!(at(&past, "4", 0), None);

        let several = history(&["p>1", "p>2", "p>3", "b>1"]);
        assert_eq!(at(&several, "2", 1).as_deref(), Some("03"));
        assert_eq!(at(&several, "3", 1).as_deref(), Some("03"));
        assert_eq!(at(&several, "1", 0), None);
        // What the alias led to before the history begins.
        let begun = history(&["p>1", "p>2", "p>3", "b>1"])[1..].to_vec();
        assert_eq!(at(&begun, "2", 1).as_deref(), Some("03"));
        let unknown = history(&["p>2", "p>3", "b>9"]);
        assert_eq!(at(&unknown, "2", 0).as_deref(), Some("02"));
        // Taken back and brought forth again, and left for the next: the older way back did not undo it.
        let again = history(&["p>1", "p>2", "b>1", "p>2", "p>3", "b>2"]);
        assert_eq!(at(&again, "2", 3), None);
        assert_eq!(at(&again, "1", 0), None);
    }

    #[test]
    fn a_way_back_whose_time_cannot_be_read_is_after_every_run() {
        let mut past = history(&["p>1", "p>2", "b>1"]);
        past[2].at = "yesterday".to_owned();
        assert!(undone_since(&past, "2", "2013-05-01T00:00:00Z").is_some());
    }
}
