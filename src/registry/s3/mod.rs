//! Objects in S3, or in a store that speaks its protocol, as a registry.
//!
//! ```text
//! PREFIX/MODEL/ALIAS.json               where the alias leads: the last move, and its number
//! PREFIX/MODEL/history/ALIAS/000007.json  the seventh move of the alias
//! PREFIX/MODEL/versions/VERSION.json    what is known of a version
//! PREFIX/MODEL/conditional              what the store is tried with
//! ```
//! A move replaces the pointer only where it is still the one that was read (`If-Match`), or where there is none
//! (`If-None-Match: *`); the store answers 412 to all but one. The pointer holds the last move, and whoever replaces it writes
//! that move into the history first: so none is lost, wherever a promoter is stopped. A store that pays no heed to these
//! headers would let two win; it is asked for a write that it must refuse before it is trusted.

mod store;

use super::directory::{Known, name_of, numbered};
use super::{
    Answer, Attached, Call, Move, Registry, Safety, Seen, Target, Trouble, Version, Written,
};
use serde::{Deserialize, Serialize};
use store::Only;
pub use store::Store;

/// The object of a model with which a store is tried. It does not end in `.json`, as the pointers of all aliases do.
const TRIED: &str = "conditional";

/// One alias in a store.
pub struct Objects {
    store: Store,
    target: Target,
}

/// What the pointer holds.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    number: u64,
    #[serde(rename = "move")]
    change: Move,
}

impl Objects {
    /// The alias of a model below the prefix of a store.
    #[must_use]
    pub fn new(store: Store, target: Target) -> Self {
        Self { store, target }
    }

    fn key(&self, rest: &str) -> String {
        format!("{}/{rest}", name_of(&self.target.model))
    }

    fn pointer_key(&self) -> String {
        self.key(&format!("{}.json", name_of(&self.target.alias)))
    }

    fn move_key(&self, number: u64) -> String {
        let alias = name_of(&self.target.alias);
        self.key(&format!("history/{alias}/{}", numbered(number)))
    }

    fn version_key(&self, version: &str) -> String {
        self.key(&format!("versions/{}.json", name_of(version)))
    }

    /// The pointer and its entity tag; `None` where there is none.
    fn pointer(&self) -> Answer<Option<(Pointer, String)>> {
        let key = self.pointer_key();
        let Some(object) = self.store.get(&key)? else {
            return Ok(None);
        };
        let broken =
            |reason: String| Trouble::Broken(format!("{}: {reason}", self.store.shown(&key)));
        let pointer: Pointer = serde_json::from_slice(&object.bytes)
            .map_err(|e| broken(format!("it is no pointer of tollgate's: {e}")))?;
        if pointer.number == 0 {
            return Err(broken(
                "it is no pointer of tollgate's: moves begin at 1".to_owned(),
            ));
        }
        let change = &pointer.change;
        if (&change.model, &change.alias) != (&self.target.model, &self.target.alias) {
            return Err(broken(format!(
                "it is `{}` of `{}`",
                change.alias, change.model
            )));
        }
        let tag = object
            .tag
            .ok_or_else(|| broken("the store gives it no entity tag".to_owned()))?;
        Ok(Some((pointer, tag)))
    }

    /// What is known of a version, and its entity tag; `None` where it is not there.
    fn known(&self, version: &str) -> Answer<Option<(Known, Option<String>)>> {
        let key = self.version_key(version);
        let Some(object) = self.store.get(&key)? else {
            return Ok(None);
        };
        let known = std::str::from_utf8(&object.bytes)
            .map_err(|e| e.to_string())
            .and_then(Known::parse)
            .map_err(|e| Trouble::Broken(format!("{}: {e}", self.store.shown(&key))))?;
        Ok(Some((known, object.tag)))
    }

    /// A version is known by what it was last promoted on. Where somebody else writes it meanwhile, theirs stays.
    fn described_anew(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        let Some((known, Some(tag))) = self.known(&change.to)? else {
            return Ok(());
        };
        let Some(anew) = known.again(change, attached) else {
            return Ok(());
        };
        let key = self.version_key(&change.to);
        let body = anew.text() + "\n";
        self.store.put(&key, &body, Only::Same(&tag)).map(|_| ())
    }

    /// Writes a move into the history, where it is not there yet.
    fn remember(&self, number: u64, change: &Move) -> Answer<()> {
        let body = format!("{}\n", change.line());
        // A move that is there is this one: the pointer led from each to the next.
        self.store
            .put(&self.move_key(number), &body, Only::Absent)
            .map(|_| ())
    }

    /// Asks for two writes that the store must refuse.
    ///
    /// Errors: it does not refuse them.
    fn trusted(&self) -> Answer<()> {
        let key = self.key(TRIED);
        let text = "{\"about\": \"tollgate asks for writes of this that must be refused\"}\n";
        if self.store.put(&key, text, Only::Absent)? == Written::Done
            && self.store.put(&key, text, Only::Absent)? == Written::Done
        {
            return Err(heedless("If-None-Match"));
        }
        let other = "\"00000000000000000000000000000000\"";
        if self.store.put(&key, text, Only::Same(other))? == Written::Done {
            return Err(heedless("If-Match"));
        }
        Ok(())
    }
}

