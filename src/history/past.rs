//! What one run needs of the runs before it, and what it leaves to those after it.

use super::began::{began, crossings};
use super::changed::changed;
use super::joint::{Joint, Rows};
use super::keep::long;
use super::line::{HISTORY_SCHEMA_VERSION, Line, PastOutcome, RunLine, UnableLine, run_id};
use super::models::{self, Ledger, ModelLine};
use super::night::{Night, Standing, Told};
use super::series::{PastRun, Series};
use super::stable;
use super::store::History;
use crate::aside::each;
use crate::catalogue::argument::Args;
use crate::config::history::LearnFrom;
use crate::config::{Config, DatasetConfig, Recording};
use crate::context::{Context, check_interrupt};
use crate::contract::{Detection, Privacy};
use crate::error::Result;
use crate::measure::{Profile, State};
use crate::plan::{DatasetPlan, Plan};
use crate::record::{
    DatasetRecord, FileDigest, ModelRecord, Outcome, READABLE, Run, Severity, Status, TOLD,
};
use crate::report::text::hex;
use crate::verdict::{FailOn, decide};
use chrono::{DateTime, SubsecRound as _, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The past runs of every dataset of a configuration; none where it keeps no history.
#[derive(Debug)]
pub struct Past {
    history: Option<History>,
    record: Recording,
    learn_from: LearnFrom,
    series: BTreeMap<String, Series>,
    models: Ledger,
}

impl Past {
    /// Reads the history that the configuration names.
    ///
    /// Errors: those of [`History::read`].
    pub fn load(config: &Config) -> Result<Self> {
        let Some(written) = &config.history else {
            return Ok(Self {
                history: None,
                record: Recording::Never,
                learn_from: LearnFrom::All,
                series: BTreeMap::new(),
                models: Ledger::default(),
            });
        };
        let history = History::at(&config.base.join(&written.folder.path));
        let read = |d: &DatasetConfig| {
            let mut series = history.read(&d.name)?;
            series.hash(&|column| d.found.iter().any(|(name, _)| name == column));
            Ok((d.name.clone(), series))
        };
        let all = config.datasets.iter().map(|d| (d.name.as_str(), d));
        Ok(Self {
            series: each(all, read)?.into_iter().collect(),
            models: Ledger::load(&history, config.models.iter().map(|m| &m.name))?,
            record: written.record,
            learn_from: written.learn_from,
            history: Some(history),
        })
    }

    /// The batches under test with those before them, in the order of the plan; absent where no history is kept.
    #[must_use]
    pub fn tonight<'a>(
        &'a self,
        plan: &Plan,
        records: &[DatasetRecord],
        profiles: impl Iterator<Item = (&'a Profile, Option<&'a Rows>)>,
        context: &Context,
    ) -> Vec<Option<Tonight<'a>>> {
        let parts = plan.datasets.iter().zip(records).zip(profiles);
        let one = |((part, record), measured)| self.of(part, record, measured, context);
        parts.map(one).collect()
    }

    fn of(
        &self,
        plan: &DatasetPlan,
        record: &DatasetRecord,
        (profile, rows): (&Profile, Option<&Rows>),
        context: &Context,
    ) -> Option<Tonight<'_>> {
        let series = self.series.get(&plan.config.name)?;
        let digest = content(&record.files);
        let before = series.before(context.now, &digest);
        let keeping = |column: &str| {
            let detection = plan.detection(column);
            // What one batch keeps as hashes the next ones do: a share that comes and goes is no change of the data.
            let hashed = detection == Detection::ByContent
                && before.last().is_some_and(|run| hashes(&run.night, column));
            let privacy = if hashed {
                Privacy::Personal
            } else {
                plan.privacy(column)
            };
            (privacy, detection)
        };
        let at = context.now.trunc_subsecs(0);
        let joints: Vec<&Joint> = before
            .iter()
            .filter_map(|r| r.night.joint.as_ref())
            .collect();
        let night = Night::of(profile, at, Standing::Ordinary, &keeping);
        let slices = plan
            .config
            .drift
            .slices
            .iter()
            .map(|(name, _)| name.as_str());
        Some(Tonight {
            night: Night {
                rows: record.rows,
                joint: rows.map(|rows| {
                    let long = |column: &str| long(profile, column);
                    Joint::of(rows, &joints).sliced(rows, &night.columns, slices, &long)
                }),
                ..night
            },
            before,
            learn_from: self.learn_from,
            series,
            content: digest,
        })
    }

    /// The how manieth candidate a model's record is about on its rows; `None` where nothing is kept, or rows are not known.
    #[must_use]
    pub fn attempt(&self, record: &ModelRecord) -> Option<u32> {
        self.models.attempt(record)
    }

    /// What the run leaves to later ones: nothing where the configuration or `record` says so, and nothing of a dataset
    /// with an outcome that could not be evaluated.
    #[must_use]
    pub fn left(
        &self,
        tonight: Vec<Option<Tonight>>,
        plan: &Plan,
        run: &Run,
        record: Recording,
    ) -> Left {
        let outcomes = &run.outcomes;
        let recorded = record == Recording::Always && self.record == Recording::Always;
        let parts = tonight.into_iter().zip(&plan.datasets);
        let entry = |(night, part): (Option<Tonight>, &DatasetPlan)| {
            let name = &part.config.name;
            let line = night?.entry(name, outcomes)?;
            Some((name.clone(), Line::Run(line)))
        };
        let history = self.history.clone().filter(|_| recorded);
        let mut lines: Vec<(String, Line)> = parts.filter_map(entry).collect();
        lines.extend(history.iter().flat_map(|h| unable(h, run)));
        Left {
            history,
            lines,
            models: run
                .models
                .iter()
                .filter_map(|m| {
                    let line = self.models.line(m, outcomes, &run.provenance.now)?;
                    Some((m.name.clone(), line))
                })
                .collect(),
        }
    }
}

