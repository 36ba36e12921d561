//! `tollgate doctor`: what a run will find around it.

use super::{Global, output, print};
use crate::ci::Variables;
use crate::diagnostic::plural;
use crate::doctor::{Asked, Line, State, examine};
use crate::error::{EXIT_PASS, EXIT_UNREADABLE, Result};
use crate::report::text::{line, safe_block};
use chrono::{DateTime, Utc};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(default_value = "tollgate.yaml")]
    config: PathBuf,
    /// Folder that the reports will be written to.
    #[arg(long, default_value = output::FOLDER)]
    output: PathBuf,
    /// Clock that is held against those of the servers, RFC 3339.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

impl Args {
    pub(crate) fn execute(self, global: Global) -> Result<u8> {
        let variables = Variables::of_process();
        let lines = examine(&Asked {
            config: &self.config,
            output: &self.output,
            variables: &variables,
            now: self.now.unwrap_or_else(Utc::now),
        });
        let bad = lines.iter().filter(|l| l.state == State::Bad).count();
        let last = match bad {
            0 => "doctor: a run will work\n".to_owned(),
            n => format!("doctor: {} to mend\n", plural(n as u64, "problem")),
        };
        if !global.quiet {
            let text: String = lines.iter().map(shown).collect();
            print(&safe_block(&text))?;
        }
        print(&last)?;
        Ok(if bad == 0 { EXIT_PASS } else { EXIT_UNREADABLE })
    }
}

fn shown(found: &Line) -> String {
    let fix = found.fix.as_ref();
    let fix = fix.map_or_else(String::new, |f| format!("      fix: {f}\n"));
    format!(
        "{:<5} {}: {}\n{fix}",
        found.state.word(),
        line(&found.subject),
        line(&found.said)
    )
}
