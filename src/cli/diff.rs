//! `tollgate diff`: contract against contract, or contract against data.

use super::{Global, print};
use crate::config::fields::Problems;
use crate::config::sets::Library;
use crate::config::tree;
use crate::contract::diff::data::{self, Found, Side};
use crate::contract::diff::policy::{self, Policy};
use crate::contract::diff::render::{Comparison, DiffFormat, render};
use crate::contract::diff::replayed;
use crate::contract::diff::{Audience, Change, Rule, contracts};
use crate::contract::import::{self, Form};
use crate::contract::{self, Contract, revision};
use crate::diagnostic::unknown;
use crate::engine::embedded::profile::profile;
use crate::engine::embedded::source::{Dataset, SourceOptions};
use crate::error::{Error, Result};
use crate::measure::Wants;
use crate::replay::{self, Replay};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing that fails, 1 breaking for whom --fail-on names, 2 usage, policy or contract, 3 \
unreadable."
)]
pub(crate) struct Args {
    /// A contract, native or in another tool's form, `REV:path` of one in git, or data.
    old: String,
    /// The same; one of the two must be a contract.
    new: String,
    /// Whose side makes the exit code 1; otherwise what the policy says, or any.
    #[arg(long, alias = "for", value_enum, value_name = "WHOM")]
    fail_on: Option<Audience>,
    /// File with a section `diff`: what rules are worth and which changes are accepted, with reason and end date.
    ///
    /// Without it, that section of `tollgate.yaml` in the working folder counts, where there is one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Past batches that both contracts are judged over: saved profiles, or a folder of them, of a history, or of --state.
    ///
    /// What they decide exactly is said with the runs that would newly fail or pass; what they do not is named.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    replay: Vec<PathBuf>,
    /// Dataset of a contract file or of a history, where it holds several.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Past batches at most, the latest.
    #[arg(long, value_name = "N", default_value_t = 30, requires = "replay")]
    last: usize,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = DiffFormat::Terminal)]
    format: DiffFormat,
    /// Leave a rule out, such as metadata-changed; may be given again.
    #[arg(long, value_name = "RULE")]
    ignore: Vec<String>,
    /// Check files or folders besides the built-in ones.
    #[arg(long)]
    checks: Vec<PathBuf>,
    /// Clock, RFC 3339: exceptions end by it.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let ignored = self.ignored()?;
        let policy = self.policy()?;
        let is_contract = (is_contract(&self.old), is_contract(&self.new));
        let (mut changes, texts) = match is_contract {
            (true, true) => self.contracts()?,
            (true, false) => against_data(&self.read(&self.old)?, &self.new, Side::Old)?,
            (false, true) => against_data(&self.read(&self.new)?, &self.old, Side::New)?,
            (false, false) => {
                return Err(Error::Usage(format!(
                    "neither {} nor {} is a contract (.yaml); `tollgate init` infers one from data",
                    self.old, self.new
                )));
            }
        };
        let all = changes.len();
        changes.retain(|c| !ignored.contains(&c.rule));
        let left_out = all - changes.len();
        let audience = self.fail_on.or(policy.fail_on).unwrap_or(Audience::Any);
        let contract = if is_contract.1 { &self.new } else { &self.old };
        policy.judge(&mut changes, audience, contract);
        let replay = self.replayed(is_contract)?;
        if let Some(replay) = &replay {
            replayed::attach(&mut changes, replay);
        }
        let stale = policy.stale(&changes, contract);
        let (old, new) = ((self.old, texts.0.as_str()), (self.new, texts.1.as_str()));
        let mut comparison = Comparison::new(old, new, changes, audience, left_out);
        comparison.stale = stale;
        comparison.replay = replay;
        let text = render(&comparison, self.format);
        let last = text.lines().last().unwrap_or_default();
        print(&if global.quiet && self.format == DiffFormat::Terminal {
            format!("{last}\n")
        } else {
            text
        })?;
        Ok(comparison.exit_code())
    }

    /// What past batches say, where they were asked: of two contracts only.
    fn replayed(&self, is_contract: (bool, bool)) -> Result<Option<Replay>> {
        if self.replay.is_empty() {
            return Ok(None);
        }
        if is_contract != (true, true) {
            let what = "--replay judges two contracts over past batches; one side is data here";
            return Err(Error::Usage(what.to_owned()));
        }
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let sides = (self.read(&self.old)?, self.read(&self.new)?);
        let named = (self.dataset.as_deref(), sides.1.dataset.as_deref());
        let batches = replay::batches(&self.replay, named, self.last)?;
        let now = self.now.unwrap_or_else(Utc::now);
        replay::replay((&sides.0, &sides.1), &catalogue, &batches, now).map(Some)
    }

    /// The policy that counts: the given file's, or that of `tollgate.yaml` beside the user.
    fn policy(&self) -> Result<Policy> {
        let usual = Path::new("tollgate.yaml");
        let path = match &self.policy {
            Some(path) => path.as_path(),
            None if usual.exists() => usual,
            None => return Ok(Policy::default()),
        };
        let file = crate::config::source_file(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let mut problems = Problems::default();
        let node = match tree::parse(&file) {
            Ok(node) => node,
            Err(problem) => return Err(Error::Config(vec![problem])),
        };
        let today = self.now.unwrap_or_else(Utc::now).date_naive();
        let policy = policy::of_file(&node, base, today, &mut problems);
        if !problems.0.is_empty() {
            return Err(Error::Config(problems.0));
        }
        match (policy, &self.policy) {
            (None, Some(path)) => Err(Error::Usage(format!(
                "{} has no section `diff`",
                path.display()
            ))),
            (policy, _) => Ok(policy.unwrap_or_default()),
        }
    }

    fn ignored(&self) -> Result<Vec<Rule>> {
        let rule = |id: &String| {
            let ids: Vec<String> = Rule::ALL.iter().map(|r| r.id()).collect();
            Rule::parse(id).ok_or_else(|| {
                let ids = ids.iter().map(String::as_str);
                Error::Usage(format!("--ignore: {}", unknown("rule", id, ids)))
            })
        };
        self.ignore.iter().map(rule).collect()
    }

    fn read(&self, name: &str) -> Result<Contract> {
        read(name, self.dataset.as_deref())
    }

    fn contracts(&self) -> Result<(Vec<Change>, (String, String))> {
        let catalogue = crate::catalogue::load::load(&self.checks)?;
        let (old, new) = (self.read(&self.old)?, self.read(&self.new)?);
        let changes = contracts(&old, &new, &catalogue);
        Ok((changes, (old.file.text.clone(), new.file.text.clone())))
    }
}

