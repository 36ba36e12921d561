//! `tollgate run`: the gate.

use super::output::Outputs;
use super::promote::AfterRun;
use super::sign::{self, Around, Rendered, Signing};
use super::{Global, after, context, output, print, print_raw, tell};
use crate::ci::{self, Comment, Ending, System, Telling, Variables};
use crate::config::Recording;
use crate::context::{Context, check_interrupt};
use crate::engine::embedded::store::Store;
use crate::error::{EXIT_PASS, Error, Result};
use crate::evidence::PrivateKey;
use crate::only::Only;
use crate::promote::{Promotion, Promotions};
use crate::record::{Outcome, Run, Status};
use crate::report::{self, Format};
use crate::run::Asked;
use crate::verdict::FailOn;
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(default_value = "tollgate.yaml")]
    config: PathBuf,
    /// Folder for report.html, report.md and run.json (default: tollgate-report), or one more report: FORMAT=PATH.
    ///
    /// Give it again for more reports. The path `-` is standard output: then everything else that is printed, the
    /// verdict's line too, goes to stderr. Formats: json, jsonl, html, markdown, markdown-summary, markdown-comment, junit,
    /// sarif, github, gitlab, ctrf, openlineage, openmetrics.
    #[arg(long, value_name = "DIR|FORMAT=PATH")]
    output: Vec<OsString>,
    /// CI system that is told how the run ended: its annotations, summary, variables and files.
    ///
    /// `auto` finds it by its variables, the variable `TOLLGATE_CI` names it where this option does not.
    #[arg(long, value_enum, default_value_t = CiArg::Auto, value_name = "SYSTEM")]
    ci: CiArg,
    /// Comment on the pull request, in GitHub Actions: `sticky` writes one and changes it from run to run.
    ///
    /// Needs `GITHUB_TOKEN` with `pull-requests: write`. Where it may not write, a notice says so and the verdict stays.
    #[arg(long, value_enum, default_value_t = CommentArg::Off)]
    comment: CommentArg,
    /// Clock of the run, RFC 3339; the same clock and data give the same bytes.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
    /// Seed for everything that draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for good and bad rows: DIR/<dataset>/good.parquet and bad.parquet.
    ///
    /// A row is bad when it breaks an expectation of severity `error` that counts rows and is not waived; the column
    /// `tollgate_reasons` of the bad rows names every expectation they break. All columns are written as they are,
    /// those marked `pii` too: guard the folder like the data. Costs one more scan of every dataset.
    #[arg(long, value_name = "DIR")]
    quarantine: Option<PathBuf>,
    /// Folder that keeps what was measured by the content of the files; an unchanged dataset is not read again.
    ///
    /// It holds values: keep it where the data may be kept. What nothing asked for in 90 days is removed.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Do not add this run to the history that the configuration names: for data that is not the next batch, as before a
    /// merge.
    #[arg(long)]
    no_record: bool,
    /// Only this check: its name, the id of a promise, a pattern of either with `*` and `?`, or DATASET/COLUMN/CHECK.
    ///
    /// Give it again for more. The report says what was left out; such a run is not added to the history. Drift is
    /// compared only where a check of drift is named, as by `drift_*`.
    #[arg(long, value_name = "CHECK")]
    only: Vec<String>,
    /// Only this dataset; give it again for more.
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// Only datasets whose contract, sets or configuration changed since the branch left this git revision.
    ///
    /// Files that git does not know yet count as changed; a change of the configuration or of your own checks is one of
    /// every dataset. Exit code 4 when no dataset is touched: nothing was evaluated.
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// What makes the exit code 1.
    #[arg(long, value_enum, default_value_t = FailOnArg::Error)]
    fail_on: FailOnArg,
    #[command(flatten)]
    signing: Signing,
    /// Move the registry's alias where the run passes and a model's `promote` allows it, as `tollgate promote` does.
    ///
    /// The exit code is 5 where the run passes and the alias is not moved.
    #[arg(long)]
    promote: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOnArg {
    /// Broken promises of severity `error`.
    Error,
    /// Warnings too.
    Warn,
    /// Nothing; what could not be evaluated still exits 3 or 4.
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CiArg {
    /// The one that the variables tell, if any.
    Auto,
    Github,
    Gitlab,
    Azure,
    Jenkins,
    Buildkite,
    Bitbucket,
    Circleci,
    /// None, whatever the variables say.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CommentArg {
    /// None.
    Off,
    /// One for each configuration.
    Sticky,
}

/// A run that was judged, and its reports.
pub(super) struct Judged {
    pub(super) run: Run,
    /// As the checkout has its places; absent where they are already.
    placed: Option<Run>,
    digest: String,
    pub(super) written: Vec<(Format, PathBuf)>,
    /// The reports as they were written, where they are signed.
    pub(super) texts: Vec<Rendered>,
    /// What is said of the signature, where there is one.
    pub(super) signed: Option<String>,
    /// The key that signs, where there is one.
    pub(super) key: Option<PrivateKey>,
}

/// What reports are written with.
struct Writing<'a> {
    config: &'a Path,
    system: Option<System>,
    now: DateTime<Utc>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let variables = Variables::of_process();
        let system = self.system(&variables)?;
        let context = context(self.now, self.seed, global);
        let outputs = output::parse(&self.output);
        if outputs.as_ref().is_ok_and(Outputs::takes_stdout) {
            super::leave_stdout();
        }
        let folder = match &outputs {
            Ok(outputs) => outputs.folder.clone(),
            Err(_) => PathBuf::from(output::FOLDER),
        };
        let mut result = outputs.and_then(|outputs| {
            let around = (system, &variables);
            let result = self.gate(&context, &outputs, around);
            self.remove_earlier(result.as_ref().err(), &outputs, system);
            result
        });
        // The system is told of the promotion as well, so that comes before anything is printed.
        let promoted = self.promoted(result.as_ref().ok(), &folder, &context, global);
        let after = self.after(&mut result, &folder, &context);
        let told = self.tell(
            (&result, &promoted, after.as_ref()),
            system,
            &variables,
            (&folder, &context),
        );
        print_raw(&told.before)?;
        told.notes
            .iter()
            .for_each(|note| tell(&format!("note: {note}")));
        let judged = match result {
            Ok(judged) => judged,
            Err(error) => return self.unable(error, context.now),
        };
        let registry = |o: &&Outcome| o.check == "model_promotion" && o.status == Status::Error;
        let unread = judged.run.unread();
        for outcome in unread.chain(judged.run.outcomes.iter().filter(registry)) {
            let reason = outcome.message.strip_prefix("Not evaluated: ");
            let reason = reason.unwrap_or(&outcome.message).trim_end_matches('.');
            tell(&format!("error: {reason}"));
        }
        if let Some(signed) = judged.signed.as_ref().filter(|_| !global.quiet) {
            tell(signed);
        }
        let text = report::screen(&judged.run, Some(&folder.join("report.html")));
        let body = text.trim_end_matches('\n').rsplit_once('\n');
        let (body, last) = body.unwrap_or(("", text.trim_end()));
        if !global.quiet && !body.is_empty() {
            print(&format!("{body}\n"))?;
        }
        if let Ok(Some(promoted)) = &promoted {
            print(&promoted.text)?;
        }
        print_raw(&told.after)?;
        super::notify::tell_run(&self.config, &judged.run, context.now);
        print(&format!("{last}\n"))?;
        Ok(promoted?.map_or(judged.run.verdict.exit_code, |p| p.code))
    }

    /// Ends a run that could not be evaluated; the error itself is told by who called.
    fn unable(&self, error: Error, now: DateTime<Utc>) -> Result<u8> {
        super::notify::tell_unable(&self.config, &error, now);
        print("verdict: error\n")?;
        Err(error)
    }

    /// What became of the promotion of a run that passed, where it is asked for.
    fn promoted(
        &self,
        judged: Option<&Judged>,
        folder: &Path,
        context: &Context,
        global: Global,
    ) -> Result<Option<AfterRun>> {
        let passed = judged.is_some_and(|j| j.run.verdict.exit_code == EXIT_PASS);
        if !self.promote || !passed {
            return Ok(None);
        }
        let run = folder.join("run.json");
        super::promote::after_run(&self.config, &run, context, global).map(Some)
    }

    /// What became of the promotion, where one was asked for; the reports that people read say so then. Where they cannot be
    /// written, a note says so: what happened to the alias has happened, and is still to be told.
    fn after(
        &self,
        result: &mut Result<Judged>,
        folder: &Path,
        context: &Context,
    ) -> Option<Promotions> {
        let judged = result.as_mut().ok().filter(|_| self.promote)?;
        let run = folder.join("run.json");
        let bytes = std::fs::read(&run).ok()?;
        let after = after::beside(&run, &bytes)?;
        let base = self.config.parent().unwrap_or(Path::new(""));
        let around = Around {
            output: folder,
            base,
            now: context.now,
        };
        if let Err(error) = judged.written_after(&after, &around) {
            tell(&format!(
                "note: not every report says what became of the promotion, promotion.json does: {error}"
            ));
        }
        Some(after)
    }

    /// Leaves no report of an earlier run where this one, which could not be evaluated, writes none. Nothing is removed where
    /// the command line is wrong, but for a configuration that is not there, or somebody stopped the run.
    fn remove_earlier(&self, error: Option<&Error>, outputs: &Outputs, system: Option<System>) {
        match error {
            None | Some(Error::Interrupted) => return,
            Some(Error::Usage(_)) if self.config.exists() => return,
            Some(_) => {}
        }
        let config = crate::config::load(&self.config).ok();
        let removed = super::target::remove_earlier(config.as_ref(), outputs, system);
        if removed > 0 {
            let files = report::words::counted(removed as u64, "file");
            tell(&format!(
                "note: {files} of an earlier run removed, because nothing is known of this one"
            ));
        }
    }

    /// Runs the gate, writes its reports and what it leaves to later runs.
    fn gate(
        &self,
        context: &Context,
        outputs: &Outputs,
        (system, variables): (Option<System>, &Variables),
    ) -> Result<Judged> {
        let fail_on = match self.fail_on {
            FailOnArg::Error => FailOn::Error,
            FailOnArg::Warn => FailOn::Warn,
            FailOnArg::Never => FailOn::Never,
        };
        self.folders_are_apart()?;
        let key = self.signing.key()?;
        let store = self.state.as_deref().map(Store::open).transpose()?;
        let store = store.map(Arc::new);
        let only = Only {
            checks: self.only.clone(),
            datasets: self.dataset.clone(),
            changed_since: self.changed_since.clone(),
        };
        let asked = Asked {
            fail_on,
            quarantine: self.quarantine.as_deref(),
            store: store.as_ref(),
            record: if self.no_record {
                Recording::Never
            } else {
                Recording::Always
            },
        };
        let (run, left) = crate::run::run_part(&self.config, context, &asked, &only)?;
        if let Some(store) = &store {
            store.prune();
        }
        check_interrupt()?;
        let started = std::env::current_dir().unwrap_or_default();
        let placed = system.and_then(|s| ci::placed(&run, s, variables, &started));
        let mut judged = Judged {
            run,
            placed,
            digest: String::new(),
            written: Vec::new(),
            texts: Vec::new(),
            signed: None,
            key,
        };
        let writing = Writing {
            config: &self.config,
            system,
            now: context.now,
        };
        judged.write(outputs, &writing)?;
        left.append()?;
        Ok(judged)
    }

    /// The CI system that is told, if any: the one that is named, else the one that the variables tell.
    fn system(&self, variables: &Variables) -> Result<Option<System>> {
        let name = match (self.ci, variables.get("TOLLGATE_CI")) {
            (CiArg::Auto, Some(name)) => name.to_owned(),
            (ci, _) => {
                let value = ci.to_possible_value();
                value.map_or_else(String::new, |v| v.get_name().to_owned())
            }
        };
        match name.as_str() {
            "auto" => Ok(System::detect(variables)),
            "none" => Ok(None),
            name => System::parse(name).map(Some).ok_or_else(|| {
                let known = System::ALL.iter().map(|(system, _)| system.name());
                let known = known.chain(["auto", "none"]);
                Error::Usage(format!(
                    "TOLLGATE_CI: {}",
                    crate::diagnostic::unknown("CI system", name, known)
                ))
            }),
        }
    }

    /// Tells the CI system how the run ended.
    fn tell(
        &self,
        (result, promoted, after): (
            &Result<Judged>,
            &Result<Option<AfterRun>>,
            Option<&Promotions>,
        ),
        system: Option<System>,
        variables: &Variables,
        (folder, context): (&Path, &Context),
    ) -> ci::Told {
        let sticky = self.comment == CommentArg::Sticky;
        let Some(system) = system else {
            let note =
                "no comment was written: there is no GitHub Actions around the run".to_owned();
            return ci::Told {
                notes: if sticky { vec![note] } else { Vec::new() },
                ..ci::Told::default()
            };
        };
        let (code, moved) = match promoted {
            Ok(Some(promoted)) => (Some(promoted.code), Some(promoted.moved)),
            Ok(None) => (None, self.promote.then_some(false)),
            Err(error) => {
                // Where it is not known, or not finished, nothing is said of it.
                let open = after.is_some_and(|a| a.promotions.iter().any(Promotion::is_open));
                (Some(error.exit_code()), (!open).then_some(false))
            }
        };
        let ending = match result {
            Ok(judged) => Ending::Judged {
                after,
                run: judged.placed.as_ref().unwrap_or(&judged.run),
                code: code.unwrap_or(judged.run.verdict.exit_code),
                promoted: moved,
                digest: &judged.digest,
                written: &judged.written,
            },
            Err(error) => Ending::Unable(error),
        };
        let started = std::env::current_dir().unwrap_or_default();
        ci::tell(&Telling {
            system,
            variables,
            ending,
            comment: if sticky {
                Comment::Sticky
            } else {
                Comment::Off
            },
            config: &self.config.display().to_string(),
            folder,
            started: &started,
            now: context.now.timestamp(),
        })
    }
}

