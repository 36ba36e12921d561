//! `tollgate verify`: whose words they are, and whether the bytes are still those.

use super::history::aligned;
use super::sign::variable;
use super::{print, tell};
use crate::error::{EXIT_PASS, EXIT_REFUSED, EXIT_UNREADABLE, Error, Result};
use crate::evidence::examine::{Places, Seen, State, examine};
use crate::evidence::statement::{NotCovered, RUN_NAME, RunFacts, Verification};
use crate::evidence::{
    Described, Predicate, PublicKey, Refusal, Statement, covers_run, named, run_statement, signed,
    verify,
};
use crate::report::text::{line, safe_block};
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run.json; may be left out where --envelope says what is verified.
    #[arg(required_unless_present = "envelope")]
    run: Option<PathBuf>,
    /// The signed envelope; run.intoto.json beside the run where nothing is said. That of a promotion may stand alone.
    #[arg(long, value_name = "FILE")]
    envelope: Option<PathBuf>,
    /// File with public keys that are trusted; give it again for more. `TOLLGATE_PUBLIC_KEY` holds their text where nothing is
    /// said.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// The configuration where it lies here: paths of data start at its folder. As the run names it where nothing is said.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Refuse also where a file is not here.
    #[arg(long)]
    all: bool,
    /// Look at the files of a run that nobody signed: that shows accidents, and nothing about who wrote them.
    #[arg(long, conflicts_with_all = ["envelope", "public_key"])]
    unsigned: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned text for people.
    Text,
    /// One JSON document.
    Json,
}

/// What is looked at.
struct Subject {
    /// The bytes of the record, where it is given.
    record: Option<Vec<u8>>,
    /// What is said.
    statement: Statement,
    /// Who signed; `None` where nobody did and that was asked for.
    key_id: Option<String>,
}

impl Args {
    pub(crate) fn execute(self) -> Result<u8> {
        let record = self.run.as_deref().map(bytes).transpose()?;
        let subject = match self.subject(record)? {
            Ok(subject) => subject,
            Err(refusal) => {
                tell(&format!("refused: {}", line(&refusal.to_string())));
                return Ok(refusal.exit_code());
            }
        };
        let places = Places {
            run: self.folder(),
            config: self.config.clone(),
            run_bytes: subject.record.clone(),
        };
        let mut seen = examine(&subject.statement, &places)?;
        seen.extend(evidence_of(&subject));
        let (code, reason) = self.judged(&seen);
        print(&match self.format {
            Format::Text => safe_block(&text(&subject, &seen)),
            Format::Json => json(&subject, &seen, code)?,
        })?;
        if let Some(reason) = reason {
            tell(&format!("refused: {reason}"));
        }
        Ok(code)
    }

    /// The envelope's file.
    fn envelope(&self) -> PathBuf {
        let run = self.run.as_deref().unwrap_or(Path::new("run.json"));
        self.envelope.clone().unwrap_or_else(|| signed::beside(run))
    }

