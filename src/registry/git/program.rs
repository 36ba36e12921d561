//! The `git` program, called without a shell and without questions.

use crate::context::check_interrupt;
use crate::registry::{Answer, Trouble};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time that a call may take.
const LONGEST: Duration = Duration::from_mins(5);

/// Characters of git's words that a message shows at most.
const SHOWN: usize = 240;

/// A checkout, and the program that reads it.
#[derive(Debug, Clone)]
pub(super) struct Git {
    pub(super) checkout: PathBuf,
}

/// What a call said.
pub(super) struct Said {
    /// Whether it exited with 0.
    pub(super) fine: bool,
    /// Standard output.
    pub(super) out: Vec<u8>,
    /// What it complains of, in one line, without secrets.
    pub(super) complaint: String,
}

impl Git {
    /// Calls git; `given` is its standard input.
    ///
    /// Errors: there is no git, or it does not come to its end in time.
    pub(super) fn call(&self, words: &[&str], given: &[u8]) -> Answer<Said> {
        let io = |e: std::io::Error| Trouble::Broken(format!("git cannot be called: {e}"));
        let [mut input, mut output, mut errors] = [
            tempfile::tempfile().map_err(io)?,
            tempfile::tempfile().map_err(io)?,
            tempfile::tempfile().map_err(io)?,
        ];
        input.write_all(given).map_err(io)?;
        input.rewind().map_err(io)?;
        let mut command = Command::new("git");
        command
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-C"])
            .arg(&self.checkout)
            .args(words)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(output.try_clone().map_err(io)?))
            .stderr(Stdio::from(errors.try_clone().map_err(io)?));
        // A hook of git that calls us has set them, and they would win over the checkout.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        let mut child = command.spawn().map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Trouble::Unreached("there is no program `git`; install it".to_owned())
            }
            _ => io(e),
        })?;
        let fine = ended(&mut child)?;
        let mut out = Vec::new();
        output.rewind().map_err(io)?;
        output.read_to_end(&mut out).map_err(io)?;
        let mut said = Vec::new();
        errors.rewind().map_err(io)?;
        errors.read_to_end(&mut said).map_err(io)?;
        Ok(Said {
            fine,
            out,
            complaint: complaint(&String::from_utf8_lossy(&said)),
        })
    }

    /// As [`Git::call`]; a call that fails is a trouble.
    pub(super) fn done(&self, words: &[&str], given: &[u8]) -> Answer<Vec<u8>> {
        let said = self.call(words, given)?;
        if said.fine {
            return Ok(said.out);
        }
        Err(trouble(&said.complaint))
    }
}

/// What a complaint of git's means for somebody who only reads.
pub(super) fn trouble(complaint: &str) -> Trouble {
    if is_forbidden(complaint) {
        return Trouble::Refused(complaint.to_owned());
    }
    Trouble::Unreached(complaint.to_owned())
}

/// Whether a complaint says that we may not.
pub(super) fn is_forbidden(complaint: &str) -> bool {
    let lower = complaint.to_ascii_lowercase();
    let words = [
        "permission",
        "denied",
        "authentication failed",
        "could not read username",
        "could not read password",
        "error: 401",
        "error: 403",
        "not allowed",
        "forbidden",
    ];
    words.iter().any(|w| lower.contains(w))
}

/// Waits for the end, and does not wait when the user presses Ctrl-C.
fn ended(child: &mut Child) -> Answer<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => {}
            Err(e) => return Err(Trouble::Unknown(format!("git cannot be waited for: {e}"))),
        }
        let late = start.elapsed() > LONGEST;
        let interrupted = check_interrupt().is_err();
        if late || interrupted {
            // It may have ended a moment ago, which is as good.
            let _ = child.kill();
            let _ = child.wait();
            return Err(if interrupted {
                Trouble::Interrupted
            } else {
                let seconds = LONGEST.as_secs();
                Trouble::Unknown(format!("git has not come to its end after {seconds} s"))
            });
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// The lines that say why, in one, without user and password in addresses.
fn complaint(said: &str) -> String {
    let starts = ["fatal:", "error:", "remote:", "ERROR:", "! "];
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let tells = |l: &str| starts.iter().any(|s| l.starts_with(s)) || is_forbidden(l);
    let telling = lines.iter().filter(|l| tells(l));
    let telling: Vec<&str> = telling.copied().collect();
    let chosen = if telling.is_empty() { lines } else { telling };
    let text = without_users(&chosen.join("; "));
    crate::report::text::short(&format!("git says: {text}"), SHOWN)
}

/// An address without user and password.
pub(super) fn without_users(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find("://") {
        let (before, after) = rest.split_at(place + 3);
        kept.push_str(before);
        let end = after.find(|c: char| c == '/' || c.is_whitespace() || c == '\'');
        let host = &after[..end.unwrap_or(after.len())];
        rest = match host.rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_git_hold_no_secret() {
        let said = "To https://u:top@h/x\nfatal: unable to access 'https://me:top-secret@h.example/a.git/': no\n";
        let told = complaint(said);
        assert_eq!(
            told,
            "git says: fatal: unable to access 'https://h.example/a.git/': no"
        );
        assert_eq!(without_users("ssh://git@h/x and b"), "ssh://h/x and b");
        assert_eq!(without_users("origin"), "origin");
    }

    #[test]
    fn no_permission_is_told_from_no_connection() {
        for said in [
            "fatal: unable to access 'https://h/': The requested URL returned error: 403",
            "git@h: Permission denied (publickey).",
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
        ] {
            assert!(matches!(trouble(said), Trouble::Refused(_)), "{said}");
        }
        let gone = "fatal: '/gone' does not appear to be a git repository";
        assert!(matches!(trouble(gone), Trouble::Unreached(_)));
    }
}
