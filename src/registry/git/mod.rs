//! A git repository as a registry: annotated tags in the format of GTO, which reads them, and whose tags are read.
//!
//! ```text
//! late@v1.2.0        registers a version of `late`, at the commit of the run; made with the promotion where it is new
//! late#champion#3    gives the alias for the third time; the last line of its message is the move
//! ```
//! The remote is the truth: its tags are listed for every look, and no tag is written into the checkout. A move is a push of
//! the tag with the next number; the remote takes a name once, so of two that race one is refused. The tag's time is later
//! than that of the one before, because GTO goes by time where tollgate goes by number.

mod names;
mod program;
mod state;
mod tag;

pub(super) use names::refused;

use super::{
    Answer, Attached, Call, Move, MoveKind, Registry, Safety, Seen, Target, Trouble, Version,
    Written,
};
use chrono::{DateTime, SecondsFormat};
use program::{Git, without_users};
use state::{Event, Registered, State, Tag};
use std::path::Path;

/// One alias in a repository.
#[derive(Debug, Clone)]
pub struct GitTags {
    git: Git,
    /// The remote, a name of the checkout's or an address.
    remote: String,
    target: Target,
}

/// A move, made ready.
struct Ready {
    /// Names of the tags, and what they are made of.
    tags: Vec<(String, String)>,
}

impl GitTags {
    /// The alias of a model in the remote of a checkout.
    ///
    /// Errors: why GTO allows no such names.
    pub fn new(checkout: &Path, remote: &str, target: Target) -> Result<Self, String> {
        if let Some(reason) = names::refused(&target.model, &target.alias) {
            return Err(reason);
        }
        let checkout = if checkout.as_os_str().is_empty() {
            Path::new(".")
        } else {
            checkout
        };
        Ok(Self {
            git: Git {
                checkout: checkout.to_owned(),
            },
            remote: remote.to_owned(),
            target,
        })
    }

    /// The tags of the remote, now.
    fn state(&self) -> Answer<State> {
        let model = names::in_tags(&self.target.model);
        let patterns = [
            format!("refs/tags/{model}@*"),
            format!("refs/tags/{model}#*"),
        ];
        let words = [
            "ls-remote",
            "--tags",
            &self.remote,
            &patterns[0],
            &patterns[1],
        ];
        let text = self.git.done(&words, b"")?;
        let text = String::from_utf8(text)
            .map_err(|_| Trouble::Broken("names of tags are not UTF-8".to_owned()))?;
        let tags = state::listed(&text).map_err(Trouble::Broken)?;
        State::of(tags, &self.target.model, &self.target.alias).map_err(Trouble::Broken)
    }

    /// Objects of tags, fetched where the checkout does not have them.
    fn contents(&self, tags: &[&Tag]) -> Answer<Vec<tag::Content>> {
        self.fetched(tags)?;
        let names = lines(tags.iter().map(|t| &t.object));
        let text = self.git.done(&["cat-file", "--batch"], names.as_bytes())?;
        let text = String::from_utf8_lossy(&text);
        let mut rest = text.as_ref();
        let mut contents = Vec::new();
        for tag in tags {
            let broken = || Trouble::Broken(format!("the tag {} cannot be read", tag.name));
            let (head, after) = rest.split_once('\n').ok_or_else(broken)?;
            let begin = head.strip_prefix(&format!("{} tag ", tag.object));
            let size: usize = begin.and_then(|s| s.parse().ok()).ok_or_else(broken)?;
            let content = after.get(..size).ok_or_else(broken)?;
            contents.push(tag::parse(content).ok_or_else(broken)?);
            rest = after.get(size + 1..).unwrap_or_default();
        }
        Ok(contents)
    }

    fn fetched(&self, tags: &[&Tag]) -> Answer<()> {
        let both = tags.iter().flat_map(|t| [&t.object, &t.commit]);
        let asked = lines(both);
        let said = self
            .git
            .done(&["cat-file", "--batch-check"], asked.as_bytes())?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let missing = |object: &str| said.contains(&format!("{object} missing"));
        let away = tags
            .iter()
            .filter(|t| missing(&t.object) || missing(&t.commit));
        let away: Vec<String> = away.map(|t| format!("refs/tags/{}", t.name)).collect();
        if away.is_empty() {
            return Ok(());
        }
        let mut words = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
        words.extend(["--no-recurse-submodules", &self.remote]);
        words.extend(away.iter().map(String::as_str));
        self.git.done(&words, b"").map(|_| ())
    }

