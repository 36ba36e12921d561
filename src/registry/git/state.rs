//! Which versions and moves the tags of a remote tell of.
//!
//! Source: GTO 1.10.1, `base.py`: an alias leads to the version that it was last given to and not taken from since; what was
//! deregistered does not count.

use super::names::{self, Act};
use std::collections::BTreeMap;

/// A tag of the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// Its name.
    pub(super) name: String,
    /// The tag's own object.
    pub(super) object: String,
    /// The commit that it marks.
    pub(super) commit: String,
}

/// A registered version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Registered {
    /// The version.
    pub(super) version: String,
    /// The tag that registered it last.
    pub(super) tag: Tag,
    /// Whether it was not deregistered since.
    pub(super) active: bool,
}

/// One time that the alias was given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Its number.
    pub(super) number: u64,
    /// Whether it was given.
    pub(super) given: bool,
    /// The tag.
    pub(super) tag: Tag,
}

/// What the tags tell of one alias of one model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Versions that were ever registered, by their names.
    pub(super) versions: Vec<Registered>,
    /// Every time that the alias was given or taken, by number.
    pub(super) events: Vec<Event>,
    /// The highest number of the alias that any tag has, whatever it is.
    pub(super) last: u64,
}

/// The tags in the answer of `git ls-remote --tags`; one without an object of its own has no message, and GTO leaves it out,
/// but its name is taken.
pub(super) fn listed(text: &str) -> Result<Vec<(String, Option<Tag>)>, String> {
    let mut all: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
    for line in text.lines() {
        let (object, name) = line
            .split_once('\t')
            .filter(|(object, _)| is_object(object))
            .ok_or("git lists tags in a form that is not known")?;
        let Some(name) = name.strip_prefix("refs/tags/") else {
            continue;
        };
        match name.strip_suffix("^{}") {
            Some(name) => {
                if let Some(entry) = all.get_mut(name) {
                    entry.1 = Some(object.to_owned());
                }
            }
            None => {
                all.insert(name.to_owned(), (object.to_owned(), None));
            }
        }
    }
    let tag = |(name, (object, commit)): (String, (String, Option<String>))| {
        let tag = commit.map(|commit| Tag {
            name: name.clone(),
            object,
            commit,
        });
        (name, tag)
    };
    Ok(all.into_iter().map(tag).collect())
}

