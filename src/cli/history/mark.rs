//! `tollgate history mark`: what a person says of a run.

use crate::cli::print;
use crate::diagnostic::unknown;
use crate::error::{EXIT_PASS, Error, Result};
use crate::history::line::{HISTORY_SCHEMA_VERSION, Line, Mark, MarkLine};
use crate::history::{History, PastRun};
use crate::report::text::{line, safe_block};
use chrono::{DateTime, Utc};
use clap::ValueEnum;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Id of the run as `tollgate history list` shows it, or its beginning.
    run: String,
    /// What it is to count as.
    #[arg(value_enum)]
    mark: MarkArg,
    /// Why, for those who come later.
    #[arg(long)]
    reason: String,
    /// Who says so.
    #[arg(long)]
    by: Option<String>,
    /// The dataset, where the beginning of an id names runs of several.
    #[arg(long)]
    dataset: Option<String>,
    /// Clock of the mark, RFC 3339.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum MarkArg {
    /// Something was wrong with the batch: later runs do not learn from it.
    Incident,
    /// The batch was right, or is the new normal: later runs learn from it.
    Ordinary,
}

impl Args {
    pub(super) fn execute(self, history: &History) -> Result<u8> {
        if self.reason.trim().is_empty() {
            return Err(Error::Usage("--reason is empty; say why".to_owned()));
        }
        let (dataset, run) = self.find(history)?;
        let mark = match self.mark {
            MarkArg::Incident => Mark::Incident,
            MarkArg::Ordinary => Mark::Ordinary,
        };
        let line_of_mark = MarkLine {
            version: HISTORY_SCHEMA_VERSION.to_owned(),
            run: run.run.clone(),
            mark,
            reason: self.reason,
            by: self.by,
            at: self.now.unwrap_or_else(Utc::now),
        };
        history.append(&dataset, &Line::Mark(line_of_mark))?;
        let said = format!(
            "{} of {}: {}, was {}\n",
            line(&run.run),
            line(&dataset),
            mark.word(),
            run.night.standing.word()
        );
        print(&safe_block(&said)).map(|()| EXIT_PASS)
    }

    /// The one run that is meant, with its dataset.
    fn find(&self, history: &History) -> Result<(String, PastRun)> {
        let mut datasets = history.datasets()?;
        if let Some(wanted) = &self.dataset {
            if !datasets.contains(wanted) {
                let names = datasets.iter().map(String::as_str);
                return Err(Error::Usage(unknown("dataset", wanted, names)));
            }
            datasets.retain(|name| name == wanted);
        }
        let mut all = Vec::new();
        for dataset in datasets {
            let runs = history.read(&dataset)?.runs;
            all.extend(runs.into_iter().map(|run| (dataset.clone(), run)));
        }
        let called = |(_, run): &&(String, PastRun)| run.is_called(&self.run);
        let found: Vec<&(String, PastRun)> = all.iter().filter(called).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => {
                let ids = all.iter().rev().map(|(_, run)| run.run.as_str());
                Err(Error::Usage(unknown("run", &self.run, ids)))
            }
            _ => {
                let ids = found
                    .iter()
                    .take(5)
                    .map(|(name, run)| format!("{} of {name}", run.run));
                let ids = ids.collect::<Vec<_>>().join(", ");
                Err(Error::Usage(format!(
                    "`{}` begins the ids of {} runs: {ids}; give more of the id, or --dataset",
                    self.run,
                    found.len()
                )))
            }
        }
    }
}