    /// The move that an event is: the one in its message where it fits the tag, else one that something else made.
    fn change(
        &self,
        state: &State,
        event: &Event,
        content: &tag::Content,
        from: Option<String>,
    ) -> Answer<Move> {
        let to = state
            .version_at(&event.tag.commit)
            .map_err(Trouble::Broken)?;
        let ours = content.change.as_ref().filter(|c| {
            (&c.model, &c.alias) == (&self.target.model, &self.target.alias) && c.to == to
        });
        if let Some(ours) = ours {
            return Ok(ours.clone());
        }
        let time = DateTime::from_timestamp(content.time, 0).unwrap_or_default();
        Ok(Move {
            id: String::new(),
            kind: MoveKind::Other,
            model: self.target.model.clone(),
            alias: self.target.alias.clone(),
            from,
            to,
            at: time.to_rfc3339_opts(SecondsFormat::Secs, true),
            by: Some(content.tagger.clone()),
            reason: Some(content.title.clone()),
            basis: None,
        }
        .identified())
    }

    /// Whom tags are made by: the checkout's user, or else who promotes.
    fn tagger(&self, change: &Move) -> Answer<String> {
        let said = self.git.call(&["var", "GIT_COMMITTER_IDENT"], b"")?;
        let text = String::from_utf8_lossy(&said.out).into_owned();
        let known = text.split_once('<').and_then(|(name, rest)| {
            let address = rest.split_once('>')?.0;
            Some(tag::person(name, address))
        });
        let own = || {
            tag::person(
                change.by.as_deref().unwrap_or("tollgate"),
                "tollgate@localhost",
            )
        };
        Ok(known.filter(|_| said.fine).unwrap_or_else(own))
    }

    /// The commit that a move marks, and the version's tag where it is there already.
    fn commit<'a>(change: &Move, state: &'a State) -> Answer<(String, Option<&'a Registered>)> {
        let refused = |reason: String| Err(Trouble::Refused(reason));
        let to = &change.to;
        let judged = change.basis.as_ref().map(|b| b.commit.clone());
        if let Some(found) = state.version(to) {
            let commit = &found.tag.commit;
            if !found.active {
                return refused(format!("the version {to} was deregistered; take another"));
            }
            match judged {
                Some(Some(judged)) if &judged == commit => {}
                None => {}
                Some(judged) => {
                    return refused(format!(
                        "{to} is registered at the commit {commit}, and the run is about {}",
                        judged.as_deref().unwrap_or("none that it names")
                    ));
                }
            }
            return Ok((commit.clone(), Some(found)));
        }
        if !names::is_version(to) {
            return refused(format!(
                "`{to}` is no version in a git registry: give one such as v1.2.0"
            ));
        }
        let commit = match judged {
            None => return refused(format!("the version {to} is not registered")),
            Some(None) => None,
            Some(Some(commit)) => Some(commit).filter(|c| state::is_object(c)),
        };
        let Some(commit) = commit else {
            return refused(format!(
                "the run does not say which commit {to} is: make it in a checkout"
            ));
        };
        match state.version_at(&commit).map_err(Trouble::Refused)? {
            other if other == commit => Ok((commit, None)),
            other => refused(format!(
                "the commit {commit} is registered as {other} already; GTO allows one version of a model at a commit"
            )),
        }
    }

    fn ready(&self, change: &Move, state: &State) -> Answer<Ready> {
        let (commit, registered) = Self::commit(change, state)?;
        let before: Vec<&Tag> = state
            .events
            .last()
            .map(|e| &e.tag)
            .into_iter()
            .chain(registered.map(|r| &r.tag))
            .collect();
        let latest = self.contents(&before)?.iter().map(|c| c.time + 1).max();
        let at = DateTime::parse_from_rfc3339(&change.at)
            .map_err(|e| Trouble::Broken(format!("the time of a move cannot be read: {e}")))?;
        let time = at.timestamp().max(latest.unwrap_or(i64::MIN)).max(0);
        let tagger = self.tagger(change)?;
        let mut tags = Vec::new();
        let mut add = |name: String, message: &str| {
            let made = tag::Made {
                name: &name,
                commit: &commit,
                tagger: &tagger,
                time,
                message,
            };
            let object = made.object();
            tags.push((name, object));
        };
        if registered.is_none() {
            let there = self
                .git
                .call(&["cat-file", "-e", &format!("{commit}^{{commit}}")], b"")?;
            if !there.fine {
                return Err(Trouble::Refused(format!(
                    "the checkout does not have the commit {commit} that the run is about"
                )));
            }
            add(
                names::register(&change.model, &change.to),
                &tag::registering(change),
            );
        }
        let name = names::assign(&change.model, &change.alias, state.last + 1);
        add(name, &tag::assigning(change));
        Ok(Ready { tags })
    }

    /// Pushes tags, all or none of them.
    fn pushed(&self, ready: &Ready) -> Answer<Written> {
        let mut refs = Vec::new();
        let mut last = String::new();
        for (name, content) in &ready.tags {
            let object = self.git.done(&["mktag"], content.as_bytes())?;
            String::from_utf8_lossy(&object)
                .trim()
                .clone_into(&mut last);
            refs.push(format!("{last}:refs/tags/{name}"));
        }
        let mut words = vec!["push", "--porcelain", "--no-verify"];
        words.extend(["--recurse-submodules=no", "--no-follow-tags"]);
        if refs.len() > 1 {
            words.push("--atomic");
        }
        words.push(&self.remote);
        words.extend(refs.iter().map(String::as_str));
        let said = self.git.call(&words, b"")?;
        if said.fine {
            return Ok(Written::Done);
        }
        // What it complains of may be that the answer did not come: the remote is asked what it has.
        let unknown = |_| Trouble::Unknown(said.complaint.clone());
        let name = &ready.tags.last().expect("the alias has a tag").0;
        let words = [
            "ls-remote",
            "--tags",
            &self.remote,
            &format!("refs/tags/{name}"),
        ];
        let there = self.git.done(&words, b"").map_err(unknown)?;
        let there = String::from_utf8_lossy(&there).into_owned();
        let answered = String::from_utf8_lossy(&said.out).into_owned();
        let declined = answered.contains("hook declined") || program::is_forbidden(&said.complaint);
        match there.split_once('\t') {
            Some((object, _)) if object == last => Ok(Written::Done),
            Some(_) => Ok(Written::Lost),
            None if declined => Err(Trouble::Refused(said.complaint)),
            None => Err(Trouble::Unknown(said.complaint)),
        }
    }
}

