//! Places in files as a CI system wants them: relative to the checkout, wherever the program was started.

use super::{System, Variables};
use crate::record::Run;
use std::path::Path;

/// The folder that the program was started in, relative to the checkout, with `/`; absent where it is the checkout
/// itself, is not in it, or the checkout is not known.
#[must_use]
pub(crate) fn below(system: System, variables: &Variables, started: &Path) -> Option<String> {
    let checkout = Path::new(variables.get(system.checkout())?);
    let rest = if let Ok(rest) = started.strip_prefix(checkout) {
        rest.to_owned()
    } else {
        // One of both may be written through a link.
        let whole = checkout.canonicalize().ok()?;
        let started = started.canonicalize().ok()?;
        started.strip_prefix(whole).ok()?.to_owned()
    };
    let parts: Option<Vec<&str>> = rest.iter().map(|p| p.to_str()).collect();
    let text = parts?.join("/");
    (!text.is_empty()).then_some(text)
}

/// A copy of a run whose places are relative to the checkout, for annotations and reports that a system shows beside the
/// code; absent where the checkout is not known.
#[must_use]
pub fn placed(run: &Run, system: System, variables: &Variables, started: &Path) -> Option<Run> {
    variables.get(system.checkout())?;
    let mut run = run.clone();
    let places = run.outcomes.iter_mut().filter_map(|o| o.location.as_mut());
    for file in places
        .map(|l| &mut l.file)
        .chain([&mut run.provenance.config])
    {
        *file = beside(system, variables, started, file);
    }
    Some(run)
}

/// A path that the user wrote, as the checkout has it; unchanged where it is not in it.
pub(super) fn beside(system: System, variables: &Variables, started: &Path, file: &str) -> String {
    let checkout = variables.get(system.checkout());
    if Path::new(file).is_relative() {
        return match below(system, variables, started) {
            Some(below) => joined(&below, file),
            None => file.to_owned(),
        };
    }
    let rest = checkout.and_then(|c| Path::new(file).strip_prefix(c).ok()?.to_str());
    match rest {
        Some(rest) if !rest.is_empty() => joined("", rest),
        _ => file.to_owned(),
    }
}

/// A path below a folder, without `.` and with `..` taken back where that stays in the checkout.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_checkout() {
        for (folder, path, whole) in [
            ("a/b", "c.yaml", "a/b/c.yaml"),
            ("a/b", "./x/../c.yaml", "a/b/c.yaml"),
            ("a/b", "../../c.yaml", "c.yaml"),
            ("a", "../../c.yaml", "../c.yaml"),
        ] {
            assert_eq!(joined(folder, path), whole);
        }
        let variables: Variables = [("GITHUB_WORKSPACE", "/w/r")].into_iter().collect();
        let below = |started: &str| below(System::Github, &variables, Path::new(started));
        assert_eq!(below("/w/r/a/b").as_deref(), Some("a/b"));
        assert_eq!(below("/w/r"), None);
        assert_eq!(below("/w/rest"), None);
        for (started, file, shown) in [
            ("/w/r/a", "c.yaml", "a/c.yaml"),
            ("/w/r", "c.yaml", "c.yaml"),
            ("/w/r/a", "/w/r/b/c.yaml", "b/c.yaml"),
            ("/w/r/a", "/elsewhere/c.yaml", "/elsewhere/c.yaml"),
        ] {
            let found = beside(System::Github, &variables, Path::new(started), file);
            assert_eq!(found, shown, "{file}");
        }
    }
}