    /// The folder of run.json: of the one that is given, else of the envelope.
    fn folder(&self) -> PathBuf {
        let file = self.run.clone().unwrap_or_else(|| self.envelope());
        file.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// What is looked at, or why it is refused.
    ///
    /// Errors: those of reading keys and the envelope; [`Error::Usage`] where no key is named for an envelope that is there.
    fn subject(&self, record: Option<Vec<u8>>) -> Result<std::result::Result<Subject, Refusal>> {
        let envelope = self.envelope();
        if self.unsigned {
            return self.unsigned().map(Ok);
        }
        let shown = |path: &Path| path.display().to_string();
        if let (None, false, Some(run)) = (&self.envelope, envelope.exists(), &self.run) {
            return Ok(Err(Refusal::Unsigned(shown(run), shown(&envelope))));
        }
        let trusted = variable(named::PUBLIC_VARIABLE);
        let keys = named::public_keys(&self.public_key, trusted.as_deref())?;
        if keys.is_empty() {
            return Err(Error::Usage(format!(
                "{} is signed, and no key is named that is trusted: name the public key of who signs with --public-key, or \
                 put it into {}",
                envelope.display(),
                named::PUBLIC_VARIABLE
            )));
        }
        let envelope = signed::envelope_bytes(&envelope)?;
        Ok(verified(&envelope, &keys, record))
    }

    /// The record alone, as the statement that would be signed.
    fn unsigned(&self) -> Result<Subject> {
        let path = self.run.as_deref().unwrap_or(Path::new("run.json"));
        let (run, bytes) = signed::record(path)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let statement = run_statement(&Described {
            run: &run,
            bytes: &bytes,
            file: &file,
            reports: &[],
            url: None,
            at: DateTime::<Utc>::UNIX_EPOCH,
        });
        Ok(Subject {
            record: Some(bytes),
            statement,
            key_id: None,
        })
    }

    /// The exit code, and why it is not 0.
    fn judged(&self, seen: &[Seen]) -> (u8, Option<String>) {
        let names = |word: &str| -> Vec<String> {
            let found = seen.iter().filter(|s| s.state.word() == word);
            found.map(|s| line(&s.name)).collect()
        };
        let (changed, unreadable) = (names("changed"), names("unreadable"));
        let missing = names("not here");
        if !changed.is_empty() {
            let what = format!(
                "changed since the statement was made: {}; take the files that it speaks of, or run and sign again",
                listed(&changed)
            );
            return (EXIT_REFUSED, Some(what));
        }
        if !unreadable.is_empty() {
            let what = format!("cannot be read: {}", listed(&unreadable));
            return (EXIT_UNREADABLE, Some(what));
        }
        if self.all && !missing.is_empty() {
            let what = format!(
                "not here: {}; put the files where the statement names them, name the configuration with --config, or leave \
                 --all out",
                listed(&missing)
            );
            return (EXIT_REFUSED, Some(what));
        }
        (EXIT_PASS, None)
    }
}

/// The bytes of a run record; whether it is one is asked when its signature is known.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| Error::io("read", path, e))
}

/// Reads and holds an envelope against the keys. A record that is not the signed one is told with the other files.
fn verified(
    envelope: &[u8],
    keys: &[PublicKey],
    record: Option<Vec<u8>>,
) -> std::result::Result<Subject, Refusal> {
    let verified = verify(envelope, keys)?;
    let statement = &verified.statement;
    let of_run = matches!(statement.predicate, Predicate::TestResult(_));
    let named = statement.subjects.iter().any(|s| s.name == RUN_NAME);
    if let (Some(bytes), true, false) = (&record, of_run, named) {
        covers_run(statement, bytes)?;
    }
    if let (Some(_), Predicate::Verification(said)) = (&record, &statement.predicate) {
        let run = said.tollgate.as_ref().and_then(|f| f.run_sha256.as_ref());
        if run.is_none() {
            let what = "it is of a promotion, and names no run";
            return Err(Refusal::NotCovered(what.to_owned()));
        }
    }
    Ok(Subject {
        record,
        statement: verified.statement,
        key_id: Some(verified.key_id),
    })
}

/// The run that a promotion rests on, where one is given.
fn evidence_of(subject: &Subject) -> Option<Seen> {
    let Predicate::Verification(said) = &subject.statement.predicate else {
        return None;
    };
    let wanted = said.tollgate.as_ref()?.run_sha256.as_ref()?;
    let state = match &subject.record {
        None => State::NotHere {
            why: "no run.json is given".to_owned(),
        },
        Some(bytes) => {
            let found = signed::digest(bytes);
            if found.eq_ignore_ascii_case(wanted) {
                State::Ok
            } else {
                State::Changed { found }
            }
        }
    };
    let name = "run.json, the evidence of the promotion".to_owned();
    Some(Seen { name, state })
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
        [] => String::new(),
    }
}

fn not_covered(subject: &Subject) -> &[NotCovered] {
    match &subject.statement.predicate {
        Predicate::TestResult(said) => {
            let facts = said.tollgate.as_ref();
            facts.map(|f| f.not_covered.as_slice()).unwrap_or_default()
        }
        Predicate::Verification(_) => &[],
    }
}