impl Judged {
    /// Writes every report, then the envelope where there is a key; keeps what was written.
    fn write(&mut self, outputs: &Outputs, around: &Writing) -> Result<()> {
        let config = crate::config::load(around.config)?;
        let targets = super::target::targets(&config, &self.run, outputs, around.system)?;
        let envelope = sign::envelope(&outputs.folder);
        if let (Some(_), Some(clash)) = (&self.key, super::target::at(&targets, &envelope)) {
            return Err(Error::Usage(format!(
                "the {} report at {} would be replaced by the signature; nothing was written; give the report another path",
                clash.format.name(),
                clash.path.display()
            )));
        }
        if self.key.is_none() && super::target::at(&targets, &envelope).is_none() {
            super::target::remove_signature(&outputs.folder);
        }
        let mut written = Vec::new();
        for target in &targets {
            let beside_code = matches!(
                target.format,
                Format::Sarif | Format::Junit | Format::Gitlab | Format::Github
            );
            let placed = self.placed.as_ref().filter(|_| beside_code);
            let text = report::render(placed.unwrap_or(&self.run), target.format);
            if output::is_stdout(&target.path) {
                super::print_report(&text)?;
                continue;
            }
            report::write(&target.path, &text)?;
            if target.format == Format::Json {
                self.digest = report::text::hex(&Sha256::digest(&text));
            }
            self.written.push((target.format, target.path.clone()));
            let path = target.path.clone();
            written.push(Rendered { path, text });
        }
        let (of, folder) = ((&self.run, &targets[..]), &outputs.folder);
        super::target::remove_promotions(&config, of, folder, &self.digest);
        let beside = Around {
            output: &outputs.folder,
            base: config.base.as_path(),
            now: around.now,
        };
        let signed = self
            .key
            .as_ref()
            .map(|key| sign::sign_run(&self.run, &written, &beside, key));
        self.signed = signed.transpose()?;
        if self.key.is_some() {
            self.texts = written;
        }
        Ok(())
    }
}

impl Args {
    /// Nothing is written where the next run would read it as data.
    fn folders_are_apart(&self) -> Result<()> {
        let config = crate::config::load(&self.config)?;
        let history = config.history.as_ref();
        let history = history.map(|h| config.base.join(&h.folder.path));
        let written = [
            ("--quarantine", &self.quarantine),
            ("--state", &self.state),
            ("history", &history),
        ];
        for (option, folder) in written {
            if let Some(folder) = folder {
                super::target::is_apart(&config, option, folder)?;
            }
        }
        Ok(())
    }
}
