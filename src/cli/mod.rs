//! The command line: one file per command; here the options that all share, the exit code and the printing.

mod after;
mod baseline;
mod checks;
mod completions;
mod diff;
mod docs;
mod doctor;
mod explain;
mod export;
mod foreign;
mod history;
mod import;
mod init;
mod key;
mod lint;
mod man;
mod merge;
mod notify;
mod output;
mod plan;
mod plan_models;
mod plan_power;
mod profile;
mod promote;
mod report;
mod rollback;
mod run;
mod schema;
mod sign;
mod stale;
mod status;
mod target;
mod test;
mod verify;

use crate::ci::{System, Variables};
use crate::context::{Context, Progress};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand, ValueEnum};
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// The version, and whether ONNX files are run.
const VERSION: &str = if crate::model::source::onnx::BUILT {
    concat!(env!("CARGO_PKG_VERSION"), " (with onnx)")
} else {
    concat!(env!("CARGO_PKG_VERSION"), " (without onnx)")
};

/// A quality gate for data and models in CI.
#[derive(Parser)]
#[command(
    version = VERSION,
    after_help = "Exit codes: 0 pass or warn, 1 the gate failed, 2 usage or configuration, 3 could not \
evaluate, 4 nothing was evaluated, 5 refused, 6 inconclusive, 130 interrupted."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Global {
    /// When to use colour; `NO_COLOR` and `CLICOLOR_FORCE` count too.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    /// Print the last line only, and no progress.
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Infer a contract per dataset and write tollgate.yaml.
    Init(init::Args),
    /// Compare two contracts, or a contract with data; breaking changes exit 1.
    Diff(diff::Args),
    /// Turn a contract of another tool into a native one, and say what could not be kept.
    Import(import::Args),
    /// Write a contract in another tool's form, and say what that form cannot express.
    Export(export::Args),
    /// Check the datasets of a configuration and write the reports.
    Run(run::Args),
    /// Look for mistakes in configurations, contracts and check files, without any data.
    Lint(lint::Args),
    /// Show what a run would measure, without reading a row.
    Plan(plan::Args),
    /// Render a run record again, without the data.
    Report(report::Args),
    /// Show what is in a dataset, column by column.
    Profile(profile::Args),
    /// Merge saved profiles into the profile of all their rows.
    Merge(merge::Args),
    /// Move a registry's alias to a candidate, on the evidence of a run.
    Promote(promote::Args),
    /// Move a registry's alias back to the version before.
    Rollback(rollback::Args),
    /// List past runs, show a number over them, mark incidents.
    History(history::Args),
    /// Make a static site from records of runs: what fails and since when, trends, promotions, a feed.
    Status(status::Args),
    /// Accept, show and compare the baseline of a model.
    Baseline(baseline::Args),
    /// Make and show the keys that sign evidence.
    Key(key::Args),
    /// Sign a run record: an in-toto statement of its data, models and reports.
    Sign(sign::Args),
    /// Verify who signed a run or a promotion, and that its files are the same.
    Verify(verify::Args),
    /// Look at what a run will find around it: CI system, configuration, data, servers, clock; say how to mend it.
    Doctor(doctor::Args),
    /// List the checks.
    Checks(checks::Args),
    /// Explain one check: parameters, meaning, examples.
    Explain(explain::Args),
    /// Run the examples of every built-in check and of the given check files.
    Test(test::Args),
    /// Print the JSON Schema of tollgate.yaml, contracts, check files or run records.
    Schema(schema::Args),
    /// Write the generated pages and schemas of the repository again.
    #[command(hide = true)]
    Docs(docs::Args),
    /// Print the completion script of a shell.
    Completions(completions::Args),
    /// Print the manual page of the program or of a command (roff).
    Man(man::Args),
}

