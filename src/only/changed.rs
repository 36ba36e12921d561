//! `--changed-since REV`: the datasets whose contract, sets, configuration or own checks changed, by git.

use crate::config::Config;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names of the datasets whose files differ from where the branch left `rev`, in the working tree as it is; files that
/// git does not know yet count as changed.
///
/// `tollgate.yaml` and users' own checks belong to every dataset.
///
/// Errors: [`Error::Usage`] where there is no git, no repository, no such revision or no common ancestor, and for a
/// file outside the repository.
pub(super) fn datasets(config: &Config, rev: &str) -> Result<Vec<String>> {
    let base = if config.base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &config.base
    };
    let changed = files(rev, base)?;
    let inside = |path: &Path| relative(path, &changed.top, rev);
    let touched = |path: &Path| -> Result<bool> {
        let path = inside(path)?;
        let mut all = changed.names.iter();
        Ok(all.any(|name| Path::new(name).starts_with(&path)))
    };
    let mut common = vec![PathBuf::from(&config.file.path)];
    common.extend(config.checks.iter().cloned());
    for path in &common {
        if touched(path)? {
            return Ok(config.datasets.iter().map(|d| d.name.clone()).collect());
        }
    }
    let mut found = Vec::new();
    for dataset in &config.datasets {
        let mut any = false;
        for path in &dataset.files {
            any |= touched(path)?;
        }
        if any {
            found.push(dataset.name.clone());
        }
    }
    Ok(found)
}

struct Changed {
    /// The top of the repository, resolved.
    top: PathBuf,
    /// Changed files, relative to it.
    names: Vec<String>,
}

fn files(rev: &str, base: &Path) -> Result<Changed> {
    let top = git(base, &["rev-parse", "--show-toplevel"])?.map_err(|reason| {
        usage(
            rev,
            &format!(
                "{} is in no git repository ({reason}); run it in a checkout, or leave it out",
                base.display()
            ),
        )
    })?;
    let top = String::from_utf8_lossy(&top)
        .trim_end_matches('\n')
        .to_owned();
    let top = std::fs::canonicalize(&top).map_err(|e| Error::io("read", &top, e))?;
    let commit = format!("{rev}^{{commit}}");
    let known = if rev.starts_with('-') {
        Err(String::new())
    } else {
        git(base, &["rev-parse", "--verify", "--quiet", &commit])?
    };
    if known.is_err() {
        let way = way_out(base)?;
        return Err(usage(
            rev,
            &format!("git knows no revision of that name{way}"),
        ));
    }
    let diff = [
        "diff",
        "--merge-base",
        "--name-only",
        "--no-renames",
        "-z",
        rev,
        "--",
    ];
    let diff = git(&top, &diff)?;
    let diff = match diff {
        Ok(diff) => diff,
        Err(reason) => {
            let way = way_out(base)?;
            return Err(usage(
                rev,
                &format!("git cannot compare with it ({reason}){way}"),
            ));
        }
    };
    let new = ["ls-files", "--others", "--exclude-standard", "-z"];
    let new = git(&top, &new)?
        .map_err(|reason| usage(rev, &format!("git cannot list new files: {reason}")))?;
    let lists = [diff, new].concat();
    let names = String::from_utf8_lossy(&lists);
    let names = names.split('\0').filter(|n| !n.is_empty());
    Ok(Changed {
        top,
        names: names.map(str::to_owned).collect(),
    })
}

/// What to do about history that is not there.
fn way_out(base: &Path) -> Result<&'static str> {
    let shallow = git(base, &["rev-parse", "--is-shallow-repository"])?;
    Ok(match shallow {
        Ok(said) if said.starts_with(b"true") => {
            "; the clone is shallow: fetch its history first, `git fetch --unshallow`, or `fetch-depth: 0` in the checkout step"
        }
        _ => "; name a branch, a tag or a commit that is fetched, such as origin/main",
    })
}

fn relative(path: &Path, top: &Path, rev: &str) -> Result<PathBuf> {
    let full = std::fs::canonicalize(path).map_err(|e| Error::io("read", path, e))?;
    full.strip_prefix(top).map(Path::to_path_buf).map_err(|_| {
        usage(
            rev,
            &format!(
                "{} is outside the git repository, so nobody can tell whether it changed; keep it inside, or leave the option out",
                path.display()
            ),
        )
    })
}

fn usage(rev: &str, why: &str) -> Error {
    Error::Usage(format!("--changed-since {rev}: {why}"))
}

/// What git prints, or its reason in one line; it takes no locks and changes nothing.
fn git(base: &Path, args: &[&str]) -> Result<std::result::Result<Vec<u8>, String>> {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").arg("-C").arg(base);
    let output = command.args(args).output().map_err(|e| {
        let why = if e.kind() == std::io::ErrorKind::NotFound {
            "there is no `git` on the PATH; install git, or leave the option out".to_owned()
        } else {
            format!("git did not start: {e}")
        };
        Error::Usage(format!("--changed-since: {why}"))
    })?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    let first = reason.lines().next().unwrap_or("git failed");
    Ok(Err(first.trim_start_matches("fatal: ").to_owned()))
}
