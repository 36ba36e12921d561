//! Names of tags in GTO's format: `late@v1.2.0` registers a version, `late#champion#3` gives it an alias.
//!
//! Source: GTO 1.10.1, `constants.py` and `tag.py`.

use regex::Regex;
use std::sync::LazyLock;

/// What a tag does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// `@VERSION`.
    Register(String),
    /// `@VERSION!`.
    Deregister(String),
    /// `#ALIAS`.
    Assign(String),
    /// `#ALIAS!`.
    Unassign(String),
}

/// The name of a tag, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// What it does.
    pub(super) act: Act,
    /// Its number; `None` for the short form, which has none.
    pub(super) number: Option<u64>,
}

const WORD: &str = "[a-zA-Z0-9](?:[a-zA-Z0-9/_-]*[a-zA-Z0-9])?";

static ALIAS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("^{WORD}$")).expect("a pattern that is written here"));

static MODEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("^(?:[a-zA-Z0-9_./-]+:)?{WORD}$")).expect("a pattern that is written here")
});

static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"(?:0|[1-9]\d*)";
    let before = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)";
    let build = r"[0-9a-zA-Z-]+";
    Regex::new(&format!(
        r"^v{number}\.{number}\.{number}(?:-{before}(?:\.{before})*)?(?:\+{build}(?:\.{build})*)?$"
    ))
    .expect("a pattern that is written here")
});

/// Whether a text is a version: `v` and a semantic version.
pub(super) fn is_version(text: &str) -> bool {
    VERSION.is_match(text) && kept_by_git(text)
}

/// Why GTO allows no such model or alias; `None` where it does.
pub(in crate::registry) fn refused(model: &str, alias: &str) -> Option<String> {
    let rule = "letters, digits, `_`, `-` and `/`, with a letter or a digit at both ends";
    if !MODEL.is_match(model) || !kept_by_git(model) {
        return Some(format!(
            "`{model}` cannot be the name of a model in a git registry: GTO allows {rule}, after a folder and `:` where \
             there is one"
        ));
    }
    if !ALIAS.is_match(alias) || !kept_by_git(alias) {
        return Some(format!(
            "`{alias}` cannot be an alias in a git registry: GTO allows {rule}"
        ));
    }
    None
}

/// Whether git allows it in the name of a tag. Source: `git check-ref-format`.
fn kept_by_git(text: &str) -> bool {
    let parts = || text.split(['/', ':']);
    !text.contains("..")
        && parts().all(|p| !p.is_empty() && !p.starts_with('.') && !p.ends_with('.'))
        && parts().all(|p| !p.to_ascii_lowercase().ends_with(".lock"))
}

/// A model as it stands in the names of tags.
pub(super) fn in_tags(model: &str) -> String {
    model.replace(':', "=")
}

/// The tag that registers a version.
pub(super) fn register(model: &str, version: &str) -> String {
    format!("{}@{version}", in_tags(model))
}

/// The tag that gives an alias for the `number`th time.
pub(super) fn assign(model: &str, alias: &str, number: u64) -> String {
    format!("{}#{alias}#{number}", in_tags(model))
}

/// What a tag of a model does; `None` where it is another model's, or something else.
pub(super) fn parse(tag: &str, model: &str) -> Option<Name> {
    let rest = tag.strip_prefix(&in_tags(model))?;
    let sign = rest.chars().next()?;
    let rest = rest.get(1..)?;
    let (word, number) = match rest.split_once('#') {
        None => (rest, None),
        Some((word, digits)) => {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            (word, Some(digits.parse().ok().filter(|_| plain)?))
        }
    };
    let (word, taken_back) = match word.strip_suffix('!') {
        Some(word) => (word, true),
        None => (word, false),
    };
    let text = word.to_owned();
    let act = match (sign, taken_back) {
        ('@', false) if is_version(word) => Act::Register(text),
        ('@', true) if is_version(word) => Act::Deregister(text),
        ('#', false) if ALIAS.is_match(word) => Act::Assign(text),
        ('#', true) if ALIAS.is_match(word) => Act::Unassign(text),
        _ => return None,
    };
    Some(Name { act, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_gto_writes_are_read() {
        let read = |tag: &str| parse(tag, "late");
        let name = |act, number| Some(Name { act, number });
        let text = str::to_owned;
        assert_eq!(
            read("late@v1.0.0"),
            name(Act::Register(text("v1.0.0")), None)
        );
        assert_eq!(
            read("late@v1.0.0-rc.1!#7"),
            name(Act::Deregister(text("v1.0.0-rc.1")), Some(7))
        );
        assert_eq!(
            read("late#champion#12"),
            name(Act::Assign(text("champion")), Some(12))
        );
        assert_eq!(
            read("late#champion!"),
            name(Act::Unassign(text("champion")), None)
        );
        for other in [
            "late",
            "later@v1.0.0",
            "late@deprecated",
            "late@v1.0",
            "late@1.0.0",
            "late#a b",
            "late#champion#",
            "late#champion#x",
            "late@v01.0.0",
            "v1.0.0",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert!(parse("models=late@v1.0.0", "models:late").is_some());
    }

    #[test]
    fn names_are_those_that_gto_and_git_allow() {
        for (model, alias) in [
            ("late", "champion"),
            ("models/a:late", "prod"),
            ("a", "a/b"),
        ] {
            assert_eq!(refused(model, alias), None, "{model} {alias}");
        }
        for (model, alias) in [
            ("late!", "champion"),
            ("-late", "champion"),
            ("late", "#"),
            ("late", "a b"),
            ("", "champion"),
            ("a//b", "champion"),
            ("../x:late", "champion"),
            ("late", ""),
            ("late", "--all"),
        ] {
            assert!(refused(model, alias).is_some(), "{model} {alias}");
        }
        assert!(is_version("v1.2.0") && is_version("v1.0.0-rc.1+x"));
        assert!(!is_version("v1.0.0-a.lock") && !is_version("1.2.0") && !is_version("v1.2.0\n"));
    }
}
