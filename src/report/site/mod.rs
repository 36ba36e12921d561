//! A static site from the records of runs: how every dataset and model stands, since when, and what was promoted.
//!
//! `track` follows one promise over the runs, `subject` gathers those of a dataset or model, `charts` draws them, `pages`
//! lays them out, `feed` tells what changed, `names` makes names of files and stable ids.

mod charts;
mod feed;
mod names;
mod pages;
mod subject;
mod track;
mod words;

use crate::history::line::Line;
use crate::history::models::ModelLine;
use crate::promote::{Outcome as Ended, Promotions};
use crate::record::Run;
use crate::registry::Move;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use subject::{Kind, Subject, clock};

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name in the folder of the site.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// How the site is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is called.
    pub title: String,
    /// Its clock: which nights are the last 90, and what is overdue.
    pub now: DateTime<Utc>,
    /// Where it will be found, for absolute links of the feed.
    pub address: Option<String>,
}

/// One move of an alias, and the model of the configuration that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moved {
    name: String,
    at: DateTime<Utc>,
    change: Move,
}

/// What was read for a site. Of each run only what the pages need is kept: some tens of bytes per promise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Archive {
    subjects: BTreeMap<(Kind, String), Subject>,
    moves: BTreeMap<(String, String), Moved>,
    known: BTreeSet<[u8; 32]>,
    copies: BTreeMap<usize, String>,
    files: usize,
    parts: u64,
    unread: Vec<(String, String)>,
}

impl Archive {
    /// Adds the record of a run. Returns the number of its file; absent where a file of the same bytes was added before, or
    /// where it is a part of a run, which says nothing of the rest.
    ///
    /// `sha256` is the digest of the file's bytes. Errors: what is wrong with its clock.
    pub fn add_run(&mut self, run: &Run, sha256: [u8; 32]) -> Result<Option<usize>, String> {
        let at = clock(&run.provenance.now)?;
        if !self.known.insert(sha256) {
            return Ok(None);
        }
        if run.left_out.is_some() {
            self.parts += 1;
            return Ok(None);
        }
        let file = self.files;
        self.files += 1;
        let datasets = run.datasets.iter().map(|d| (Kind::Dataset, &d.name));
        let models = run.models.iter().map(|m| (Kind::Model, &m.name));
        let told = run.outcomes.iter().map(|o| {
            let kind = if o.is_of_model() {
                Kind::Model
            } else {
                Kind::Dataset
            };
            (kind, &o.dataset)
        });
        let all: BTreeSet<(Kind, &String)> = datasets.chain(models).chain(told).collect();
        for (kind, name) in all {
            let subject = self.subjects.entry((kind, name.clone())).or_default();
            subject.add(run, (kind, name), at, file);
        }
        Ok(Some(file))
    }

    /// Says that the record with this number is at `name` in the folder of the site.
    pub fn copied(&mut self, file: usize, name: &str) {
        self.copies.insert(file, name.to_owned());
    }

    /// Adds lines of the history of a dataset; those of a second that a record tells already say nothing new. To be called
    /// after every record was added.
    pub fn add_lines<'a>(&mut self, dataset: &str, lines: impl IntoIterator<Item = &'a Line>) {
        let key = (Kind::Dataset, dataset.to_owned());
        for line in lines {
            let subject = self.subjects.entry(key.clone()).or_default();
            match line {
                Line::Run(run) => subject.add_line(run),
                Line::Unable(night) => subject.add_unable(night),
                Line::Mark(_) => {}
            }
        }
    }

    /// As [`Self::add_lines`], of a model.
    ///
    /// Errors: what is wrong with the clock of a line.
    pub fn add_model_lines<'a>(
        &mut self,
        model: &str,
        lines: impl IntoIterator<Item = &'a ModelLine>,
    ) -> Result<(), String> {
        let key = (Kind::Model, model.to_owned());
        for line in lines {
            let subject = self.subjects.entry(key.clone()).or_default();
            subject.add_model_line(line)?;
        }
        Ok(())
    }

    /// Adds what a record of promotions says was moved.
    ///
    /// Errors: what is wrong with the clock of a move.
    pub fn add_promotions(&mut self, promotions: &Promotions) -> Result<(), String> {
        let moved = promotions.promotions.iter();
        let mut moved = moved.filter(|p| p.ended == Ended::Moved);
        moved.try_for_each(|p| match &p.change {
            Some(change) => self.add_move(&p.name, change),
            None => Ok(()),
        })
    }

    /// Adds a move of the alias of a model; one that is known already is counted once, at its first time.
    ///
    /// Errors: what is wrong with its clock.
    pub fn add_move(&mut self, model: &str, change: &Move) -> Result<(), String> {
        let at = clock(&change.at)?;
        let moved = Moved {
            name: model.to_owned(),
            at,
            change: change.clone(),
        };
        let key = (model.to_owned(), change.id.clone());
        let known = self.moves.entry(key).or_insert_with(|| moved.clone());
        if moved.at < known.at {
            *known = moved;
        }
        Ok(())
    }

    /// Says that a file could not be read, and why: the site names it.
    pub fn not_read(&mut self, file: &str, reason: &str) {
        self.unread.push((file.to_owned(), reason.to_owned()));
    }

    /// Whether no run is known at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// How many records of runs were added.
    #[must_use]
    pub fn records(&self) -> usize {
        self.files
    }

    /// How many datasets and models are known.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Records that are shown by a link to a copy, by their numbers: those of the last runs of every dataset and model.
    #[must_use]
    pub fn wanted(&self) -> BTreeSet<usize> {
        let of = |subject: &Subject| {
            let mut nights: Vec<_> = subject.nights.iter().map(|n| (n.at, n.file)).collect();
            nights.sort_by_key(|n| n.0);
            let last = nights.into_iter().rev().take(pages::LISTED);
            last.filter_map(|n| n.1).collect::<Vec<_>>()
        };
        self.subjects.values().flat_map(of).collect()
    }

    /// The files of the site: `index.html`, a page per dataset and model, `feed.xml`. The same archive and clock give the
    /// same bytes.
    #[must_use]
    pub fn site(mut self, asked: &Asked) -> Vec<Page> {
        self.subjects.values_mut().for_each(Subject::sort);
        let mut moves: Vec<&Moved> = self.moves.values().collect();
        moves.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.change.id.cmp(&b.change.id)));
        let mut site = vec![Page {
            name: "index.html".to_owned(),
            text: pages::index(&self, &moves, asked),
        }];
        for ((kind, name), subject) in &self.subjects {
            site.push(Page {
                name: names::page(*kind, name),
                text: pages::subject(&self, ((*kind, name), subject), &moves, asked),
            });
        }
        site.push(Page {
            name: "feed.xml".to_owned(),
            text: feed::atom(&self, &moves, asked),
        });
        site
    }
}
