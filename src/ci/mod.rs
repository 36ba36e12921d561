//! What a run tells the CI system that it runs in: summary, annotations, variables for later steps, files, a comment.
//!
//! Every decision about a CI system is made here, so that a pipeline only calls the program. Nothing here changes the
//! verdict: what a system does not accept becomes a note on stderr, and the exit code stays that of the run.

mod azure;
mod buildkite;
mod comment;
mod files;
mod github;
mod gitlab;
mod place;
mod unable;
mod variables;

pub use comment::Comment;
pub use files::extra;
pub use place::placed;
pub use variables::Variables;

use crate::error::Error;
use crate::promote::Promotions;
use crate::record::Run;
use crate::report::Format;
use std::path::{Path, PathBuf};

/// A CI system whose own outputs are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// GitHub Actions.
    Github,
    /// GitLab CI/CD.
    Gitlab,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
    /// Buildkite.
    Buildkite,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// `CircleCI`.
    Circleci,
}

impl System {
    /// Every system, with the variable that it sets in every job.
    ///
    /// Source: the systems' own lists of predefined variables (from memory).
    pub const ALL: &[(Self, &str)] = &[
        (Self::Github, "GITHUB_ACTIONS"),
        (Self::Gitlab, "GITLAB_CI"),
        (Self::Azure, "TF_BUILD"),
        (Self::Buildkite, "BUILDKITE"),
        (Self::Bitbucket, "BITBUCKET_BUILD_NUMBER"),
        (Self::Circleci, "CIRCLECI"),
        // Agents of other systems may inherit it from a server that they share a machine with.
        (Self::Jenkins, "JENKINS_URL"),
    ];

    /// The system that a job runs in; absent outside all of them.
    #[must_use]
    pub fn detect(variables: &Variables) -> Option<Self> {
        let mut all = Self::ALL.iter();
        let found = all.find(|(_, name)| {
            let value = variables.get(name);
            value.is_some_and(|v| !v.eq_ignore_ascii_case("false"))
        });
        found.map(|(system, _)| *system)
    }

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Azure => "azure",
            Self::Jenkins => "jenkins",
            Self::Buildkite => "buildkite",
            Self::Bitbucket => "bitbucket",
            Self::Circleci => "circleci",
        }
    }

    /// Reads the name; `None` when it is none of [`Self::ALL`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().map(|(system, _)| *system);
        all.find(|s| s.name() == name)
    }

    /// The variable that holds the commit under test.
    #[must_use]
    pub fn commit(self) -> &'static str {
        match self {
            Self::Github => "GITHUB_SHA",
            Self::Gitlab => "CI_COMMIT_SHA",
            Self::Azure => "BUILD_SOURCEVERSION",
            Self::Jenkins => "GIT_COMMIT",
            Self::Buildkite => "BUILDKITE_COMMIT",
            Self::Bitbucket => "BITBUCKET_COMMIT",
            Self::Circleci => "CIRCLE_SHA1",
        }
    }

    /// The variable that holds the folder of the checkout, which paths of annotations are relative to.
    #[must_use]
    pub fn checkout(self) -> &'static str {
        match self {
            Self::Github => "GITHUB_WORKSPACE",
            Self::Gitlab => "CI_PROJECT_DIR",
            Self::Azure => "BUILD_SOURCESDIRECTORY",
            Self::Jenkins => "WORKSPACE",
            Self::Buildkite => "BUILDKITE_BUILD_CHECKOUT_PATH",
            Self::Bitbucket => "BITBUCKET_CLONE_DIR",
            Self::Circleci => "CIRCLE_WORKING_DIRECTORY",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// It was judged, and these reports were written.
    Judged {
        /// The record, with places as the checkout has them.
        run: &'a Run,
        /// Exit code, after the promotion too.
        code: u8,
        /// Whether aliases lead to the candidates now; absent where no promotion was asked for.
        promoted: Option<bool>,
        /// SHA-256 of run.json, lower-case hexadecimal.
        digest: &'a str,
        /// Format and path of every report, as given.
        written: &'a [(Format, PathBuf)],
        /// What became of its promotion, where that is known.
        after: Option<&'a Promotions>,
    },
    /// It could not be evaluated; no report is there.
    Unable(&'a Error),
}

/// What is told, and where.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// The system.
    pub system: System,
    /// Its variables.
    pub variables: &'a Variables,
    /// How the run ended.
    pub ending: Ending<'a>,
    /// Whether a comment is written.
    pub comment: Comment,
    /// The configuration as named: it tells one gate of a pipeline from another.
    pub config: &'a str,
    /// Folder of the reports.
    pub folder: &'a Path,
    /// Folder that the program was started in.
    pub started: &'a Path,
    /// Clock of the run, seconds since 1970.
    pub now: i64,
}

/// What a system was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Raw lines for stdout before the report of the terminal; may hold commands and escape sequences of the system.
    pub before: String,
    /// Raw lines for stdout between that report and its last line.
    pub after: String,
    /// Notes for stderr: what the system did not accept.
    pub notes: Vec<String>,
}

/// Tells the system: writes its files, calls its programs, and returns the lines that belong on stdout.
///
/// Nothing that is asked for here can fail the run; what did not work is in the notes.
#[must_use]
pub fn tell(telling: &Telling) -> Told {
    let sticky = telling.comment == Comment::Sticky;
    match telling.system {
        System::Github => {
            let mut told = github::tell(telling);
            if sticky {
                comment::put(telling, &mut told);
            }
            told
        }
        _ if sticky => {
            let mut told = tell(&Telling {
                comment: Comment::Off,
                ..*telling
            });
            let name = telling.system.name();
            told.notes
                .push(format!("no comment was written: {name} has none"));
            told
        }
        System::Gitlab => gitlab::tell(telling),
        System::Azure => azure::tell(telling),
        System::Buildkite => buildkite::tell(telling),
        System::Jenkins | System::Bitbucket | System::Circleci => Told::default(),
    }
}

