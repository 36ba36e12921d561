//! A run that could not be evaluated, told to a CI system.

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::report::text::{clip, code, markdown as safe};
use std::fmt::Write as _;

/// Problems that are listed; the rest is counted.
const SHOWN: usize = 20;
/// Characters of a message.
const MESSAGE: usize = 1_000;

/// One problem: its place, where it has one, and a sentence.
pub(super) struct Problem<'a> {
    /// The place in what the user wrote.
    pub(super) diagnostic: Option<&'a Diagnostic>,
    /// The sentence.
    pub(super) message: String,
}

/// What is wrong, one by one.
pub(super) fn problems(error: &Error) -> Vec<Problem<'_>> {
    let of = |d| Problem {
        message: sentence(d),
        diagnostic: Some(d),
    };
    match error {
        Error::Config(all) => all.iter().map(of).collect(),
        other => vec![Problem {
            diagnostic: None,
            message: clip(&one_line(&other.to_string()), MESSAGE),
        }],
    }
}

/// A message of several lines as one.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ")
}

fn sentence(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_ref();
    let help = help.map_or_else(String::new, |h| format!(" ({h})"));
    clip(&format!("{}{help}", diagnostic.message), MESSAGE)
}

/// A page in Markdown; bounded, and nothing in it is markup of the data's.
pub(super) fn markdown(error: &Error, config: &str) -> String {
    let all = problems(error);
    let mut out = format!("## 🚫 tollgate: error\n\n**{}**\n\n", error.headline());
    for problem in all.iter().take(SHOWN) {
        let place = problem.diagnostic.and_then(|d| d.place.as_ref());
        let place = place.map_or_else(String::new, |p| {
            format!("{}: ", code(&format!("{}:{}", p.file.path, p.line)))
        });
        let text = safe(&problem.message);
        writeln!(out, "- {place}{text}").expect("writing to a String cannot fail");
    }
    if all.len() > SHOWN {
        let more = all.len() - SHOWN;
        writeln!(out, "- and {more} more in the log").expect("writing to a String cannot fail");
    }
    let code = error.exit_code();
    let config = crate::report::text::code(config);
    out + &format!("\n<sub>Exit code {code}, with {config}. No report was written.</sub>\n")
}