/// Whether a side is a contract: by its ending, or a file that another tool's form shows in.
fn is_contract(name: &str) -> bool {
    let other = |ending: &str| Path::new(name).extension().is_some_and(|e| e == ending);
    revision::is_contract(name)
        || ((other("json") || other("dqdl"))
            && crate::config::source_file(Path::new(name))
                .is_ok_and(|f| Form::detect(&f).is_ok_and(|form| form != Form::Native)))
}

/// Reads a contract by name, native or in another tool's form; every problem in it is reported.
///
/// Of a file with several datasets the one called `dataset` is read.
fn read(name: &str, dataset: Option<&str>) -> Result<Contract> {
    let file = revision::text(name, Path::new(""))?;
    let mut problems = Problems::default();
    let mut read = match Form::detect(&file) {
        Ok(form) if form != Form::Native => {
            let imported = import::import(&file, Some(form)).map_err(Error::Config)?;
            let draft = imported.choose(dataset, None).map_err(|help| {
                Error::Usage(format!("{name}: {help}; name one of them with --dataset"))
            })?;
            import::contract(&imported, draft, &file, &mut problems)
        }
        _ => contract::read(&file, &mut problems),
    };
    if let Some(contract) = &mut read {
        // Sets of a tollgate.yaml are not known here; those of files are.
        contract.resolve(&mut Library::default(), &mut problems);
    }
    match read {
        Some(contract) if problems.0.is_empty() => Ok(contract),
        _ if file.text.lines().any(|l| l.starts_with("datasets:")) => Err(Error::Usage(format!(
            "{name} is a configuration; name one of the contracts that it lists"
        ))),
        _ => Err(Error::Config(problems.0)),
    }
}

fn against_data(
    contract: &Contract,
    path: &str,
    side: Side,
) -> Result<(Vec<Change>, (String, String))> {
    let found = look(contract, path)?;
    let changes = data::against(contract, &found, side);
    let (promised, seen) = (
        data::contract_lines(contract),
        data::found_lines(&found, contract),
    );
    let texts = match side {
        Side::Old => (promised, seen),
        Side::New => (seen, promised),
    };
    Ok((changes, texts))
}

/// Counts the nulls of every column, as a run of the contract would read them.
fn look(contract: &Contract, path: &str) -> Result<Found> {
    let options = SourceOptions {
        types: contract.types(),
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(path, Path::new(""), &options)?;
    let all = dataset.columns().iter();
    let wanted: Vec<_> = all.map(|f| (f.clone(), Wants::COUNTS)).collect();
    let profile = profile(&dataset, &wanted, &|_| ())?;
    let columns = dataset.columns().iter().zip(&profile.columns);
    Ok(Found {
        schema: dataset.schema().clone(),
        columns: columns
            .map(|(f, c)| (f.clone(), c.counters.nulls))
            .collect(),
        rows: profile.rows,
    })
}