fn text(subject: &Subject, seen: &[Seen]) -> String {
    let mut text = head(subject);
    let mut lines: Vec<Vec<String>> = seen
        .iter()
        .map(|s| {
            let why = match &s.state {
                State::Ok => String::new(),
                State::Changed { found } => format!("now {}", line(found)),
                State::NotHere { why } | State::Unreadable { why } => line(why),
            };
            vec![s.state.word().to_owned(), line(&s.name), why]
        })
        .collect();
    for one in not_covered(subject) {
        lines.push(vec![
            "no digest".to_owned(),
            line(&one.name),
            line(&one.why),
        ]);
    }
    text.push_str(&aligned(&lines));
    let count = |word: &str| seen.iter().filter(|s| s.state.word() == word).count();
    let counts = ["ok", "changed", "not here", "unreadable"].map(|w| (count(w), w));
    let counts = counts.iter().filter(|(n, _)| *n > 0);
    let counts: Vec<String> = counts.map(|(n, w)| format!("{n} {w}")).collect();
    text + &counts.join(", ") + "\n"
}

/// Who signed what, in two lines.
fn head(subject: &Subject) -> String {
    let signed = match &subject.key_id {
        Some(id) => format!("signed by key {id}"),
        None => "not signed".to_owned(),
    };
    match &subject.statement.predicate {
        Predicate::TestResult(said) => {
            let result = said.result.word();
            let Some(facts) = &said.tollgate else {
                return format!("{signed}\nresult {result}\n");
            };
            let at = match &subject.key_id {
                Some(_) => format!(" at {}", line(&facts.signed_at)),
                None => String::new(),
            };
            format!("{signed}{at}\n{}, result {result}\n", of_run(facts))
        }
        Predicate::Verification(said) => format!("{signed}\n{}", of_promotion(said)),
    }
}

fn of_run(facts: &RunFacts) -> String {
    let commit = facts.commit.as_ref();
    let commit = commit.map_or_else(String::new, |c| format!(", commit {}", line(c)));
    let part = match facts.left_out.as_slice() {
        [] => String::new(),
        asked => format!(", of a part ({})", line(&asked.join(" "))),
    };
    format!(
        "run of {} by tollgate {}{commit}: verdict {}{part}, exit code {}",
        line(&facts.now),
        line(&facts.version),
        line(&facts.verdict),
        facts.exit_code
    )
}

fn of_promotion(said: &Verification) -> String {
    let properties = line(&said.properties.join(" "));
    let by = format!(
        "verified by {} at {}",
        line(&said.verifier.id),
        line(&said.time_created)
    );
    let moved = said.tollgate.as_ref().map_or_else(String::new, |facts| {
        let from = facts.from.as_ref();
        let from = from.map_or_else(String::new, |f| format!(", which version {} had", line(f)));
        format!(
            "promotion in {}: version {} of {} has {}{from}\n",
            line(&facts.registry),
            line(&facts.to),
            line(&facts.model),
            line(&facts.alias)
        )
    });
    let policies = said.verifier.policies.iter().map(|p| line(&p.name));
    let policies = policies.collect::<Vec<_>>().join(", ");
    let policies = match policies.as_str() {
        "" => String::new(),
        names => format!("policies {names}\n"),
    };
    format!("{moved}{by}\n{policies}properties {properties}\n")
}

/// One JSON document; keys of the statement are as in the statement.
///
/// Errors: none in practice; those of writing JSON.
fn json(subject: &Subject, seen: &[Seen], code: u8) -> Result<String> {
    let fail = |e: serde_json::Error| Error::data("write", "JSON", e);
    let statement = subject.statement.json();
    let statement: serde_json::Value = serde_json::from_str(&statement).map_err(fail)?;
    let document = json!({
        "accepted": code == EXIT_PASS,
        "exit_code": code,
        "key_id": subject.key_id,
        "seen": seen,
        "statement": statement,
    });
    let text = serde_json::to_string_pretty(&document).map_err(fail)?;
    Ok(crate::report::text::json(&text) + "\n")
}
