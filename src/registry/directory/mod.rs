//! A registry in a folder: promotion and history for a team without a server.
//!
//! ```text
//! DIR/MODEL/aliases/ALIAS/000001.json   the first move of the alias, 000002.json the next …
//! DIR/MODEL/aliases/ALIAS.json          where the alias leads, for those who serve the model
//! DIR/MODEL/versions/VERSION.json       what is known of a version
//! ```
//! The moves are the truth: the alias leads where the last of them says. A move is written under a temporary name and gets
//! its number only where no file has it, which the file system does in one step; of two that race, one is refused. The
//! other files are made from the moves, and made again by the next promotion where a process was stopped between.

mod files;

use super::{
    Answer, Attached, Call, Move, Registry, Safety, Seen, Target, Trouble, Version, Written,
};
pub(in crate::registry) use files::{Known, name_of, numbered};
use std::path::{Path, PathBuf};

/// One alias in a folder.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The folder of the model.
    folder: PathBuf,
    shown: String,
    target: Target,
}

impl Directory {
    /// The alias of a model in a folder, which is made when something is promoted; `shown` is the folder as written.
    #[must_use]
    pub fn new(folder: &Path, shown: &str, target: Target) -> Self {
        Self {
            folder: folder.join(name_of(&target.model)),
            shown: shown.to_owned(),
            target,
        }
    }

    fn moves(&self) -> PathBuf {
        self.folder
            .join("aliases")
            .join(name_of(&self.target.alias))
    }

    fn pointer(&self) -> PathBuf {
        let name = format!("{}.json", name_of(&self.target.alias));
        self.folder.join("aliases").join(name)
    }

    fn version(&self, version: &str) -> PathBuf {
        let name = format!("{}.json", name_of(version));
        self.folder.join("versions").join(name)
    }

    /// What is known of a version; `None` where it is not there.
    fn known(&self, version: &str) -> Answer<Option<Known>> {
        let path = self.version(version);
        if !files::is_there(&path)? {
            return Ok(None);
        }
        let known = Known::parse(&files::read(&path)?);
        known
            .map(Some)
            .map_err(|e| Trouble::Broken(format!("{}: {e}", path.display())))
    }

    /// The number of the last move, and the move; `None` where there is none.
    fn last(&self) -> Answer<Option<(u64, Move)>> {
        let Some(number) = files::numbers(&self.moves())?.last().copied() else {
            return Ok(None);
        };
        Ok(Some((number, self.numbered(number)?)))
    }

    fn numbered(&self, number: u64) -> Answer<Move> {
        let path = self.moves().join(numbered(number));
        let text = files::read(&path)?;
        let change =
            Move::parse(&text).map_err(|e| Trouble::Broken(format!("{}: {e}", path.display())))?;
        if (&change.model, &change.alias) == (&self.target.model, &self.target.alias) {
            return Ok(change);
        }
        Err(Trouble::Broken(format!(
            "{} is a move of `{}` of `{}`, not of `{}` of `{}`",
            path.display(),
            change.alias,
            change.model,
            self.target.alias,
            self.target.model
        )))
    }
}

impl Registry for Directory {
    fn shown(&self) -> String {
        format!("folder {}", self.shown)
    }

    fn safety(&self) -> Safety {
        Safety::CompareAndSet
    }

    fn look(&self) -> Answer<Seen> {
        let Some((number, change)) = self.last()? else {
            return Ok(Seen {
                token: Some("0".to_owned()),
                ..Seen::default()
            });
        };
        Ok(Seen {
            version: Some(change.to.clone()),
            token: Some(number.to_string()),
            by: Some(change),
        })
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        Ok(self.known(version)?.map(Known::told))
    }

    fn by_content(&self) -> bool {
        true
    }

    fn describe(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        let path = self.version(&change.to);
        if files::is_there(&path)? {
            return Ok(());
        }
        let known = Known::of(change, attached);
        // Somebody else may have written the same a moment ago.
        files::create(&path, &(known.text() + "\n")).map(|_| ())
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let number = seen.token.as_deref().and_then(|t| t.parse::<u64>().ok());
        let Some(number) = number else {
            return Err(Trouble::Broken(
                "a move that does not say after which one it comes".to_owned(),
            ));
        };
        let path = self.moves().join(numbered(number + 1));
        files::create(&path, &format!("{}\n", change.line()))
    }

    fn keep(&self, change: &Move, attached: Option<&Attached>) -> Answer<()> {
        self.describe(change, attached)?;
        let pointer = self.pointer();
        let last = followed(
            || Ok(self.last()?.map(|(_, last)| last)),
            |last| {
                let text = format!("{}\n", last.line());
                // Who may only read finds it as it should be, and need not write.
                if files::read(&pointer).ok().as_ref() == Some(&text) {
                    return Ok(());
                }
                files::replace(&pointer, &text)
            },
        )?;
        // Only the move that the alias follows: what a version is known by is what it was last promoted on.
        if last.is_some_and(|last| last.id == change.id)
            && let Some(known) = self.known(&change.to)?
            && let Some(anew) = known.again(change, attached)
        {
            files::replace(&self.version(&change.to), &(anew.text() + "\n"))?;
        }
        Ok(())
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let numbers = files::numbers(&self.moves())?;
        numbers.into_iter().map(|n| self.numbered(n)).collect()
    }

    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        let number = seen.token.as_deref().and_then(|t| t.parse::<u64>().ok());
        let call = |path: PathBuf, verb: &str, body: String| Call {
            verb: verb.to_owned(),
            to: path.display().to_string(),
            body,
        };
        let number = number.unwrap_or(0) + 1;
        let change_path = self.moves().join(numbered(number));
        let mut calls = Vec::new();
        if !self.version(&change.to).exists() {
            calls.push(call(self.version(&change.to), "create", String::new()));
        }
        calls.push(call(
            change_path,
            "create, if it is not there,",
            change.line(),
        ));
        calls.push(call(self.pointer(), "replace", change.line()));
        calls
    }
}

/// Lets the pointer follow the last move, made from what is there now and not from a move of ours: `put` writes it, and what was
/// read is the last one still after that. So the pointer of a promoter that was held up never stays over that of a later one,
/// whoever of them ends first. Returns the move that it follows; `None` where there is none.
fn followed(
    mut last: impl FnMut() -> Answer<Option<Move>>,
    mut put: impl FnMut(&Move) -> Answer<()>,
) -> Answer<Option<Move>> {
    let mut now = last()?;
    while let Some(change) = &now {
        put(change)?;
        let after = last()?;
        if after.as_ref().is_some_and(|after| after.id == change.id) {
            break;
        }
        now = after;
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::MoveKind;
    use std::cell::RefCell;

    fn change(to: &str) -> Move {
        Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: to.to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: None,
            reason: None,
            basis: None,
        }
        .identified()
    }

    /// A second promoter writes its move and its pointer after the first has read the last move and before it writes the pointer.
    #[test]
    fn the_pointer_follows_a_move_that_came_between() {
        let moves = RefCell::new(vec![change("1")]);
        let mut pointer = None;
        let mut between = vec![change("3"), change("2")];
        let last = || Ok(moves.borrow().last().cloned());
        let put = |change: &Move| {
            moves.borrow_mut().extend(between.pop());
            pointer = Some(change.to.clone());
            Ok(())
        };
        let followed = followed(last, put).unwrap();
        assert_eq!(followed.unwrap().to, "3");
        assert_eq!(pointer.as_deref(), Some("3"));
        assert!(super::followed(|| Ok(None), |_| Ok(())).unwrap().is_none());
    }
}
