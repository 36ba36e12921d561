//! The moves of an alias as tags of its registered model: `tollgate.history.ALIAS.NUMBER.ID`, one per move.
//!
//! The name holds the move's id, so two that are written at once never replace each other, and one that is written twice is
//! one. Names and values are within what other stores than the server's own take: 250 and 5,000 characters.

use crate::registry::{Answer, Move, MoveKind, Trouble};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

/// Characters of a tag's value at most.
pub(super) const LONGEST: usize = 4_900;

/// Characters of an alias in the name of a tag at most.
const ALIAS: usize = 100;

/// A move that is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    number: u64,
    key: String,
    pub(super) change: Result<Move, String>,
}

/// An alias as a part of a tag's name: itself, or its beginning and a digest.
pub(super) fn label(alias: &str) -> String {
    if alias.chars().count() <= ALIAS {
        return alias.to_owned();
    }
    let start: String = alias.chars().take(ALIAS / 2).collect();
    let digest = crate::report::text::hex(&Sha256::digest(alias));
    format!("{start}~{}", &digest[..16])
}

fn prefix(alias: &str) -> String {
    format!("tollgate.history.{}.", label(alias))
}

/// The moves of an alias among the tags of its model, oldest first.
pub(super) fn read(tags: &[(String, String)], alias: &str) -> Vec<Kept> {
    let prefix = prefix(alias);
    let of = |(key, value): &(String, String)| {
        let (number, id) = key.strip_prefix(&prefix)?.split_once('.')?;
        let number = number.parse().ok()?;
        let change = Move::parse(value).and_then(|change| {
            let same = change.id == id && change.alias == alias;
            same.then_some(change)
                .ok_or_else(|| "it is the move of another name".to_owned())
        });
        Some(Kept {
            number,
            key: key.clone(),
            change,
        })
    };
    let mut all: Vec<Kept> = tags.iter().filter_map(of).collect();
    all.sort_by(|a, b| (a.number, &a.key).cmp(&(b.number, &b.key)));
    chained(&mut all);
    all
}

/// Of moves with one number, the one that begins where the one before ended comes first.
fn chained(all: &mut [Kept]) {
    for place in 0..all.len() {
        let before = place.checked_sub(1).and_then(|b| all.get(b));
        let before = before.and_then(|b| Some(b.change.as_ref().ok()?.to.clone()));
        let fits = |k: &Kept| {
            let change = k.change.as_ref();
            change.is_ok_and(|c| c.from == before)
        };
        let number = all[place].number;
        let rest = all[place..].iter().take_while(|k| k.number == number);
        if let Some(offset) = rest.clone().position(fits) {
            all.swap(place, place + offset);
        }
    }
}

/// The number of the last move; 0 where there is none.
pub(super) fn last_number(all: &[Kept]) -> u64 {
    all.last().map_or(0, |k| k.number)
}

/// The last move, where it can be read.
pub(super) fn last(all: &[Kept]) -> Option<&Move> {
    all.last()?.change.as_ref().ok()
}

/// The tag under which a move is to be kept; `None` where it is kept already. `now` is where the alias leads.
///
/// A move that is there is another one when it was made again since: the alias leads where it goes, and the last move that
/// is known led to where it comes from.
pub(super) fn place(all: &[Kept], change: &Move, now: Option<&str>) -> Option<String> {
    let known = |k: &Kept| k.change.as_ref().is_ok_and(|c| c.id == change.id);
    if all.iter().any(known) {
        let again = now == Some(change.to.as_str())
            && last(all).is_some_and(|l| l.id != change.id && Some(&l.to) == change.from.as_ref());
        if !again {
            return None;
        }
    }
    let number = last_number(all) + 1;
    Some(format!(
        "{}{number:06}.{}",
        prefix(&change.alias),
        change.id
    ))
}

/// A move as the value of a tag; what is long is made shorter, the reason first.
pub(super) fn fitted(change: &Move) -> String {
    let short = |text: &mut Option<String>, most: usize| {
        if let Some(long) = text {
            *text = Some(crate::report::text::short(long, most));
        }
    };
    let mut change = change.clone();
    for most in [2_000, 500, 100] {
        let line = change.line();
        if line.chars().count() <= LONGEST {
            return line;
        }
        short(&mut change.reason, most);
        short(&mut change.by, most.min(500));
        if let Some(basis) = &mut change.basis {
            short(&mut basis.url, most.max(500));
        }
    }
    change.line()
}

