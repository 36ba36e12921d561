//! A command that writes predictions: run where the configuration lies, with a time limit and few variables.

use crate::context::check_interrupt;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// Variables that programs need to be found and to start; all others must be named.
const ALWAYS: [&str; 8] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
];

/// Bytes at the end of what a command said that an error shows at most.
const TAIL: u64 = 2_000;

/// Lines of them.
const LINES: usize = 8;

/// Longest time between two looks at a running command.
const LOOK: Duration = Duration::from_millis(50);

/// A command that writes predictions.
#[derive(Clone)]
pub struct Command {
    /// Program and arguments; no shell reads them. A program with a `/` is looked for from `folder` on.
    pub words: Vec<String>,
    /// Where it runs: the configuration's folder.
    pub folder: PathBuf,
    /// The file that it writes, from `folder` on.
    pub output: PathBuf,
    /// Longest time that it may run.
    pub timeout: Duration,
    /// Variables that it gets besides those that every program needs. Their values are not shown.
    pub variables: Vec<(String, String)>,
}

/// Values of variables are secret.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} in {}", self.words, self.folder.display())
    }
}

/// What a command wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The file.
    pub path: PathBuf,
    /// `sha256:` and the digest of its bytes.
    pub digest: String,
    /// How long the command ran.
    pub took: Duration,
}

/// Runs a command and looks at what it wrote. A file that was there before and was not written again is not its output.
///
/// It reads nothing from standard input; what it says is shown when it fails, without the values of its variables.
/// When its time is over, or the user presses Ctrl-C, it is killed with all that it started (on Unix).
/// Errors: [`Error::Usage`] for no words; [`Error::Data`] when it cannot be started, fails, takes too long or writes nothing;
/// [`Error::Interrupted`].
pub fn run(command: &Command) -> Result<Output> {
    let name = command.words.join(" ");
    let fail = |reason: String| Error::data("run", crate::report::text::short(&name, 200), reason);
    let Some((program, arguments)) = command.words.split_first() else {
        return Err(Error::Usage(
            "a command has at least one word, its program".to_owned(),
        ));
    };
    let path = command.folder.join(&command.output);
    let before = written(&path);
    let said = || tempfile::tempfile().map_err(|e| Error::io("write", std::env::temp_dir(), e));
    let (mut errors, mut output) = (said()?, said()?);
    let clone = |file: &File| file.try_clone().map_err(|e| fail(e.to_string()));
    let mut process = prepared(command, program);
    process
        .args(arguments)
        .stdout(clone(&output)?)
        .stderr(clone(&errors)?);
    let start = Instant::now();
    let child = process
        .spawn()
        .map_err(|e| fail(format!("`{program}` cannot be started: {e}")))?;
    let status = wait(child, command.timeout)?;
    let mut told = || {
        let tail = tail(&mut errors).or_else(|| tail(&mut output));
        tail.map_or_else(String::new, |t| {
            format!("; it said: {}", hidden(t, &command.variables))
        })
    };
    match status {
        None => {
            let seconds = command.timeout.as_secs_f64();
            return Err(fail(format!("it was stopped after {seconds} s{}", told())));
        }
        Some(status) if !status.success() => {
            return Err(fail(format!("it ended with {status}{}", told())));
        }
        Some(_) => {}
    }
    let took = start.elapsed();
    let shown = command.output.display();
    match written(&path) {
        None => Err(fail(format!(
            "it ended well and did not write {shown}{}",
            told()
        ))),
        after if after == before => Err(fail(format!(
            "it ended well and left {shown} as it was before{}",
            told()
        ))),
        Some(_) => Ok(Output {
            digest: digest_of(&path)?,
            path,
            took,
        }),
    }
}

/// The process with its folder and its few variables.
fn prepared(command: &Command, program: &str) -> std::process::Command {
    let always = ALWAYS.iter();
    let always = always.filter_map(|n| std::env::var_os(n).map(|v| (n, v)));
    let mut process = std::process::Command::new(found(program, &command.folder));
    process
        .current_dir(folder(command))
        .env_clear()
        .envs(always)
        .envs(command.variables.iter().map(|(n, v)| (n, v)))
        .stdin(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut process, 0);
    process
}

/// A program with a `/` in it is meant from the folder on; others are looked for in `PATH`.
fn found(program: &str, folder: &Path) -> PathBuf {
    if program.contains('/') && !Path::new(program).is_absolute() {
        let path = folder.join(program);
        return path.canonicalize().unwrap_or(path);
    }
    PathBuf::from(program)
}

fn folder(command: &Command) -> &Path {
    if command.folder == Path::new("") {
        Path::new(".")
    } else {
        &command.folder
    }
}

/// When a file was written and how large it is; `None` when there is none.
fn written(path: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    Some((about.modified().ok()?, about.len()))
}

