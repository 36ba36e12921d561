//! A tag's object: who made it, when, and the words in it.
//!
//! Source: `git mktag`; the words are those of GTO 1.10.1, `registry.py`.

use crate::registry::Move;

/// What stands before a move in a tag's message.
const TRAILER: &str = "tollgate: ";

/// A tag's object, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// Name of who made it.
    pub(super) tagger: String,
    /// When, in seconds since 1970.
    pub(super) time: i64,
    /// The first line of the message.
    pub(super) title: String,
    /// The move in the message, where there is one.
    pub(super) change: Option<Move>,
}

/// Reads a tag's object; `None` where it is none.
pub(super) fn parse(text: &str) -> Option<Content> {
    let (head, message) = text.split_once("\n\n")?;
    let tagger = head.lines().find_map(|l| l.strip_prefix("tagger "))?;
    let (name, rest) = tagger.split_once('<')?;
    let time = rest.split_once("> ")?.1.split(' ').next()?.parse().ok()?;
    let line = message.lines().rev().find_map(|l| l.strip_prefix(TRAILER));
    Some(Content {
        tagger: name.trim().to_owned(),
        time,
        title: message.lines().next().unwrap_or_default().to_owned(),
        change: line.and_then(|l| Move::parse(l).ok()),
    })
}

/// What a tag is made of.
pub(super) struct Made<'a> {
    pub(super) name: &'a str,
    pub(super) commit: &'a str,
    /// As `Name <address>`.
    pub(super) tagger: &'a str,
    pub(super) time: i64,
    pub(super) message: &'a str,
}

impl Made<'_> {
    /// The bytes that `git mktag` takes.
    pub(super) fn object(&self) -> String {
        format!(
            "object {}\ntype commit\ntag {}\ntagger {} {} +0000\n\n{}\n",
            self.commit, self.name, self.tagger, self.time, self.message
        )
    }
}

/// The message of a tag that gives an alias, in GTO's words, with the move.
pub(super) fn assigning(change: &Move) -> String {
    format!(
        "Assigning stage {} to artifact {} version {}\n\n{TRAILER}{}",
        change.alias,
        change.model,
        change.to,
        change.line()
    )
}

/// The message of a tag that registers a version, in GTO's words.
pub(super) fn registering(change: &Move) -> String {
    format!(
        "Registering artifact {} version {}",
        change.model, change.to
    )
}

/// A person's name and address as a tag has them: what would end the line or the name is left out.
pub(super) fn person(name: &str, address: &str) -> String {
    let kept = |text: &str| -> String {
        let plain = |c: &char| !c.is_control() && !"<>".contains(*c);
        text.chars()
            .filter(plain)
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let name = kept(name);
    let name = if name.is_empty() { "tollgate" } else { &name };
    format!("{name} <{}>", kept(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::MoveKind;

    #[test]
    fn what_is_written_is_read() {
        let change = Move {
            id: String::new(),
            kind: MoveKind::Promotion,
            model: "late".to_owned(),
            alias: "champion".to_owned(),
            from: None,
            to: "v1.0.0".to_owned(),
            at: "2013-04-01T00:00:00Z".to_owned(),
            by: Some("eve\ntollgate: {}".to_owned()),
            reason: None,
            basis: None,
        };
        let tagger = person("Eve\n<x>", "e@h");
        assert_eq!(tagger, "Evex <e@h>");
        let made = Made {
            name: "late#champion#1",
            commit: &"a".repeat(40),
            tagger: &tagger,
            time: 7,
            message: &assigning(&change),
        };
        let read = parse(&made.object()).unwrap();
        assert_eq!(
            read.title,
            "Assigning stage champion to artifact late version v1.0.0"
        );
        assert_eq!((read.time, read.tagger.as_str()), (7, "Evex"));
        assert_eq!(read.change, Some(change));
        assert_eq!(person("", ""), "tollgate <>");
        assert!(parse("tree x\n\nhello").is_none());
    }
}
