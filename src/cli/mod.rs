//! The command line: one function per command.

use crate::catalogue::{self, Check};
use crate::context::{Context, Progress};
use crate::error::{EXIT_PASS, Error, Result};
use crate::record::Run;
use crate::report::{self, Format};
use crate::verdict::FailOn;
use chrono::{DateTime, Utc};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

/// A quality gate for data and models in CI.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 pass or warn, 1 the gate failed, 2 usage or configuration, 3 could not \
evaluate, 4 nothing was evaluated, 6 inconclusive, 130 interrupted."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the datasets of a configuration and write the reports.
    Run {
        /// The configuration.
        #[arg(default_value = "tollgate.yaml")]
        config: PathBuf,
        /// Folder for report.html, report.md and run.json.
        #[arg(long, default_value = "tollgate-report")]
        output: PathBuf,
        /// Clock of the run, RFC 3339; the same clock and data give the same bytes.
        #[arg(long)]
        now: Option<DateTime<Utc>>,
        /// What makes the exit code 1.
        #[arg(long, value_enum, default_value_t = FailOnArg::Error)]
        fail_on: FailOnArg,
        /// Print the last line only.
        #[arg(long)]
        quiet: bool,
    },
    /// Show what a run would measure, without reading a row.
    Plan {
        /// The configuration.
        #[arg(default_value = "tollgate.yaml")]
        config: PathBuf,
    },
    /// Render a run record again, without the data.
    Report {
        /// A run.json.
        run: PathBuf,
        /// terminal, json, markdown, html, junit, sarif or github.
        #[arg(long, default_value = "terminal")]
        format: String,
    },
    /// List the checks.
    Checks,
    /// Print the completion script of a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff).
    Man,
    /// Explain one check: parameters, meaning, examples.
    Explain {
        /// Its id.
        check: String,
    },
    /// Run the examples of every built-in check and of the given check files.
    Test {
        /// Check files or folders.
        checks: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOnArg {
    Error,
    Warn,
    Never,
}

impl Cli {
    /// Runs the command and returns the exit code; messages go to stderr.
    #[must_use]
    pub fn execute(self) -> u8 {
        let handler = ctrlc::set_handler(|| {
            if crate::context::interrupt() {
                std::process::abort();
            }
        });
        drop(handler);
        match self.command.execute() {
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
                drop(anstream::stderr().write_all(report::text::safe_block(&text).as_bytes()));
                error.exit_code()
            }
        }
    }
}

impl Command {
    fn execute(self) -> Result<u8> {
        match self {
            Self::Run {
                config,
                output,
                now,
                fail_on,
                quiet,
            } => {
                let fail_on = match fail_on {
                    FailOnArg::Error => FailOn::Error,
                    FailOnArg::Warn => FailOn::Warn,
                    FailOnArg::Never => FailOn::Never,
                };
                let run = crate::run::run(&config, &context(now), fail_on)?;
                write_reports(&run, &config, &output)?;
                let text = report::render(&run, Format::Terminal);
                let last = text.lines().last().unwrap_or_default();
                print(&if quiet { format!("{last}\n") } else { text })?;
                Ok(run.verdict.exit_code)
            }
            Self::Plan { config } => plan(&config),
            Self::Report { run, format } => {
                let format = Format::parse(&format).ok_or_else(|| {
                    let names = Format::ALL.iter().map(|f| f.name());
                    Error::Usage(crate::diagnostic::listing(
                        &format!("no format `{format}`; formats"),
                        &format,
                        names,
                    ))
                })?;
                print(&report::render(&report::read_run(&run)?, format)).map(|()| EXIT_PASS)
            }
            Self::Checks => {
                let catalogue = catalogue::load::load(&[])?;
                let lines = catalogue
                    .checks
                    .iter()
                    .map(|c| format!("{:<22} {}\n", c.id, c.summary));
                print(&lines.collect::<String>()).map(|()| EXIT_PASS)
            }
            Self::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "tollgate", &mut script);
                print(&String::from_utf8_lossy(&script)).map(|()| EXIT_PASS)
            }
            Self::Man => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Cli::command())
                    .render(&mut page)
                    .map_err(|e| Error::io("write", "the manual page", e))?;
                print(&String::from_utf8_lossy(&page)).map(|()| EXIT_PASS)
            }
            Self::Explain { check } => {
                let catalogue = catalogue::load::load(&[])?;
                let found = catalogue.check(&check).ok_or_else(|| {
                    Error::Usage(crate::diagnostic::listing(
                        &format!("no check `{check}`; checks"),
                        &check,
                        catalogue.ids(),
                    ))
                })?;
                print(&explain(found)).map(|()| EXIT_PASS)
            }
            Self::Test { checks } => {
                let (text, failed) = crate::selftest::test(&catalogue::load::load(&checks)?)?;
                print(&text)?;
                Ok(if failed == 0 {
                    EXIT_PASS
                } else {
                    crate::error::EXIT_FAIL
                })
            }
        }
    }
}

fn context(now: Option<DateTime<Utc>>) -> Context {
    Context {
        now: now.unwrap_or_else(Utc::now),
        seed: 0,
        commit: std::env::var("GITHUB_SHA")
            .or_else(|_| std::env::var("CI_COMMIT_SHA"))
            .ok(),
        progress: Progress::Hidden,
    }
}

fn write_reports(run: &Run, config: &std::path::Path, output: &std::path::Path) -> Result<()> {
    for (name, format) in [
        ("report.html", Format::Html),
        ("report.md", Format::Markdown),
        ("run.json", Format::Json),
    ] {
        report::write(&output.join(name), &report::render(run, format))?;
    }
    for (format, path) in crate::config::load(config)?.reports {
        report::write(&path, &report::render(run, format))?;
    }
    Ok(())
}

fn plan(path: &std::path::Path) -> Result<u8> {
    let config = crate::config::load(path)?;
    let catalogue = catalogue::load::load(&config.checks)?;
    let datasets = crate::run::open(&config)?;
    let plan = crate::run::plan(&config, &catalogue, &datasets, &context(None))?;
    let mut text = String::new();
    for part in &plan.datasets {
        let bytes: u64 = datasets[&part.config.name]
            .files()
            .iter()
            .map(|f| f.bytes)
            .sum();
        writeln!(
            text,
            "{}: {} columns, {bytes} bytes in its files",
            part.config.name,
            part.schema.fields.len()
        )
        .expect("writing to a String cannot fail");
        for planned in &part.expectations {
            writeln!(text, "  {}  {:?}", planned.id, planned.measure)
                .expect("writing to a String cannot fail");
        }
    }
    print(&report::text::safe_block(&text)).map(|()| EXIT_PASS)
}

fn explain(check: &Check) -> String {
    let mut text = format!("{}: {}\n\nParameters\n", check.id, check.summary);
    for param in &check.params {
        let default = param
            .default
            .as_ref()
            .map_or_else(String::new, |d| format!(" (default {})", d.value));
        writeln!(
            text,
            "  {:<14} {:<10} {}{default}",
            param.name,
            param.kind.word(),
            param.doc
        )
        .expect("writing to a String cannot fail");
    }
    writeln!(text, "\n{}\nExamples", check.doc.trim_end())
        .expect("writing to a String cannot fail");
    for example in &check.examples {
        writeln!(text, "  {}: {}", example.name, example.status.word())
            .expect("writing to a String cannot fail");
    }
    text
}

fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", "stdout", error))
        }
        _ => Ok(()),
    }
}