/// Tells later steps of a job one thing more: in the file of outputs of GitHub Actions, or as a raw line for Azure
/// Pipelines, which is returned. Other systems have no way for it.
///
/// Errors: why the file cannot be written; a system that nobody knows.
pub fn output(variables: &Variables, name: &str, value: &str) -> Result<String, String> {
    let system = match variables.get("TOLLGATE_CI") {
        None | Some("auto") => System::detect(variables),
        Some("none") => None,
        Some(name) => {
            let system = System::parse(name);
            Some(system.ok_or_else(|| format!("TOLLGATE_CI: no CI system `{name}`"))?)
        }
    };
    match system {
        Some(System::Github) => github::add_output(variables, name, value).map(|()| String::new()),
        Some(System::Azure) => Ok(azure::output(name, value)),
        _ => Ok(String::new()),
    }
}

impl Telling<'_> {
    /// What later steps may want to know, by name: words, numbers, digests and paths.
    ///
    /// Of a run that could not be evaluated the verdict is `error`, the counts are 0 and the paths empty.
    #[must_use]
    pub fn outputs(&self) -> Vec<(&'static str, String)> {
        let (word, code, counts) = match self.ending {
            Ending::Judged { run, code, .. } => {
                let c = &run.verdict.counts;
                let counts = [c.pass, c.warn, c.fail];
                (run.verdict.status.word(), code, counts)
            }
            Ending::Unable(error) => ("error", error.exit_code(), [0; 3]),
        };
        let path = |format: Format| match self.ending {
            Ending::Judged { written, .. } => written
                .iter()
                .find(|(f, _)| *f == format)
                .map_or_else(String::new, |(_, path)| path.display().to_string()),
            Ending::Unable(_) => String::new(),
        };
        let digest = match self.ending {
            Ending::Judged { digest, .. } => format!("sha256:{digest}"),
            Ending::Unable(_) => String::new(),
        };
        let [passed, warned, failed] = counts.map(|n| n.to_string());
        let promoted = match self.ending {
            Ending::Judged { promoted, .. } => promoted,
            Ending::Unable(_) => None,
        };
        let mut outputs = vec![
            ("verdict", word.to_owned()),
            ("exit-code", code.to_string()),
            ("passed", passed),
            ("warned", warned),
            ("failed", failed),
            ("report-html", path(Format::Html)),
            ("report-json", path(Format::Json)),
            ("report-sarif", path(Format::Sarif)),
            ("report-junit", path(Format::Junit)),
            ("run-digest", digest),
        ];
        outputs.extend(promoted.map(|is| ("promoted", is.to_string())));
        outputs
    }

    /// The run in one format of Markdown, or why there is none.
    fn markdown(&self, format: Format) -> String {
        match self.ending {
            Ending::Judged { run, after, .. } => crate::report::render_after(run, after, format),
            Ending::Unable(error) => unable::markdown(error, self.config),
        }
    }

    /// The path of a file that the user wrote, as the checkout has it.
    fn beside(&self, file: &str) -> String {
        place::beside(self.system, self.variables, self.started, file)
    }

    /// A name for the gate that is the same in every run of it: 12 hexadecimal digits of the configuration's path in the
    /// checkout, so that jobs in different folders, each with its `tollgate.yaml`, do not take each other's comment.
    fn id(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(self.beside(self.config));
        crate::report::text::hex(&digest)[..12].to_owned()
    }
}

/// The name of an output as a variable: `exit-code` is `TOLLGATE_EXIT_CODE`.
fn variable(name: &str) -> String {
    format!("TOLLGATE_{}", name.to_ascii_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_told_to_the_system_that_is_named_or_found() {
        let said = |pairs: &[(&str, &str)]| {
            let variables: Variables = pairs.iter().copied().collect();
            output(&variables, "promoted", "true")
        };
        let azure = ("TF_BUILD", "True");
        assert!(said(&[azure]).unwrap().contains("TOLLGATE_PROMOTED"));
        assert_eq!(said(&[azure, ("TOLLGATE_CI", "none")]), Ok(String::new()));
        let wrong = said(&[azure, ("TOLLGATE_CI", "azrue")]).unwrap_err();
        assert!(wrong.contains("no CI system `azrue`"), "{wrong}");
    }

    #[test]
    fn gates_of_two_folders_have_different_names() {
        let variables: Variables = [("GITHUB_WORKSPACE", "/w")].into_iter().collect();
        let error = Error::Interrupted;
        let id = |started: &str, config: &str| {
            let telling = Telling {
                system: System::Github,
                variables: &variables,
                ending: Ending::Unable(&error),
                comment: Comment::Off,
                config,
                folder: Path::new("out"),
                started: Path::new(started),
                now: 0,
            };
            telling.id()
        };
        assert_ne!(id("/w/a", "tollgate.yaml"), id("/w/b", "tollgate.yaml"));
        assert_eq!(id("/w/a", "tollgate.yaml"), id("/w", "a/tollgate.yaml"));
        assert_eq!(id("/w", "tollgate.yaml"), id("/w", "/w/tollgate.yaml"));
    }
}
