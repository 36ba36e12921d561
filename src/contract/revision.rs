//! Contracts by name: a file, or `REV:path`, which git keeps.

use crate::config::source_file;
use crate::diagnostic::SourceFile;
use crate::error::{Error, Result};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Reads the text that `name` stands for, relative to `base`.
///
/// A file of that name wins; else `REV:path` is asked of git, with `path` relative to `base` or to the top of the
/// repository. Errors: those of [`source_file`]; [`Error::Data`] with git's own reason, or when there is no git.
pub fn text(name: &str, base: &Path) -> Result<Arc<SourceFile>> {
    let path = base.join(name);
    match name.split_once(':') {
        Some((rev, inner)) if !path.exists() && is_revision(rev) => show(name, rev, inner, base),
        _ => source_file(&path),
    }
}

/// Whether `name` is, or may be, a contract: by its ending.
#[must_use]
pub fn is_contract(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|e| e.to_str());
    ending.is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
}

/// A drive letter is no revision, nor is what git would take for an option.
fn is_revision(rev: &str) -> bool {
    rev.len() > 1 && !rev.starts_with('-')
}

fn show(name: &str, rev: &str, path: &str, base: &Path) -> Result<Arc<SourceFile>> {
    let near = git(name, &format!("{rev}:./{path}"), base)?;
    let bytes = match near {
        Ok(bytes) => bytes,
        Err(reason) => git(name, &format!("{rev}:{path}"), base)?
            .map_err(|_| Error::data("read", name, reason))?,
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to() + 1;
        Error::data("read", name, format!("it is not UTF-8 (byte {at})"))
    })?;
    Ok(Arc::new(SourceFile {
        path: name.to_owned(),
        text: text
            .strip_prefix('\u{feff}')
            .unwrap_or(&text)
            .replace("\r\n", "\n"),
    }))
}

/// What `git show` prints, or its reason in one line.
fn git(name: &str, object: &str, base: &Path) -> Result<std::result::Result<Vec<u8>, String>> {
    let mut command = Command::new("git");
    if !base.as_os_str().is_empty() {
        command.arg("-C").arg(base);
    }
    let output = command.args(["show", object]).output().map_err(|e| {
        let reason = if e.kind() == std::io::ErrorKind::NotFound {
            "there is no `git` on the PATH; install git, or name a file".to_owned()
        } else {
            format!("git did not start: {e}")
        };
        Error::data("read", name, reason)
    })?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    let first = reason.lines().next().unwrap_or("git failed");
    Ok(Err(first.trim_start_matches("fatal: ").to_owned()))
}
