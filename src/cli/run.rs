//! `tollgate run`: the gate.

use super::sign::{self, Around, Rendered, Signing};
use super::{Global, context, print};
use crate::config::Recording;
use crate::context::{Context, check_interrupt};
use crate::engine::embedded::store::Store;
use crate::error::{EXIT_PASS, Error, Result};
use crate::evidence::PrivateKey;
use crate::only::Only;
use crate::record::Run;
use crate::report;
use crate::run::Asked;
use crate::verdict::FailOn;
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(default_value = "tollgate.yaml")]
    config: PathBuf,
    /// Folder for report.html, report.md and run.json.
    #[arg(long, default_value = "tollgate-report")]
    output: PathBuf,
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

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let fail_on = match self.fail_on {
            FailOnArg::Error => FailOn::Error,
            FailOnArg::Warn => FailOn::Warn,
            FailOnArg::Never => FailOn::Never,
        };
        self.folders_are_apart()?;
        let key = self.signing.key()?;
        let context = context(self.now, self.seed, global);
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
        let (run, left) = crate::run::run_part(&self.config, &context, &asked, &only)?;
        if let Some(store) = &store {
            store.prune();
        }
        check_interrupt()?;
        let signed = write_reports(&run, &self.config, &self.output, key.as_ref(), context.now)?;
        let text = report::screen(&run, Some(&self.output.join("report.html")));
        let code = run.verdict.exit_code;
        left.append()?;
        if let Some(signed) = signed.filter(|_| !global.quiet) {
            super::tell(&signed);
        }
        let last = text.lines().last().unwrap_or_default();
        let before = text.strip_suffix(&format!("{last}\n")).unwrap_or_default();
        if !global.quiet {
            print(before)?;
        }
        let promoted = self.promoted(code, &context, global);
        if let Ok(Some((text, _))) = &promoted {
            print(text)?;
        }
        print(&format!("{last}\n"))?;
        Ok(promoted?.map_or(code, |(_, code)| code))
    }

    /// What became of the promotion of a run that passed, where it is asked for.
    fn promoted(
        &self,
        code: u8,
        context: &Context,
        global: Global,
    ) -> Result<Option<(String, u8)>> {
        if !self.promote || code != EXIT_PASS {
            return Ok(None);
        }
        let run = self.output.join("run.json");
        super::promote::after_run(&self.config, &run, context, global).map(Some)
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

/// Writes every report, then the envelope where there is a key; returns what is said of that.
fn write_reports(
    run: &Run,
    config: &Path,
    output: &Path,
    key: Option<&PrivateKey>,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let config = crate::config::load(config)?;
    let targets = super::target::targets(&config, run, output)?;
    let envelope = sign::envelope(output);
    if let (Some(_), Some(clash)) = (key, super::target::at(&targets, &envelope)) {
        return Err(Error::Usage(format!(
            "the {} report at {} would be replaced by the signature; nothing was written; give the report another path",
            clash.format.name(),
            clash.path.display()
        )));
    }
    let mut written = Vec::new();
    for target in targets {
        let text = report::render(run, target.format);
        report::write(&target.path, &text)?;
        let path = target.path;
        written.push(Rendered { path, text });
    }
    let base = config.base.as_path();
    let around = Around { output, base, now };
    key.map(|key| sign::sign_run(run, &written, &around, key))
        .transpose()
}
