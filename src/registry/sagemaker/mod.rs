//! A group of model packages in Amazon SageMaker as a registry: its champion is the newest version that is approved.
//!
//! SageMaker has no aliases. What pipelines ask for is `list_model_packages(ModelApprovalStatus="Approved")`, newest first: so
//! the alias leads to the approved version with the highest number, whoever approved it, and a group has one alias. Moving it to
//! a version approves that one, and then rejects those with a higher number that were approved before: after a rollback from 3
//! to 2, version 3 is rejected. The moves are kept in the metadata of the version that they lead to, the last five of each.
//!
//! There is no precondition: two promoters that begin within the same second may both be told that they won. Each reads
//! afterwards, rejects only what it saw before its own approval, and says which versions were approved in between.

mod client;
mod metadata;

pub use client::Group;

use super::{
    Answer, Attached, Call, Move, MoveKind, Registry, Safety, Seen, Target, Trouble, Version,
    Written,
};
use chrono::SecondsFormat;
use client::{Listed, Update};
use sha2::{Digest as _, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Characters of an approval's description at most.
const DESCRIPTION: usize = 1024;

/// The alias of a group.
pub struct Packages {
    group: Group,
    target: Target,
    /// The versions that were approved at the first look.
    seen: Mutex<Option<Vec<u64>>>,
}

impl Packages {
    /// The alias of a group.
    #[must_use]
    pub fn new(group: Group, target: Target) -> Self {
        Self {
            group,
            target,
            seen: Mutex::new(None),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Option<Vec<u64>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broken(&self, version: u64, reason: &str) -> Trouble {
        Trouble::Broken(format!(
            "version {version} of {}: {reason}",
            self.group.name
        ))
    }

    /// The moves that lead to a version, by their numbers.
    fn moves(&self, listed: &Listed) -> Answer<Vec<(u64, Move)>> {
        let metadata = self.group.metadata(&listed.arn)?;
        let moves = metadata::moves(&metadata).map_err(|e| self.broken(listed.version, &e))?;
        for (_, change) in &moves {
            if change.alias != self.target.alias {
                return Err(Trouble::Refused(format!(
                    "its champion is moved as `{}`, and a group has one alias: use that one instead of `{}`",
                    change.alias, self.target.alias
                )));
            }
        }
        Ok(moves)
    }

    /// Every move that is kept, by number; one that was sent twice counts once.
    fn all(&self, versions: &[Listed]) -> Answer<Vec<(u64, Move)>> {
        let mut all = Vec::new();
        for listed in versions {
            all.extend(self.moves(listed)?);
        }
        all.sort_by_key(|(number, _)| *number);
        all.dedup_by(|one, other| one.0 == other.0 && one.1.id == other.1.id);
        Ok(all)
    }

    fn champion(versions: &[Listed]) -> Option<&Listed> {
        versions.iter().find(|l| l.is_approved())
    }

    /// The changes that a move makes, in order.
    fn updates<'a>(&self, change: &Move, versions: &'a [Listed]) -> Answer<Vec<Update<'a>>> {
        let named = |l: &&Listed| l.version.to_string() == change.to;
        let Some(candidate) = versions.iter().find(named) else {
            return Err(Trouble::Refused(format!(
                "there is no version {}",
                change.to
            )));
        };
        let moves = self.all(versions)?;
        // A move that was sent before and did not come to its end keeps its number.
        let number = match moves.last() {
            Some((number, last)) if last.id == change.id => *number,
            last => last.map_or(0, |(number, _)| *number) + 1,
        };
        let token = |arn: &str| {
            let digest = Sha256::digest(format!("{} {number} {arn}", change.id));
            let mut token = crate::report::text::hex(&digest);
            token.truncate(32);
            token
        };
        let before = self.group.metadata(&candidate.arn)?;
        let (metadata, gone) = metadata::with(&before, number, change)
            .map_err(|e| Trouble::Refused(format!("version {}: {e}", change.to)))?;
        let mut updates = vec![Update {
            arn: &candidate.arn,
            approval: "Approved",
            description: described(change),
            metadata,
            gone,
            token: token(&candidate.arn),
        }];
        let newer = versions.iter();
        for listed in newer.filter(|l| l.is_approved() && l.version > candidate.version) {
            updates.push(Update {
                arn: &listed.arn,
                approval: "Rejected",
                description: described(change),
                // Some servers take what is not sent for nothing.
                metadata: self.group.metadata(&listed.arn)?,
                gone: Vec::new(),
                token: token(&listed.arn),
            });
        }
        Ok(updates)
    }
}

/// A move in the words of an approval.
fn described(change: &Move) -> String {
    let by = change
        .by
        .as_ref()
        .map_or_else(String::new, |b| format!(" by {b}"));
    let reason = change
        .reason
        .as_ref()
        .map_or_else(String::new, |r| format!(": {r}"));
    let text = format!(
        "tollgate {}{by}, {}{reason}",
        change.kind.word(),
        change.words()
    );
    crate::report::text::short(&text, DESCRIPTION)
}

impl Registry for Packages {
    fn shown(&self) -> String {
        self.group.shown()
    }

    fn safety(&self) -> Safety {
        Safety::ReadBack
    }

    fn look(&self) -> Answer<Seen> {
        let versions = self.group.versions()?;
        let approved = versions.iter().filter(|l| l.is_approved());
        let approved: Vec<u64> = approved.map(|l| l.version).collect();
        self.seen().get_or_insert(approved);
        let Some(champion) = Self::champion(&versions) else {
            return Ok(Seen::default());
        };
        let moves = self.moves(champion)?;
        Ok(Seen {
            version: Some(champion.version.to_string()),
            by: moves.into_iter().next_back().map(|(_, change)| change),
            token: None,
        })
    }

    /// The number in the ARN of a version of this group; another text stays as it is.
    fn named(&self, version: &str) -> String {
        let group = format!(":model-package/{}/", self.group.name.to_lowercase());
        let lower = version.to_lowercase();
        let number = lower.starts_with("arn:").then(|| lower.split_once(&group));
        match number.flatten() {
            Some((_, number)) => number.to_owned(),
            None => version.to_owned(),
        }
    }

    fn find(&self, version: &str) -> Answer<Option<Version>> {
        let versions = self.group.versions()?;
        let found = versions.iter().find(|l| l.version.to_string() == version);
        Ok(found.filter(|l| l.is_whole()).map(|_| Version::default()))
    }

    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written> {
        let versions = self.group.versions()?;
        let now = Self::champion(&versions).map(|l| l.version.to_string());
        if now != seen.version {
            return Ok(Written::Lost);
        }
        for update in self.updates(change, &versions)? {
            self.group.update(&update)?;
        }
        Ok(Written::Done)
    }

    /// Versions that came to be approved beside the move and are newer than the one that it comes from: each was champion until
    /// the move was made, and nobody compared the candidate with it.
    fn meanwhile(&self, change: &Move) -> Answer<Option<String>> {
        let Some(seen) = self.seen().take() else {
            return Ok(None);
        };
        let from = change.from.as_ref().and_then(|f| f.parse().ok());
        let from = from.unwrap_or(0);
        let versions = self.group.versions()?;
        let others = versions.iter().filter(|l| l.is_approved());
        let others = others.filter(|l| l.version > from && l.version.to_string() != change.to);
        let others = others.filter(|l| !seen.contains(&l.version));
        let named: Vec<String> = others.map(|l| l.version.to_string()).collect();
        if named.is_empty() {
            return Ok(None);
        }
        Ok(Some(format!(
            "somebody else approved {} meanwhile, with which {} was not compared: judge it again, and run one promotion at a time",
            named.join(", "),
            change.to
        )))
    }

    fn keep(&self, _change: &Move, _attached: Option<&Attached>) -> Answer<()> {
        // What approves a version is its history.
        Ok(())
    }

    fn past(&self) -> Answer<Vec<Move>> {
        let versions = self.group.versions()?;
        let moves = self.all(&versions)?;
        let mut moves: Vec<Move> = moves.into_iter().map(|(_, change)| change).collect();
        let last = moves.last().map(|m| m.to.clone());
        let Some(champion) = Self::champion(&versions) else {
            return Ok(moves);
        };
        if Some(champion.version.to_string()) == last {
            return Ok(moves);
        }
        // Approved by somebody else, as its last change says when.
        if let Some(modified) = self.group.modified(&champion.arn)? {
            let change = Move {
                id: String::new(),
                kind: MoveKind::Other,
                model: self.target.model.clone(),
                alias: self.target.alias.clone(),
                from: last,
                to: champion.version.to_string(),
                at: modified.to_rfc3339_opts(SecondsFormat::Secs, true),
                by: None,
                reason: None,
                basis: None,
            };
            moves.push(change.identified());
        }
        Ok(moves)
    }

    fn calls(&self, change: &Move, _seen: &Seen) -> Vec<Call> {
        let call = |body: String| Call {
            verb: "SageMaker.UpdateModelPackage".to_owned(),
            to: self.group.shown(),
            body,
        };
        // What cannot be read now is told by the promotion itself; a dry run has read it a moment ago.
        let versions = self.group.versions();
        let updates = versions.and_then(|versions| {
            let updates = self.updates(change, &versions)?;
            Ok(updates
                .iter()
                .map(|u| u.body().to_string())
                .collect::<Vec<_>>())
        });
        match updates {
            Ok(updates) => updates.into_iter().map(call).collect(),
            Err(trouble) => vec![call(format!("refused: {trouble}"))],
        }
    }
}