/// Texts, each on a line of its own.
fn lines<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let mut all = String::new();
    for text in texts {
        all.push_str(text);
        all.push('\n');
    }
    all
}

impl Registry for GitTags {
    fn shown(&self) -> String {
        format!("git {}", without_users(&self.remote))
    }

    fn safety(&self) -> Safety {
        Safety::CompareAndSet
    }

    fn look(&self) -> Answer<Seen> {
        let state = self.state()?;
        let token = Some(state.last.to_string());
        let Some(event) = state.now() else {
            return Ok(Seen {
                token,
                ..Seen::default()
            });
        };
        let contents = self.contents(&[&event.tag])?;
        let version = state
            .version_at(&event.tag.commit)
            .map_err(Trouble::Broken)?;
        // Where the alias leads because another one was taken away, nobody moved it there.
        let moved = event.number == state.last;
        let by = match contents.first().filter(|_| moved) {
            Some(content) => Some(self.change(&state, event, content, None)?),
            None => None,
        };
        Ok(Seen {
            version: Some(version),
            by,
            token,
        })
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        let state = self.state()?;
        let found = state.version(version).filter(|v| v.active);
        Ok(found.map(|_| Version::default()))
    }

    fn at_commit(&self, commit: &str) -> Answer<Option<String>> {
        let found = self.state()?.version_at(commit).map_err(Trouble::Broken)?;
        Ok(Some(found).filter(|v| v != commit))
    }

    fn is_made_by_promotion(&self) -> bool {
        true
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let state = self.state()?;
        if seen.token.as_deref() != Some(state.last.to_string().as_str()) {
            return Ok(Written::Lost);
        }
        self.pushed(&self.ready(change, &state)?)
    }

    fn keep(&self, _change: &Move, _attached: Option<&Attached>) -> Answer<()> {
        // The tag that moves the alias is its history.
        Ok(())
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let state = self.state()?;
        let tags: Vec<&Tag> = state.events.iter().map(|e| &e.tag).collect();
        let contents = self.contents(&tags)?;
        let mut moves: Vec<Move> = Vec::new();
        let mut before: Option<String> = None;
        for (place, content) in contents.iter().enumerate() {
            let event = &state.events[place];
            let leads = state.leading(place + 1);
            let now = leads.map(|e| state.version_at(&e.tag.commit));
            let now = now.transpose().map_err(Trouble::Broken)?;
            if let Some(leads) = leads.filter(|e| e.number == event.number || now != before) {
                moves.push(self.change(&state, leads, content, before)?);
            }
            before = now;
        }
        Ok(moves)
    }

    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call> {
        let call = |verb: &str, to: String, body: &str| Call {
            verb: verb.to_owned(),
            to,
            body: body.to_owned(),
        };
        // What cannot be read now is told by the promotion itself; a dry run has read it a moment ago.
        let made = self.state().and_then(|s| self.ready(change, &s));
        let _ = seen;
        match made {
            Ok(ready) => {
                let names = ready
                    .tags
                    .iter()
                    .map(|(name, _)| format!(" refs/tags/{name}"));
                let to = format!(
                    "{}{}",
                    without_users(&self.remote),
                    names.collect::<String>()
                );
                let tags = ready.tags.iter();
                let mut calls: Vec<Call> = tags
                    .map(|(name, content)| call("git mktag", name.clone(), content))
                    .collect();
                calls.push(call("git push --atomic", to, ""));
                calls
            }
            Err(trouble) => vec![call(
                "refused:",
                without_users(&self.remote),
                &trouble.to_string(),
            )],
        }
    }
}