/// The status at the end; `None` when the time is over first.
fn wait(mut child: Child, timeout: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut look = Duration::from_millis(1);
    loop {
        let ended = child
            .try_wait()
            .map_err(|e| Error::data("wait for", "a command", e))?;
        if ended.is_some() {
            return Ok(ended);
        }
        let interrupted = check_interrupt();
        if interrupted.is_err() || start.elapsed() >= timeout {
            stop(&mut child);
            return interrupted.map(|()| None);
        }
        std::thread::sleep(look);
        look = (look * 2).min(LOOK);
    }
}

/// Kills a command with its group, which is all that it started.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    {
        let group = format!("-{}", child.id());
        let _ = std::process::Command::new("kill")
            .args(["-KILL", "--", &group])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    // where that did not reach it; an error says that it has ended
    let _ = child.kill();
    let _ = child.wait();
}

/// The last lines of what was said, joined; `None` when nothing was.
fn tail(file: &mut File) -> Option<String> {
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.is_empty())
        .collect();
    let last = lines[lines.len().saturating_sub(LINES)..].join(" | ");
    (!last.is_empty()).then_some(last)
}

/// The text in one line without the values of variables.
fn hidden(mut text: String, variables: &[(String, String)]) -> String {
    for (_, value) in variables.iter().filter(|(_, v)| v.len() >= 4) {
        text = text.replace(value.as_str(), "***");
    }
    crate::report::text::line(&text)
}

fn digest_of(path: &Path) -> Result<String> {
    use sha2::{Digest, Sha256};
    let fail = |e| Error::data("read", path.display().to_string(), e);
    let mut file = File::open(path).map_err(fail)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(fail)?;
        if read == 0 {
            let hex = crate::report::text::hex(&hasher.finalize());
            return Ok(format!("sha256:{hex}"));
        }
        hasher.update(&buffer[..read]);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::model::source::digest;

    fn shell(folder: &Path, script: &str) -> Command {
        Command {
            words: ["sh", "-c", script].map(str::to_owned).to_vec(),
            folder: folder.to_owned(),
            output: PathBuf::from("p.csv"),
            timeout: Duration::from_secs(20),
            variables: vec![("TOKEN".to_owned(), "hush-hush".to_owned())],
        }
    }

    #[test]
    fn what_it_writes_is_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let script = "test -z \"$CARGO_MANIFEST_DIR\" && echo \"$TOKEN\" > p.csv";
        let output = run(&shell(folder.path(), script)).unwrap();
        assert_eq!(
            std::fs::read_to_string(&output.path).unwrap(),
            "hush-hush\n"
        );
        assert_eq!(output.digest, digest(b"hush-hush\n"));
        std::fs::write(folder.path().join("own"), "#!/bin/sh\necho 2 > p.csv\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path().join("own"), mode).unwrap();
        let mut own = shell(folder.path(), "");
        own.words = vec!["./own".to_owned()];
        assert_eq!(run(&own).unwrap().digest, digest(b"2\n"));
    }

    #[test]
    fn every_failure_is_told_with_what_it_said_and_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.csv"), "stale").unwrap();
        for (script, said) in [
            (
                "echo no \"$TOKEN\" >&2; exit 3",
                "exit status: 3; it said: no ***",
            ),
            ("echo out; exit 1", "it said: out"),
            ("kill -9 $$", "signal: 9"),
            ("true", "left p.csv as it was before"),
            ("rm p.csv", "did not write p.csv"),
            ("rm -f p.csv; mkdir -p p.csv", "did not write p.csv"),
        ] {
            let told = run(&shell(folder.path(), script)).unwrap_err().to_string();
            assert!(
                told.contains(said) && !told.contains("hush-hush >"),
                "{script}: {told}"
            );
            let after = told.split("it said").nth(1).unwrap_or_default();
            assert!(!after.contains("hush-hush"), "{told}");
        }
        let mut none = shell(folder.path(), "");
        none.words = vec!["no-such-program".to_owned()];
        let told = run(&none).unwrap_err().to_string();
        assert!(told.contains("cannot be started"), "{told}");
        none.words.clear();
        assert!(matches!(run(&none), Err(Error::Usage(_))));
    }

    #[test]
    fn a_command_that_takes_too_long_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let script = "(sleep 600; echo) & echo $! > child; echo started >&2; sleep 600";
        let mut slow = shell(folder.path(), script);
        slow.timeout = Duration::from_millis(700);
        let told = run(&slow).unwrap_err().to_string();
        assert!(
            told.contains("stopped after 0.7 s; it said: started"),
            "{told}"
        );
        let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
        let alive = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
            stat.is_ok_and(|s| !s.contains(") Z "))
        };
        for _ in 0..100 {
            if !alive() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{child} is alive");
    }
}
