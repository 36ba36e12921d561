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
/// code; absent where they are already.
#[must_use]
pub fn placed(run: &Run, system: System, variables: &Variables, started: &Path) -> Option<Run> {
    let below = below(system, variables, started)?;
    let mut run = run.clone();
    let places = run.outcomes.iter_mut().filter_map(|o| o.location.as_mut());
    for file in places
        .map(|l| &mut l.file)
        .chain([&mut run.provenance.config])
    {
        if Path::new(file.as_str()).is_relative() {
            *file = joined(&below, file);
        }
    }
    Some(run)
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
    }
}