/// What a run leaves to later ones.
#[derive(Debug)]
pub struct Left {
    history: Option<History>,
    lines: Vec<(String, Line)>,
    models: Vec<(String, ModelLine)>,
}

impl Left {
    /// Appends it to the history, once everything else is written.
    ///
    /// Errors: those of [`History::append`]; [`crate::error::Error::Interrupted`] before the first line.
    pub fn append(self) -> Result<()> {
        check_interrupt()?;
        let Some(history) = &self.history else {
            return Ok(());
        };
        let mut lines = self.lines.into_iter();
        lines.try_for_each(|(dataset, line)| history.append(&dataset, &line))?;
        let mut models = self.models.iter();
        models.try_for_each(|(model, line)| models::append(history, model, line))
    }
}

/// The lines of datasets that could not be evaluated. A history that cannot be read, or has the line, gets none.
fn unable(history: &History, run: &Run) -> Vec<(String, Line)> {
    let Ok(now) = run.provenance.now.parse::<DateTime<Utc>>() else {
        return Vec::new();
    };
    let not_read = |o: &&Outcome| o.check == READABLE && o.status == Status::Error;
    let names = run.outcomes.iter().filter(not_read).map(|o| &o.dataset);
    let line = |name: &String| {
        let line = UnableLine::of(name, now.trunc_subsecs(0));
        let known = history.read(name).ok()?.unable;
        (!known.contains(&line)).then(|| (name.clone(), Line::Unable(line)))
    };
    names.filter_map(line).collect()
}

/// A batch under test among the batches before it.
#[derive(Debug)]
pub struct Tonight<'a> {
    /// The batch, taken for an ordinary one.
    pub night: Night,
    /// Batches before it of other content, ascending.
    pub before: Vec<&'a PastRun>,
    /// Digest of its content.
    pub content: String,
    learn_from: LearnFrom,
    series: &'a Series,
}