/// Every move, with one of something else wherever a move begins elsewhere than the one before ended, and at the end where the
/// alias leads elsewhere now. When that was is not known: it has the time of what found it.
///
/// Errors: [`Trouble::Broken`] for a move that cannot be read.
pub(super) fn past(
    all: &[Kept],
    of: (&str, &str),
    now: Option<&str>,
    clock: DateTime<Utc>,
) -> Answer<Vec<Move>> {
    let mut past: Vec<Move> = Vec::new();
    let other = |from: Option<String>, to: &str, at: &str| {
        Move {
            id: String::new(),
            kind: MoveKind::Other,
            model: of.0.to_owned(),
            alias: of.1.to_owned(),
            from,
            to: to.to_owned(),
            at: at.to_owned(),
            by: None,
            reason: Some(
                "moved by something else before this time; the registry does not tell when"
                    .to_owned(),
            ),
            basis: None,
        }
        .identified()
    };
    for kept in all {
        let change = kept.change.clone();
        let change = change.map_err(|e| Trouble::Broken(format!("tag `{}`: {e}", kept.key)))?;
        let before = past.last().map(|m| m.to.clone());
        match &change.from {
            Some(from) if Some(from) != before.as_ref() => {
                past.push(other(before, from, &change.at));
            }
            _ => {}
        }
        past.push(change);
    }
    let before = past.last().map(|m| m.to.clone());
    if let Some(now) = now.filter(|now| Some(*now) != before.as_deref()) {
        let clock = clock.to_rfc3339_opts(SecondsFormat::Secs, true);
        past.push(other(before, now, &clock));
    }
    Ok(past)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Option<&str>, to: &str) -> Move {
        Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: None,
            reason: None,
            basis: None,
        }
        .identified()
    }

    struct Model(Vec<(String, String)>);

    impl Model {
        fn keep(&mut self, change: &Move, now: &str) -> bool {
            let key = place(&read(&self.0, "champion"), change, Some(now));
            let found = key.is_some();
            self.0.extend(key.map(|key| (key, fitted(change))));
            found
        }

        fn told(&self, now: &str) -> Vec<String> {
            let all = read(&self.0, "champion");
            let past = past(&all, ("late", "champion"), Some(now), DateTime::UNIX_EPOCH);
            let word = |m: Move| {
                let from = m.from.unwrap_or_else(|| "-".to_owned());
                format!("{} {from}>{}", m.kind.word(), m.to)
            };
            past.unwrap().into_iter().map(word).collect()
        }
    }

    #[test]
    fn a_move_is_kept_once_and_again_when_it_was_made_again() {
        let mut model = Model(Vec::new());
        let (up, back) = (change(Some("1"), "2"), {
            let back = change(Some("2"), "1");
            Move {
                kind: MoveKind::Rollback,
                ..back
            }
            .identified()
        });
        assert!(model.keep(&up, "2"));
        assert!(!model.keep(&up, "2"));
        assert!(model.keep(&back, "1"));
        // One that comes late is there already.
        assert!(!model.keep(&up, "1"));
        assert!(model.keep(&up, "2"));
        assert!(!model.keep(&up, "2"));
        model.0.reverse();
        let told = [
            "other ->1",
            "promotion 1>2",
            "rollback 2>1",
            "promotion 1>2",
        ];
        assert_eq!(model.told("2"), told);
    }

    #[test]
    fn what_something_else_moved_shows_between_and_at_the_end() {
        let mut model = Model(Vec::new());
        assert!(model.told("").len() == 1);
        model.keep(&change(None, "1"), "1");
        model.keep(&change(Some("5"), "6"), "6");
        let told = ["promotion ->1", "other 1>5", "promotion 5>6", "other 6>7"];
        assert_eq!(model.told("7"), told);
        assert_eq!(model.told("6"), told[..3]);
    }

    #[test]
    fn moves_that_were_written_at_once_follow_each_other() {
        let (one, two) = (change(None, "1"), change(Some("1"), "2"));
        let tag = |m: &Move| {
            (
                format!("tollgate.history.champion.000001.{}", m.id),
                m.line(),
            )
        };
        for tags in [vec![tag(&one), tag(&two)], vec![tag(&two), tag(&one)]] {
            assert_eq!(Model(tags).told("2"), ["promotion ->1", "promotion 1>2"]);
        }
    }

    #[test]
    fn tags_of_others_are_no_moves_and_broken_ones_are_told() {
        let change = change(None, "1");
        let tag = |key: &str, value: String| (key.to_owned(), value);
        let other = [
            tag("tollgate.history.other.000001.x", change.line()),
            tag("tollgate.history.champion.x.y", change.line()),
            tag("champion", change.line()),
        ];
        assert!(read(&other, "champion").is_empty());
        for value in [String::new(), "{}".to_owned(), change.line()] {
            let tags = [tag("tollgate.history.champion.000001.other", value)];
            let all = read(&tags, "champion");
            let told = past(&all, ("late", "champion"), None, DateTime::UNIX_EPOCH);
            assert!(told.unwrap_err().to_string().contains("000001.other"));
            assert_eq!(last(&all), None);
            assert_eq!(last_number(&all), 1);
        }
    }

    #[test]
    fn long_texts_and_names_are_made_to_fit() {
        let long = Move {
            by: Some("b".repeat(9_000)),
            reason: Some("ä".repeat(9_000)),
            alias: "a".repeat(255),
            ..change(None, "1")
        };
        let line = fitted(&long);
        assert!(line.chars().count() <= LONGEST, "{}", line.len());
        assert_eq!(Move::parse(&line).unwrap().id, long.id);
        let key = place(&[], &long, None).unwrap();
        assert!(key.len() <= 250, "{key}");
        assert_ne!(label(&"a".repeat(255)), label(&"a".repeat(254)));
    }
}