fn heedless(header: &str) -> Trouble {
    Trouble::Refused(format!(
        "the store pays no heed to {header} and cannot keep two promoters apart; take another kind of registry"
    ))
}

/// The number and the entity tag that a token holds; number 0 and no tag where there is no pointer.
fn token(seen: &Seen) -> Answer<(u64, Option<&str>)> {
    let broken = || Trouble::Broken("a move that does not say after which one it comes".to_owned());
    let token = seen.token.as_deref().ok_or_else(broken)?;
    match token.split_once(' ') {
        None => Ok((0, None)),
        Some((number, tag)) => Ok((number.parse().map_err(|_| broken())?, Some(tag))),
    }
}

impl Registry for Objects {
    fn shown(&self) -> String {
        self.store.shown("")
    }

    fn safety(&self) -> Safety {
        Safety::CompareAndSet
    }

    fn look(&self) -> Answer<Seen> {
        let Some((pointer, tag)) = self.pointer()? else {
            return Ok(Seen {
                token: Some("0".to_owned()),
                ..Seen::default()
            });
        };
        Ok(Seen {
            version: Some(pointer.change.to.clone()),
            token: Some(format!("{} {tag}", pointer.number)),
            by: Some(pointer.change),
        })
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        Ok(self.known(version)?.map(|(known, _)| known.told()))
    }

    fn by_content(&self) -> bool {
        true
    }

    fn describe(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        let body = Known::of(change, attached).text() + "\n";
        self.store
            .put(&self.version_key(&change.to), &body, Only::Absent)
            .map(|_| ())
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let (number, tag) = token(seen)?;
        self.trusted()?;
        if let Some(last) = &seen.by {
            self.remember(number, last)?;
        }
        let pointer = Pointer {
            number: number + 1,
            change: change.clone(),
        };
        let body = serde_json::to_string(&pointer).expect("texts are JSON") + "\n";
        let only = tag.map_or(Only::Absent, Only::Same);
        self.store.put(&self.pointer_key(), &body, only)
    }

    fn keep(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        // Who may only read finds what is there as it should be, and need not write.
        if self.known(&change.to)?.is_none() {
            self.describe(change, attached)?;
        }
        match self.pointer()? {
            // A later move has written this one into the history, or will: it read it.
            Some((pointer, _)) => {
                if self.store.get(&self.move_key(pointer.number))?.is_none() {
                    self.remember(pointer.number, &pointer.change)?;
                }
                if pointer.change.id == change.id {
                    self.described_anew(change, attached)?;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let Some((pointer, _)) = self.pointer()? else {
            return Ok(Vec::new());
        };
        let mut moves = Vec::new();
        for number in 1..pointer.number {
            let key = self.move_key(number);
            let broken =
                |reason: String| Trouble::Broken(format!("{}: {reason}", self.store.shown(&key)));
            let object = self.store.get(&key)?;
            let object = object.ok_or_else(|| broken("the move was removed".to_owned()))?;
            let text = String::from_utf8_lossy(&object.bytes).into_owned();
            moves.push(Move::parse(&text).map_err(broken)?);
        }
        moves.push(pointer.change);
        Ok(moves)
    }

    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        let (number, tag) = token(seen).unwrap_or((0, None));
        let put = |key: &str, condition: &str, body: String| Call {
            verb: format!("PUT ({condition})"),
            to: self.store.shown(key),
            body,
        };
        let condition = tag.map_or("If-None-Match: *".to_owned(), |tag| {
            format!("If-Match: {tag}")
        });
        let pointer = Pointer {
            number: number + 1,
            change: change.clone(),
        };
        let body = serde_json::to_string(&pointer).expect("texts are JSON");
        let absent = "If-None-Match: *";
        vec![
            put(&self.version_key(&change.to), absent, String::new()),
            put(&self.pointer_key(), &condition, body),
            put(&self.move_key(number + 1), absent, change.line()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_alias_is_what_the_store_is_tried_with() {
        for alias in [
            "conditional",
            "conditional.json",
            "Conditional",
            "history",
            "%2f",
        ] {
            let store = Store::with_keys("b", "p", "http://127.0.0.1:1", ("id", "secret")).unwrap();
            let target = Target {
                model: "late".to_owned(),
                alias: alias.to_owned(),
            };
            let objects = Objects::new(store, target);
            let tried = objects.key(TRIED);
            for key in [
                objects.pointer_key(),
                objects.move_key(1),
                objects.version_key(alias),
            ] {
                assert_ne!(key, tried, "{alias}");
                // Where objects are files, none lies below another one.
                assert!(!key.starts_with(&format!("{tried}/")), "{key}");
            }
        }
    }
}
