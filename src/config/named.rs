//! Names of datasets and models: they stand in ids, in addresses of pages and in names of files.

use super::fields::Problems;
use super::tree::Key;
use crate::diagnostic::Diagnostic;

/// Characters of a name at most.
const LONGEST: usize = 200;

/// Adds a problem for a name that nobody could tell from another one, or from a folder.
pub(super) fn checked(what: &str, key: &Key, problems: &mut Problems) {
    let name = key.name.as_str();
    let problem = if name.trim().is_empty() {
        "is empty".to_owned()
    } else if name == "." || name == ".." {
        format!("is `{name}`, which means a folder")
    } else if name.chars().any(char::is_control) {
        "holds a line break or another control character".to_owned()
    } else if name.chars().count() > LONGEST {
        format!("has more than {LONGEST} characters")
    } else {
        return;
    };
    problems.add(
        Diagnostic::new("bad-name", format!("the name of a {what} {problem}"))
            .at(&key.place, "here")
            .help("take a word of letters, digits, `_` and `-`, as `flights`"),
    );
}