/// Whether a text is the name of an object of git.
pub(super) fn is_object(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl State {
    /// Reads the tags of a remote.
    ///
    /// Errors: tags of the short form, which has no number: they can be moved, and tell no order.
    pub(super) fn of(
        tags: Vec<(String, Option<Tag>)>,
        model: &str,
        alias: &str,
    ) -> Result<Self, String> {
        let mut state = Self::default();
        let mut versions: BTreeMap<String, Vec<(u64, bool, Tag)>> = BTreeMap::new();
        for (name, tag) in tags {
            let Some(read) = names::parse(&name, model) else {
                continue;
            };
            let (word, given, of_alias) = match read.act {
                Act::Register(version) => (version, true, false),
                Act::Deregister(version) => (version, false, false),
                Act::Assign(word) => (word, true, true),
                Act::Unassign(word) => (word, false, true),
            };
            if !of_alias {
                let entry = versions.entry(word).or_default();
                entry.extend(tag.map(|tag| (read.number.unwrap_or(0), given, tag)));
            } else if word == alias {
                let number = read.number.filter(|n| *n > 0).ok_or_else(|| {
                    format!(
                        "the tag {name} has no number and can be moved unseen; delete it, and assign with numbers \
                         (`gto assign` without --simple)"
                    )
                })?;
                state.last = state.last.max(number);
                state
                    .events
                    .extend(tag.map(|tag| Event { number, given, tag }));
            }
        }
        state.events.sort_by_key(|e| (e.number, e.given));
        for (version, mut events) in versions {
            // The short forms come first, and what registers comes before what takes it back.
            events.sort_by_key(|(number, given, _)| (*number, !given));
            let active = events.last().is_some_and(|(_, given, _)| *given);
            let last = events.into_iter().rev().find(|(_, given, _)| *given);
            state.versions.extend(last.map(|(_, _, tag)| Registered {
                version,
                tag,
                active,
            }));
        }
        Ok(state)
    }

    /// A version, whether or not it was deregistered.
    pub(super) fn version(&self, version: &str) -> Option<&Registered> {
        self.versions.iter().find(|v| v.version == version)
    }

    /// The version that a commit is registered as; the commit itself where it is not, as GTO has it.
    ///
    /// Errors: it is registered as several, of which GTO can tell none.
    pub(super) fn version_at(&self, commit: &str) -> Result<String, String> {
        let mut all = self.versions.iter().filter(|v| v.tag.commit == commit);
        match (all.next(), all.next()) {
            (None, _) => Ok(commit.to_owned()),
            (Some(one), None) => Ok(one.version.clone()),
            (Some(one), Some(two)) => Err(format!(
                "the commit {commit} is registered as {} and as {}; deregister and delete one of both",
                one.version, two.version
            )),
        }
    }

    /// The event that put the alias where it leads after the first `events` of its events.
    pub(super) fn leading(&self, events: usize) -> Option<&Event> {
        let mut last: BTreeMap<&str, &Event> = BTreeMap::new();
        for event in &self.events[..events] {
            last.insert(&event.tag.commit, event);
        }
        last.into_values()
            .filter(|e| e.given)
            .max_by_key(|e| e.number)
    }

    /// As [`State::leading`] after all of them, without versions that were deregistered.
    pub(super) fn now(&self) -> Option<&Event> {
        let gone = |commit: &str| {
            let mut of = self.versions.iter().filter(|v| v.tag.commit == commit);
            of.next().is_some_and(|v| !v.active)
        };
        let mut last: BTreeMap<&str, &Event> = BTreeMap::new();
        for event in &self.events {
            last.insert(&event.tag.commit, event);
        }
        last.into_values()
            .filter(|e| e.given && !gone(&e.tag.commit))
            .max_by_key(|e| e.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(names: &[(&str, char)]) -> State {
        let of = |c: char| c.to_string().repeat(40);
        let tags = names.iter().enumerate().map(|(place, (name, commit))| {
            let tag = Tag {
                name: (*name).to_owned(),
                object: format!("{place:040}"),
                commit: of(*commit),
            };
            ((*name).to_owned(), Some(tag))
        });
        State::of(tags.collect(), "late", "champion").unwrap()
    }

    fn leads(state: &State) -> Option<String> {
        let event = state.now()?;
        Some(state.version_at(&event.tag.commit).unwrap())
    }

    #[test]
    fn an_alias_leads_to_the_version_it_was_last_given_to() {
        let mut names = vec![
            ("late@v1.0.0", 'a'),
            ("late@v1.1.0", 'b'),
            ("late#champion#1", 'a'),
            ("late#champion#10", 'b'),
            ("late#champion#9", 'a'),
            ("late#other#11", 'a'),
        ];
        assert_eq!(leads(&state(&names)).unwrap(), "v1.1.0");
        assert_eq!(state(&names).last, 10);
        names.push(("late#champion!#12", 'b'));
        assert_eq!(leads(&state(&names)).unwrap(), "v1.0.0");
        names.push(("late@v1.0.0!", 'a'));
        assert_eq!(leads(&state(&names)), None);
        names.push(("late@v1.0.0#13", 'a'));
        assert_eq!(leads(&state(&names)).unwrap(), "v1.0.0");
    }

    #[test]
    fn a_commit_that_is_not_registered_is_its_own_version() {
        let found = state(&[("late#champion#1", 'c')]);
        assert_eq!(leads(&found).unwrap(), "c".repeat(40));
        let twice = state(&[("late@v1.0.0", 'a'), ("late@v1.1.0", 'a')]);
        assert!(twice.version_at(&"a".repeat(40)).is_err());
    }

    #[test]
    fn what_git_lists_is_read_and_short_forms_are_refused() {
        let (tag, commit) = ("a".repeat(40), "b".repeat(40));
        let text =
            format!("{tag}\trefs/tags/x\n{commit}\trefs/tags/x^{{}}\n{commit}\trefs/tags/y\n");
        let found = listed(&text).unwrap();
        assert_eq!(found[0].1.as_ref().unwrap().commit, commit);
        assert_eq!(found[1], ("y".to_owned(), None));
        assert!(listed("<html>").is_err());
        let short = vec![("late#champion".to_owned(), None)];
        assert!(State::of(short, "late", "champion").is_err());
        let taken = vec![("late#champion#4".to_owned(), None)];
        assert_eq!(State::of(taken, "late", "champion").unwrap().last, 4);
    }
}