impl Cli {
    /// Runs the command and returns the exit code; messages go to stderr.
    #[must_use]
    pub fn execute(self) -> u8 {
        match self.global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let handler = ctrlc::set_handler(|| {
            if crate::context::interrupt() {
                std::process::abort();
            }
        });
        drop(handler);
        match self.command.execute(self.global) {
            Ok(code) => code,
            Err(error) => {
                let text = match &error {
                    Error::Config(list) => list
                        .iter()
                        .map(|d| d.render() + "\n")
                        .collect::<Vec<_>>()
                        .join("\n"),
                    other => format!("error: {other}\n"),
                };
                let text = crate::report::text::safe_block(&text);
                drop(anstream::stderr().write_all(text.as_bytes()));
                error.exit_code()
            }
        }
    }
}

impl Command {
    fn execute(self, global: Global) -> Result<u8> {
        match self {
            Self::Init(args) => args.execute(global),
            Self::Diff(args) => args.execute(global),
            Self::Import(args) => args.execute(),
            Self::Export(args) => args.execute(),
            Self::Run(args) => args.execute(global),
            Self::Lint(args) => args.execute(),
            Self::Plan(args) => args.execute(),
            Self::Report(args) => args.execute(),
            Self::Profile(args) => args.execute(global),
            Self::Merge(args) => args.execute(global),
            Self::Promote(args) => args.execute(global),
            Self::Rollback(args) => args.execute(global),
            Self::History(args) => args.execute(global),
            Self::Status(args) => args.execute(global),
            Self::Baseline(args) => args.execute(),
            Self::Key(args) => args.execute(),
            Self::Sign(args) => args.execute(),
            Self::Verify(args) => args.execute(),
            Self::Doctor(args) => args.execute(global),
            Self::Checks(args) => args.execute(),
            Self::Explain(args) => args.execute(),
            Self::Test(args) => args.execute(),
            Self::Schema(args) => args.execute(),
            Self::Docs(args) => args.execute(),
            Self::Completions(args) => args.execute(),
            Self::Man(args) => args.execute(),
        }
    }
}

/// The surroundings of a command, from its options and the CI's variables.
pub(crate) fn context(now: Option<DateTime<Utc>>, seed: u64, global: Global) -> Context {
    let drawn =
        !global.quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    let variables = Variables::of_process();
    let commit = System::detect(&variables).and_then(|s| variables.get(s.commit()));
    let named = ["GITHUB_SHA", "CI_COMMIT_SHA"];
    let commit = commit.or_else(|| named.iter().find_map(|name| variables.get(name)));
    Context {
        now: now.unwrap_or_else(Utc::now),
        seed,
        commit: commit.map(str::to_owned),
        progress: if drawn {
            Progress::Shown
        } else {
            Progress::Hidden
        },
    }
}

/// Writes a line for people on stderr; a reader that went away is not an error.
pub(crate) fn tell(line: &str) {
    let text = crate::report::text::safe_block(&format!("{line}\n"));
    drop(anstream::stderr().write_all(text.as_bytes()));
}

/// Prints text on stdout; a reader that went away is not an error.
///
/// Errors: [`Error::Io`].
pub(crate) fn print(text: &str) -> Result<()> {
    if STDOUT_IS_LEFT.load(Ordering::Relaxed) {
        return write_all(text, anstream::stderr());
    }
    write_all(text, anstream::stdout())
}

/// Whether standard output is a report's, so that nothing else is printed there.
static STDOUT_IS_LEFT: AtomicBool = AtomicBool::new(false);

/// Leaves standard output to a report: from now on everything else is printed on stderr.
pub(crate) fn leave_stdout() {
    STDOUT_IS_LEFT.store(true, Ordering::Relaxed);
}

/// Prints a report on stdout as it is, to which it was left.
///
/// Errors: [`Error::Io`].
pub(crate) fn print_report(text: &str) -> Result<()> {
    write_all(text, std::io::stdout())
}

/// Prints lines of a CI system as they are, with escape sequences that would be taken out of other text.
///
/// Errors: [`Error::Io`].
pub(crate) fn print_raw(text: &str) -> Result<()> {
    if STDOUT_IS_LEFT.load(Ordering::Relaxed) {
        return write_all(text, std::io::stderr());
    }
    write_all(text, std::io::stdout())
}

fn write_all(text: &str, mut out: impl std::io::Write) -> Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", "stdout", error))
        }
        _ => Ok(()),
    }
}
