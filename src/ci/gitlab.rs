//! GitLab CI/CD: a section of the job's log, and variables for later jobs in a file.

use super::{Ending, Telling, Told, variable};
use crate::report::write;

/// Name of the variables' file in the folder of the reports, for `artifacts:reports:dotenv`.
const DOTENV: &str = "tollgate.env";

/// The report of the terminal becomes a section, which is folded where the gate lets the run through.
///
/// Source: "Custom collapsible sections" and "dotenv report" of GitLab's documentation (from memory).
pub(super) fn tell(telling: &Telling) -> Told {
    let mut told = Told::default();
    if let Ending::Judged { run, .. } = telling.ending {
        let (now, id) = (telling.now, telling.id());
        let folded = match run.verdict.exit_code {
            0 => "[collapsed=true]",
            _ => "",
        };
        let word = run.verdict.status.word();
        told.before = format!(
            "\u{1b}[0Ksection_start:{now}:tollgate_{id}{folded}\r\u{1b}[0Ktollgate: {word}\n"
        );
        told.after = format!("\u{1b}[0Ksection_end:{now}:tollgate_{id}\r\u{1b}[0K\n");
    }
    let file = telling.folder.join(DOTENV);
    if let Err(error) = write(&file, &dotenv(telling)) {
        told.notes
            .push(format!("no variables for later jobs: {error}"));
    }
    told
}

/// One `NAME=value` per line; what is empty or has several lines is left out, because the format cannot hold it.
fn dotenv(telling: &Telling) -> String {
    let all = telling.outputs().into_iter();
    let whole = all.filter(|(_, v)| !v.is_empty() && !v.contains(char::is_control));
    let lines = whole.map(|(name, value)| format!("{}={value}\n", variable(name)));
    lines.collect()
}