impl Tonight<'_> {
    /// The nights before, ascending; flagged those that later ones are not to learn from.
    #[must_use]
    pub fn nights(&self) -> Vec<Night> {
        let mut nights: Vec<Night> = self.before.iter().map(|run| run.night.clone()).collect();
        let left = |n: &&mut Night| {
            self.learn_from == LearnFrom::Ordinary && n.standing == Standing::Unusual
        };
        for night in nights.iter_mut().filter(left) {
            night.standing = Standing::Flagged;
        }
        nights
    }

    /// What a number of the batch, told by the arguments of an expectation, is beside those of the ordinary batches before.
    #[must_use]
    pub fn stable(&self, args: &Args) -> State {
        let now = stable::of(args, &self.night);
        stable::state(
            args,
            self.night.rows,
            now,
            &stable::before(args, &self.before),
        )
    }

    /// Says of each outcome since when it is so, and of fixed limits of drift how often they would have been crossed.
    pub fn look_back(&self, outcomes: &mut [Outcome]) {
        for outcome in outcomes {
            outcome.began = began(outcome, &self.before, self.night.at);
            if let Some(sentence) = crossings(outcome, &self.before) {
                outcome.message = format!("{} {sentence}", outcome.message);
            }
        }
    }

    /// What is left to later runs; nothing where an outcome could not be evaluated, or the same line is there already.
    #[must_use]
    fn entry(self, dataset: &str, outcomes: &[Outcome]) -> Option<RunLine> {
        let mine = outcomes.iter().filter(|o| o.dataset == dataset);
        let mine: Vec<Outcome> = mine.cloned().collect();
        let status = decide(&mine, FailOn::Error).status;
        if mine.iter().any(|o| o.status == Status::Error) {
            return None;
        }
        let line = RunLine {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run_id(dataset, self.night.at, &self.content),
            status,
            outcomes: mine
                .iter()
                .map(|o| (o.id.clone(), PastOutcome::of(o)))
                .collect(),
            night: Night {
                standing: standing(&mine),
                told: mine.iter().filter_map(told).collect(),
                ..self.night
            },
            content: self.content,
        };
        (!self.series.holds(&line)).then_some(line)
    }
}

/// Says of every dataset what changed since the batch before; nothing where no history is kept or no batch came before.
pub fn tell_changes(
    tonight: &[Option<Tonight>],
    datasets: &mut [DatasetRecord],
    outcomes: &[Outcome],
) {
    for (tonight, dataset) in tonight.iter().zip(datasets) {
        let before = tonight.as_ref().and_then(|t| t.before.last());
        let of = |o: &&Outcome| o.dataset == dataset.name && !o.is_of_model();
        let mine: Vec<&Outcome> = outcomes.iter().filter(of).collect();
        dataset.before = before.map(|before| changed(&mine, before));
    }
}

/// SHA-256 over the digests of files in their order; of what a server alone knows, over its name of the version.
pub(super) fn content(files: &[FileDigest]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        let known = [
            &file.sha256,
            &file.footer_sha256,
            &file.etag,
            &file.last_modified,
        ];
        let known = known
            .into_iter()
            .flatten()
            .next()
            .map_or("", String::as_str);
        hasher.update(format!("{} {known}\n", file.bytes));
    }
    hex(&hasher.finalize())
}

/// What past runs said of a batch that mattered.
fn told(outcome: &Outcome) -> Option<Told> {
    let kind = outcome.check.strip_prefix("drift_history_")?;
    let mut measured = outcome.measured.iter();
    let p = measured.find(|m| m.name == "p")?.number?;
    matters(outcome).then(|| Told {
        column: outcome.column.clone(),
        kind: kind.to_owned(),
        p,
    })
}

/// Whether something that decides says that the data drifted by more than the floors, whatever the severity.
fn matters(outcome: &Outcome) -> bool {
    // What speaks of a whole dataset warns of changes below the floors as well.
    let whole = ["drift_history", "drift_dataset"].contains(&outcome.check.as_str());
    if outcome.is_drift() && outcome.status == Status::Fail {
        return true;
    }
    if !outcome.is_drift() || whole || outcome.tags.iter().any(|t| t == TOLD) {
        return false;
    }
    match outcome.severity {
        Severity::Error => is_waived(outcome),
        Severity::Warn => outcome.status == Status::Warn,
        Severity::Info => outcome.limits.iter().any(|l| !l.held),
    }
}

fn is_waived(outcome: &Outcome) -> bool {
    outcome.status == Status::Waived
}

/// What later runs think of a batch by its outcomes: flagged where a promise of severity `error` is broken, waived or
/// not, and unusual where nothing but drift speaks against it.
fn standing(outcomes: &[Outcome]) -> Standing {
    let broken = |o: &Outcome| {
        let waived = o.severity == Severity::Error && is_waived(o);
        !o.is_drift() && (o.status == Status::Fail || waived)
    };
    if outcomes.iter().any(broken) {
        Standing::Flagged
    } else if outcomes.iter().any(matters) {
        Standing::Unusual
    } else {
        Standing::Ordinary
    }
}

/// Whether a night keeps the texts of a column as hashes.
fn hashes(night: &Night, column: &str) -> bool {
    let mut columns = night.columns.iter();
    columns.any(|c| c.name == column && c.is_hashed())
}
